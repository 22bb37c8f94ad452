"""Exact counts for the bulletin, on their way to protection. Each function gives the dimensions and `count`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from upstander.analysis.clock import TIMED
from upstander.analysis.hotspots.sureness import is_sure
from upstander.analysis.hotspots.windows import Window, by_day_and_hour, in_window
from upstander.analysis.measures.counting import DIMENSIONS, NOT_LOCATED, weekly_counts
from upstander.pipeline.injuries.ground import Ground
from upstander.pipeline.injuries.sources import NOT_SUPPLIED, PUBLIC, SURENESS, Source
from upstander.places import square_in_query, square_size
from upstander.values.periods import Period


def mapped(source: Source) -> Any:
    """The rows that a map of public places may hold: homes, custody, hospital, abroad and unknown are left out, and
    places told by words that are not sure enough.

    A source that never says what kind of place it was keeps its rows, and its panel says so.
    """
    return source.table.filter(source.table.place_class.isin((*PUBLIC, NOT_SUPPLIED)) & _is_sure(source))


def _is_sure(source: Source) -> Any:
    """Whether each row's place is sure enough to be mapped."""
    import ibis

    has_words = SURENESS in source.table.columns
    return is_sure(source.table) if has_words else ibis.literal(True)  # noqa: FBT003 - Ibis takes a literal by position


def timed(source: Source, table: Any) -> Any:
    """The rows whose hour is known and not filled in by a system."""
    known = table.filter(table.event_precision.isin(TIMED))
    minute = known.event_from_local.strftime("%H:%M")
    return known.filter(~minute.isin(source.defaults)) if source.defaults else known


def in_the_window(source: Source, window: Window | None) -> Any:
    """Public rows inside the window; without a window, all public rows."""
    return mapped(source) if window is None else in_window(timed(source, mapped(source)), window)


def by_area(source: Source, window: Window | None, ground: Ground, *, since: date | None = None) -> pl.DataFrame:
    """source, area, when, count: only areas that have any, and only rows that lie on the ground.

    when: `after` for incidents that began on the local day `since` or later, else `before`.
    """
    import ibis

    table = in_the_window(source, window)
    late = ibis.ifelse(table.event_from_local.date() >= since, "after", "before") if since else ibis.literal("before")
    table = table.mutate(when=late)
    if ground.is_grid:
        placed = table.filter(table.x_m.notnull() & table.y_m.notnull())
        square = square_in_query(placed.x_m, placed.y_m, square_size(ground.layer))
        keyed = placed.mutate(key=f"{ground.layer}:" + square)
    else:
        keyed = table.mutate(key=DIMENSIONS["area"](table)).filter(lambda rows: rows.key != NOT_LOCATED)
    placed_rows = ground.placed(keyed.group_by(["key", "when"]).agg(count=keyed.count()).to_polars())
    counted = placed_rows.group_by("area", "when").agg(pl.col("count").sum())
    return counted.select(source=pl.lit(source.dataset), area="area", when="when", count="count").sort("area", "when")


def by_week(source: Source, window: Window | None, weeks_a_point: int) -> pl.DataFrame:
    """source, week (the first Monday of each run of `weeks_a_point` weeks, the last run ending with the last week),
    count: null where the nights were not all delivered. Without a window, all rows whose day is known.

    A day that deliveries only seem to cover never turns no rows into a zero.
    """
    table = mapped(source).filter(lambda rows: rows.event_precision.isin((*TIMED, "day")))
    if window is not None:
        table = timed(source, table)
    window = window or Window.parse("daily 00:00-24:00")
    night = window.night_of(table.event_from_local)
    weeks = weekly_counts(table, night, window.nights_within(source.days), days=window.days).to_polars()
    sure = weekly_counts(table, night, window.nights_within(source.stated), days=window.days).to_polars()
    sure_weeks = sure.filter("is_whole")["week_beginning"].to_list()
    is_no_zero = (pl.col("incidents") == 0) & ~pl.col("week_beginning").is_in(sure_weeks)
    known: pl.DataFrame = weeks.select("week_beginning", count=pl.when(is_no_zero).then(None).otherwise("incidents"))
    runs = known.with_columns(run=(known.height - 1 - pl.int_range(pl.len())) // weeks_a_point)
    whole = runs.group_by("run", maintain_order=True).agg(
        week=pl.col("week_beginning").first(),
        count=pl.when(pl.col("count").is_null().any()).then(None).otherwise(pl.col("count").sum()),
        length=pl.len(),
    )
    full = whole.filter(pl.col("length") == weeks_a_point)
    return full.select(source=pl.lit(source.dataset), week=pl.col("week").cast(pl.String), count="count")


def by_area_and_week(source: Source, ground: Ground) -> pl.DataFrame:
    """source, area, week (a Monday), count: public places at all hours, every area of the ground in every week.

    A week that deliveries do not speak for in full is left out: a half-delivered week is no fall, and a gap no zero.
    """
    table = mapped(source)
    keyed = table.mutate(
        key=DIMENSIONS["area"](table), week=table.event_from_local.date().truncate("W").cast("date")
    ).filter(lambda rows: rows.key != NOT_LOCATED)
    found = keyed.group_by(["key", "week"]).agg(count=lambda rows: rows.count()).to_polars()
    counted = ground.placed(found).group_by("area", "week").agg(pl.col("count").sum())
    weeks = pl.DataFrame({"week": whole_weeks(source.stated)}, schema={"week": pl.Date})
    every = pl.DataFrame({"area": pl.Series(ground.areas, dtype=pl.String)}).join(weeks, how="cross")
    whole = every.join(counted.cast({"week": pl.Date}), on=["area", "week"], how="left")
    return whole.select(
        source=pl.lit(source.dataset), area="area", week=pl.col("week").cast(pl.String),
        count=pl.col("count").fill_null(0).cast(pl.Int64),
    ).sort("area", "week")  # fmt: skip


SEVERE = ("sharp_force", "gunshot", "strangulation")
WEEK_KINDS = ("records", "severe", "located", "timed")


def by_week_in_all(source: Source) -> pl.DataFrame:
    """source, week (a Monday), what (WEEK_KINDS), count: all records in every whole week, wherever they lie.

    severe: by a blade, a gun or strangulation. located, timed: those whose place, or whose hour, is known.
    """
    import ibis

    table = source.table
    has_place = ((table.area_code.fill_null("") != "") | table.x_m.notnull()) & (table.place_method != "partial")
    marked = table.select(
        week=table.event_from_local.date().truncate("W").cast("date"),
        severe=table.mechanism.fill_null("").isin(SEVERE),
        located=has_place,
        timed=table.event_precision.isin(TIMED),
    )
    sums = {what: ibis.ifelse(marked[what], 1, 0).sum() for what in WEEK_KINDS[1:]}
    counted = marked.group_by("week").agg(records=lambda rows: rows.count(), **sums).to_polars()
    weeks = pl.DataFrame({"week": whole_weeks(source.stated)}, schema={"week": pl.Date})
    whole = weeks.join(counted.cast({"week": pl.Date}), on="week", how="left").fill_null(0)
    long = whole.unpivot(on=list(WEEK_KINDS), index="week", variable_name="what", value_name="count")
    return long.select(
        source=pl.lit(source.dataset), week=pl.col("week").cast(pl.String), what="what",
        count=pl.col("count").cast(pl.Int64),
    ).sort("week", "what")  # fmt: skip


def by_offence(source: Source, period: Period) -> pl.DataFrame:
    """source, span (before, now), offence, count of all records, wherever they lie: the period, and as long before it.

    Only where deliveries speak for every day of both; nothing else can be set beside one another.
    """
    before = period.start - (period.end - period.start)
    wanted = {before + timedelta(days=ahead) for ahead in range((period.end - before).days)}
    nothing = pl.DataFrame(schema={"source": pl.String, "span": pl.String, "offence": pl.String, "count": pl.Int64})
    if not wanted <= source.days:
        return nothing
    day = source.table.event_from_local.date()
    rows = source.table.filter((day >= before) & (day < period.end)).mutate(is_now=day >= period.start)
    coded = rows.filter(rows.offence_code.fill_null("") != "").group_by(["offence_code", "is_now"])
    counted = coded.agg(count=lambda each: each.count()).to_polars()
    span = pl.when("is_now").then(pl.lit("now")).otherwise(pl.lit("before"))
    found = counted.select(
        source=pl.lit(source.dataset), span=span, offence=pl.col("offence_code"), count=pl.col("count").cast(pl.Int64)
    )
    # An offence of one span alone was none in the other.
    every = found.select("source", "offence").unique().join(pl.DataFrame({"span": ["before", "now"]}), how="cross")
    whole = every.join(found, on=["source", "offence", "span"], how="left").with_columns(pl.col("count").fill_null(0))
    return nothing.vstack(whole.select(nothing.columns)).sort("span", "offence")


def whole_weeks(days: Iterable[date]) -> list[date]:
    """The Mondays of the weeks all of whose days are there."""
    known = Counter(day - timedelta(days=day.weekday()) for day in days)
    return sorted(monday for monday, count in known.items() if count == 7)


def by_hour(source: Source) -> pl.DataFrame:
    """source, day ("1" is Monday), hour ("00" to "23"), count: all 168 cells, of rows whose hour is known."""
    counted = by_day_and_hour(timed(source, mapped(source))).to_polars()
    cells = pl.DataFrame({"day": [d for d in range(1, 8) for _ in range(24)], "hour": list(range(24)) * 7})
    whole = cells.join(counted.cast({"day": pl.Int64, "hour": pl.Int64}), on=["day", "hour"], how="left")
    return whole.select(
        source=pl.lit(source.dataset),
        day=pl.col("day").cast(pl.String),
        hour=pl.col("hour").cast(pl.String).str.zfill(2),
        count=pl.col("incidents").fill_null(0).cast(pl.Int64),
    )


# What kind of place a record was at; the first is on the maps, and the last cannot be told from it.
KIND_KINDS = ("at_public_place", "home", "custody", "hospital", "abroad", "kind_unknown", "kind_not_supplied")
_AREAS_IN_PART = ("town", "sector", "district")
PLACE_KINDS = ("located", "located_in_part", "not_located", "outside")
TIME_KINDS = ("time_known", "time_defaulted", "time_unknown")


def unknown(source: Source) -> pl.DataFrame:
    """source, what, count over all records: PLACE_KINDS add up to `records`, and so do TIME_KINDS and KIND_KINDS.

    `home`, `custody`, … count records by their kind of place, wherever it lies; no map shows them. `unsure` are
    records at public places whose place was told by words that are not sure enough to be mapped.
    """
    import ibis

    table = source.table
    is_timed = table.event_precision.isin(TIMED)
    is_default = is_timed & table.event_from_local.strftime("%H:%M").isin(source.defaults or ("none",))
    place = ibis.cases(
        (table.area_kind == "outside", "outside"),
        ((table.place_method == "partial") | table.area_kind.isin(_AREAS_IN_PART), "located_in_part"),
        ((table.area_code.fill_null("") != "") | table.x_m.notnull(), "located"),
        else_="not_located",
    )
    time = ibis.cases((is_default, "time_defaulted"), (is_timed, "time_known"), else_="time_unknown")
    named = {**dict.fromkeys(PUBLIC, KIND_KINDS[0]), NOT_SUPPLIED: KIND_KINDS[-1], "unknown": "kind_unknown"}
    kind = table.place_class.fill_null("unknown").substitute(named)
    unsure = kind.isin((KIND_KINDS[0], KIND_KINDS[-1])) & ~_is_sure(source)
    marked = table.select(place=place, time=time, kind=kind, unsure=ibis.ifelse(unsure, "unsure", ""))
    counted = marked.group_by(["place", "time", "kind", "unsure"]).agg(n=lambda rows: rows.count()).to_polars()
    found = {
        "records": int(counted["n"].sum()),
        **_sums(counted, "place", PLACE_KINDS),
        **_sums(counted, "time", TIME_KINDS),
        **_sums(counted, "kind", KIND_KINDS),
        **_sums(counted, "unsure", ("unsure",)),
    }
    return pl.DataFrame({"source": source.dataset, "what": list(found), "count": list(found.values())})


def _sums(counted: pl.DataFrame, column: str, kinds: Sequence[str]) -> dict[str, int]:
    return {kind: int(counted.filter(pl.col(column) == kind)["n"].sum()) for kind in kinds}


def near_action(
    source: Source, window: Window | None, area: str, ground: Ground, *, since: date, until: date | None = None
) -> pl.DataFrame:
    """source, when (before, since), count at one area: from `since` to the last day delivered, or to the day before
    `until`, and as long before it.

    Both are null where deliveries do not speak for enough days before.
    """
    last = max((day for day in source.stated if until is None or day < until), default=None)
    first = min(source.stated, default=None)
    nothing = pl.DataFrame({"source": source.dataset, "when": ["before", "since"], "count": [None, None]})
    if last is None or first is None or last < since or since - (last - since) < first:
        return nothing.cast({"count": pl.Int64})
    spans = {"before": (since - (last - since), since), "since": (since, last)}
    counts = []
    for start, end in spans.values():
        day = source.table.event_from_local.date()
        part = replace(source, table=source.table.filter((day >= start) & (day < end)))
        rows = by_area(part, window, ground).filter(pl.col("area") == area)
        counts.append(int(rows["count"].sum()))
    return pl.DataFrame({"source": source.dataset, "when": list(spans), "count": counts})
