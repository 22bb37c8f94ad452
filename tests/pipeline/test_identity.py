"""Identity stops at intake: names, dates of birth and free text that went in are found nowhere under the home."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from intake.desk import rms
from pipeline.homes import at, counted, injury_schedule, send, with_pact
from pipeline.real import bulletin
from upstander.contracts.readings import Outcome
from upstander.contracts.releasing import Edition
from upstander.pipeline.desk import Desk
from upstander.pipeline.held import decide_held

CANARIES = (
    "Quillfeather",
    "Zebedee",
    "CANARYREF77",
    "PERSON4711",
    "Marzipan Lane",
    "17/03/2011",
    "2011-03-17",
    "QX7 7ZZ",
)
PLANTED = {
    "surname": "Quillfeather", "forename": "Zebedee", "incident_ref": "CANARYREF77", "person_ref": "PERSON4711",
    "dob": "17/03/2011", "notes": "Quillfeather was seen near Marzipan Lane by Zebedee", "postcode": "QX7 7ZZ",
    "location_text": "4 Marzipan Lane",
}  # fmt: skip
MIDNIGHT = {"occurred_from": "04/07/2026 00:00", "recorded_at": ""}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Canaries in rows that load, rows kept back, a file that is stopped, and a file that waits for a person."""
    root = tmp_path_factory.mktemp("canaries")
    desk, folder = with_pact(root, injury_schedule()), root / "sent"
    loaded = [PLANTED | {"incident_ref": f"CANARYREF77-{n}"} for n in range(12)]
    kept_back = [PLANTED | {"offence_code": "99Z"}, PLANTED | {"occurred_from": "31/06/2026 22:00"}]
    send(desk, folder, rms(*loaded, *kept_back))
    send(desk, folder, rms(*loaded).replace(b"offence_code", b"something_else"), name="stopped_2026-06.csv")
    waits = [PLANTED | MIDNIGHT | {"incident_ref": f"CANARYREF77-{n}"} for n in range(12)]
    decide_held(desk, send(desk, folder, rms(*waits), name="waits_2026-07.csv").reading, accept=True)
    send(desk, folder, rms(*waits, PLANTED | MIDNIGHT), name="still_waits_2026-07.csv")
    counted(desk, "month")
    bulletin(desk, Edition.OPERATIONAL, start=date(2025, 8, 1), end=date(2026, 8, 1))
    return desk


def found_in(folder: Path) -> set[tuple[str, str]]:
    """(canary, file) for every canary in any file below, in the bytes, and in the values of any Parquet file."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    in_bytes = {
        (canary, path.name)
        for path in files
        for content in [path.read_bytes().lower()]
        for canary in CANARIES
        if canary.lower().encode() in content or canary.lower().encode("utf-16-le") in content
    }
    in_values = {
        (canary, path.name)
        for path in files
        if path.suffix == ".parquet"
        for content in [pl.read_parquet(path).write_csv().lower()]
        for canary in CANARIES
        if canary.lower() in content
    }
    return in_bytes | in_values


def test_the_canaries_went_through_every_door(home: Desk) -> None:
    runs = (home.home.runs).read_text("utf-8")
    assert [f'"outcome":"{one.value}"' in runs for one in (Outcome.ROWQ, Outcome.FILEQ, Outcome.HOLD)] == [True] * 3
    assert len(list((home.home.root / "held").glob("*/facts.sealed"))) == 1
    assert len(list((home.home.root / "vault").rglob("*.sealed"))) >= 5


def test_a_canary_in_a_file_would_be_found(tmp_path: Path) -> None:
    pl.DataFrame({"notes": ["near Marzipan Lane"] * 100}).write_parquet(tmp_path / "part.parquet")
    (tmp_path / "log.jsonl").write_text('{"who": "quillfeather"}')
    assert found_in(tmp_path) == {("Marzipan Lane", "part.parquet"), ("Quillfeather", "log.jsonl")}


def test_no_canary_is_readable_anywhere_under_the_home(home: Desk) -> None:
    assert found_in(home.home.root) == set()


def test_every_folder_of_the_home_was_searched(home: Desk) -> None:
    names = {path.name for path in home.home.root.iterdir() if path.is_dir() and any(path.rglob("*"))}
    assert {"vault", "warehouse", "held", "agreements", "audit", "outputs", "runs"} <= names


def test_the_vault_still_has_them_for_who_holds_the_key(home: Desk) -> None:
    raws = sorted((home.home.root / "vault" / "raw").glob("*.sealed"))
    kept = [home.vault.open_raw(path.name.partition(".")[0]) for path in raws]
    assert all(b"Quillfeather" in file.read() for file in kept)
    assert len(kept) == 4


def test_the_warehouse_has_a_token_a_band_and_a_sector_instead(home: Desk) -> None:
    parts = pl.concat([pl.read_parquet(path) for path in home.home.root.glob("warehouse/*/*/*.parquet")])
    assert parts["person_token"].str.contains(r"^u1\.[^.]+\.[a-z2-7A-Z]{26}$").all()
    assert parts["person_token"].n_unique() == 1
    assert parts["age_band"].unique().to_list() == ["15-17"]
    assert set(parts["postcode_sector"]) <= {"QX7 7", ""}


def test_the_report_to_the_sender_quotes_no_canary(tmp_path: Path) -> None:
    from upstander.intake import report_html, report_text

    desk = with_pact(tmp_path)
    rows = [PLANTED | {"offence_code": "99Z"}, PLANTED | {"dob": "17/03/2011x"}, PLANTED | {"person_ref": "P" * 200}]
    report = send(at(desk, desk.now()), tmp_path / "sent", rms(*rows))
    assert report.result.lines.quarantined == 3
    said = report_text(report) + report_html(report) + desk.home.runs.read_text("utf-8")
    assert [canary for canary in CANARIES if canary in said] == []
    assert "99Z" in report_text(report)
