"""Inputs of some size, drawn with a seed, for the methods whose numbers come of random draws or of sums over many rows.

Small worked examples do not reach the code that shares work between threads; these do. Values are whole numbers or
rounded, so that the files are the same everywhere.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

Asked = tuple[Mapping[str, pl.DataFrame], Mapping[str, object]]
_START = date(2019, 1, 7)


def larger_inputs(seed: int = 1) -> dict[str, Asked]:
    """Method → inputs by role, and parameters."""
    rng = np.random.default_rng(seed)
    return {**_places(rng), **_series(rng), **_panels(rng), **_people(rng), **_pairs(rng)}


def _places(rng: np.random.Generator) -> dict[str, Asked]:
    column, row = (axis.ravel() for axis in np.indices((40, 40)))
    cells = pl.DataFrame({"i": range(1600), "value": rng.negative_binomial(1, 0.1, 1600), "column": column, "row": row})
    named = pl.DataFrame({"place": [f"p{each}" for each in range(400)], "count": rng.negative_binomial(1, 0.1, 400)})
    months = [date(2020 + month // 12, month % 12 + 1, 1) for month in range(30)]
    history = pl.DataFrame({
        "place": np.repeat([f"p{each}" for each in range(120)], 30), "period": months * 120,
        "count": rng.poisson(np.repeat(rng.gamma(0.5, 4, 120), 30)),
    })  # fmt: skip
    points = pl.DataFrame({"x": rng.uniform(0, 8000, 1500).round(), "y": rng.uniform(0, 8000, 1500).round()})
    timed = points.with_columns(date=pl.Series(_days(rng, 1500)))
    geo = pl.DataFrame({
        "id": [f"a{each}" for each in range(60)], "x_m": rng.uniform(0, 40_000, 60).round(),
        "y_m": rng.uniform(0, 40_000, 60).round(),
    })  # fmt: skip
    cases = pl.DataFrame({"id": rng.choice(geo["id"].to_numpy(), 900), "date": _days(rng, 900, 200)})
    years = pl.DataFrame({"id": geo["id"], **{str(year): rng.poisson(12, 60) for year in range(2015, 2024)}})
    expected = years.with_columns(pl.lit(12.5).alias(name) for name in years.columns[1:])
    areas = pl.DataFrame({
        "i": [str(each) for each in range(1600)], "events": rng.poisson(4, 1600),
        "population": rng.integers(800, 3000, 1600),
    })  # fmt: skip
    beside = pl.DataFrame({"i": [str(each) for each in range(1599)], "j": [str(each + 1) for each in range(1599)]})
    peak = pl.DataFrame({"place": named["place"], "before": named["count"], "after": rng.poisson(9, 400)})
    return {
        "gi_star": ({"values": cells}, {}),
        "gi_star_permutations": ({"values": cells}, {"permutations": 999}),
        "local_moran": ({"values": cells}, {"permutations": 999}),
        "empirical_bayes_smoothing": ({"areas": areas, "neighbours": beside}, {}),
        "rank_intervals": ({"counts": named}, {}),
        "concentration": ({"places": named}, {}),
        "regression_to_the_mean": ({"places": peak}, {"top": 40}),
        "rank_stability": ({"counts": history}, {}),
        "hotspot_accuracy": ({"counts": history}, {}),
        "density": ({"points": points}, {"bandwidth": 500, "cell": 100}),
        "knox": ({"events": timed}, {"eps_s": "200,400", "eps_t": "7,14"}),
        "near_repeat": ({"events": timed}, {}),
        "scan_permutation": ({"cases": cases, "geo": geo}, {"replicates": 99}),
        "scan_poisson": ({"geo": geo, "counts": years, "expected": expected}, {"replicates": 99}),
    }


def _series(rng: np.random.Generator) -> dict[str, Asked]:
    weeks = [_START + timedelta(weeks=week) for week in range(330)]
    many = pl.DataFrame({
        "series": np.repeat([f"s{each}" for each in range(120)], 330), "week_start": weeks * 120,
        "count": rng.poisson(np.repeat(rng.gamma(2, 3, 120), 330)),
    })  # fmt: skip
    season = 20 + 6 * np.sin(2 * np.pi * np.arange(330) / 52.18)
    one = pl.DataFrame({"week": weeks, "count": rng.poisson(season), "control": rng.poisson(season)})
    numbers = pl.DataFrame({"y": rng.normal(season, 2).round(3), "beside": rng.normal(season, 2).round(3)})
    days = [date(2022, 1, 1) + timedelta(days=day) for day in range(730)]
    daily = pl.DataFrame({"date": days, "y": rng.poisson(14, 730), "n": rng.integers(80, 120, 730)})
    n = 12_000  # matrices this long are shared between threads
    long = pl.DataFrame({
        "count": rng.poisson(20, n), "exposure": [250_000] * n, "after": [int(at > 8000) for at in range(n)],
        "time": range(1, n + 1), "season": [at % 12 + 1 for at in range(n)],
    })  # fmt: skip
    headings = {"count": "count", "exposure": "exposure", "after": "after", "season": "season"}
    return {
        "farrington_flexible": ({"series": many}, {}),
        "ears_c1c2c3": ({"series": many.head(3300)}, {}),
        "cusum": ({"series": many.head(3300)}, {}),
        "forecast_weekly": ({"series": one.select("week", "count")}, {}),
        "forecast_baselines": ({"series": numbers.select("y").head(130)}, {"season": 52}),
        "structural_time_series": ({"series": numbers}, {"starts": 250, "controls": "beside", "pairs": 2}),
        "interrupted_time_series": (
            {"series": one.rename({"week": "period"})}, {"starts": weeks[220].isoformat(), "draws": 1000},
        ),
        "its_sicily": ({"series": long}, headings),
        "pilot_power": ({"series": one.select("count")}, {"pilots": 100}),
        "process_chart": ({"series": daily}, {"numbers": "shares"}),
        "seasonality": ({"series": daily}, {}),
        "same_time_last_year": ({"series": daily}, {}),
    }  # fmt: skip


def _panels(rng: np.random.Generator) -> dict[str, Asked]:
    units, times = 24, 40
    level, path = rng.normal(30, 5, units), rng.normal(0, 1, times).cumsum()
    panel = pl.DataFrame({
        "unit": np.repeat([f"u{each}" for each in range(units)], times), "time": list(range(times)) * units,
        "outcome": (np.repeat(level, times) + np.tile(path, units) + rng.normal(0, 1, units * times)).round(3),
    })  # fmt: skip
    first = pl.col("unit").is_in(["u0", "u1", "u2", "u3", "u4", "u5"])
    treated = panel.with_columns(treated=(first & (pl.col("time") >= 28)).cast(pl.Int64))
    staggered = panel.with_columns(starts=pl.when(first).then(24).otherwise(0))
    alone = panel.with_columns(treated=((pl.col("unit") == "u0") & (pl.col("time") >= 28)).cast(pl.Int64))
    return {
        "difference_in_differences": ({"panel": treated}, {}),
        "group_time_effects": ({"panel": staggered}, {}),
        "synthetic_control": ({"panel": alone}, {}),
        "synthetic_control_basque": (
            {"panel": alone},
            {"unit": "unit", "time": "time", "outcome": "outcome", "treated": "treated", "treated_unit": "u0",
             "starts": 28, "fit": "0-27", "judge": "28-39", "predictors": "outcome: 0-9; outcome: 10-27"},
        ),
    }  # fmt: skip


def _people(rng: np.random.Generator) -> dict[str, Asked]:
    n = 900
    age, prior = rng.integers(16, 50, n), rng.poisson(2, n)
    treated = rng.random(n) < 1 / (1 + np.exp(-(prior - 3) / 2))
    cohort = pl.DataFrame({
        "treated": treated.astype(int), "outcome": (rng.random(n) < 0.2 + 0.04 * np.minimum(prior, 8)).astype(int),
        "age": age, "prior": prior,
    })  # fmt: skip
    many = 12_000
    followed = pl.DataFrame({
        "week": np.minimum(rng.geometric(0.02, many), 52), "arrest": rng.integers(0, 2, many),
        "fin": rng.integers(0, 2, many),
        **{name: rng.normal(0, 1, many).round(3) for name in ("age", "race", "wexp", "mar", "paro", "prio")},
    })  # fmt: skip
    return {
        "matched_cohort": ({"cohort": cohort}, {"covariates": "age, prior"}),
        "survival_recidivism": ({"cohort": followed}, {}),
        "capture_recapture_three_source": ({"patterns": pl.DataFrame({
            "c1": [1, 0, 1, 0, 1, 0, 1], "c2": [0, 1, 1, 0, 0, 1, 1], "c3": [0, 0, 0, 1, 1, 1, 1],
            "freq": rng.poisson(60, 7),
        })}, {}),
    }  # fmt: skip


def _pairs(rng: np.random.Generator) -> dict[str, Asked]:
    start = datetime(2024, 1, 1)  # noqa: DTZ001 - a wall clock, as the files hold it

    def events(n: int) -> pl.DataFrame:
        minutes = rng.integers(0, 200 * 1440, n)
        return pl.DataFrame({
            "at": [start + timedelta(minutes=int(minute)) for minute in minutes],
            "x_m": rng.integers(0, 4000, n), "y_m": rng.integers(0, 4000, n),
            "sex": rng.choice(["female", "male"], n),
        })  # fmt: skip

    police, ambulance = events(1200), events(600)
    after = police.head(300).with_columns(pl.col("at") + pl.duration(minutes=20), pl.col("x_m") + 40)
    ambulance = pl.concat([ambulance, after])
    named = [each.with_row_index("id") for each in (police, ambulance)]
    people = pl.DataFrame({
        "token": [f"t{each}" for each in range(400)], "age_band": rng.choice(["10-17", "18-24", "25-34"], 400),
        "sex": rng.choice(["female", "male"], 400), "sector": rng.choice(["ZZ1 1", "ZZ1 2", "ZZ2 1"], 400),
        "date": _days(rng, 400, 300),
    })  # fmt: skip
    seen = [
        people[rng.permutation(400)[:250]].with_columns(source=pl.lit(source)) for source in ("ambulance", "police")
    ]
    records = pl.concat(seen).with_row_index("id")
    return {
        "matched_excess": ({"first": police, "second": ambulance}, {}),
        "unknown_to_police": ({"records": ambulance, "police": police}, {}),
        "proximity_linkage": ({"first": named[0], "second": named[1]}, {}),
        "linkage": ({"records": records}, {}),
    }


def _days(rng: np.random.Generator, n: int, within: int = 700) -> list[date]:
    return [_START + timedelta(days=int(day)) for day in rng.integers(0, within, n)]
