"""An indicator in sentences: the number, its interval, which way is better, and what it cannot say."""

from upstander.contracts.measures import Denominator, Measure
from upstander.contracts.releasing import ReleasedTable, Status
from upstander.disclosure import strictest
from upstander.pipeline.indicators.computing import COUNTED, Computed

_BETTER = {"lower": "Lower is better", "higher": "Higher is better", "neither": "Neither way is better by itself"}
_ABSENT = {
    Status.SUPPRESSED.value: "withheld, because it is small or would give another away",
    Status.MISSING.value: "not available: its publisher withheld it or has none",
    Status.NOT_APPLICABLE.value: "not applicable",
    Status.TOO_UNCERTAIN.value: "too few for a rate",
}


def sentences(found: Computed) -> tuple[str, ...]:
    """What a reader should know, in order."""
    told = [f"{found.measure.title}, {found.period}.", *_counts(found), *_rates(found)]
    if found.no_rate:
        told.append(f"No rate: {found.no_rate}")
    told += _by_visitors(found)
    return (*told, *_shown_as(found), better(found.measure), *found.measure.caveats)


def better(measure: Measure) -> str:
    """Which way is better, and why."""
    return f"{_BETTER[measure.better]}. {measure.because}"


def _counts(found: Computed) -> list[str]:
    shown = found.counts.cells
    if "what" in shown.columns:
        shown = shown.filter(shown["what"] == COUNTED)
    return [
        f"{_where(row)}{_number(row)} ({found.measure.numerator.one_is} each)." for row in shown.iter_rows(named=True)
    ] or ["Nothing is held for that period."]


def _rates(found: Computed) -> list[str]:
    if found.rates is None or found.denominator is None:
        return []
    return _rate_words(found.rates, found.denominator)


def _by_visitors(found: Computed) -> list[str]:
    """The rate by who is there with the source of that number, or why there is none."""
    visitor = next((one for one in found.measure.denominators if one.kind == "visitor"), None)
    if visitor is None:
        return []
    if found.by_visitors is None:
        return [f"Not by {visitor.of}: {visitor.comes_from}"]
    return [
        f"By {visitor.of}: {said.rstrip('.')} ({found.visitors_from})."
        for said in _rate_words(found.by_visitors, visitor)
    ]


def _rate_words(rates: ReleasedTable, denominator: Denominator) -> list[str]:
    unit = denominator.unit if denominator.unit.startswith("%") else f" {denominator.unit}"
    return [
        f"{_where(row)}{row['value']:,.1f}{unit}, 95% interval {row['low']:,.1f} to {row['high']:,.1f}."
        if row["value"] is not None
        else f"{_where(row)}rate {_ABSENT.get(row['status'], row['status'])}."
        for row in rates.cells.iter_rows(named=True)
    ]


def _shown_as(found: Computed) -> list[str]:
    rule = strictest(found.counts.about.rules)
    if rule.open_data:
        return ["Open data, already published: shown as it is."]
    if rule.round_to > 1:
        said = (
            f"Counts of 1 to {rule.suppress_up_to} are withheld and others rounded to the nearest {rule.round_to}; the "
            "rate is of the rounded count, and its interval does not hold the rounding."
        )
        return [said]
    return []


def _where(row: dict[str, object]) -> str:
    return f"{row['area']}, {row['period']}: " if "area" in row else ""


def _number(row: dict[str, object]) -> str:
    value = row["value"]
    return f"{value:,.0f}" if isinstance(value, float) else _ABSENT.get(str(row["status"]), str(row["status"]))
