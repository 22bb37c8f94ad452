"""The window of days and hours a bulletin looks through, such as `Sat 20:00-02:00`: its words and where it lies."""

import re
from dataclasses import dataclass

from upstander.publish.errors import NotAWindow

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WINDOW = re.compile(r"(?P<days>[A-Za-z, -]+?)\s+(?P<start>\d{2}:\d{2})\s*(?:-|–|to)\s*(?P<end>\d{2}:\d{2})")


@dataclass(frozen=True)
class Window:
    """Local hours on some nights; `end` at or before `start` runs past midnight, into the night it starts.

    days: 0 Monday to 6 Sunday, the day the night starts. start, end: hours, 0 to 24, with fractions.
    """

    days: tuple[int, ...]
    start: float
    end: float

    @property
    def hours(self) -> float:
        """How long it is open on one night."""
        return (self.end - self.start) % 24 or 24.0

    @property
    def words(self) -> str:
        """`Saturdays, 20:00 to 02:00`."""
        return f"{day_words(self.days)}, {clock(self.start)} to {clock(self.end)}"

    @property
    def title(self) -> str:
        """`Saturday 20:00 to 02:00`, for a key."""
        return self.words.replace("s,", "").replace("s and", " and") if len(self.days) < 3 else self.words


def window(words: str) -> Window:
    """Read `Sat 20:00-02:00`, `Fri,Sat 20:00-04:00`, `Fri-Sun 18:00-06:00`, `daily 22:00-04:00`. Raises NotAWindow."""
    found = _WINDOW.fullmatch(words.strip())
    days = _days(found["days"]) if found else ()
    if not found or not days:
        raise NotAWindow(
            f"'{words}' is not a window of days and hours.", found=words, expected="such as Sat 20:00-02:00",
        )  # fmt: skip
    return Window(days, _hour(found["start"]), _hour(found["end"]))


def clock(hour: float) -> str:
    """20.5 as `20:30`."""
    whole = round(hour * 60) % 1440
    return f"{whole // 60:02d}:{whole % 60:02d}"


def day_words(days: tuple[int, ...]) -> str:
    """(4, 5) as `Fridays and Saturdays`; all seven as `every day`; a run of three or more as `Mondays to Thursdays`."""
    if len(days) == len(DAYS):
        return "every day"
    names = [f"{DAYS[day]}s" for day in days]
    if len(days) > 2 and days == tuple(range(days[0], days[-1] + 1)):
        return f"{names[0]} to {names[-1]}"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _days(words: str) -> tuple[int, ...]:
    if words.strip().lower() in {"daily", "every day"}:
        return tuple(range(len(DAYS)))
    found: list[int] = []
    for part in re.split(r"\s*(?:,|\band\b)\s*", words.strip()):
        ends = [_day(name) for name in re.split(r"\s*-\s*", part)]
        if None in ends or not 1 <= len(ends) <= 2:
            return ()
        first, last = ends[0] or 0, ends[-1] or 0
        found.extend((first + step) % 7 for step in range((last - first) % 7 + 1))
    return tuple(sorted(set(found)))


def _day(name: str) -> int | None:
    short = name.strip().lower()[:3]
    known = [day.lower()[:3] for day in DAYS]
    return known.index(short) if short in known else None


def _hour(words: str) -> float:
    hours, minutes = words.split(":")
    return int(hours) + int(minutes) / 60
