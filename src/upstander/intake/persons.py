"""What stands in for a person: tokens instead of references and names, bands instead of births."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from upstander.contracts.dataset import DatasetContract
from upstander.values import identifiers
from upstander.values.agebands import AGE_BAND_EDGES, AGE_BANDS, UNKNOWN_AGE
from upstander.values.identifiers import NAME_BIRTH, NHS_NUMBER, PERSON_REF
from upstander.values.tokens import token_letters

_OLDEST_AGE = 120


@dataclass(frozen=True)
class Refs:
    """The sent columns that hold an incident's number, an NHS number, an agency's own number of a person."""

    incident: str | None
    nhs_number: str | None
    person: str | None


def refs_of(contract: DatasetContract, person_ref_is: str, sent: Collection[str]) -> Refs:
    """Which columns of a file refer to whom. person_ref_is: what the supplier's map says its person_ref holds."""

    def column(target: str) -> str | None:
        found = (c.name for c in contract.columns if target in c.becomes and c.name.endswith("_ref"))
        return next((name for name in found if name in sent), None)

    own = column("person_token")
    stated = NHS_NUMBER if NHS_NUMBER in sent else None
    is_nhs = person_ref_is == NHS_NUMBER
    return Refs(column("incident_token"), own if is_nhs else stated, None if is_nhs else own)


def person_identifiers(refs: Refs, sent: Collection[str], kinds: Collection[str]) -> list[tuple[str, pl.Expr]]:
    """(token kind, canonical identifier) in the order in which a row's person is looked for: the NHS number, which
    is the same in every agency; the agency's own number; name with date of birth. kinds: those that have a key.
    """
    found: list[tuple[str, pl.Expr]] = []
    if refs.nhs_number:
        found.append((NHS_NUMBER, identifiers.nhs_number(pl.col(refs.nhs_number))))
    if refs.person:
        found.append((PERSON_REF, identifiers.reference(pl.col(refs.person))))
    if {"surname", "forename", "dob"} <= set(sent):
        by_name = identifiers.name_and_birth(pl.col("surname"), pl.col("forename"), pl.col("dob.at"))
        found.append((NAME_BIRTH, by_name))
    return [(kind, canonical) for kind, canonical in found if kind in kinds]


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
