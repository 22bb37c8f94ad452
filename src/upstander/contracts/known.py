"""What outsiders know of a count already: facts that whoever attacks a release starts from, as data with their source.

A homicide that the press reported is a count of one that everybody knows; a map that the police publish tells the
counts of areas. Nothing of a person is written here: a fact is a number that is public.
"""

import csv
import io
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from upstander.contracts.catalogue import ALL
from upstander.contracts.errors import BadKnown
from upstander.errors import WrongUsage
from upstander.values.periods import Period

_STRICT = {"extra": "forbid"}  # a misspelt part of a file is an error, not a fact that says less
_NUMBERS = ("value", "low", "high")


@dataclass(frozen=True)
class Fact:
    """Between `low` and `high` (whole numbers, both possible) are counted in one cell of a dataset's tables.

    `cell` are dimensions and their values, such as measure, period and area; a dimension that it leaves out is meant
    as a whole (all ages).
    """

    __pydantic_config__ = _STRICT

    dataset: str
    cell: Mapping[str, str]
    low: int
    high: int


@dataclass(frozen=True)
class Known:
    """Facts of one source. `dated` is the day they became public, `entered_by` who wrote them down."""

    __pydantic_config__ = _STRICT

    name: str
    source: str
    dated: date
    entered_by: str
    facts: tuple[Fact, ...]


def parse_known(text: str, *, where: str) -> Known:
    """Read one file of facts. `where` names it in messages. Raises BadKnown, which says what is wrong."""
    from pydantic import TypeAdapter, ValidationError

    try:
        known = TypeAdapter(Known).validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as why:
        raise BadKnown(f"{where} is not a TOML file: {why}", where=where) from why
    except ValidationError as why:
        first = why.errors()[0]
        part = ".".join(str(step) for step in first["loc"])
        raise BadKnown(f"{where}, {part}: {first['msg']}. Nothing was read.", where=f"{where}, {part}") from why
    return checked(known, where=where)


def checked(known: Known, *, where: str) -> Known:
    """The same facts, held against the datasets. Raises BadKnown for the first that cannot be."""
    if not (known.name.isidentifier() and known.source.strip() and known.entered_by.strip() and known.facts):
        raise BadKnown(
            f"{where} must give a name, a source, who entered it, and a fact at least. Nothing was read.", where=where
        )
    for number, fact in enumerate(known.facts, 1):
        if fault := next(_faults(fact), ""):
            raise BadKnown(f"{where}, fact {number}: {fault} Nothing was read.", where=f"{where}, fact {number}")
    return known


def _faults(fact: Fact) -> Iterator[str]:
    if fact.dataset not in ALL:
        yield f"There is no dataset '{fact.dataset}'."
    if not 0 <= fact.low <= fact.high:
        yield f"It says that {fact.low} to {fact.high} are counted; use whole numbers from 0, the smaller first."
    if not fact.cell:
        yield "It does not say which cell it is of."
    if "period" in fact.cell and not _is_period(fact.cell["period"]):
        yield f"'{fact.cell['period']}' is not a period, such as 2026-Q3."


def _is_period(text: str) -> bool:
    try:
        Period.parse(text)
    except WrongUsage:
        return False
    return True


def known_toml(known: Known) -> str:
    """The facts as a file, which `parse_known` reads back."""
    import tomli_w

    facts = [{"dataset": f.dataset, "low": f.low, "high": f.high, "cell": dict(f.cell)} for f in known.facts]
    told: dict[str, Any] = {"name": known.name, "source": known.source, "dated": known.dated}
    return tomli_w.dumps(told | {"entered_by": known.entered_by, "facts": facts})


def facts_in(content: bytes, *, where: str) -> tuple[Fact, ...]:
    """The facts in a table as CSV: `dataset`, `value` (or `low` and `high`), and a column for each dimension.

    An empty cell of a dimension means all of it. Raises BadKnown for a row that does not say a dataset and a number.
    """
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig", errors="replace")))
    return tuple(_fact(row, f"{where}, row {number}") for number, row in enumerate(rows, 2))


def _fact(row: Mapping[str, str | None], where: str) -> Fact:
    told = {str(name).strip(): (text or "").strip() for name, text in row.items() if isinstance(text, str | None)}
    low, high = (told.get(end) or told.get("value", "") for end in ("low", "high"))
    if not (told.get("dataset") and low.isdecimal() and high.isdecimal()):
        raise BadKnown(
            f"{where}: a fact needs a dataset, and whole numbers in `value`, or in `low` and `high`. Nothing was kept.",
            where=where, expected="dataset, value, and a column for each dimension",
        )  # fmt: skip
    cell = {name: text for name, text in told.items() if text and name not in {"dataset", *_NUMBERS}}
    return Fact(told["dataset"], cell, int(low), int(high))


def read_known(folder: Path) -> tuple[Known, ...]:
    """Every file of facts in a home's `reference/known`, by name."""
    paths = sorted(folder.glob("*.toml"))
    return tuple(parse_known(path.read_text(encoding="utf-8"), where=path.name) for path in paths)


def known_cells(
    known: Iterable[Known], dataset: str, dimensions: Sequence[str], whole: Mapping[str, str]
) -> pl.DataFrame:
    """What outsiders know of a dataset's cells: the dimensions (text), low, high (whole numbers); one row a cell.

    whole: the word for all of a dimension, where it has one. Several facts of one cell are all true, so the narrowest
    is left. Raises BadKnown for a dimension that there is not, one that has no word for all of it and is left out, and
    facts that contradict each other.
    """
    facts = [fact for one in known for fact in one.facts if fact.dataset == dataset]
    rows = [(*_key(fact, dimensions, whole), fact.low, fact.high) for fact in facts]
    schema = dict.fromkeys(dimensions, pl.String) | {"low": pl.Int64, "high": pl.Int64}
    cells = pl.DataFrame(rows, schema=schema, orient="row")
    narrow = cells.group_by(dimensions).agg(pl.col("low").max(), pl.col("high").min()).sort(dimensions)
    if (apart := narrow.filter(pl.col("low") > pl.col("high"))).height:
        cell = ", ".join(apart.select(dimensions).row(0))
        raise BadKnown(
            f"What outsiders know of {dataset}, {cell}, contradicts itself.", where=dataset, found=cell,
            expected="facts that can all be true; `upstander known list` shows them",
        )  # fmt: skip
    return narrow


def _key(fact: Fact, dimensions: Sequence[str], whole: Mapping[str, str]) -> list[str]:
    told = {**whole, **fact.cell}
    strange = sorted(set(fact.cell) - set(dimensions)) + sorted(set(dimensions) - set(told))
    if strange:
        raise BadKnown(
            f"A fact of {fact.dataset} must speak of {', '.join(dimensions)}; this one does not, in {strange[0]}.",
            where=fact.dataset, found=", ".join(fact.cell), expected=", ".join(dimensions),
        )  # fmt: skip
    return [told[name] for name in dimensions]
