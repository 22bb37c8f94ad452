"""Indicators as declarations: one file in `measures/` says all there is to say of one number.

What is counted and where it comes from, what it is out of, for which purposes, which way is better, and what it cannot
say. Codes are never restated here: a measure names a definition of violence (`definitions/`), or values of one column.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from upstander.contracts.asking import Purpose
from upstander.contracts.catalogue import ALL, all_warehouse_columns
from upstander.contracts.codes import taxonomy
from upstander.contracts.dataset import DatasetContract
from upstander.contracts.definitions import load_definition
from upstander.contracts.errors import BadMeasure, CannotServe, NoSuchDefinition, NoSuchMeasure
from upstander.contracts.indicators import ALL_GROUP
from upstander.values.agebands import AGE_BAND_EDGES, AGE_BANDS

_STRICT = {"extra": "forbid"}  # a misspelt part of a file is an error, not a part that asks nothing
_TAXONOMIES = {
    "weapon_class": "weapon_class", "mechanism": "mechanism", "place_class": "place_class",
    "injury_severity": "injury_severity", "role": "role",
}  # fmt: skip


@dataclass(frozen=True)
class Numerator:
    """What is counted, of one dataset.

    one_is: what one of them is, in words. definition: of violence, whose criteria for this dataset hold. where: other
    columns and the values that count. sums: the column that is added up; without it rows are counted. figures:
    published figures that are added up instead, of one `group`. counted: `in_period` for what began then, or
    `on_last_day` for what stands on the last day of the period.
    """

    __pydantic_config__ = _STRICT

    dataset: str
    one_is: str
    definition: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sums: str = ""
    figures: tuple[str, ...] = ()
    group: str = ALL_GROUP
    counted: Literal["in_period", "on_last_day"] = "in_period"


@dataclass(frozen=True)
class Denominator:
    """What a rate is out of.

    kind: `resident` (who lives there), `visitor` (who is there), `cohort` (all rows of the numerator's own dataset
    that meet `where`), `published` (what the publisher gives beside the figure). of: in words. per and unit: how the
    rate is written. comes_from: where the number is had; a visitor population is mostly not to be had at all.
    """

    __pydantic_config__ = _STRICT

    kind: Literal["resident", "visitor", "cohort", "published"]
    of: str
    per: int
    unit: str
    comes_from: str
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Disclosure:
    """How the number may be shown. rule: in words, over and above the agreement's own. rate_from: the count under which
    no rate is shown.
    """

    __pydantic_config__ = _STRICT

    rule: str
    rate_from: int = 10


@dataclass(frozen=True)
class Measure:
    """One indicator. `ages` are completed years, both ends included, of numerator and residents alike.

    `purposes` lie within the ticks of the numerator's dataset. `period` is the shortest that is worth reporting.
    `because` says why it is watched and why that way is better.
    """

    __pydantic_config__ = _STRICT

    name: str
    version: str
    title: str
    says: str
    purposes: tuple[Purpose, ...]
    better: Literal["lower", "higher", "neither"]
    because: str
    period: Literal["month", "quarter", "term", "year"]
    numerator: Numerator
    denominators: tuple[Denominator, ...]
    disclosure: Disclosure
    source: str
    caveats: tuple[str, ...]
    ages: tuple[int, int] | None = None

    @property
    def age_bands(self) -> tuple[str, ...]:
        """The age bands of `ages`; none where all ages count."""
        if self.ages is None:
            return ()
        low, high = self.ages
        return tuple(
            band for band, start, end in zip(AGE_BANDS, AGE_BAND_EDGES, (*AGE_BAND_EDGES[1:], 999), strict=True)
            if low <= start and end - 1 <= high
        )  # fmt: skip

    @property
    def is_published(self) -> bool:
        """Whether the numerator is a figure that somebody has already worked out."""
        return bool(self.numerator.figures)


def parse_measure(text: str, *, where: str) -> Measure:
    """Read one declaration and hold it against datasets, definitions and code lists. `where` names the file.

    Raises BadMeasure, which says what does not exist.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        measure: Measure = TypeAdapter(Measure).validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as why:
        raise BadMeasure(f"{where} is not a TOML file: {why}", where=where) from why
    except ValidationError as why:
        first = why.errors()[0]
        part = ".".join(str(step) for step in first["loc"])
        raise BadMeasure(f"{where}, {part}: {first['msg']}. Nothing was read.", where=f"{where}, {part}") from why
    faults = list(_faults(measure))
    if faults:
        raise BadMeasure(f"{where}: {' '.join(faults)} Nothing was read.", where=where, found=faults[0])
    return measure


@cache
def all_measures() -> Mapping[str, Measure]:
    """Every shipped indicator by name, those of one dataset together, in the order of the partnership's matrix."""
    folder = files("upstander.contracts") / "measures"
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".toml")), key=lambda path: path.name)
    found = [parse_measure(path.read_text(encoding="utf-8"), where=f"measures/{path.name}") for path in paths]
    for path, measure in zip(paths, found, strict=True):
        if path.name != f"{measure.name}.toml":
            raise BadMeasure(f"measures/{path.name} names itself {measure.name}.", where=f"measures/{path.name}")
    return {one.name: one for one in sorted(found, key=lambda one: (ALL[one.numerator.dataset].number, one.name))}


def find_measure(name: str) -> Measure:
    """The indicator of that name. Raises NoSuchMeasure, naming those there are."""
    measures = all_measures()
    if name not in measures:
        raise NoSuchMeasure(f"There is no indicator '{name}'.", found=name, expected=", ".join(measures))
    return measures[name]


def _faults(measure: Measure) -> Iterator[str]:
    contract = ALL.get(measure.numerator.dataset)
    if contract is None:
        yield f"There is no dataset '{measure.numerator.dataset}'."
        return
    for purpose in sorted(set(measure.purposes) - contract.purposes.keys()):
        yield f"{contract.name} has no {purpose} tick in the matrix, so no indicator from it can serve that purpose."
    if not measure.denominators:
        yield "It names no denominator."
    if measure.ages is not None and not measure.age_bands:
        yield f"No age band lies within {measure.ages[0]} to {measure.ages[1]}."
    yield from _faults_of_figures(measure, contract) if measure.is_published else _faults_of_rows(measure, contract)


def _faults_of_figures(measure: Measure, contract: DatasetContract) -> Iterator[str]:
    numerator = measure.numerator
    for figure in sorted(set(numerator.figures) - {one.code for one in contract.indicators}):
        yield f"{contract.name} brings no figure '{figure}'."
    if numerator.group not in {ALL_GROUP, *contract.groups}:
        yield f"{contract.name} has no group '{numerator.group}'."
    if numerator.where or numerator.definition or numerator.sums:
        yield "Published figures are taken as they are: where, definition and sums ask nothing of them."


def _faults_of_rows(measure: Measure, contract: DatasetContract) -> Iterator[str]:
    numerator = measure.numerator
    columns = {column.name for column in all_warehouse_columns(contract)}
    asked = {**numerator.where, **{name: values for one in measure.denominators for name, values in one.where.items()}}
    for column in sorted({*asked, *([numerator.sums] if numerator.sums else [])} - columns):
        yield f"{contract.name} has no column '{column}'."
    for column, values in asked.items():
        known = _known_values(contract, column)
        yield from (f"'{value}' is not a value of {column}." for value in sorted(set(values) - known) if known)
    if numerator.definition:
        yield from _faults_of_definition(numerator)


def _faults_of_definition(numerator: Numerator) -> Iterator[str]:
    try:
        load_definition(numerator.definition).criteria(numerator.dataset)
    except (NoSuchDefinition, CannotServe) as why:
        yield why.message


def _known_values(contract: DatasetContract, column: str) -> set[str]:
    """The codes a warehouse column may hold; none where it is free."""
    if column in _TAXONOMIES:
        return set(taxonomy(_TAXONOMIES[column]).classes)
    sent = [one for one in contract.columns if column in one.becomes and one.codes is not None]
    return {code for one in sent if one.codes is not None for code in one.codes.meanings}


def as_json_values(measure: Measure) -> dict[str, Any]:
    """The declaration as plain values."""
    from dataclasses import asdict

    plain = asdict(measure)
    plain["purposes"] = [str(purpose) for purpose in measure.purposes]
    return plain
