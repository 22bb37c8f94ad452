"""A police extract as large as wanted: 17 columns, one row in two hundred spoilt, the same bytes for the same seed.

Everything in it is invented. It lies under bench/out, which git ignores, and is made once.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

OUT = Path(__file__).parent / "out"
SEED = 20261123
CHUNK = 250_000

# The frame of the invented county, in metres of the British National Grid.
WEST, SOUTH, SIDE = 430_000, 270_000, 60_000

COLUMNS = (
    "crime_no", "from", "to", "recorded", "offence", "knife", "weapon", "injury", "place", "postcode",
    "easting", "northing", "person", "dob", "sex", "role", "notes",
)  # fmt: skip
OFFENCES = ("8N", "5D", "8S", "10D", "9A", "8P")
KNIFE = ("yes", "no", "unknown")
WEAPONS = ("knife", "bottle", "bat", "body_part", "none", "unknown")
INJURIES = ("none", "minor", "moderate", "serious")
PLACES = ("street", "park", "pub", "home", "shop", "transport")
SEXES = ("female", "male", "unknown")
ROLES = ("victim", "suspect", "witness")
NOTES = (
    "seen by passers-by near the market",
    "both parties known to each other; no complaint made",
    'said "leave it", then left towards the station',
    "",
)
FIRST_MINUTE = np.datetime64("2021-01-01T00:00", "m")
MINUTES = 5 * 365 * 24 * 60
# 01:00 to 02:00 is kept free, for one spring night lacks it and one autumn night has it twice; the faults are below.
KEPT_FREE = 1

SPOILT = ("from", "offence", "sex", "easting", "dob")
ONE_IN = 200


def police_file(rows: int, *, seed: int = SEED) -> Path:
    """The file with that many rows, made if it is not there yet."""
    path = OUT / f"police-{rows}-{seed}.csv"
    if path.is_file():
        return path
    OUT.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        for start in range(0, rows, CHUNK):
            chunk = rows_from(start, min(CHUNK, rows - start), seed=seed)
            chunk.write_csv(file, include_header=start == 0)
    unfinished.replace(path)
    return path


def rows_from(start: int, height: int, *, seed: int) -> pl.DataFrame:
    """Rows `start` to `start + height`, as text. One person appears in about three of them."""
    chance = np.random.default_rng([seed, start])
    begun = out_of_the_hour(chance.integers(0, MINUTES, height))
    ended = out_of_the_hour(begun + chance.integers(0, 40, height))
    recorded = out_of_the_hour(ended + chance.integers(30, 3 * 1440, height))
    person = chance.integers(0, 1 + (start + height) // 3, height)
    frame = pl.DataFrame(
        {
            "crime_no": np.arange(start, start + height),
            "from": moments(begun),
            "to": moments(ended),
            "recorded": moments(recorded),
            "offence": picked(chance, OFFENCES, height),
            "knife": picked(chance, KNIFE, height),
            "weapon": picked(chance, WEAPONS, height),
            "injury": picked(chance, INJURIES, height),
            "place": picked(chance, PLACES, height),
            "postcode": picked(chance, [f"ZZ{d} {s}AA" for d in range(1, 20) for s in range(1, 10)], height),
            "easting": chance.integers(WEST + 3_000, WEST + SIDE - 3_000, height),
            "northing": chance.integers(SOUTH + 3_000, SOUTH + SIDE - 3_000, height),
            "person": person,
            # A person's date of birth follows from who they are, so that one person has one.
            "dob": (np.datetime64("1950-01-01", "D") + person * 7919 % 20_000).astype("datetime64[ms]"),
            "sex": picked(chance, SEXES, height),
            "role": picked(chance, ROLES, height),
            "notes": picked(chance, NOTES, height),
        }
    ).with_columns(
        pl.format("27/{}", pl.col("crime_no").cast(pl.String).str.zfill(9)).alias("crime_no"),
        pl.format("P{}", pl.col("person").cast(pl.String).str.zfill(9)).alias("person"),
        pl.col("from", "to", "recorded").dt.strftime("%Y-%m-%d %H:%M"),
        pl.col("dob").dt.strftime("%Y-%m-%d"),
        pl.col("easting", "northing").cast(pl.String),
    )
    return spoil(frame, chance)


def out_of_the_hour(minute: NDArray[np.int64]) -> NDArray[np.int64]:
    """The minutes, those between 01:00 and 02:00 one hour later."""
    return np.where((minute // 60) % 24 == KEPT_FREE, minute + 60, minute)


def moments(minute: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Wall-clock moments, from minutes after the first."""
    return (FIRST_MINUTE + minute.astype("timedelta64[m]")).astype("datetime64[ms]")


def picked(chance: np.random.Generator, words: Sequence[str], height: int) -> NDArray[np.str_]:
    """That many words, each as likely as another."""
    return np.asarray(words)[chance.integers(0, len(words), height)]


def spoil(frame: pl.DataFrame, chance: np.random.Generator) -> pl.DataFrame:
    """One row in two hundred with one value that no rule accepts; which column is chance, and the same for a seed."""
    column = chance.integers(0, len(SPOILT), frame.height)
    is_spoilt = chance.integers(0, ONE_IN, frame.height) == 0
    where = {name: pl.Series(is_spoilt & (column == number)) for number, name in enumerate(SPOILT)}
    return frame.with_columns(
        pl.when(where[name]).then(pl.lit("not this")).otherwise(pl.col(name)).alias(name) for name in SPOILT
    )


def small_areas(path: Path, *, across: int = 25, up: int = 24, points_a_side: int = 24) -> Path:
    """Boundaries of 600 invented areas over that county, as GeoJSON in degrees, edges bent alike on both sides."""
    import json

    from pyproj import Transformer

    to_degrees = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
    step = np.linspace(0, 1, points_a_side, endpoint=False)
    ring_x = np.concatenate([step, np.ones_like(step), 1 - step, np.zeros_like(step), [0.0]])
    ring_y = np.concatenate([np.zeros_like(step), step, np.ones_like(step), 1 - step, [0.0]])
    features = []
    for number in range(across * up):
        x = WEST + SIDE * (number % across + ring_x) / across
        y = SOUTH + SIDE * (number // across + ring_y) / up
        lon, lat = to_degrees.transform(x + 300 * np.sin(y / 700), y + 300 * np.sin(x / 900))
        ring = np.column_stack([lon.round(7), lat.round(7)]).tolist()
        features.append(
            {
                "type": "Feature",
                "properties": {"LSOA21CD": f"F0109{number:04d}", "LSOA21NM": f"Invented {number:03d}"},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path
