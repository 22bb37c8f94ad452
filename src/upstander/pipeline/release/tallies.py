"""What a release counts of a dataset's rows: each measure that its purpose allows, and what its shares are out of."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from upstander.contracts.asking import Purpose
from upstander.contracts.catalogue import ALL
from upstander.contracts.dataset import Shape
from upstander.contracts.definitions import ViolenceDefinition
from upstander.contracts.measures import Denominator, Measure, all_measures
from upstander.pipeline.release.plan import definition_sha256
from upstander.values.agebands import AGE_BANDS, UNDER_18, UNDER_25
from upstander.values.canonical import canonical_json

UNDER, OVER, NO_AGE = "under 25", "25 and over", "age not known"
OUT_OF = ", out of"  # what the name of a whole ends in, after that of the measure that is a share of it
_UNDER_25 = (0, 24)
Asks = Mapping[str, tuple[str, ...]]


class Told(StrEnum):
    """By which periods a count is told."""

    QUARTERS = "quarters"  # quarters, and the years they add up to
    YEARS = "years"  # those years only
    TERMS = "terms"  # school terms, by the term in which it began, and school years
    STATES = "states"  # what stands on the last day of a quarter, which adds up to nothing


@dataclass(frozen=True)
class Tally:
    """One count of a dataset's rows. `asks`: columns, and the values that count; all must hold. `sums`: the column that
    is added up, else rows are counted.
    """

    name: str
    asks: Asks
    told: Told
    sums: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns it reads."""
        spell = ("event_from_local", "event_to_local") if self.told is Told.STATES else ()
        return (*self.asks, *([self.sums] if self.sums else []), *spell)


@dataclass(frozen=True)
class Ages:
    """Groups of age: label and age bands of each; every other age is of `rest`."""

    groups: tuple[tuple[str, tuple[str, ...]], ...]
    rest: str

    @property
    def labels(self) -> tuple[str, ...]:
        """Every group, `rest` last."""
        return (*(label for label, _ in self.groups), self.rest)


_OF_ADULTS = Ages(((UNDER, UNDER_25), (OVER, AGE_BANDS[len(UNDER_25) :])), NO_AGE)
_OF_YOUNG = Ages((("under 18", UNDER_18), ("18 to 24", UNDER_25[len(UNDER_18) :])), "25 and over, or not known")
_OF_CHILDREN = Ages((("under 15", UNDER_18[:-1]), ("15 to 17", UNDER_18[-1:])), "18 and over, or not known")


def ages_of(dataset: str, measures: Iterable[Measure]) -> Ages:
    """The groups that suit the people a dataset is counted of."""
    oldest = max((one.ages or ALL[dataset].ages)[1] for one in measures)
    return _OF_CHILDREN if oldest < 18 else _OF_YOUNG if oldest < 25 else _OF_ADULTS


def is_incident(dataset: str) -> bool:
    """Whether rows of a dataset say where it happened, and not where somebody lives."""
    return ALL[dataset].shape is Shape.INCIDENTS


def measures_for(purpose: Purpose, dataset: str, *, published: bool) -> dict[str, Measure]:
    """The measures of a dataset that serve a purpose: those of its rows, or those of published figures."""
    return {
        name: one for name, one in all_measures().items()
        if one.numerator.dataset == dataset and purpose in one.purposes and one.is_published == published
    }  # fmt: skip


def cell_of(measure: Measure, measures: Mapping[str, Measure]) -> tuple[str, str]:
    """The measure, and the group of age (empty for all), under whose name a measure of some ages is told: what is
    counted of everybody is told by age, so its share under 25 is no measure of its own.
    """
    for name, wide in measures.items():
        if wide.ages is None and measure.ages == _UNDER_25 and _counts_alike(wide, measure):
            return name, UNDER
    return measure.name, ""


def _counts_alike(one: Measure, other: Measure) -> bool:
    return one.numerator == other.numerator and one.period == other.period and not one.is_published


def kept(measures: Mapping[str, Measure]) -> dict[str, Measure]:
    """The measures that have cells of their own."""
    return {name: one for name, one in measures.items() if cell_of(one, measures)[0] == name}


def tally_of(measure: Measure, definition: ViolenceDefinition | None) -> Tally:
    """What a measure counts."""
    numerator = measure.numerator
    asked = definition.criteria(numerator.dataset).where() if definition else ()
    return Tally(
        measure.name, _all_of([*asked, *numerator.where.items(), *_of_ages(measure)]), told_by(measure), numerator.sums
    )


def _of_ages(measure: Measure) -> list[tuple[str, tuple[str, ...]]]:
    return [("age_band", measure.age_bands)] if measure.ages is not None else []


def cohort_of(measure: Measure) -> Denominator | None:
    """What a measure is a share of, where that is counted in the same rows."""
    return next((one for one in measure.denominators if one.kind == "cohort"), None)


def tallies_of(
    measures: Sequence[Measure], definitions: Mapping[str, ViolenceDefinition | None]
) -> tuple[dict[str, Tally], dict[str, str]]:
    """The counts by name, those of measures first; and for each share, the count that it is out of."""
    found = {one.name: tally_of(one, definitions[one.name]) for one in measures}
    out_of = {}
    for measure in measures:
        if (cohort := cohort_of(measure)) is not None:
            asks = _all_of([*cohort.where.items(), *_of_ages(measure)])
            whole = Tally(f"{measure.name}{OUT_OF}", asks, told_by(measure))
            same = [name for name, one in found.items() if (one.asks, one.told, one.sums) == (asks, whole.told, "")]
            out_of[measure.name] = same[0] if same else whole.name
            found.setdefault(out_of[measure.name], whole)
    return found, out_of


def told_by(measure: Measure) -> Told:
    """By which periods a measure is told."""
    if measure.numerator.counted == "on_last_day":
        return Told.STATES
    return {"year": Told.YEARS, "term": Told.TERMS}.get(measure.period, Told.QUARTERS)


def _all_of(parts: Iterable[tuple[str, tuple[str, ...]]]) -> Asks:
    """Where a column is asked twice, the values that meet both."""
    found: dict[str, tuple[str, ...]] = {}
    for column, values in parts:
        found[column] = tuple(one for one in values if one in found.get(column, values))
    return found


def nested(tallies: Mapping[str, Tally]) -> tuple[tuple[str, str], ...]:
    """(wider, narrower): every record of the narrower count is in the wider one too, by what they ask."""
    return tuple(
        (wide, narrow) for wide, narrow in product(tallies, repeat=2)
        if wide != narrow and _together(tallies[wide], tallies[narrow]) is not None
        and _within(tallies[narrow].asks, tallies[wide].asks) and not _within(tallies[wide].asks, tallies[narrow].asks)
    )  # fmt: skip


def remainder(wide: Tally, narrow: Tally) -> Tally:
    """What the wider of two nested counts has and the narrower has not; it is never told."""
    return Tally(f"{wide.name} without {narrow.name}", {}, _together(wide, narrow) or wide.told)


def _together(one: Tally, other: Tally) -> Told | None:
    """The periods by which both are told; None where they add up to nothing."""
    if one.sums or other.sums:
        return None
    both = {one.told, other.told}
    return one.told if len(both) == 1 else Told.YEARS if both == {Told.QUARTERS, Told.YEARS} else None


def _within(narrow: Asks, wide: Asks) -> bool:
    return all(set(narrow.get(column, ())) <= set(values) and column in narrow for column, values in wide.items())


def asked_sha256(measure: Measure, definition: ViolenceDefinition | None) -> str:
    """The hash of all that decides which rows a measure counts."""
    numerator = measure.numerator
    if definition is not None and not numerator.where:
        return definition_sha256(definition)
    own = tally_of(measure, definition) if not measure.is_published else None
    asks = sorted(own.asks.items()) if own else [*numerator.figures, numerator.group]
    cohort = cohort_of(measure)
    out_of = sorted(cohort.where.items()) if cohort else []
    return hashlib.sha256(canonical_json([asks, numerator.sums, numerator.counted, out_of])).hexdigest()
