"""A delivery from file to reading: what is done twice is done once, what is corrected supersedes, what waits waits."""

import json
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from intake.desk import rms
from pipeline.homes import NOW, at, counted, desk_at, injury_schedule, numbers, send, total, tree_hashes, with_pact
from upstander.contracts.readings import Outcome
from upstander.errors import WrongUsage
from upstander.intake import last_line, suppliers
from upstander.pipeline.child import run_job
from upstander.pipeline.deliver import deliver, reread
from upstander.pipeline.desk import Desk
from upstander.pipeline.held import decide_held, held_readings
from upstander.vault import Vault

TEN = [{}] * 10
MIDNIGHTS = [{"occurred_from": f"{day:02d}/07/2026 00:00", "recorded_at": ""} for day in range(1, 13)]
LINE_KEYS = {
    "outcome", "message", "rows_in", "rows_loaded", "rows_quarantined", "rows_duplicate", "rows_set_aside",
    "delivery", "reading",
}  # fmt: skip
OWN_MAP = """
based_on = "rms"
name = "fenmoor"
version = "{version}"
dated = 2026-11-01
source = "Fenmoor Police, written for this test"
agency = "Fenmoor Police"

[codes.offence_code]
"8N" = "{code}"
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return with_pact(tmp_path, injury_schedule(suppliers=["rms", "fenmoor"]))


def parts_of(desk: Desk) -> list[Path]:
    return sorted(desk.home.root.glob("warehouse/*/*/*.parquet"))


def test_a_file_that_was_delivered_is_a_reading_with_a_manifest(desk: Desk, folder: Path) -> None:
    report = send(desk, folder, rms(*TEN))
    assert report.result.outcome is Outcome.ACCEPT
    (held,) = desk.warehouse.manifests()
    assert (held.delivery, held.reading) == (report.delivery, report.reading)
    assert (str(held.covers.start), held.covers.inferred, held.sequence) == ("2026-07-01", False, 1)
    assert total(counted(desk)) == 10
    assert set(last_line(report)) == LINE_KEYS


def test_the_same_bytes_under_a_new_name_are_already_held(desk: Desk, folder: Path) -> None:
    first = send(desk, folder, rms(*TEN))
    before = tree_hashes(desk.home.root / "warehouse") | tree_hashes(desk.home.root / "vault")
    again = send(at(desk, NOW + timedelta(days=3)), folder, rms(*TEN), name="copy of rms_2026-07.csv")
    assert again.result.outcome is Outcome.NOOP
    assert "Already held: the same bytes came on 23 November 2026" in again.result.message
    assert (again.delivery, again.reading) == (first.delivery, first.reading)
    assert tree_hashes(desk.home.root / "warehouse") | tree_hashes(desk.home.root / "vault") == before
    assert total(counted(desk)) == 10


def test_the_same_bytes_that_cover_other_days_are_another_delivery(desk: Desk, folder: Path) -> None:
    first = send(desk, folder, rms(*TEN))
    second = send(desk, folder, rms(*TEN), covers="2026-07-01/2026-08-02")
    assert first.delivery != second.delivery
    assert second.result.outcome is Outcome.RESTATE


def test_a_corrected_map_gives_a_new_reading_that_supersedes(desk: Desk, folder: Path) -> None:
    layout = folder / "fenmoor.toml"
    folder.mkdir()
    layout.write_text(OWN_MAP.format(version="1", code="105A"))
    first = send(desk, folder, rms(*TEN), name="fenmoor_2026-07.csv", supplier=str(layout))
    assert numbers(counted(desk, "offence").cells) == {"105A": 10}
    layout.write_text(OWN_MAP.format(version="2", code="8N"))
    same = send(desk, folder, rms(*TEN), name="fenmoor_2026-07.csv", supplier=str(layout))
    assert same.result.outcome is Outcome.NOOP
    assert f"upstander reread {first.delivery}" in same.result.message
    second = reread(desk, first.delivery, runner=run_job)
    assert (second.delivery, second.result.outcome) == (first.delivery, Outcome.RESTATE)
    assert second.reading != first.reading
    assert numbers(counted(desk, "offence").cells) == {"8N": 10}
    assert {one.reading for one in desk.warehouse.manifests()} == {first.reading, second.reading}


def test_an_increment_that_is_read_again_keeps_its_rows(desk: Desk, folder: Path) -> None:
    daily = (Path(suppliers.__file__).parent / "rms.toml").read_text("utf-8").replace('"whole"', '"increment"')
    path = desk.home.suppliers / "rms.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(daily, "utf-8")
    first = send(desk, folder, rms(*[{}] * 12))
    path.write_text(daily.replace('version = "', 'version = "corrected ', 1), "utf-8")
    again = reread(desk, first.delivery, runner=run_job).result
    assert (again.lines.accepted, again.lines.repeated) == (12, 0)
    assert total(counted(desk)) == 10  # twelve, to the nearest five


def test_a_reread_by_the_same_map_changes_nothing(desk: Desk, folder: Path) -> None:
    first = send(desk, folder, rms(*TEN))
    assert reread(desk, first.reading, runner=run_job).result.outcome is Outcome.NOOP
    assert len(desk.warehouse.manifests()) == 1
    with pytest.raises(WrongUsage, match="No delivery 123 is held"):
        reread(desk, "123", runner=run_job)


def test_a_newer_file_for_the_same_days_restates_them(desk: Desk, folder: Path) -> None:
    send(desk, folder, rms(*TEN))
    newer = send(desk, folder, rms(*TEN, {}), name="rms_second_2026-07.csv")
    assert newer.result.outcome is Outcome.RESTATE
    assert total(counted(desk)) == 10  # 11, shown to the nearest 5
    first, second = desk.warehouse.manifests()
    assert (first.lines.accepted, second.lines.accepted) == (10, 11)
    assert [entry.event.answer for entry in desk.audit.entries() if entry.event.action.startswith("load")] == [
        "intent", "done", "intent", "done",
    ]  # fmt: skip


def test_a_file_whose_times_are_all_midnight_waits_for_a_person(desk: Desk, folder: Path) -> None:
    report = send(desk, folder, rms(*MIDNIGHTS))
    assert (report.result.outcome, last_line(report)["rows_loaded"]) == (Outcome.HOLD, 0)
    assert parts_of(desk) == []
    (waiting,) = held_readings(desk)
    assert (waiting["reading"], waiting["supplier"]) == (report.reading, "rms")
    assert "exactly midnight or noon" in waiting["why"]


def test_a_held_reading_that_is_accepted_is_the_reading_it_was(desk: Desk, folder: Path) -> None:
    report = send(desk, folder, rms(*MIDNIGHTS))
    said = decide_held(desk.asking(why="the force says so"), report.reading, accept=True)
    assert "accepted into the warehouse" in said
    assert held_readings(desk) == []
    assert [one.reading for one in desk.warehouse.manifests()] == [report.reading]
    assert total(counted(desk)) == 10  # 12, shown to the nearest 5
    events = [entry.event for entry in desk.audit.entries() if entry.event.action == f"held {report.reading}"]
    assert [(event.answer, event.why) for event in events] == [("accepted", "the force says so")]
    assert send(desk, folder, rms(*MIDNIGHTS)).result.outcome is Outcome.NOOP


def test_a_held_reading_that_is_refused_never_counts(desk: Desk, folder: Path) -> None:
    report = send(desk, folder, rms(*MIDNIGHTS))
    decide_held(desk.asking(why="the extract lost its times"), report.reading, accept=False)
    assert held_readings(desk) == []
    assert desk.warehouse.manifests() == ()
    assert Vault(desk.home.root, desk.key).has(report.result.sha256)


def test_a_decision_needs_a_reason_and_a_reading_that_waits(desk: Desk, folder: Path) -> None:
    report = send(desk, folder, rms(*MIDNIGHTS))
    with pytest.raises(WrongUsage, match="needs a reason"):
        decide_held(desk.asking(why=" "), report.reading, accept=True)
    decide_held(desk, report.reading, accept=True)
    with pytest.raises(WrongUsage, match="waits"):
        decide_held(desk, report.reading, accept=False)


def test_a_file_that_cannot_be_trusted_leaves_its_bytes_in_the_vault_and_nothing_else(desk: Desk, folder: Path) -> None:
    content = rms(*TEN).replace(b"offence_code", b"something_else")
    report = send(desk, folder, content)
    assert report.result.outcome is Outcome.FILEQ
    assert not list((desk.home.root / "warehouse").rglob("*.*"))
    assert desk.warehouse.unfinished() == ()
    with desk.vault.open_raw(report.result.sha256) as kept:
        assert kept.read() == content
    assert last_line(report)["rows_loaded"] == 0


def test_the_file_that_was_mended_loads_after_the_one_that_could_not_be(desk: Desk, folder: Path) -> None:
    send(desk, folder, rms(*TEN).replace(b"offence_code", b"something_else"))
    send(desk, folder, rms(*TEN))
    assert total(counted(desk)) == 10


def test_the_quarantine_holds_the_text_of_no_row_that_was_accepted(desk: Desk, folder: Path) -> None:
    others = [{"surname": f"Accepted{n:03d}"} for n in range(200)]
    report = send(desk, folder, rms(*others, {"surname": "Spoilt", "offence_code": "99Z"}))
    with desk.vault.open_sealed("quarantine", report.reading) as box:
        content = box.read()
    assert b"Spoilt" in content
    assert b"Accepted" not in content


def test_rows_that_are_held_back_are_counted_sealed_and_not_loaded(desk: Desk, folder: Path) -> None:
    report = send(desk, folder, rms(*TEN, {"offence_code": "99Z"}, {"occurred_from": "31/06/2026 22:00"}))
    assert (report.result.outcome, report.result.lines.quarantined) == (Outcome.ROWQ, 2)
    assert desk.vault.holds("quarantine", report.reading)
    with desk.vault.open_sealed("quarantine", report.reading) as box:
        size = int.from_bytes(box.read(8), "big")
        rows = pl.read_ipc_stream(box.read(size))
    assert sorted(rows["column"]) == ["occurred_from", "offence_code"]
    assert total(counted(desk)) == 10


def test_a_run_leaves_one_line_that_says_what_came_of_it(desk: Desk, folder: Path) -> None:
    send(desk, folder, rms(*TEN))
    send(desk, folder, rms(*TEN))
    lines = [json.loads(line) for line in desk.home.runs.read_text("utf-8").splitlines()]
    assert [(line["job"], line["outcome"]) for line in lines] == [("deliver", "ACCEPT"), ("deliver", "NOOP")]
    assert {line["rows_loaded"] for line in lines} == {10}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"dataset": "cctv"}, "There is no dataset 'cctv'"),
        ({"supplier": "nobody"}, "No supplier map is called 'nobody'"),
        ({"covers": "last summer"}, "'last summer' is not a period"),
        ({"dataset": "ed_assaults"}, "is for police_incidents, not for ed_assaults"),
    ],
)
def test_words_that_are_off_are_named_and_nothing_is_kept(
    desk: Desk, folder: Path, words: dict[str, str], said: str
) -> None:
    with pytest.raises(WrongUsage, match=said):
        send(desk, folder, rms(*TEN), **words)
    assert not (desk.home.root / "vault" / "raw").exists()


def test_a_folder_is_not_taken_in(desk: Desk, folder: Path) -> None:
    folder.mkdir()
    report = deliver(desk, folder, dataset="police_incidents", supplier="rms", runner=run_job)
    assert (report.result.outcome, report.delivery, desk.vault.names("raw")) == (Outcome.REFUSE, "", ())


def test_a_home_keeps_its_key_outside_itself(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    secret = desk.key.secret.hex().encode()
    assert not [path for path in desk.home.root.rglob("*") if path.is_file() and secret in path.read_bytes()]
    assert (tmp_path / "home.key").stat().st_mode & 0o777 == 0o600
