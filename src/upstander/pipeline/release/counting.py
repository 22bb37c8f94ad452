"""The exact counts of one dataset, by measure, period, area, age and sex: one grouped query, then sums of sums.

Comes in: the rows the gate let through, as Ibis tables. Goes out: a frame of exact cells, on its way to protection.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from upstander.analysis.hotspots.sureness import is_sure
from upstander.analysis.measures.counting import DIMENSIONS, holds
from upstander.contracts.asking import CountRule
from upstander.disclosure import contributions
from upstander.pipeline.injuries.sources import NOT_SUPPLIED, PUBLIC, SEXUAL, SURENESS
from upstander.pipeline.release.covering import Covering
from upstander.pipeline.release.ground import WHOLE, Ground, areas_above, around, with_atoms, with_remainders
from upstander.pipeline.release.plan import ALL_AGES, ALL_SEXES, DIMENSIONS_TOLD
from upstander.pipeline.release.tallies import OUT_OF, Ages, Tally, Told, nested, remainder
from upstander.values.periods import Period

if TYPE_CHECKING:
    import ibis.expr.types as ir

SEXES = ("female", "male", "other or not known")
CONTRIBUTIONS = ("contributors", "top", "largest", "second")
_KEYS = list(DIMENSIONS_TOLD)
_TOKEN = "person_token"  # noqa: S105 - a column
_FACTS = ("step", "key", "is_placed", "age", "sex")
_PARENTAGE = dict.fromkeys(("parent", "child", "split"), pl.String)


@dataclass(frozen=True)
class Counted:
    """What one dataset is counted by. day: the counted date. known: the quarters or terms that were delivered whole.

    ages: the groups of age, None where ages and sexes may not be counted. rules: all that govern; rule: the strictest.
    is_crossed: whether ages and sexes are told together.
    """

    tallies: Mapping[str, Tally]
    day: str
    covering: Covering
    known: Mapping[Told, Collection[str]]
    ages: Ages | None
    rules: tuple[CountRule, ...]
    rule: CountRule
    is_crossed: bool = True

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Counts of which one is in the other."""
        return nested(self.tallies)

    @cached_property
    def every(self) -> dict[str, Tally]:
        """The counts that are told, and then the remainders of those that are nested."""
        rest = (remainder(self.tallies[wide], self.tallies[narrow]) for wide, narrow in self.pairs)
        return {**self.tallies, **{one.name: one for one in rest}}


def quarter_of(rows: "ir.Table", day: str) -> "ir.StringValue":
    """The calendar quarter of each row: 2026-Q3."""
    return rows[day].year().cast("string").concat("-Q", rows[day].quarter().cast("string"))


def term_of(rows: "ir.Table", day: str, terms: Sequence[Period]) -> "ir.StringValue":
    """The school term in which each row began; a row of no such term has none."""
    import ibis

    began = rows[day].date()
    within = [((began >= term.start) & (began < term.end), str(term)) for term in terms]
    return ibis.cases(*within, else_="") if within else ibis.literal("")


def finest(rows: "ir.Table", counted: Counted, told: Collection[Told], step: "ir.StringValue | str") -> pl.DataFrame:
    """How many rows of each count told so, by `step` (quarter or term), located area, age and sex, and by person where
    a rule asks: measure, the facts, rows (or what they sum to), events (rows that add to it).

    A row whose place may be a home, or that is a sexual offence, keeps only its `key`: `is_placed` says so.
    """
    mine = {name: one for name, one in counted.tallies.items() if one.told in told}
    flags = {name: holds(rows, one.asks) for name, one in mine.items()}
    ages = counted.ages
    labels = {
        "step": _text(step) if isinstance(step, str) else step,
        "key": DIMENSIONS["area"](rows) if "area_code" in rows.columns else _text(""),
        "is_placed": _is_placed(rows, counted.rules),
        "age": _age(rows, ages) if ages else _text(ALL_AGES),
        "sex": _sex(rows) if ages else _text(ALL_SEXES),
    }
    tokens = {_TOKEN: rows[_TOKEN].fill_null("")} if _TOKEN in rows.columns else {}
    summed = sorted({one.sums for one in mine.values() if one.sums})
    # Decimals add up to the same in any order, on any engine; floating-point numbers do not.
    amounts = {_amount(column): rows[column].fill_null(0).cast("decimal(38, 6)") for column in summed}
    labelled = rows.select(**flags, **labels, **tokens, **amounts)
    names = [*flags, *labels, *tokens]
    sums = {name: labelled[name].sum() for name in amounts} | {
        _adding(name): (labelled[name] > 0).sum() for name in amounts
    }
    found = labelled.group_by(names).agg(rows=labelled.count(), **sums).to_polars().sort(names)
    return _long(found, mine, [pair for pair in counted.pairs if set(pair) <= mine.keys()])


def _amount(column: str) -> str:
    return f"sum of {column}"


def _adding(amount: str) -> str:
    return f"rows of {amount}"


def _text(value: str) -> "ir.StringValue":
    import ibis

    return ibis.literal(value)


def _is_placed(rows: "ir.Table", rules: Sequence[CountRule]) -> "ir.BooleanValue":
    """Whether a row may be told in an area smaller than a district."""
    import ibis

    if "place_class" not in rows.columns:
        return ibis.literal(False)  # noqa: FBT003 - Ibis takes a literal by position
    placed = rows.place_class.fill_null("").isin((*PUBLIC, NOT_SUPPLIED))
    if SURENESS in rows.columns:
        placed = placed & is_sure(rows)
    if not all(rule.open_data for rule in rules):
        placed = placed & (rows.mechanism.fill_null("") != SEXUAL)
    return placed


def _age(rows: "ir.Table", ages: Ages) -> "ir.StringValue":
    import ibis

    band = rows.age_band.fill_null("")
    return ibis.cases(*((band.isin(bands), label) for label, bands in ages.groups), else_=ages.rest)


def _sex(rows: "ir.Table") -> "ir.StringValue":
    import ibis

    stated = rows.sex.fill_null("")
    return ibis.ifelse(stated.isin(SEXES[:2]), stated, SEXES[2])


def _long(found: pl.DataFrame, tallies: Mapping[str, Tally], pairs: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """One row a count and finest cell that has any."""
    kept = [*_FACTS, *([_TOKEN] if _TOKEN in found.columns else [])]
    parts = {name: (pl.col(name), one.sums) for name, one in tallies.items()}
    parts |= {
        remainder(tallies[wide], tallies[narrow]).name: (pl.col(wide) & ~pl.col(narrow), "") for wide, narrow in pairs
    }
    frames = []
    for name, (flag, sums) in parts.items():
        amount = _amount(sums)
        rows = pl.col(amount).cast(pl.Int64) if sums else pl.col("rows").cast(pl.Int64)
        events = pl.col(_adding(amount)).cast(pl.Int64) if sums else rows
        frame = found.filter(flag).select(pl.lit(name).alias("measure"), *kept, rows=rows, events=events)
        frames.append(frame.filter(pl.col("rows") > 0))
    return pl.concat(frames)


def exact_cells(long: pl.DataFrame, counted: Counted, ground: Ground) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """Every cell (measure, period, area, age, sex; count, persons, told), and how each dimension adds up.

    long: as `finest` gives it. Told are small areas by quarter and year for all ages, and large areas by age and sex.
    Untold cells are what could be worked out: the rest of a nested measure, the part of one area that lies in another.
    A period of which a step was not delivered whole has null counts. Sums have `CONTRIBUTIONS` beside.
    """
    placed = _placed(long, ground)
    leaves = _leaves(ground, placed)
    rows = with_atoms(leaves, placed)
    found = []
    for told in Told:
        measures = [name for name, one in counted.every.items() if one.told is told]
        if measures and told is Told.QUARTERS and (ground.small or ground.beside):
            found.append(_of_small_areas(rows, leaves, around(ground, leaves), measures, counted))
        if measures:
            found.append(_by_age_and_sex(rows, leaves, measures, counted))
    cells = pl.concat(found).unique(_KEYS, keep="first", maintain_order=True)
    is_told = pl.col("measure").is_in(list(counted.tallies)) & pl.col("area").is_in(_told_areas(ground, leaves))
    return cells.with_columns(told=is_told).sort(_KEYS), _above(counted, areas_above(ground, leaves))


def _above(counted: Counted, areas: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """How each dimension adds up."""
    rest = [(wide, narrow, remainder(counted.tallies[wide], counted.tallies[narrow]).name)
            for wide, narrow in counted.pairs]  # fmt: skip
    years = [(str(year), str(step), "quarters") for year, steps in counted.covering.years for step in steps]
    if any(one.told is Told.TERMS for one in counted.tallies.values()):
        years += [(str(year), str(term), "terms") for year, terms in counted.covering.school_years for term in terms]
    ages = counted.ages
    return {
        "measure": _frame([(wide, part, narrow) for wide, narrow, other in rest for part in (narrow, other)]),
        "period": _frame(years),
        "area": areas,
        "age": _frame([(ALL_AGES, age, "ages") for age in ages.labels] if ages else []),
        "sex": _frame([(ALL_SEXES, sex, "sexes") for sex in SEXES] if ages else []),
    }


def _frame(rows: Sequence[tuple[str, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, _PARENTAGE, orient="row")


def _placed(long: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    joined = long.join(ground.of, on="key", how="left", maintain_order="left")
    hidden = [pl.when("is_placed").then(name).alias(name) for name in ("small", "beside")]
    return with_remainders(ground, joined.with_columns(hidden))


def _leaves(ground: Ground, placed: pl.DataFrame) -> pl.DataFrame:
    """Every (small, large, beside) there is or could be, in order: areas without a record are zeros."""
    columns = ["small", "large", "beside"]
    unplaced = ground.of.select(small=pl.lit(None, pl.String), large="large", beside=pl.lit(None, pl.String))
    nowhere = pl.DataFrame({name: [None] for name in columns}, dict.fromkeys(columns, pl.String))
    known = with_remainders(ground, pl.concat([ground.of.select(columns), unplaced, nowhere]).unique())
    return pl.concat([known, placed.select(columns)]).unique().sort(columns)


def _told_areas(ground: Ground, leaves: pl.DataFrame) -> list[str]:
    columns = ["small", "large", *(["beside"] if ground.beside else [])]
    return [WHOLE, *(area for name in columns for area in leaves[name].unique().sort())]


def _of_small_areas(
    rows: pl.DataFrame, leaves: pl.DataFrame, beyond: pl.DataFrame, measures: list[str], counted: Counted
) -> pl.DataFrame:
    """Every area, and what lies around it, all ages and sexes together."""
    named = with_atoms(leaves, leaves).with_columns(whole=pl.lit(WHOLE))
    layers = ("whole", "large", "small", "beside", "atom")
    alike = rows.with_columns(whole=pl.lit(WHOLE), age=pl.lit(ALL_AGES), sex=pl.lit(ALL_SEXES))
    counts = [*(_summed(alike, layer) for layer in layers), _summed(alike.join(beyond, on="atom"), "around")]
    areas = pl.concat([*(named[layer].alias("area") for layer in layers), beyond["around"].alias("area")])
    return _filled(counts, measures, areas, ((ALL_AGES,), (ALL_SEXES,)), counted)


def _by_age_and_sex(rows: pl.DataFrame, leaves: pl.DataFrame, measures: list[str], counted: Counted) -> pl.DataFrame:
    """The whole and its large areas, by age and by sex, and by both where the counts are large enough for that. What a
    share is out of, and what is left of it, is told of everybody only.
    """
    layers = ("whole", "large")
    whole = rows.with_columns(whole=pl.lit(WHOLE))
    counts = [
        _summed(whole.with_columns(*of_age, *of_sex), layer)
        for layer in layers
        for of_age in ((), (pl.lit(ALL_AGES).alias("age"),))
        for of_sex in ((), (pl.lit(ALL_SEXES).alias("sex"),))
    ]
    areas = pl.concat([pl.Series("area", [WHOLE]), leaves["large"].alias("area")])
    ages = (*(counted.ages.labels if counted.ages else ()), ALL_AGES)
    sexes = (*(SEXES if counted.ages else ()), ALL_SEXES)
    cells = _filled(counts, measures, areas, (ages, sexes), counted)
    if counted.is_crossed:
        return cells
    by_age, by_sex = pl.col("age") != ALL_AGES, pl.col("sex") != ALL_SEXES
    is_share = pl.col("measure").is_in([name for name in counted.tallies if not name.endswith(OUT_OF)])
    return cells.filter(~(by_age & by_sex) & (is_share | ~(by_age | by_sex)))


def _summed(rows: pl.DataFrame, layer: str) -> pl.DataFrame:
    by = ["measure", "step", "area", "age", "sex"]
    kept = rows.with_columns(area=pl.col(layer))
    tokens = [_TOKEN] if _TOKEN in rows.columns else []
    return kept.group_by([*by, *tokens]).agg(pl.col("rows", "events").sum())


def _filled(
    counts: Sequence[pl.DataFrame], measures: list[str], areas: pl.Series,
    persons: tuple[tuple[str, ...], tuple[str, ...]], counted: Counted,
) -> pl.DataFrame:  # fmt: skip
    """Counts of every combination: nought where nothing happened, null in a period that was not delivered whole.

    measures: names of counts that are told by the same periods.
    """
    told = counted.every[measures[0]].told
    periods = _periods(told, counted.covering)
    # One area may be named in two layers, as the same area: its rows are the same ones, and count once.
    columns = [*_KEYS, *([_TOKEN] if _TOKEN in counts[0].columns else [])]
    rows = pl.concat([
        one.filter(pl.col("measure").is_in(measures)).join(periods, on="step").group_by(columns)
        .agg(pl.col("rows", "events").sum())
        for one in counts
    ]).unique(columns, keep="first", maintain_order=True)  # fmt: skip
    found = rows.group_by(_KEYS).agg(
        count=pl.col("rows").sum(), persons=_persons(rows), **_contributions(rows, counted)
    )
    ages, sexes = persons
    every = (
        pl.DataFrame({"measure": measures})
        .join(periods.select("period").unique(maintain_order=True), how="cross")
        .join(pl.DataFrame({"area": areas.unique().sort()}), how="cross")
        .join(pl.DataFrame({"age": ages}), how="cross")
        .join(pl.DataFrame({"sex": sexes}), how="cross")
    )
    missing = periods.filter(~pl.col("step").is_in(list(counted.known[told])))["period"].unique().to_list()
    is_known = ~pl.col("period").is_in(missing)
    filled = every.join(found, on=_KEYS, how="left").with_columns(
        count=pl.when(is_known).then(pl.col("count").fill_null(0)).cast(pl.Int64),
        persons=pl.when(is_known).then(pl.col("persons").fill_null(0) if _TOKEN in columns else None).cast(pl.Int64),
    )
    sums = [name for name, one in counted.tallies.items() if one.sums]
    parts = [pl.when(is_known & pl.col("measure").is_in(sums)).then(name).alias(name)
             for name in CONTRIBUTIONS if name in found.columns]  # fmt: skip
    return filled.with_columns(parts).select(*_KEYS, "count", "persons", *(part.meta.output_name() for part in parts))


def _periods(told: Told, covering: Covering) -> pl.DataFrame:
    """step, period: each quarter or term, and each period told that it is in."""
    steps = covering.terms if told is Told.TERMS else covering.quarters
    years = {Told.TERMS: covering.school_years, Told.STATES: ()}.get(told, covering.years)
    alone = [(str(one), str(one)) for one in steps] if told is not Told.YEARS else []
    within = [(str(step), str(year)) for year, some in years for step in some]
    return pl.DataFrame([*alone, *within], dict.fromkeys(("step", "period"), pl.String), orient="row")


def _persons(rows: pl.DataFrame) -> pl.Expr:
    """Distinct persons; all rows that name none might be one more person."""
    return pl.col(_TOKEN).n_unique() if _TOKEN in rows.columns else pl.lit(None, pl.UInt32)


def _contributions(rows: pl.DataFrame, counted: Counted) -> Mapping[str, pl.Expr]:
    """What few may make up of a sum. Where persons are not told apart, each row that adds to it is one of its own."""
    if not any(one.sums for one in counted.tallies.values()):
        return {}
    if _TOKEN in rows.columns:
        return contributions(pl.col("rows"), counted.rule)
    return {"contributors": pl.col("events").sum()} | {name: pl.lit(0, pl.Int64) for name in CONTRIBUTIONS[1:]}
