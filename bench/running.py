"""Running a rival in a process of its own: how long it took, by the clock and on the processors, and its memory."""

import os
import resource
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

_PAGE = os.sysconf("SC_PAGE_SIZE")
_EVERY_S = 0.05


@dataclass(frozen=True)
class Ran:
    """One run: seconds from start to exit, processor seconds and peak resident memory in MB of its whole process tree,
    and what it said.

    Memory of several processes is added up, pages they share counted in each, so it errs on the high side.
    """

    seconds: float
    cpu_s: float
    peak_mb: float
    said: str


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> Ran:
    """Run a command to its end. Raises CalledProcessError with what it complained of if it fails."""
    began, spent = perf_counter(), _cpu_of_children()
    with subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **(env or {})},
    ) as process:  # fmt: skip
        watcher = _Watcher(process.pid)
        watcher.start()
        said, complained = process.communicate()
        seconds = perf_counter() - began
        watcher.stop()
    if process.returncode:
        failure = subprocess.CalledProcessError(process.returncode, process.args, said, complained)
        failure.add_note(f"{said[-2000:]}{complained[-2000:]}")
        raise failure
    return Ran(seconds, _cpu_of_children() - spent, watcher.peak / 1e6, said)


def _cpu_of_children() -> float:
    """Processor seconds of every process waited for so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Watcher(threading.Thread):
    """Looks at the process tree twenty times a second and keeps the largest sum."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root, self.peak, self._done = root, 0, threading.Event()

    def run(self) -> None:
        while not self._done.wait(_EVERY_S):
            self.peak = max(self.peak, sum(resident(pid) for pid in tree(self.root)))

    def stop(self) -> None:
        self._done.set()
        self.join()


def tree(root: int) -> list[int]:
    """A process and everything it started that is still running."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        for task in _listed(Path(f"/proc/{pid}/task")):
            waiting += [int(child) for child in _text(task / "children").split()]
    return found


def resident(pid: int) -> int:
    """Bytes of memory a process holds now; none once it has gone."""
    fields = _text(Path(f"/proc/{pid}/statm")).split()
    return int(fields[1]) * _PAGE if fields else 0


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, ProcessLookupError):  # it ended between two looks
        return []


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):  # it ended between two looks
        return ""
