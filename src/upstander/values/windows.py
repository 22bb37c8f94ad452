"""Windows of the week on the local wall clock, such as Saturday 20:00–02:00, as people write them."""

import re
from dataclasses import dataclass
from typing import Self

from upstander.errors import WrongUsage

DAY_MINUTES = 24 * 60
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIME = re.compile(r"(\d{1,2}):?(\d{2})")
_EXAMPLES = "such as 'Sat 20:00-02:00', 'Fri-Sun 22:00-04:00', 'Fri,Sat 20:00-02:00' or 'daily 20:00-02:00'"
_ALL_DAYS = tuple(range(1, 8))


@dataclass(frozen=True)
class Window:
    """Half-open hours [start, end) on the local wall clock, on nights that start on `days` (Monday = 1).

    A window whose end is not later than its start wraps midnight; the hours after midnight belong to the night that
    started the day before. `end_minute` is minutes since midnight, 1440 for 24:00.
    """

    days: tuple[int, ...]
    start_minute: int
    end_minute: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 'Sat 20:00-02:00', 'Fri-Sun 22:00-04:00', 'Fri,Sat 20:00-02:00' or 'daily 20:00-02:00'.

        Raises WrongUsage with what is off and what would be right.
        """
        words = re.sub(r"\s*([-–,])\s*", lambda found: found[1].replace("–", "-"), text.strip()).split()
        if len(words) != 2:
            raise _not_a_window(text, "it needs days, a space, and hours")
        hours = words[1].split("-")
        if len(hours) != 2:
            raise _not_a_window(text, f"'{words[1]}' is not a pair of hours")
        start, end = _minute(hours[0], text), _minute(hours[1], text)
        if start == DAY_MINUTES:
            raise _not_a_window(text, "a window starts at 23:59 or before")
        if start == end:
            raise _not_a_window(text, "it starts and ends at the same time; for whole days write 00:00-24:00")
        return cls(_days(words[0], text), start, end)

    @property
    def wraps_midnight(self) -> bool:
        """Whether its later hours fall on the next calendar day."""
        return self.end_minute <= self.start_minute

    @property
    def clock_hours(self) -> float:
        """How long it lasts on the face of the clock, in hours; `exposure_hours` says how long it really lasted."""
        return ((self.end_minute - self.start_minute) % DAY_MINUTES or DAY_MINUTES) / 60

    def __str__(self) -> str:
        days = "daily" if self.days == _ALL_DAYS else ",".join(DAY_NAMES[day - 1][:3] for day in self.days)
        return f"{days} {_clock(self.start_minute)}-{_clock(self.end_minute)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _minute(text: str, whole: str) -> int:
    found = _TIME.fullmatch(text)
    if found is None:
        raise _not_a_window(whole, f"'{text}' is not a time; write 20:00")
    hour, minute = int(found[1]), int(found[2])
    if (hour, minute) == (24, 0):
        return DAY_MINUTES
    if hour > 23 or minute > 59:
        raise _not_a_window(whole, f"there is no {text} on a clock")
    return hour * 60 + minute


def _days(text: str, whole: str) -> tuple[int, ...]:
    if text.lower() in ("daily", "every", "all"):
        return _ALL_DAYS
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        start, end = _day(first, whole), _day(last or first, whole)
        days.update((start + step - 1) % 7 + 1 for step in range((end - start) % 7 + 1))
    return tuple(sorted(days))


def _day(text: str, whole: str) -> int:
    wanted = text.lower()
    for number, name in enumerate(DAY_NAMES, start=1):
        if len(wanted) >= 3 and name.lower().startswith(wanted):
            return number
    raise _not_a_window(whole, f"'{text}' is not a day of the week; write Mon, Tue, Wed, Thu, Fri, Sat or Sun")


def _not_a_window(text: str, why: str) -> WrongUsage:
    return WrongUsage(f"'{text}' is not a window: {why}.", where="window", found=text, expected=_EXAMPLES)
