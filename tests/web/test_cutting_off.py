"""Whatever ends while somebody is at work ends for them within a second: the session, the account, what it rests on."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
import tomli_w
from django.test import override_settings

from sharing.county import terms_as_sent
from upstander.sharing import ActKind, Decision
from upstander.web.accounts import actions, marks
from upstander.web.accounts.models import Agency
from upstander.web.accounts.roles import Role
from web.sites import Member, Site

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
END = NOW + timedelta(minutes=10)
JUST = timedelta(milliseconds=500)


@pytest.fixture
def rooms(site: Site) -> Iterator[Site]:
    with override_settings(ROOT_URLCONF="web.rooms"):
        yield site


def agree(site: Site, last: datetime) -> None:
    """An agreement that gives the operational purpose up to, not including, the day of `last`."""
    terms = terms_as_sent()
    for schedule in terms["schedules"]:
        schedule |= {"recipients": {"agencies": ["vrn"]}, "end": last.date()}
    site.opened.register.sign(tomli_w.dumps(terms).encode(), person="M. Ashdown", at=NOW)


def asked(browser: Any, moment: datetime, address: str = "/picture/") -> int:
    """The status of a page at a moment."""
    with time_machine.travel(moment, tick=False):
        return int(browser.get(address, secure=True).status_code)


@pytest.mark.parametrize("ends", ["vetting", "agreement"])
def test_a_term_that_runs_out_while_somebody_reads_cuts_them_off_at_that_moment(rooms: Site, ends: str) -> None:
    midnight = datetime(2026, 12, 1, tzinfo=UTC)
    agree(rooms, midnight if ends == "agreement" else midnight + timedelta(days=300))
    until = midnight if ends == "vetting" else midnight + timedelta(days=300)
    browser = rooms.inside(rooms.member(Role.TASKING, until=until), at=midnight - timedelta(minutes=5))
    assert asked(browser, midnight - JUST) == 200
    assert asked(browser, midnight + JUST) == (302 if ends == "vetting" else 404)


@pytest.mark.parametrize(("left", "since"), [(marks.IDLE, "seen"), (marks.LONGEST, "began")])
def test_a_session_ends_at_its_moment(rooms: Site, left: timedelta, since: str) -> None:
    agree(rooms, NOW + timedelta(days=300))
    told = []
    for moment in (END - JUST, END + JUST):  # each of a session of its own, since a look prolongs it
        browser = rooms.inside(rooms.member(Role.TASKING), at=NOW)
        with time_machine.travel(NOW, tick=False):  # at any other time the session may be over already
            session = browser.session
            session["seen"] = session["began"] = NOW.timestamp()
            session[since] = (END - left).timestamp()
            session.save()
        told.append(asked(browser, moment))
    assert told == [200, 302]


def closed(site: Site, member: Member) -> None:
    actions.close(member.person, "the test", END)


def without_its_agency(site: Site, member: Member) -> None:
    Agency.objects.filter(pk=member.person.agency_id).update(is_active=False)


def signed_out_elsewhere(site: Site, member: Member) -> None:
    from django.contrib.sessions.models import Session

    Session.objects.all().delete()


def without_the_role(site: Site, member: Member) -> None:
    vetted = actions.Vetted(member.person.vetting, member.person.vetted_until)
    actions.change(member.person, [Role.PROGRAMMES], vetted, "the test", END)


def with_the_agreement_ended(site: Site, member: Member) -> None:
    site.opened.register.act(Decision(ActKind.ENDED, "pact", "M. Ashdown", END, "the test"))


@pytest.mark.parametrize(
    ("act", "status"),
    [(closed, 302), (without_its_agency, 302), (signed_out_elsewhere, 302), (without_the_role, 404),
     (with_the_agreement_ended, 404)],
)  # fmt: skip
def test_what_somebody_ends_is_ended_at_the_next_request(
    rooms: Site, act: Callable[[Site, Member], None], status: int
) -> None:
    agree(rooms, NOW + timedelta(days=300))
    member = rooms.member(Role.TASKING)
    browser = rooms.inside(member, at=NOW)
    assert asked(browser, END - JUST) == 200
    with time_machine.travel(END, tick=False):
        act(rooms, member)
    assert asked(browser, END + JUST) == status
