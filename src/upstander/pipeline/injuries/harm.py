"""Harm beside counts: what police recorded, weighed by published weights, now and as long before.

Homicide is told apart, since one outweighs everything else of a year. A hospital or an ambulance records no offence,
and nothing here makes one of an injury.
"""

import numpy as np
import polars as pl

from upstander.analysis.measures.harm import crime_harm
from upstander.contracts.asking import CountRule
from upstander.contracts.harm import HarmWeights
from upstander.contracts.releasing import Status
from upstander.disclosure import strictest

SPANS = ("before", "now")
_CONFIDENCE = 0.95
_BLANK: dict[str, type[pl.DataType]] = {
    "source": pl.String, "span": pl.String, "measure": pl.String,
    "value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "status": pl.String,
}  # fmt: skip


def harm(cells: pl.DataFrame, rules: tuple[CountRule, ...], weights: HarmWeights) -> pl.DataFrame:
    """source, span, measure, value, low, high, status, for both spans of each source: `records`, homicides among them;
    `weighed` and `unweighed` ones and their `severity`, all without homicide; `homicides`.

    cells: released counts, source, span, offence, value, status. The limits of severity are for chance (95%), widened
    by what withheld counts may be. Of records, withheld counts are left out, and the sum is then too uncertain; a
    withheld homicide withholds their number. A span whose counts are all withheld, so that they tell of no group, has
    no line: they may be of any size.
    """
    of_span = [
        (str(source), span, cells.filter((pl.col("source") == source) & (pl.col("span") == span)))
        for source in cells["source"].unique(maintain_order=True) for span in SPANS
    ]  # fmt: skip
    parts = [_of_span(rows, rules, weights).with_columns(source=pl.lit(source), span=pl.lit(span))
             for source, span, rows in of_span if not _tells_of_no_group(rows, rules, weights)]  # fmt: skip
    return pl.concat([pl.DataFrame(schema=_BLANK), *(part.select(list(_BLANK)) for part in parts)])


def _tells_of_no_group(rows: pl.DataFrame, rules: tuple[CountRule, ...], weights: HarmWeights) -> bool:
    weighed = rows.filter(~pl.col("offence").is_in(weights.homicide))
    is_withheld = weighed["status"] == Status.SUPPRESSED.value
    return strictest(rules).no_group and weighed.height > 0 and bool(is_withheld.all())


def _of_span(rows: pl.DataFrame, rules: tuple[CountRule, ...], weights: HarmWeights) -> pl.DataFrame:
    is_homicide = pl.col("offence").is_in(weights.homicide)
    sums = (_records(rows), _homicides(rows.filter(is_homicide)))
    summed = pl.DataFrame(sums, schema={name: _BLANK[name] for name in ("measure", "value", "status")}, orient="row")
    return pl.concat([summed, _severity(rows.filter(~is_homicide), rules, weights)], how="diagonal")


def _records(rows: pl.DataFrame) -> tuple[str, float, str]:
    is_whole = rows["value"].null_count() == 0
    return "records", float(rows["value"].sum()), (Status.SHOWN if is_whole else Status.TOO_UNCERTAIN).value


def _homicides(rows: pl.DataFrame) -> tuple[str, float | None, str]:
    if (rows["status"] == Status.SUPPRESSED.value).any():
        return "homicides", None, Status.SUPPRESSED.value
    return "homicides", *_records(rows)[1:]


def _severity(rows: pl.DataFrame, rules: tuple[CountRule, ...], weights: HarmWeights) -> pl.DataFrame:
    most = strictest(rules).suppress_up_to
    is_hidden = pl.col("status") == Status.SUPPRESSED.value
    counted = rows.with_columns(
        weight=pl.col("offence").replace_strict(dict(weights.weights), default=None, return_dtype=pl.Float64),
        middle=pl.when(is_hidden).then((1 + most) // 2).otherwise("value").fill_null(0.0).round(),
        room=pl.when(is_hidden).then((most - 1) / 2).otherwise(0.0),
    )
    weighed = counted.filter(pl.col("weight").is_not_null())
    found = crime_harm(
        weighed["middle"].to_numpy(), weighed["weight"].to_numpy(), np.zeros(weighed.height, dtype=np.int64), 1
    )
    others = [weight for code, weight in weights.weights.items() if code not in weights.homicide]
    limits = found.limits(_CONFIDENCE, heaviest=max(others))
    hidden = float((weighed["room"] * weighed["weight"]).sum())
    without = float(counted.filter(pl.col("weight").is_null())["middle"].sum())
    return pl.DataFrame({
        "measure": ["weighed", "unweighed", "severity"],
        "value": [float(found.events[0]), without, float(found.score[0])],
        "low": [None, None, max(0.0, float(limits.low[0]) - hidden)],
        "high": [None, None, float(limits.high[0]) + hidden],
        "status": [Status.SHOWN.value] * 3,
    }, schema={name: kind for name, kind in _BLANK.items() if name not in {"source", "span"}})  # fmt: skip
