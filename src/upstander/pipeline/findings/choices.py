"""What can be chosen of a release, each choice with the words that a reader knows it by."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

import polars as pl

from upstander.contracts.catalogue import ALL
from upstander.contracts.measures import all_measures
from upstander.errors import WrongUsage
from upstander.pipeline.findings.asking import COUNT
from upstander.pipeline.release import shelf
from upstander.pipeline.release.ground import NOWHERE, REMAINDER, WHOLE
from upstander.pipeline.release.plan import ALL_AGES, ALL_SEXES
from upstander.places import NoSuchLayer, Reference
from upstander.publish.words import months
from upstander.values.areas import split_layer
from upstander.values.periods import Period

_AGES = (ALL_AGES, "under 25", "25 and over")
_LAYERS: Mapping[str, tuple[str, str]] = {
    "ltla": ("district", "districts"), "utla": ("county or unitary area", "counties and unitary areas"),
    "ward": ("ward", "wards"), "lsoa": ("small area", "small areas"), "msoa": ("middle area", "middle areas"),
    "beat": ("beat", "beats"), "neighbourhood": ("neighbourhood", "neighbourhoods"), "pfa": ("force area", "forces"),
}  # fmt: skip


@dataclass(frozen=True)
class MeasureChoice:
    """One measure of the release. `source` is its dataset's title; `one_is` what one of the counted is."""

    name: str
    title: str
    says: str
    dataset: str
    source: str
    better: str
    one_is: str
    caveats: tuple[str, ...]


@dataclass(frozen=True)
class PeriodChoice:
    """One period. `kind`: month, quarter, year or span, by its length; days half-open."""

    name: str
    title: str
    kind: str
    start: date
    end: date


@dataclass(frozen=True)
class AreaChoice:
    """One area. `layer` is empty for the whole and for remainders; `within` the key of the area it lies in."""

    key: str
    name: str
    layer: str
    within: str


@dataclass(frozen=True)
class Choices:
    """Everything that occurs in the release, in the order in which a form offers it."""

    measures: tuple[MeasureChoice, ...]
    periods: tuple[PeriodChoice, ...]
    areas: tuple[AreaChoice, ...]
    ages: tuple[str, ...]
    sexes: tuple[str, ...]
    datasets: tuple[tuple[str, str], ...]
    units: tuple[str, ...]

    def measure(self, name: str) -> MeasureChoice:
        """The measure of that name."""
        return next(one for one in self.measures if one.name == name)

    def period(self, name: str) -> PeriodChoice:
        """The period of that name."""
        return next(one for one in self.periods if one.name == name)

    def area(self, key: str) -> AreaChoice:
        """The area of that key."""
        return next(one for one in self.areas if one.key == key)

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers of areas, the one with the fewest areas first."""
        found = [one.layer for one in self.areas if one.layer]
        return tuple(sorted(set(found), key=lambda layer: (found.count(layer), layer)))

    def parts_of(self, key: str) -> tuple[AreaChoice, ...]:
        """The areas that lie directly in one."""
        return tuple(one for one in self.areas if one.within == key)


def choices_of(frame: pl.DataFrame, edition: shelf.Edition, reference: Reference) -> Choices:
    """What there is to choose among some cells of an edition."""
    measures = _values(frame, "measure")
    dataset_of = dict(frame.select("measure", "dataset").unique().rows())
    held = set(dataset_of.values())
    datasets = tuple((source.dataset, ALL[source.dataset].title) for source in edition.plan.sources)
    return Choices(
        measures=tuple(_measure(name, dataset_of[name]) for name in _in_order(measures, list(all_measures()))),
        periods=_periods(_values(frame, "period")),
        areas=_areas(frame, edition, reference),
        ages=tuple(_in_order(_values(frame, "age"), _AGES)),
        sexes=tuple(_in_order(_values(frame, "sex"), (ALL_SEXES,))),
        datasets=tuple(one for one in datasets if one[0] in held),
        units=tuple(_in_order(_values(frame, "unit"), (COUNT,))),
    )


def layer_of(area: str) -> str:
    """The layer of an area's key; empty for the whole, for remainders and for parts of two areas."""
    layer, colon, code = area.partition(":")
    is_one = colon and REMAINDER not in code and " in " not in code
    return layer if is_one else ""


def layer_words(layer: str) -> tuple[str, str]:
    """What one area of a layer is called, and several: ward, wards."""
    kind = split_layer(layer)[0] if layer else ""
    return _LAYERS.get(kind, (f"{kind} area", f"{kind} areas"))


def _values(frame: pl.DataFrame, name: str) -> list[str]:
    return frame[name].unique().sort().to_list()


def _in_order(found: Iterable[str], known: Sequence[str]) -> list[str]:
    """Those that are known, in that order, then the others."""
    held = sorted(set(found))
    return [one for one in known if one in held] + [one for one in held if one not in known]


def _measure(name: str, dataset: str) -> MeasureChoice:
    one = all_measures()[name]
    return MeasureChoice(
        name, one.title, one.says, dataset, ALL[dataset].title, one.better, one.numerator.one_is, one.caveats
    )


def _periods(names: Iterable[str]) -> tuple[PeriodChoice, ...]:
    made = []
    for name in names:
        period = Period.parse(name)
        kind = {1: "month", 3: "quarter", 12: "year"}.get(round(period.days / 30.44), "span")
        made.append(PeriodChoice(name, months(period.start, period.last_day), kind, period.start, period.end))
    return tuple(sorted(made, key=lambda one: (one.end, one.start), reverse=True))


def _areas(frame: pl.DataFrame, edition: shelf.Edition, reference: Reference) -> tuple[AreaChoice, ...]:
    keys = _values(frame, "area")
    above: dict[str, str] = {}
    for hierarchies in shelf.hierarchies_of(edition).values():
        if "area" in hierarchies:  # figures that somebody has published add up to nothing of ours
            above |= dict(hierarchies["area"].filter(pl.col("split") == "areas").select("child", "parent").rows())
    names = _names(sorted({layer for layer in map(layer_of, keys) if layer}), reference)
    made = [AreaChoice(key, _called(key, names), layer_of(key), above.get(key, "")) for key in keys]
    return tuple(sorted(made, key=lambda one: (one.key != WHOLE, not one.layer, one.name)))


def _names(layers: Iterable[str], reference: Reference) -> dict[str, str]:
    found: dict[str, str] = {}
    for layer in layers:
        with suppress(NoSuchLayer, WrongUsage):  # areas of a lookup alone have codes, and mostly no names
            found |= {f"{layer}:{code}": name for code, name in reference.names(layer).items() if name}
    return found


def _called(key: str, names: Mapping[str, str]) -> str:
    if key == WHOLE:
        return "Whole area"
    if key == NOWHERE:
        return "No area known"
    whole, comma, _ = key.partition(f", {REMAINDER}")
    if comma:
        return "Rest of the whole area" if whole == WHOLE else f"Rest of {_called(whole, names)}"
    return names.get(key, key.partition(":")[2] or key)
