"""Panels (places × times) and lists of headings, as methods read them from a file and from parameters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import MissingColumn, UnfitNumbers, WrongType
from upstander.errors import NotAcceptable, WrongUsage

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """Places and times of a long table, in the order they come in and rising. `number`: row of each time and place."""

    frame: pl.DataFrame
    units: list[str]
    times: Array

    def matrix(self, column: str) -> Array:
        """A column as a row a time, a column a place; missing is nan."""
        values = numbers(self.frame, column).fill_null(float("nan")).to_numpy()
        grid = np.full((self.times.size, len(self.units)), np.nan)
        grid[self.frame["__time"].to_numpy(), self.frame["__unit"].to_numpy()] = values
        return grid

    def unit(self, name: str) -> int:
        """The position of a place. Raises WrongUsage, naming those there are."""
        if name not in self.units:
            raise WrongUsage(
                f"There is no place '{name}'.", where="panel", found=name, expected=", ".join(self.units)
            )  # fmt: skip
        return self.units.index(name)


def panel_of(frame: pl.DataFrame) -> Panel:
    """A long table with `unit` and `time`, one row each. Raises UnfitNumbers where a place stands twice at a time."""
    if frame.select(pl.struct("unit", "time").is_duplicated().any()).item():
        raise UnfitNumbers(
            "A place stands twice at the same time.", where="panel", expected="one row a place and time"
        )  # fmt: skip
    units = frame["unit"].unique(maintain_order=True).to_list()
    times = frame["time"].unique().sort().to_numpy()
    return Panel(
        frame.with_columns(
            __unit=pl.col("unit").replace_strict(units, list(range(len(units))), return_dtype=pl.Int64),
            __time=pl.Series(np.searchsorted(times, frame["time"].to_numpy())),
        ),
        units,
        times.astype(np.float64),
    )


def numbers(frame: pl.DataFrame, heading: str) -> pl.Series:
    """A column named by a parameter, as numbers; absent is null. Raises MissingColumn, WrongType with its row."""
    if heading not in frame.columns:
        raise MissingColumn(
            f"There is no column '{heading}'.", where=f"column {heading}", found=", ".join(frame.columns),
            expected=heading,
        )  # fmt: skip
    given = frame[heading]
    if given.dtype == pl.String:
        tidy = given.str.strip_chars()
        given = tidy.set(tidy.is_in(["", "NA", "NULL", "null", "None", "NaN"]), None)
    typed = given.cast(pl.Float64, strict=False)
    lost = typed.is_null() & given.is_not_null()
    if lost.any():
        row = int(lost.arg_true()[0]) + 1
        raise WrongType(
            f"Row {row}: {heading} is not a number.", where=f"row {row}, column {heading}",
            found="something that is not a number", expected="a number",
        )  # fmt: skip
    return typed


def complete_numbers(frame: pl.DataFrame, headings: Sequence[str]) -> Array:
    """Columns named by a parameter as a matrix. Raises UnfitNumbers where one holds a gap."""
    found = [numbers(frame, heading) for heading in headings]
    for heading, series in zip(headings, found, strict=True):
        if series.null_count():
            row = int(series.is_null().arg_true()[0]) + 1
            raise UnfitNumbers(
                f"Row {row}: {heading} is missing.", where=f"row {row}, column {heading}", found="nothing",
                expected="a number in every row",
            )  # fmt: skip
    return np.column_stack([series.to_numpy() for series in found]) if found else np.empty((frame.height, 0))


def listed(text: str) -> list[str]:
    """The words of a parameter parted by commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def times_in(text: str, times: Array, *, parameter: str) -> NDArray[np.bool_]:
    """Which times a parameter means: `1969`, `1960-1969`, `1961-1969/2`, several parted by spaces.

    Raises WrongUsage for words that are none of these, and where no time is meant.
    """
    try:
        wanted = list(chain.from_iterable(map(_span, text.split())))
    except ValueError as why:
        raise _no_times(text, parameter) from why
    found = np.isin(times, wanted)
    if not found.any():
        raise _no_times(text, parameter)
    return found


def _span(word: str) -> list[float]:
    span, _, step = word.partition("/")
    first, _, last = span.partition("-")
    return [float(each) for each in range(int(first), int(last or first) + 1, int(step or 1))]


def _no_times(text: str, parameter: str) -> WrongUsage:
    return WrongUsage(
        f"'{text}' means no time of this file.", where=f"parameter {parameter}", found=text,
        expected="1969, 1960-1969 or 1961-1969/2, times that the file holds",
    )  # fmt: skip


_OF_PEOPLE = re.compile(
    r"(^|_)(nhs|token|surname|forename|first_name|last_name|full_name|dob|date_of_birth|pnc|upn|"
    r"(person|patient|victim|suspect|offender|nominal|defendant|client|child|pupil)(_?(id|ref|no|number|name|key))?$)"
    r"(_|$)",
    re.IGNORECASE,
)
_OF_ONE_PERSON = r"^(?:[0-9a-fA-F]{32,}|\d{3} ?\d{3} ?\d{4})$"


def refuse_people(frame: pl.DataFrame, where: str) -> None:
    """Raises NotAcceptable where a heading names a person, or a column holds tokens or NHS numbers.

    A forecast is of a place or a service. One of a person would be acted on as if it were what the person will do.
    """
    found = [name for name in frame.columns if _OF_PEOPLE.search(re.sub(r"[^0-9A-Za-z]+", "_", name))]
    found += [
        name
        for name in frame.columns
        if frame[name].dtype == pl.String and bool(frame[name].str.strip_chars().str.contains(_OF_ONE_PERSON).any())
    ]
    if found:
        raise NotAcceptable(
            f"{where}: '{found[0]}' is about people. Persons are never forecast.", where=f"{where}, column {found[0]}",
            found="a column about people", expected="counts of a place or a service, a row a week",
        )  # fmt: skip
