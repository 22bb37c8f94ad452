"""The hospital trust's extract in the layout of the Information Sharing to Tackle Violence minimum data set."""

import numpy as np
import polars as pl

from upstander.synthetic.chance import stream, words
from upstander.synthetic.dirt import RATES, age_on, only_if, share, some, with_repeats
from upstander.synthetic.gazetteer import LocalNames
from upstander.synthetic.hours import local as local_time
from upstander.synthetic.texts import texts_of_acts

HEADINGS = (
    "REPORTING PERIOD START DATE", "REPORTING PERIOD END DATE", "SITE CODE (OF TREATMENT)",
    "ARRIVAL DATE AND TIME AT ACCIDENT AND EMERGENCY DEPARTMENT", "ASSAULT DATE AND TIME", "ASSAULT METHOD",
    "ASSAULT METHOD OTHER DESCRIPTION", "ASSAULT LOCATION TYPE", "ASSAULT LOCATION DESCRIPTION", "POSTCODE", "AGE",
    "SEX",
)  # fmt: skip
SITE = "ZZF01"  # invented, in the manner of the contract's example
_BAD_CODES = ("knief", "fits", "assualt")


def emergency_rows(
    acts: pl.DataFrame,
    seen: pl.DataFrame,
    people: pl.DataFrame,
    local: LocalNames,
    postcodes: pl.DataFrame,
    *,
    seed: int,
) -> pl.DataFrame:
    """Rows under HEADINGS but the reporting period, all text, in order of arrival; before them truth columns.

    Truth: incident, event_local (the assault where stated, else the arrival), recorded_local (arrival), is_repeat,
    has_bad_code, place (whole, part, none), is_default_time, is_time_unknown, and of the words about the place
    text_class, text_level, text_id.
    """
    rng = stream(seed, "emergency rows")
    known = acts.join(seen.filter(pl.col("agency") == "ed"), on="incident", maintain_order="left")
    arrivals = known.with_columns(recorded_local=local_time(pl.col("utc") + pl.duration(minutes="delay_min")))
    persons = people[arrivals["victim"].to_numpy()].select("dob", pl.col("sex").alias("SEX"))
    dirtied = _dirtied(arrivals.hstack(persons).sort("recorded_local", "incident"), rng)
    texts = texts_of_acts(dirtied, local, postcodes, seed=seed, agency="ed")
    worded = dirtied.hstack(texts.select("text", text_class="place_class", text_level="level", text_id="id"))
    return with_repeats(_spelt(worded), rng, RATES["ed"].repeated)


def _dirtied(arrivals: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    size, rates = arrivals.height, RATES["ed"]
    where = rng.random(size)
    place = np.select([where < rates.no_place, where < rates.no_place + rates.part_postcode], [2, 1], 0)
    unknown = share(rng, size, rates.no_event_time)
    return arrivals.with_columns(
        words(("whole", "part", "none"), place).alias("place"),
        pl.Series("is_time_unknown", unknown),
        pl.Series("is_default_time", share(rng, size, rates.default_midnight) & ~unknown),
        pl.Series("has_bad_code", share(rng, size, rates.bad_code)),
        pl.Series("is_method_unknown", share(rng, size, 0.04)),
        pl.Series("is_type_unknown", share(rng, size, 0.06)),
        some(rng, _BAD_CODES, size).alias("bad_code"),
    ).with_columns(
        stated=pl.when("is_time_unknown").then(None)
        .when("is_default_time").then(pl.col("at_local").dt.truncate("1d")).otherwise("at_local"),
    ).with_columns(event_local=pl.coalesce("stated", "recorded_local"))  # fmt: skip


def _spelt(arrivals: pl.DataFrame) -> pl.DataFrame:
    # Weapons and settings bear the names of the contract's lists, but for one.
    method = pl.when("is_method_unknown").then(pl.lit("unknown")).otherwise("weapon")
    setting = pl.col("setting").replace({"open_space": "park"})
    kind = pl.when("is_type_unknown").then(pl.lit("unknown")).otherwise(setting)
    postcode = pl.when(pl.col("place") == "whole").then("postcode").otherwise("sector")
    other_means = only_if(pl.col("weapon") == "other", pl.lit("dog lead / belt, pt unsure"))
    return arrivals.select(
        "incident", "event_local", "recorded_local", "has_bad_code", "place", "is_default_time", "is_time_unknown",
        "text_class", "text_level", "text_id",
        pl.lit(SITE).alias("SITE CODE (OF TREATMENT)"),
        _as_trusts_write(pl.col("recorded_local")).alias("ARRIVAL DATE AND TIME AT ACCIDENT AND EMERGENCY DEPARTMENT"),
        _as_trusts_write(pl.col("stated")).alias("ASSAULT DATE AND TIME"),
        pl.when("has_bad_code").then("bad_code").otherwise(method).alias("ASSAULT METHOD"),
        other_means.alias("ASSAULT METHOD OTHER DESCRIPTION"),
        kind.alias("ASSAULT LOCATION TYPE"),
        pl.col("text").alias("ASSAULT LOCATION DESCRIPTION"),
        only_if(pl.col("place") != "none", postcode).alias("POSTCODE"),
        age_on(pl.col("recorded_local").dt.date()).cast(pl.String).alias("AGE"),
        "SEX",
    )  # fmt: skip


def _as_trusts_write(when: pl.Expr) -> pl.Expr:
    return when.dt.strftime("%Y-%m-%d %H:%M").fill_null("")
