"""The released tables of a bulletin: counts protected under the governing rules, statistics worked out from those."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import polars as pl

from upstander.analysis.hotspots.agencies import seen_by_one_only
from upstander.analysis.hotspots.gi_star import gi_star
from upstander.analysis.hotspots.holdouts import BEST, LAST_YEAR, RANDOM, Windows, hold_outs
from upstander.analysis.hotspots.neighbours import Neighbours, listed_neighbours
from upstander.analysis.hotspots.ranks import RankIntervals, rank_intervals
from upstander.analysis.measures.spc import xmr
from upstander.contracts.releasing import About, ReleasedTable, Status
from upstander.disclosure import Exact, Group, Sum, derive, protect, protect_linked, strictest
from upstander.pipeline.injuries import exact
from upstander.pipeline.injuries.actions import least_falls
from upstander.pipeline.injuries.coming_in import caveats, settled, without_falls
from upstander.pipeline.injuries.ground import Ground
from upstander.pipeline.injuries.matching import BY_AREA, BY_POINT, kinds_of, matched_of, missed, overlap
from upstander.pipeline.injuries.numbers import middle_of_hidden, numbered
from upstander.pipeline.injuries.over_years import over_years
from upstander.pipeline.injuries.past import Past
from upstander.pipeline.injuries.scope import Scope, about_of
from upstander.pipeline.injuries.sources import Source
from upstander.pipeline.release.ground import WHOLE
from upstander.publish.model import ComingIn
from upstander.values.periods import months_before

_FEWEST_RANKED, _FEWEST_COMPARED = 3, 9
_FEWEST_WEEKS = 13
_TRIED_MONTHS, _FEWEST_TRIED, _FEWEST_TRIED_PLACES, _ENOUGH_SHOWN = 3, 50, 30, 0.8
_TOP = 12
_HIGHER = ("Above UCL", "2 in 3 Above CL", "7 Points Above CL", "7 Point Trend (Increasing)")


def released(
    scope: Scope,
    sources: Sequence[Source],
    ground: Ground,
    changes: pl.DataFrame,
    past: Past,
    coming: Mapping[str, ComingIn],
) -> dict[str, ReleasedTable]:
    """Every table of the bulletin by its name. A table that would have no row is left out, save the rises: that there
    are none is a finding.

    `changes`: action, source, when, count. `coming`: weeks still coming in are shown and not judged. Statistics are
    derived from the protected counts of the same bulletin.
    """
    return standing_tables(scope, sources, ground, past, coming) | window_tables(
        scope, sources, ground, changes, coming
    )


def standing_tables(
    scope: Scope, sources: Sequence[Source], ground: Ground, past: Past, coming: Mapping[str, ComingIn]
) -> dict[str, ReleasedTable]:
    """The tables that are the same for every window: hours, what is not known, who misses what, those over years."""
    tell = partial(about_of, scope, sources, ground)
    counted = "Counts through the gate"
    hours = _stacked([exact.by_hour(one) for one in sources if one.has_hours])
    unknown, shared = _stacked([exact.unknown(one) for one in sources]), overlap(sources)
    exacts = [
        Exact("hours", ("source", "day", "hour"), hours, tell("Records by day and hour", "day_hour 1.0", counted)),
        Exact("unknown", ("source", "what"), unknown, tell("What is not known", "completeness 1.0", counted)),
        Exact(
            "overlap", ("source", "other", "what"), shared, tell("Records near others", "matched_excess 1.0", counted)
        ),
    ]
    sums = [
        Sum(("unknown", one.dataset, "records"), tuple(("unknown", one.dataset, what) for what in kinds))
        for one in sources
        for kinds in (exact.PLACE_KINDS, exact.TIME_KINDS, exact.KIND_KINDS)
    ]
    sums += [
        Sum(("unknown", name, "records"), tuple(("overlap", name, other, what) for what in kinds_of(way)))
        for way in (BY_POINT, BY_AREA)
        for name, other in shared.filter(what=kinds_of(way)[0]).select("source", "other").iter_rows()
    ]
    groups = [
        Group(("unknown", one.dataset, "records"), tuple(("unknown", one.dataset, what) for what in exact.KIND_KINDS))
        for one in sources
    ]
    groups += [Group(("overlap", *whole), (("overlap", *part),)) for whole, part in matched_of(shared)]
    tables = _protected(exacts, sums, groups)
    if "overlap" in tables:
        rate_from = strictest(tables["overlap"].about.rules).rate_from
        alone = derive(
            "alone", ("source", "missed_by"), tell("Missed by one agency alone", "unknown_to_police 1.0",
            "Chance from weeks moved, own design"), [tables["overlap"]], partial(missed, rate_from=rate_from),
        )  # fmt: skip
        tables |= {"alone": alone} if alone.cells.height else {}
    return tables | over_years(scope, past, ground, coming)


def window_tables(
    scope: Scope, sources: Sequence[Source], ground: Ground, changes: pl.DataFrame, coming: Mapping[str, ComingIn]
) -> dict[str, ReleasedTable]:
    """The tables of one window: by place and by week, and what is worked out of them. No cell of them adds up with one
    of `standing_tables`, so that each set is protected on its own.
    """
    tell = partial(about_of, scope, sources, ground)
    counted = "Counts through the gate"
    halves = _by_place(scope, sources, ground)
    weekly = _stacked([exact.by_week(one, scope.window, scope.weeks_a_point) for one in sources if one.has_hours])
    exacts = [
        Exact(
            "places", ("source", "area"), _whole(halves),
            tell("Records by place", "window_counts 1.0", counted, layer=True),
        ),
        Exact(
            "weekly", ("source", "week"), weekly,
            tell("Records by week", "weekly_counts 1.0", counted, caveats=caveats(coming)),
        ),
        Exact("changes", ("action", "source", "when"), changes, tell("Since last time", "before_since 1.0", counted)),
    ]  # fmt: skip
    tables = _protected(exacts)
    tried = _tried(scope, halves, tell)
    if tried.cells.height:
        tables[tried.name] = tried
    return tables | {one.name: one for one in _statistics(scope, tables, ground, tell, coming) if one.cells.height}


def _protected(
    exacts: Sequence[Exact], sums: Sequence[Sum] = (), groups: Sequence[Group] = ()
) -> dict[str, ReleasedTable]:
    found = [table for table in exacts if table.counts.height]
    return protect_linked(found, sums, groups) if found else {}


def protected_places(scope: Scope, sources: Sequence[Source], ground: Ground) -> ReleasedTable:
    """The counts by place alone, to see how many of them can be shown."""
    about = about_of(
        scope, sources, ground, "Records by place", "window_counts 1.0", "Counts through the gate", layer=True
    )
    return protect(Exact("places", ("source", "area"), _whole(_by_place(scope, sources, ground)), about))


def counted_places(scope: Scope, sources: Sequence[Source], ground: Ground) -> pl.DataFrame:
    """source, area, count, window: the table of places before protection, and all records of each source in WHOLE."""
    totals = [
        exact.unknown(one).filter(what="records").select("source", area=pl.lit(WHOLE), count="count") for one in sources
    ]
    window = str(scope.window) if scope.window else "of every day"
    columns = ("source", "area", pl.col("count").cast(pl.Int64), pl.lit(window).alias("window"))
    places = _whole(_by_place(scope, sources, ground))
    return pl.concat([one.select(columns) for one in (places, *totals) if one.height])


def _in_window(scope: Scope, sources: Sequence[Source]) -> list[Source]:
    return [source for source in sources if source.has_hours or scope.window is None]


def _by_place(scope: Scope, sources: Sequence[Source], ground: Ground) -> pl.DataFrame:
    """source, area, when (before, after: the last months of the period), count, of every area in both."""
    last = max(months_before(scope.period.end, _TRIED_MONTHS), scope.period.start)
    parts = [
        ground.filled(one.dataset, counted.filter(pl.col("when") == when)).with_columns(when=pl.lit(when))
        for one in _in_window(scope, sources)
        for counted in [exact.by_area(one, scope.window, ground, since=last)]
        for when in ("before", "after")
    ]
    return _stacked(parts)


def _whole(halves: pl.DataFrame) -> pl.DataFrame:
    if halves.is_empty():
        return halves
    return halves.group_by("source", "area", maintain_order=True).agg(pl.col("count").sum())


def _stacked(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="vertical_relaxed") if frames else pl.DataFrame()


def _statistics(
    scope: Scope,
    tables: Mapping[str, ReleasedTable],
    ground: Ground,
    tell: "partial[About]",
    coming: Mapping[str, ComingIn],
) -> Iterator[ReleasedTable]:
    if "places" in tables:
        of_places = partial(derive, sources=[tables["places"]])
        hidden = middle_of_hidden(tables["places"])
        ranked = "Clayton and Kaldor 1987; Goldstein and Spiegelhalter 1996"
        yield of_places(
            "ranks", ("source", "area"), tell("Where each place may rank", "rank_intervals 1.0", ranked, layer=True),
            work_out=lambda cells: _ranks(_ranked(cells, hidden, scope.seed)),
        )  # fmt: skip
        yield of_places(
            "one_agency", ("area", "source"), tell("Seen by one source only", "seen_by 1.0", ranked, layer=True),
            work_out=lambda cells: _one_agency(_ranked(cells, hidden, scope.seed)),
        )  # fmt: skip
        yield of_places(
            "stands_out", ("source", "area"),
            tell("Places that stand out", "gi_star 1.1", "Ord and Getis 1995; Zhang and others 2010", layer=True),
            work_out=lambda cells: _stands_out(cells, hidden, ground),
        )  # fmt: skip
    if "changes" in tables:
        about = tell("What actions could show", "power_two_rates 1.0", "Krishnamoorthy and Thomson 2004")
        yield derive("least_falls", ("action", "source"), about, [tables["changes"]], least_falls)
    if "weekly" in tables:
        of_weeks = partial(derive, sources=[tables["weekly"]])
        hidden, spc = middle_of_hidden(tables["weekly"]), "NHS England, Making Data Count; Wheeler 1993"
        yield of_weeks(
            "usual", ("source",), tell("Usual range", "xmr 1.0", spc),
            work_out=lambda cells: _usual(settled(cells, coming, scope.weeks_a_point), hidden),
        )  # fmt: skip
        yield of_weeks(
            "signals", ("source", "week", "rule", "direction"), tell("Signals", "xmr 1.0", spc),
            work_out=lambda cells: without_falls(
                _signals(settled(cells, coming, scope.weeks_a_point), hidden), coming, scope.weeks_a_point
            ),
        )  # fmt: skip


def _tried(scope: Scope, halves: pl.DataFrame, tell: "partial[About]") -> ReleasedTable:
    """Whether the busiest places of all but the last three months would have caught what those three held.

    The counts of the two stretches are protected like any others and serve this alone: they are not in the bulletin,
    where they would add up to the counts by place.
    """
    is_split = scope.period.start < months_before(scope.period.end, _TRIED_MONTHS)
    blank = {"source": pl.String, "area": pl.String, "when": pl.String, "count": pl.Int64}
    split = halves.select(blank.keys()) if is_split and halves.height else pl.DataFrame(schema=blank)
    about = tell("Whether ranked places held on", "hold_out 1.0", "Chainey, Tompson and Uhlig 2008", layer=True)
    counts = protect(Exact("split", ("source", "area", "when"), split, about))
    hidden, fewest = middle_of_hidden(counts), max(_FEWEST_TRIED, strictest(about.rules).rate_from)
    return derive("tried", ("source", "what"), about, [counts], lambda cells: _held_out(cells, hidden, fewest))


def _held_out(cells: pl.DataFrame, hidden: float, fewest: int = _FEWEST_TRIED) -> pl.DataFrame:
    """How many places are named, and what share of the last months' records they caught, beside as many at random and
    at best, by source. A source with few places, few records or many withheld counts is left out: its shares would be
    made of the rule.
    """
    parts = [pl.DataFrame(schema={"source": pl.String, "what": pl.String, "value": pl.Float64})]
    for source, rows in _by_source(cells, hidden):
        stretches = rows.pivot(on="when", index="area", values="number", maintain_order=True)
        shown = rows.select((pl.col("status") == Status.SHOWN.value).mean()).item()
        if stretches.height < _FEWEST_TRIED_PLACES or shown < _ENOUGH_SHOWN:
            continue
        counts = stretches.select("before", "after").fill_null(0.0).to_numpy()
        if counts[:, 1].sum() < fewest:
            continue
        named = min(_TOP, stretches.height // 10)
        found = hold_outs(
            counts, np.ones(stretches.height), windows=Windows(1, 1, 1), budget=named / stretches.height, seed=0
        )
        rate = dict(found.filter(pl.col("first").is_not_null()).select("ranking", "hit_rate").iter_rows())
        values = [float(named), rate[LAST_YEAR], rate[RANDOM], rate[BEST]]
        parts.append(
            pl.DataFrame({"source": source, "what": ["named", "caught", "at_random", "at_best"], "value": values})
        )
    return pl.concat(parts)


def _by_source(cells: pl.DataFrame, hidden: float) -> Iterator[tuple[str, pl.DataFrame]]:
    for (source,), rows in numbered(cells, hidden).group_by("source", maintain_order=True):
        yield str(source), rows


def _ranked(cells: pl.DataFrame, hidden: float, seed: int) -> dict[str, tuple[list[str], RankIntervals]]:
    return {
        source: (rows["area"].to_list(), rank_intervals(rows["number"].round().to_numpy(), seed=seed))
        for source, rows in _by_source(cells, hidden)
        if rows.height >= _FEWEST_RANKED
    }


def _ranks(ranked: Mapping[str, tuple[list[str], RankIntervals]]) -> pl.DataFrame:
    parts = [
        pl.DataFrame({"source": source, "area": areas, "value": ranks.rank, "low": ranks.low, "high": ranks.high})
        for source, (areas, ranks) in ranked.items()
    ]
    blank = {"source": pl.String, "area": pl.String, "value": pl.Int64, "low": pl.Int64, "high": pl.Int64}
    return pl.concat([pl.DataFrame(schema=blank), *parts])


def _one_agency(ranked: Mapping[str, tuple[list[str], RankIntervals]]) -> pl.DataFrame:
    nothing = pl.DataFrame(schema={"area": pl.String, "source": pl.String, "value": pl.Float64})
    lists = {tuple(areas) for areas, _ in ranked.values()}
    if len(ranked) < 2 or len(lists) != 1:
        return nothing
    areas = next(iter(lists))
    found = seen_by_one_only(
        {source: ranks for source, (_, ranks) in ranked.items()}, top=min(_TOP, max(1, len(areas) // 10))
    )
    named = [areas[place] for place in found["place"].to_list()]
    return nothing.vstack(
        pl.DataFrame({"area": named, "source": found["source"], "value": [1.0] * found.height}).cast(nothing.schema)
    )


def _stands_out(cells: pl.DataFrame, hidden: float, ground: Ground) -> pl.DataFrame:
    parts = [pl.DataFrame(schema={"source": pl.String, "area": pl.String, "value": pl.Float64})]
    for source, rows in _by_source(cells, hidden):
        areas = rows["area"].to_list()
        if len(areas) < _FEWEST_COMPARED:
            continue
        found = gi_star(rows["number"].round().to_numpy(), _beside(areas, ground))
        hot = np.flatnonzero(found.place >= 0)
        parts.append(
            pl.DataFrame({"source": source, "area": [areas[cell] for cell in hot], "value": found.z_star[hot]})
        )
    return pl.concat(parts, how="vertical_relaxed")


def _beside(areas: Sequence[str], ground: Ground) -> Neighbours:
    at = pl.DataFrame({"area": areas, "number": np.arange(len(areas))})
    pairs = ground.neighbours().join(at, on="area").join(at, left_on="neighbour", right_on="area", suffix="_beside")
    return listed_neighbours(pairs["number"].to_numpy(), pairs["number_beside"].to_numpy(), len(areas))


def _charts(cells: pl.DataFrame, hidden: float) -> Iterator[tuple[str, pl.DataFrame, pl.DataFrame]]:
    for source, rows in _by_source(cells, hidden):
        if rows.height >= _FEWEST_WEEKS:
            yield source, rows, xmr(rows["number"].to_numpy()).points


def _usual(cells: pl.DataFrame, hidden: float) -> pl.DataFrame:
    parts = [
        points.tail(1).select(source=pl.lit(source), value="mean", low="lpl", high="upl")
        for source, _, points in _charts(cells, hidden)
    ]
    return _stacked(
        [pl.DataFrame(schema={"source": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}), *parts]
    )


def _signals(cells: pl.DataFrame, hidden: float) -> pl.DataFrame:
    parts = [
        points.select(
            source=pl.lit(source),
            week=rows["week"],
            rule="special_cause",
            direction=pl.when(pl.col("special_cause").is_in(_HIGHER)).then(pl.lit("higher")).otherwise(pl.lit("lower")),
            value=pl.lit(1.0),
        ).filter(pl.col("rule") != "Common Cause")
        for source, rows, points in _charts(cells, hidden)
    ]
    blank = dict.fromkeys(("source", "week", "rule", "direction"), pl.String) | {"value": pl.Float64}
    return _stacked([pl.DataFrame(schema=blank), *parts])
