"""People between two censuses, and the cases that they lead to expect by age and sex."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import UnfitNumbers

Numbers = NDArray[np.float64]
_STRATA = ("agegrp", "sex")


def mean_population(population: pl.DataFrame, periods: Sequence[str], names: Sequence[str]) -> Numbers:
    """People of each place, the mean over the periods."""
    rows, people = _by_year(population, periods, [])
    total = dict(zip(rows["id"].to_list(), people.mean(axis=1).tolist(), strict=True))
    missing = [name for name in names if name not in total]
    if missing:
        raise UnfitNumbers(
            "A place has no population.", where="population, column id", found=f"none for {missing[0]}",
            expected="every place of geo",
        )  # fmt: skip
    return np.array([total[name] for name in names])


def expected_cases(
    cases: pl.DataFrame | None, population: pl.DataFrame, counts: NDArray[np.int64], periods: Sequence[str],
    names: Sequence[str],
) -> Numbers:  # fmt: skip
    """Cases expected in each place and period if every group of age and sex had the rate of the whole.

    Groups are used where both tables have them. Years between two censuses are interpolated straight.
    """
    groups = [name for name in _STRATA if name in population.columns and cases is not None and name in cases.columns]
    rows, people = _by_year(population, periods, groups)
    if not groups or cases is None:
        rate: Numbers = np.full(rows.height, counts.sum() / people.sum())
    else:
        number = pl.col("n").sum() if "n" in cases.columns else pl.len()
        seen = cases.group_by(groups).agg(cases=number)
        lived = rows.with_columns(years=people.sum(axis=1)).group_by(groups).agg(pl.col("years").sum())
        rates = seen.join(lived, on=groups, how="left")
        if rates["years"].null_count():
            raise UnfitNumbers(
                "There are cases in a group of age and sex without a population.",
                where="population", found="no such group", expected="every group of the cases",
            )  # fmt: skip
        rates = rates.with_columns(rate=pl.col("cases") / pl.col("years"))
        joined = rows.join(rates, on=groups, how="left", maintain_order="left")
        rate = joined["rate"].fill_null(0.0).to_numpy()
    at = {name: number for number, name in enumerate(names)}
    known = rows["id"].is_in(list(at)).to_numpy()
    place = np.array([at.get(name, 0) for name in rows["id"]])
    expected = np.zeros((len(names), len(periods)))
    np.add.at(expected, place[known], (people * rate[:, None])[known])
    return expected


def _by_year(population: pl.DataFrame, periods: Sequence[str], groups: list[str]) -> tuple[pl.DataFrame, Numbers]:
    """One row a place and group, and its people in each period. Years of two figures are of the century of the first
    period; periods that begin with no year are refused.
    """
    try:
        years = np.array([int(period[:4]) for period in periods], dtype=float)
    except ValueError as why:
        raise UnfitNumbers(
            "A population needs periods that begin with a year.", where="cases", expected="1973, or 2026-07-04"
        ) from why
    century = int(years[0]) // 100 * 100
    census = pl.when(pl.col("year") < 100).then(pl.col("year") + century).otherwise("year")
    table = population.with_columns(census=census).group_by("id", *groups, "census").agg(pl.col("pop").sum())
    wide = table.sort("id", *groups, "census").pivot(on="census", index=["id", *groups], values="pop").fill_null(0.0)
    known = sorted((column for column in wide.columns if column not in ("id", *groups)), key=int)
    figures = wide.select(known).to_numpy().astype(float)
    marks = np.array([int(each) for each in known], dtype=float)
    upper = np.clip(np.searchsorted(marks, years), 1, max(marks.size - 1, 1))
    if marks.size == 1:
        return wide.select("id", *groups), np.repeat(figures, years.size, axis=1)
    share = np.clip((years - marks[upper - 1]) / (marks[upper] - marks[upper - 1]), 0.0, 1.0)
    people: Numbers = figures[:, upper - 1] * (1 - share) + figures[:, upper] * share
    return wide.select("id", *groups), people
