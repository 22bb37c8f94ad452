"""Releases on the site: made, approved by two others, given out, called back; and nothing exact on any page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.release.town import deliver_quarter
from upstander.pipeline.outputs import ledger_lines
from upstander.pipeline.release.approving import standing
from upstander.pipeline.release.shelf import find_edition
from upstander.web.accounts.roles import Role
from web.towns import EXACT, QUARTER, SHOWN, Answering, desk_on, town, town_rows, town_site

ONE = f"/releases/{QUARTER}/1/"
PAGES = ("/releases/", f"/releases/make/{QUARTER}/", ONE, f"{ONE}attack/", f"{ONE}revisions/", f"{ONE}approve/",
         f"{ONE}files/", f"{ONE}tables/police_incidents_small/", f"{ONE}tables/police_incidents_large/", "/ledger/",
         "/ledger/release/2026-Q1/0001/recall/", "/")  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    town(folder)
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path) -> Iterator[Answering]:
    """The site of the town, before anything is released."""
    with town_site(made, tmp_path) as site:
        yield Answering(site)


@pytest.fixture
def released(here: Answering) -> Answering:
    here.make()
    return here


def text_of(answer: object) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())  # type: ignore[attr-defined]


# ── Made and approved ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_release_is_made_by_one_and_published_by_two_others(here: Answering, tmp_path: Path) -> None:
    assert "is due on 16 May 2026, and late by 4 days." in text_of(here.get(here.analyst, "/"))
    assert here.make() == "2026-Q1, edition 1, is made. Two others have to approve it."
    assert "0 of 2 approvals" in text_of(here.get(here.director, ONE))
    assert "waits for your approval" in text_of(here.get(here.director, "/"))
    assert "stands: 1 of 2 approvals" in here.approve(here.director)
    assert "waits for your approval" not in text_of(here.get(here.director, "/"))
    assert "stands: published on 20 May 2026" in here.approve(here.officer)
    page = text_of(here.get(here.other, ONE))
    assert "Published on 20 May 2026. Every shared figure is read from it." in page
    assert "The release of January to March 2026 is published" in text_of(here.get(here.other, "/"))
    (line,) = [one for one in ledger_lines(here.site.opened.home) if one["kind"] == "release"]
    assert line["shown"]["approved_by"] == [here.director.handle, here.officer.handle]
    assert "/releases/2026-Q1/1/" in here.get(here.director, "/releases/").content.decode()


def test_the_maker_cannot_approve_by_handle_or_by_name_and_nobody_twice(released: Answering, tmp_path: Path) -> None:
    here = released
    assert "You made it" in text_of(here.get(here.analyst, f"{ONE}approve/"))
    assert here.approve(here.analyst) == "422"
    here.other.person.name = here.analyst.handle  # the maker under another account
    here.other.person.save()
    assert here.approve(here.other) == "422"
    here.approve(here.director)
    assert here.approve(here.director) == "422"
    now = standing(desk_on(tmp_path, here.site), find_edition(here.site.opened.home, QUARTER))
    assert [one.person for one in now.approvals] == [here.director.handle]


def test_an_approval_that_was_asked_for_twice_counts_once_and_ends_well(released: Answering, tmp_path: Path) -> None:
    from upstander.web.work import enqueue
    from upstander.web.work.models import Job

    here, sha256 = released, find_edition(released.site.opened.home, QUARTER).sha256
    for _ in range(2):
        enqueue("approve-release", here.director.person, {"quarter": QUARTER, "number": "1", "sha256": sha256}, "twice")
    here.work()
    assert [one.state for one in Job.objects.filter(kind="approve-release")] == ["done", "done"]
    now = standing(desk_on(tmp_path, here.site), find_edition(here.site.opened.home, QUARTER))
    assert len(now.approvals) == 1


@pytest.mark.parametrize("typed", ["", "00000000", "deadbeef"])
def test_a_fingerprint_that_is_not_its_own_approves_nothing(released: Answering, typed: str) -> None:
    answer = released.post(released.director, f"{ONE}approve/", typed=typed, why="the tables")
    assert answer.status_code == 422
    assert "There is a problem" in text_of(answer)
    assert "fingerprint" in text_of(answer)


def test_the_start_of_the_fingerprint_is_enough_only_at_eight_characters(released: Answering) -> None:
    sha256 = find_edition(released.site.opened.home, QUARTER).sha256
    for typed, status in ((sha256[:7], 422), (sha256[:8], 302), (sha256.upper(), 302)):
        answer = released.post(released.director, f"{ONE}approve/", typed=typed, why="the tables")
        assert answer.status_code == status


def test_an_edit_of_one_byte_takes_the_approvals_away_and_every_page_says_so(released: Answering) -> None:
    here = released
    here.approve(here.director)
    path = find_edition(here.site.opened.home, QUARTER).folder / "notes.txt"
    path.write_bytes(path.read_bytes() + b" ")
    page = here.get(here.officer, ONE)
    assert page.status_code == 200
    assert "notes.txt was changed" in text_of(page)
    for address in (f"{ONE}approve/", f"{ONE}attack/", f"{ONE}files/"):
        member = here.analyst if address.endswith("files/") else here.officer
        answer = here.get(member, address)
        assert (answer.status_code, "This release is not as it was made" in text_of(answer)) == (409, True)
    assert here.approve(here.officer) == "409"


def test_an_edit_of_the_manifest_voids_by_name_who_had_approved(released: Answering) -> None:
    from upstander.values.canonical import canonical_json

    here = released
    here.approve(here.director)
    edition = find_edition(here.site.opened.home, QUARTER)
    told = dict(edition.manifest)
    (edition.folder / "manifest.json").write_bytes(
        canonical_json(told | {"plan": dict(told["plan"]) | {"missing": []}})
    )
    page = text_of(here.get(here.officer, ONE))
    assert "1 approval no longer counts" in page
    assert f"{here.director.handle} (20 May 2026) approved other bytes" in page


def test_before_making_it_is_said_what_is_in_and_what_is_late(here: Answering) -> None:
    page = text_of(here.get(here.analyst, f"/releases/make/{QUARTER}/"))
    assert "Due on 16 May 2026, 4 days ago" in page
    assert here.get(here.analyst, "/releases/make/2026-Q2/").status_code == 404  # it is not over
    for strange in ("2026-Q5", "2026-01", "..", "FY2025"):
        assert here.get(here.analyst, f"/releases/make/{strange}/").status_code == 404


def test_a_reason_is_wanted_before_anything_is_made(here: Answering) -> None:
    answer = here.post(here.analyst, f"/releases/make/{QUARTER}/", why=" ")
    assert (answer.status_code, "Say why" in text_of(answer)) == (422, True)


# ── Nothing exact ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_page_and_no_file_holds_a_count_that_is_not_released(released: Answering) -> None:
    here = released
    here.publish()
    here.post(here.analyst, f"{ONE}files/", recipient="", why="the web site")
    here.work()
    told = {one: text_of(here.get(here.analyst, one)) for one in PAGES}
    told["file"] = here.post(here.analyst, f"{ONE}files/open-data/police_incidents_small.csv").content.decode()
    assert [one for one, text in told.items() if SHOWN in text or SHOWN.replace(",", "") in text], (
        "nothing was looked at"
    )
    exact = re.compile("|".join(rf"\b{count:,}\b|\b{count}\b" for count in EXACT))
    assert exact.search(f"{EXACT[0]:,} records")
    assert [one for one, text in told.items() if exact.search(text)] == []
    small = told[f"{ONE}tables/police_incidents_small/"]
    assert "withheld" in small
    assert {int(one.replace(",", "")) for one in re.findall(r"everyone ([\d,]+) ", small)} <= {0, *range(10, 2000, 5)}


def test_whoever_has_no_agreement_sees_where_a_release_stands_and_no_figure(released: Answering) -> None:
    from datetime import UTC, datetime

    from upstander.sharing import ActKind, Decision

    here = released
    here.publish()
    here.site.opened.register.act(Decision(ActKind.ENDED, "pact", "M. Ashdown", datetime.now(UTC), "the test"))
    assert here.get(here.officer, ONE).status_code == 200
    for address in (f"{ONE}attack/", f"{ONE}revisions/", f"{ONE}tables/police_incidents_small/", f"{ONE}approve/"):
        assert here.get(here.officer, address).status_code == 404
    assert here.get(here.officer, "/ledger/release/2026-Q1/0001/recall/").status_code == 200


def test_each_look_that_an_agreement_opens_is_written_down(released: Answering) -> None:
    here = released
    for page in ("attack", "revisions", "tables/police_incidents_small"):
        here.get(here.officer, f"{ONE}{page}/")
    looks = [one.event for one in here.site.opened.audit.entries() if one.event.action == "look at a release"]
    assert [(one.person, one.why) for one in looks] == [
        (here.officer.handle, f"{page} 2026-Q1/0001")
        for page in ("release_attack", "release_revisions", "release_table")
    ]


# ── Proved ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_built_again_and_attacked_again_by_jobs_that_say_what_they_found(released: Answering) -> None:
    here = released
    here.post(here.officer, f"{ONE}prove/", proof="verify-release")
    assert here.work().endswith("built again from its pinned readings, every byte is the same.")
    assert f"by {here.officer.handle}: it holds" in text_of(here.get(here.officer, ONE))
    here.post(here.officer, f"{ONE}prove/", proof="attack-release")
    assert "none can be worked out more closely than its rule allows" in here.work()
    page = text_of(here.get(here.director, f"{ONE}attack/"))
    assert re.search(r"None of \d+ withheld counts can be worked out", page)
    assert "Last tried on 20 May 2026, 13:0" in page
    assert here.post(here.officer, f"{ONE}prove/", proof="make-release").status_code == 400


def test_a_second_edition_says_row_by_row_what_it_changes_in_what_was_published(
    released: Answering, tmp_path: Path
) -> None:
    here = released
    here.publish()
    deliver_quarter(desk_on(tmp_path, here.site), tmp_path / "sent", QUARTER, town_rows()[:-9], name="again")
    assert here.make().startswith("2026-Q1, edition 2, is made")
    page = text_of(here.get(here.director, f"/releases/{QUARTER}/2/revisions/"))
    assert re.search(r"It touches \d+ published figures", page)
    assert "is superseded or withdrawn" in page
    assert "counted again, too small to say whether it changed" in page
    file = here.post(here.director, f"/releases/{QUARTER}/2/revisions.csv")
    lines = file.content.decode().splitlines()
    assert lines[0] == "figure,table,measure,period,area,age,sex,area_name,before,after,change"
    touched = re.search(r"It touches ([\d,]+) published", page)
    assert touched
    assert len(lines) - 1 == int(touched[1].replace(",", ""))
    (line,) = [one for one in ledger_lines(here.site.opened.home) if one["kind"] == "download"]
    assert (line["person"], line["shown"]["file"]) == (here.director.handle, "revisions.csv")
    here.publish(number=2)
    assert "A newer release is out" in text_of(here.get(here.director, ONE))


# ── Given out and called back ────────────────────────────────────────────────────────────────────────────────────────


def test_files_are_written_once_taken_by_name_and_each_taking_is_a_line_of_the_ledger(released: Answering) -> None:
    here = released
    assert here.get(here.analyst, f"{ONE}files/").status_code == 200
    here.publish()
    for recipient, said in (("", "Open data"), ("vrn", "The copy 0001 for vrn")):
        here.post(here.analyst, f"{ONE}files/", recipient=recipient, why="asked for")
        assert here.work() == f"{said} of 2026-Q1/0001 is ready."
    page = here.get(here.analyst, f"{ONE}files/").content.decode()
    (workbook,) = re.findall(rf"{ONE}files/copy-0001/([^/\"]+\.xlsx)", page)
    taken = here.post(here.analyst, f"{ONE}files/copy-0001/{workbook}")
    assert taken["Content-Disposition"] == f'attachment; filename="{workbook}"'
    assert taken.content[:2] == b"PK"
    (line,) = [one for one in ledger_lines(here.site.opened.home) if one["kind"] == "download"]
    assert (line["person"], line["shown"]["export"]) == (here.analyst.handle, "copy-0001")
    for strange in ("files/copy-0001/nothing.csv", "files/copy-0002/README.txt", "files/../manifest.json"):
        assert here.post(here.analyst, f"{ONE}{strange}").status_code == 404


def test_what_is_called_back_says_why_and_is_given_out_no_more(released: Answering) -> None:
    here = released
    here.publish()
    here.post(here.analyst, f"{ONE}files/", recipient="vrn", why="asked for")
    here.work()
    address = f"{ONE}files/copy-0001/README.txt"
    assert here.post(here.analyst, address).status_code == 200
    assert here.post(here.officer, "/ledger/release copy/0001/recall/", why="").status_code == 422
    here.post(here.officer, "/ledger/release copy/0001/recall/", why="sent to the wrong agency")
    assert here.post(here.analyst, address).status_code == 404
    assert "recalled: sent to the wrong agency" in text_of(here.get(here.director, "/ledger/"))
    assert here.get(here.officer, "/ledger/release copy/0002/recall/").status_code == 404
    here.post(here.officer, "/ledger/release/2026-Q1/0001/recall/", why="a feed was doubled")
    page = text_of(here.get(here.director, ONE))
    assert "Recalled." in page
    assert "It was called back: a feed was doubled" in page
    assert ("p3", "recall release 2026-Q1/0001", "done") in here.site.actions()


def test_nobody_else_learns_that_there_are_releases(released: Answering) -> None:
    stranger = released.site.member(Role.PROFESSIONAL)
    answers = {released.get(stranger, one).content for one in (*PAGES[:-1], "/nowhere/")}
    assert len(answers) == 1
