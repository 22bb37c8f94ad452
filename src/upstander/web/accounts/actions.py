"""What can be done to people and their accounts. Each action and its line in the audit log are one transaction.

`by` is who does it: a person, or the words for whoever sits at the machine itself. `at` is an aware UTC moment.
"""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction

from upstander.errors import WrongUsage
from upstander.values.areas import AreaKey
from upstander.web.accounts import factors
from upstander.web.accounts.models import Agency, Conflict, Device, Invitation, Person, Vetting
from upstander.web.accounts.roles import GIVEN, Role
from upstander.web.accounts.trail import note

By = Person | str
VALID_FOR = timedelta(days=7)
_HANDLE = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,149}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


@dataclass(frozen=True)
class Vetted:
    """How somebody was vetted, and the aware UTC moment at which that ends and their access with it."""

    level: Vetting
    until: datetime


def add_agency(slug: str, name: str, by: By, at: datetime) -> Agency:
    """An agency under the short name that agreements use. Raises WrongUsage for one there is already."""
    if not _SLUG.fullmatch(slug):
        raise _wrong("agency", slug, "lower-case letters, digits, - and _, as agreements write it")
    if Agency.objects.filter(slug=slug).exists():
        raise _wrong("agency", slug, "a short name that no agency has yet")
    with transaction.atomic():
        made = Agency.objects.create(slug=slug, name=name)
        note("add agency", by, at, why=slug)
    return made


def invite(
    handle: str, name: str, agency: Agency, roles: Collection[Role], vetted: Vetted, by: By, at: datetime,
    *, email: str = "",
) -> tuple[Person, str]:  # fmt: skip
    """A new person, and the secret of the link that lets them in, which is shown once. Raises WrongUsage."""
    if not _HANDLE.fullmatch(handle):
        raise _wrong("sign-in name", handle, "lower-case letters, digits and . _ @ + -, such as p.okoro")
    if Person.objects.filter(handle=handle).exists():
        raise _wrong("sign-in name", handle, "a sign-in name that nobody has yet")
    with transaction.atomic():
        made = Person(handle=handle, name=name, email=email, agency=agency, roles=_words(roles))
        made.vetting, made.vetted_until = vetted.level, vetted.until
        made.set_unusable_password()
        made.save()
        token = _invitation(made, at)
        note("invite", by, at, why=f"{handle} as {', '.join(made.roles)}")
    return made, token


def invite_again(person: Person, by: By, at: datetime) -> str:
    """Begin anew with somebody who lost how they sign in: password, factors and sessions go; the new link's secret."""
    if not person.is_active:
        raise _wrong("account", person.handle, "an account that is not closed")
    with transaction.atomic():
        person.set_unusable_password()
        person.save(update_fields=["password"])
        factors.drop_all(person)
        end_sessions(person)
        token = _invitation(person, at)
        note("invite again", by, at, why=person.handle)
    return token


def invited_by(token: str, at: datetime) -> Person | None:
    """Whom a link lets in; None for one that is used, replaced, expired, of a closed account, or was never made."""
    found = Invitation.objects.select_related("person__agency").filter(sha256=_digest(token)).first()
    is_good = found is not None and at < found.expires_at and found.person.may_enter(at)
    return found.person if found is not None and is_good else None


def accept(person: Person, at: datetime) -> None:
    """The invited person showed their first factor: the invitation is used up."""
    with transaction.atomic():
        Invitation.objects.filter(person=person).delete()
        note("set up sign-in", person, at)


def change(person: Person, roles: Collection[Role], vetted: Vetted, by: By, at: datetime) -> None:
    """Give roles and vetting anew. They count from the next request on. Raises WrongUsage."""
    if isinstance(by, Person) and by.pk == person.pk:
        raise _wrong("account", person.handle, "another administrator, since nobody changes their own roles")
    with transaction.atomic():
        person.roles, person.vetting, person.vetted_until = _words(roles), vetted.level, vetted.until
        person.save(update_fields=["roles", "vetting", "vetted_until"])
        note(
            "change account",
            by,
            at,
            why=f"{person.handle}: {', '.join(person.roles)}; {vetted.level} until {at_day(vetted)}",
        )


def close(person: Person, by: By, at: datetime) -> None:
    """Close an account: its sessions are dead when this returns. Raises WrongUsage for one's own."""
    if isinstance(by, Person) and by.pk == person.pk:
        raise _wrong("account", person.handle, "another administrator, since nobody closes their own account")
    with transaction.atomic():
        person.is_active, person.disabled_at = False, at
        person.save(update_fields=["is_active", "disabled_at"])
        Invitation.objects.filter(person=person).delete()
        end_sessions(person)
        note("close account", by, at, why=person.handle)


def reopen(person: Person, by: By, at: datetime) -> str:
    """Open a closed account again: like a new one, by invitation; the new link's secret."""
    with transaction.atomic():
        person.is_active, person.disabled_at = True, None
        person.save(update_fields=["is_active", "disabled_at"])
        token = invite_again(person, by, at)
        note("reopen account", by, at, why=person.handle)
    return token


def declare_conflict(person: Person, kind: Conflict.Kind, value: str, at: datetime) -> Conflict:
    """From now on this area or person is kept from them, until an information-governance officer ends it."""
    value = value.strip()
    if kind is Conflict.Kind.AREA:
        value = str(AreaKey.parse(value))
    if not value:
        raise _wrong("conflict", value, "an area's key, or a person's token as a page shows it")
    with transaction.atomic():
        made = Conflict.objects.create(person=person, kind=kind, value=value, declared_at=at)
        note("declare conflict", person, at, why=kind)
    return made


def end_conflict(conflict: Conflict, by: Person, at: datetime) -> None:
    """What was kept from somebody is so no longer. Raises WrongUsage for one's own."""
    if conflict.person_id == by.pk:
        raise _wrong("conflict", "your own", "another officer, since nobody ends their own conflict")
    with transaction.atomic():
        conflict.ended_at, conflict.ended_by = at, by.handle
        conflict.save(update_fields=["ended_at", "ended_by"])
        note("end conflict", by, at, why=f"{conflict.kind} of {conflict.person.handle}")


@dataclass(frozen=True)
class Hidden:
    """What is kept from one person, at their own word: area keys, and tokens of people."""

    areas: frozenset[str]
    people: frozenset[str]


def hidden_from(person: Person) -> Hidden:
    """What somebody must not be shown, whatever their roles. Every room that shows an area or a person asks this."""
    open_ones = Conflict.objects.filter(person=person, ended_at=None).values_list("kind", "value")
    of = {kind: frozenset(value for one, value in open_ones if one == kind) for kind in Conflict.Kind}
    return Hidden(of[Conflict.Kind.AREA], of[Conflict.Kind.PERSON])


def begin_device(person: Person, session_key: str, address: str, agent: str, at: datetime) -> None:
    """Somebody signed in with a browser; devices whose session is gone are forgotten."""
    alive = Session.objects.filter(expire_date__gt=at).values("session_key")
    Device.objects.filter(person=person).exclude(session_key__in=alive).delete()
    Device.objects.update_or_create(
        session_key=session_key,
        defaults={"person": person, "address": address, "agent": agent[:300], "since": at},
    )


def end_sessions(person: Person, *, but: str = "") -> int:
    """Sign somebody out everywhere, except in the session `but`; how many sessions ended."""
    found = Device.objects.filter(person=person).exclude(session_key=but)
    keys = list(found.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    found.delete()
    return len(keys)


def end_session(person: Person, number: int, at: datetime) -> bool:
    """Sign somebody out on one device, if it is theirs; whether it was."""
    with transaction.atomic():
        found = Device.objects.filter(person=person, pk=number).first()
        if found is None:
            return False
        Session.objects.filter(session_key=found.session_key).delete()
        found.delete()
        note("sign out elsewhere", person, at)
    return True


def at_day(vetted: Vetted) -> str:
    """The day on which vetting ends, as it is written down."""
    return vetted.until.date().isoformat()


def _invitation(person: Person, at: datetime) -> str:
    token = secrets.token_urlsafe(32)
    Invitation.objects.filter(person=person).delete()
    Invitation.objects.create(person=person, sha256=_digest(token), made_at=at, expires_at=at + VALID_FOR)
    return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _words(roles: Collection[Role]) -> list[str]:
    wanted = [role for role in GIVEN if role in roles]
    if not wanted:
        raise _wrong("roles", "none", "at least one role")
    if Role.ADMINISTRATOR in wanted and len(wanted) > 1:
        raise _wrong("roles", ", ".join(wanted), "administrator alone: whoever manages people sees no data")
    return [str(role) for role in wanted]


def _wrong(what: str, found: str, expected: str) -> WrongUsage:
    return WrongUsage(
        f"The {what} '{found}' will not do. Expected: {expected}.", where=what, found=found, expected=expected,
        state="Nothing was changed.",
    )  # fmt: skip
