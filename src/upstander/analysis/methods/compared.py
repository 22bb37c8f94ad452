"""Methods that compare where a project was with where it was not."""

from collections.abc import Mapping
from math import exp
from typing import Any

import numpy as np
import polars as pl

from upstander.analysis.errors import MissingColumn, UnfitNumbers
from upstander.analysis.impact.differences import group_time_effects, two_periods
from upstander.analysis.impact.displacement import BeforeAfter, displacement_difference
from upstander.analysis.impact.peaks import regression_to_the_mean
from upstander.analysis.methods.names import as_given
from upstander.analysis.methods.panels import panel_of
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn
from upstander.errors import WrongUsage

_AREAS = ("treated", "control", "displacement", "displacement_control")
_FEW = 10


def _wdd(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    areas = frames["areas"]
    if "size" not in areas.columns:
        areas = areas.with_columns(size=pl.lit(1.0))
    named = {
        name: BeforeAfter(before, after, 1.0 if size is None else size)
        for name, before, after, size in areas.select("area", "before", "after", "size").iter_rows()
    }
    wrong = [name for name in named if name not in _AREAS]
    if wrong or len(named) != areas.height or not {"treated", "control"} <= set(named):
        raise UnfitNumbers(
            "The areas are not those of a weighted displacement difference.", where="areas, column area",
            found=", ".join(areas["area"].to_list()), expected="treated and control, once each; with " + ", ".join(
                _AREAS[2:]) + " if it is to be looked for",
        )  # fmt: skip
    found = displacement_difference(
        named["treated"], named["control"], near=named.get("displacement"),
        near_control=named.get("displacement_control"), time_before=params["time_before"],
        time_after=params["time_after"], dispersion=params["dispersion"], confidence=params["confidence"],
    )  # fmt: skip
    rows = pl.DataFrame([{"effect": name, **vars(change)} for name, change in found.items()])
    return Answer(rows, {"dispersion": params["dispersion"]}, tuple(_wdd_warnings(named, params["dispersion"])))


def _wdd_warnings(named: Mapping[str, BeforeAfter], dispersion: float) -> list[str]:
    said = []
    if dispersion == 1:
        said.append("Counts are taken as Poisson. Where they vary more, give dispersion, or chance looks like effect.")
    if min(min(area.before, area.after) for area in named.values()) < _FEW:
        said.append(f"A count is under {_FEW}: the normal limits are rough.")
    ratio = named["treated"].before / max(named["control"].before, 1)
    if not 0.5 <= ratio <= 2:
        said.append(
            "Treated and control differ in level by more than two to one: equal changes are not to be expected."
        )
    if "displacement" in named and "displacement_control" not in named:
        said.append("The displacement area has no control of its own: its change is taken as it stands.")
    return said


WDD = Method(
    name="weighted_displacement_difference",
    version="1.0.0",
    title="Weighted displacement difference",
    says="Whether crime fell where the action was more than where it was not, and whether it only moved next door.",
    source="Wheeler and Ratcliffe, Crime Science 7:11, 2018",
    inputs={
        "areas": (
            WantedColumn("area", "text", "treated, control, displacement, displacement_control"),
            WantedColumn("before", "integer", "events before", "events"),
            WantedColumn("after", "integer", "events after", "events"),
            WantedColumn("size", "number", "of the area; 1 for all if missing", required=False, gaps=True),
        )
    },
    params=(
        Param("time_before", "number", "length of the period before", 1.0, "periods", 1e-6, 1e6),
        Param("time_after", "number", "length of the period after", 1.0, "periods", 1e-6, 1e6),
        Param("dispersion", "number", "variance of such counts over their mean", 1.0, least=1, most=100),
        Param("confidence", "number", "chance that the limits hold the truth", 0.95, least=0.5, most=0.999),
    ),
    outputs=(
        Output("effect", "text", "local, displacement, total"),
        Output("estimate", "number", "change against control; below 0: fewer", "events per unit"),
        Output("error", "number", "standard error", "events per unit"),
        Output("z", "number", "estimate / error"),
        Output("p", "number", "two-sided"),
        Output("low", "number", "lower limit", "events per unit"),
        Output("high", "number", "upper limit", "events per unit"),
    ),
    compute=_wdd,
    assumes=(
        "Without the action treated and control would have changed by as many events.",
        "The control is out of reach of the action and of what it displaced.",
    ),
)  # fmt: skip


def _differences(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    panel = panel_of(frames["panel"])
    outcome, treated = panel.matrix("outcome"), np.asarray(panel.matrix("treated") > 0)
    ever = np.asarray(treated.any(axis=0))
    after = np.asarray(panel.times >= params["starts"] if params["starts"] else treated.any(axis=1))
    found = two_periods(
        outcome, ever, after, scale=params["scale"], confidence=params["confidence"],
        draws=params["draws"], seed=seed,
    )  # fmt: skip
    is_ratio = params["scale"] == "ratio"
    shown = {name: getattr(found, name) for name in ("effect", "low", "high")}
    rows = pl.DataFrame([{
        **{name: exp(value) if is_ratio else value for name, value in shown.items()}, "se": found.error, "p": found.p,
        "pre_trend": None if found.pre_trend is None else found.pre_trend[0],
        "pre_trend_p": None if found.pre_trend is None else found.pre_trend[1],
    }], schema_overrides={"pre_trend": pl.Float64, "pre_trend_p": pl.Float64})  # fmt: skip
    warnings = []
    if found.pre_trend is None:
        warnings.append("Too few times before to see whether trends ran alike.")
    elif found.pre_trend[1] < 0.1:
        warnings.append("Trends did not run alike before the start: the effect mixes that with the project's.")
    if ever.sum() == 1:
        warnings.append("One treated area: limits come from how the others' changes spread.")
    summary = {"treated": int(ever.sum()), "others": int((~ever).sum())}
    return Answer(rows, summary, tuple(warnings))


_PANEL = (
    WantedColumn("unit", "text", "the area"),
    WantedColumn("time", "number", "year, quarter or week as a number"),
    WantedColumn("outcome", "number", "what the project was to change"),
)
_HEADINGS = tuple(Param(name, "text", f"heading of the column with the {name}", name)
                  for name in ("unit", "time", "outcome"))  # fmt: skip

DIFFERENCES = Method(
    name="difference_in_differences",
    version="1.0.0",
    title="Difference in differences",
    says="The change where the project was, less the change where it was not; p by permuting areas.",
    source="Angrist and Pischke, Mostly Harmless Econometrics, 2009, section 5.2; Bertrand, Duflo and Mullainathan, "
    "Quarterly J. Economics 119(1), 2004",
    inputs={"panel": (*_PANEL, WantedColumn("treated", "number", "1 in treated areas from the start on, else 0"))},
    params=(
        *_HEADINGS,
        Param("treated", "text", "heading of the column of 0 and 1", "treated"),
        Param("starts", "number", "first time after the start; 0: from the column", 0.0),
        Param("scale", "text", "difference, or ratio of ratios", "difference", choices=("difference", "ratio")),
        Param("confidence", "number", "chance that the limits hold the truth", 0.95, least=0.5, most=0.999),
        Param("draws", "integer", "random permutations, where not all can be tried", 5000, least=500, most=100_000),
    ),
    outputs=(
        Output("effect", "number", "difference, or ratio", "as outcome"),
        Output("se", "number", "standard error; of the logarithm for a ratio", "as outcome"),
        Output("low", "number", "lower limit", "as outcome"),
        Output("high", "number", "upper limit", "as outcome"),
        Output("p", "number", "share of permutations of areas as far from none"),
        Output("pre_trend", "number", "how much faster treated areas rose before, a time", "as outcome"),
        Output("pre_trend_p", "number", "p of pre_trend"),
    ),
    compute=_differences,
    assumes=(
        "Without the project treated areas would have changed as the others did.",
        "The project reached no other area, and began everywhere at one time; if not, use group_time_effects.",
    ),
)  # fmt: skip


def _group_time(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    panel = panel_of(frames["panel"])
    starts = _starts(panel.matrix("starts"))
    found = group_time_effects(
        panel.matrix("outcome"), panel.times, starts, against=params["against"], confidence=params["confidence"],
        draws=params["draws"], seed=seed,
    )  # fmt: skip
    effect, low, high = found.overall
    summary = {
        "att": effect, "att_low": low, "att_high": high, "pre_trend_p": found.pre_trend_p,
        "dynamic": found.dynamic.to_dicts(),
    }  # fmt: skip
    warnings: tuple[str, ...] = ()
    if found.pre_trend_p is not None and found.pre_trend_p < 0.1:
        warnings = ("Areas did not run alike before their starts: read the effects with that in mind.",)
    return Answer(found.cells, summary, warnings)


def _starts(grid: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """One start an area; nan, or 0, for never."""
    filled = np.where(np.isnan(grid), 0.0, grid)
    if (filled != filled[:1]).any():
        raise UnfitNumbers(
            "An area has two starts.", where="panel, column starts", expected="the same start at every time"
        )  # fmt: skip
    return np.where(filled[0] == 0, np.nan, filled[0])


GROUP_TIME = Method(
    name="group_time_effects",
    version="1.0.0",
    title="Difference in differences where starts are staggered",
    says="The effect on each group of areas that start together, at each time, then by time since the start and over "
    "all. Never compares with areas that already had the project.",
    source="Callaway and Sant’Anna, J. Econometrics 225(2), 2021; Goodman-Bacon, J. Econometrics 225(2), 2021",
    inputs={"panel": (*_PANEL, WantedColumn("starts", "number", "first time with the project; empty or 0 for never",
                                            gaps=True))},
    params=(
        *_HEADINGS,
        Param("starts", "text", "heading of the column with the start", "starts"),
        Param("against", "text", "areas to compare with: never, or not yet too", "never", choices=("never", "not_yet")),
        Param("confidence", "number", "chance that the limits hold the truth", 0.95, least=0.5, most=0.999),
        Param("draws", "integer", "areas drawn again so many times", 999, least=199, most=20_000),
    ),
    outputs=(
        Output("group", "number", "first time with the project"),
        Output("time", "number", "at which the effect is"),
        Output("effect", "number", "ATT(g, t); before the start it should be none", "as outcome"),
        Output("low", "number", "lower limit", "as outcome"),
        Output("high", "number", "upper limit", "as outcome"),
        Output("is_after", "boolean", "whether the project had started"),
    ),
    compute=_group_time,
    assumes=(
        "Without the project each group would have changed as the areas it is compared with did.",
        "Nobody changed in anticipation of the start.",
    ),
)  # fmt: skip


def _peak(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    places = frames["places"]
    before = places["before"].to_numpy()
    chosen = _chosen(places, params["top"])
    after = places["after"].to_numpy() if "after" in places.columns else None
    found = regression_to_the_mean(
        before, chosen, after=after, confidence=params["confidence"], draws=params["draws"], seed=seed
    )
    rows = pl.DataFrame({
        "place": as_given(places["place"]), "before": before, "chosen": chosen, "expected": found.expected,
        "after": after if after is not None else pl.Series([None] * places.height, dtype=pl.Float64),
    })  # fmt: skip
    summary = {
        "shrinkage": found.shrinkage, "before_chosen": float(before[chosen].sum()), "expected_chosen": found.total,
        "expected_low": found.low, "expected_high": found.high, "expected_fall": found.fall,
        "others_moved": found.moved,
        "observed_chosen": found.observed, "fall_beyond": found.beyond, "p": found.p,
        "says": f"Places chosen this way were to fall by {found.fall:.0%} without any project."
        if found.fall > 0 else f"Places chosen this way were to rise by {-found.fall:.0%} without any project.",
    }  # fmt: skip
    return Answer(rows, summary)


def _chosen(places: pl.DataFrame, top: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    if "chosen" in places.columns:
        return np.asarray((places["chosen"] > 0).to_numpy())
    if not top:
        raise MissingColumn(
            "Say which places were chosen.", where="places", found=", ".join(places.columns),
            expected="a column `chosen` of 0 and 1, or the parameter top",
        )  # fmt: skip
    if top >= places.height:
        raise WrongUsage(
            "All places cannot be the chosen ones.", where="parameter top", found=str(top),
            expected=f"fewer than {places.height}",
        )  # fmt: skip
    marked = np.zeros(places.height, dtype=bool)
    marked[np.argsort(-places["before"].to_numpy(), kind="stable")[:top]] = True
    return marked


REGRESSION_TO_THE_MEAN = Method(
    name="regression_to_the_mean",
    version="1.0.0",
    title="Would it have fallen anyway? Regression to the mean",
    says="How far places chosen at their peak fall without any project, and whether they fell further than that.",
    source="Davis, International J. Epidemiology 5(4), 1976; Hauer, Observational Before-After Studies in Road Safety, "
    "1997",
    inputs={
        "places": (
            WantedColumn("place", "text", "name of the place"),
            WantedColumn("before", "number", "events while places were being chosen", "events"),
            WantedColumn("after", "number", "events of a later period as long", "events", required=False),
            WantedColumn("chosen", "number", "1 for the chosen places; the highest `top` if missing", required=False),
        )
    },
    params=(
        Param("top", "integer", "how many of the highest were chosen, without a column", 0, "places", 0, 100_000),
        Param("confidence", "number", "chance that the limits hold the later count", 0.95, least=0.5, most=0.999),
        Param("draws", "integer", "random draws", 10_000, least=1000, most=200_000),
    ),
    outputs=(
        Output("place", "text", "as given"),
        Output("before", "number", "as given", "events"),
        Output("chosen", "boolean", "whether it was chosen"),
        Output("expected", "number", "without any project", "events"),
        Output("after", "number", "as given", "events"),
    ),
    compute=_peak,
    assumes=(
        "The list holds every place that could have been chosen, quiet ones among them.",
        "Both periods are as long, and places do not change their long-run rate but together.",
    ),
)  # fmt: skip
