"""Everybody gets from signing in to what they came for by keyboard alone; in every state in the long lane."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

import pytest

from upstander.web.accounts import factors
from upstander.web.accounts.models import Conflict, Person
from upstander.web.accounts.roles import GIVEN, Role
from web.browsing import STATES, Served, Watch
from web.journeys import Journey, journeys, walk

EVERY = tuple(journeys())
_numbers = count(1)


def test_there_are_fifteen_journeys_and_one_of_each_role() -> None:
    assert len(EVERY) >= 15
    assert {one.role for one in EVERY} == set(GIVEN)


@pytest.mark.parametrize("journey", EVERY, ids=str)
def test_by_keyboard_alone_from_signing_in_to_what_they_came_for(here: Served, journey: Journey) -> None:
    assert travelled(here, journey, "normal") == []


@pytest.mark.prove
@pytest.mark.parametrize("state", sorted(set(STATES) - {"normal", "print"}))  # nobody works in print
def test_the_same_in_every_state(here: Served, state: str, proof: Callable[..., None]) -> None:
    seen = {str(one): travelled(here, one, state) for one in EVERY}
    proof(f"journeys by keyboard alone, {state}", figure=f"{len(EVERY)} of {len(EVERY)}", goal="all")
    assert [name for name, found in seen.items() if found] == []


def travelled(here: Served, journey: Journey, state: str) -> list[str]:
    """Do a journey in a new browser; what was asked for elsewhere, or refused by the policy, on the way."""
    number = next(_numbers)
    _prepare(here, journey.role, number)
    context = here.browser.new_context(**STATES[state])
    context.set_default_timeout(60_000)
    page = context.new_page()
    watch = Watch().of(page, here.address)
    walk(journey, page, here, number)
    context.close()
    return watch.taken()


def _prepare(here: Served, role: Role, number: int) -> None:
    """Somebody who left, a conflict that somebody declared, and a member whose app shows a code they have not used."""
    member = here.county.of[role]
    factors.put_totp(member.person, member.secret, -1)
    leaver = here.county.member(Role.ANALYST).person
    Person.objects.filter(pk=leaver.pk).update(name=f"Zed Leaver {number:04d}")
    owner, now = here.county.of[Role.PROFESSIONAL].person, datetime.now(UTC)
    Conflict.objects.create(person=owner, kind="area", value=f"ward24:F0600{number:04d}", declared_at=now)
