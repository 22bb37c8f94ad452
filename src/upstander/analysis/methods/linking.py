"""Methods about which records of two agencies are of the same event."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.overlap.bands import MISSED_LINKS, Attributes, unknown_band
from upstander.analysis.overlap.excess import Excess, Rule, matched_excess
from upstander.analysis.overlap.linkage import link
from upstander.analysis.overlap.pairs import Points
from upstander.analysis.overlap.proximity import Compared, linked
from upstander.analysis.overlap.totals import Shared, total_across_agencies
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn
from upstander.errors import WrongUsage

_AT = WantedColumn("at", "datetime", "local time of the event", gaps=True)
_X = WantedColumn("x_m", "number", "easting", "metres", gaps=True)
_Y = WantedColumn("y_m", "number", "northing", "metres", gaps=True)
_AGE_BAND = WantedColumn("age_band", "text", "of the person; empty is unknown", required=False)
_SEX = WantedColumn("sex", "text", "of the person; empty is unknown", required=False)
_RADIUS = Param(
    "radius_m", "number", "farthest that two records of one event may lie apart", 500.0, "metres", 10, 20_000
)
_FROM = Param(
    "from_min", "number", "earliest that the second may be, after the first", -30.0, "minutes", -10_080, 10_080
)
_TO = Param("to_min", "number", "latest that the second may be, after the first", 180.0, "minutes", -10_080, 10_080)
_SHIFTS = Param("shift_days", "text", "whole weeks by which the second source is moved, both ways, to see chance",
                "7;14;21", "days")  # fmt: skip
_CONFIDENCE = Param("confidence", "number", "share of intervals that hold the truth", 0.95, least=0.5, most=0.999)
_REPLICATES = Param("replicates", "integer", "weeks drawn again so many times", 1000, least=200, most=100_000)
_BY_PLACE = (
    "Times and places of both sources are of the event, not of its recording.",
    "But for real links, records meet as often a week earlier or later at the same weekday, hour and place.",
    "One night that is busy for both, such as a match day, passes for links.",
    "Both sources cover the whole period: a month that one did not send counts as unknown to it.",
)


def _placed(frame: pl.DataFrame, role: str) -> tuple[pl.DataFrame, Points, str]:
    """The rows that have a time and a place, as points, and a sentence about the others."""
    whole = frame.filter(pl.all_horizontal(pl.col("at", "x_m", "y_m").is_not_null()))
    lost = frame.height - whole.height
    if whole.is_empty():
        raise TooFewPoints(where=f"{role}, rows with a time and a place", found=0, needed=1)
    points = Points.of(whole["at"].dt.epoch("s").to_numpy(), whole["x_m"].to_numpy(), whole["y_m"].to_numpy())
    return whole, points, f"{role}: {lost} rows lack a time or a place and were left out." if lost else ""


def _rule(params: Mapping[str, Any]) -> Rule:
    if params["from_min"] > params["to_min"]:
        raise WrongUsage(
            "The window ends before it begins.", where="from_min, to_min",
            found=f"{params['from_min']} to {params['to_min']}", expected="from_min at most to_min",
        )  # fmt: skip
    return Rule(params["radius_m"], params["from_min"], params["to_min"])


def _shift_days(text: str) -> tuple[int, ...]:
    try:
        days = [int(part) for part in text.split(";")]
    except ValueError as why:
        raise WrongUsage(
            f"'{text}' is no list of days.", where="parameter shift_days", found=text, expected="such as 7;14;21"
        ) from why
    return tuple(sorted({sign * day for day in days for sign in (-1, 1)}))


def _excess(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    (_, first, lost_first), (_, second, lost_second) = (_placed(frames[role], role) for role in ("first", "second"))
    found = matched_excess(
        first, second, _rule(params), shift_days=_shift_days(params["shift_days"]), replicates=params["replicates"],
        seed=seed, confidence=params["confidence"],
    )  # fmt: skip
    rows = pl.DataFrame([
        {"shift_days": each.days, "pairs": each.pairs, "matched": each.matched, "matched_scaled": each.scaled}
        for each in found.shifts
    ]).sort("shift_days")  # fmt: skip
    summary = {
        "first": first.size, "second": second.size, "observed": found.observed, "chance": found.chance,
        "excess": found.excess, "low": found.low, "high": found.high, "share_of_first": found.known_share,
        "share_low": found.share_low, "share_high": found.share_high,
        "share_of_second": found.links / second.size, "links": found.links,
        "weeks": found.blocks,
    }  # fmt: skip
    return Answer(rows, summary, tuple(filter(None, (lost_first, lost_second, *_excess_warnings(found)))))


def _excess_warnings(found: Excess) -> tuple[str, ...]:
    if found.low <= 0:
        return ("No more records lie together than chance would put there.",)
    return ("One rule gives one figure: run unknown_to_police for the band over rules.",)


MATCHED_EXCESS = Method(
    name="matched_excess",
    version="1.0.0",
    title="Matched excess",
    says="How many more records of two sources lie together in time and place, one to one, than chance would put "
    "there: less what matches when one source is moved by whole weeks.",
    source="Observed less time-shifted controls: own design, its coverage in docs/methods/coverage.md; matching: "
    "Hopcroft and Karp, SIAM J. Computing 2(4), 1973; blocks: Künsch, Annals of Statistics 17(3), 1989",
    inputs={"first": (_AT, _X, _Y), "second": (_AT, _X, _Y)},
    params=(_RADIUS, _FROM, _TO, _SHIFTS, _CONFIDENCE, _REPLICATES),
    outputs=(
        Output("shift_days", "integer", "days the second source was moved; 0 is as it was", "days"),
        Output("pairs", "integer", "pairs near one another", "pairs"),
        Output("matched", "integer", "pairs one to one", "pairs"),
        Output("matched_scaled", "number", "matched, scaled to as many meetings of records as were observed", "pairs"),
    ),
    compute=_excess,
    assumes=_BY_PLACE,
)


def _unknown(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    rows, first, lost = _placed(frames["records"], "records")
    other, second, lost_police = _placed(frames["police"], "police")
    found = unknown_band(
        first, second, rules=_rules(params["radii_m"], params["windows_min"]), attributes=_attributes(rows, other),
        matchable=second.size / frames["police"].height, shift_days=_shift_days(params["shift_days"]),
        missed_links=params["missed_links"], replicates=params["replicates"], seed=seed,
        confidence=params["confidence"],
    )  # fmt: skip
    summary = {
        "unknown_low": found.low, "unknown_high": found.high, "records": frames["records"].height,
        "records_matchable": first.size, "police": frames["police"].height, "police_matchable": second.size,
    }  # fmt: skip
    said = f"Between {found.low:.0%} and {found.high:.0%}: the band is the answer, no row of it."
    return Answer(found.rules, summary, tuple(filter(None, (said, lost, lost_police))))


def _rules(radii: str, windows: str) -> tuple[Rule, ...]:
    try:
        spans = [tuple(float(end) for end in part.split("..")) for part in windows.split(";")]
        rules = tuple(Rule(float(radius), start, end) for radius in radii.split(";") for start, end in spans)
    except ValueError as why:
        raise _no_rules(radii, windows) from why
    if any(not 10 <= rule.radius_m <= 20_000 or not -10_080 <= rule.from_min < rule.to_min <= 10_080 for rule in rules):
        raise _no_rules(radii, windows)
    return rules


def _no_rules(radii: str, windows: str) -> WrongUsage:
    return WrongUsage(
        "These are no rules of matching.", where="parameters radii_m, windows_min", found=f"{radii}, {windows}",
        expected="metres such as 250;500 (10 to 20000), minutes such as -30..60;-30..180 (within a week)",
    )  # fmt: skip


def _attributes(records: pl.DataFrame, police: pl.DataFrame) -> Attributes | None:
    names = [name for name in ("age_band", "sex") if name in records.columns and name in police.columns]
    if not names:
        return None
    coded = [_codes(records[name], police[name]) for name in names]
    return Attributes(tuple(one for one, _ in coded), tuple(other for _, other in coded))


_SAYS_NOTHING = ("unknown", "not_asked", "withheld", "not known")


def _codes(
    one: pl.Series, other: pl.Series
) -> tuple[np.ndarray[Any, np.dtype[np.int64]], np.ndarray[Any, np.dtype[np.int64]]]:
    """Texts as codes that mean the same in both; -1 where the text says nothing."""
    names = pl.concat([one, other]).drop_nulls().unique().sort()
    known = names.filter(~names.str.to_lowercase().is_in(_SAYS_NOTHING)).to_list()
    number = {name: at for at, name in enumerate(known)}
    coded = [each.replace_strict(number, default=-1, return_dtype=pl.Int64).to_numpy() for each in (one, other)]
    return coded[0], coded[1]


UNKNOWN_TO_POLICE = Method(
    name="unknown_to_police",
    version="1.0.0",
    title="Share unknown to police, as a band",
    says="What share of ambulance or hospital records is in no police record: the lowest and the highest that rules of "
    "matching leave, chance taken out of each. Never one figure.",
    source="matched_excess under each rule. What others found: Gray and others, J. Epidemiology and Community Health "
    "71, 2017, 1218; Sutherland and others, RAND RR2216, 2021",
    inputs={"records": (_AT, _X, _Y, _AGE_BAND, _SEX), "police": (_AT, _X, _Y, _AGE_BAND, _SEX)},
    params=(
        Param("radii_m", "text", "radii of the rules", "250;500;1000", "metres"),
        Param("windows_min", "text", "windows of the rules: how much later the record is than the police's",
              "-30..60;-30..180;-60..1440", "minutes"),
        Param("missed_links", "number", "share of real links that even the widest rule may miss", MISSED_LINKS, "", 0,
              0.9),
        _SHIFTS, _CONFIDENCE, _REPLICATES,
    ),
    outputs=(
        Output("radius_m", "number", "of the rule", "metres"),
        Output("from_min", "number", "of the rule", "minutes"),
        Output("to_min", "number", "of the rule", "minutes"),
        Output("attributes", "text", "none, or agree: age band and sex must not contradict"),
        Output("observed", "integer", "records matched one to one", "records"),
        Output("chance", "number", "of these, by chance", "records"),
        Output("known_share", "number", "share known to police, chance taken out"),
        Output("unknown_share", "number", "share not known"),
        Output("low", "number", "lower limit of it under this rule"),
        Output("high", "number", "upper limit of it under this rule"),
        Output("is_told", "boolean", "false where chance matches too much: not in the band"),
    ),
    compute=_unknown,
    assumes=(*_BY_PLACE, "The widest rule misses no more of the real links than `missed_links`."),
)  # fmt: skip

_PERSON = (
    WantedColumn("age", "integer", "of the person; empty is unknown", "years", required=False),
    _SEX,
    WantedColumn("kind", "text", "of the injury or act, in the same words; empty is unknown", required=False),
)
_NAMED = WantedColumn("id", "text", "name of the record")


def _proximity(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    (one, first, lost), (other, second, lost_second) = (_placed(frames[role], role) for role in ("first", "second"))
    found = linked(
        first, second, _rule(params), _compared(one, other, params["age_near"]),
        shift_days=_shift_days(params["shift_days"]), least=params["least"],
    )  # fmt: skip
    rows = pl.DataFrame({
        "first_id": one["id"].gather(found.first), "second_id": other["id"].gather(found.second),
        "probability": found.probability,
    })  # fmt: skip
    summary = {
        "links": rows.height, "candidates": found.candidates, "by_chance": found.by_chance, "share": found.share,
        "expected_false": float((1 - found.probability).sum()),
        **{name: found.weights[name].to_list() for name in ("column", "level", "m", "u", "weight")},
    }  # fmt: skip
    return Answer(rows, summary, tuple(filter(None, (lost, lost_second))))


def _compared(one: pl.DataFrame, other: pl.DataFrame, age_near: int) -> list[Compared]:
    found = []
    if "age" in one.columns and "age" in other.columns:
        ages = [frame["age"].fill_null(-1).to_numpy() for frame in (one, other)]
        found.append(Compared("age", ages[0], ages[1], age_near))
    words = [name for name in ("sex", "kind") if name in one.columns and name in other.columns]
    return found + [Compared(name, *_codes(one[name], other[name])) for name in words]


PROXIMITY_LINKAGE = Method(
    name="proximity_linkage",
    version="1.0.0",
    title="Linkage by time, place and person",
    says="Which records of two sources are of one event, without any identifier: near in time and place, weighed by "
    "what agrees among links (learnt by EM) and among chance pairs (from weeks moved), each linked once at most.",
    source="Fellegi and Sunter, J. American Statistical Association 64(328), 1969; Winkler 1988; assignment: Jonker "
    "and Volgenant, Computing 38, 1987",
    inputs={"first": (_NAMED, _AT, _X, _Y, *_PERSON), "second": (_NAMED, _AT, _X, _Y, *_PERSON)},
    params=(
        _RADIUS, _FROM, _TO,
        Param("shift_days", "text", "whole weeks by which the second source is moved to see chance", "7", "days"),
        Param("age_near", "integer", "ages so far apart may be of one person", 2, "years", 1, 20),
        Param("least", "number", "probability from which a pair is linked", 0.5, least=0.5, most=0.9999),
    ),
    outputs=(
        Output("first_id", "text", "as given"),
        Output("second_id", "text", "as given"),
        Output("probability", "number", "that both records are of one event"),
    ),
    compute=_proximity,
    assumes=(*_BY_PLACE[:3], "Among links, time, place and person agree independently of one another."),
)  # fmt: skip


def _linkage(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    found = link(
        frames["records"], within_source=params["within_source"], least=params["least"], recall=params["recall"],
        seed=seed,
    )  # fmt: skip
    learnt = {name: found.parameters[name].to_list() for name in ("column", "level", "m", "u")}
    summary = {
        "records": frames["records"].height, "pairs": found.pairs.height,
        "clusters": found.pairs["cluster"].n_unique(), "share": found.share,
        "expected_false": float((1 - found.pairs["probability"]).sum()), **learnt,
    }  # fmt: skip
    blank = found.parameters.filter(pl.col("m").is_null() | pl.col("u").is_null()).height
    said = f"{blank} levels could not be learnt from so few records; they add nothing." if blank else ""
    return Answer(found.pairs, summary, tuple(filter(None, (said,))))


LINKAGE = Method(
    name="linkage",
    version="1.0.1",
    title="Linkage by pseudonyms (Splink)",
    says="Which records are of one person and event, by keyed token, age band, sex, area sector and date, where one "
    "agreement lets them stand together. Missing is not disagreement; rare values count for more.",
    source="Fellegi and Sunter 1969; Winkler 1988; Linacre and others, International J. Population Data Science 7(3), "
    "2022 (Splink 5.0, DuckDB, one thread)",
    inputs={
        "records": (
            WantedColumn("source", "text", "whose record"),
            WantedColumn("id", "text", "name of the record, once in its source"),
            WantedColumn("token", "text", "keyed token of the person", required=False),
            _AGE_BAND, _SEX,
            WantedColumn("sector", "text", "postcode sector or other small area", required=False),
            WantedColumn("date", "date", "of the event", required=False),
        )
    },
    params=(
        Param("least", "number", "probability from which a pair is given", 0.9, least=0.01, most=0.9999),
        Param("recall", "number", "share of links whose tokens agree, a first guess", 0.7, least=0.05, most=1.0),
        Param("within_source", "boolean", "two records of one source may be links", default=False),
    ),
    outputs=(
        Output("first_source", "text", "as given"),
        Output("first_id", "text", "as given"),
        Output("second_source", "text", "as given"),
        Output("second_id", "text", "as given"),
        Output("probability", "number", "that the pair is a link"),
        Output("weight", "number", "log2 of its odds", "bits"),
        Output("cluster", "integer", "records that links join have the same number"),
    ),
    compute=_linkage,
    assumes=("One agreement lets these records stand together; tokens were made with the same key.",
             "Among links, fields agree independently of one another.",
             "Links are found among pairs that share a token, a date and sector, or a date, age band and sex."),
)  # fmt: skip


def _total(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    agencies, pairs = frames["agencies"], frames.get("pairs")
    if agencies["agency"].is_duplicated().any() or (agencies["records"] < 0).any():
        raise UnfitNumbers("Each agency stands once, with its records.", where="agencies", expected="each agency once")
    records = dict(agencies.select("agency", "records").iter_rows())
    shared = {} if pairs is None else {
        (row["first"], row["second"]): Shared(row["shared"], row["low"], row["high"])
        for row in pairs.iter_rows(named=True)
    }  # fmt: skip
    found = total_across_agencies(records, shared)
    rows = pl.DataFrame({
        "low": [found.low], "middle": [found.middle], "high": [found.high], "largest": [found.largest],
        "added_up": [found.added_up],
    }, schema_overrides={"middle": pl.Float64})  # fmt: skip
    said = "" if found.middle is not None else "Some agencies were not compared: they may share anything."
    return Answer(rows, {"agencies": len(records)}, tuple(filter(None, (said,))))


TOTAL_ACROSS_AGENCIES = Method(
    name="total_across_agencies",
    version="1.0.0",
    title="Total across agencies",
    says="How many events agencies hold together: shared events taken off, with the band that is left, from the "
    "largest agency to the sum.",
    source="Bounds of Bonferroni; Hunter, J. Applied Probability 13(3), 1976",
    inputs={
        "agencies": (
            WantedColumn("agency", "text", "name"),
            WantedColumn("records", "integer", "events it recorded", "events"),
        ),
        "pairs": (
            WantedColumn("first", "text", "an agency"),
            WantedColumn("second", "text", "another"),
            WantedColumn("shared", "number", "events both recorded, such as a matched excess", "events"),
            WantedColumn("low", "number", "lower limit of it", "events"),
            WantedColumn("high", "number", "upper limit of it", "events"),
        ),
    },
    optional_roles=("pairs",),
    params=(),
    outputs=(
        Output("low", "number", "least that there can be", "events"),
        Output("middle", "number", "in between; null where a pair was not compared", "events"),
        Output("high", "number", "most that there can be", "events"),
        Output("largest", "integer", "of the largest agency", "events"),
        Output("added_up", "integer", "bare sum, shared events counted again", "events"),
    ),
    compute=_total,
    assumes=("One record is one event in each agency's count.", "Limits of what pairs share hold for every pair."),
)
