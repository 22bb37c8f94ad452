"""Methods about events that follow one another near by."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from upstander.analysis.errors import MissingColumn
from upstander.analysis.hotspots.knox import knox
from upstander.analysis.hotspots.near_repeat import near_repeats, one_row_an_incident, share_of_shared_points
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn
from upstander.errors import WrongUsage

_MANY_SNAPPED, _MANY_SHARED = 0.1, 0.5
_PLACE = (
    WantedColumn("x", "number", "east on a metric grid, such as OSGB easting", "m"),
    WantedColumn("y", "number", "north on the same grid", "m"),
    WantedColumn("time", "number", "when, counted in days from any day", "days", required=False),
    WantedColumn("date", "date", "the day, where there is no `time`", required=False),
)
_DISTANCE = Param("distance", "text", "as the crow flies, or east-west plus north-south", "euclidean",
                  choices=("euclidean", "manhattan"))  # fmt: skip
_SHUFFLES = Param("permutations", "integer", "times the times are shuffled", 999, least=99, most=99_999)


def numbers(name: str, text: str) -> list[float]:
    """`0, 100, 200, Inf` as numbers. Raises WrongUsage for anything else."""
    try:
        return [float(word) for word in text.replace(";", ",").split(",")]
    except ValueError as why:
        raise WrongUsage(
            f"parameter {name}: '{text}' is not a list of numbers.",
            where=f"parameter {name}", found=text, expected="0, 100, 200",
        ) from why  # fmt: skip


def _days(events: pl.DataFrame) -> pl.Series:
    """When each event was, in days. A row needs `time` or, where there is none, `date`."""
    given = [name for name in ("time", "date") if name in events.columns]
    if not given:
        raise MissingColumn(
            "events: there is no column 'time' or 'date'.",
            where="events", found=", ".join(events.columns), expected="time in days, or date",
        )  # fmt: skip
    days = events[given[0]]
    return days if given[0] == "time" else days.cast(pl.Int32).cast(pl.Float64)


def _knox(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    events = frames["events"]
    rows = knox(
        events["x"].to_numpy(), events["y"].to_numpy(), _days(events).to_numpy(),
        eps_s=numbers("eps_s", params["eps_s"]), eps_t=numbers("eps_t", params["eps_t"]),
        permutations=params["permutations"], seed=seed, distance=params["distance"],
    )  # fmt: skip
    pairs = events.height * (events.height - 1) // 2
    said = (
        "p_poisson and p_perm take pairs as independent and come out too small where events crowd; p_shuffled does not."
    )
    return Answer(rows, {"events": events.height, "pairs": pairs, "permutations": params["permutations"]}, (said,))


KNOX = Method(
    name="knox",
    version="1.0.0",
    title="Knox test of space-time interaction",
    says="Whether events near in space tend to be near in time, more than their places and times alone would give.",
    source="Knox, Applied Statistics 13(1), 1964; Mantel, Cancer Research 27(2), 1967; p_poisson and p_perm as `knox` "
    "of the R package surveillance",
    inputs={"events": _PLACE},
    params=(
        Param("eps_s", "text", "how far apart is near, one limit or several; the limit itself is near", "100", "as x"),
        Param("eps_t", "text", "how long apart is near, one limit or several; the limit itself is near", "7", "days"),
        _DISTANCE, _SHUFFLES,
    ),
    outputs=(
        Output("eps_s", "number", "limit of distance", "as x"),
        Output("eps_t", "number", "limit of time apart", "days"),
        Output("observed", "integer", "near in both", "pairs"),
        Output("expected", "number", "near in space × near in time ÷ all pairs", "pairs"),
        Output("ratio", "number", "observed ÷ expected"),
        Output("p_poisson", "number", "chance of more than observed, Poisson"),
        Output("p_poisson_at_least", "number", "chance of as many or more, Poisson"),
        Output("p_perm", "number", "chance of as many or more, were the pairs shuffled"),
        Output("p_shuffled", "number", "chance of as many or more, were the times of the events shuffled"),
        Output("near_in_space", "integer", "near in space", "pairs"),
        Output("near_in_time", "integer", "near in time", "pairs"),
    ),
    compute=_knox,
    assumes=(
        "Places do not change their share of events over the period: a district that grows looks like interaction.",
        "A pair counts once, whoever came first; co-victims of one incident are one event.",
    ),
)  # fmt: skip


def _near_repeat(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    given = frames["events"].with_columns(days=_days(frames["events"]))
    by = _collapsed_by(given, collapse=params["collapse"])
    events = one_row_an_incident(given, by) if by else given
    x, y = events["x"].to_numpy(), events["y"].to_numpy()
    found = near_repeats(
        x, y, events["days"].to_numpy(), space=numbers("space_bands", params["space_bands"]),
        days=numbers("time_bands", params["time_bands"]), permutations=params["permutations"], seed=seed,
        closed=params["closed"], distance=params["distance"],
    )  # fmt: skip
    summary = {
        "rows": given.height, "events": events.height, "collapsed": given.height - events.height, "pairs": found.pairs,
        "share_on_shared_points": share_of_shared_points(x, y), "share_snapped": _share_snapped(events),
    }  # fmt: skip
    return Answer(found.bands, summary, tuple(_repeat_warnings(events, summary)))


def _collapsed_by(events: pl.DataFrame, *, collapse: bool) -> list[str]:
    if "incident" in events.columns:
        return ["incident"]
    return ["x", "y", "days"] if collapse else []


def _share_snapped(events: pl.DataFrame) -> float | None:
    if "is_snapped" not in events.columns or not events["is_snapped"].count():
        return None
    return float(events["is_snapped"].cast(pl.Float64).mean())  # type: ignore[arg-type]


def _repeat_warnings(events: pl.DataFrame, summary: Mapping[str, Any]) -> list[str]:
    warnings = []
    alike = events.height - one_row_an_incident(events, ["x", "y", "days"]).height
    if alike:
        warnings.append(
            f"{alike} events share place and time with an earlier one. If they are victims of one incident, give a "
            "column `incident`, or collapse them."
        )
    snapped = summary["share_snapped"]
    if snapped is not None and snapped > _MANY_SNAPPED:
        warnings.append(f"{snapped:.0%} of the points are snapped to a street or centre: 'the same place' is not one.")
    if snapped is None and summary["share_on_shared_points"] > _MANY_SHARED:
        warnings.append(
            f"{summary['share_on_shared_points']:.0%} of the events share their point with another: if a geocoder puts "
            "them on streets, 'the same place' is not one."
        )
    return warnings


NEAR_REPEAT = Method(
    name="near_repeat",
    version="1.0.0",
    title="Near repeats",
    says="How much likelier another event is within so many metres and days of one, than shuffled times would give. "
    "Bands are half-open and named so: [0, 1) days is the same day, [1, 2) the next. The Near Repeat Calculator "
    "(version 1.3) calls [0, 1) “0 to 1 days”; tables made with it may carry that error.",
    source="Townsley, Homel and Chaseling, British J. Criminology 43(3), 2003; Ratcliffe and Rengert, Security Journal "
    "21(1-2), 2008; bands, ratios and p as the R package NearRepeat (Steenbeek)",
    inputs={
        "events": (
            *_PLACE,
            WantedColumn("incident", "text", "of which incident; rows of one are collapsed", required=False),
            WantedColumn("is_snapped", "boolean", "placed on a street's or area's middle", required=False),
        )
    },
    params=(
        Param("space_bands", "text", "edges of the bands of distance; the last may be Inf", "0, 1, 100, 200, 300, 400",
              "m"),
        Param("time_bands", "text", "edges of the bands of days; the last may be Inf", "0, 7, 14, 21, 28", "days"),
        Param("closed", "text", "which edge a band holds: left [a, b) or right (a, b]", "left",
              choices=("left", "right")),
        Param("collapse", "boolean", "count rows that share place and time once", default=False),
        _DISTANCE, _SHUFFLES,
    ),
    outputs=(
        Output("space_band", "text", "band of distance", "m"),
        Output("time_band", "text", "band of days apart", "days"),
        Output("observed", "integer", "found", "pairs"),
        Output("expected", "number", "mean over shufflings", "pairs"),
        Output("knox_ratio", "number", "observed ÷ mean; 1 is chance"),
        Output("knox_ratio_median", "number", "observed ÷ median over shufflings"),
        Output("p", "number", "chance of as many or more"),
        Output("p_fdr_bh", "number", "p adjusted by Benjamini and Hochberg over the table"),
        Output("space_from", "number", "near edge", "m"),
        Output("space_to", "number", "far edge; null for none", "m"),
        Output("time_from", "number", "early edge", "days"),
        Output("time_to", "number", "late edge; null for none", "days"),
    ),
    compute=_near_repeat,
    assumes=(
        "Places do not change their share of events over the period.",
        "Points lie where things happened: a geocoder that snaps to streets makes false repeats at the same place.",
    ),
)  # fmt: skip
