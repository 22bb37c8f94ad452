"""Rates and shares of a release, worked out of the counts that it shows: so many of those who live there, or of all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from upstander.contracts.measures import Denominator, Measure
from upstander.contracts.releasing import About, ReleasedTable, Status
from upstander.disclosure import derive, strictest
from upstander.pipeline.indicators.rates import rates_of
from upstander.pipeline.release.ground import WHOLE, Ground
from upstander.pipeline.release.plan import ALL_AGES, ALL_SEXES, DIMENSIONS_TOLD
from upstander.pipeline.release.tallies import cell_of, cohort_of
from upstander.places import NoSuchLayer, Reference
from upstander.values.periods import Period

DIMENSIONS_RATED = (*DIMENSIONS_TOLD, "per")
_SHOWN = Status.SHOWN.value
_YEAR = 365.25
_ON = ["period", "area"]
_BLANK = dict.fromkeys(DIMENSIONS_RATED, pl.String) | dict.fromkeys(("value", "low", "high"), pl.Float64)


@dataclass(frozen=True)
class Sizes:
    """What rates are out of. residents: area, age (completed years), persons; None where no population is loaded.

    out_of: for each share, the count of the release that it is of. published: measure, period, area, out_of.
    """

    residents: pl.DataFrame | None
    out_of: Mapping[str, str]
    published: pl.DataFrame | None = None


def residents_of(reference: Reference, layers: Sequence[str], ground: Ground) -> pl.DataFrame | None:
    """area, age, persons: who lives in each large area and in all together, of the first layer with a population."""
    for layer in layers:
        try:
            persons = reference.population(layer)
        except NoSuchLayer:
            continue
        placed = persons.with_columns(key=pl.format(f"{layer}:{{}}", "area_code")).join(ground.of, on="key", how="left")
        parts = [placed.with_columns(area=pl.lit(WHOLE))]
        if ground.large:
            parts.append(placed.filter(pl.col("large").is_not_null()).with_columns(area="large"))
        return pl.concat(part.group_by("area", "age").agg(pl.col("persons").sum()) for part in parts).sort(
            "area", "age"
        )
    return None


def rates_table(
    name: str, counts: ReleasedTable, measures: Mapping[str, Measure], sizes: Sizes, about: About
) -> ReleasedTable | None:
    """The rates of the counts that are shown, by what they are out of (`per`: the unit of the measure's declaration);
    None where nothing is known to be out of. A count under the measure's or a rule's least is too uncertain for one.

    measures: every declared one of the source, those too that are told under another's name.
    """
    least = strictest(about.rules).rate_from
    wanted = [(one, denominator) for one in measures.values() for denominator in one.denominators]

    def work_out(cells: pl.DataFrame) -> pl.DataFrame:
        found = [_rates(cells, one, denominator, measures, sizes, least) for one, denominator in wanted]
        blank = pl.DataFrame(schema=_BLANK | {"status": pl.String})
        return pl.concat([blank, *(one.select(blank.columns) for one in found if one is not None)])

    table = derive(name, DIMENSIONS_RATED, about, [counts], work_out)
    return table if table.cells.height else None


def _rates(
    cells: pl.DataFrame, measure: Measure, denominator: Denominator, measures: Mapping[str, Measure], sizes: Sizes,
    least: int,
) -> pl.DataFrame | None:  # fmt: skip
    name, age = cell_of(measure, measures)
    mine = cells.filter(measure=name, age=age or ALL_AGES, sex=ALL_SEXES)
    at_risk = _at_risk(cells, measure, denominator, mine, sizes)
    if at_risk is None or mine.is_empty():
        return None
    counts = mine.join(at_risk.select(_ON), on=_ON, how="semi", maintain_order="left")
    is_share = denominator.kind == "cohort" and not measure.numerator.sums
    found = rates_of(
        [counts], at_risk, per=denominator.per, rate_from=max(measure.disclosure.rate_from, least), is_share=is_share
    )
    return _honest(found, cells, measure, sizes).with_columns(per=pl.lit(denominator.unit))


def _honest(rates: pl.DataFrame, cells: pl.DataFrame, measure: Measure, sizes: Sizes) -> pl.DataFrame:
    """Rates of which the count is shown and what it is out of is not stand as that does; of nobody there is no rate."""
    whole = cells.filter(measure=sizes.out_of.get(measure.name, ""), age=ALL_AGES, sex=ALL_SEXES)
    hidden = whole.filter(pl.col("status") != _SHOWN).select(*_ON, whole="status")
    is_without = pl.col("value").is_null() & (pl.col("status") == _SHOWN)
    known = pl.when(is_without).then(pl.coalesce("whole", pl.lit(Status.NOT_APPLICABLE.value))).otherwise("status")
    return rates.join(hidden, on=_ON, how="left", maintain_order="left").with_columns(status=known).drop("whole")


def _at_risk(
    cells: pl.DataFrame, measure: Measure, denominator: Denominator, mine: pl.DataFrame, sizes: Sizes
) -> pl.DataFrame | None:
    """period, area, out_of: of the cells that have such a number; None where there is none of this kind."""
    if denominator.kind == "cohort" and cohort_of(measure) == denominator:
        whole = cells.filter(measure=sizes.out_of[measure.name], age=ALL_AGES, sex=ALL_SEXES)
        return whole.select(*_ON, out_of="value")
    if measure.is_published:
        if sizes.published is None or denominator != measure.denominators[0]:
            return None
        return sizes.published.filter(measure=measure.name).select(*_ON, "out_of")
    if denominator.kind != "resident" or sizes.residents is None:
        return None
    ages = measure.ages or (0, 999)
    people = sizes.residents.filter(pl.col("age").is_between(*ages)).group_by("area").agg(pl.col("persons").sum())
    is_state = measure.numerator.counted == "on_last_day"
    labels = mine["period"].unique().sort()
    years = [1.0 if is_state else Period.parse(label).days / _YEAR for label in labels]
    periods = pl.DataFrame({"period": labels, "years": years}, {"period": pl.String, "years": pl.Float64})
    return periods.join(people, how="cross").select(*_ON, out_of=pl.col("persons") * pl.col("years"))
