"""Fictional people who try the site out: one of each role, in a home that holds nothing real.

Their password is public, so such people are made, and their keys shown, only where every agreement is a fictional one
and nobody else has an account.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.contrib.auth.hashers import make_password
from django.db import transaction

from upstander.errors import WrongUsage
from upstander.sharing import GatewayName
from upstander.web.accounts import actions, factors
from upstander.web.accounts.models import Agency, Person, Vetting
from upstander.web.accounts.roles import Role
from upstander.web.opened import opened

PASSWORD = "brackenshire does not exist"  # noqa: S105 - public, of people who do not exist either
_BY = "the demo"
_VETTED_FOR = timedelta(days=365)
_STEP_S = 30  # of RFC 6238


@dataclass(frozen=True)
class _Played:
    """One role, and who plays it."""

    role: Role
    handle: str
    name: str
    agency: str


_CAST = (
    _Played(Role.DATA_OWNER, "r.tarrant", "Robin Tarrant", "brackenshire_ambulance"),
    _Played(Role.ANALYST, "a.merrow", "Ash Merrow", "brackenshire_vrn"),
    _Played(Role.PROFESSIONAL, "s.okehurst", "Sam Okehurst", "brackenshire_hospitals"),
    _Played(Role.TASKING, "k.dunmore", "Kit Dunmore", "brackenshire_police"),
    _Played(Role.PANEL, "l.hartwell", "Lee Hartwell", "brackenshire_police"),
    _Played(Role.PROGRAMMES, "f.marlow", "Fran Marlow", "brackenshire_vrn"),
    _Played(Role.DIRECTOR, "j.fennimore", "Jo Fennimore", "brackenshire_vrn"),
    _Played(Role.GOVERNANCE, "l.hallow", "Linden Hallow", "brackenshire_vrn"),
    _Played(Role.ADMINISTRATOR, "e.winslade", "Eden Winslade", "brackenshire_vrn"),
)


@dataclass(frozen=True)
class Fictional:
    """Somebody of the demo: `key` is what an authenticator app is given; empty where they no longer use one."""

    person: Person
    role: Role
    key: str

    def code(self, at: datetime) -> str:
        """What the app shows at a moment (aware UTC); empty without one."""
        if not self.key:
            return ""
        return str(format_hotp_value(hotp_value(self.key, int(at.timestamp()) // _STEP_S)))


def people(at: datetime) -> list[Fictional]:
    """One of each role in the demo's home, made if they are not there. Raises WrongUsage in any other home.

    at: an aware UTC moment. Run again, it gives the same people and the same keys.
    """
    with transaction.atomic():
        there = {one.handle: one for one in Person.objects.filter(handle__in=[one.handle for one in _CAST])}
        _refuse_a_real_home(at, has_others=not there and Person.objects.exists())
        password = make_password(PASSWORD)
        there = {one.handle: there.get(one.handle) or _made(one, password, at) for one in _CAST}
    return [Fictional(there[one.handle], one.role, _key_of(there[one.handle])) for one in _CAST]


def _refuse_a_real_home(at: datetime, *, has_others: bool) -> None:
    gateways = {one.gateway for agreement in opened().register.agreements(at) for one in agreement.schedules}
    if has_others or gateways != {GatewayName.FICTIONAL}:
        raise WrongUsage(
            "This home is not the demo's: people with a public password are not made in it.",
            where=opened().home.root.name,
            found="accounts of others" if has_others else "no agreement, or one that is not fictional",
            expected="the home that `upstander demo` made", state="Nobody was added.",
        )  # fmt: skip


def _made(one: _Played, password: str, at: datetime) -> Person:
    agency = Agency.objects.filter(slug=one.agency).first() or actions.add_agency(
        one.agency, one.agency.replace("_", " ").title().replace("Vrn", "VRN"), _BY, at
    )
    vetted = actions.Vetted(Vetting.NPPV2, at + _VETTED_FOR)
    person, _ = actions.invite(one.handle, one.name, agency, [one.role], vetted, _BY, at)
    person.password = password
    person.save(update_fields=["password"])
    factors.put_totp(person, generate_totp_secret(), -1)
    actions.accept(person, at)
    return person


def _key_of(person: Person) -> str:
    found = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    return str(decrypt(found.data["secret"])) if found else ""
