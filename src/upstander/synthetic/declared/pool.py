"""One pool of invented people for every dataset, so that the same child comes up in care, missing and in custody.

They are the people of the county's crime records, given homes, NHS numbers and numbers in other agencies' systems.
NHS numbers begin with 999, which is never given out (NHS Digital, test data), and bear a valid check digit.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from upstander.synthetic.chance import Claims, Indices, Numbers, pick, stream
from upstander.synthetic.land import Land
from upstander.synthetic.people import proneness
from upstander.synthetic.postcodes import UNITS_EACH, Postcodes

_TEST_RANGE = 1_000_000
_DEPRIVED = 0.6  # each standard deviation of deprivation makes an area this much (log scale) more often a home


@dataclass(frozen=True)
class Pool:
    """The county's places and people. `people`: as `make_people` gives them; `home`: each one's position in `units`.

    `nhs`: each one's NHS number. `seed` gives every sender its own numbers of people.
    """

    land: Land
    postcodes: Postcodes
    people: pl.DataFrame
    home: Indices
    nhs: pl.Series
    area_weights: Numbers
    seed: int

    @cached_property
    def proneness(self) -> Numbers:
        """How readily each person comes to any agency's notice; the same for every dataset."""
        return proneness(self.people.height)

    @cached_property
    def births(self) -> Indices:
        """Days from 1970 to each person's birth."""
        return self.people["dob"].dt.epoch("d").cast(pl.Int64).to_numpy()

    @cached_property
    def district(self) -> pl.Series:
        """The district of each postcode unit."""
        return self.land.areas["ltla_code"][self.postcodes.area]

    def aged(self, ages: tuple[int, int], first: date, last: date) -> Claims:
        """Who is within these ages on the first day and still on the last one."""
        youngest, oldest = _years_before(first, ages[0]), _years_before(last, ages[1] + 1)
        return np.asarray((self.births <= _day(youngest)) & (self.births > _day(oldest)))

    def places(self, rng: np.random.Generator, size: int, district: str = "") -> Indices:
        """Positions in `units`, mostly of deprived areas; of one district if it is given."""
        weights = self.area_weights
        if district:
            weights = weights * (self.land.areas["ltla_code"] == district).to_numpy()
        return pick(rng, weights, size) * UNITS_EACH + rng.integers(0, UNITS_EACH, size)

    def numbers(self, sender: str, example: str) -> pl.Series:
        """The sender's own number of each person, in the shape of the example; the police keep their crime records'."""
        if "police force" in sender.lower():
            return self.people["person_ref"]
        order = stream(self.seed, f"numbers of {sender}").permutation(self.people.height) + 1
        return numbered(example, pl.Series(order))


def make_pool(land: Land, postcodes: Postcodes, people: pl.DataFrame, residents: Numbers, *, seed: int) -> Pool:
    """Give each of `people` a home and an NHS number."""
    rng = stream(seed, "homes")
    weights = residents.sum(axis=1) * np.exp(_DEPRIVED * land.areas["deprivation"].to_numpy())
    home = pick(rng, weights, people.height) * UNITS_EACH + rng.integers(0, UNITS_EACH, people.height)
    return Pool(land, postcodes, people, home, _nhs_numbers(rng, people.height), weights, seed)


def numbered(example: str, numbers: pl.Series) -> pl.Series:
    """Each number in the shape of an example: CU26000001 gives CU00000042. The example's last digits are filled."""
    digits = len(re.findall(r"\d", example))
    padded = numbers.cast(pl.String).str.zfill(digits)
    pieces, at = [], 0
    for piece in re.findall(r"\d+|\D+", example):
        if piece.isdigit():
            pieces.append(padded.str.slice(at, len(piece)))
            at += len(piece)
        else:
            pieces.append(pl.Series([piece]).new_from_index(0, len(numbers)))
    return pl.select(pl.concat_str(*pieces, padded.str.slice(at))).to_series()


def wrong_check_digit(numbers: pl.Expr) -> pl.Expr:
    """Each ten-digit number with a last digit that is not its check digit."""
    last = (numbers.str.slice(-1).cast(pl.Int64) + 1) % 10
    return numbers.str.head(-1) + last.cast(pl.String)


def _nhs_numbers(rng: np.random.Generator, size: int) -> pl.Series:
    """Distinct numbers, 999 and six digits and the check digit (weights 10 to 2, modulus 11; 10 is never given out)."""
    tail = rng.permutation(_TEST_RANGE)
    digits = np.column_stack([np.full((_TEST_RANGE, 3), 9), tail[:, None] // 10 ** np.arange(5, -1, -1) % 10])
    check = (11 - digits @ np.arange(10, 1, -1) % 11) % 11
    good = np.flatnonzero(check < 10)[:size]
    return pl.Series((999 * _TEST_RANGE + tail[good]) * 10 + check[good]).cast(pl.String)


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28))


def _day(day: date) -> int:
    return (day - date(1970, 1, 1)).days
