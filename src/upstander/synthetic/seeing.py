"""Which agency comes to know of which act, and how late. This is the only place where the three views part."""

import numpy as np
import polars as pl

from upstander.synthetic.chance import Claims, Numbers, stream
from upstander.synthetic.kinds import SEXUAL
from upstander.synthetic.land import HOSPITAL, Land
from upstander.synthetic.planted import AGENCIES, Planted

# Known to each agency in a usual year, outside the planted places.
SEEN_A_YEAR = {"police": 13_300, "ambulance": 5_300, "ed": 4_700}
_BY_SEVERITY = {
    "police": {"none": 0.62, "minor": 0.44, "moderate": 0.42, "serious": 0.92, "fatal": 1.0},
    "ambulance": {"none": 0.05, "minor": 0.30, "moderate": 0.75, "serious": 0.95, "fatal": 1.0},
    "ed": {"none": 0.015, "minor": 0.34, "moderate": 0.80, "serious": 0.93, "fatal": 0.4},
}
_BY_SETTING = {
    "police": {"licensed": 0.75, "school": 0.55, "hospital": 0.7, "custody": 1.6, "street": 1.05},
    "ambulance": {"licensed": 1.25, "street": 1.2, "school": 0.8, "hospital": 0.1, "custody": 0.6},
    "ed": {"licensed": 1.25, "street": 1.1, "school": 0.9, "custody": 0.2},
}
_SEXUAL_HEALTH_FACTOR = 0.35  # most go to a referral centre, which sends neither ambulance nor ED rows
_FAR_FROM_ED_M = 40_000.0
_AT_MOST = 0.97  # no act is certain to be known, whatever the factors multiply to


def who_sees(acts: pl.DataFrame, land: Land, planted: Planted, *, years: float, seed: int) -> pl.DataFrame:
    """One row an act and agency that knows of it: incident, agency, delay_min.

    delay_min: minutes from the act to the call (ambulance), the arrival (ed) or the crime being recorded (police).
    """
    views = [_view(agency, acts, land, planted, years=years, seed=seed) for agency in AGENCIES]
    return pl.concat(views)


def _view(agency: str, acts: pl.DataFrame, land: Land, planted: Planted, *, years: float, seed: int) -> pl.DataFrame:
    rng = stream(seed, f"seen by {agency}")
    chance = _calibrated(_propensity(agency, acts, land), acts, SEEN_A_YEAR[agency] * years)
    factor = np.ones(acts.height)
    for spot in planted.hot_spots:
        factor[(acts["hot_spot"] == spot.name).to_numpy()] = spot.seen[agency]
    change = planted.recording_change
    if agency == change.agency:
        since = acts["at_local"].dt.date() >= change.start
        factor *= np.where((since & (acts["severity"] == "none")).to_numpy(), change.factor, 1.0)
    known = rng.random(acts.height) < np.minimum(_AT_MOST, chance * factor)
    delay = _delay_min(agency, rng, acts.height)
    return pl.DataFrame({
        "incident": acts["incident"], "agency": pl.repeat(agency, acts.height, eager=True), "delay_min": delay,
    }).filter(pl.Series(known))  # fmt: skip


def _propensity(agency: str, acts: pl.DataFrame, land: Land) -> Numbers:
    """How readily an act comes to the agency, before calibration."""
    weight = acts.select(
        pl.col("severity").replace_strict(_BY_SEVERITY[agency], return_dtype=pl.Float64)
        * pl.col("setting").replace_strict(_BY_SETTING[agency], default=1.0, return_dtype=pl.Float64)
        * (pl.lit(1.0) if agency == "police" else pl.when(_is_sexual()).then(_SEXUAL_HEALTH_FACTOR).otherwise(1.0))
    ).to_series().to_numpy()  # fmt: skip
    if agency == "ed":
        hospital = land.areas.select("x_m", "y_m").row(HOSPITAL)
        distance = np.linalg.norm(acts.select("x_m", "y_m").to_numpy() - np.array(hospital), axis=1)
        weight = weight * (1.1 - 0.5 * distance / _FAR_FROM_ED_M)
    return np.asarray(weight, dtype=np.float64)


def _is_sexual() -> pl.Expr:
    return pl.col("offence_code").is_in(SEXUAL)


def _calibrated(weight: Numbers, acts: pl.DataFrame, wanted: float) -> Numbers:
    """Chances proportional to `weight` whose sum over the usual acts is what an agency sees in a usual period."""
    usual: Claims = ((acts["hot_spot"] == "") & ~acts["is_outbreak"]).to_numpy()
    low, high = 0.0, 50.0
    for _ in range(40):
        middle = (low + high) / 2
        is_short = np.minimum(_AT_MOST, weight[usual] * middle).sum() < wanted
        low, high = (middle, high) if is_short else (low, middle)
    return np.asarray(np.minimum(_AT_MOST, weight * high), dtype=np.float64)


def _delay_min(agency: str, rng: np.random.Generator, size: int) -> Numbers:
    if agency == "ambulance":
        return _whole(rng.lognormal(np.log(9), 0.7, size))
    if agency == "ed":
        # Most arrive within two hours, median 55 minutes; one in twelve sleeps on it.
        slept = rng.random(size) < 0.08
        return _whole(np.where(slept, rng.uniform(360, 2200, size), rng.lognormal(np.log(55), 0.55, size)))
    soon, days = rng.lognormal(np.log(75), 1.1, size), rng.exponential(3.0 * 1440, size)
    months = rng.exponential(60.0 * 1440, size)
    kind = rng.choice(3, size, p=[0.74, 0.22, 0.04])
    return _whole(np.choose(kind, [soon, 600 + days, 2880 + months]))


def _whole(minutes: Numbers) -> Numbers:
    return np.asarray(minutes.round(), dtype=np.float64)
