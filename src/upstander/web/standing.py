"""How whoever asks stands at this moment: signed in or not, with which roles, and under which agreements."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from upstander.contracts.asking import Purpose
from upstander.sharing import Agreement, Schedule
from upstander.web.accounts import marks
from upstander.web.accounts.models import Person
from upstander.web.accounts.permissions import READERS, Basis, Permission, Standing
from upstander.web.api.models import Token
from upstander.web.opened import opened
from upstander.web.problems import is_for_programs

_BEARER = "bearer "


def standing_of(request: HttpRequest, needed: Permission | None, at: datetime) -> Standing:
    """The standing of a request. A session that is over, or whose person may no longer enter, ends here.

    Agreements are read, at this moment, only for a page that needs a purpose.
    """
    said = request.headers.get("Authorization", "")
    if is_for_programs(request) and said:
        return _of_token(request, said, at)
    person = request.user
    if not isinstance(person, Person):
        return Standing()
    if marks.is_over(request, at) or not person.may_enter(at):
        logout(request)
        return Standing()
    return Standing(
        is_signed_in=True,
        is_setting_up=marks.is_setting_up(request),
        is_stepped_up=marks.is_stepped_up(request, at),
        roles=person.has_roles,
        purposes=purposes_of(person, at) if needed is not None and needed.purpose else {},
    )


def _of_token(request: HttpRequest, said: str, at: datetime) -> Standing:
    """The standing of a program. It asks as the person who answers for its token; a session beside it is nothing."""
    request.user = AnonymousUser()
    is_bearer = said[: len(_BEARER)].lower() == _BEARER
    token = Token.opened_by(said[len(_BEARER) :].strip(), at) if is_bearer else None
    if token is None or not may_answer_for_tokens(token.person, at):
        return Standing()
    request.user, request.token = token.person, token  # type: ignore[attr-defined]  # read by web/api
    given, own = _given(token.person.agency_id, "", at), Purpose(token.purpose)
    return Standing(is_signed_in=True, is_token=True, purposes={own: given[own]} if own in given else {})


def may_answer_for_tokens(person: Person, at: datetime) -> bool:
    """Whether a program may read in somebody's name: their account is open, and they may read figures themselves."""
    return person.may_enter(at) and bool(person.has_roles & READERS)


def why_not(handle: str, needed: Permission, at: datetime, alias: str) -> str:
    """Why somebody at the command may not do something, in words; empty where they may, or have no account here.

    `alias` is of the database that holds the people. Purposes are for the gate to ask.
    """
    person = Person.objects.using(alias).select_related("agency").filter(handle=handle).first()
    if person is None:
        return ""
    if not person.may_enter(at):
        return f"their account is not open ({person.state(at)})"
    return "" if needed.roles & person.has_roles else f"no role of theirs lets them {needed.means}"


def with_purposes(standing: Standing, person: Person, at: datetime) -> Standing:
    """The same with every purpose they have, for a page that offers ways to others."""
    return standing if standing.purposes else replace(standing, purposes=purposes_of(person, at))


def standing_away(person: Person, needed: Permission, at: datetime) -> Standing:
    """How somebody stands at a moment who is not at a browser, whose job begins only now.

    The second factor was shown when they asked for it.
    """
    if not person.may_enter(at):
        return Standing()
    purposes = purposes_of(person, at) if needed.purpose else {}
    return Standing(is_signed_in=True, is_stepped_up=True, roles=person.has_roles, purposes=purposes)


def purposes_of(person: Person, at: datetime) -> Mapping[Purpose, Basis]:
    """The purposes for which a person may be shown data at a moment, with the agreements that say so."""
    return _given(person.agency_id, person.handle, at)


def _given(agency: str | None, handle: str, at: datetime) -> Mapping[Purpose, Basis]:
    """What agreements in force give an agency, or somebody by name."""
    found: dict[Purpose, Basis] = {}
    for agreement in opened().register.agreements(at):
        for schedule in agreement.schedules:
            if _receives(schedule, agency, handle) and agreement.stands(schedule, at):
                for purpose in schedule.purposes:
                    found[purpose] = _joined(found.get(purpose), agreement, schedule)
    return found


def _receives(schedule: Schedule, agency: str | None, handle: str) -> bool:
    named = schedule.recipients
    return named.everyone or agency in named.agencies or handle in named.persons


def _joined(before: Basis | None, agreement: Agreement, schedule: Schedule) -> Basis:
    own = Basis((agreement.name,), (agreement.title,), agreement.until(schedule))
    if before is None or agreement.name in before.agreements:
        return own if before is None else replace(before, until=max(before.until, own.until))
    return Basis(before.agreements + own.agreements, before.titles + own.titles, max(before.until, own.until))
