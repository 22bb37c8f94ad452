"""How whoever asks stands at this moment: signed in or not, with which roles, and under which agreements."""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth import logout
from django.http import HttpRequest

from upstander.contracts.asking import Purpose
from upstander.sharing import Agreement, Schedule
from upstander.web.accounts import marks
from upstander.web.accounts.models import Person
from upstander.web.accounts.permissions import Basis, Permission, Standing
from upstander.web.opened import opened


def standing_of(request: HttpRequest, needed: Permission | None, at: datetime) -> Standing:
    """The standing of a request. A session that is over, or whose person may no longer enter, ends here.

    Agreements are read, at this moment, only for a page that needs a purpose.
    """
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
    found: dict[Purpose, Basis] = {}
    for agreement in opened().register.agreements(at):
        for schedule in agreement.schedules:
            if agreement.stands(schedule, at) and _receives(schedule, person):
                for purpose in schedule.purposes:
                    found[purpose] = _joined(found.get(purpose), agreement, schedule)
    return found


def _receives(schedule: Schedule, person: Person) -> bool:
    named = schedule.recipients
    return named.everyone or person.agency_id in named.agencies or person.handle in named.persons


def _joined(before: Basis | None, agreement: Agreement, schedule: Schedule) -> Basis:
    until = agreement.until(schedule)
    if before is None:
        return Basis((agreement.name,), until)
    return Basis(tuple(sorted({*before.agreements, agreement.name})), max(before.until, until))
