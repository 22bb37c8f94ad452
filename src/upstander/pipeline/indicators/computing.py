"""The count of an indicator as it may be shown, and the rate of that."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from upstander.contracts.asking import Allowed
from upstander.contracts.definitions import ViolenceDefinition
from upstander.contracts.measures import Denominator, Measure
from upstander.contracts.releasing import About, Edition, ReleasedTable
from upstander.disclosure import Exact, Sum, derive, protect, protect_linked
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import ask, edition_of, still
from upstander.pipeline.indicators.rates import rates_of
from upstander.pipeline.indicators.rows import cohort_of, counted_of, definition_of, fields_of, rows_of
from upstander.pipeline.outputs import OutputFacts, enter_ledger
from upstander.places import NoSuchLayer, open_reference
from upstander.values.periods import Period

if TYPE_CHECKING:
    import ibis.expr.types as ir

COUNTED, OTHERS = "counted", "others"
_KEPT_DAYS = 31
_YEAR = 365.25


@dataclass(frozen=True)
class Computed:
    """counts: what was counted, by `what`, or by `area` and `period` of published figures. rates: of those, in the unit
    of `denominator`; None where there is nothing to be out of, and `no_rate` says why.
    """

    measure: Measure
    period: Period
    counts: ReleasedTable
    rates: ReleasedTable | None
    denominator: Denominator | None
    no_rate: str


def compute(desk: Desk, measure: Measure, period: Period) -> Computed:
    """The indicator for a period, as the person at the desk may see it.

    Raises NotGranted with the gate's reason, NothingHeld where no delivery speaks of it.
    """
    definition = definition_of(desk, measure)
    edition = edition_of(desk.who.purpose)
    allowed = ask(desk, measure.numerator.dataset, fields_of(measure, definition), edition)
    about = _about(desk, measure, definition, allowed, edition, period)
    table = rows_of(desk, measure, allowed, period)
    found = _published(measure, period, about, table) if measure.is_published else _counted(
        desk, measure, period, about, table, definition
    )  # fmt: skip
    still(desk, allowed, edition)
    _remember(desk, measure, allowed, edition, found)
    return found


def _counted(
    desk: Desk, measure: Measure, period: Period, about: About, table: "ir.Table", definition: ViolenceDefinition | None
) -> Computed:
    mine = counted_of(table, measure, definition)
    count = _sum(mine, measure.numerator.sums)
    cohort = next((one for one in measure.denominators if one.kind == "cohort"), None)
    if cohort is not None:
        return _of_cohort(measure, period, about, count, cohort_of(table, measure, cohort), cohort)
    counts = protect(Exact("counts", ("what",), pl.DataFrame({"what": [COUNTED], "count": [count]}), about))
    resident = next((one for one in measure.denominators if one.kind == "resident"), None)
    people = _residents(desk, measure)
    if resident is None or people is None:
        return Computed(measure, period, counts, None, None, "No population is loaded to be out of.")
    days = (period.end - period.start).days if measure.numerator.counted == "in_period" else _YEAR
    rates = _rates(measure, resident, [counts], float(people * days / _YEAR))
    return Computed(measure, period, counts, rates, resident, "")


def _of_cohort(
    measure: Measure, period: Period, about: About, count: int, rows: "ir.Table", cohort: Denominator
) -> Computed:
    """A share of rows, or a number per row. The rest of a share is hidden with it, so no subtraction gives it away."""
    size = _sum(rows, "")
    if measure.numerator.sums:
        parts = pl.DataFrame({"what": [COUNTED, "out_of"], "count": [count, size]})
        counts = protect(Exact("counts", ("what",), parts, about))
        total = counts
    else:
        parts = pl.DataFrame({"what": [COUNTED, OTHERS], "count": [count, size - count]})
        whole = Exact("total", ("what",), pl.DataFrame({"what": ["out_of"], "count": [size]}), about)
        link = Sum(("total", "out_of"), (("counts", COUNTED), ("counts", OTHERS)))
        shown = protect_linked([Exact("counts", ("what",), parts, about), whole], [link])
        counts, total = shown["counts"], shown["total"]
    rates = _rates(measure, cohort, [counts, total], None)
    return Computed(measure, period, counts, rates, cohort, "")


def _published(measure: Measure, period: Period, about: About, table: "ir.Table") -> Computed:
    """Published figures by area and period. What its publisher withheld is missing, never nought."""
    numerator = measure.numerator
    mine = table.filter(table.indicator.isin(numerator.figures) & (table.group == numerator.group)).to_polars()
    is_shown = (pl.col("marker") == "shown").all() & (pl.col("indicator").n_unique() == len(numerator.figures))
    by = mine.with_columns(area=pl.coalesce(pl.col("area_code").replace("", None), "area_name")).group_by(
        "area", "period", maintain_order=True
    )
    rows = by.agg(
        count=pl.when(is_shown).then(pl.col("value").sum().round()).otherwise(None).cast(pl.Int64),
        out_of=pl.when(pl.col("denominator_marker").first() == "shown").then(pl.col("denominator").first()),
    ).sort("area", "period")
    counts = protect(Exact("counts", ("area", "period"), rows.select("area", "period", "count"), about))
    sizes = rows.select("area", "period", "out_of").drop_nulls()
    if sizes.is_empty():
        return Computed(measure, period, counts, None, None, "The publisher gives no denominator with these figures.")
    first = measure.denominators[0]
    rates = _rates(measure, first, [counts], sizes)
    return Computed(measure, period, counts, rates, first, "")


def _rates(
    measure: Measure, denominator: Denominator, sources: list[ReleasedTable], at_risk: float | pl.DataFrame | None
) -> ReleasedTable:
    about = replace(sources[0].about, measure="rate", unit=denominator.unit)
    is_share = denominator.kind == "cohort" and not measure.numerator.sums
    return derive(
        "rates", sources[0].dimensions, about, sources,
        lambda *cells: rates_of(
            cells, at_risk, per=denominator.per, rate_from=measure.disclosure.rate_from, is_share=is_share
        ),
    )  # fmt: skip


def _sum(table: "ir.Table", column: str) -> int:
    # Decimals of six places add up to the same in any order, on any engine; floating-point numbers do not.
    value = table[column].cast("decimal(38, 6)").sum() if column else table.count()
    return int(table.agg(n=value).to_polars()["n"][0] or 0)


def _residents(desk: Desk, measure: Measure) -> int | None:
    """Residents of the ages of the indicator, all areas of the first layer whose population is held."""
    reference = open_reference(desk.home.reference)
    for layer in desk.home.settings.layers:
        try:
            persons = reference.population(layer)
        except NoSuchLayer:
            continue
        if measure.ages is not None:
            persons = persons.filter(pl.col("age").is_between(*measure.ages))
        return int(persons["persons"].sum())
    return None


def _about(
    desk: Desk, measure: Measure, definition: ViolenceDefinition | None, allowed: Allowed, edition: Edition,
    period: Period,
) -> About:  # fmt: skip
    dataset = measure.numerator.dataset
    suppliers = {grant.supplier for grant in allowed.grants}
    held = [one for one in desk.warehouse.manifests(dataset) if one.supplier in suppliers]
    return About(
        title=measure.title, measure="count", unit=measure.numerator.one_is, edition=edition, period=period,
        area_layer="", rules=tuple(dict.fromkeys(grant.rule for grant in allowed.grants)),
        readings=tuple((one.dataset, one.supplier, one.reading) for one in held), method="indicator",
        method_version=measure.version, definition=str(definition or f"{measure.name} {measure.version}"),
        source=measure.source, caveats=measure.caveats, expires=(desk.now() + timedelta(days=_KEPT_DAYS)).date(),
    )  # fmt: skip


def _remember(desk: Desk, measure: Measure, allowed: Allowed, edition: Edition, found: Computed) -> None:
    facts = OutputFacts(
        kind="indicator", edition=edition, recipients=(desk.who.person,), purpose=allowed.request.purpose.value,
        person=desk.who.person, made=desk.now(), expires=found.counts.about.expires or desk.now().date(),
    )  # fmt: skip
    enter_ledger(desk.home, facts, {"indicator": measure.name, "period": str(found.period)})
