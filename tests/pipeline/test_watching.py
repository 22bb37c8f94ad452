"""A drop folder: what has arrived whole is delivered once, what still grows is left alone, nothing is followed."""

from pathlib import Path

import pytest

from intake.desk import rms
from pipeline.homes import with_pact
from upstander.errors import WrongUsage
from upstander.pipeline.child import run_job
from upstander.pipeline.desk import Desk
from upstander.pipeline.watching import DropFolder

ROWS = rms(*[{}] * 3)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return with_pact(tmp_path)


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    folder = tmp_path / "drop" / "police_incidents" / "rms"
    folder.mkdir(parents=True)
    return folder


def _look(drop: DropFolder, desk: Desk) -> list[tuple[str, str]]:
    return [
        (seen.path.name, seen.report.result.outcome.value if seen.report else seen.told)
        for seen in drop.look(desk, runner=run_job)
    ]


def test_a_file_is_delivered_when_two_looks_find_it_the_same_and_only_once(
    desk: Desk, theirs: Path, tmp_path: Path
) -> None:
    drop = DropFolder(tmp_path / "drop")
    (theirs / "rms_2026-07.csv").write_bytes(ROWS)
    assert _look(drop, desk) == []
    assert _look(drop, desk) == [("rms_2026-07.csv", "ACCEPT")]
    assert _look(drop, desk) == []
    assert DropFolder(tmp_path / "drop") != drop
    again = DropFolder(tmp_path / "drop")
    assert _look(again, desk) == []
    assert _look(again, desk) == [("rms_2026-07.csv", "NOOP")]


def test_a_file_that_grows_between_two_looks_is_left_alone(desk: Desk, theirs: Path, tmp_path: Path) -> None:
    drop, path = DropFolder(tmp_path / "drop"), theirs / "rms_2026-07.csv"
    for upto in (40, 200, 400):
        path.write_bytes(ROWS[:upto])
        assert _look(drop, desk) == []
    path.write_bytes(ROWS)
    assert _look(drop, desk) == []
    assert _look(drop, desk) == [("rms_2026-07.csv", "ACCEPT")]


def test_unfinished_names_and_control_files_are_no_deliveries(desk: Desk, theirs: Path, tmp_path: Path) -> None:
    drop = DropFolder(tmp_path / "drop")
    for name in ("rms.csv.filepart", ".DS_Store", "~$rms.xlsx", "rms_2026-07.control.json"):
        (theirs / name).write_bytes(b"{}")
    assert _look(drop, desk) + _look(drop, desk) == []


def test_a_link_and_a_folder_are_refused_by_name_and_the_others_come_in(
    desk: Desk, theirs: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.csv").write_bytes(ROWS)
    (theirs / "a.csv").symlink_to(tmp_path / "secret.csv")
    (theirs / "b.csv").mkdir()
    (theirs / "rms_2026-07.csv").write_bytes(ROWS)
    drop = DropFolder(tmp_path / "drop")
    _look(drop, desk)
    assert sorted(_look(drop, desk)) == [("a.csv", "REFUSE"), ("b.csv", "REFUSE"), ("rms_2026-07.csv", "ACCEPT")]


def test_a_feed_that_no_agreement_carries_is_told_and_stops_no_other(desk: Desk, theirs: Path, tmp_path: Path) -> None:
    for dataset in ("ed_assaults", "no_such_thing"):
        (tmp_path / "drop" / dataset / "istv").mkdir(parents=True)
        (tmp_path / "drop" / dataset / "istv" / "a.csv").write_bytes(b"a,b\n1,2\n")
    (theirs / "rms_2026-07.csv").write_bytes(ROWS)
    drop = DropFolder(tmp_path / "drop")
    _look(drop, desk)
    told = [said for _, said in _look(drop, desk)]
    assert len(told) == 3
    assert "ACCEPT" in told
    assert any("is no dataset" in said for said in told)


def test_what_is_held_is_taken_out_where_that_was_asked_and_what_is_not_stays(
    desk: Desk, theirs: Path, tmp_path: Path
) -> None:
    (theirs / "rms_2026-07.csv").write_bytes(ROWS)
    (theirs / "broken.csv").write_bytes(b"a,b\n1,2\n")
    drop = DropFolder(tmp_path / "drop", removes=True)
    _look(drop, desk)
    assert dict(_look(drop, desk)) == {"rms_2026-07.csv": "ACCEPT", "broken.csv": "FILEQ"}
    assert [path.name for path in theirs.iterdir()] == ["broken.csv"]


def test_a_folder_that_is_none_is_wrong_usage(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="is no folder"):
        _look(DropFolder(tmp_path / "nowhere"), desk)
