"""Unusual rises of the bulletin: named against earlier years, dated, and weighed against what other sources did."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from publish.wharram import released
from upstander.pipeline.injuries.rises import began, judged, rises
from upstander.pipeline.injuries.weighing import readings
from upstander.publish.model import EVERYWHERE

WEEKS = 6 * 52
FIRST = date(2020, 11, 2)
MONDAYS = [str(FIRST + timedelta(weeks=number)) for number in range(WEEKS)]
POLICE, AMBULANCE, ED = "police_incidents", "ambulance_callouts", "ed_assaults"
OUTBREAK = 7  # weeks


def counts(mean: float, seed: int, *, times: float = 1.0, last: int = OUTBREAK) -> list[int]:
    """Six years of weeks of one place, the last ones multiplied."""
    usual = np.full(WEEKS, float(mean))
    usual[WEEKS - last :] *= times
    return [int(count) for count in np.random.default_rng(seed).poisson(usual)]


def cells(**by_place: list[int]) -> pl.DataFrame:
    """Released counts of `source__area`, as a statistic takes them."""
    parts = []
    for name, weekly in by_place.items():
        source, _, area = name.partition("__")
        parts.append(pl.DataFrame({"source": source, "area": area, "week": MONDAYS, "number": weekly}))
    return pl.concat(parts).cast({"number": pl.Float64})


def quiet(source: str, areas: int = 12, seed: int = 5) -> dict[str, list[int]]:
    return {f"{source}__w{number}": counts(4, seed + number) for number in range(areas)}


def test_a_place_that_trebles_is_named_and_its_quiet_neighbours_are_not() -> None:
    found = rises(cells(**quiet(POLICE), **{f"{POLICE}__hot": counts(4, 99, times=4)}))
    assert set(found["area"]) == {"hot"}
    assert set(found["week"]) <= set(MONDAYS[-4:])
    assert (found["value"] > found["high"]).all()
    assert (found["low"] < found["high"]).all()


def test_how_many_places_were_judged_and_what_chance_would_raise_is_told() -> None:
    told = {(source, what): value for source, what, value in judged(cells(**quiet(POLICE))).iter_rows()}
    assert told[POLICE, "areas"] == 12
    assert 0 < told[POLICE, "false"] <= 12 * 4 * 0.01


def test_two_years_of_weeks_are_wanted_before_anything_is_judged() -> None:
    short = cells(**{f"{POLICE}__hot": counts(4, 99, times=6)}).filter(pl.col("week") >= MONDAYS[-100])
    assert rises(short).is_empty()
    assert judged(short).filter(pl.col("what") == "areas")["value"].to_list() == [0.0]


def test_a_week_that_did_not_come_is_no_fall_and_no_rise() -> None:
    gone = cells(**{f"{POLICE}__hot": counts(4, 99, times=4)}).filter(pl.col("week") != MONDAYS[-2])
    assert MONDAYS[-2] not in rises(gone)["week"].to_list()


def test_a_rise_is_dated_to_the_week_from_which_it_held() -> None:
    weekly = cells(**{f"{POLICE}__hot": counts(8, 3, times=4)})
    (since,) = began(weekly, rises(weekly)).values()
    assert abs(MONDAYS.index(since) - (WEEKS - OUTBREAK)) <= 1


def read(**by_place: list[int]) -> dict[tuple[str, str], str]:
    """What each named place of the counts is read as, by source and area."""
    weekly = cells(**by_place)
    named = rises(weekly)
    rows = {row[:3]: row[3:] for row in named.select("source", "area", "week", "value", "low", "high").rows()}
    table = released("rises", ("source", "area", "week"), rows)
    nothing = pl.DataFrame(schema={"source": pl.String, "week": pl.String, "what": pl.String, "number": pl.Float64})
    told = readings({"rises": table}, {"past_weeks": weekly, "past_all": nothing}, [])
    return {(source, area): said.words for (source, area, _), said in told.items()}


def test_a_rise_that_other_sources_show_too_is_read_as_violence_with_the_numbers() -> None:
    everywhere = {
        f"{source}__kiln": counts(5, number, times=4) for number, source in enumerate((POLICE, AMBULANCE, ED))
    }
    said = read(**everywhere)[POLICE, "kiln"]
    assert "Police rose and so did Ambulance and Hospital: read as a change in violence." in said
    assert "Times what was expected: Police" in said


def test_a_rise_of_one_source_alone_is_read_as_recording_and_never_as_violence() -> None:
    said = read(**{
        f"{POLICE}__kiln": counts(20, 1, times=2.5), f"{AMBULANCE}__kiln": counts(20, 2), f"{ED}__kiln": counts(20, 3),
    })[POLICE, "kiln"]  # fmt: skip
    assert "read as a change in recording" in said
    assert "violence" not in said.split("Times")[0]


def test_one_source_alone_gets_no_verdict() -> None:
    assert "cannot be told" in read(**{f"{POLICE}__kiln": counts(5, 1, times=4)})[POLICE, "kiln"]


def test_a_whole_source_is_weighed_with_how_grave_and_how_complete_its_records_are() -> None:
    kinds = {"records": counts(60, 1, times=1.6), "severe": counts(6, 2), "located": counts(55, 3, times=1.6)}
    in_all = pl.concat(
        pl.DataFrame({"source": source, "week": MONDAYS, "what": what, "number": weekly})
        for source, weekly_of in ((POLICE, kinds), (AMBULANCE, {"records": counts(60, 11)}))
        for what, weekly in weekly_of.items()
    ).cast({"number": pl.Float64})
    named = {(POLICE, EVERYWHERE, MONDAYS[-1]): (99.0, 60.0, 80.0)}
    table = released("rises", ("source", "area", "week"), named)
    by_area = pl.DataFrame(schema={"source": pl.String, "area": pl.String, "week": pl.String, "number": pl.Float64})
    (said,) = readings({"rises": table}, {"past_weeks": by_area, "past_all": in_all}, []).values()
    assert "Police rose and Ambulance did not" in said.sentence
    assert "the share of severe records" in said.sentence
