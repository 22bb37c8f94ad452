"""Methods that say where and since when there is more than elsewhere and before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import MissingColumn, TooFewPoints, UnfitNumbers
from upstander.analysis.methods.exposure import expected_cases, mean_population
from upstander.analysis.methods.names import as_given
from upstander.analysis.outbreaks.cylinders import Windows, Zones, all_windows, circles, last_windows, on_earth
from upstander.analysis.outbreaks.scan import Cluster, Scan, permutation_scan, poisson_scan
from upstander.contracts.methods import OTHERS, Answer, Method, Output, Param, WantedColumn

_SURE_P = 0.05
_GEO = (
    WantedColumn("id", "text", "name of the place"),
    WantedColumn("lat", "number", "latitude", "degrees", required=False),
    WantedColumn("lon", "number", "longitude", "degrees", required=False),
    WantedColumn("x_m", "number", "easting, instead of degrees", "m", required=False),
    WantedColumn("y_m", "number", "northing, instead of degrees", "m", required=False),
)
_SHARED_PARAMS = (
    Param("analysis", "text", "windows that end with the last period, all windows, or the whole time only",
          "prospective", choices=("prospective", "retrospective", "spatial")),
    Param("longest", "integer", "longest window; 0 for half of the periods", 0, "periods", 0, 10_000),
    Param("most_share", "number", "largest share of the population, or of the cases, in a circle", 0.5, "", 0.001, 0.5),
    Param("most_km", "number", "largest radius; 0 for none", 0.0, "km", 0, 10_000),
    Param("most_cells", "integer", "most places in a circle; 0 for no limit", 0, "places", 0, 10_000),
    Param("replicates", "integer", "worlds drawn for the p", 999, "", 99, 99_999),
    Param("stop_at", "integer", "stop when so many worlds reach the first cluster; 0 for never", 0, "", 0, 1000),
    Param("analyses_a_year", "number", "how often this is run, for the recurrence interval", 52.0, "a year", 1, 10_000),
    Param("most_clusters", "integer", "clusters told at most", 10, "", 1, 100),
)  # fmt: skip
_OUTPUTS = (
    Output("cluster", "integer", "1 is the least likely to be chance"),
    Output("centre", "text", "place at its centre"),
    Output("locations", "text", "its places, the nearest to the centre first, parted by ;"),
    Output("places", "integer", "how many places it has"),
    Output("radius_km", "number", "to its farthest place", "km"),
    Output("start", "text", "first period"),
    Output("end", "text", "last period"),
    Output("observed", "integer", "cases in it", "cases"),
    Output("expected", "number", "cases expected in it", "cases"),
    Output("rr", "number", "relative risk: observed over expected inside, over the same outside"),
    Output("llr", "number", "log likelihood ratio"),
    Output("p", "number", "chance that the highest of a world without clusters is as high"),
    Output("p_gumbel", "number", "the same by a Gumbel curve through the worlds, for very small p"),
    Output("recurrence_years", "number", "how rarely runs as frequent as these would give one by chance", "years"),
)


def _scan_poisson(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    geo = _places(frames["geo"])
    names = geo["id"].to_list()
    counted = _counted(frames, names)
    population = frames.get("population")
    expected = _expected(frames, counted)
    notes = []
    if population is None:
        weight = expected.sum(axis=1)
        notes.append("The largest circle is by expected cases, for no population was given.")
    else:
        weight = mean_population(population, counted.periods, names)
    zones = _circles(geo, weight, params)
    found = poisson_scan(
        counted.counts, expected, zones, _windows(len(counted.periods), params), worlds=params["replicates"],
        seed=seed, most_clusters=params["most_clusters"], stop_at=params["stop_at"],
    )  # fmt: skip
    return _told(found, names, counted.periods, params, int(counted.counts.sum()), notes)


@dataclass(frozen=True)
class _Counted:
    """Cases by place and period, in the order of the places and of time."""

    counts: NDArray[np.int64]
    periods: list[str]


def _counted(frames: Mapping[str, pl.DataFrame], names: list[str]) -> _Counted:
    tables = (_wide(frames, "counts", names), _long(frames.get("cases"), names))
    known = [table for table in tables if table is not None]
    if not known:
        raise MissingColumn(
            "Give the cases as rows, or as one column a period.",
            where="scan_poisson", found="neither cases nor counts", expected="--input cases=FILE or counts=FILE",
        )  # fmt: skip
    first = known[0]
    if len(known) == 2 and int(first.counts.sum()) != int(known[1].counts.sum()):
        raise UnfitNumbers(
            "Cases and counts are not of the same events.", where="counts",
            found=f"{int(first.counts.sum())} in counts, {int(known[1].counts.sum())} in cases", expected="as many",
        )  # fmt: skip
    if (first.counts < 0).any():
        raise UnfitNumbers("A count is under 0.", where="counts", found="under 0", expected="0 or more")
    return first


def _wide(frames: Mapping[str, pl.DataFrame], role: str, names: list[str]) -> _Counted | None:
    if role not in frames:
        return None
    table = frames[role]
    ordered = _in_order(table, role, names)
    periods = [heading for heading in table.columns if heading != "id"]
    return _Counted(ordered.select(periods).to_numpy().astype(np.int64), periods)


def _in_order(table: pl.DataFrame, role: str, names: list[str]) -> pl.DataFrame:
    """One row a place, in the order of the places."""
    joined = pl.DataFrame({"id": names}).join(table, on="id", how="left", maintain_order="left")
    if joined.height != len(names) or table.height != len(names) or joined.null_count().sum_horizontal()[0]:
        raise UnfitNumbers(
            f"{role} and geo do not name the same places.",
            where=f"{role}, column id", found=f"{table.height} rows",
            expected=f"one row for each of {len(names)} places",
        )  # fmt: skip
    return joined


def _long(cases: pl.DataFrame | None, names: list[str]) -> _Counted | None:
    if cases is None:
        return None
    place = _numbers_of(cases["id"], "cases", names)
    periods = _period_names(cases["year"])
    number = pl.DataFrame({"year": periods, "at": range(len(periods))})
    at = cases.select("year").join(number, on="year", how="left", maintain_order="left")["at"].to_numpy()
    counts = np.zeros((len(names), len(periods)), dtype=np.int64)
    np.add.at(counts, (place, at), cases["n"].to_numpy() if "n" in cases.columns else 1)
    return _Counted(counts, periods)


def _period_names(periods: pl.Series) -> list[str]:
    """In order of time; whole numbers without a gap between first and last, others as they come in order."""
    number = periods.cast(pl.Int64, strict=False)
    if number.null_count() or number.is_empty():
        return sorted(periods.unique().to_list())
    first, last = int(number.min()), int(number.max())  # type: ignore[arg-type]
    return [str(each) for each in range(first, last + 1)] if last - first < 10_000 else sorted(periods.unique())


def _numbers_of(ids: pl.Series, role: str, names: list[str]) -> NDArray[np.int64]:
    place = pl.DataFrame({"id": names, "at": range(len(names))})
    at = ids.to_frame("id").join(place, on="id", how="left", maintain_order="left")["at"]
    if at.null_count():
        row = int(at.is_null().arg_true()[0]) + 1
        raise UnfitNumbers(
            f"{role}, row {row} names a place that is not in geo.",
            where=f"{role}, row {row}", found="an unknown place", expected="places of geo",
        )  # fmt: skip
    return at.to_numpy()


def _expected(frames: Mapping[str, pl.DataFrame], counted: _Counted) -> NDArray[np.float64]:
    names = frames["geo"]["id"].to_list()
    if "expected" in frames:
        table = _in_order(frames["expected"], "expected", names)
        if not set(counted.periods) <= set(table.columns):
            raise UnfitNumbers(
                "expected and the cases do not have the same periods.",
                where="expected", found=", ".join(table.columns[1:4]) + " …",
                expected=", ".join(counted.periods[:3]) + " …",
            )  # fmt: skip
        expected = table.select(counted.periods).to_numpy().astype(np.float64)
    elif "population" in frames:
        expected = expected_cases(frames.get("cases"), frames["population"], counted.counts, counted.periods, names)
    else:
        raise MissingColumn(
            "Give what is expected, or the population.",
            where="scan_poisson", found="neither", expected="--input expected=FILE or --input population=FILE",
        )  # fmt: skip
    if (expected < 0).any() or expected.sum() <= 0:
        raise UnfitNumbers("What is expected is under 0.", where="expected", found="under 0", expected="0 or more")
    return expected


def _places(geo: pl.DataFrame) -> pl.DataFrame:
    if geo.height < 2:
        raise TooFewPoints(where="geo", found=geo.height, needed=2)
    if geo["id"].n_unique() != geo.height:
        raise UnfitNumbers("A place stands twice.", where="geo, column id", expected="each place once")
    if not ({"lat", "lon"} <= set(geo.columns) or {"x_m", "y_m"} <= set(geo.columns)):
        raise MissingColumn(
            "geo has no coordinates.", where="geo", found=", ".join(geo.columns), expected="lat and lon, or x_m and y_m"
        )
    return geo


def _circles(geo: pl.DataFrame, weight: NDArray[np.float64], params: Mapping[str, Any]) -> Zones:
    if {"x_m", "y_m"} <= set(geo.columns):
        points = geo.select(pl.col("x_m", "y_m") / 1000).to_numpy()
    else:
        points = on_earth(geo["lat"].to_numpy(), geo["lon"].to_numpy())
    return circles(
        points, weight, most_share=params["most_share"], most_km=params["most_km"] or np.inf,
        most_cells=params["most_cells"],
    )  # fmt: skip


def _windows(periods: int, params: Mapping[str, Any]) -> Windows:
    longest = params["longest"] or max(periods // 2, 1)
    if params["analysis"] == "spatial":
        return Windows(np.array([0]), np.array([periods - 1]))
    return (last_windows if params["analysis"] == "prospective" else all_windows)(periods, longest)


def _told(
    found: Scan, names: list[str], periods: list[str], params: Mapping[str, Any], cases: int, notes: list[str]
) -> Answer:
    rows = [_row(number, each, names, periods, params) for number, each in enumerate(found.clusters, 1)]
    schema = {out.column: {"integer": pl.Int64, "number": pl.Float64}.get(out.type, pl.String) for out in _OUTPUTS}
    table = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        *(as_given(pl.Series(name, [row[name] for row in rows], dtype=pl.String)) for name in ("start", "end"))
    )
    summary: dict[str, Any] = {"cases": cases, "worlds": found.worlds, "clusters": len(rows)}
    if found.clusters:
        first = found.clusters[0]
        named = as_given(pl.Series([periods[first.start], periods[first.end]]))
        summary |= {
            "llr": first.llr, "centre": names[first.centre], "locations": sorted(names[cell] for cell in first.cells),
            "radius_km": first.km, "start": named[0], "end": named[1], "observed": first.observed,
            "expected": first.expected, "rr": first.ratio, "p": first.p,
            "highest_95": float(np.quantile(found.highest, 0.95)),
        }  # fmt: skip
    small = sum(1 for each in found.clusters if each.p <= _SURE_P and each.observed < 10)
    if small:
        notes = [*notes, f"{small} clusters have fewer than 10 cases: naming one can point at people."]
    return Answer(table, summary, tuple(notes))


def _row(number: int, each: Cluster, names: list[str], periods: list[str], params: Mapping[str, Any]) -> dict[str, Any]:
    p = each.p if np.isnan(each.p_gumbel) or each.p > 1.5 / (params["replicates"] + 1) else min(each.p, each.p_gumbel)
    return {
        "cluster": number, "centre": names[each.centre], "locations": "; ".join(names[cell] for cell in each.cells),
        "places": len(each.cells), "radius_km": each.km, "start": periods[each.start], "end": periods[each.end],
        "observed": each.observed, "expected": each.expected, "rr": each.ratio, "llr": each.llr, "p": each.p,
        "p_gumbel": each.p_gumbel,
        "recurrence_years": 1 / (max(p, 1e-300) * params["analyses_a_year"]),
    }  # fmt: skip


SCAN_POISSON = Method(
    name="scan_poisson",
    version="1.0.0",
    title="Space-time clusters against a population (Poisson scan)",
    says="Which circle of places and stretch of time has more cases than the population there leads to expect, and how "
    "often the most unusual of all circles would be as unusual by chance.",
    source="Kulldorff, Communications in Statistics: Theory and Methods 26(6), 1997; Kulldorff, J. Royal Statistical "
    "Society A 164(1), 2001; Abrams, Kulldorff and Kleinman, Int. J. Health Geographics 9:61, 2010",
    inputs={
        "cases": (
            WantedColumn("id", "text", "name of the place"),
            WantedColumn("n", "integer", "cases; 1 if missing", "cases", required=False),
            WantedColumn("year", "text", "period: a year, or a date that sorts in order of time"),
            WantedColumn("agegrp", "text", "age group, to adjust for", required=False),
            WantedColumn("sex", "text", "sex, to adjust for", required=False),
        ),
        "geo": _GEO,
        "population": (
            WantedColumn("id", "text", "name of the place"),
            WantedColumn("year", "integer", "year of the census; years between are interpolated"),
            WantedColumn("pop", "number", "people", "people"),
            WantedColumn("agegrp", "text", "age group", required=False),
            WantedColumn("sex", "text", "sex", required=False),
        ),
        "counts": (
            WantedColumn("id", "text", "name of the place", unnamed=True),
            WantedColumn(OTHERS, "integer", "cases, one column a period in order of time", "cases"),
        ),
        "expected": (
            WantedColumn("id", "text", "name of the place", unnamed=True),
            WantedColumn(OTHERS, "number", "cases expected, one column a period; any scale", "cases"),
        ),
    },
    optional_roles=("cases", "population", "counts", "expected"),
    params=_SHARED_PARAMS,
    outputs=_OUTPUTS,
    compute=_scan_poisson,
    assumes=(
        "The population given is the one at risk; residents are not, at night in a town centre.",
        "Cases are as likely to be recorded in every place and period.",
        "Circles cross rivers and motorways; a long thin cluster is found as a part of itself.",
    ),
)  # fmt: skip


def _scan_permutation(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    geo, events = _places(frames["geo"]), _each_case(frames["cases"])
    names = geo["id"].to_list()
    cell = _numbers_of(events["id"], "cases", names)
    last = _last_day(events["date"], params["until"])
    is_in = (events["date"] <= last).to_numpy()
    events, cell = events.filter(is_in), cell[is_in]
    if events.height < 2:
        raise TooFewPoints(where="cases", found=events.height, needed=2)
    back = (pl.Series([last]) - events["date"]).dt.total_days().to_numpy() // params["period_days"]
    periods = int(back.max()) + 1
    weekday = events["date"].dt.weekday().to_numpy() if params["by_weekday"] else None
    weight = np.bincount(cell, minlength=len(names)).astype(float)
    found = permutation_scan(
        cell, periods - 1 - back, _circles(geo, weight, params), _windows(periods, params), stratum=weekday,
        worlds=params["replicates"], seed=seed, most_clusters=params["most_clusters"], stop_at=params["stop_at"],
    )  # fmt: skip
    notes = ["A rise everywhere at once is no cluster and cannot be seen here; see farrington_flexible."]
    return _told(found, names, _first_days(last, periods, params["period_days"]), params, events.height, notes)


def _each_case(cases: pl.DataFrame) -> pl.DataFrame:
    """One row a case."""
    if "n" not in cases.columns:
        return cases
    if (cases["n"] < 0).any():
        raise UnfitNumbers("A number of cases is under 0.", where="cases, column n", expected="0 or more")
    return cases.select(pl.all().repeat_by("n").explode())


def _last_day(days: pl.Series, until: str) -> date:
    if until:
        try:
            return date.fromisoformat(until)
        except ValueError as why:
            raise UnfitNumbers(
                f"'{until}' is no day.", where="parameter until", found=until, expected="2026-07-04"
            ) from why
    last = days.max()
    if not isinstance(last, date):
        raise TooFewPoints(where="cases", found=0, needed=2)
    return last


def _first_days(last: date, periods: int, length: int) -> list[str]:
    """The day each period begins with; the last period ends with the last day."""
    ends = last.toordinal() - length * np.arange(periods - 1, -1, -1)
    return [date.fromordinal(int(end) - length + 1).isoformat() for end in ends]


SCAN_PERMUTATION = Method(
    name="scan_permutation",
    version="1.0.0",
    title="Space-time clusters without a population (permutation scan)",
    says="Which circle of places has had more in its last days or weeks than its own usual share of the whole: a rise "
    "there and not elsewhere. Dates change places within each weekday, so that a usual Saturday is no cluster.",
    source="Kulldorff, Heffernan, Hartman, Assunção and Mostashari, PLoS Medicine 2(3), 2005; Kulldorff, J. Royal "
    "Statistical Society A 164(1), 2001; Besag and Clifford, Biometrika 78(2), 1991",
    inputs={
        "cases": (
            WantedColumn("id", "text", "name of the place"),
            WantedColumn("date", "date", "local day, or night, of the case"),
            WantedColumn("n", "integer", "cases of the row; 1 if missing", "cases", required=False),
        ),
        "geo": _GEO,
    },
    params=(
        *_SHARED_PARAMS,
        Param("period_days", "integer", "length of a period, counted back from the last day", 1, "days", 1, 366),
        Param("by_weekday", "boolean", "dates change places within a weekday only", default=True),
        Param("until", "text", "last day that is all reported; the last of the cases if empty", ""),
    ),
    outputs=_OUTPUTS,
    compute=_scan_permutation,
    assumes=(
        "The last days are as fully reported everywhere as earlier ones; `until` leaves out those that are not.",
        "No place has grown or emptied within the time given, apart from all others.",
        "Circles cross rivers and motorways; a long thin cluster is found as a part of itself.",
    ),
)  # fmt: skip
