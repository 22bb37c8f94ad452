"""What lies at a path before it is a delivery: links, folders and unfinished files are told apart from files."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from intake.desk import rms
from pipeline.homes import with_pact
from upstander.contracts.readings import Outcome
from upstander.errors import WrongUsage
from upstander.intake import DeliveryReport
from upstander.pipeline.checking import check
from upstander.pipeline.child import run_job
from upstander.pipeline.deliver import deliver
from upstander.pipeline.desk import Desk

ROWS = rms(*[{}] * 3)
POLICE = {"dataset": "police_incidents", "supplier": "rms", "runner": run_job}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return with_pact(tmp_path)


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


def _put(path: Path, content: bytes = ROWS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _answers(desk: Desk, path: Path) -> DeliveryReport:
    """What is answered; a check has to say the same."""
    report = deliver(desk, path, **POLICE)
    checked = check(desk.home.root, path, **POLICE)
    assert checked.result.outcome is report.result.outcome
    assert checked.result.message.startswith(report.result.message)
    return report


def test_a_link_is_refused_and_what_it_leads_to_is_not_kept(desk: Desk, drop: Path) -> None:
    _put(drop / "elsewhere.csv")
    (drop / "f.csv").symlink_to(drop / "elsewhere.csv")
    report = _answers(desk, drop / "f.csv")
    assert (report.result.outcome, "link" in report.result.message) == (Outcome.REFUSE, True)
    assert desk.vault.names("raw") == ()


def test_a_folder_and_what_lies_in_a_folder_named_like_a_file_are_refused(desk: Desk, drop: Path) -> None:
    inside = _put(drop / "f.csv" / "readme.txt", b"not a file")
    for path in (drop / "f.csv", inside):
        report = _answers(desk, path)
        assert (report.result.outcome, "folder" in report.result.message) == (Outcome.REFUSE, True)


def test_a_pipe_is_refused_and_nobody_waits_for_it(desk: Desk, drop: Path) -> None:
    os.mkfifo(drop / "f.csv")
    assert _answers(desk, drop / "f.csv").result.outcome is Outcome.REFUSE


@pytest.mark.parametrize(
    "name",
    ["f.csv.filepart", "f.csv.part", "f.csv.crdownload", "~$f.xlsx", ".DS_Store", "Thumbs.db", "f.csv~", ".f.csv.swp"],
)
def test_an_unfinished_file_waits_and_nothing_of_it_is_kept(name: str, desk: Desk, drop: Path) -> None:
    report = _answers(desk, _put(drop / name, ROWS[:90]))
    assert (report.result.outcome, "still arriving" in report.result.message.lower()) == (Outcome.HOLD, True)
    assert desk.vault.names("raw") == ()


@pytest.mark.parametrize(
    "name", ["partial_rms.csv", "temperature.csv", "-rf --help; $(id) \u202egnp.csv", "x" * 200 + ".csv"]
)
def test_a_file_whose_name_only_sounds_odd_comes_in(name: str, desk: Desk, drop: Path) -> None:
    assert _answers(desk, _put(drop / name)).result.outcome is Outcome.ACCEPT


def test_nothing_at_a_path_is_wrong_usage(desk: Desk, drop: Path) -> None:
    with pytest.raises(WrongUsage, match="There is no file"):
        deliver(desk, drop / "f.csv", **POLICE)


# ── The control file ────────────────────────────────────────────────────────────────────────────────────────────────


def _control(path: Path, **said: object) -> None:
    path.write_text(json.dumps(said))


def test_a_file_that_is_as_its_sender_said_comes_in(desk: Desk, drop: Path) -> None:
    path = _put(drop / "f.csv")
    _control(
        drop / "f.control.json", rows=3, sha256=hashlib.sha256(ROWS).hexdigest().upper(), covers="2026-07",
        extracted_at="2026-08-03T07:00:00Z",
    )  # fmt: skip
    assert _answers(desk, path).result.outcome is Outcome.ACCEPT
    (held,) = desk.warehouse.manifests()
    assert (str(held.covers.start), held.covers.inferred) == ("2026-07-01", False)
    assert held.extracted_at is not None
    assert held.extracted_at.isoformat() == "2026-08-03T07:00:00+00:00"


def test_a_file_that_was_cut_or_changed_is_not_loaded_and_its_lines_are_accounted_for(desk: Desk, drop: Path) -> None:
    path = _put(drop / "f.csv", ROWS[:-40])
    _control(drop / "f.csv.control.json", rows=3, sha256=hashlib.sha256(ROWS).hexdigest())
    result = _answers(desk, path).result
    assert result.outcome is Outcome.FILEQ
    assert "checksum in the control file" in result.message
    assert result.lines.physical == result.lines.quarantined == ROWS[:-40].count(b"\n") + 1
    assert desk.vault.names("raw") == (hashlib.sha256(ROWS[:-40]).hexdigest(),)
    assert desk.warehouse.manifests() == ()


def test_a_file_with_fewer_rows_than_its_sender_counted_is_not_loaded(desk: Desk, drop: Path) -> None:
    path = _put(drop / "f.csv")
    _control(drop / "f.control.json", rows=4)
    result = _answers(desk, path).result
    assert (result.outcome, result.lines.adds_up) == (Outcome.FILEQ, True)
    assert "control file says 4 rows, and 3 were found" in result.message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not json", "not JSON"), ("[1]", "no object"), ('{"rows": "forty"}', "`rows`"), ('{"rows": -1}', "`rows`"),
        ('{"sha256": "abc"}', "`sha256`"), ('{"covers": "the summer"}', "`covers`"),
        ('{"extracted_at": "2026-08-03"}', "`extracted_at`"),
    ],
)  # fmt: skip
def test_a_control_file_that_cannot_be_used_is_named_and_nothing_loads(
    content: str, said: str, desk: Desk, drop: Path
) -> None:
    path = _put(drop / "f.csv")
    (drop / "f.control.json").write_text(content)
    result = _answers(desk, path).result
    assert result.outcome is Outcome.FILEQ
    assert said in result.message


def test_what_a_person_types_goes_before_what_the_control_file_says(desk: Desk, drop: Path) -> None:
    path = _put(drop / "f.csv")
    _control(drop / "f.control.json", covers="2026-06")
    report = deliver(desk, path, covers="2026-07", **POLICE)
    assert report.result.outcome is Outcome.ACCEPT


def test_the_same_bytes_with_another_control_file_are_checked_again_after_they_were_stopped(
    desk: Desk, drop: Path
) -> None:
    path = _put(drop / "f.csv")
    _control(drop / "f.control.json", rows=4)
    assert deliver(desk, path, **POLICE).result.outcome is Outcome.FILEQ
    _control(drop / "f.control.json", rows=3)
    assert deliver(desk, path, **POLICE).result.outcome is Outcome.ACCEPT
