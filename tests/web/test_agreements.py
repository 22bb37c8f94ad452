"""The pages about agreements: everything for whoever governs, one's own for others, and an end that ends at once."""

import html
import re
from collections.abc import Iterator
from dataclasses import astuple, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from django.test import override_settings
from django.utils import timezone

from sharing.county import schedule, terms_as_sent
from upstander.contracts.asking import Purpose
from upstander.contracts.catalogue import ALL
from upstander.pipeline.consequences import access
from upstander.pipeline.home import Settings
from upstander.sharing import AuditEvent
from upstander.vault import master_key
from upstander.web.accounts.roles import Role
from upstander.web.templatetags.site import last_day, with_titles
from web.sites import Site

NOW = datetime.now(UTC)
TODAY = NOW.date()


@pytest.fixture
def here(tmp_path: Any) -> Iterator[Site]:
    """A site whose home has a key, under one agreement in force of the force, for the network and the hospital."""
    from django.db import connections

    made = Site(tmp_path, {}, Settings(key_file="../home.key"))
    master_key(made.home, create=True, environ={}, setting=tmp_path / "home.key")
    both = schedule(
        start=date(2026, 1, 1), end=TODAY + timedelta(days=400), recipients={"agencies": ["vrn", "hospital"]}
    )
    soon = both | {"id": "soon", "end": TODAY + timedelta(days=30), "purposes": ["strategic"], "suppliers": ["cad"]}
    made.opened.register.sign(tomli_w.dumps(terms_as_sent(both, soon)).encode(), person="M. Ashdown", at=NOW)
    yield made
    connections.close_all()


def page(browser: Any, address: str) -> str:
    answer = browser.get(address, secure=True)
    assert answer.status_code == 200, address
    return html.unescape(answer.content.decode())


def cells_of(text: str) -> list[list[str]]:
    """The words of each cell of the page's table, row by row."""
    rows = re.findall(r'<tr class="govuk-table__row"><th scope="row".*?</tr>', text, re.DOTALL)
    cells = [re.findall(r"<td.*?</td>", row, re.DOTALL) for row in rows]
    return [[" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in row] for row in cells]


def test_a_home_without_its_key_says_so_and_not_that_we_have_a_defect(here: Site, tmp_path: Path) -> None:
    browser = here.inside(here.member(Role.GOVERNANCE))
    (tmp_path / "home.key").unlink()
    answer = browser.get("/agreements/record/table/", secure=True)
    said = html.unescape(answer.content.decode())
    assert (answer.status_code, "is missing or damaged" in said, str(tmp_path) in said) == (503, True, False)


def test_a_page_below_another_stands_under_its_name_in_the_menu(here: Site) -> None:
    told = page(here.inside(here.member(Role.GOVERNANCE)), "/agreements/named/pact/")
    assert re.findall(r'aria-current="true"><strong[^>]*>([^<]+)', told) == ["Agreements"]


def test_every_cell_of_the_page_is_the_answer_of_the_gate(here: Site) -> None:
    browser = here.inside(here.member(Role.GOVERNANCE))
    cells = access(here.opened.register.agreements(timezone.now()), timezone.now())
    opens = 0
    for dataset in ALL:
        mine = [one for one in cells if one.dataset == dataset]
        mine.sort(key=lambda one: (*astuple(one.reader), list(Purpose).index(one.purpose)))  # a row a reader
        shown = [one for row in cells_of(page(browser, f"/agreements/who-may-see/?dataset={dataset}")) for one in row]
        assert len(shown) == len(mine) == 3 * len(Purpose)
        for words, cell in zip(shown, mine, strict=True):
            opens += cell.is_open
            no = f"No. {with_titles(cell.reason)}"
            assert words.startswith(f"Yes, until {last_day(cell.until)}" if cell.is_open else no)
            assert "_" not in words
    assert opens == 6


def test_others_see_the_agreements_of_their_own_agency_and_no_trace_of_any_other(here: Site) -> None:
    terms = terms_as_sent(name="between-others", title="Between others")
    terms["parties"] = [one for one in terms["parties"] if one["agency"] != "vrn"]
    terms["schedules"][0]["recipients"] = {"agencies": ["hospital"]}
    here.opened.register.sign(tomli_w.dumps(terms).encode(), person="M. Ashdown", at=NOW)
    theirs, ours = here.inside(here.member(Role.ANALYST, agency="hospital")), here.inside(here.member(Role.ANALYST))
    assert "Between others" in page(theirs, "/agreements/")
    assert "Between others" not in page(ours, "/agreements/")
    hidden, none = (ours.get(f"/agreements/named/{name}/", secure=True) for name in ("between-others", "none"))
    assert (hidden.status_code, hidden.content) == (none.status_code, none.content) == (404, none.content)
    assert "Between others" in page(here.inside(here.member(Role.GOVERNANCE)), "/agreements/")
    assert "End it" not in page(ours, "/agreements/named/pact/")


def test_the_facts_about_an_end_are_told_before_it_and_the_end_is_the_commands(here: Site) -> None:
    here.opened.audit.append(_read(here))
    browser = here.inside(here.member(Role.GOVERNANCE))
    told = page(browser, "/agreements/named/pact/end/")
    title = ALL["police_incidents"].title
    assert f"{title} from cad, {title} from rms" in told
    assert "read 1 time by 1 person" in told
    assert f"{title}, for strategic, monitoring, operational: Fenmoor Hospitals, Fenmoor Network" in told
    assert "none that is still standing" in told
    assert browser.post("/agreements/named/pact/end/", {"why": " "}, secure=True).status_code == 422
    assert not here.opened.register.agreements(timezone.now())[0].acts
    done = browser.post("/agreements/named/pact/end/", {"why": "the pilot is over"}, secure=True)
    assert "pact, version 1, is ended" in done.content.decode()
    (act,) = here.opened.register.agreements(timezone.now())[0].acts
    assert (act.kind, act.why) == ("ended", "the pilot is over")
    assert here.actions()[-1][1:] == ("ended pact 1", "done")
    assert "ended" in page(browser, "/agreements/named/pact/")


def test_an_end_closes_the_next_page_of_a_session_that_is_open(here: Site) -> None:
    with override_settings(ROOT_URLCONF="web.rooms"):
        tasking, officer = here.inside(here.member(Role.TASKING)), here.inside(here.member(Role.GOVERNANCE))
        assert tasking.get("/picture/", secure=True).status_code == 200
        officer.post("/agreements/named/pact/end/", {"why": "the pilot is over"}, secure=True)
        assert tasking.get("/picture/", secure=True).status_code == 404


def test_a_part_is_suspended_and_resumed_and_a_part_that_is_none_is_refused(here: Site) -> None:
    browser, form = here.inside(here.member(Role.GOVERNANCE)), {"about": "schedule:soon", "why": "a question is open"}
    assert "Who loses what" in page(browser, "/agreements/named/pact/suspend/?about=schedule:soon")
    assert (
        browser.post("/agreements/named/pact/suspend/", form | {"about": "schedule:x"}, secure=True).status_code == 422
    )
    assert browser.post("/agreements/named/pact/suspend/", form, secure=True).status_code == 200
    assert "in force in part" in page(browser, "/agreements/")
    assert browser.post("/agreements/named/pact/resume/", form, secure=True).status_code == 200
    assert "ends soon" in page(browser, "/agreements/")


def test_what_ends_within_ninety_days_is_told_with_its_last_day_and_on_the_home_page(here: Site) -> None:
    browser = here.inside(here.member(Role.GOVERNANCE))
    (row,) = cells_of(page(browser, "/agreements/ending-soon/"))
    assert row == [ALL["police_incidents"].title, "soon of pact", "Fenmoor Network, Fenmoor Hospitals"]
    assert "1 schedule of an agreement ends within 90 days" in page(browser, "/")
    assert "within 90 days" not in page(here.inside(here.member(Role.ANALYST)), "/")


def _read(here: Site, **changed: Any) -> AuditEvent:
    known = AuditEvent(NOW, "A. Analyst", "vrn", "strategic", "police_incidents", ("rms",), ("offence_code",), "read",
                       "allowed", "board paper", "pact", 12)  # fmt: skip
    return replace(known, **changed)


def test_refusals_are_told_with_reason_and_with_the_next_step_as_things_stand_now(here: Site) -> None:
    here.opened.audit.append_all([
        _read(here, answer="refused: The pact had not begun.", agreement="", rows=None),
        _read(here, answer="refused: fire is not a recipient.", agency="fire", agreement="", rows=None),
        _read(here),
        _read(here, answer="refused: long ago", at=NOW - timedelta(days=31)),
    ])  # fmt: skip
    browser = here.inside(here.member(Role.GOVERNANCE))
    first, second = cells_of(page(browser, "/agreements/refusals/"))
    step = "Ask the data owner to name fire in schedule evidence of pact, schedule soon of pact."
    assert first[2:] == ["fire is not a recipient.", step]
    assert second[2:] == ["The pact had not begun.", "They would be allowed now."]
    assert "2 requests for data were refused in the last 7 days" in page(browser, "/")


def test_the_record_is_shown_and_handed_out_and_that_it_was_is_written_down(here: Site) -> None:
    browser = here.inside(here.member(Role.GOVERNANCE))
    assert "2 of 2 schedules are in force" in page(browser, "/agreements/record/")
    for address, start in (("page", b"<!"), ("table", b"agreement,")):
        answer = browser.get(f"/agreements/record/{address}/", secure=True)
        assert answer.content.lower().startswith(start)
        assert answer["Content-Disposition"].startswith("attachment")
    assert [action for _, action, _ in here.actions()][-2:] == ["record of processing"] * 2
    annex = browser.get("/agreements/annex/?dataset=police_incidents", secure=True)
    assert ALL["police_incidents"].title in annex.content.decode()
    assert browser.get("/agreements/annex/?dataset=none", secure=True).status_code == 404


def test_a_draft_is_told_in_words_against_the_version_before_and_signed_by_whoever_signs(here: Site) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    browser, officer = here.inside(member := here.member(Role.GOVERNANCE)), member.handle
    terms = terms_as_sent(schedule(purposes=["strategic"], end=TODAY + timedelta(days=500)), version=2)

    def sent(content: bytes) -> Any:
        file = SimpleUploadedFile("pact.toml", content)
        return browser.post("/agreements/sign/", {"draft": file}, secure=True)

    told = html.unescape(sent(tomli_w.dumps(terms).encode()).content.decode())
    assert "It takes the place of version 1" in told
    assert "evidence: Fenmoor Police shares police_incidents for strategic purposes." in told
    assert here.opened.register.agreements(timezone.now())[0].version == 1
    shown = sent(tomli_w.dumps(terms).encode()).content.decode()
    content = html.unescape(re.findall(r'name="content" value="(.*?)"', shown, re.DOTALL)[0])
    assert browser.post("/agreements/sign/", {"content": content.replace("\n", "\r\n")}, secure=True).status_code == 302
    (signed,) = here.opened.register.agreements(timezone.now())
    assert signed.signature is not None
    assert (signed.version, signed.signature.person) == (2, officer)
    for wrong in (b"\xff", b"name = 3"):
        assert sent(wrong).status_code == 422
    weak = tomli_w.dumps(terms | {"title": "Other"})
    assert browser.post("/agreements/sign/", {"content": weak}, secure=True).status_code == 422
