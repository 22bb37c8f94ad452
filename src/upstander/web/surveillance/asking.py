"""What a reader asks for: a window of the week, by name or by days and hours, and how many months."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from upstander.errors import WrongUsage
from upstander.pipeline.injuries.pictures import MONTHS, USUAL, Wanted
from upstander.values.windows import DAY_NAMES, Window

HOURS = tuple(f"{hour:02d}:00" for hour in range(24))
_START, _END = "20:00", "02:00"


@dataclass(frozen=True)
class Picker:
    """The day by hour picker as it stands in the page: what is chosen, and what is wrong with it."""

    days: frozenset[str]
    start: str
    end: str
    months: str
    error: str = ""

    @property
    def day_choices(self) -> list[tuple[str, str, bool]]:
        """(value, day, whether it is ticked), Monday first."""
        return [(name[:3], name, name[:3] in self.days) for name in DAY_NAMES]

    @property
    def hours(self) -> tuple[str, ...]:
        """The whole hours of a day."""
        return HOURS

    @property
    def month_choices(self) -> list[tuple[str, bool]]:
        """(months, whether they are chosen)."""
        return [(str(one), str(one) == self.months) for one in MONTHS]

    @property
    def usual(self) -> list[tuple[str, str]]:
        """(window as it is sent, its title) of the windows that are one tap away."""
        return [(one.window or "all", one.title) for one in USUAL]


def wanted_of(said: QueryDict) -> Wanted:
    """The picture that a form or an address asks for. Raises WrongUsage, with what would be right.

    `window` is a usual one, or words; left out, `day` (several), `start` and `end` say it. Nothing at all: all hours.
    """
    months = said.get("months", str(MONTHS[0]))
    window = said.get("window", "")
    if window == "all" or not (window or said.keys() & {"day", "start", "end"}):
        return Wanted.parse("", months)
    return Wanted.parse(window or _words(said), months)


def picker_for(window: str, months: str) -> Picker:
    """The picker filled with a picture's own window."""
    if not window:
        return Picker(frozenset(), _START, _END, months)
    found = Window.parse(window)
    days = frozenset(DAY_NAMES[day - 1][:3] for day in found.days)
    return Picker(days, _clock(found.start_minute), _clock(found.end_minute), months)


def picker_again(said: QueryDict, error: str) -> Picker:
    """The picker as it was sent, with what is wrong."""
    return Picker(frozenset(said.getlist("day")), said.get("start", _START), said.get("end", _END),
                  said.get("months", str(MONTHS[0])), error)  # fmt: skip


def arguments_of(wanted: Wanted) -> Mapping[str, str]:
    """What a job is given to make this picture."""
    return {"window": str(wanted.window or ""), "months": str(wanted.months)}


def _words(said: QueryDict) -> str:
    days = [name[:3] for name in DAY_NAMES if name[:3] in said.getlist("day")]
    if not days:
        raise WrongUsage("Choose at least one night.", where="day", expected="Monday to Sunday")
    if said.get("start") not in HOURS or said.get("end") not in HOURS:
        raise WrongUsage("Choose from what hour to what hour.", where="start", expected="whole hours, such as 20:00")
    start, end = str(said["start"]), str(said["end"])
    return f"{','.join(days)} {start}-{end}" if start != end else f"{','.join(days)} {_whole_day(start)}"


def _whole_day(start: str) -> str:
    if start != "00:00":
        raise WrongUsage("A window starts and ends at different hours.", where="end", expected="another hour")
    return "00:00-24:00"


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"
