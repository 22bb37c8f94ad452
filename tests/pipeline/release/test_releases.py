"""One release from making to recall: who may approve, what voids it, what is late, what a killed run leaves."""

import contextlib
import csv
import itertools
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.homes import agreement
from pipeline.release.town import (
    AREAS,
    FIRST,
    MAKER,
    SECOND,
    checker,
    deliver_quarter,
    on,
    published,
    restated,
    rows_of,
    town_desk,
    usual,
)
from upstander.contracts.asking import Purpose
from upstander.contracts.releasing import Edition as Editions
from upstander.errors import WrongUsage
from upstander.pipeline.agreeing import decide_about
from upstander.pipeline.desk import Desk
from upstander.pipeline.doctor import examine
from upstander.pipeline.injuries import Asked, injuries
from upstander.pipeline.keeping.purging import purge
from upstander.pipeline.knowledge import add_known
from upstander.pipeline.outputs import ledger_lines
from upstander.pipeline.recalling import recall, recalled, standings
from upstander.pipeline.release import approving, making, shelf
from upstander.pipeline.release.approving import NotApproved, approve, standing
from upstander.pipeline.release.covering import covering, last_quarter, quarter_named
from upstander.pipeline.release.due import release_calendar
from upstander.pipeline.release.ground import WHOLE
from upstander.pipeline.release.making import make_release
from upstander.pipeline.release.plan import ALL_AGES, ALL_SEXES
from upstander.pipeline.release.published import NoRelease, is_stale, newer_words, newest_published
from upstander.pipeline.release.store import Store, published_store
from upstander.pipeline.release.tofile import Wanted, table_to_file
from upstander.pipeline.release.verifying import verify
from upstander.sharing import ActKind
from upstander.values.periods import Period

QUARTER, DAY = "2026-Q1", date(2026, 5, 15)
TABLE = "police_incidents_small"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town with one quarter delivered and its release made; nobody has approved it."""
    folder = tmp_path_factory.mktemp("made")
    desk = on(town_desk(folder, shares_persons=False, retention_days=300, release={"quarters": 2}), DAY)
    deliver_quarter(desk, folder / "sent", QUARTER, rows_of(QUARTER, usual(QUARTER)))
    make_release(desk, quarter_named(QUARTER))
    return folder


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Desk:
    """A copy of it."""
    for name in ("home", "home.key"):
        copy = shutil.copytree if (made / name).is_dir() else shutil.copy
        copy(made / name, tmp_path / name)
    from pipeline.homes import desk_at

    return on(desk_at(tmp_path), DAY)


def test_what_outsiders_know_is_pinned_as_cells_of_the_release(desk: Desk) -> None:
    csv = f"dataset,measure,period,area,value\npolice_incidents,all_violence,{QUARTER},,1\n".encode()
    add_known(desk, "press", csv, source="An invented paper", dated=DAY)
    edition = make_release(desk, quarter_named(QUARTER)).edition
    assert edition.number == 2
    whole = ("all_violence", QUARTER, WHOLE, ALL_AGES, ALL_SEXES)
    assert edition.plan.known == (("police_incidents", whole, 1, 1),)


def edition_of(desk: Desk) -> shelf.Edition:
    return shelf.find_edition(desk.home, QUARTER)


@pytest.mark.parametrize(
    ("first", "second"),
    list(itertools.product((MAKER, "a.  analyst", FIRST, "b. CHECKER", SECOND), repeat=2)),
)
def test_two_people_who_did_not_make_it_publish_a_release_and_nobody_else_does(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, first: str, second: str
) -> None:
    monkeypatch.setattr(approving, "_check_attack", lambda *_: None)  # the attack has tests of its own
    monkeypatch.setattr(approving, "attack_everything", lambda *_: None)
    names = {"a.  analyst": MAKER, "b. CHECKER": FIRST}
    people = {names.get(one, one) for one in (first, second)}
    for person in (first, second):
        with contextlib.suppress(NotApproved):
            approve(checker(desk, person), QUARTER)
    now = standing(desk, edition_of(desk))
    assert now.is_published == (people == {FIRST, SECOND})
    assert len(now.approvals) == len(people - {MAKER})


@pytest.mark.parametrize("file", ["manifest.json", "figures.parquet", f"{TABLE}.parquet", "notes.txt", "attack.json"])
def test_an_edit_of_any_byte_voids_the_approvals_and_is_said(desk: Desk, file: str) -> None:
    edition = edition_of(desk)
    approve(checker(desk, FIRST), QUARTER)
    path = edition.folder / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(shelf.BrokenRelease) as raised:
        approve(checker(desk, SECOND), QUARTER)
    assert raised.value.exit_code == 3
    again = shelf.find_edition(desk.home, QUARTER)
    assert not standing(desk, again).is_published
    assert verify(desk, QUARTER).faults


def test_a_rewritten_manifest_that_fits_its_files_still_has_no_approval(desk: Desk) -> None:
    from upstander.values.canonical import canonical_json

    published(desk, edition_of(desk))
    told = dict(edition_of(desk).manifest)
    plan = dict(told["plan"]) | {"missing": []}
    (edition_of(desk).folder / shelf.MANIFEST).write_bytes(canonical_json(told | {"plan": plan}))
    now = standing(desk, edition_of(desk))
    assert (now.approvals, len(now.voided)) == ((), 2)
    assert now.in_words == "broken: manifest.json is not the one that was made; no approval counts"
    assert verify(desk, QUARTER).faults == now.faults


def test_the_second_approval_is_one_line_of_the_ledger_and_entries_of_the_audit_log(desk: Desk) -> None:
    edition = edition_of(desk)
    now = published(desk, edition)
    assert now.in_words == "published on 15 May 2026"
    approve(checker(desk, "D. Fourth"), QUARTER)
    (line,) = [line for line in ledger_lines(desk.home) if line["kind"] == "release"]
    assert line["shown"]["release"] == "2026-Q1/0001"
    assert line["shown"]["approved_by"] == [FIRST, SECOND]
    actions = [entry.event.action for entry in desk.audit.entries()]
    assert [one for one in actions if one.startswith("approve release")] == [
        f"approve release 2026-Q1/0001 {edition.sha256}"
    ] * 2
    assert f"release publish 2026-Q1/0001 {edition.sha256}" in actions
    assert desk.audit.verify() is None


def test_a_run_killed_after_the_second_approval_is_finished_by_the_next_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    approve(checker(desk, FIRST), QUARTER)
    with monkeypatch.context() as patched:
        patched.setattr(approving, "enter_ledger", dies)
        with pytest.raises(KeyboardInterrupt):
            approve(checker(desk, SECOND), QUARTER)
    assert [line for line in ledger_lines(desk.home) if line["kind"] == "release"] == []
    assert approve(checker(desk, SECOND), QUARTER).is_published
    assert len([line for line in ledger_lines(desk.home) if line["kind"] == "release"]) == 1


@pytest.mark.parametrize("step", ["build", "manifest_of", "seal", "file 0", "file 3", "manifest", "rename"])
def test_a_killed_making_leaves_no_half_release_and_the_next_one_makes_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    first = edition_of(desk)
    deliver_quarter(desk, desk.home.root.parent / "sent", QUARTER, rows_of(QUARTER, usual(QUARTER))[:-3], name="again")
    written = itertools.count()

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    def writes(path: Path, content: bytes) -> None:
        if step == f"file {next(written)}" or (step == "manifest" and path.name == shelf.MANIFEST):
            raise KeyboardInterrupt
        path.write_bytes(content)

    with monkeypatch.context() as patched:
        patched.setattr(shelf, "write_whole", writes)
        if step in {"build", "manifest_of"}:
            patched.setattr(making, step, dies)
        elif step == "seal":
            patched.setattr(shelf, "seal_exact", dies)
        elif step == "rename":
            patched.setattr(shelf, "publish", dies)
        with pytest.raises(KeyboardInterrupt):
            make_release(desk, quarter_named(QUARTER))
    assert [one.name for one in shelf.editions(desk.home)] == [first.name]
    again = make_release(desk, quarter_named(QUARTER))
    assert (again.edition.name, again.already_made) == ("2026-Q1/0002", False)
    assert verify(desk, QUARTER).is_rebuilt
    assert verify(desk, QUARTER, 1).is_rebuilt
    assert [path.name for path in again.edition.folder.parent.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("spoil", [lambda folder: (folder / "notes.txt").write_text("x"), shutil.rmtree])
def test_nothing_is_released_beside_a_published_release_that_is_broken_or_gone(
    desk: Desk, spoil: Callable[[Path], object]
) -> None:
    published(desk, edition_of(desk))
    spoil(edition_of(desk).folder)
    with pytest.raises(shelf.BrokenRelease, match="2026-Q1/0001 is not as it was made: it was published"):
        make_release(on(desk, date(2026, 8, 1)), quarter_named("2026-Q2"))


def test_making_the_same_release_again_changes_nothing(desk: Desk) -> None:
    before = edition_of(desk).content
    assert make_release(on(desk, date(2026, 5, 16)), quarter_named(QUARTER)).already_made
    published(desk, edition_of(desk))
    assert make_release(on(desk, date(2026, 5, 17)), quarter_named(QUARTER)).already_made
    assert edition_of(desk).content == before


def test_a_quarter_that_is_not_over_is_not_released(desk: Desk) -> None:
    with pytest.raises(WrongUsage, match="not over until 2026-06-30"):
        make_release(desk, quarter_named("2026-Q2"))
    with pytest.raises(WrongUsage, match="operational"):
        make_release(desk.asking(purpose=Purpose.OPERATIONAL), quarter_named(QUARTER))


def test_a_late_source_stands_in_the_manifest_and_on_every_figure_it_would_feed(desk: Desk) -> None:
    late = on(desk, date(2026, 8, 1))
    edition = make_release(late, quarter_named("2026-Q2")).edition
    line = (
        "Police recorded incidents (local) from town: 2026-Q2 missing, 17 days late; quarters and years with it are "
        "missing."
    )
    assert line in edition.plan.notes
    assert line in (edition.folder / shelf.NOTES).read_text("utf-8")
    store = Store(edition)
    assert store.frame.height
    assert all(line in text for text in store.frame["caveats"])
    in_quarter = store.frame.filter(period="2026-Q2")
    assert set(in_quarter["status"]) == {"missing"}
    assert in_quarter["value"].null_count() == in_quarter.height
    assert "shown" in set(store.frame.filter(period=QUARTER)["status"])


def test_small_areas_count_public_places_only_and_add_up_to_their_district(desk: Desk) -> None:
    exact = shelf.sealed_exact(desk, edition_of(desk)).filter(measure="police_violence", period=QUARTER, age="all ages")
    of = dict(exact.select("area", "count").iter_rows())
    rows = rows_of(QUARTER, usual(QUARTER))
    assert of["all areas"] == len(rows)
    in_first = [row for row in rows if row["area_code"] in AREAS[:4]]
    assert of["ward24:F05000001"] == sum(row["location_type"] != "dwelling" for row in in_first)
    wards = of["ward24:F05000001"] + of["ward24:F05000002"]
    assert of["ltla24:F07000001"] == wards + of["ltla24:F07000001, not in an area told"]
    assert sum(of[f"beat24:F0900000{number}"] for number in range(1, 5)) + of[
        "all areas, not in an area told beside"
    ] == len(rows)


def test_every_figure_says_how_it_was_made_and_is_stale_once_a_newer_release_is_published(desk: Desk) -> None:
    published(desk, edition_of(desk))
    store = Store(newest_published(desk))
    cell = {
        "measure": "police_violence",
        "period": QUARTER,
        "area": "ltla24:F07000001",
        "age": "all ages",
        "sex": "all",
    }
    figure = store.figure("police_incidents_large", cell)
    assert figure.id == f"2026-Q1/police_incidents_large/{';'.join(f'{name}={value}' for name, value in cell.items())}"
    assert figure.value is not None
    assert figure.value % 5 == 0
    assert "all_violence 2026.1" in figure.how_made
    assert figure.rules == ("evidence, shareable (pact)",)
    assert not is_stale(desk, figure.release)
    later = on(desk, date(2026, 7, 20))
    deliver_quarter(later, desk.home.root.parent / "sent", "2026-Q2", rows_of("2026-Q2", usual("2026-Q2")))
    published(later, make_release(later, quarter_named("2026-Q2")).edition)
    assert is_stale(later, figure.release)
    newer = ("A newer release (2026-Q2/0001) replaced this figure.",)
    assert newer_words(later, figure.release) == newer
    assert published_store(later, QUARTER).newer == newer
    assert published_store(later).newer == ()
    assert not is_stale(later, "2026-Q2/0001")


def test_after_a_purge_verify_checks_the_seals_and_names_what_was_destroyed_and_why(desk: Desk) -> None:
    published(desk, edition_of(desk))
    (reading,) = edition_of(desk).plan.sources[0].readings
    later = on(desk, date(2027, 6, 1)).asking(person="S. Steward", why="retention")
    assert len(purge(later)) == 1
    found = verify(later, QUARTER)
    assert (found.holds, found.is_rebuilt) == (True, False)
    (why,) = found.why
    assert f"police_incidents from town, reading {reading.reading}: destroyed on 2027-06-01 by S. Steward" in why
    assert "kept 300 days, because" in why
    (edition_of(desk).folder / shelf.NOTES).write_text("another")
    assert verify(later, QUARTER).faults == ("notes.txt was changed",)


def test_a_table_goes_to_a_file_only_from_a_published_release(desk: Desk, tmp_path: Path) -> None:
    wanted = Wanted("police_incidents", ("area", "quarter"), "all_violence", "")
    with pytest.raises(NoRelease, match="No release is published"):
        table_to_file(desk, wanted, tmp_path / "table.csv")
    assert not (tmp_path / "table.csv").exists()
    published(desk, edition_of(desk))
    assert table_to_file(desk, wanted, tmp_path / "table.csv") == "2026-Q1/0001"
    rows = list(csv.DictReader((tmp_path / "table.csv").open(encoding="utf-8")))
    assert list(rows[0]) == ["area", "quarter", "count", "status", "release"]
    table = pl.read_parquet(edition_of(desk).folder / f"{TABLE}.parquet").filter(
        measure="police_violence", period=QUARTER
    )
    assert {(row["area"], row["count"]) for row in rows} == {
        (area, "" if value is None else f"{value:.0f}") for area, value in table.select("area", "value").iter_rows()
    }
    assert ledger_lines(desk.home)[-1]["shown"]["release"] == "2026-Q1/0001"
    with pytest.raises(WrongUsage, match="does not tell police_incidents by hour"):
        table_to_file(desk, Wanted("police_incidents", ("hour",), "all_violence", ""), tmp_path / "hours.csv")
    with pytest.raises(WrongUsage, match="does not tell 2030-Q1"):
        table_to_file(desk, Wanted("police_incidents", ("area",), "all_violence", "2030-Q1"), tmp_path / "no.csv")


def bulletin(desk: Desk, edition: Editions, start: date, end: date) -> Path:
    from upstander.analysis.hotspots.windows import Window

    asked = Asked(
        Window.parse("Sat 20:00-02:00"), Period.between(start, end), edition, "all_violence", "", None, ("the group",),
        desk.now().date(),
    )  # fmt: skip
    purpose = Purpose.OPERATIONAL if edition is Editions.OPERATIONAL else Purpose.MONITORING
    return injuries(desk.asking(purpose=purpose), asked).folder


def test_a_shareable_bulletin_reads_what_a_published_release_pins_and_says_so(desk: Desk) -> None:
    start, end = date(2026, 1, 1), date(2026, 4, 1)
    with pytest.raises(NoRelease, match="No published release covers 2026-01-01 to 2026-03-31"):
        bulletin(desk, Editions.SHAREABLE, start, end)
    published(desk, edition_of(desk))
    with pytest.raises(NoRelease, match=r"2026-Q1/0001 \(2026-01-01 to 2026-03-31\)|covers"):
        bulletin(desk, Editions.SHAREABLE, start, date(2026, 5, 1))
    folder = bulletin(desk, Editions.SHAREABLE, start, end)
    places = (folder / "places.json").read_text("utf-8")
    assert "Of the readings of release 2026-Q1/0001." in places
    assert ledger_lines(desk.home)[-1]["release"] == "2026-Q1/0001"
    deliver_quarter(
        desk, desk.home.root.parent / "sent", QUARTER, restated(rows_of(QUARTER, usual(QUARTER)), 3), name="again"
    )
    again = bulletin(desk, Editions.SHAREABLE, start, end)
    assert (again / "places.json").read_text("utf-8") == places


def test_an_output_is_recalled_by_a_person_and_when_its_agreement_is_withdrawn(desk: Desk) -> None:
    bulletin(desk, Editions.OPERATIONAL, date(2026, 1, 1), date(2026, 4, 1))
    published(desk, edition_of(desk))
    assert [(one.kind, one.number, one.state) for one in standings(desk.home, DAY)] == [
        ("bulletin", "0001", "standing"), ("release", "2026-Q1/0001", "standing"),
    ]  # fmt: skip
    with pytest.raises(WrongUsage, match="needs a reason"):
        recall(desk.asking(why=" "), "bulletin", "1")
    with pytest.raises(WrongUsage, match="No bulletin has the number 7"):
        recall(desk, "bulletin", "7")
    found = recall(desk.asking(why="a wrong street"), "bulletin", "1")
    assert (found.state, found.why) == ("recalled", "a wrong street")
    said = decide_about(desk.asking(why="the pilot is over"), "pact", ActKind.WITHDRAWN, schedule="evidence")
    assert said.endswith("Recalled: release 2026-Q1/0001.")
    assert recalled(desk.home) == {
        ("bulletin", "0001"): "a wrong street", ("release", "2026-Q1/0001"): "pact was withdrawn: the pilot is over",
    }  # fmt: skip
    with pytest.raises(NoRelease):
        newest_published(desk)
    assert not verify(desk, QUARTER).is_rebuilt


def test_a_release_whose_agreement_was_withdrawn_before_the_second_approval_is_not_published(desk: Desk) -> None:
    approve(checker(desk, FIRST), QUARTER)
    decide_about(desk.asking(why="a breach"), "pact", ActKind.WITHDRAWN, schedule="evidence")
    with pytest.raises(NotApproved, match="evidence of pact grants nothing any more"):
        approve(checker(desk, SECOND), QUARTER)
    assert not standing(desk, edition_of(desk)).is_published


def test_the_doctor_names_a_published_release_that_is_broken(desk: Desk) -> None:
    published(desk, edition_of(desk))
    (found,) = [one for one in examine(desk) if one.what == "releases"]
    assert (found.state, found.told) == ("fine", "1 published, each as it was made")
    (edition_of(desk).folder / shelf.NOTES).write_text("another")
    (found,) = [one for one in examine(desk) if one.what == "releases"]
    assert (found.state, "2026-Q1/0001" in found.told) == ("wrong", True)


def test_the_release_calendar_says_when_a_quarter_is_due_and_which_source_is_late(desk: Desk) -> None:
    first, *_, last = release_calendar(desk, today=date(2026, 8, 20), count=2)
    assert (first.quarter, first.due, first.state) == ("2026-Q1", date(2026, 5, 16), "0 of 2 approvals")
    assert first.late_days == 96
    assert first.sources == ("The feed is all in",)
    _, second, _ = release_calendar(desk, today=date(2026, 8, 20), count=2)
    assert (second.quarter, second.state) == ("2026-Q2", "late")
    assert second.sources == ("Police recorded incidents (local) from town: 2026-Q2 missing, 36 days late",)
    assert (last.quarter, last.state) == ("2026-Q3", "due")


def test_the_periods_of_a_release_are_quarters_whole_financial_years_and_the_last_twelve_months() -> None:
    found = covering(quarter_named("2026-Q2"), 8)
    assert [str(one) for one in found.quarters][::7] == ["2024-Q3", "2026-Q2"]
    assert [str(year) for year, _ in found.years] == ["FY2025", "2025-07-01/2026-07-01"]
    assert [str(year) for year, _ in covering(quarter_named("2026-Q1"), 8).years] == ["FY2024", "FY2025"]
    assert covering(quarter_named("2026-Q1"), 3).years == ()
    assert last_quarter(date(2026, 7, 1)).label == "2026-Q2"
    with pytest.raises(WrongUsage, match="not a quarter"):
        quarter_named("2026-07")


def test_an_agreement_of_another_home_lets_nothing_be_released(tmp_path: Path) -> None:
    assert agreement()  # the helper of other tests, so that an empty home is not an empty helper
    from pipeline.homes import desk_at
    from upstander.errors import NotAcceptable

    with pytest.raises(NotAcceptable, match="No source can be read"):
        make_release(on(desk_at(tmp_path), DAY), quarter_named(QUARTER))
