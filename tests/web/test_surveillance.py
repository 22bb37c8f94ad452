"""The tab of injury surveillance: pictures opened, made, taken away, and gone with the agreement they rest on."""

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import tomli_w
from django.db import connections
from django.urls import reverse

from pipeline.homes import made_once
from pipeline.shown import tables_in
from pipeline.village import AREAS, IN_WINDOW, deliver_village, homes_and_sexual_offences
from sharing.county import LASTING
from upstander.pipeline.agreeing import decide_about
from upstander.sharing import ActKind, Decision
from upstander.web.accounts.models import Conflict
from upstander.web.accounts.roles import Role
from upstander.web.surveillance.models import TakenToTasking
from upstander.web.surveillance.opening import desk_for
from upstander.web.surveillance.work import delivery_has_come
from upstander.web.work.models import Job
from upstander.web.work.worker import Worker
from web.sites import Member, Site

NIGHT = {"window": "Sat 20:00-02:00"}
RESULT = "/surveillance/{}/"
FIRST = f"lsoa21:{AREAS[0]}"


def _delivered(folder: Path) -> None:
    deliver_village(folder, homes_and_sexual_offences(), **LASTING)


@pytest.fixture
def site(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The village, delivered, with its site."""
    made = made_once(tmp_path_factory, "village-of-the-site", _delivered)
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    yield Site(tmp_path, {})
    connections.close_all()


@pytest.fixture
def member(site: Site) -> Member:
    return site.member(Role.TASKING)


def made(site: Site, member: Member, said: dict[str, Any] = NIGHT) -> int:
    """The number of a picture that somebody had made by the form and a worker."""
    answer = site.inside(member).post(reverse("make_picture"), said, secure=True)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    job = Job.objects.get(pk=int(answer["Location"].split("/")[-2]))
    Worker().work(once=True)
    job.refresh_from_db()
    assert job.state == "done", job.message
    return int(job.url.split("/")[-2])


def page(site: Site, member: Member, address: str) -> Any:
    return site.inside(member).get(address, secure=True)


def table_on(content: str, caption: str) -> dict[str, str]:
    """The last cell of each row by its first, of the table with this caption."""
    body = content[content.index(f"<caption>{caption}") :]
    rows = re.findall(r"<tr>(.*?)</tr>", body[: body.index("</table>")])
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]
    return {row[0]: row[-1] for row in cells if row}


def test_a_window_is_made_once_by_a_job_and_then_opens_at_once(site: Site, member: Member) -> None:
    number = made(site, member)
    again = site.inside(member).post(reverse("make_picture"), NIGHT, secure=True)
    assert again["Location"] == RESULT.format(number)
    by_hand = {"day": ["Sat"], "start": "20:00", "end": "02:00", "months": "12"}
    assert site.inside(member).post(reverse("make_picture"), by_hand, secure=True)["Location"] == again["Location"]
    assert page(site, member, "/surveillance/?window=Sat+20:00-02:00").status_code == 200


def test_the_numbers_on_the_page_are_those_of_the_frozen_tables(site: Site, member: Member) -> None:
    number = made(site, member)
    shown = table_on(page(site, member, RESULT.format(number)).content.decode(), "Records in the window, by place")
    cells = tables_in(site.home / "outputs" / "picture" / f"{number:04d}")["places"]
    rows = cells.select("area", "value").rows()
    assert shown == {f"Area {area.partition(':')[2]}": f"{value:.0f}" for area, value in rows}
    assert {name.removeprefix("Area "): int(value) for name, value in shown.items()} == IN_WINDOW


def test_the_usual_windows_are_made_when_deliveries_have_come_and_the_home_page_says_so(
    site: Site, member: Member
) -> None:
    assert "The picture of injuries" not in page(site, member, "/").content.decode()
    job = delivery_has_come("police_incidents", member.person)
    Worker().work(once=True)
    job.refresh_from_db()
    assert (job.state, job.message) == ("done", "4 pictures are ready.")
    assert page(site, member, "/surveillance/").status_code == 200
    assert "The picture of injuries goes to 31 July 2026." in page(site, member, "/").content.decode()


def test_without_a_picture_the_page_says_how_to_have_one_made(site: Site, member: Member) -> None:
    answer = page(site, member, "/surveillance/")
    assert answer.status_code == 200
    assert "No picture of all hours has been made" in answer.content.decode()
    asked = page(site, member, "/surveillance/?window=Mon+20:00-02:00").content.decode()
    assert "No picture of Mon 20:00-02:00 has been made" in asked
    assert 'name="window" value="Mon 20:00-02:00">Make this picture' in asked


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"start": "20:00", "end": "02:00", "months": "12"}, "Choose at least one night."),
        ({"day": ["Sat"], "start": "20:00", "end": "20:00"}, "starts and ends at different hours"),
        ({"day": ["Sat"], "start": "25:00", "end": "02:00"}, "from what hour to what hour"),
        ({"window": "<script>alert(1)</script>"}, "is not a window"),
        ({"window": "Sat 20:00-02:00", "months": "13"}, "number of months"),
    ],
)
def test_a_window_that_is_none_says_what_would_be_right(
    site: Site, member: Member, said: dict[str, Any], words: str
) -> None:
    answer = site.inside(member).post(reverse("make_picture"), said, secure=True)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()
    assert Job.objects.count() == 0


def test_an_agreement_that_ends_cuts_off_every_page_of_its_picture_at_once(site: Site, member: Member) -> None:
    number = made(site, member)
    browser = site.inside(member)
    addresses = [
        RESULT.format(number), f"/surveillance/{number}/areas.json", f"/surveillance/{number}/bulletin.pdf",
        f"/surveillance/{number}/places/{FIRST}/", f"/surveillance/{number}/places/{FIRST}/profile.pdf",
    ]  # fmt: skip
    assert [browser.get(one, secure=True).status_code for one in addresses] == [200] * 5
    # The purpose goes on by another agreement, so that the door still opens: the gate itself has to refuse.
    other = _other_agreement()
    site.opened.register.sign(other, person="M. Ashdown", at=datetime.now(UTC))
    decision = Decision(ActKind.ENDED, "pact", "M. Ashdown", datetime.now(UTC), "the test")
    site.opened.register.act(decision)
    answers = [browser.get(one, secure=True) for one in addresses]
    assert [one.status_code for one in answers] == [404] * 5
    absent = browser.get("/surveillance/987654/", secure=True).content
    assert {one.content for one in answers} == {absent}
    refused = browser.get("/surveillance/", secure=True)
    assert refused.status_code == 200
    assert "What you cannot be shown, and why" in refused.content.decode()


def _other_agreement() -> bytes:
    from sharing.county import schedule, terms_as_sent

    terms = terms_as_sent(schedule(id="other", dataset="ambulance_callouts", provider="hospital", suppliers=["trust"],
                                   fields=["event_from_local"], **LASTING), name="other")  # fmt: skip
    return tomli_w.dumps(terms).encode()


def test_a_withdrawal_recalls_the_picture(site: Site, member: Member) -> None:
    number = made(site, member)
    desk = desk_for(member.person)
    told = decide_about(desk, "pact", ActKind.WITHDRAWN, agency="police")
    assert f"picture {number:04d}" in told
    assert page(site, member, RESULT.format(number)).status_code == 404


def test_a_reader_of_an_agency_that_is_no_recipient_finds_nothing(site: Site, member: Member) -> None:
    number = made(site, member)
    stranger = site.member(Role.TASKING, agency="elsewhere")
    there = page(site, stranger, RESULT.format(number))
    assert (there.status_code, there.content) == (404, page(site, stranger, "/surveillance/987654/").content)


def test_every_look_is_in_the_audit_log_by_name(site: Site, member: Member) -> None:
    number = made(site, member)
    before = len(site.actions())
    page(site, member, RESULT.format(number))
    assert (member.handle, f"look at picture {number:04d}", "allowed") in site.actions()[before:]


def test_what_a_reader_declared_is_nowhere_on_their_pages_and_a_sentence_says_so(site: Site, member: Member) -> None:
    number = made(site, member)
    before = page(site, member, RESULT.format(number)).content.decode()
    assert AREAS[0] in before
    assert "You declared a conflict of interest" not in before
    Conflict.objects.create(person=member.person, kind="area", value=FIRST, declared_at=datetime.now(UTC))
    after = page(site, member, RESULT.format(number)).content.decode()
    assert AREAS[0] not in after
    assert "You declared a conflict of interest" in after
    assert AREAS[0] not in page(site, member, f"/surveillance/{number}/areas.json").content.decode()
    assert page(site, member, f"/surveillance/{number}/places/{FIRST}/").status_code == 404
    other = site.member(Role.ANALYST)
    assert AREAS[0] in page(site, other, RESULT.format(number)).content.decode()


def test_no_answer_holds_a_row_or_a_token(site: Site, member: Member) -> None:
    number = made(site, member)
    parts = list((site.home / "warehouse").glob("*/*/*.parquet"))
    rows = pl.concat([pl.read_parquet(part) for part in parts])
    names = [name for name in rows.columns if name.endswith("token") or name == "row_id"]
    kept = {str(value) for name in names for value in rows[name].drop_nulls() if len(str(value)) > 8}
    assert len(kept) > 100
    for address in ("", "areas.json", f"places/{FIRST}/"):
        content = page(site, member, f"{RESULT.format(number)}{address}").content.decode()
        assert [one for one in kept if one in content] == []


def test_outlines_are_not_kept_by_a_browser_and_carry_classes_only(site: Site, member: Member) -> None:
    number = made(site, member)
    answer = page(site, member, f"/surveillance/{number}/areas.json")
    assert (answer["Cache-Control"], answer["Content-Type"]) == ("no-store", "application/geo+json")
    told = json.loads(answer.content)
    assert {key for one in told["features"] for key in one["properties"]} == {"area", "name", "police_incidents"}


def test_papers_are_downloads_marked_with_the_readers_name(site: Site, member: Member) -> None:
    number = made(site, member)
    for address in ("bulletin.pdf", f"places/{FIRST}/profile.pdf"):
        answer = page(site, member, f"{RESULT.format(number)}{address}")
        assert answer.content.startswith(b"%PDF")
        assert answer["Content-Disposition"].startswith("attachment")
    lines = (site.home / "outputs" / "ledger.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["person"] for line in lines[-2:]] == [member.handle] * 2


def test_ticked_places_are_taken_to_tasking_with_a_reason_once(site: Site, member: Member) -> None:
    number = made(site, member)
    browser = site.inside(member)
    said = {"area": [FIRST, "lsoa21:nowhere"], "reason": "=two stabbings, taxi rank"}
    assert browser.post(reverse("take", args=[number]), said, secure=True)["Location"] == reverse("taken")
    browser.post(reverse("take", args=[number]), said, secure=True)
    (row,) = TakenToTasking.objects.all()
    assert (row.picture, row.area, row.window, row.person.handle) == (number, FIRST, "Sat 20:00-02:00", member.handle)
    assert (member.handle, f"take to tasking 1 places of picture {number:04d}", "done") in site.actions()
    lines = list(csv.DictReader(io.StringIO(browser.get(reverse("taken_csv"), secure=True).content.decode())))
    assert [(one["area"], one["window"], one["reason"]) for one in lines] == [
        (FIRST, "Sat 20:00-02:00", "'=two stabbings, taxi rank")
    ]
    assert "Taken to tasking, " not in browser.get(RESULT.format(number), secure=True).content.decode()
    assert ">Taken to tasking<" in browser.get(RESULT.format(number), secure=True).content.decode()


@pytest.mark.parametrize(
    ("said", "words"),
    [({"reason": "why not"}, "Tick at least one place."), ({"area": FIRST}, "Say why, in a few words")],
)
def test_taking_nothing_or_for_no_reason_says_so_and_stores_nothing(
    site: Site, member: Member, said: dict[str, str], words: str
) -> None:
    number = made(site, member)
    answer = site.inside(member).post(reverse("take", args=[number]), said, secure=True)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not TakenToTasking.objects.exists()


def test_who_only_reads_sees_no_tick_and_may_take_nothing(site: Site, member: Member) -> None:
    number = made(site, member)
    director = site.member(Role.DIRECTOR)
    assert "Take to tasking" in page(site, member, RESULT.format(number)).content.decode()
    assert "Take to tasking" not in page(site, director, RESULT.format(number)).content.decode()
    said = {"area": FIRST, "reason": "x"}
    answer = site.inside(director).post(reverse("take", args=[number]), said, secure=True)
    assert (answer.status_code, TakenToTasking.objects.count()) == (404, 0)


def test_what_was_taken_is_seen_no_longer_than_its_picture(site: Site, member: Member) -> None:
    number = made(site, member)
    browser = site.inside(member)
    browser.post(reverse("take", args=[number]), {"area": FIRST, "reason": "taxi rank"}, secure=True)
    assert "taxi rank" in browser.get(reverse("taken"), secure=True).content.decode()
    site.opened.register.sign(_other_agreement(), person="M. Ashdown", at=datetime.now(UTC))
    site.opened.register.act(Decision(ActKind.ENDED, "pact", "M. Ashdown", datetime.now(UTC), "the test"))
    assert "taxi rank" not in browser.get(reverse("taken"), secure=True).content.decode()


def test_a_basemap_is_sent_in_parts_and_only_with_permission_on_record(tmp_path: Path, site: Site) -> None:
    settings = tomli_w.dumps({"key_file": "../home.key", "basemap": {"file": "../base.pmtiles", "attribution": "© X"}})
    (site.home / "upstander.toml").write_text(settings)
    (tmp_path / "base.pmtiles").write_bytes(bytes(range(200)))
    member = site.member(Role.TASKING)
    assert _opened_again(site, tmp_path).inside(member).get(
        reverse("basemap"), headers={"range": "bytes=3-9"}, secure=True
    ).status_code == 404  # fmt: skip
    allowed = settings.rstrip() + '\npermission = "letter of 3 March 2026"\n'
    (site.home / "upstander.toml").write_text(allowed)
    browser = _opened_again(site, tmp_path).inside(member)
    part = browser.get(reverse("basemap"), headers={"range": "bytes=3-9"}, secure=True)
    assert (part.status_code, part.content, part["Content-Range"]) == (206, bytes(range(3, 10)), "bytes 3-9/200")
    end = browser.get(reverse("basemap"), headers={"range": "bytes=190-999"}, secure=True)
    assert (end.status_code, end["Content-Range"]) == (206, "bytes 190-199/200")
    for wrong in ("", "bytes=300-400", "bytes=9-3", "bytes=0-1,5-6", "lines=1-2"):
        refused = browser.get(reverse("basemap"), headers={"range": wrong}, secure=True)
        assert (refused.status_code, refused.content) == (416, b"")


def _opened_again(site: Site, folder: Path) -> Site:
    assert site.home == folder / "home"
    return Site(folder, {})
