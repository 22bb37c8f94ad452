"""How much a heading sounds like a column: by the names that agencies give it."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files

from upstander.contracts.dataset import Column

_BETWEEN = re.compile(r"[^a-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SAME_WORDS = 0.95
_MOST_OF_IT = 0.8
_NO_MEANING = frozenset({"of", "the", "at", "a", "an", "in", "on", "or", "and"})
_SHORT_FOR = {
    "no": "number", "num": "number", "dt": "date", "tm": "time", "cd": "code", "nm": "name", "cat": "category",
    "desc": "description", "addr": "address", "ref": "reference", "yr": "year", "mth": "month", "loc": "location",
}  # fmt: skip


def plain(heading: str) -> str:
    """`CallDate_Time` as `call date time`."""
    return _BETWEEN.sub(" ", _HUMP.sub(" ", heading).lower()).strip()


def without_common_words(headings: Sequence[str]) -> dict[str, str]:
    """Each heading without the words that nearly all of them share, such as the name of the table they came from."""
    words = {heading: plain(heading).split() for heading in headings}
    counts = Counter(word for found in words.values() for word in set(found))
    common = {word for word, times in counts.items() if len(headings) > 3 and times >= _MOST_OF_IT * len(headings)}
    return {heading: " ".join(w for w in found if w not in common) or heading for heading, found in words.items()}


def likeness(heading: str, names: Iterable[str]) -> tuple[float, str]:
    """0 to 1 and the name that is most like the heading. The same words in any order are as good as the same text."""
    words = plain(heading)
    return max(((_alike(words, name), name) for name in names), default=(0.0, ""))


def names_of(column: Column, mapped: Sequence[str] = ()) -> tuple[str, ...]:
    """Every name a column goes by: its own, those its declaration gives, the field's, those that known maps use."""
    named = [column.name, *column.also_called, *_also_called()["names"].get(column.name, ()), *mapped]
    return tuple(dict.fromkeys(plain(name) for name in named))


def unwanted() -> Mapping[str, tuple[str, ...]]:
    """Why a column that extracts often carry is not wanted -> its names."""
    return {why: tuple(plain(name) for name in names) for why, names in _also_called()["unwanted"].items()}


@cache
def _also_called() -> Mapping[str, Mapping[str, Sequence[str]]]:
    text = files("upstander.intake.proposing").joinpath("also_called.toml").read_text("utf-8")
    told: Mapping[str, Mapping[str, Sequence[str]]] = tomllib.loads(text)
    return told


@cache
def _alike(words: str, name: str) -> float:
    if words == name or words.replace(" ", "") == name.replace(" ", ""):
        return 1.0
    mine, its = _meant(words), _meant(name)
    shared = sum(max((_one_word(word, other) for other in its), default=0.0) for word in mine)
    back = sum(max((_one_word(word, other) for other in mine), default=0.0) for word in its)
    # Dice's coefficient over words, where two words may be nearly the same.
    in_words = (shared + back) / (len(mine) + len(its)) if mine and its else 0.0
    spelt = SequenceMatcher(None, words, name).ratio()
    return max(_SAME_WORDS * in_words, 0.9 * spelt if spelt > 0.75 else 0.5 * spelt)


@cache
def _meant(words: str) -> frozenset[str]:
    spoken = frozenset(_SHORT_FOR.get(word, word) for word in words.split() if word not in _NO_MEANING)
    return spoken or frozenset(words.split())


@cache
def _one_word(word: str, other: str) -> float:
    """1 for the same word, nearly 1 where a letter slipped, 0 for another."""
    if word == other:
        return 1.0
    ratio = SequenceMatcher(None, word, other).ratio() if min(len(word), len(other)) > 3 else 0.0
    return ratio if ratio > 0.8 else 0.0
