"""How many pages one person may open in a minute: enough for anybody who reads, too few to empty the site by a script.

Counted in each process and in its memory, since a page should not wait for a count to be written: with some processes
the true limit lies between the setting and that many times it. The same page again within a second (again.py) is not
counted: it tells nothing new.
"""

from collections import Counter
from datetime import datetime
from threading import Lock

STRETCH_S = 60


class Lookups:
    """The pages of the minute that is running, by person."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minute = -1
        self._opened: Counter[int] = Counter()

    def count(self, person: int, at: datetime) -> int:
        """Count one page of a person, by their number; how many that makes in this minute of the UTC clock."""
        minute = int(at.timestamp()) // STRETCH_S
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._opened.clear()
            self._opened[person] += 1
            return self._opened[person]


def seconds_left(at: datetime) -> int:
    """How long this minute still runs, one second at least."""
    return STRETCH_S - int(at.timestamp()) % STRETCH_S
