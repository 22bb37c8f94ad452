"""How a finding is worded: at most sixteen words and one number, lists with `and`, dates as people say them.

A rule offers its sentences from the most telling to the plainest; the first that fits is taken, so that a place with a
long name costs detail, never sense.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

MOST_WORDS = 16
_LONGEST_UNBROKEN = 24  # characters
_CLOCK = re.compile(r"\d{2}:\d{2}")
_NUMBER = re.compile(r"\d[\d,.]*%?")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def fits(sentence: str, names: Iterable[str] = ()) -> bool:
    """Whether a finding is short enough: sixteen words, one number. Clock times and digits in names do not count."""
    bare = _CLOCK.sub("", sentence)
    for name in names:
        bare = bare.replace(name, "")
    return len(sentence.split()) <= MOST_WORDS and len(_NUMBER.findall(bare)) <= 1


def first_that_fits(sentences: Sequence[str], names: Iterable[str] = ()) -> str:
    """The first sentence that fits, else the last."""
    named = tuple(names)
    return next((sentence for sentence in sentences if fits(sentence, named)), sentences[-1])


def unbroken(sentence: str, names: Iterable[str]) -> str:
    """The sentence with short names kept on one line, by spaces that do not break."""
    for name in sorted(set(names), key=len, reverse=True):
        if len(name) <= _LONGEST_UNBROKEN:
            sentence = sentence.replace(name, name.replace(" ", "\u00a0"))
    return sentence


def listed(names: Iterable[str], last: str = "and") -> str:
    """`A, B and C`."""
    found = list(names)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} {last} {found[-1]}" if found else ""


def capital(sentence: str) -> str:
    """The sentence with its first letter raised."""
    return sentence[:1].upper() + sentence[1:]


def counted(count: int) -> str:
    """Up to twelve in letters."""
    return _SMALL[count] if count < len(_SMALL) else str(count)


def span_words(weeks: int) -> str:
    """1 as `week`, 4 as `four weeks`."""
    return "week" if weeks == 1 else f"{counted(weeks)} weeks"


def day(when: date) -> str:
    """14 October 2026."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def short_day(when: date) -> str:
    """14 Oct."""
    return f"{when.day} {_MONTHS[when.month - 1][:3]}"


def months(first: date, last: date) -> str:
    """The days from first to last: July to September 2026, April 2025 to March 2026, else 3 July to 9 July 2026."""
    if first.day == 1 and (last + timedelta(days=1)).day == 1:
        begins, ends = _MONTHS[first.month - 1], f"{_MONTHS[last.month - 1]} {last.year}"
        if (first.year, first.month) == (last.year, last.month):
            return ends
        return f"{begins} to {ends}" if first.year == last.year else f"{begins} {first.year} to {ends}"
    return f"{day(first)} to {day(last)}" if first != last else day(first)


def per_cent(share: float) -> str:
    """0.286 as `29%`; what is neither none nor all is never said to be."""
    whole = round(100 * share)
    if whole == 0 and share > 0:
        return "under 1%"
    return "over 99%" if whole == 100 and share < 1 else f"{whole}%"
