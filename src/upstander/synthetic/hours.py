"""The county's hours: every hour of the period as a clock on the wall showed it, with how violent such an hour is.

Working from UTC hours gives the spring night 23 hours and the autumn night 25, with no special case.
"""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import polars as pl

from upstander.synthetic.chance import Claims, Indices, Numbers

ZONE = "Europe/London"
SETTINGS = ("home", "street", "licensed", "open_space", "transport", "school", "work", "hospital", "custody")
_WEEK = np.arange(168)
_HOUR, _DAY = _WEEK % 24, _WEEK // 24


@dataclass(frozen=True)
class Calendar:
    """Every hour of a period. `utc`: its start in UTC; the others are read off the local clock (weekday: Monday 0)."""

    utc: pl.Series
    day: Indices  # local days since 1970
    weekday: Indices
    hour: Indices
    year_share: Numbers  # 0 at New Year, 1 at the next

    @property
    def years(self) -> float:
        """Length of the period in years."""
        return len(self.utc) / (24 * 365.25)

    def within(self, start: date, end: date) -> Claims:
        """Hours whose local day lies in start up to end."""
        epoch = date(1970, 1, 1)
        return ((start - epoch).days <= self.day) & (self.day < (end - epoch).days)

    def at_night(self, nights: tuple[int, ...], from_hour: int, to_hour: int) -> Claims:
        """Hours from `from_hour` to `to_hour` next morning, on nights that start on these weekdays."""
        evening = (self.hour >= from_hour) & np.isin(self.weekday, nights)
        morning = (self.hour < to_hour) & np.isin((self.weekday - 1) % 7, nights)
        return evening | morning


def local(utc: pl.Expr) -> pl.Expr:
    """UTC moments (no zone attached) as the local clock showed them."""
    return utc.dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE).dt.replace_time_zone(None)


def make_calendar(start: date, ends: date) -> Calendar:
    """The hours from local midnight of `start` to local midnight of `ends`."""
    edges = pl.Series([datetime(day.year, day.month, day.day) for day in (start, ends)])  # noqa: DTZ001 - a wall clock
    first, after = edges.dt.replace_time_zone(ZONE).dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    hours = pl.DataFrame({"utc": pl.datetime_range(first, after, "1h", closed="left", eager=True)}).with_columns(
        at=local(pl.col("utc"))
    )
    at = hours["at"]
    return Calendar(
        hours["utc"],
        at.dt.date().to_physical().cast(pl.Int64).to_numpy(),
        at.dt.weekday().cast(pl.Int64).to_numpy() - 1,
        at.dt.hour().cast(pl.Int64).to_numpy(),
        at.dt.ordinal_day().cast(pl.Float64).to_numpy() / 366,
    )


def intensity(calendar: Calendar) -> Numbers:
    """How often violence happens in each setting (rows) and hour (columns), relative to the other hours."""
    week = np.array([_weekly_pattern()[setting] for setting in SETTINGS])
    by_hour = week[:, calendar.weekday * 24 + calendar.hour]
    summer = 1 + 0.09 * np.cos(2 * np.pi * (calendar.year_share - 0.52))
    holidays = (calendar.year_share > 0.56) & (calendar.year_share < 0.67)
    by_hour[SETTINGS.index("school"), holidays] = 0.0
    new_year = (calendar.year_share < 0.004) & (calendar.hour < 5)
    return np.asarray(by_hour * summer * np.where(new_year, 2.0, 1.0))


def _weekly_pattern() -> dict[str, Numbers]:
    """The shape of a week, Monday 00:00 first. Relative heights; the settings' shares are set elsewhere."""
    late = np.isin(_DAY, (4, 5)) & (_HOUR >= 20) | np.isin(_DAY, (5, 6)) & (_HOUR < 4)
    working = (_DAY < 5) & (_HOUR >= 8) & (_HOUR < 18)
    waking = 0.35 + 0.65 * ((_HOUR >= 8) & (_HOUR < 23))
    evening = _bump(21, 3.5)
    home = 0.35 + 1.1 * evening + 0.45 * late + 0.15 * (_DAY >= 4)
    out_of_school = ((_DAY < 5) & (_HOUR >= 15) & (_HOUR < 17)) * 0.9
    lessons = ((_DAY < 5) & (_HOUR >= 8) & (_HOUR < 16)) * 1.0
    return {
        "home": home,
        "street": 0.3 * waking + 0.5 * evening + 1.6 * late * _bump(0, 2.6) + out_of_school,
        "licensed": 0.03 + 0.35 * _bump(23, 2.5) + 3.2 * late * _bump(0.5, 2.0),
        "open_space": 0.15 * waking + 0.8 * _bump(18, 3),
        "transport": 0.3 * waking + 0.5 * _bump(17, 2.5) + 0.7 * late,
        "school": lessons,
        "work": 0.15 + 1.0 * working,
        "hospital": 0.6 + 0.3 * evening,
        "custody": 0.8 + 0.4 * late,
    }


def _bump(peak: float, spread: float) -> Numbers:
    """A rise around an hour of the day, round midnight too."""
    apart = np.abs(_HOUR - peak)
    return np.asarray(np.exp(-0.5 * (np.minimum(apart, 24 - apart) / spread) ** 2))
