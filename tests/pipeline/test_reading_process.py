"""The reading process: what it may take, what happens to a file that takes more, and what is told of a defect."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.desk import rms
from pipeline.homes import counted, injury_schedule, send, total, with_pact
from upstander.contracts.readings import Outcome
from upstander.errors import NotAcceptable, WrongUsage
from upstander.pipeline import reading as reading_module
from upstander.pipeline.desk import Desk
from upstander.pipeline.reading import ChildFailed, OutOfBounds, ReadingProcess, ReadJob

TEN = rms(*[{}] * 10)
OFF_MAP = """
based_on = "rms"
name = "fenmoor"
version = "1"
dated = 2026-11-01
source = "Written for this test"
agency = "Fenmoor Police"

[places]
crs = "upstanding:nowhere"
layers = []
"""
# A child of our own making runs first and changes what the reading process does, then is that process.
_BEFORE = "import os, sys, time, runpy\n{trap}\nsys.argv = ['child']\nrunpy.run_module('upstander.pipeline.child', run_name='__main__')\n"  # noqa: E501
_IN_READ = "import upstander.intake as intake\ndef read(*a, **k):\n    {does}\nintake.read = read\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return with_pact(tmp_path, injury_schedule(suppliers=["rms", "fenmoor"]))


@contextlib.contextmanager
def a_child_that(does: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[ReadingProcess]:
    """A reading process whose `intake.read` does this instead."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "child.py"
    script.write_text(_BEFORE.format(trap=_IN_READ.format(does=does)))
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}"\n')
    python.chmod(0o755)
    with monkeypatch.context() as changed, ReadingProcess() as process:
        changed.setattr(reading_module.sys, "executable", str(python))
        yield process


def test_one_process_reads_one_file_after_another(desk: Desk, folder: Path) -> None:
    with ReadingProcess() as reader:
        first = send(desk, folder, TEN, runner=reader)
        second = send(desk, folder, rms(*[{"occurred_from": "03/08/2026 21:00", "recorded_at": ""}] * 10),
                      name="rms_2026-08.csv", runner=reader)  # fmt: skip
    assert [one.result.outcome for one in (first, second)] == [Outcome.ACCEPT, Outcome.ACCEPT]
    assert total(counted(desk)) == 20


def test_the_process_gives_what_reading_here_and_now_gives(tmp_path: Path, folder: Path) -> None:
    here = send(with_pact(tmp_path / "here"), folder, TEN)
    with ReadingProcess() as reader:
        there = send(with_pact(tmp_path / "there"), folder, TEN, runner=reader)
    assert here.result == there.result
    assert here.reading == there.reading


def test_a_file_that_takes_too_much_memory_is_stopped_in_plain_words_and_the_next_one_is_read(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hungry = "hoard = [bytearray(64 << 20) for _ in range(18)]; time.sleep(30)"
    stopped = pytest.raises(OutOfBounds, match="more than 1 GiB of memory")
    with a_child_that(hungry, monkeypatch, folder) as process, stopped as caught:
        send(desk, folder, TEN, runner=process)
    assert (caught.value.exit_code, caught.value.state) == (NotAcceptable.exit_code, "Nothing was loaded.")
    assert desk.warehouse.unfinished() == ()
    with ReadingProcess() as reader:
        assert send(desk, folder, TEN, runner=reader).result.outcome is Outcome.ACCEPT


def test_a_file_that_takes_too_long_is_stopped_in_plain_words_and_the_next_one_is_read(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_module, "_BASE_S", 5.0)
    stopped = pytest.raises(OutOfBounds, match="more than 5 seconds")
    with a_child_that("time.sleep(600)", monkeypatch, folder) as process, stopped as caught:
        send(desk, folder, TEN, runner=process)
    assert "split it by month" in caught.value.expected
    monkeypatch.undo()
    with ReadingProcess() as reader:
        assert send(desk, folder, TEN, runner=reader).result.outcome is Outcome.ACCEPT


def test_one_process_outlives_the_job_that_killed_its_child(desk: Desk, folder: Path) -> None:
    jobs: list[ReadJob] = []

    with ReadingProcess() as reader:

        def killed(job: ReadJob, quarantine: reading_module.Quarantine) -> object:
            jobs.append(job)
            child = reader._child or reader._started()
            child.kill()
            return reader(job, quarantine)

        with pytest.raises(ChildFailed, match="stopped with code -9") as caught:
            send(desk, folder, TEN, runner=killed)  # type: ignore[arg-type]
        assert caught.value.state == "Nothing was loaded; the file is kept."
        assert send(desk, folder, TEN, runner=reader).result.outcome is Outcome.ACCEPT
    assert len(jobs) == 1


def test_a_defect_in_the_process_is_told_by_its_place_and_never_by_its_words(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = "raise ValueError('Quillfeather, born 17/03/2011')"
    told = pytest.raises(ChildFailed, match="a defect of Upstander, not of your file")
    with a_child_that(fault, monkeypatch, folder) as process, told as caught:
        send(desk, folder, TEN, runner=process)
    assert caught.value.exit_code == 1
    assert caught.value.where.startswith("pipeline/child.py:")
    assert "Quillfeather" not in str(caught.value.facts()) + repr(caught.value)
    assert desk.warehouse.unfinished() == ()


def test_what_somebody_can_mend_is_told_in_its_own_words(desk: Desk, folder: Path) -> None:
    folder.mkdir()
    layout = folder / "off.toml"
    layout.write_text(OFF_MAP)
    row = {"easting": "458000", "northing": "304000", "area_code": "", "postcode": ""}
    with ReadingProcess() as reader:
        with pytest.raises(WrongUsage, match="'upstanding:nowhere' is not a coordinate reference system") as caught:
            send(desk, folder, rms(row), supplier=str(layout), runner=reader)
        assert "EPSG:27700" in caught.value.expected
        assert send(desk, folder, TEN, runner=reader).result.outcome is Outcome.ACCEPT


def test_what_is_left_of_a_job_that_was_given_up_is_not_taken_for_the_next_one_s(desk: Desk, folder: Path) -> None:
    def full(_batch: bytes) -> None:
        raise OSError(28, "No space left on device")

    with ReadingProcess() as reader:
        with pytest.raises(OSError, match="No space left"):
            send(
                desk, folder, rms({"offence_code": "99Z"}), name="given_up_2026-06.csv",
                runner=lambda job, _: reader(job, full),
            )  # fmt: skip
        report = send(desk, folder, TEN, runner=reader)
    assert (report.result.outcome, report.result.lines.accepted) == (Outcome.ACCEPT, 10)


def test_the_process_never_gets_the_home_s_key(desk: Desk, folder: Path) -> None:
    seen: list[ReadJob] = []

    def looked_at(job: ReadJob, quarantine: reading_module.Quarantine) -> object:
        from upstander.pipeline.child import run_job

        seen.append(job)
        return run_job(job, quarantine)

    send(desk, folder, TEN, runner=looked_at)  # type: ignore[arg-type]
    assert desk.key.secret.hex() not in repr(seen[0])
    assert len(set(seen[0].token_keys.values()) | {seen[0].data_key}) == 5
