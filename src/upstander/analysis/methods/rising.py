"""Methods that say whether a week, or the last weeks, are more than usual."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.methods.weekly import (
    WEEKLY_COLUMNS,
    Panel,
    chosen_weeks,
    excluded_ranges,
    excluded_weeks,
    panel,
)  # fmt: skip
from upstander.analysis.outbreaks.baseline import years_of_history
from upstander.analysis.outbreaks.counts import chance_of_at_least
from upstander.analysis.outbreaks.cusum import cusum
from upstander.analysis.outbreaks.ears import LAG, Variant, ears
from upstander.analysis.outbreaks.farrington import LEAST_YEARS, Alarms, Settings, adjusted_by_week, farrington
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn

_LEAST_WEEKS = 8  # below it nothing is said
_C2_LEAST_SD = 1.0
_ROUGH = (
    "Seven weeks make a rough standard deviation: chance alone alarms more often than alpha says, at 0.01 in about "
    "1 week of 20, for C3 in 1 of 15."
)
_COUNT = Param("count", "text", "heading of the column with the counts", "count")
_RANGE = (
    Param("range_from", "integer", "first week judged, by its position; 0 for the first that can be", 0, "week",
          0, 100_000),
    Param("range_to", "integer", "last week judged; 0 for the last", 0, "week", 0, 100_000),
)  # fmt: skip
_WHICH_WEEK = (
    Output("series", "text", "as given; null where the file holds one"),
    Output("i", "integer", "position of the week"),
    Output("week_start", "date", "as given"),
    Output("observed", "integer", "events", "events"),
)


def _week_columns(weekly: Panel, weeks: list[int]) -> pl.DataFrame:
    """series, i, week_start, observed: the weeks of the first series, then of the next."""
    starts = [None] * len(weeks) if weekly.starts is None else [weekly.starts[week] for week in weeks]
    times = len(weekly.names)
    return pl.DataFrame({
        "series": pl.Series(np.repeat(weekly.names, len(weeks)).tolist(), dtype=pl.String).replace("", None),
        "i": np.tile(weekly.positions[weeks], times),
        "week_start": pl.Series(starts * times, dtype=pl.Date),
        "observed": _by_series(weekly.counts[weeks]),
    }).with_columns(pl.col("observed").fill_nan(None).cast(pl.Int64))  # fmt: skip


def _by_series(values: NDArray[Any]) -> NDArray[Any]:
    return values.T.ravel()


def _farrington(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    weekly = panel(frames["series"], "series", extra=("population",))
    ranges = excluded_ranges(params["exclude"])
    settings = Settings(
        years=params["b"], half_window=params["w"], seasons=params["no_periods"],
        recent=params["past_weeks_not_included"], reweigh_above=params["weights_threshold"], trend=params["trend"],
        trend_p=params["p_threshold_trend"], threshold=params["threshold_method"], alpha=params["alpha"],
        least_cases=params["limit_cases"], within=params["limit_weeks"],
    )  # fmt: skip
    weeks = chosen_weeks(weekly, params["range_from"], params["range_to"], _first_week(weekly, settings))
    found = farrington(
        weekly.counts, weeks, starts=weekly.starts, population=_population(weekly, params), settings=settings,
        excluded=excluded_weeks(weekly.starts, ranges, weekly.counts.shape[0]),
    )  # fmt: skip
    return _told(weekly, weeks, found, settings, params["q"], [str(each) for each in ranges])


def _first_week(weekly: Panel, settings: Settings) -> int:
    """The first week with all years of history; if there is none, the first with as few as will do; else the last."""
    last = len(weekly.positions) - 1
    for years in (settings.years, LEAST_YEARS):
        if years_of_history(last, years, settings.half_window, weekly.starts) == years:
            return next(
                week
                for week in range(last + 1)
                if years_of_history(week, years, settings.half_window, weekly.starts) == years
            )
    return last


def _population(weekly: Panel, params: Mapping[str, Any]) -> NDArray[np.float64] | None:
    if not params["population_offset"]:
        return None
    if "population" not in weekly.extra or np.isnan(weekly.extra["population"]).any():
        raise UnfitNumbers(
            "population_offset needs a population for every week and series.",
            where="series, column population", expected="a number above 0 in every row",
        )  # fmt: skip
    return weekly.extra["population"]


@dataclass(frozen=True)
class _Short:
    """EARS C2 for the judgements with too short a history: which they are, and what it says of them."""

    is_short: NDArray[np.bool_]
    has: NDArray[np.bool_]
    upper: NDArray[np.float64]
    mean: NDArray[np.float64]
    p: NDArray[np.float64]
    enough: NDArray[np.bool_]


def _short(weekly: Panel, weeks: list[int], found: Alarms, settings: Settings) -> _Short:
    c2 = ears(weekly.counts, "C2", alpha=settings.alpha, least_sd=_C2_LEAST_SD)
    is_short, upper = found.years == 0, c2.upper[weeks]
    enough = _last_weeks(weekly, weeks, settings) >= settings.least_cases
    p = _normal_tail((found.observed - c2.mean[weeks]) / c2.sd[weeks])
    return _Short(is_short, is_short & ~np.isnan(upper), upper, c2.mean[weeks], p, enough)


def _told(weekly: Panel, weeks: list[int], found: Alarms, settings: Settings, q: float, notes: list[str]) -> Answer:
    short = _short(weekly, weeks, found, settings)
    upper = np.where(short.has, np.where(short.enough, short.upper, np.nan), found.upper)
    with np.errstate(invalid="ignore", divide="ignore"):
        score = np.where(short.has, (found.observed - short.mean) / (short.upper - short.mean), found.score)
        is_alarm = found.is_alarm | (short.has & short.enough & (found.observed > short.upper))
    p = np.where(short.has, short.p, found.p)
    p_bh = adjusted_by_week(p)
    used = np.where(short.is_short, np.where(short.has, "ears_c2", "not_enough_history"), "farrington")
    numbers = {
        "upperbound": upper, "expected": np.where(short.is_short, short.mean, found.expected),
        "phi": found.dispersion, "trend": found.trend, "pvalue": p, "p_bh": p_bh, "mu0": found.judged_at,
        "score": score,
    }  # fmt: skip
    rows = _week_columns(weekly, weeks).with_columns(
        pl.Series("method", _by_series(used).tolist()),
        pl.Series("alarm", _by_series(is_alarm)),
        pl.Series("is_discovery", _by_series(is_alarm & (p_bh <= q))),
        pl.Series("years", _by_series(found.years)),
        *(pl.Series(name, _by_series(values)).fill_nan(None) for name, values in numbers.items()),
    )
    false = float(found.false.sum()) + _c2_false(settings.alpha) * float((short.has & short.enough).sum())
    summary = _counts(used, is_alarm, is_alarm & (p_bh <= q), false, settings)
    return Answer(rows, summary, tuple(notes + _notes(used, rows)))


def _c2_false(alpha: float) -> float:
    """How often C2 is wrong: its mean and standard deviation are of seven weeks, so what it compares is a t of 6."""
    from scipy.special import ndtri, stdtr

    return float(stdtr(6, ndtri(alpha) * np.sqrt(7 / 8)))


def _last_weeks(weekly: Panel, weeks: list[int], settings: Settings) -> NDArray[np.float64]:
    """Events of each series in the weeks up to each."""
    padded = np.vstack([np.zeros((settings.within, len(weekly.names))), np.nan_to_num(weekly.counts)])
    total = np.cumsum(padded, axis=0)
    found: NDArray[np.float64] = (total[settings.within :] - total[: -settings.within])[weeks]
    return found


def _normal_tail(z: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import ndtr

    tail: NDArray[np.float64] = ndtr(-z)
    return tail


def _counts(
    used: NDArray[np.str_], is_alarm: NDArray[np.bool_], is_discovery: NDArray[np.bool_], false: float,
    settings: Settings,
) -> dict[str, Any]:  # fmt: skip
    judged = int((used != "not_enough_history").sum())
    return {
        "series": used.shape[1], "weeks": used.shape[0], "judged": judged, "alarms": int(is_alarm.sum()),
        "discoveries": int(is_discovery.sum()), "expected_false_alarms": round(false, 6),
        "most_false_alarms": round(settings.alpha * judged, 6), "threshold_method": settings.threshold,
        "says": f"{int(is_alarm.sum())} alarms in {judged:,} judgements of a week; if nothing had changed, about "
        f"{false:.1f} would be expected. {int(is_discovery.sum())} stand after correction for how many were looked at.",
    }  # fmt: skip


def _notes(used: NDArray[np.str_], rows: pl.DataFrame) -> list[str]:
    notes = []
    short, silent = int((used == "ears_c2").sum()), int((used == "not_enough_history").sum())
    if short:
        notes.append(
            f"{short} judgements have fewer than {LEAST_YEARS} earlier years and are by EARS C2, which knows no season "
            "and is wrong about five times as often as it says."
        )
    if silent:
        notes.append(
            f"{silent} judgements are withheld: not enough history (fewer than {_LEAST_WEEKS} weeks, or too many of "
            "the weeks to compare with are not known)."
        )
    missing = rows["observed"].null_count()
    if missing:
        notes.append(f"{missing} weeks are not known and raise no alarm; they are not zeros.")
    return notes


FARRINGTON = Method(
    name="farrington_flexible",
    version="1.0.0",
    title="Unusual weeks (Farrington flexible)",
    says="Whether a week's count is above what the same weeks of earlier years, their trend and their seasons lead to "
    "expect. Thousands of series at once, with how many false alarms chance alone would give.",
    source="Noufaily and others, Statistics in Medicine 32(7), 2013; Farrington and others, J. Royal Statistical "
    "Society A 159(3), 1996; Salmon, Schumacher and Höhle, J. Statistical Software 70(10), 2016; short series: "
    "Hutwagner and others, J. Urban Health 80(2), 2003",
    inputs={
        "series": (
            *WEEKLY_COLUMNS,
            WantedColumn("population", "number", "people behind the count, where counts are judged per head", "people",
                         required=False),
        )
    },
    params=(
        Param("b", "integer", "earlier years compared with, at most", 5, "years", 2, 20),
        Param("w", "integer", "weeks on each side of the same week of an earlier year", 3, "weeks", 0, 25),
        Param("no_periods", "integer", "seasons a year; 1 uses the windows alone", 10, "seasons", 1, 26),
        Param("past_weeks_not_included", "integer", "last weeks left out of the baseline", 26, "weeks", 0, 51),
        Param("weights_threshold", "number", "Anscombe residual above which a past week counts less", 2.58, "",
              0.5, 100),
        Param("trend", "boolean", "whether a trend is fitted", default=True),
        Param("p_threshold_trend", "number", "p under which the trend is kept; 1 for always", 1.0, "", 0, 1),
        Param("threshold_method", "text", "quantile of the negative binomial, the same at the mean's upper limit, or "
              "the 2/3 power", "nbPlugin", choices=("nbPlugin", "muan", "delta")),
        Param("alpha", "number", "chance of a false alarm in a week", 0.01, "", 1e-6, 0.5),
        Param("limit_cases", "integer", "an alarm needs so many events …", 5, "events", 0, 1000),
        Param("limit_weeks", "integer", "… in so many last weeks", 4, "weeks", 1, 52),
        Param("population_offset", "boolean", "judge counts per head of `population`", default=False),
        Param("q", "number", "share of false discoveries accepted over the series of a week", 0.05, "", 0.001, 0.5),
        Param("exclude", "text", "days in no baseline, each range with its reason, parted by ;", ""),
        *_RANGE,
        _COUNT,
    ),
    outputs=(
        *_WHICH_WEEK,
        Output("method", "text", "farrington, ears_c2 for a short history, or not_enough_history"),
        Output("upperbound", "number", "an alarm is above it; null with too few events in the last weeks", "events"),
        Output("alarm", "boolean", "whether the count is above the bound"),
        Output("expected", "number", "mean expected", "events"),
        Output("phi", "number", "dispersion: variance over mean, 1 or more"),
        Output("trend", "number", "slope of the logarithm; null where none was kept", "a week"),
        Output("pvalue", "number", "chance of so many events or more"),
        Output("p_bh", "number", "pvalue adjusted by Benjamini and Hochberg over the series of the week"),
        Output("is_discovery", "boolean", "an alarm that stands at q"),
        Output("mu0", "number", "mean behind the bound: expected, or its upper limit for muan", "events"),
        Output("score", "number", "(observed - expected) / (bound - expected); above 1 is an alarm"),
        Output("years", "integer", "earlier years compared with", "years"),
    ),
    compute=_farrington,
    assumes=(
        "Recording has not changed within the years compared with: a change looks like an outbreak, or hides one.",
        "The weeks judged are all reported; a week that is still filling up looks quiet.",
        "Series with fewer than about one event a week are nearly blind: few alarms are false, and few are raised.",
    ),
)  # fmt: skip


def _ears(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    weekly = panel(frames["series"], "series")
    variants: tuple[Variant, ...] = ("C1", "C2", "C3") if params["method"] == "all" else (params["method"],)
    needed = params["baseline"] + LAG[variants[0]] + 1
    if weekly.counts.shape[0] < needed:
        raise TooFewPoints(where="series", found=weekly.counts.shape[0], needed=needed)
    parts, alarms, flat = [], 0, 0
    weeks = chosen_weeks(weekly, params["range_from"], params["range_to"], needed - 1)
    for variant in variants:
        found = ears(
            weekly.counts, variant, alpha=params["alpha"], baseline=params["baseline"], least_sd=params["min_sigma"]
        )
        parts.append(_week_columns(weekly, weeks).with_columns(
            method=pl.lit(variant), alpha=pl.lit(params["alpha"]),
            upperbound=_by_series(found.upper[weeks]), alarm=_by_series(found.is_alarm[weeks]),
            mean=_by_series(found.mean[weeks]), sd=_by_series(found.sd[weeks]),
            statistic=_by_series(found.statistic[weeks]), is_signal=_by_series(found.is_signal[weeks]),
        ))  # fmt: skip
        alarms += int(found.is_alarm[weeks].sum())
        flat += int((found.sd[weeks] == 0).sum())
    rows = pl.concat(parts).with_columns(pl.col("upperbound", "mean", "sd", "statistic").fill_nan(None))
    judged = rows.filter(pl.col("upperbound").is_not_null()).height
    notes = [_ROUGH]
    if flat:
        notes.append(f"{flat} baselines do not vary at all, so that one event is an alarm; min_sigma sets a floor.")
    return Answer(
        rows, {"judged": judged, "alarms": alarms, "nominal_false_alarms": round(params["alpha"] * judged, 6)},
        tuple(notes),
    )  # fmt: skip


EARS = Method(
    name="ears_c1c2c3",
    version="1.0.0",
    title="Unusual weeks of short series (EARS C1, C2, C3)",
    says="Whether a week's count is above the seven weeks before it (C1), above seven weeks with a gap of two (C2), or "
    "whether the last three weeks together are (C3). For series too short for a season.",
    source="Hutwagner and others, J. Urban Health 80(2) suppl. 1, 2003; Fricker, Hegler and Dunfee, Statistics in "
    "Medicine 27(17), 2008; bounds as earsC of R surveillance 1.20.3",
    inputs={"series": WEEKLY_COLUMNS},
    params=(
        Param("method", "text", "which variant", "all", choices=("C1", "C2", "C3", "all")),
        Param("alpha", "number", "tail of the normal curve above the bound; 0.00135 for the 3 sigma of CDC", 0.001, "",
              1e-9, 0.5),
        Param("baseline", "integer", "weeks compared with", 7, "weeks", 3, 52),
        Param("min_sigma", "number", "floor of the standard deviation; 0 for none, as published", 0.0, "events",
              0, 1000),
        *_RANGE,
        _COUNT,
    ),
    outputs=(
        *_WHICH_WEEK,
        Output("method", "text", "C1, C2 or C3"),
        Output("alpha", "number", "as given"),
        Output("upperbound", "number", "an alarm is above it", "events"),
        Output("alarm", "boolean", "whether the count is above the bound"),
        Output("mean", "number", "of the baseline", "events"),
        Output("sd", "number", "of the baseline, not under min_sigma", "events"),
        Output("statistic", "number", "C1, C2 or C3 as published"),
        Output("is_signal", "boolean", "statistic above the normal quantile: the published rule; for C3 it counts the "
               "week itself, which the reference's bound does not"),
    ),
    compute=_ears,
    assumes=(
        "The weeks before are like this one: no season, no trend, no holiday.",
        "Counts are near enough to normal; with means under 5 the bound is too low.",
    ),
)  # fmt: skip


def _cusum(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    weekly = panel(frames["series"], "series")
    training = params["training_weeks"]
    if not params["mean"] and weekly.counts.shape[0] <= training:
        raise TooFewPoints(where="series", found=weekly.counts.shape[0], needed=training + 1)
    mean, dispersion = _in_control(weekly.counts[:training], params)
    weeks = list(range(training if not params["mean"] else 0, weekly.counts.shape[0]))
    found = cusum(
        weekly.counts[weeks], mean, score=params["score"], k=params["k"], h=params["h"], dispersion=dispersion,
        ratio=params["ratio"], starts_over=params["reset"],
    )  # fmt: skip
    rows = _week_columns(weekly, weeks).with_columns(
        mean=np.repeat(mean, len(weeks)), score=_by_series(found.score), cusum=_by_series(found.statistic),
        alarm=_by_series(found.is_alarm), p_week=_by_series(chance_of_at_least(weekly.counts[weeks], mean, dispersion)),
    ).with_columns(pl.col("p_week").fill_nan(None))  # fmt: skip
    return Answer(rows, {"weeks": len(weeks), "alarms": int(found.is_alarm.sum())})


def _in_control(
    past: NDArray[np.float64], params: Mapping[str, Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and dispersion of each series: as given, or of the first weeks."""
    known = (~np.isnan(past)).sum(axis=0)
    if not params["mean"] and (known < _LEAST_WEEKS).any():
        raise TooFewPoints(where="the first weeks of a series", found=int(known.min()), needed=_LEAST_WEEKS)
    mean = np.full(past.shape[1], params["mean"]) if params["mean"] else np.nanmean(past, axis=0)
    if (mean <= 0).any():
        raise UnfitNumbers(
            "A series has no event in the weeks that set its usual level.",
            where="series", found="a mean of 0", expected="a mean above 0, or --param mean=",
        )  # fmt: skip
    if params["dispersion"]:
        return mean, np.full(past.shape[1], params["dispersion"])
    if params["mean"] or params["score"] == "rossi":
        return mean, np.ones(past.shape[1])
    return mean, np.maximum(np.nanvar(past, axis=0, ddof=1) / mean, 1.0)


CUSUM = Method(
    name="cusum",
    version="1.0.0",
    title="Small rises that last (CUSUM)",
    says="Adds up what each week has above its usual level, less an allowance: finds a lasting rise too small for any "
    "single week to show.",
    source="Rossi, Lampugnani and Marchi, Statistics in Medicine 18(16), 1999; Hawkins and Olwell, Cumulative Sum "
    "Charts, 1998; Höhle and Paul, Computational Statistics & Data Analysis 52(9), 2008",
    inputs={"series": WEEKLY_COLUMNS},
    params=(
        Param("score", "text", "what a week adds: Rossi's normal score, a standardised count, its square root, or a "
              "negative binomial likelihood ratio", "rossi",
              choices=("rossi", "standard", "anscombe", "negative_binomial")),
        Param("k", "number", "allowance a week; none is taken from a likelihood ratio", 1.04, "", 0, 10),
        Param("h", "number", "an alarm is at or above it", 2.26, "", 0.1, 100),
        Param("mean", "number", "usual level; 0 takes it from the training weeks", 0.0, "events a week", 0, 1e6),
        Param("dispersion", "number", "variance over mean; 0 takes it from the training weeks, 1 for rossi", 0.0, "",
              0, 100),
        Param("ratio", "number", "rise that the likelihood ratio looks for", 1.5, "times", 1.01, 20),
        Param("training_weeks", "integer", "first weeks, that set the usual level", 52, "weeks", 8, 520),
        Param("reset", "boolean", "start again at 0 after an alarm", default=False),
        _COUNT,
    ),
    outputs=(
        *_WHICH_WEEK,
        Output("mean", "number", "usual level", "events a week"),
        Output("score", "number", "what the week adds before the allowance"),
        Output("cusum", "number", "the sum so far, never under 0"),
        Output("alarm", "boolean", "the sum has reached h"),
        Output("p_week", "number", "chance of so many events or more in that week alone"),
    ),
    compute=_cusum,
    assumes=(
        "The usual level does not move with the season; a seasonal series needs farrington_flexible.",
        "Rossi's score takes counts as Poisson; where they vary more, use negative_binomial or give the dispersion.",
    ),
)  # fmt: skip
