"""Unusual weeks, clusters, delays and rises: false alarms, coverage of every interval, recall of what was planted.

Made series first, where only chance is at work; then fictional counties with an outbreak and a change in recording.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import numpy as np
import planted_county
import polars as pl

from simulations import Finding
from upstander.analysis.outbreaks.cusum import cusum
from upstander.analysis.outbreaks.cylinders import circles, last_windows
from upstander.analysis.outbreaks.delays import completeness, nowcast
from upstander.analysis.outbreaks.ears import ears
from upstander.analysis.outbreaks.farrington import Settings, farrington
from upstander.analysis.outbreaks.recording import Evidence, Source, evidence
from upstander.analysis.outbreaks.scan import Scan, permutation_scan
from upstander.analysis.outbreaks.steps import count_step, share_step

Draw = Callable[[np.random.Generator], np.ndarray]
MEANS, DISPERSIONS = (0.5, 3.0, 20.0, 200.0), (1.0, 2.0)
ALPHA, LEVEL = 0.01, 0.95
YEAR = 365.25 / 7
COUNTY_SEEDS = 50


def simulate(runs: int, seed: int) -> list[Finding]:
    """Everything. Scans, delays and counties, which cost more, get a tenth and a quarter of the runs."""
    few = max(runs // 10, 10)
    return [
        *weeks(runs, seed),
        *short_series(runs, seed),
        *scans(few, seed),
        *delays(few, seed),
        *steps(few, seed),
        *readings(few, seed),
        *counties(min(max(runs // 4, 2), COUNTY_SEEDS), seed),
    ]


def counted(rng: np.random.Generator, mean: np.ndarray, dispersion: float) -> np.ndarray:
    """Poisson counts, or negative binomial ones of that variance over mean."""
    if dispersion == 1:
        return rng.poisson(mean).astype(float)
    return rng.negative_binomial(mean / (dispersion - 1), 1 / dispersion).astype(float)


def seasonal(weeks: int, series: int, mean: float, rng: np.random.Generator) -> np.ndarray:
    """Means of weeks × series: a season of 20% with its peak anywhere, and up to 5% more or fewer a year."""
    week = np.arange(weeks)[:, None]
    turn = 2 * np.pi * (week / YEAR - rng.random(series))
    return mean * (1 + 0.2 * np.cos(turn)) * np.exp(rng.uniform(-0.05, 0.05, series) * (week - weeks) / YEAR)


def weeks(runs: int, seed: int) -> list[Finding]:
    """Farrington: alarms where nothing changed, and weeks with twice as many that are found."""
    found = []
    for mean in MEANS:
        for dispersion in DISPERSIONS:
            rng = np.random.default_rng([seed, 1, int(mean * 10), int(dispersion)])
            usual = seasonal(290, runs, mean, rng)
            setting = f"mean {mean:g} a week, variance {dispersion:g} × mean"
            for threshold in ("nbPlugin", "muan", "delta"):
                asked = Settings(threshold=threshold, alpha=ALPHA)  # type: ignore[arg-type]
                alarms = farrington(counted(rng, usual, dispersion), [289], settings=asked)
                # Counts of one a week need five in four: such series are nearly blind, and seldom wrong.
                found.append(Finding(
                    "farrington_flexible", f"false alarms, {threshold}", setting, float(alarms.is_alarm.mean()), runs,
                    ALPHA, 0.0, 0.03 if dispersion > 1 else 0.02,
                ))  # fmt: skip
            doubled = usual.copy()
            doubled[288:] *= 2
            y = counted(rng, doubled, dispersion)
            hit = farrington(y, [288, 289], settings=Settings(alpha=ALPHA)).is_alarm.any(axis=0)
            # Recall is a matter of size: at 3 a week a doubled week lies under the bound more often than above it.
            least = {0.5: 0.0, 3.0: 0.15, 20.0: 0.9 if dispersion == 1 else 0.75, 200.0: 0.99}[mean]
            found.append(
                Finding("farrington_flexible", "found: two weeks of twice as many", setting, float(hit.mean()), runs,
                        None, least)
            )  # fmt: skip
    return found


def short_series(runs: int, seed: int) -> list[Finding]:
    """EARS and CUSUM, where nothing changed and there is no season."""
    found = []
    for mean, dispersion in ((3.0, 1.0), (20.0, 1.0), (20.0, 2.0)):
        rng = np.random.default_rng([seed, 2, int(mean), int(dispersion)])
        setting = f"mean {mean:g} a week, variance {dispersion:g} × mean"
        y = counted(rng, np.full((70, runs), mean), dispersion)
        for variant in ("C1", "C2", "C3"):
            signal = ears(y, variant, alpha=ALPHA, least_sd=1.0).is_signal[20]  # type: ignore[arg-type]
            # Seven weeks give a t of 6 degrees, not a normal: 3.6% by theory, more for skewed counts and for C3.
            found.append(Finding(
                "ears_c1c2c3", f"false signals, {variant}", setting, float(signal.mean()), runs, ALPHA, 0.0,
                0.075 if variant == "C3" else 0.055,
            ))  # fmt: skip
        known = cusum(y, mean, starts_over=True).is_alarm[10:]
        # The mean run to a false alarm is about 500 weeks for Poisson counts of a known mean.
        if dispersion == 1:
            found.append(Finding("cusum", "false alarms, rossi", setting, float(known.mean()), runs, 0.002, 0.0, 0.004))
        ratio = cusum(y, mean, score="negative_binomial", ratio=1.5, h=5.0, dispersion=dispersion, starts_over=True)
        found.append(Finding(
            "cusum", "false alarms, negative binomial", setting, float(ratio.is_alarm[10:].mean()), runs, None, 0.0,
            0.004,
        ))  # fmt: skip
        risen = cusum(counted(rng, np.full((12, runs), mean * 1.5), dispersion), mean, score="negative_binomial",
                      ratio=1.5, h=5.0, dispersion=dispersion).is_alarm.any(axis=0)  # fmt: skip
        found.append(Finding(
            "cusum", "found within 12 weeks: half as many again", setting, float(risen.mean()), runs, None,
            0.35 if mean == 3 else 0.95,
        ))  # fmt: skip
    return found


SIDE = 8
PLACES = np.column_stack([axis.ravel() for axis in np.indices((SIDE, SIDE))]).astype(float)


def scans(runs: int, seed: int) -> list[Finding]:
    """Permutation scan: how often it names a cluster where there is none, and finds one of twice as many."""
    found = []
    for size in (300, 2000):
        null, hits = 0, 0
        for run in range(runs):
            rng = np.random.default_rng([seed, 3, size, run])
            weekday = rng.choice(7, size, p=[0.1, 0.1, 0.1, 0.1, 0.2, 0.25, 0.15])
            # Some places are busy on Saturdays only, which is no cluster.
            uneven = np.where((weekday == 5)[:, None], np.linspace(0.2, 1.8, 64), np.ones(64)).cumsum(axis=1)
            cell = (rng.random(size)[:, None] * uneven[:, -1:] >= uneven).sum(axis=1)
            day = rng.integers(0, 12, size) * 7 + weekday
            null += _scanned(cell, day, weekday).clusters[0].p <= 0.05
            near = np.flatnonzero(np.hypot(*(PLACES - PLACES[27]).T) < 1.5)
            extra = rng.poisson(max(size * 14 / 84 * near.size / 64, 15))
            cell, day = np.append(cell, rng.choice(near, extra)), np.append(day, rng.integers(70, 84, extra))
            first = _scanned(cell, day, day % 7).clusters[0]
            hits += first.p <= 0.05 and len(set(first.cells) & set(near.tolist())) >= near.size / 2
        setting = f"{size} cases in 64 places and 12 weeks, Saturdays elsewhere"
        # The expectation is taken from the cases themselves, the cluster's among them: twice as many as before is
        # about 1.5 times as many as expected.
        least = 0.15 if size == 300 else 0.6
        found += [
            Finding("scan_permutation", "names one where there is none", setting, null / runs, runs, 0.05, 0.0, 0.06),
            Finding("scan_permutation", "found: twice as many for two weeks", setting, hits / runs, runs, None, least),
        ]  # fmt: skip
    return found


def _scanned(cell: np.ndarray, day: np.ndarray, weekday: np.ndarray) -> Scan:
    zones = circles(PLACES, np.bincount(cell, minlength=64).astype(float), most_share=0.25)
    return permutation_scan(cell, day, zones, last_windows(84, 28), stratum=weekday, worlds=99, seed=int(cell.sum()))


def delays(runs: int, seed: int) -> list[Finding]:
    """Coverage of the curve at 3, 7, 14 and 28 days, and of what the last five whole weeks come to."""
    found = []
    for mean, dispersion, uneven in ((10, 1, 0.0), (60, 1, 0.0), (400, 2, 0.0), (60, 1, 0.3), (400, 2, 0.3)):
        truth = _true_curve(uneven)
        curve, weeks_held = [], []
        for run in range(runs):
            rng = np.random.default_rng([seed, 4, mean, int(uneven * 10), run])
            event, recorded, as_of = _records(rng, mean, dispersion, uneven)
            one = completeness(event, recorded, as_of)
            at = [3, 7, 14, 28]
            curve.append((one.low[at] <= truth[at]) & (truth[at] <= one.high[at]))
            later = nowcast(event, recorded, as_of, one, weeks=6)
            came = (event - 1) // 7 * 7 + 1
            came = came[recorded - event <= 90]
            true = (came[:, None] == later.week).sum(axis=0)
            weeks_held.append(((later.low <= true) & (true <= later.high))[later.is_over])
        differ = f", weeks differ by {uneven:.0%}" if uneven else ""
        setting = f"mean {mean} a week, variance {dispersion} × mean{differ}"
        found += [
            Finding("reporting_delay", "curve held", setting, float(np.mean(curve)), runs, LEVEL, 0.92, 1.0),
            Finding(
                "reporting_delay", "week's total held", setting, float(np.mean(weeks_held)), runs, LEVEL, 0.92, 1.0
            ),
        ]
    return found


def _records(
    rng: np.random.Generator, mean: float, dispersion: float, uneven: float
) -> tuple[np.ndarray, np.ndarray, int]:
    first, days = 737_000, 455
    event = first + np.repeat(np.arange(days), counted(rng, np.full(days, mean / 7), dispersion).astype(int))
    week = (event - first) // 7
    slow = np.exp(rng.normal(0, uneven, days // 7 + 1))[week]
    return event, event + rng.exponential(9 * slow).astype(int), first + days - 1


def _true_curve(uneven: float) -> np.ndarray:
    slow = np.exp(np.random.default_rng(0).normal(0, uneven, 100_000 if uneven else 1))
    curve = np.array([1 - np.exp(-(day + 1) / 9 / slow).mean() for day in range(91)])
    return curve / curve[-1]


def steps(runs: int, seed: int) -> list[Finding]:
    """Coverage of the ratio of a rise of 30%, and of the same beside another source."""
    found = []
    for mean, dispersion, before, alike in (
        (3, 1, 104, 0.0), (30, 1, 104, 0.0), (30, 2, 104, 0.0), (300, 2, 104, 0.0), (30, 2, 40, 0.0), (30, 1, 104, 0.1),
        (300, 1, 104, 0.1),
    ):  # fmt: skip
        held, held_beside, up = [], [], []
        for run in range(runs):
            rng = np.random.default_rng([seed, 5, mean, dispersion, before, int(alike * 10), run])
            usual = _walking(rng, mean, before + 8, alike, season=0.15 if before > 78 else 0.0)
            risen = usual * np.where(np.arange(usual.size) >= before, 1.3, 1.0)
            y, other = counted(rng, risen, dispersion), counted(rng, usual * 0.6, dispersion)
            step, beside = count_step(y, before), share_step(y, y + other, before)
            held.append(step.low <= 1.3 <= step.high)
            held_beside.append(beside.low <= 1.3 <= beside.high)
            up.append(count_step(counted(rng, usual, dispersion), before).is_up)
        like = ", neighbouring weeks alike" if alike else ""
        setting = f"mean {mean} a week, variance {dispersion} × mean, {before} weeks before{like}"
        # Where weeks are strongly alike eight of them tell less than the correlation found in the rest can say.
        least = 0.92 if not alike else 0.8
        found += [
            Finding("recording_change", "ratio held", setting, float(np.mean(held)), runs, LEVEL, least, 1.0),
            Finding("recording_change", "ratio beside another held", setting, float(np.mean(held_beside)), runs, LEVEL,
                    0.92, 1.0),
            Finding("recording_change", "false rises", setting, float(np.mean(up)), runs, 0.025, 0.0,
                    0.05 if not alike else 0.1),
        ]  # fmt: skip
    return found


def _walking(rng: np.random.Generator, mean: float, size: int, alike: float, *, season: float) -> np.ndarray:
    """Means with a season and, at the standard deviation `alike`, weeks that lean on the one before by a half."""
    lean = np.zeros(size)
    shock = rng.normal(0, alike * np.sqrt(0.75), size)
    for week in range(1, size):
        lean[week] = 0.5 * lean[week - 1] + shock[week]
    return mean * (1 + season * np.cos(2 * np.pi * np.arange(size) / YEAR)) * np.exp(lean)


def readings(runs: int, seed: int) -> list[Finding]:
    """What a rise of half as many again over eight weeks is read as, by what was planted."""
    found = []
    for size in (10, 40, 200):
        for kind, right, least in (
            ("violence", "violence", {10: 0.4, 40: 0.9, 200: 0.97}),
            ("recording", "recording", {10: 0.03, 40: 0.65, 200: 0.9}),
            ("nothing", "no_rise", {10: 0.9, 40: 0.9, 200: 0.9}),
        ):  # fmt: skip
            tally = Counter(_read(seed, size, kind, run) for run in range(runs))
            wrong = sum(tally[each] for each in ("violence", "recording") if each != right)
            setting = f"police about {size} a week, variance 1.5 × mean, {kind} planted"
            found += [
                Finding("recording_change", f"read as {right}", setting, tally[right] / runs, runs, None, least[size]),
                Finding("recording_change", "read as the wrong one", setting, wrong / runs, runs, None, 0.0, 0.05),
            ]
    return found


def _read(seed: int, size: int, kind: str, run: int) -> str:
    rng = np.random.default_rng([seed, 6, size, len(kind), run])
    acts = _walking(rng, size, 112, 0.0, season=0.15)
    late = np.arange(112) >= 104
    acts *= np.where(late & (kind == "violence"), 1.5, 1.0)
    minor = 0.75 * acts * np.where(late & (kind == "recording"), 1.5, 1.0)
    severe = counted(rng, 0.25 * acts, 1.5)
    police = Source("police", counted(rng, minor, 1.5) + severe, severe=severe)
    others = [Source(name, counted(rng, share * acts, 1.5)) for name, share in (("ambulance", 0.5), ("ed", 0.6))]
    return evidence(police, others, 104).reading


def counties(seeds: int, seed: int) -> list[Finding]:
    """What each fictional county of four years shows of its planted outbreak and its planted change in recording."""
    made = [county(seed * 1000 + number) for number in range(seeds)]
    share = partial(_share, made, seeds)
    return [
        share("scan_permutation", "outbreak found", "all violence, on the outbreak's last day", "scan_all", 0.6),
        share("scan_permutation", "outbreak found", "violence in the street", "scan_street", 0.9),
        share("scan_permutation", "outbreak found", "violence with knives", "scan_knife", 0.95),
        share("scan_permutation", "names a cluster, outbreak taken out", "three kinds of violence", "scan_null", 0.0,
              0.12),
        share("farrington_flexible", "outbreak found in its ward", "30 wards, seven weeks", "ward_found", 0.6),
        share("farrington_flexible", "false alarms", "30 wards × 26 weeks, recording unchanged", "ward_false", 0.0,
              0.02),
        share("farrington_flexible", "alarms by the change in recording", "30 wards × 26 weeks", "ward_recorded", 0.0,
              0.08),
        share("recording_change", "planted change read as recording", "police, the whole county", "recording", 0.85),
        share("recording_change", "planted change read as violence", "police, the whole county", "recording_wrong", 0.0,
              0.05),
        share("recording_change", "planted outbreak read as violence", "its six areas, each source rising", "outbreak",
              0.85),
        share("recording_change", "planted outbreak read as recording", "its six areas, each source rising",
              "outbreak_wrong", 0.0, 0.05),
    ]  # fmt: skip


def _share(
    made: list[dict[str, float]], seeds: int, method: str, what: str, setting: str, key: str, least: float,
    most: float = 1.0,
) -> Finding:  # fmt: skip
    return Finding(method, what, f"county: {setting}", float(np.mean([each[key] for each in made])), seeds, None, least,
                   most)  # fmt: skip


def county(seed: int) -> dict[str, float]:
    """Shares, by name, of what one county shows."""
    made = planted_county.make(seed)
    plain = planted_county.recorded_as_before(made, seed)
    return {**_scanned_county(made), **_wards(made, plain), **_rises(made)}


KINDS = {"all": pl.lit(True), "street": pl.col("setting") == "street", "knife": pl.col("weapon") == "sharp"}


def _scanned_county(made: planted_county.County) -> dict[str, float]:
    outbreak = made.planted.outbreak
    last = outbreak.end - timedelta(days=1)
    quiet = planted_county.without_outbreak(made)
    shares, null = {}, []
    for name, kind in KINDS.items():
        first = _scan_days(made, kind, last).clusters[0]
        touched = len(set(first.cells) & set(outbreak.areas))
        shares[f"scan_{name}"] = float(first.p <= 0.05 and touched >= 3)
        null.append(_scan_days(quiet, kind, last).clusters[0].p <= 0.05)
    return {**shares, "scan_null": float(np.mean(null))}


def _scan_days(made: planted_county.County, kind: pl.Expr, last: date, days: int = 182) -> Scan:
    known = made.known.filter(kind & (pl.col("day") <= last) & (pl.col("day") > last - timedelta(days=days)))
    cell = known["area"].to_numpy().astype(np.int64)
    back = (pl.Series([last]) - known["day"]).dt.total_days().to_numpy()
    points = made.land.areas.select(pl.col("x_m", "y_m") / 1000).to_numpy()
    zones = circles(points, np.bincount(cell, minlength=len(points)).astype(float), most_share=0.1, most_cells=30)
    weekday = known["day"].dt.weekday().to_numpy().astype(np.int64)
    return permutation_scan(
        cell,
        days - 1 - back,
        zones,
        last_windows(days, 56),
        stratum=weekday,
        worlds=99,
        seed=1,
        most_clusters=1,
        stop_at=5,
    )


def _wards(made: planted_county.County, plain: planted_county.County) -> dict[str, float]:
    """Alarms by ward in the last 26 weeks, within the outbreak's wards and weeks and outside them."""
    outbreak = made.planted.outbreak
    mondays = planted_county.whole_weeks(made.acts)
    last = list(range(len(mondays) - 26, len(mondays)))
    wards = sorted(made.acts["ward"].unique())
    own = set(made.land.areas["ward_code"].gather(list(outbreak.areas)))
    during = [outbreak.start - timedelta(days=3) <= mondays[week] < outbreak.end for week in last]
    is_outbreak = np.outer(during, [ward in own for ward in wards])
    alarms = {}
    for name, each in (("made", made), ("plain", plain)):
        weekly = each.known.group_by("ward", "week").len().pivot(on="ward", index="week", values="len")
        table = pl.DataFrame({"week": mondays}).join(weekly, on="week", how="left", maintain_order="left")
        counts = table.select(wards).fill_null(0).to_numpy().astype(float)
        alarms[name] = farrington(counts, last, starts=mondays).is_alarm
    return {
        "ward_found": float((alarms["plain"] & is_outbreak).any()),
        "ward_false": float(alarms["plain"][~is_outbreak].mean()),
        "ward_recorded": float(alarms["made"][~is_outbreak].mean()),
    }


def _rises(made: planted_county.County) -> dict[str, float]:
    """Readings at the week of each planted change: of police records in the county, of each source in the outbreak."""
    everywhere, there = pl.lit(True), pl.col("area").is_in(list(made.planted.outbreak.areas))
    recorded = _evidence(made, everywhere, made.planted.recording_change.start, 13, "police").reading
    violent = [
        _evidence(made, there, made.planted.outbreak.start, 7, agency).reading for agency in planted_county.AGENCIES
    ]
    return {
        "recording": float(recorded == "recording"), "recording_wrong": float(recorded == "violence"),
        "outbreak": float(np.mean([each == "violence" for each in violent])),
        "outbreak_wrong": float(np.mean([each == "recording" for each in violent])),
    }  # fmt: skip


def _evidence(made: planted_county.County, where: pl.Expr, start: date, lasting: int, rising: str) -> Evidence:
    sources, since = {}, 104
    for agency in planted_county.AGENCIES:
        mondays, counts, severe = made.weekly(where, agency)
        at = next(week for week, day in enumerate(mondays) if day >= start - timedelta(days=3))
        part = slice(at - since, at + lasting)
        sources[agency] = Source(agency, counts[part], severe=severe[part])
    return evidence(sources[rising], [each for each in sources.values() if each.name != rising], since)
