"""A worker: takes one job after another, and says all the while that it is alive."""

import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable

from django.db import Error, connection, connections
from django.utils import timezone

from upstander.errors import TryAgain
from upstander.web.work.claiming import beat, claim, leave
from upstander.web.work.models import BEAT_S, Job
from upstander.web.work.running import run

_IDLE_S = 1.0
_DATABASE_AWAY_S = 5.0


class Worker:
    """One worker of the home that is served. Several may work at once, in as many processes.

    `stop` lets it end in good order: the job in hand is finished, or given back at its next step.
    """

    def __init__(self, *, is_orphan: Callable[[], bool] = lambda: False) -> None:
        self.name = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"
        self._stopping, self._is_orphan = threading.Event(), is_orphan
        self._in_hand: Job | None = None

    def stop(self, *_: object) -> None:
        """End soon. May be called by a signal."""
        self._stopping.set()

    def stop_on_signals(self) -> None:
        """SIGTERM and SIGINT end it in good order."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)

    def work(self, *, once: bool = False) -> int:
        """Do what waits, and go on waiting; `once`: until nothing waits. How many jobs were in hand."""
        load_kinds()
        pulse = threading.Thread(target=self._pulse, daemon=True)
        count = 0
        try:
            self._beat()
            pulse.start()
            while not self._must_go():
                did = self._one()
                count += did
                if not did and once:
                    break
                if not did:
                    self._stopping.wait(_IDLE_S)
        finally:
            self._stopping.set()
            if pulse.is_alive():
                pulse.join()
            _quietly(lambda: leave(self.name))
        return count

    def _one(self) -> bool:
        """Whether there was a job. While the database is away, wait for it."""
        try:
            self._in_hand = claim(self.name, timezone.now())
            if self._in_hand is not None:
                run(self._in_hand, must_go=self._must_go)
                return True
        except (Error, TryAgain):  # the job in hand counts as silent from now on, and is begun again
            connection.close()
            self._stopping.wait(_DATABASE_AWAY_S)
        finally:
            self._in_hand = None
        return False

    def _must_go(self) -> bool:
        return self._stopping.is_set() or self._is_orphan()

    def _beat(self) -> None:
        beat(self.name, self._in_hand, timezone.now())

    def _pulse(self) -> None:
        while not self._stopping.wait(BEAT_S):
            _quietly(self._beat)
        connections.close_all()  # this thread's own


def load_kinds() -> None:
    """Every part registers its kinds of work when its addresses are loaded."""
    import upstander.web.urls  # noqa: F401


def _quietly(say: Callable[[], None]) -> None:
    """A word that cannot be said now is said at the next beat."""
    try:
        say()
    except Error:
        connection.close()
