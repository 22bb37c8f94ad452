"""Statistics of released cells, each by `disclosure.derive`: none of them can tell more than the cells do."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from upstander.analysis.hotspots.ranks import rank_intervals
from upstander.analysis.measures.funnel import funnel, signals
from upstander.analysis.measures.rates import rate_ratio
from upstander.analysis.measures.spc import Better, xmr
from upstander.contracts.releasing import ReleasedTable, Status
from upstander.contracts.rules import strictest
from upstander.disclosure import derive
from upstander.pipeline.indicators.rates import rates_of

_SHOWN = pl.col("status") == Status.SHOWN.value
_FEWEST = 8  # points under which no usual range is drawn: fewer say nothing of what is usual
_LOWEST_MEAN = 5.0  # under which an XmR chart misleads; see analysis/measures/spc.py
_BETTER: Mapping[str, Better] = {"lower": "down", "higher": "up"}
_XMR = {"method": "xmr", "method_version": "1.0", "source": "Making Data Count; Wheeler 1993"}
_RATE = {"method": "rates", "method_version": "1.0", "source": "exact Poisson limits, Byar's from 10 on"}
_CHANCE = {"method": "funnel", "method_version": "1.0", "source": "Spiegelhalter 2005"}
_RATIO = {"method": "rate_ratio", "method_version": "1.0", "source": "exact conditional limits; Breslow and Day 1987"}
_LEVELS, _STEPS, _SURE = ("95", "998"), 40, 0.998


def usual_of(counts: ReleasedTable, periods: Sequence[str], better: str) -> tuple[ReleasedTable, ReleasedTable]:
    """The usual range of a series, and its signals: (what: usual), (period, direction).

    Worked out of the unbroken run of numbers that ends with the last period; empty where it is too short, or so low
    that such a chart misleads.
    """
    about = _about(counts, _XMR)
    usual = derive("usual", ("what",), about, [counts], lambda cells: _usual(cells, periods, better)[0])
    fired = derive("signals", ("period", "direction"), about, [counts], lambda cells: _usual(cells, periods, better)[1])
    return usual, fired


def rates_by_area(counts: ReleasedTable, at_risk: pl.DataFrame, *, per: int, rate_from: int) -> ReleasedTable:
    """The rate of each area with its 95% interval. at_risk: area, out_of (person-years)."""
    least = max(rate_from, strictest(counts.about.rules).rate_from)
    return derive(
        "rates", ("area",), _about(counts, _RATE), [counts],
        lambda cells: rates_of([cells], at_risk, per=per, rate_from=least, is_share=False),
    )  # fmt: skip


def whole_rate(counts: ReleasedTable, at_risk: pl.DataFrame, *, per: int) -> ReleasedTable:
    """The rate of all areas that have a number, together, as what: whole. No row where none has."""

    def work_out(cells: pl.DataFrame) -> pl.DataFrame:
        sized = _sized(cells, at_risk)
        rate = pl.col("value").sum() * per / pl.col("out_of").sum()
        return sized.select(what=pl.lit("whole"), value=rate).head(min(sized.height, 1))

    return derive("whole", ("what",), _about(counts, _RATE), [counts], work_out)


def beyond_chance(
    counts: ReleasedTable, whole: ReleasedTable, at_risk: pl.DataFrame, *, per: int
) -> Mapping[str, ReleasedTable]:
    """What chance gives areas of each size about the rate of the whole. `beyond`: area, direction, 1 where it lies
    outside 99.8%; `limits`: residents (person-years, as text), level, low and high; `ranks`: area, its order by rate,
    only where at least two groups of places can be told apart.
    """
    about = _about(counts, _CHANCE)
    sources, half = [counts, whole], _half(counts)
    return {
        "beyond": derive(
            "beyond",
            ("area", "direction"),
            about,
            sources,
            lambda cells, all_: _beyond(cells, all_, at_risk, per, half),
        ),
        "limits": derive(
            "limits", ("residents", "level"), about, sources, lambda cells, all_: _limits(cells, all_, at_risk, per)
        ),
        "ranks": derive("ranks", ("area",), about, [counts], lambda cells: _ranks(cells, at_risk)),
    }


def year_on_year(counts: ReleasedTable, before: Sequence[str], since: Sequence[str]) -> Mapping[str, ReleasedTable]:
    """Two years and what changed. `years`: area, when (before, since), records; `ratios`: area, the later over the
    earlier with its 95% interval; `moved`: area, direction, 1 where its 99.8% interval does not hold 1, even with both
    counts drawn towards one another by half the step they are rounded to: of many places one is outside 95% by chance.

    A year of which a part has no number has none: withheld where one is withheld, else missing.
    """
    years = derive("years", ("area", "when"), counts.about, [counts], lambda cells: _years(cells, before, since))
    rule, about = strictest(counts.about.rules), _about(counts, _RATIO)
    half = _half(counts)
    return {
        "years": years,
        "ratios": derive("ratios", ("area",), about, [years], lambda cells: _ratios(cells, rule.rate_from)),
        "moved": derive(
            "moved", ("area", "direction"), about, [years], lambda cells: _moved(cells, rule.rate_from, half)
        ),
    }


def known_shares(
    counts: ReleasedTable, unknown: Mapping[str, tuple[str, str]], wholes: Mapping[str, str]
) -> ReleasedTable:
    """The share of records of which something is known, as what. unknown: by what, the dimension and its value for not
    known; wholes: by dimension, its value for all.
    """

    def work_out(cells: pl.DataFrame) -> pl.DataFrame:
        whole = _at(cells, wholes)
        rows = [_known(what, whole, _at(cells, {**wholes, name: value})) for what, (name, value) in unknown.items()]
        return pl.DataFrame(rows, {"what": pl.String, "value": pl.Float64, "status": pl.String}, orient="row")

    return derive("known", ("what",), counts.about, [counts], work_out)


def _about(counts: ReleasedTable, changed: Mapping[str, Any]) -> Any:
    return replace(counts.about, **changed)


def _usual(cells: pl.DataFrame, periods: Sequence[str], better: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    nothing = (pl.DataFrame(schema={"what": pl.String, "value": pl.Float64}),
               pl.DataFrame(schema={"period": pl.String, "direction": pl.String, "value": pl.Float64}))  # fmt: skip
    held = dict(cells.filter(_SHOWN).select("period", "value").rows())
    run: list[str] = []
    for period in reversed(periods):
        if period not in held:
            break
        run.insert(0, period)
    numbers = np.array([held[period] for period in run])
    if numbers.size < _FEWEST or numbers.mean() < _LOWEST_MEAN:
        return nothing
    points = xmr(numbers, better=_BETTER.get(better, "neutral")).points.with_columns(period=pl.Series(run))
    usual = points.tail(1).select(what=pl.lit("usual"), value="mean", low="lpl", high="upl")
    is_high = pl.col("special_cause").str.contains("Above") | pl.col("special_cause").str.contains("Increasing")
    fired = points.filter(pl.col("special_cause") != "Common Cause").select(
        "period", direction=pl.when(is_high).then(pl.lit("higher")).otherwise(pl.lit("lower")), value=pl.lit(1.0)
    )
    return usual, fired


def _sized(cells: pl.DataFrame, at_risk: pl.DataFrame) -> pl.DataFrame:
    sized = cells.filter(_SHOWN).join(at_risk, on="area").filter(pl.col("out_of") > 0)
    return sized.sort("area")


def _beyond(cells: pl.DataFrame, whole: pl.DataFrame, at_risk: pl.DataFrame, per: int, half: int) -> pl.DataFrame:
    sized, target = _sized(cells, at_risk), _target(whole, per)
    none = pl.DataFrame(schema={"area": pl.String, "direction": pl.String, "value": pl.Float64})
    if sized.height < 2 or not target:
        return none
    count, out_of = (sized[name].to_numpy() for name in ("value", "out_of"))
    gap = count - out_of * target
    drawn_in = count - np.sign(gap) * np.minimum(half, np.floor(np.abs(gap)))
    found = funnel(drawn_in, out_of, kind="rate", target=target)
    named = sized.select("area", sign=pl.Series(signals(found.p_low, found.p_high)))
    outside = named.filter(pl.col("sign").str.ends_with("_998"))
    is_high = pl.col("sign").str.starts_with("high")
    return outside.select(
        "area", direction=pl.when(is_high).then(pl.lit("higher")).otherwise(pl.lit("lower")), value=pl.lit(1.0)
    )


def _limits(cells: pl.DataFrame, whole: pl.DataFrame, at_risk: pl.DataFrame, per: int) -> pl.DataFrame:
    sized, target = _sized(cells, at_risk), _target(whole, per)
    schema = dict.fromkeys(("residents", "level"), pl.String) | dict.fromkeys(("value", "low", "high"), pl.Float64)
    if sized.is_empty() or not target:
        return pl.DataFrame(schema=schema)
    sizes = np.linspace(float(sized["out_of"].min() or 1.0) * 0.6, float(sized["out_of"].max() or 1.0) * 1.03, _STEPS)  # type: ignore[arg-type]  # polars' min of floats
    drawn = funnel(np.zeros(_STEPS), sizes, kind="rate", target=target, how="inverted").limits
    rows = [
        (f"{size:.3f}", level, target * per, low * per, high * per)
        for level in _LEVELS
        for size, low, high in zip(sizes.tolist(), drawn[level].low.tolist(), drawn[level].high.tolist(), strict=True)
    ]
    return pl.DataFrame(rows, schema, orient="row")


def _target(whole: pl.DataFrame, per: int) -> float:
    shown = whole.filter(_SHOWN)["value"]
    return float(shown[0]) / per if shown.len() and shown[0] else 0.0


def _ranks(cells: pl.DataFrame, at_risk: pl.DataFrame) -> pl.DataFrame:
    sized = _sized(cells, at_risk)
    nothing = pl.DataFrame(schema={"area": pl.String, "value": pl.Float64})
    if sized.height < 3:
        return nothing
    found = rank_intervals(sized["value"], sized["out_of"], seed=1)
    if found.group.max() < 2:
        return nothing
    return sized.select("area", value=pl.Series(found.group.astype(np.float64)))


def _years(cells: pl.DataFrame, before: Sequence[str], since: Sequence[str]) -> pl.DataFrame:
    when = pl.when(pl.col("period").is_in(list(before))).then(pl.lit("before")).otherwise(pl.lit("since"))
    asked = cells.filter(pl.col("period").is_in([*before, *since])).with_columns(when=when)
    is_hidden = (pl.col("status") == Status.SUPPRESSED.value).any()
    summed = asked.group_by("area", "when").agg(
        total=pl.col("value").sum(), held=_SHOWN.sum(), is_hidden=is_hidden
    )  # fmt: skip
    is_whole = pl.col("held") == len(before)
    return summed.select(
        "area", "when", value=pl.when(is_whole).then("total"),
        status=pl.when(is_whole).then(pl.lit(Status.SHOWN.value))
        .when("is_hidden").then(pl.lit(Status.SUPPRESSED.value)).otherwise(pl.lit(Status.MISSING.value)),
    )  # fmt: skip


def _ratios(cells: pl.DataFrame, least: int) -> pl.DataFrame:
    wide = cells.filter(pl.col("when") == "before").join(
        cells.filter(pl.col("when") == "since"), on="area", suffix="_since"
    ).sort("area")  # fmt: skip
    first, second = (wide[name].to_numpy().astype(np.float64) for name in ("value", "value_since"))
    known = np.isfinite(first) & np.isfinite(second) & (np.minimum(first, second) >= max(least, 1))
    one = np.ones(first.size)
    found = rate_ratio(np.where(known, second, 1.0), one, np.where(known, first, 1.0), one)
    columns = {"value": found.ratio, "low": found.low, "high": found.high}
    is_known, absent = (
        pl.Series(known),
        pl.coalesce(_absent("status"), _absent("status_since"), pl.lit(Status.TOO_UNCERTAIN.value)),
    )
    return wide.select(
        "area", **{name: pl.when(is_known).then(pl.Series(values)) for name, values in columns.items()},
        status=pl.when(is_known).then(pl.lit(Status.SHOWN.value)).otherwise(absent),
    )  # fmt: skip


def _moved(cells: pl.DataFrame, least: int, half: int) -> pl.DataFrame:
    told = _ratios(cells, least).filter(_SHOWN).select("area")
    wide = told.join(cells.filter(pl.col("when") == "before"), on="area").join(
        cells.filter(pl.col("when") == "since"), on="area", suffix="_since"
    ).sort("area")  # fmt: skip
    first, second = (wide[name].to_numpy().astype(np.float64) for name in ("value", "value_since"))
    drawn = np.sign(first - second) * np.minimum(half, np.floor(np.abs(first - second) / 2))
    one = np.ones(first.size)
    found = rate_ratio(second + drawn, one, first - drawn, one, confidence=_SURE)
    way = np.select([found.low > 1, found.high < 1], ["higher", "lower"], "")
    named = wide.select("area", direction=pl.Series(way.tolist(), dtype=pl.String), value=pl.lit(1.0))
    return named.filter(pl.col("direction") != "")


def _half(counts: ReleasedTable) -> int:
    """How far a shown count may be from the exact one."""
    return strictest(counts.about.rules).round_to // 2


def _absent(status: str) -> pl.Expr:
    return pl.when(pl.col(status) != Status.SHOWN.value).then(pl.col(status))


def _at(cells: pl.DataFrame, where: Mapping[str, str]) -> float | None:
    found = cells.filter(_SHOWN, *(pl.col(name) == value for name, value in where.items()))["value"]
    return float(found[0]) if found.len() == 1 else None


def _known(what: str, whole: float | None, lacking: float | None) -> tuple[str, float | None, str]:
    if not whole or lacking is None:
        return what, None, Status.MISSING.value
    return what, max(1 - lacking / whole, 0.0), Status.SHOWN.value
