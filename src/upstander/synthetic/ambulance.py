"""The ambulance service's extract from its dispatch system: one row for each call."""

import numpy as np
import polars as pl

from upstander.synthetic.chance import pick, stream, words
from upstander.synthetic.dirt import RATES, age_on, only_if, share, some, whole_metres, with_repeats
from upstander.synthetic.gazetteer import LocalNames
from upstander.synthetic.hours import Calendar, local
from upstander.synthetic.kinds import SEXUAL
from upstander.synthetic.postcodes import Postcodes
from upstander.synthetic.texts import texts_of_acts

HEADINGS = (
    "Incident Number", "Call Date", "Call Time", "Nature Code", "Scene Type", "Location", "Postcode", "Easting",
    "Northing", "Patient ID", "Age", "Sex", "Remarks",
)  # fmt: skip
_CARRIED = (
    "incident", "utc", "delay_min", "x_m", "y_m", "postcode", "sector", "setting", "victim", "determinant", "nature",
)  # fmt: skip
OTHER_CALLS_A_YEAR = 700  # rows in the extract that are no violence by another: the map's filter sets them aside
_OTHER = {
    "27-D-04X": "STAB - SELF INFLICTED", "27-B-01Y": "PENETRATING - SELF INFLICTED", "17-A-01": "FALL",
    "26-A-03": "SICK PERSON", "06-D-01": "BREATHING PROBLEMS", "30-B-01": "TRAUMATIC INJURY",
}  # fmt: skip
_OTHER_SHARES = np.array([0.3, 0.2, 0.2, 0.12, 0.08, 0.1])
_LOCATION_TYPES = {
    "home": "Private residence", "street": "Street", "licensed": "Licensed premises", "open_space": "Public open space",
    "transport": "Transport", "school": "School", "work": "Workplace", "hospital": "Healthcare", "custody": "Custody",
}  # fmt: skip
_LEVELS = {"none": "A-01", "minor": "B-01", "moderate": "D-04", "serious": "D-03", "fatal": "D-01"}
_BAD_CODES = ("4-?", "04D2Q", "27-")


def ambulance_rows(
    acts: pl.DataFrame, seen: pl.DataFrame, people: pl.DataFrame, postcodes: Postcodes, calendar: Calendar,
    names: LocalNames, *, seed: int,
) -> pl.DataFrame:  # fmt: skip
    """Rows under HEADINGS, all text, in order of call; before them truth columns.

    Truth: incident (0 for a call that was no violence by another), event_local, recorded_local, is_repeat,
    has_bad_code, has_impossible_time, place (whole, part, none), is_default_time, and of the words about the place
    text_class, text_level, text_id.
    """
    rng = stream(seed, "ambulance rows")
    known = acts.join(seen.filter(pl.col("agency") == "ambulance"), on="incident", maintain_order="left")
    violent = known.with_columns(determinant=_determinant(), nature=_nature())
    drawn = [violent, _other_calls(rng, postcodes, calendar, people.height)]
    calls = pl.concat([part.select(_CARRIED) for part in drawn]).with_columns(
        event_local=local(pl.col("utc") + pl.duration(minutes="delay_min"))
    ).sort("event_local", "incident", "x_m")  # fmt: skip
    texts = texts_of_acts(calls, names, postcodes.table(), seed=seed, agency="ambulance")
    worded = calls.hstack(texts.select("text", text_class="place_class", text_level="level", text_id="id"))
    return with_repeats(_spelt(_dirtied(worded, people, rng)), rng, RATES["ambulance"].repeated)


def _determinant() -> pl.Expr:
    """Protocol 27 for wounds that go in, 4 for other assaults; the suffix says how."""
    level = pl.col("severity").replace_strict(_LEVELS)
    is_sexual = pl.col("offence_code").is_in(SEXUAL)
    hurt = pl.col("severity") != "none"
    return (
        pl.when((pl.col("weapon") == "sharp") & hurt).then(pl.format("27-{}S", level))
        .when((pl.col("weapon") == "firearm") & hurt).then(pl.format("27-{}G", level))
        .when((pl.col("weapon") == "glass") & hurt).then(pl.format("27-{}P", level))
        .when(is_sexual).then(pl.format("04-{}S", level))
        .otherwise(pl.format("04-{}A", level))
    )  # fmt: skip


def _nature() -> pl.Expr:
    goes_in = pl.col("weapon").is_in(["sharp", "firearm", "glass"]) & (pl.col("severity") != "none")
    return pl.when(goes_in).then(pl.lit("STAB/GUNSHOT/PENETRATING TRAUMA")).otherwise(pl.lit("ASSAULT/SEXUAL ASSAULT"))


def _other_calls(rng: np.random.Generator, postcodes: Postcodes, calendar: Calendar, people: int) -> pl.DataFrame:
    size = int(rng.poisson(OTHER_CALLS_A_YEAR * calendar.years))
    unit, kind = rng.integers(0, len(postcodes.units), size), pick(rng, _OTHER_SHARES, size)
    hour = rng.integers(0, len(calendar.utc), size)
    return pl.DataFrame({
        "incident": np.zeros(size, dtype=np.int64),
        "utc": calendar.utc[hour] + pl.Series(rng.integers(0, 60, size) * 60_000_000).cast(pl.Duration("us")),
        "delay_min": np.zeros(size), "x_m": postcodes.points[unit, 0], "y_m": postcodes.points[unit, 1],
        "postcode": postcodes.units[unit], "sector": postcodes.sectors[unit],
        "setting": words(("street", "home"), (rng.random(size) < 0.75).astype(np.int64)),
        "victim": rng.integers(0, people, size),
        "determinant": words(tuple(_OTHER), kind), "nature": words(tuple(_OTHER.values()), kind),
    })  # fmt: skip


def _dirtied(calls: pl.DataFrame, people: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    size, rates = calls.height, RATES["ambulance"]
    placeless, part = share(rng, size, rates.no_place), share(rng, size, rates.part_postcode)
    is_violent = (calls["incident"] > 0).to_numpy()
    past_the_hour = (calls["event_local"].dt.minute() > 0).to_numpy()
    persons = people[calls["victim"].to_numpy()].select("sex", "dob", "surname")
    return calls.hstack(persons).with_columns(
        pl.Series("number", rng.permutation(size) + 1),
        words(("whole", "part", "none"), np.select([placeless, part], [2, 1], 0)).alias("place"),
        pl.Series("has_bad_code", share(rng, size, rates.bad_code) & is_violent),
        # 24:00 is a time that can be read, as the next day's 00:00; 24:05 is none.
        pl.Series("has_impossible_time", share(rng, size, rates.impossible_time) & is_violent & past_the_hour),
        pl.Series("is_ageless", share(rng, size, 0.06)),
        pl.Series("is_sexless", share(rng, size, 0.02)),
        # Words about the place have a stream of their own; what they once took from this one is still taken, so
        # that everything drawn after it stays as it was.
        pl.Series("once_a_house", rng.integers(1, 180, size)),
        some(rng, _BAD_CODES, size).alias("bad_code"),
        pl.Series("once_a_street", rng.integers(0, 30, size)),
    )  # fmt: skip


def _spelt(calls: pl.DataFrame) -> pl.DataFrame:
    """Truth columns, then every heading as text."""
    at, whole = pl.col("event_local"), pl.col("place") == "whole"
    hour = pl.when("has_impossible_time").then(pl.lit("24")).otherwise(at.dt.strftime("%H"))
    postcode = pl.when(whole).then("postcode").otherwise("sector")
    return calls.select(
        "incident", "event_local", at.alias("recorded_local"), "has_bad_code", "has_impossible_time", "place",
        pl.lit(value=False).alias("is_default_time"),
        # A call without a whole place has no words about it either.
        pl.when(whole).then("text_class").otherwise(pl.lit("unknown")).alias("text_class"),
        pl.when(whole).then("text_level").otherwise(pl.lit("unknown")).alias("text_level"),
        only_if(whole, pl.col("text_id")).alias("text_id"),
        pl.format("BA{}", pl.col("number").cast(pl.String).str.zfill(7)).alias("Incident Number"),
        at.dt.strftime("%d/%m/%Y").alias("Call Date"),
        pl.format("{}:{}", hour, at.dt.strftime("%M")).alias("Call Time"),
        pl.when("has_bad_code").then("bad_code").otherwise("determinant").alias("Nature Code"),
        pl.col("setting").replace_strict(_LOCATION_TYPES).alias("Scene Type"),
        only_if(whole, pl.col("text")).alias("Location"),
        only_if(pl.col("place") != "none", postcode).alias("Postcode"),
        only_if(whole, whole_metres("x_m")).alias("Easting"),
        only_if(whole, whole_metres("y_m")).alias("Northing"),
        pl.format("PT{}", pl.col("victim").cast(pl.String).str.zfill(7)).alias("Patient ID"),
        only_if(~pl.col("is_ageless"), age_on(at.dt.date()).cast(pl.String)).alias("Age"),
        pl.when("is_sexless").then(pl.lit("U")).otherwise("sex").alias("Sex"),
        pl.format("{}, pt {} conscious and breathing", "nature", "surname").alias("Remarks"),
    )  # fmt: skip
