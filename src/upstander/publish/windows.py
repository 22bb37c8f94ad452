"""The window of days and hours a bulletin looks through, such as `Sat 20:00-02:00`: its words and where it lies."""

from dataclasses import dataclass

from upstander.values.windows import DAY_NAMES
from upstander.values.windows import Window as WrittenWindow


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
    """The window that these words name, as it is drawn. Raises WrongUsage for words that name none."""
    written = WrittenWindow.parse(words)
    days = tuple(day - 1 for day in written.days)
    return Window(days, written.start_minute / 60, written.end_minute / 60)


def clock(hour: float) -> str:
    """20.5 as `20:30`."""
    whole = round(hour * 60) % 1440
    return f"{whole // 60:02d}:{whole % 60:02d}"


def day_words(days: tuple[int, ...]) -> str:
    """(4, 5) as `Fridays and Saturdays`; all seven as `every day`; a run of three or more as `Mondays to Thursdays`."""
    if len(days) == len(DAY_NAMES):
        return "every day"
    names = [f"{DAY_NAMES[day]}s" for day in days]
    if len(days) > 2 and days == tuple(range(days[0], days[-1] + 1)):
        return f"{names[0]} to {names[-1]}"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
