"""Every bad delivery of the corpus gets its reaction and words, from `deliver` and from the command."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline import corpus
from pipeline.homes import desk_at, made_once
from shared_data import SHARED, needs_shared
from upstander.pipeline.reading import ReadingProcess

SHARDS = 8
LARGEST = 1 << 30

pytestmark = needs_shared


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home, ready for the corpus's sender, and its key."""

    def make(folder: Path) -> None:
        corpus.home(folder)

    return made_once(tmp_path_factory, "corpus-home", make)


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[corpus.Case]:
    folder = tmp_path_factory.mktemp("corpus")
    return sorted(corpus.made(folder / "files"), key=lambda case: case.name)


def copy_of(template: Path, folder: Path) -> Path:
    """A home of its own for one case. Reference data never changes, so it is linked and not copied."""

    def copy(source: str, to: str) -> None:
        (os.link if "/reference/" in source else shutil.copy2)(source, to)

    shutil.copytree(template, folder, copy_function=copy)
    return folder


def peak_of(process: ReadingProcess) -> int:
    """The most memory the reading process held at once so far, in bytes; 0 where it has ended."""
    child = process._child
    if child is None:
        return 0
    status = Path(f"/proc/{child.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


@pytest.mark.parametrize("shard", range(SHARDS))
def test_each_bad_delivery_gets_its_reaction_and_words_within_a_gibibyte(
    template: Path, cases: list[corpus.Case], shard: int, tmp_path: Path
) -> None:
    found, peak = {}, 0
    with ReadingProcess() as reader:
        for case in cases[shard::SHARDS]:
            desk = desk_at(copy_of(template, tmp_path / case.name), now=corpus.NOW)
            said, _ = corpus.answer(desk, case, reader)
            peak = max(peak, peak_of(reader))
            if faults := corpus.faults(case, said):
                found[case.name] = faults
            shutil.rmtree(tmp_path / case.name)
    assert found == {}
    if sys.platform == "linux":
        assert 0 < peak <= LARGEST


def test_the_judge_of_a_case_can_find_each_fault(cases: list[corpus.Case]) -> None:
    case = next(case for case in cases if case.reaction == "ROWQ")
    told = {"outcome": "ROWQ", "message": f"{case.says}.", "rows_in": 3, "rows_loaded": 2, "rows_quarantined": 1,
            "rows_duplicate": 0}  # fmt: skip
    assert corpus.faults(case, told) == []
    spoilt = ({"outcome": "ACCEPT"}, {"message": "No."}, {"rows_in": 4}, {"rows_in": 2, "rows_quarantined": 0},
              {"message": f"{case.says} Adeyemi"})  # fmt: skip
    assert all(corpus.faults(case, told | one) for one in spoilt)


@pytest.mark.prove
def test_the_corpus_own_judge_passes_the_command(template: Path, tmp_path: Path, proof: Callable[..., Any]) -> None:
    said = judged(template, tmp_path, "{command} deliver {{file}} --dataset police_incidents --supplier hostile --json")
    print(said)
    passed, failed = map(int, re.findall(r"\d+", said.splitlines()[-1]))
    proof("bad deliveries answered rightly by `upstander deliver`", figure=f"{passed} of {passed + failed}",
          goal="every one")  # fmt: skip
    assert (passed >= 100, failed) == (True, 0), said


def judged(template: Path, folder: Path, words: str) -> str:
    """What the corpus's judge prints of a command."""
    files, work = folder / "files", folder / "work"
    corpus.made(files)
    reset = folder / "reset.sh"
    reset.write_text(
        f"rm -rf {shlex.quote(str(work))} && cp -a {shlex.quote(str(template))} {shlex.quote(str(work))}\n"
    )
    command = shlex.quote(str(Path(sys.executable).with_name("upstander")))
    judge = [
        sys.executable, SHARED / "hostile" / "run_corpus.py", files, "--mem-mb", "3072", "--secs", "30",
        "--reset", f"sh {shlex.quote(str(reset))}", "--cmd", words.format(command=command),
    ]  # fmt: skip
    environment = os.environ | {"UPSTANDER_HOME": str(work / "home")}
    return subprocess.run(judge, capture_output=True, text=True, env=environment, check=False).stdout
