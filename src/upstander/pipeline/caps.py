"""Limits on the reading process. The only module that may use POSIX resource limits."""

import contextlib
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PEAK_BYTES = 1 << 30
_EVERY_S = 0.05


def resident_peak() -> int:
    """The most memory this process has held so far, in bytes; 0 where the system does not tell.

    Linux's own account is read first: `getrusage` counts in what the parent held when it started this process.
    """
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text("utf-8", "replace").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1024
    with contextlib.suppress(ImportError):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return int(peak if sys.platform == "darwin" else peak * 1024)
    return 0


def watch_memory(exit_code: int, *, limit: int = PEAK_BYTES) -> None:
    """Leave at once with `exit_code` when this process has held more than `limit` bytes."""
    _in_background(lambda: _wait_for(lambda: resident_peak() > limit, exit_code))


def lines_until_parent_goes(exit_code: int) -> Iterator[bytes]:
    """Each line of standard input as it comes. When input ends, the parent has gone: leave at once, mid-job or not."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def listen() -> None:
        while line := sys.stdin.buffer.readline():
            lines.put(line)
        os._exit(exit_code)

    _in_background(listen)
    while True:
        yield lines.get()


def is_orphan(parent: int) -> bool:
    """Whether the process of this id, which started this one, has gone. False where the system does not tell."""
    return sys.platform != "win32" and os.getppid() != parent


def _wait_for(has_come: Callable[[], bool], exit_code: int) -> None:
    while not has_come():
        time.sleep(_EVERY_S)
    os._exit(exit_code)


def _in_background(job: Callable[[], None]) -> None:
    threading.Thread(target=job, daemon=True).start()
