"""Every role walks the whole site of a whole county: nothing breaks, nothing is bare, nobody's data comes by.

The walk knows no page (web/crawl.py). A page that is merged later is walked as soon as a page leads to it, and fails
here where none does.
"""

import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from urllib.parse import urlencode

import polars as pl
import pytest
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver

from upstander.web.accounts import permissions
from upstander.web.accounts.models import Conflict
from upstander.web.accounts.roles import GIVEN, Role
from upstander.web.api.models import Token
from upstander.web.audit.models import Review, Week
from upstander.web.routes import route, walk
from upstander.web.work.models import Job
from web.county import County
from web.crawl import Answer, Walk
from web.headers import bare

PLANTED = 300
_NAMED = re.compile(r"<\w+:(\w+)>")
TOKEN = re.compile(r"\bu1\.[0-9a-f]{6}\.[a-z2-7]{26}\b")
# Pages to which no page leads: a link that is handed over, what a sign-in leads to, what a script or a program asks.
UNLINKED = {"open_invitation", "invitation", "account_inactive", "mfa_authenticate", "picture_areas", "job_state"}
# Pages of what this county has none of, or that are over for its people: set-up, a passkey, a second browser, a release
# that waits for approval, one that revises another, files that were written out, a map in the background, a delivery
# that is held or has mistakes, the scorecard of a feed among the first few.
NONE_HERE = {"first_factor", "first_passkey", "remove_passkey", "end_device", "approve_release",
             "release_revisions_csv", "take_file", "basemap", "decide_held",
             "delivery_mistakes", "scorecard_file"}  # fmt: skip


@dataclass(repr=False)
class Walked:
    """What one visitor's walk was answered, and what it left in the logs and the audit log."""

    answers: list[Answer]
    subjects: set[str]


@dataclass(repr=False)
class Everything:
    """All walks, and every line that was logged meanwhile."""

    by: dict[Role | None, Walked]
    lines: list[str] = field(default_factory=list)

    @property
    def answers(self) -> list[Answer]:
        return [one for walked in self.by.values() for one in walked.answers]

    @property
    def reached(self) -> set[str]:
        """Pages that opened, and forms that were taken; to be led to signing in is neither."""
        taken = [one for role, walked in self.by.items() if role for one in walked.answers if one.method == "POST"]
        opened = {one.route for one in self.answers if one.status == 200}
        return opened | {one.route for one in taken if one.status in {302, 303}}


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def starts(county: County) -> list[str]:
    """Every address that says nothing but a release, so that a walk misses no page for want of a link."""
    (released,) = (county.home / "releases").glob("*/0001")
    known = {"quarter": released.parent.name, "edition": "1"}
    found = (_NAMED.sub(lambda one: known.get(one[1], one[0]), one) for one, _ in walk(get_resolver().url_patterns))
    figure = urlencode({"id": pl.read_parquet(released / "figures.parquet", n_rows=1)["figure"][0]})
    one = f"/api/v1/releases/{released.parent.name}/1/figure?{figure}"
    return ["/", *(f"/{address}" for address in found if "<" not in address), one]


def furnish(county: County) -> None:
    """One of each thing that people make on the site, and that the walk's own forms leave nothing of."""
    now, reader = datetime.now(UTC), county.of[Role.PROFESSIONAL].person
    Job.objects.create(kind="a job", person=county.of[Role.ANALYST].person, made=now)
    for number in range(2):
        Token.objects.create(called=f"t{number}", person=reader, purpose="monitoring", granted_by="x", granted_at=now,
                             expires_at=now + timedelta(days=30))  # fmt: skip
    Conflict.objects.create(person=reader, kind="area", value="ward24:F05000123", declared_at=now)
    week = Week.objects.create(first=now.date(), looks=0, people=0, made_at=now)
    Review.objects.create(week=week, kind="x", person="p0", said="x")


def walked(county: County, role: Role | None) -> Walked:
    """The walk of one role's member; a stranger's for None."""
    before = len(list(county.opened.audit.entries()))
    answers = list(Walk(county.enter(role)).answers(*starts(county)))
    noted = islice(county.opened.audit.entries(), before, None)
    return Walked(answers, {one.event.subject for one in noted} - {""})


def all_walked(county: County) -> Everything:
    """The walks of a stranger and of one of each role."""
    furnish(county)
    log, kept = logging.getLogger("upstander.web"), _Kept()
    before = log.level
    log.setLevel(logging.INFO)
    log.addHandler(kept)
    try:
        return Everything({role: walked(county, role) for role in (None, *GIVEN)}, kept.lines)
    finally:
        log.removeHandler(kept)
        log.setLevel(before)


@pytest.fixture(scope="module")
def everything(county: County) -> Everything:
    return all_walked(county)


@pytest.fixture(scope="module")
def planted(county: County) -> frozenset[str]:
    """What the files say of 300 people: numbers, names, and the references of what happened to them."""
    folder = county.folder / "brackenshire" / "deliveries"
    police = pl.concat([pl.read_csv(file, infer_schema=False) for file in sorted(folder.glob("*police/*.csv"))])
    calls = pl.concat([pl.read_csv(file, infer_schema=False) for file in sorted(folder.glob("*ambulance/*.csv"))])
    named = police.filter(pl.col("Surname") != "").unique("Person Ref", maintain_order=True).head(PLANTED // 2)
    called = calls.filter(pl.col("Patient ID") != "").unique("Patient ID", maintain_order=True).head(PLANTED // 2)
    assert named.height + called.height == PLANTED
    names = named.select(pl.format("{} {}", "Forename", "Surname")).to_series()
    columns = [names, named["Person Ref"], named["Crime Ref"], called["Patient ID"], called["Incident Number"]]
    return frozenset(word for column in columns for word in column if word)


def test_no_answer_is_an_error_of_ours(everything: Everything) -> None:
    assert len(everything.answers) > 250
    assert {str(one) for one in everything.answers if one.status >= 500} == set()


@pytest.mark.prove
def test_every_page_is_answered_alike_on_either_database(either_county: County, proof: Callable[..., None]) -> None:
    found = all_walked(either_county)
    wrong = {str(one) for one in found.answers if one.status >= 500}
    kind = connections["default"].vendor
    proof(f"answers of every page to every role on {kind} that are no error",
          figure=f"{len(found.answers) - len(wrong)} of {len(found.answers)}", goal="all")  # fmt: skip
    assert wrong == set()
    assert len(found.reached) > 90


def test_every_page_is_reached_by_somebody(everything: Everything) -> None:
    declared = {one.name for _, one in walk(get_resolver().url_patterns) if one}
    assert sorted(declared - everything.reached - UNLINKED - NONE_HERE) == []
    assert sorted((UNLINKED | NONE_HERE) & everything.reached) == []


def test_every_answer_carries_every_header(everything: Everything) -> None:
    assert {(str(one), fault) for one in everything.answers for fault in bare(one.headers)} == set()


def test_nobody_is_shown_a_row_of_a_file_or_a_word_of_one(everything: Everything, planted: frozenset[str]) -> None:
    said = re.compile("|".join(map(re.escape, sorted(planted))))
    assert {(str(one), *said.findall(one.text)) for one in everything.answers if said.search(one.text)} == set()


def test_people_shown_are_people_written_down_and_the_other_way_round(everything: Everything) -> None:
    shown = {role: {token for one in walked.answers for token in TOKEN.findall(one.text)}
             for role, walked in everything.by.items()}  # fmt: skip
    assert shown == {role: walked.subjects for role, walked in everything.by.items()}


def test_only_a_panel_is_ever_shown_a_person(everything: Everything) -> None:
    """Everybody else is here for the strategic, monitoring or operational purpose, which show counts."""
    others = [one for role, walked in everything.by.items() if role is not Role.PANEL for one in walked.answers]
    assert [str(one) for one in others if TOKEN.search(one.text)] == []


def test_the_logs_name_pages_and_nobody(everything: Everything, county: County, planted: frozenset[str]) -> None:
    names = {one.name for _, one in walk(get_resolver().url_patterns) if one}
    lines = [json.loads(line) for line in everything.lines]
    assert len(lines) >= len(everything.answers)
    assert {key for line in lines for key in line} <= {"at", "route", "method", "status", "ms", "defect"}
    assert {line["route"] for line in lines if "route" in line} <= {*names, ""}
    text = "\n".join(everything.lines)
    people = {word for member in county.of.values() for word in (member.handle, member.person.name)}
    assert [word for word in people | planted if word in text] == []
    assert not TOKEN.search(text)


def test_a_leak_an_error_and_a_bare_answer_would_be_found(county: County) -> None:
    token = f"u1.abcdef.{'a' * 26}"

    def leak(request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"<p>{token}</p><a href='/breaks/'>on</a>")

    def breaks(request: HttpRequest) -> HttpResponse:
        raise ValueError(token)

    planted = [
        route("leak/", leak, name="leak", needs=permissions.OWN_ACCOUNT),
        route("breaks/", breaks, name="breaks", needs=permissions.OWN_ACCOUNT),
    ]
    patterns = get_resolver().url_patterns
    patterns.extend(planted)
    try:
        answers = list(Walk(county.enter(Role.DIRECTOR)).answers("/leak/"))
    finally:
        del patterns[-len(planted) :]
    assert [one.route for one in answers if TOKEN.search(one.text)] == ["leak"]
    assert [one.route for one in answers if one.status == 500] == ["breaks"]
    assert bare({"Cache-Control": "public"})
