"""What is wrong with real extracts, planted at known rates: no place, default times, repeats, unknown codes.

Each helper marks rows in a truth column before it changes anything, so that every fault can be counted later.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from upstander.synthetic.chance import Claims, words


@dataclass(frozen=True)
class DirtRates:
    """Shares of an agency's rows (of its crimes, for police places and times) that carry each fault."""

    no_place: float
    part_postcode: float
    default_midnight: float
    no_event_time: float
    repeated: float
    bad_code: float
    impossible_time: float


RATES = {
    "police": DirtRates(0.03, 0.0, 0.09, 0.0, 0.001, 0.002, 0.0),
    "ambulance": DirtRates(0.02, 0.05, 0.0, 0.0, 0.001, 0.002, 0.0005),
    "ed": DirtRates(0.29, 0.22, 0.02, 0.12, 0.0005, 0.003, 0.0),
}


def share(rng: np.random.Generator, size: int, rate: float) -> Claims:
    """Which of `size` rows are struck: each with the same chance."""
    return np.asarray(rng.random(size) < rate)


def some(rng: np.random.Generator, choices: tuple[str, ...], size: int) -> pl.Series:
    """A random word for each row."""
    return words(choices, rng.integers(0, len(choices), size))


def with_repeats(rows: pl.DataFrame, rng: np.random.Generator, rate: float) -> pl.DataFrame:
    """The rows, some of them sent twice, the second right after the first and marked `is_repeat`."""
    twice = np.where(share(rng, rows.height, rate), 2, 1)
    position = np.repeat(np.arange(rows.height), twice)
    is_repeat = np.concatenate([[False], position[1:] == position[:-1]]) if rows.height else np.zeros(0, dtype=np.bool_)
    return rows[position].with_columns(pl.Series("is_repeat", is_repeat, dtype=pl.Boolean))


def words_of_time(when: pl.Expr) -> pl.Expr:
    """A wall-clock moment as the agencies write it: 04/07/2026 22:40; nothing stays nothing."""
    return when.dt.strftime("%d/%m/%Y %H:%M").fill_null("")


def only_if(claim: pl.Expr, value: pl.Expr) -> pl.Expr:
    """The value where the claim holds; an empty field elsewhere."""
    return pl.when(claim).then(value).otherwise(pl.lit(""))


def whole_metres(column: str) -> pl.Expr:
    """A coordinate as text without a fraction."""
    return pl.col(column).cast(pl.Int64).cast(pl.String)


def age_on(day: pl.Expr) -> pl.Expr:
    """Completed years on a day, from `dob`."""
    return ((day - pl.col("dob")).dt.total_days() / 365.25).floor().cast(pl.Int64).clip(0, 120)
