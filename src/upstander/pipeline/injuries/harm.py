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
_BLANK = {"source": pl.String, "span": pl.String, "measure": pl.String} | dict.fromkeys(
    ("value", "low", "high"), pl.Float64
)


def harm(cells: pl.DataFrame, rules: tuple[CountRule, ...], weights: HarmWeights) -> pl.DataFrame:
    """source, span, measure, value, low, high: `weighed` records, `unweighed` ones, and `severity` without homicide.

    cells: released counts, source, span, offence, value, status. The limits of severity are for chance (95%), widened
    by what withheld counts may be. A span whose counts are all withheld, so that they tell of no group, has no line:
    they may be of any size.
    """
    known = cells.filter(~pl.col("offence").is_in(weights.homicide)).with_columns(
        weight=pl.col("offence").replace_strict(dict(weights.weights), default=None, return_dtype=pl.Float64)
    )
    spans = known.group_by("source", "span", maintain_order=True)
    hides_groups = strictest(rules).no_group
    parts = [
        _of_span(str(source), str(span), rows, rules, weights)
        for (source, span), rows in spans
        if not (hides_groups and (rows["status"] == Status.SUPPRESSED.value).all())
    ]
    return pl.concat([pl.DataFrame(schema=_BLANK), *parts])


def _of_span(
    source: str, span: str, rows: pl.DataFrame, rules: tuple[CountRule, ...], weights: HarmWeights
) -> pl.DataFrame:
    most = strictest(rules).suppress_up_to
    is_hidden = pl.col("status") == Status.SUPPRESSED.value
    counted = rows.with_columns(
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
        "source": [source] * 3, "span": [span] * 3, "measure": ["weighed", "unweighed", "severity"],
        "value": [float(found.events[0]), without, float(found.score[0])],
        "low": [None, None, max(0.0, float(limits.low[0]) - hidden)],
        "high": [None, None, float(limits.high[0]) + hidden],
    }, schema=_BLANK)  # fmt: skip
