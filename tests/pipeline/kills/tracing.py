"""Every call by which a delivery changes files, met by the system tracer: killed there, or told that the disk is full.

A call is known by its name and its number among the calls of that name in one thread, which is how the tracer counts.
"""

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.kills.forks import Forks
from pipeline.kills.trial import Trial, faults_at_any_moment, faults_in_the_end, phase

CHANGES = (
    "write", "pwrite64", "writev", "pwritev2", "ftruncate", "fallocate", "fsync", "fdatasync", "rename", "renameat",
    "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "link", "linkat",
)  # fmt: skip
TAKES_ROOM = ("write", "pwrite64", "writev", "pwritev2", "ftruncate", "fallocate", "mkdir", "fsync", "fdatasync")
_IN_WORDS = (0, 5)  # done in spite of it, or "try again": neither a defect nor the sender's fault
_CALL = re.compile(r"^(\d+)\s+(\w+)\(", re.MULTILINE)


@dataclass(frozen=True)
class Call:
    """The `number`th call of this name in one thread, the first is 1."""

    name: str
    number: int


@dataclass
class Tally:
    """What became of traced deliveries."""

    met: set[tuple[int, Call]] = field(default_factory=set)
    phases: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def calls_of(trace: Path) -> list[tuple[int, Call]]:
    """(which thread, call) in the order in which they were made; threads are numbered as they first appear.

    A tracer older than the kernel writes down calls it has no name for, whatever it was asked to trace: none is ours.
    """
    threads: dict[str, int] = {}
    counts: Counter[tuple[int, str]] = Counter()
    made: list[tuple[int, Call]] = []
    for process, name in _CALL.findall(trace.read_text("utf-8", errors="replace")):
        if name not in CHANGES:
            continue
        thread = threads.setdefault(process, len(threads))
        counts[thread, name] += 1
        made.append((thread, Call(name, counts[thread, name])))
    return made


def rehearsed(forks: Forks, template: Trial, folder: Path) -> list[tuple[int, Call]]:
    """Every changing call of a delivery that nobody disturbs."""
    trial = template.copy(folder / "rehearsal")
    assert forks.one(trial.order(trace=_order(trial)))["exit"] == 0
    return calls_of(trial.folder / "trace")


def kill_at(forks: Forks, template: Trial, folder: Path, calls: Sequence[Call], tally: Tally) -> Tally:
    """A delivery for each call, killed as it is about to make it, then run again without a person."""
    for number, call in enumerate(calls):
        trial = template.copy(folder / f"{call.name}-{number}")
        answer = forks.one(trial.order(trace=_order(trial, call, "signal=KILL")))
        if answer["signal"]:
            made = calls_of(trial.folder / "trace")
            tally.met.add(next(one for one in reversed(made) if one[1] == call))
            tally.phases[phase(trial)] += 1
        tally.faults += [f"{call}: {fault}" for fault in _after(forks, trial)]
        shutil.rmtree(trial.folder)
    return tally


def fill_disk_at(forks: Forks, template: Trial, folder: Path, calls: Sequence[Call], tally: Tally) -> Tally:
    """A delivery for each call, told from there on that there is no room; then the room is back and it runs again."""
    for number, call in enumerate(calls):
        trial = template.copy(folder / f"full-{call.name}-{number}")
        answer = forks.one(trial.order(trace=_order(trial, call, "error=ENOSPC", on=TAKES_ROOM, and_after=True)))
        tally.phases[f"exit {answer['exit']}"] += 1
        if answer["signal"] or answer["exit"] not in _IN_WORDS:
            tally.faults.append(f"{call}: it did not end in plain words: {answer}")
        tally.faults += [f"{call}: {fault}" for fault in _after(forks, trial)]
        shutil.rmtree(trial.folder)
    return tally


def _after(forks: Forks, trial: Trial) -> Iterator[str]:
    """What is wrong now, or once the delivery has been run again."""
    now = faults_at_any_moment(trial)
    yield from now
    for expected in ({"ROWQ", "NOOP"}, {"NOOP"}):
        again = forks.one(trial.order())
        outcome = trial.acknowledged()[-1].split()[0] if again["exit"] == 0 else f"exit {again['exit']}"
        if outcome not in expected:
            yield f"run again: {outcome}, not {' or '.join(sorted(expected))}"
    yield from faults_in_the_end(trial)


def _order(
    trial: Trial, call: Call | None = None, injected: str = "", *, on: Sequence[str] = (), and_after: bool = False
) -> dict[str, object]:
    """What the server has the tracer do: nothing but write down, or meet one call."""
    told = {"calls": ",".join(CHANGES), "log": str(trial.folder / "trace"), "inject": ""}
    if call is None:
        return dict(told)
    names = ",".join(on or (call.name,))
    return told | {"inject": f"{names}:{injected}:when={call.number}{'+' if and_after else ''}"}
