"""The rows that an indicator counts: read through the gate, no more fields than it needs."""

from datetime import date
from typing import TYPE_CHECKING

from upstander.analysis.measures.counting import holds, meets
from upstander.contracts.asking import Allowed
from upstander.contracts.catalogue import ALL
from upstander.contracts.definitions import ViolenceDefinition, load_definition
from upstander.contracts.measures import Denominator, Measure
from upstander.pipeline.desk import Desk
from upstander.values.periods import Period

if TYPE_CHECKING:
    import ibis.expr.types as ir

FIGURES = (
    "period", "period_start", "period_end", "area_code", "area_name", "indicator", "group", "value", "marker",
    "denominator", "denominator_marker",
)  # fmt: skip
_SPELL = ("event_from_local", "event_to_local")


def definition_of(desk: Desk, measure: Measure) -> ViolenceDefinition | None:
    """The definition of violence that an indicator names, the home's own before the shipped one."""
    name = measure.numerator.definition
    return load_definition(name, folder=desk.home.reference / "definitions") if name else None


def fields_of(measure: Measure, definition: ViolenceDefinition | None) -> tuple[str, ...]:
    """The warehouse columns that an indicator reads, and so what the gate is asked for."""
    numerator = measure.numerator
    if measure.is_published:
        return FIGURES
    asked = [
        *([column for column, _ in definition.criteria(numerator.dataset).where()] if definition else []),
        *numerator.where, *(column for one in measure.denominators for column in one.where),
        *(["age_band"] if measure.ages is not None else []), *([numerator.sums] if numerator.sums else []),
        *(_SPELL if numerator.counted == "on_last_day" else ()),
    ]  # fmt: skip
    return tuple(dict.fromkeys(asked)) or (ALL[numerator.dataset].counts_by,)


def rows_of(desk: Desk, measure: Measure, allowed: Allowed, period: Period) -> "ir.Table":
    """Every row that the period speaks for, counted or not."""
    if measure.numerator.counted == "in_period":
        return desk.warehouse.read(allowed, secrets=desk.keyring.secret, period=period)
    table = desk.warehouse.read(allowed, secrets=desk.keyring.secret)
    return standing_on(table, period.end)


def counted_of(table: "ir.Table", measure: Measure, definition: ViolenceDefinition | None) -> "ir.Table":
    """The rows of the numerator."""
    numerator = measure.numerator
    if definition is not None:
        table = table.filter(meets(table, numerator.dataset, definition))
    if measure.ages is not None:
        table = table.filter(table.age_band.isin(measure.age_bands))
    return table.filter(holds(table, numerator.where))


def cohort_of(table: "ir.Table", measure: Measure, denominator: Denominator) -> "ir.Table":
    """The rows of a denominator that is a part of the same rows."""
    if measure.ages is not None:
        table = table.filter(table.age_band.isin(measure.age_bands))
    return table.filter(holds(table, denominator.where))


def standing_on(table: "ir.Table", day_after: date) -> "ir.Table":
    """The spells that had begun before a day and not ended before it: what stands on the last day of a period."""
    begun, ended = table.event_from_local.date(), table.event_to_local.date()
    return table.filter((begun < day_after) & (ended.isnull() | (ended >= day_after)))
