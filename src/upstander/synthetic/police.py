"""The force's records extract: one row for each person's part in a recorded crime."""

from datetime import date

import numpy as np
import polars as pl

from upstander.synthetic.chance import pick, stream
from upstander.synthetic.dirt import RATES, only_if, share, some, whole_metres, with_repeats, words_of_time
from upstander.synthetic.hours import local
from upstander.synthetic.kinds import TITLES
from upstander.synthetic.names import STREETS, VENUES
from upstander.synthetic.people import draw_people

HEADINGS = (
    "Crime Ref", "Offence Code", "Offence", "Committed From", "Committed To", "Recorded", "Knife", "Location Type",
    "Easting", "Northing", "Postcode", "Person Ref", "Surname", "Forename", "DOB", "Sex", "Ethnicity", "Role", "MO",
)  # fmt: skip
_LOCATION_TYPES = {
    "home": "DWELLING", "street": "STREET", "licensed": "PUB/CLUB", "open_space": "OPEN SPACE",
    "transport": "TRANSPORT", "school": "SCHOOL", "work": "WORKPLACE", "hospital": "HOSPITAL", "custody": "CUSTODY",
}  # fmt: skip
# How far apart from and to lie: a moment, an evening, a night, days.
_SPAN_SHARES, _SPAN_MINUTES = np.array([0.62, 0.23, 0.12, 0.03]), ((0, 0), (15, 180), (360, 840), (1440, 4320))
# Beside the victim: share of crimes that name one, and the ages of those named.
_OTHER_ROLES = {"SUSPECT": (0.46, (10, 70)), "WITNESS": (0.14, (12, 90))}
_AFTER_MIN = pl.col("minutes") - pl.col("before")  # from the act to the end of the span
_BAD_CODES = ("8Z", "N8", "999")


def police_rows(
    acts: pl.DataFrame, seen: pl.DataFrame, people: pl.DataFrame, *, seed: int, first_day: date
) -> pl.DataFrame:
    """Rows under HEADINGS, all text, in order; before them truth columns.

    Truth: incident, event_local (what the contract counts by), recorded_local, is_repeat, has_bad_code, place (whole,
    none), is_default_time, role.
    """
    rng = stream(seed, "police rows")
    names = people.select(victim_name=pl.format("{} {}", "forename", "surname"))[acts["victim"].to_numpy()]
    known = acts.hstack(names).join(seen.filter(pl.col("agency") == "police"), on="incident", maintain_order="left")
    parts = _parts(_crimes(known, rng, first_day), people, rng).sort("event_local", "Crime Ref", "order", "Person Ref")
    return with_repeats(_spelt(parts), rng, RATES["police"].repeated)


def _crimes(seen: pl.DataFrame, rng: np.random.Generator, first_day: date) -> pl.DataFrame:
    size, rates = seen.height, RATES["police"]
    span = pick(rng, _SPAN_SHARES, size)
    low, high = np.array(_SPAN_MINUTES).T
    minutes = (low[span] + rng.random(size) * (high - low)[span]).astype(np.int64)
    before = (minutes * rng.random(size)).astype(np.int64)
    return seen.with_columns(
        pl.Series("number", rng.permutation(size) + 1),
        pl.Series("before", before),
        pl.Series("minutes", minutes),
        pl.Series("is_default_time", share(rng, size, rates.default_midnight)),
        pl.Series("is_placeless", share(rng, size, rates.no_place)),
        pl.Series("has_bad_code", share(rng, size, rates.bad_code)),
        pl.Series("is_type_unknown", share(rng, size, 0.03)),
        pl.Series("is_knife_unknown", share(rng, size, 0.04)),
        some(rng, _BAD_CODES, size).alias("bad_code"),
        some(rng, STREETS, size).alias("street"),
        some(rng, VENUES, size).alias("venue"),
    ).with_columns(
        start=local(pl.col("utc") - pl.duration(minutes="before")).clip(lower_bound=_midnight(first_day)),
        end=local(pl.col("utc") + pl.duration(minutes=_AFTER_MIN)),
        recorded_local=local(pl.col("utc") + pl.duration(minutes=pl.col("delay_min") + _AFTER_MIN)),
    ).with_columns(
        event_local=pl.when("is_default_time").then(pl.col("start").dt.truncate("1d")).otherwise("start"),
    )  # fmt: skip


def _midnight(day: date) -> pl.Expr:
    return pl.lit(day).cast(pl.Datetime("us"))


def _parts(crimes: pl.DataFrame, people: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Crimes times people: each crime's victim, and for some a suspect and a witness."""
    drawn = [crimes.with_columns(person=pl.col("victim"), role=pl.lit("VICTIM"), order=pl.lit(0))]
    for order, (role, (rate, ages)) in enumerate(_OTHER_ROLES.items(), 1):
        some_crimes = crimes.filter(pl.Series(share(rng, crimes.height, rate)))
        years = some_crimes["event_local"].dt.year().cast(pl.Int64).to_numpy()
        person = pl.Series("person", draw_people(rng, people, years, ages=ages))
        others = some_crimes.with_columns(person, role=pl.lit(role), order=pl.lit(order))
        drawn.append(others.filter(pl.col("person") != pl.col("victim")))
    parts = pl.concat(drawn)
    persons = people[parts["person"].to_numpy()]
    unasked, unclear, sexless = (pl.Series(share(rng, parts.height, rate)) for rate in (0.14, 0.05, 0.004))
    crime_ref = pl.format(
        "FB/{}/{}", pl.col("number").cast(pl.String).str.zfill(7), pl.col("recorded_local").dt.strftime("%y")
    )
    return parts.hstack(persons).with_columns(
        pl.when(unasked).then(pl.lit("NS")).when(unclear).then(pl.lit("")).otherwise("ethnicity").alias("ethnicity"),
        pl.when(sexless).then(pl.lit("U")).otherwise("sex").alias("sex"),
        pl.col("person_ref").alias("Person Ref"), crime_ref.alias("Crime Ref"),
    )  # fmt: skip


def _spelt(parts: pl.DataFrame) -> pl.DataFrame:
    """Truth columns, then every heading as text."""
    is_moment = pl.col("minutes") == 0
    to = pl.when(is_moment | pl.col("is_default_time")).then(None).otherwise("end")
    whole = ~pl.col("is_placeless")
    knife = pl.when(pl.col("weapon") == "sharp").then(pl.lit("Y")).otherwise(pl.lit("N"))
    return parts.select(
        "incident", "event_local", "recorded_local", "has_bad_code", "is_default_time",
        pl.when(whole).then(pl.lit("whole")).otherwise(pl.lit("none")).alias("place"),
        pl.col("role").str.to_lowercase(),
        "Crime Ref",
        pl.when("has_bad_code").then("bad_code").otherwise("offence_code").alias("Offence Code"),
        pl.col("offence_code").replace_strict(TITLES).alias("Offence"),
        words_of_time(pl.col("event_local")).alias("Committed From"),
        words_of_time(to).alias("Committed To"),
        words_of_time(pl.col("recorded_local")).alias("Recorded"),
        only_if(~pl.col("is_knife_unknown"), knife).alias("Knife"),
        only_if(~pl.col("is_type_unknown"), pl.col("setting").replace_strict(_LOCATION_TYPES)).alias("Location Type"),
        only_if(whole, whole_metres("x_m")).alias("Easting"),
        only_if(whole, whole_metres("y_m")).alias("Northing"),
        only_if(whole, pl.col("postcode")).alias("Postcode"),
        "Person Ref",
        pl.col("surname").alias("Surname"),
        pl.col("forename").alias("Forename"),
        pl.col("dob").dt.strftime("%d/%m/%Y").alias("DOB"),
        pl.col("sex").alias("Sex"),
        pl.col("ethnicity").alias("Ethnicity"),
        pl.col("role").alias("Role"),
        _method_in_words().alias("MO"),
    )  # fmt: skip


def _method_in_words() -> pl.Expr:
    """Free text as officers write it: it names people, which is why it must not get past intake."""
    how = pl.col("weapon").replace_strict({
        "body_part": "punched and kicked", "sharp": "threatened or cut with a knife", "glass": "struck with a glass",
        "blunt": "hit with a bar", "firearm": "threatened with a handgun", "corrosive": "sprayed with a liquid",
        "other": "assaulted",
    })  # fmt: skip
    where = pl.when(pl.col("setting") == "licensed").then("venue").otherwise("street")
    return pl.format("IP {} {} near {}, other party made off", "victim_name", how, where)
