"""The count of an indicator as it may be shown, and the rate of that."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from upstander.analysis.measures.counting import persons
from upstander.contracts.asking import Allowed, CountRule
from upstander.contracts.definitions import ViolenceDefinition
from upstander.contracts.measures import Denominator, Measure
from upstander.contracts.releasing import About, Edition, ReleasedTable
from upstander.disclosure import Exact, Sum, derive, protect, protect_linked, strictest
from upstander.pipeline.desk import Desk
from upstander.pipeline.floors import hold_to_floor
from upstander.pipeline.gate import ask, ask_of_persons, edition_of, still
from upstander.pipeline.indicators.rates import rates_of
from upstander.pipeline.indicators.rows import cohort_of, counted_of, definition_of, fields_of, rows_of
from upstander.pipeline.indicators.visitors import visitors_of
from upstander.pipeline.outputs import OutputFacts, enter_ledger
from upstander.places import NoSuchLayer, open_reference
from upstander.values.periods import Period

if TYPE_CHECKING:
    import ibis.expr.types as ir

COUNTED, OTHERS = "counted", "others"
_KEPT_DAYS = 31
_YEAR = 365.25
_AREA_KIND = "area_kind"


@dataclass(frozen=True)
class Computed:
    """counts: what was counted, by `what`, or by `area` and `period` of published figures. rates: of those, in the unit
    of `denominator`; None where there is nothing to be out of, and `no_rate` says why. by_visitors: the rate of
    the same counts by who is there, where that is loaded, and `visitors_from` its source and day.
    """

    measure: Measure
    period: Period
    counts: ReleasedTable
    rates: ReleasedTable | None
    denominator: Denominator | None
    no_rate: str
    by_visitors: ReleasedTable | None = None
    visitors_from: str = ""


@dataclass(frozen=True)
class _Tally:
    """How many rows (or what they sum to), and of how many persons at least; no persons where no rule asks."""

    count: int
    persons: int

    def without(self, part: "_Tally") -> "_Tally":
        """The rest, when a part is taken out. Some of its persons may be in the rest as well."""
        rest = self.count - part.count
        return _Tally(rest, max(self.persons - part.persons, min(rest, 1)))


def compute(desk: Desk, measure: Measure, period: Period) -> Computed:
    """The indicator for a period, as the person at the desk may see it.

    Raises NotGranted with the gate's reason, NothingHeld where no delivery speaks of it.
    """
    definition = definition_of(desk, measure)
    edition = edition_of(desk.who.purpose)
    allowed, rules = _asked(desk, measure, fields_of(measure, definition), edition)
    about = _about(desk, measure, definition, allowed, edition, period, rules)
    table = rows_of(desk, measure, allowed, period)
    found = _published(measure, period, about, table) if measure.is_published else _counted(
        desk, measure, period, about, table, definition
    )  # fmt: skip
    still(desk, allowed, edition)
    _remember(desk, measure, allowed, edition, found)
    return found


def _asked(
    desk: Desk, measure: Measure, fields: tuple[str, ...], edition: Edition
) -> tuple[Allowed, tuple[CountRule, ...]]:
    """The gate's yes, with every rule it came under; of published figures with the kind of area, where a rule asks."""
    dataset = measure.numerator.dataset
    allowed, rules = ask_of_persons(desk, dataset, fields, edition)
    if measure.is_published and strictest(rules).finest:
        granted = tuple(grant.supplier for grant in allowed.grants)
        allowed = ask(desk, dataset, (*fields, _AREA_KIND), edition, suppliers=granted)
        rules = tuple(dict.fromkeys([*rules, *(grant.rule for grant in allowed.grants)]))
    return allowed, rules


def _counted(
    desk: Desk, measure: Measure, period: Period, about: About, table: "ir.Table", definition: ViolenceDefinition | None
) -> Computed:
    mine = counted_of(table, measure, definition)
    rule = strictest(about.rules)
    count = _tally(mine, measure.numerator.sums, rule)
    cohort = next((one for one in measure.denominators if one.kind == "cohort"), None)
    if cohort is not None:
        return _of_cohort(measure, period, about, count, cohort_of(table, measure, cohort), cohort)
    counts = protect(Exact("counts", ("what",), _parts(rule, {COUNTED: count}), about))
    resident = next((one for one in measure.denominators if one.kind == "resident"), None)
    people = _residents(desk, measure)
    days = (period.end - period.start).days if measure.numerator.counted == "in_period" else _YEAR
    found = Computed(measure, period, counts, None, None, "No population is loaded to be out of.")
    if resident is not None and people is not None:
        rates = _rates(measure, resident, [counts], float(people * days / _YEAR))
        found = Computed(measure, period, counts, rates, resident, "")
    visitor = next((one for one in measure.denominators if one.kind == "visitor"), None)
    present = visitors_of(open_reference(desk.home.reference), desk.home.settings.layers)
    # Nobody counts visitors by age, so an indicator of some ages has no rate by them.
    if visitor is None or present is None or measure.ages is not None:
        return found
    by_visitors = _rates(measure, visitor, [counts], present.persons * days / _YEAR)
    return replace(found, by_visitors=by_visitors, visitors_from=present.said)


def _of_cohort(
    measure: Measure, period: Period, about: About, count: _Tally, rows: "ir.Table", cohort: Denominator
) -> Computed:
    """A share of rows, or a number per row. The rest of a share is hidden with it, so no subtraction gives it away."""
    rule = strictest(about.rules)
    size = _tally(rows, "", rule)
    if measure.numerator.sums:
        counts = protect(Exact("counts", ("what",), _parts(rule, {COUNTED: count, "out_of": size}), about))
        total = counts
    else:
        parts = _parts(rule, {COUNTED: count, OTHERS: size.without(count)})
        whole = Exact("total", ("what",), _parts(rule, {"out_of": size}), about)
        link = Sum(("total", "out_of"), (("counts", COUNTED), ("counts", OTHERS)))
        shown = protect_linked([Exact("counts", ("what",), parts, about, ("what",)), whole], [link])
        counts, total = shown["counts"], shown["total"]
    rates = _rates(measure, cohort, [counts, total], None)
    return Computed(measure, period, counts, rates, cohort, "")


def _published(measure: Measure, period: Period, about: About, table: "ir.Table") -> Computed:
    """Published figures by area and period. What its publisher withheld is missing, never nought.

    Raises TooFineAnArea where its owner allows no area so small.
    """
    numerator = measure.numerator
    mine = table.filter(table.indicator.isin(numerator.figures) & (table.group == numerator.group)).to_polars()
    if _AREA_KIND in mine.columns:
        kinds = mine[_AREA_KIND].fill_null("").unique()
        hold_to_floor((f"{kind or 'unknown'}:" for kind in kinds), strictest(about.rules))
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
    rate_from = max(measure.disclosure.rate_from, strictest(about.rules).rate_from)
    return derive(
        "rates", sources[0].dimensions, about, sources,
        lambda *cells: rates_of(
            cells, at_risk, per=denominator.per, rate_from=rate_from, is_share=is_share
        ),
    )  # fmt: skip


def _tally(table: "ir.Table", column: str, rule: CountRule) -> _Tally:
    # Decimals of six places add up to the same in any order, on any engine; floating-point numbers do not.
    numbers = {"n": table[column].cast("decimal(38, 6)").sum() if column else table.count()}
    if rule.of_persons:
        numbers["persons"] = persons(table)
    found = table.agg(**numbers).to_polars().row(0, named=True)
    return _Tally(int(found["n"] or 0), int(found.get("persons") or 0))


def _parts(rule: CountRule, tallies: Mapping[str, _Tally]) -> pl.DataFrame:
    """what, count, and persons where a rule is about them."""
    frame = pl.DataFrame({
        "what": list(tallies), "count": [one.count for one in tallies.values()],
        "persons": [one.persons for one in tallies.values()],
    })  # fmt: skip
    return frame if rule.of_persons else frame.drop("persons")


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
    period: Period, rules: tuple[CountRule, ...],
) -> About:  # fmt: skip
    dataset = measure.numerator.dataset
    suppliers = {grant.supplier for grant in allowed.grants}
    held = [one for one in desk.warehouse.manifests(dataset) if one.supplier in suppliers]
    return About(
        title=measure.title, measure="count", unit=measure.numerator.one_is, edition=edition, period=period,
        area_layer="", rules=rules,
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
