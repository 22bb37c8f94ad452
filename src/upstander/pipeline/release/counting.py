"""The exact counts of one dataset, by measure, period, area, age and sex: one grouped query, then sums of sums.

Comes in: the rows the gate let through, as an Ibis table. Goes out: a frame of exact cells, on its way to protection.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import polars as pl

from upstander.analysis.hotspots.sureness import is_sure
from upstander.analysis.measures.counting import DIMENSIONS, meets
from upstander.contracts.asking import CountRule
from upstander.contracts.definitions import Criteria, ViolenceDefinition
from upstander.pipeline.injuries.sources import NOT_SUPPLIED, PUBLIC, SEXUAL, SURENESS
from upstander.pipeline.release.covering import Covering
from upstander.pipeline.release.ground import WHOLE, Ground, areas_above, around, with_atoms, with_remainders
from upstander.pipeline.release.plan import ALL_AGES, ALL_SEXES, DIMENSIONS_TOLD
from upstander.values.agebands import UNDER_25, UNKNOWN_AGE

if TYPE_CHECKING:
    import ibis.expr.types as ir

UNDER, OVER, NO_AGE = "under 25", "25 and over", "age not known"
AGES = (UNDER, OVER, NO_AGE)
SEXES = ("female", "male", "other or not known")
_NOT_AN_AGE = (UNKNOWN_AGE, "not_asked", "withheld", "")
_KEYS = list(DIMENSIONS_TOLD)
_TOKEN = "person_token"  # noqa: S105 - a column


@dataclass(frozen=True)
class Counted:
    """What one dataset is counted by. `measures`: definitions by the name of their measure; `day`: the counted date."""

    dataset: str
    measures: Mapping[str, ViolenceDefinition]
    day: str
    covering: Covering
    known: frozenset[str]  # the quarters that were delivered whole
    has_persons: bool  # whether ages and sexes may be counted
    rules: tuple[CountRule, ...]


def finest(rows: "ir.Table", counted: Counted) -> pl.DataFrame:
    """How many rows by measure (a flag each), quarter, located area, age and sex, and by person where a rule asks.

    A row whose place may be a home, or that is a sexual offence, keeps only its `key`: `is_placed` says so.
    """
    flags = {name: meets(rows, counted.dataset, one) for name, one in counted.measures.items()}
    labels = {
        "quarter": rows[counted.day].year().cast("string").concat("-Q", rows[counted.day].quarter().cast("string")),
        "key": DIMENSIONS["area"](rows),
        "is_placed": _is_placed(rows, counted.rules),
        "age": _age(rows) if counted.has_persons else _text(ALL_AGES),
        "sex": _sex(rows) if counted.has_persons else _text(ALL_SEXES),
    }
    tokens = {_TOKEN: rows[_TOKEN].fill_null("")} if _TOKEN in rows.columns else {}
    labelled = rows.select(**flags, **labels, **tokens)
    names = [*flags, *labels, *tokens]
    found: pl.DataFrame = labelled.group_by(names).agg(rows=lambda some: some.count()).to_polars()
    return found.sort(names)


def _text(value: str) -> "ir.StringValue":
    import ibis

    return ibis.literal(value)


def _is_placed(rows: "ir.Table", rules: Iterable[CountRule]) -> "ir.BooleanValue":
    """Whether a row may be told in an area smaller than a district."""
    placed = rows.place_class.fill_null("").isin((*PUBLIC, NOT_SUPPLIED))
    if SURENESS in rows.columns:
        placed = placed & is_sure(rows)
    if not all(rule.open_data for rule in rules):
        placed = placed & (rows.mechanism.fill_null("") != SEXUAL)
    return placed


def _age(rows: "ir.Table") -> "ir.StringValue":
    import ibis

    band = rows.age_band.fill_null("")
    return ibis.ifelse(band.isin(UNDER_25), UNDER, ibis.ifelse(band.isin(_NOT_AN_AGE), NO_AGE, OVER))


def _sex(rows: "ir.Table") -> "ir.StringValue":
    import ibis

    stated = rows.sex.fill_null("")
    return ibis.ifelse(stated.isin(SEXES[:2]), stated, SEXES[2])


def nested(measures: Mapping[str, ViolenceDefinition], dataset: str) -> tuple[tuple[str, str], ...]:
    """(wider, narrower): every record of the narrower measure counts in the wider one too, by what they ask."""
    asked = {name: one.criteria(dataset) for name, one in measures.items()}
    return tuple(
        (wide, narrow) for wide, narrow in product(asked, repeat=2)
        if wide != narrow and _within(asked[narrow], asked[wide]) and not _within(asked[wide], asked[narrow])
    )  # fmt: skip


def _within(narrow: Criteria, wide: Criteria) -> bool:
    asked = dict(narrow.where())
    return all(set(asked.get(column, ())) <= set(values) and column in asked for column, values in wide.where())


def remainder(wide: str, narrow: str) -> str:
    """The name of what the wider measure counts and the narrower does not; it is never told."""
    return f"{wide} without {narrow}"


def exact_cells(found: pl.DataFrame, counted: Counted, ground: Ground) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """Every cell (measure, period, area, age, sex; count, persons, told), and how each dimension adds up.

    Told are small areas by quarter and year for all ages, and large areas by age and sex. Untold cells are what could
    be worked out: the rest of a nested measure, the part of one area that lies in another. A period of which a quarter
    was not delivered whole has null counts.
    """
    pairs = nested(counted.measures, counted.dataset)
    long = _long(found, counted.measures, pairs)
    placed = _placed(long, ground)
    leaves = _leaves(ground, placed)
    rows = with_atoms(leaves, placed)
    measures = [*counted.measures, *(remainder(*pair) for pair in pairs)]
    cells = pl.concat([
        _of_small_areas(rows, leaves, around(ground, leaves), measures, counted),
        _by_age_and_sex(rows, leaves, measures, counted),
    ]).unique(_KEYS, keep="first", maintain_order=True)  # fmt: skip
    told = pl.col("measure").is_in(list(counted.measures)) & pl.col("area").is_in(_told_areas(ground, leaves))
    parts = [(wide, part, narrow) for wide, narrow in pairs for part in (narrow, remainder(wide, narrow))]
    return cells.with_columns(told=told).sort(_KEYS), {
        "measure": _frame(parts),
        "period": _frame([
            (str(year), str(quarter), "quarters") for year, four in counted.covering.years for quarter in four
        ]),
        "area": areas_above(ground, leaves),
        "age": _frame([(ALL_AGES, age, "ages") for age in AGES] if counted.has_persons else []),
        "sex": _frame([(ALL_SEXES, sex, "sexes") for sex in SEXES] if counted.has_persons else []),
    }  # fmt: skip


def _frame(rows: Sequence[tuple[str, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, dict.fromkeys(("parent", "child", "split"), pl.String), orient="row")


def _long(
    found: pl.DataFrame, measures: Mapping[str, ViolenceDefinition], pairs: Iterable[tuple[str, str]]
) -> pl.DataFrame:
    flags = {name: pl.col(name) for name in measures}
    flags |= {remainder(wide, narrow): pl.col(wide) & ~pl.col(narrow) for wide, narrow in pairs}
    kept = [name for name in ("quarter", "key", "is_placed", "age", "sex", _TOKEN, "rows") if name in found.columns]
    return pl.concat([found.filter(flag).select(pl.lit(name).alias("measure"), *kept) for name, flag in flags.items()])


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
    """The whole and its large areas, by age, by sex, and by both."""
    layers = ("whole", "large")
    whole = rows.with_columns(whole=pl.lit(WHOLE))
    counts = [
        _summed(whole.with_columns(*of_age, *of_sex), layer)
        for layer in layers
        for of_age in ((), (pl.lit(ALL_AGES).alias("age"),))
        for of_sex in ((), (pl.lit(ALL_SEXES).alias("sex"),))
    ]
    areas = pl.concat([pl.Series("area", [WHOLE]), leaves["large"].alias("area")])
    ages, sexes = ((*AGES, ALL_AGES), (*SEXES, ALL_SEXES)) if counted.has_persons else ((ALL_AGES,), (ALL_SEXES,))
    return _filled(counts, measures, areas, (ages, sexes), counted)


def _summed(rows: pl.DataFrame, layer: str) -> pl.DataFrame:
    by = ["measure", "quarter", "area", "age", "sex"]
    kept = rows.with_columns(area=pl.col(layer))
    tokens = [_TOKEN] if _TOKEN in rows.columns else []
    return kept.group_by([*by, *tokens]).agg(pl.col("rows").sum())


def _filled(
    counts: Sequence[pl.DataFrame], measures: list[str], areas: pl.Series,
    persons: tuple[tuple[str, ...], tuple[str, ...]], counted: Counted,
) -> pl.DataFrame:  # fmt: skip
    """Counts of every combination: nought where nothing happened, null in a period that was not delivered whole."""
    quarters = [(str(one), str(one)) for one in counted.covering.quarters]
    years = [(str(quarter), str(year)) for year, four in counted.covering.years for quarter in four]
    periods = pl.DataFrame([*quarters, *years], ["quarter", "period"], orient="row")
    # One area may be named in two layers, as the same area: its rows are the same ones, and count once.
    columns = [*_KEYS, *([_TOKEN] if _TOKEN in counts[0].columns else [])]
    rows = pl.concat([
        one.join(periods, on="quarter").group_by(columns).agg(pl.col("rows").sum()) for one in counts
    ]).unique(columns, keep="first", maintain_order=True)  # fmt: skip
    found = rows.group_by(_KEYS).agg(count=pl.col("rows").sum(), persons=_persons(rows))
    ages, sexes = persons
    labels = [str(one) for one in counted.covering.periods]
    every = (
        pl.DataFrame({"measure": measures})
        .join(pl.DataFrame({"period": labels}), how="cross")
        .join(pl.DataFrame({"area": areas.unique().sort()}), how="cross")
        .join(pl.DataFrame({"age": ages}), how="cross")
        .join(pl.DataFrame({"sex": sexes}), how="cross")
    )
    unknown = [str(one) for one in counted.covering.quarters if str(one) not in counted.known]
    missing = periods.filter(pl.col("quarter").is_in(unknown))["period"].unique().to_list()
    is_known = ~pl.col("period").is_in(missing)
    filled = every.join(found, on=_KEYS, how="left").with_columns(
        count=pl.when(is_known).then(pl.col("count").fill_null(0)).cast(pl.Int64),
        persons=pl.when(is_known).then(pl.col("persons").fill_null(0) if _TOKEN in columns else None).cast(pl.Int64),
    )
    return filled.select(*_KEYS, "count", "persons")


def _persons(rows: pl.DataFrame) -> pl.Expr:
    """Distinct persons; all rows that name none might be one more person."""
    return pl.col(_TOKEN).n_unique() if _TOKEN in rows.columns else pl.lit(None, pl.UInt32)
