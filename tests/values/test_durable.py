"""A file is there whole or not at all, and a lock goes with its holder."""

import subprocess
import sys
from pathlib import Path

import pytest

from upstander.errors import TryAgain
from upstander.values.durable import append_line, locked, publish, write_whole


def test_a_written_file_is_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "a" / "b.txt", b"first")
    write_whole(tmp_path / "a" / "b.txt", b"second")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.txt"]
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"second"


def test_a_failed_write_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept.txt"
    write_whole(path, b"old")

    def no_space(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_half_line_that_a_crash_left_is_ended_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    append_line(path, b"one")
    with path.open("ab") as file:
        file.write(b"hal")
    append_line(path, b"two")
    assert path.read_bytes() == b"one\nhal\ntwo\n"


def test_a_published_folder_has_its_final_name_only(tmp_path: Path) -> None:
    (tmp_path / ".building").mkdir()
    publish(tmp_path / ".building", tmp_path / "0001")
    assert [path.name for path in tmp_path.iterdir()] == ["0001"]


_HOLDER = """
import sys, time
from pathlib import Path
from upstander.values.durable import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_holder_is_told_to_try_again_until_the_first_is_killed(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", _HOLDER, lock], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(TryAgain, match="Another run"), locked(lock, patience_s=0.1):
            pass
        holder.kill()
        holder.wait()
        with locked(lock, patience_s=10):
            assert lock.exists()
