"""Records of two sources that lie near one another: counts on their way to protection.

Matched by time and place alone, which the gate granted; a person is never looked for across agencies here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import polars as pl

from upstander.analysis.clock import TIMED
from upstander.analysis.errors import TooFewPoints
from upstander.analysis.hotspots.sureness import is_sure
from upstander.analysis.overlap.bands import MISSED_LINKS, RULES, each_rule, share_limits
from upstander.analysis.overlap.excess import Rule, observed_and_chance
from upstander.analysis.overlap.pairs import Points
from upstander.contracts.releasing import Status
from upstander.pipeline.injuries.sources import SURENESS, Source

BY_POINT, BY_AREA = "by point", "by area"
_MATCHABLE, _NOT_MATCHABLE, _ELSEWHEN = "matchable", "not matchable", "on days the other does not cover"
_MATCHED, _WITHIN_AREA = ": matched", "same area, "
_MOSTLY_POINTS = 0.5
_FIRST_TO_KNOW = ("police_incidents", "ambulance_callouts", "ed_assaults")
"""Whose time of one event comes first. Police state when it was committed, often the start of a span; the call for an
ambulance and the time told in hospital follow."""
_DATED = (*TIMED, "day")
_APART_M = 1000.0  # areas are laid out this far apart, so that a rule of less than it asks for the same one
_BLANK = {"source": pl.String, "other": pl.String, "what": pl.String, "count": pl.Int64}
_SAME_AREA = tuple(replace(rule, radius_m=10.0) for rule in RULES if rule.radius_m == RULES[0].radius_m)

_Row = tuple[str, str, str, int]


def kinds_of(way: str) -> tuple[str, str, str]:
    """What is counted of a source's own records beside another's, under one way of matching; they add up to all."""
    return f"{way}: {_MATCHABLE}", f"{way}: {_NOT_MATCHABLE}", f"{way}: {_ELSEWHEN}"


def overlap(sources: Sequence[Source]) -> pl.DataFrame:
    """source, other, what, count; nothing where no two sources can be compared.

    Of each source beside another: how many of its records can be matched. Of each pair: under every rule what is
    matched one to one, and what of it is chance. Sources are compared by point where most records of both have one, and
    by small area, which postcodes and words give as well; and only on days that both cover.
    """
    known = {source.dataset: source for source in sources if source.dataset in _FIRST_TO_KNOW}
    rows = {name: _rows(source) for name, source in known.items()}
    found: list[_Row] = []
    for one, other in combinations([name for name in _FIRST_TO_KNOW if name in known], 2):
        both = sorted(known[one].days & known[other].days)
        part = {name: rows[name].with_columns(is_in=pl.col("day").is_in(both)) for name in (one, other)}
        found += [*_of_pair(part, BY_POINT, RULES), *_of_pair(part, BY_AREA, _SAME_AREA)]
    return pl.DataFrame(found, schema=_BLANK, orient="row")


def matched_of(shared: pl.DataFrame) -> Iterator[tuple[tuple[str, str, str], tuple[str, str, str]]]:
    """Each count of matched records in `overlap`, after the matchable records of either source it is a part of."""
    for one, other, what in shared.select("source", "other", "what").iter_rows():
        if what.endswith(_MATCHED):
            matchable = kinds_of(BY_AREA if what.startswith(_WITHIN_AREA) else BY_POINT)[0]
            yield (one, other, matchable), (one, other, what)
            yield (other, one, matchable), (one, other, what)


def _rows(source: Source) -> pl.DataFrame:
    """event_from_local, day (null where not known), x_m, y_m, area (null without one) of every record, in an order of
    their own. A town or a sector is no place to match by, nor is one told by words that are not sure enough.
    """
    import ibis

    table = source.table
    sure = is_sure(table) if SURENESS in table.columns else ibis.literal(True)  # noqa: FBT003 - Ibis takes it by position
    found: pl.DataFrame = table.select(
        "event_from_local", "event_precision", "x_m", "y_m", "area_kind", "area_vintage", "area_code", sure=sure
    ).to_polars()
    is_small = (pl.col("area_vintage").fill_null("") != "") & (pl.col("area_code").fill_null("") != "")
    is_dated = pl.col("event_precision").is_in(_DATED)
    return found.select(
        "event_from_local",
        day=pl.when(is_dated).then(pl.col("event_from_local").dt.date()),
        x_m=pl.when(pl.col("sure") & pl.col("y_m").is_not_null()).then("x_m"),
        y_m="y_m",
        area=pl.when(pl.col("sure") & is_small).then(
            pl.concat_str("area_kind", "area_vintage", pl.lit(":"), "area_code")
        ),
    ).sort("event_from_local", "area", "x_m", "y_m")


def _of_pair(rows: Mapping[str, pl.DataFrame], way: str, rules: Sequence[Rule]) -> list[_Row]:
    """The rows of one pair matched one way; none where too few records have a place of that kind."""
    one, other = rows
    place = "x_m" if way == BY_POINT else "area"
    can = [rows[name].filter(pl.col("is_in") & pl.col(place).is_not_null()) for name in rows]
    least = _MOSTLY_POINTS if way == BY_POINT else 0.0
    if any(part.height <= least * rows[name].height for name, part in zip(rows, can, strict=True)):
        return []
    first, second = (_points(part) for part in can) if way == BY_POINT else _areas(*can)
    counted = list(_counted(one, other, first, second, rules, way))
    own = [
        (name, beside, what, count)
        for name, beside, part in ((one, other, can[0]), (other, one, can[1]))
        for what, count in zip(kinds_of(way), _own_counts(rows[name], part.height), strict=True)
    ]
    return [*own, *counted] if counted else []


def _own_counts(rows: pl.DataFrame, matchable: int) -> tuple[int, int, int]:
    elsewhen = rows.filter(pl.col("day").is_not_null() & ~pl.col("is_in")).height
    return matchable, rows.height - matchable - elsewhen, elsewhen


def _counted(
    one: str, other: str, first: Points, second: Points, rules: Sequence[Rule], way: str
) -> Iterator[tuple[str, str, str, int]]:
    try:
        for rule, _, counts in each_rule(first, second, rules):
            observed, chance = observed_and_chance(counts)
            yield one, other, _said(way, rule, "matched"), observed
            yield one, other, _said(way, rule, "by chance"), round(chance)
    except TooFewPoints:  # too short a period, or a source without a place: not compared this way
        return


def _said(way: str, rule: Rule, what: str) -> str:
    words = str(rule) if way == BY_POINT else f"{_WITHIN_AREA}{str(rule).partition(', ')[2]}"
    return f"{words}: {what}"


def _points(rows: pl.DataFrame) -> Points:
    return Points.of(_seconds(rows), rows["x_m"].to_numpy(), rows["y_m"].to_numpy())


def _areas(*parts: pl.DataFrame) -> tuple[Points, ...]:
    """Areas as places of their own, far from every other, so that near means the same area."""
    names = pl.concat([part["area"] for part in parts]).unique().sort()
    number = {name: at * _APART_M for at, name in enumerate(names.to_list())}
    return tuple(
        Points.of(
            _seconds(part),
            part["area"].replace_strict(number, return_dtype=pl.Float64).to_numpy(),
            np.zeros(part.height),
        )
        for part in parts
    )


def _seconds(rows: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return rows["event_from_local"].dt.epoch("s").to_numpy()


def missed(cells: pl.DataFrame, *, rate_from: int = 0) -> pl.DataFrame:
    """source, missed_by, value, low, high: the share of a source's records that another agency alone would miss.

    cells: of the released table `overlap`. low and high are the band over the rules and their sampling; value repeats
    low, the least that may be said, since no one figure is the answer. A rule with a withheld count tells nothing,
    nor does one with a count under `rate_from`.
    """
    shown = cells.filter(pl.col("status") == Status.SHOWN.value, pl.col("value") >= rate_from)
    known = {(source, other, what): value for source, other, what, value in
             shown.select("source", "other", "what", "value").iter_rows()}  # fmt: skip
    pairs = (
        cells.filter(pl.col("what").str.ends_with("matched")).select("source", "other").unique().sort("source", "other")
    )
    found = [
        {"source": source, "missed_by": by, "value": band[0], "low": band[0], "high": band[1]}
        for one, other in pairs.iter_rows()
        for source, by in ((one, other), (other, one))
        if (band := _band(known, (one, other), source, by)) is not None
    ]
    blank = {"source": pl.String, "missed_by": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    return pl.DataFrame(found, schema=blank)


_Known = Mapping[tuple[str, str, str], float]


def _band(known: _Known, pair: tuple[str, str], source: str, by: str) -> tuple[float, float] | None:
    """The lowest and the highest share missed over every way and rule; None where none tells anything."""
    limits = [
        *_limits(known, pair, source, by, BY_POINT, RULES),
        *_limits(known, pair, source, by, BY_AREA, _SAME_AREA),
    ]
    if not limits:
        return None
    return 1 - max(high for _, high in limits), 1 - min(low for low, _ in limits)


def _limits(
    known: _Known, pair: tuple[str, str], source: str, by: str, way: str, rules: Sequence[Rule]
) -> Iterator[tuple[float, float]]:
    """Limits of the known share under each rule that tells anything.

    What the other agency holds without a time or a place cannot be found and may be known all the same, and of real
    links no rule finds all, so the upper limit is raised by as much.
    """
    matchable, not_matchable, _ = kinds_of(way)
    records, others = known.get((source, by, matchable), 0.0), known.get((by, source, matchable), 0.0)
    if not records or not others:
        return
    findable = (1 - MISSED_LINKS) * others / (others + known.get((by, source, not_matchable), 0.0))
    for rule in rules:
        matched, chance = (known.get((*pair, _said(way, rule, what))) for what in ("matched", "by chance"))
        if matched is None or chance is None:
            continue
        low, high = (float(limit) for limit in share_limits(matched, chance, records, others))
        if (low, high) != (0.0, 1.0):
            yield low, min(1.0, high / findable)
