"""What templates may say beyond Django's own: addresses of built files, dates and times as the house writes them."""

import re
from calendar import month_name
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField

from upstander.contracts.catalogue import ALL
from upstander.web.built import address

register = template.Library()
_HERE = ZoneInfo("Europe/London")
_A_DATASET = re.compile(rf"\b({'|'.join(ALL)})\b")


@register.simple_tag
def built(name: str) -> str:
    """Where a browser finds a built file."""
    return address(name)


@register.filter
def day(moment: datetime | None) -> str:
    """14 October 2026, on the wall calendar of the partnership; empty for no moment."""
    return f"{moment.astimezone(_HERE).day} {moment.astimezone(_HERE):%B %Y}" if moment else ""


@register.filter
def last_day(until: datetime | None) -> str:
    """The last whole day before a moment at which something ends; empty for no moment."""
    return day(until - timedelta(microseconds=1)) if until else ""


@register.filter
def day_and_time(moment: datetime | None) -> str:
    """14 October 2026, 09:05, on the wall clock of the partnership; empty for no moment."""
    return f"{day(moment)}, {moment.astimezone(_HERE):%H:%M}" if moment else ""


@register.filter
def on_day(when: date) -> str:
    """14 October 2026, of a day on the wall calendar."""
    return f"{when.day} {when:%B %Y}"


@register.filter
def quarter(name: str) -> str:
    """July to September 2026, of a quarter as it is written: 2026-Q3; what is none, as it is."""
    year, _, number = name.partition("-Q")
    first = int(number) * 3 - 2 if number in {"1", "2", "3", "4"} and year.isdecimal() else 0
    return f"{month_name[first]} to {month_name[first + 2]} {year}" if first else name


@register.filter
def to_end(start: date | str, end: date | str) -> str:
    """A span from a day up to, not including, another: July 2026, July to September 2026, 3 July to 9 August 2026."""
    first, after = _as_day(start), _as_day(end)
    last = after - timedelta(days=1)
    if (first.day, after.day) != (1, 1):
        year = "" if first.year == last.year else f" {first.year}"
        return f"{first.day} {first:%B}{year} to {last.day} {last:%B %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%B %Y}"
    return f"{first:%B} to {last:%B %Y}" if first.year == last.year else f"{first:%B %Y} to {last:%B %Y}"


def _as_day(day: date | str) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day


@register.filter
def thousands(count: int) -> str:
    """1,204."""
    return f"{count:,}"


@register.filter
def dataset_title(name: str) -> str:
    """What a dataset is called on a page."""
    return ALL[name].title if name in ALL else name


@register.filter
def with_titles(said: str) -> str:
    """A sentence of the gate, with each dataset as a page calls it."""
    return _A_DATASET.sub(lambda found: dataset_title(found[0]), said)


@register.filter
def described_by(field: BoundField) -> str:
    """The ids of what a screen reader says after a field's label: its hint and its error."""
    said = [f"{field.auto_id}-hint"] if field.help_text else []
    return " ".join([*said, f"{field.auto_id}-error"] if field.errors else said)


@register.filter
def width(attributes: dict[str, str]) -> str:
    """How many characters wide an input is drawn; empty for as wide as there is room."""
    return attributes.get("data-width", "")


@register.filter
def browser(agent: str) -> str:
    """The browser and system that a user agent names, such as Firefox on Windows."""
    name = next((one for mark, one in _BROWSERS if mark in agent), "A browser")
    system = next((one for mark, one in _SYSTEMS if mark in agent), "")
    return f"{name} on {system}" if system else name


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip
