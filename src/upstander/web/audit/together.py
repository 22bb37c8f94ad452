"""Writing together: threads that want to write at the same moment share one commit, and each waits until it is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Generic, TypeVar

Wanted = TypeVar("Wanted")
Written = TypeVar("Written")


@dataclass
class _Wish(Generic[Wanted, Written]):
    """What one thread wants written, and what came of it. `called`: it is settled, or it is this thread's turn."""

    wanted: Wanted
    called: Event = field(default_factory=Event)
    written: Written | None = None
    why_not: BaseException | None = None

    @property
    def is_settled(self) -> bool:
        return self.written is not None or self.why_not is not None


class Together(Generic[Wanted, Written]):
    """Whoever's turn it is writes for all who wait. `write` gives something for each wish, in order, or raises."""

    def __init__(self, write: Callable[[Sequence[Wanted]], Sequence[Written]]) -> None:
        self._write = write
        self._waiting: list[_Wish[Wanted, Written]] = []
        self._lock = Lock()
        self._has_writer = False

    def do(self, wanted: Wanted) -> Written:
        """What was written of this wish. Raises what writing raised, for everybody whose wish was among those."""
        mine: _Wish[Wanted, Written] = _Wish(wanted)
        with self._lock:
            self._waiting.append(mine)
            if not self._has_writer:
                self._has_writer = True
                mine.called.set()
        mine.called.wait()
        if not mine.is_settled:
            self._write_for_all()
        if mine.written is None:
            raise mine.why_not or RuntimeError("nothing was written, and nothing said why")
        return mine.written

    def _write_for_all(self) -> None:
        with self._lock:
            wishes, self._waiting = self._waiting, []
        try:
            for wish, written in zip(wishes, self._write([one.wanted for one in wishes]), strict=True):
                wish.written = written
        except BaseException as why:
            for wish in wishes:
                wish.why_not = why
        with self._lock:
            self._has_writer = bool(self._waiting)
            if self._waiting:
                self._waiting[0].called.set()
        for wish in wishes:
            wish.called.set()
