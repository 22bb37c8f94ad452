"""What is asked of a bulletin."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from upstander.analysis.hotspots.windows import Window
from upstander.contracts.releasing import Edition
from upstander.errors import WrongUsage
from upstander.values.periods import Period

SOURCES = ("ambulance_callouts", "police_incidents", "ed_assaults")
"""In the order of the partnership's own proof of concept: ambulance, police, hospital."""


@dataclass(frozen=True)
class Asked:
    """One bulletin. `period` is what the tables cover; `actions` a CSV of the last meeting's actions, if there was one.

    `window` is None for all hours, which an operational picture may show. `layer` is the layer of areas to draw, empty
    for the finest that is loaded. `made_on` is a local day.
    """

    window: Window | None
    period: Period
    edition: Edition
    definition: str
    layer: str
    actions: Path | None
    recipients: tuple[str, ...]
    made_on: date
    seed: int = 20210618


def standing_period(first: str | None, last: str | None, *, newest: date | None, today: date) -> Period:
    """The local days a bulletin covers: from `first` to `last`, both inside it, ISO dates.

    Left out, it ends with the newest day delivered (else today) and begins twelve months before.
    """
    try:
        end = date.fromisoformat(last) + timedelta(days=1) if last else newest or today
        start = date.fromisoformat(first) if first else end.replace(year=end.year - 1, day=min(end.day, 28))
    except ValueError as why:
        raise WrongUsage(f"{why}.", found=f"{first} to {last}", expected="days such as 2026-07-04") from why
    return Period.between(start, end)
