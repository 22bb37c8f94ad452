"""Limits on the reading process."""

import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator

from upstander.values.system import resident_peak

PEAK_BYTES = 1 << 30
_EVERY_S = 0.05


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


def _wait_for(has_come: Callable[[], bool], exit_code: int) -> None:
    while not has_come():
        time.sleep(_EVERY_S)
    os._exit(exit_code)


def _in_background(job: Callable[[], None]) -> None:
    threading.Thread(target=job, daemon=True).start()
