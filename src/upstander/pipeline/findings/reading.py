"""One published edition, read once: its cells with their figures, and what answers a question."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path

import polars as pl
from pydantic import TypeAdapter

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import About, ReleasedTable
from upstander.disclosure import Publication, derive, released, strictest
from upstander.pipeline.findings.asking import COUNT, NotReleased, Question
from upstander.pipeline.findings.choices import Choices, choices_of, layer_of
from upstander.pipeline.home import Home
from upstander.pipeline.release import shelf
from upstander.pipeline.release.plan import ALL_AGES, ALL_SEXES, DIMENSIONS_TOLD
from upstander.pipeline.release.store import Figure, Store
from upstander.places import Reference, open_reference, pinned_reference
from upstander.values.periods import Period

_NUMBERS = ("value", "low", "high", "status")
_RULE, _ABOUT = TypeAdapter(CountRule), TypeAdapter(About)
_KEY = (*DIMENSIONS_TOLD, "unit")
_COLUMNS = ("figure", "table", "dataset", *DIMENSIONS_TOLD, "layer", "unit", *_NUMBERS)


@dataclass(frozen=True)
class Findings:
    """An edition as it can be asked, whole or as one reader sees it (`scope`: the datasets, the areas hidden).

    `frame`: one row a cell: figure, table, dataset, the dimensions, layer, unit, value, low, high, status. Counts and
    published figures (unit: count), and the rates of large areas; those of others are worked out (working.py).
    """

    edition: shelf.Edition
    sha256: str
    reference: Reference = field(repr=False)
    frame: pl.DataFrame = field(repr=False, compare=False)
    scope: tuple[frozenset[str], frozenset[str]] | None = None

    @property
    def hidden(self) -> frozenset[str]:
        """The areas that are hidden from this reader."""
        return self.scope[1] if self.scope else frozenset()

    @cached_property
    def choices(self) -> Choices:
        """What can be chosen."""
        return choices_of(self.frame, self.edition, self.reference)

    def cells(self, question: Question) -> pl.DataFrame:
        """The released cells that answer, ordered by their dimensions. Raises NotReleased, which says what would."""
        found = self.frame.filter(_wanted(question))
        if found.is_empty():
            raise self._not_released(question)
        return found.sort(_KEY)

    def open_to(self, question: Question, part: str) -> tuple[str, ...]:
        """The values of one part that have a cell together with the other parts of a question."""
        return _open_to(self, replace(question, **{part: ()}), part)

    def table(self, question: Question, name: str, *, title: str = "") -> ReleasedTable:
        """The counts that answer as a released table with all dimensions, under the rules of their dataset. Raises
        NotReleased, also where the answer would be of several datasets, whose rules differ.
        """
        found = self.cells(replace(question, unit=(COUNT,)))
        datasets = found["dataset"].unique().to_list()
        if len(datasets) != 1:
            raise NotReleased(
                "One table is of one dataset, whose rules it stands under.", {"dataset": tuple(sorted(datasets))},
                found=", ".join(sorted(datasets)), expected="one of them",
            )  # fmt: skip
        tables = [_whole(self, one) for one in found["table"].unique().sort().to_list()]
        keys = found.select("table", *DIMENSIONS_TOLD)
        parts = [keys.filter(pl.col("table") == one.name).drop("table") for one in tables]
        about = _about(tables[0].about, self._periods(found), title, found)
        return derive(name, DIMENSIONS_TOLD, about, tables, lambda *cells: _picked(cells, parts))

    def figure(self, figure: str) -> Figure:
        """One figure by its id, with how it was made. Raises NotReleased where these findings hold none of that id."""
        held = self.frame.filter(pl.col("figure") == figure)
        if held.is_empty():
            raise NotReleased(
                f"{self.edition.name} has no figure of that id.", {}, found=figure, expected="an id that a table gives"
            )
        table = str(held["table"][0])
        cell = figure.partition(f"/{table}/")[2]  # a cell may hold a slash of its own, as a span of days does
        return Store(self.edition).figure(table, dict(part.split("=", 1) for part in cell.split(";")))

    def seen(self, datasets: Collection[str], hidden: Collection[str] = ()) -> "Findings":
        """The same for a reader of these datasets only, from whom some areas, and all that lies in them, are hidden."""
        return _seen(self, frozenset(datasets), frozenset(hidden))

    def _periods(self, found: pl.DataFrame) -> Period:
        periods = [Period.parse(one) for one in found["period"].unique().sort().to_list()]
        return periods[0] if len(periods) == 1 else Period.between(
            min(one.start for one in periods), max(one.end for one in periods)
        )  # fmt: skip

    def _not_released(self, question: Question) -> NotReleased:
        open_to = {part: self.open_to(question, part) for part in question.parts}
        told = {part: values for part, values in open_to.items() if question.parts[part] != (COUNT,)}
        said = "; ".join(f"{part}: {', '.join(values) or 'nothing'}" for part, values in told.items())
        return NotReleased(
            f"{self.edition.name} tells no figure of {question}. With the rest of the question it tells: {said}.",
            open_to, found=str(question), expected=said, state="Nothing is shown.",
        )  # fmt: skip


def findings_of(home: Home, edition: shelf.Edition) -> Findings:
    """An edition, read once a process, with the areas and populations that it pinned, or the newest where those are
    gone. Its seals are for the caller to check. Raises what reading it raises.
    """
    pins = (*edition.plan.reference, *edition.plan.people)
    reference = _reference(home.reference, pins, _traces(home.reference))
    return _read(edition.sha256, edition.folder.as_posix(), edition, reference)


@lru_cache(maxsize=8)
def _reference(folder: Path, pins: tuple[tuple[str, str], ...], _traces: tuple[tuple[str, int], ...]) -> Reference:
    return pinned_reference(folder, pins) or open_reference(folder)


def _traces(folder: Path) -> tuple[tuple[str, int], ...]:
    """When anything was last loaded: each kind's folder changes with it."""
    return tuple(sorted((one.name, one.stat().st_mtime_ns) for one in folder.glob("*") if one.is_dir()))


@lru_cache(maxsize=8)
def _read(sha256: str, _folder: str, edition: shelf.Edition, reference: Reference) -> Findings:
    told = shelf.cells_of(edition, shelf.FIGURES_TABLE).select("figure", "table", "cell", *_NUMBERS)
    parts = {name: pl.col("cell").str.extract(rf"(?:^|;){name}=([^;]*)") for name in DIMENSIONS_TOLD}
    parts |= {name: parts[name].fill_null(whole) for name, whole in (("age", ALL_AGES), ("sex", ALL_SEXES))}
    dataset = {one.name: source.dataset for source in edition.plan.sources for one in source.measures}
    layers = {area: layer_of(area) for area in told.select(parts["area"].alias("area"))["area"].unique().to_list()}
    frame = (
        told.with_columns(**parts, unit=pl.col("cell").str.extract(r";per=(.*)$").fill_null(COUNT))
        .with_columns(dataset=pl.col("measure").replace_strict(dataset, default=None, return_dtype=pl.String))
        .drop_nulls("dataset")
        .with_columns(layer=pl.col("area").replace_strict(layers, return_dtype=pl.String))
        .unique(_KEY, keep="first", maintain_order=True)
    )
    return Findings(edition, sha256, reference, frame.select(_COLUMNS))


@lru_cache(maxsize=4_096)
def _open_to(findings: Findings, question: Question, part: str) -> tuple[str, ...]:
    return tuple(findings.frame.filter(_wanted(question))[part].unique().sort().to_list())


@lru_cache(maxsize=256)
def _whole(findings: Findings, table: str) -> ReleasedTable:
    """The cells of one table of an edition that these findings hold, as they were released."""
    about = about_of((findings.edition.folder / f"{table}.json").read_bytes())
    cells = findings.frame.filter(table=table, unit=COUNT).select(*DIMENSIONS_TOLD, *_NUMBERS)
    told = cells.with_columns(vintage=pl.lit(""), told=pl.lit(value=True), why=pl.lit(None, pl.String))
    return released(Publication(DIMENSIONS_TOLD, told, {}, strictest(about.rules)), table, about)


def about_of(content: bytes) -> About:
    """What a table says of itself, out of the file that lies beside it in a release (see outputs.described)."""
    said = json.loads(content)["about"]
    method, _, version = said.pop("method").rpartition(" ")
    rules = [_RULE.validate_python({k: v for k, v in rule.items() if k != "says"}) for rule in said.pop("rules")]
    return _ABOUT.validate_python({
        **said, "period": Period.parse(said["period"]), "rules": rules, "method": method, "method_version": version,
    })  # fmt: skip


@lru_cache(maxsize=64)
def _seen(findings: Findings, datasets: frozenset[str], hidden: frozenset[str]) -> Findings:
    above = {one.key: one.within for one in findings.choices.areas}
    kept = [area for area in above if not _lies_in(area, above, hidden)]
    frame = findings.frame.filter(pl.col("dataset").is_in(datasets) & pl.col("area").is_in(kept))
    return replace(findings, frame=frame, scope=(datasets, hidden))


def _lies_in(area: str, above: dict[str, str], hidden: frozenset[str]) -> bool:
    while area:
        if area in hidden or area.partition(", ")[0] in hidden:
            return True
        area = above.get(area, "")
    return False


def _wanted(question: Question) -> pl.Expr:
    asked = [pl.col(name).is_in(list(values)) for name, values in question.parts.items()]
    return pl.all_horizontal(pl.lit(value=True), *asked)


def _picked(cells: tuple[pl.DataFrame, ...], keys: list[pl.DataFrame]) -> pl.DataFrame:
    kept = [one.join(key, on=DIMENSIONS_TOLD, how="semi") for one, key in zip(cells, keys, strict=True)]
    return pl.concat(kept)


def _about(about: About, period: Period, title: str, found: pl.DataFrame) -> About:
    layers = [one for one in found["layer"].unique().sort().to_list() if one]
    return replace(about, title=title or about.title, period=period, area_layer=", ".join(layers))
