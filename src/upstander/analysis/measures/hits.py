"""How many records are told a place, by source and by area: what a map leaves out is seldom missing at random."""

from statistics import NormalDist

import polars as pl

ENOUGH = 0.85


def hit_rates(records: pl.DataFrame, by: str, *, confidence: float = 0.95) -> pl.DataFrame:
    """One row a value of `by`: by, records, located, share, low, high (Wilson), is_enough (share of 85% or more).

    records: one row a record that has a place to be found, with `by` and is_located (boolean, never missing).
    Source: Ratcliffe, Int. J. Geographical Information Science 18(1), 2004 (85%); Wilson, J. American Statistical
    Association 22(158), 1927.
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    n, p = pl.col("records"), pl.col("share")
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * (p * (1 - p) / n + z**2 / (4 * n**2)).sqrt()
    counted = records.group_by(by).agg(records=pl.len(), located=pl.col("is_located").sum())
    rated = counted.with_columns(share=pl.col("located") / pl.col("records"))
    return rated.with_columns(low=middle - half, high=middle + half, is_enough=p >= ENOUGH).sort(by)
