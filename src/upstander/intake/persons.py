"""What stands in for a person: tokens instead of references and names, bands instead of births."""

import numpy as np
import polars as pl
import pyarrow as pa

from upstander.values.agebands import AGE_BAND_EDGES, AGE_BANDS, UNKNOWN_AGE
from upstander.values.tokens import token_letters

_OLDEST_AGE = 120


def tokens_of(values: pl.Series, key: bytes) -> pl.Series:
    """A token for each value, null for null. Each distinct value is hashed once a batch."""
    distinct = values.unique().drop_nulls()
    if len(distinct) == len(values):
        return _hashed(values, key)
    made = pl.DataFrame({"value": distinct, "token": _hashed(distinct, key)})
    return pl.DataFrame({"value": values}).join(made, on="value", how="left", maintain_order="left")["token"]


def _hashed(values: pl.Series, key: bytes) -> pl.Series:
    letters = token_letters(key, values.cast(pl.Binary).to_list())
    height, width = letters.shape
    offsets = np.arange(0, (height + 1) * width, width, dtype=np.int64)
    return pl.Series(pa.LargeStringArray.from_buffers(height, pa.py_buffer(offsets), pa.py_buffer(letters)))


def name_keys() -> pl.Expr:
    """Surname, forename and birth in one spelling (capitals, letters only); null unless all three are there."""
    surname, forename = (
        pl.col(name).str.to_uppercase().str.replace_all(r"[^\p{L}]", "") for name in ("surname", "forename")
    )
    return pl.concat_str(surname, pl.lit("|"), forename, pl.lit("|"), pl.col("dob.at").dt.strftime("%Y-%m-%d"))


def ages_at(born: pl.Series, event: pl.Series) -> pl.Series:
    """Completed years on the day of the event; null where either is missing."""
    frame = pl.DataFrame({"born": born, "event": event})
    years = pl.col("event").dt.year() - pl.col("born").dt.year()
    months = pl.col("event").dt.month().cast(pl.Int32)  # 12 × 32 does not fit the small integers of a month
    birthday_later = (months * 32 + pl.col("event").dt.day()) < (
        pl.col("born").dt.month().cast(pl.Int32) * 32 + pl.col("born").dt.day()
    )
    return frame.select((years - birthday_later.cast(pl.Int32)).cast(pl.Float64).alias("age")).to_series()


def age_bands(ages: pl.Series) -> pl.Series:
    """The band of each age in completed years; `unknown` where there is none or it is impossible."""
    years = ages.fill_null(-1).to_numpy()
    named = pl.Series("age_band", [UNKNOWN_AGE, *AGE_BANDS])
    position = np.searchsorted(np.array(AGE_BAND_EDGES), years, side="right")
    position[(years < 0) | (years > _OLDEST_AGE)] = 0
    return named.gather(position)
