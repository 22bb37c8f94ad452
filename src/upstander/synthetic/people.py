"""The people of the fiction: names, dates of birth, sex, ethnicity. Nobody real; names are drawn from short lists."""

from datetime import date

import numpy as np
import polars as pl

from upstander.synthetic.chance import Indices, Numbers, pick, stream, words
from upstander.synthetic.names import FEMALE_FORENAMES, MALE_FORENAMES, SURNAMES

# Share of violence by age of the person harmed: a peak from 15 to 35, then falling.
_AGES = np.arange(1, 91)
_RISK = 0.12 + np.exp(-(((_AGES - 25) / 9.0) ** 2)) + 0.55 * np.exp(-(((_AGES - 42) / 13.0) ** 2))
_RISK[_AGES < 10] *= 0.35
_ETHNICITY = {
    "W1": 0.70, "W2": 0.008, "W3": 0.004, "W9": 0.06, "M1": 0.018, "M2": 0.006, "M3": 0.008, "M9": 0.007, "A1": 0.075,
    "A2": 0.025, "A3": 0.012, "A4": 0.005, "A9": 0.022, "B1": 0.013, "B2": 0.027, "B9": 0.009, "O9": 0.011,
}  # fmt: skip


def make_people(size: int, *, seed: int, on: date) -> pl.DataFrame:
    """`size` people: person_ref, sex (F, M), dob, surname, forename, ethnicity (letters and digits of the police list).

    Ages on the day `on` follow the risk of violence, from 1 to 90.
    """
    rng = stream(seed, "people")
    is_female = rng.random(size) < 0.47
    age_days = (pick(rng, _RISK, size) + 1) * 365.25 + rng.integers(0, 365, size)
    born = np.datetime64(on) - age_days.astype(np.int64).astype("timedelta64[D]")
    forename = rng.integers(0, len(FEMALE_FORENAMES), size)
    forename += np.where(is_female, 0, len(FEMALE_FORENAMES))
    ethnicity = pick(rng, np.array(list(_ETHNICITY.values())), size)
    reference = pl.Series("number", rng.permutation(size) + 1).cast(pl.String).str.zfill(7)
    return pl.DataFrame({
        "person_ref": "BP" + reference,
        "sex": words(("M", "F"), is_female.astype(np.int64)),
        "dob": pl.Series(born).cast(pl.Date),
        "surname": words(SURNAMES, rng.integers(0, len(SURNAMES), size)),
        "forename": words((*FEMALE_FORENAMES, *MALE_FORENAMES), forename),
        "ethnicity": words(tuple(_ETHNICITY), ethnicity),
    })  # fmt: skip


def draw_people(rng: np.random.Generator, people: pl.DataFrame, years: Indices, *, ages: tuple[int, int]) -> Indices:
    """For each of `years` a row of `people` aged within `ages` in the middle of that year.

    Some people come up again and again, most once or never.
    """
    born = people["dob"].dt.epoch("d").to_numpy()
    drawn = np.zeros(len(years), dtype=np.int64)
    for year in np.unique(years):
        age = ((date(int(year), 7, 1) - date(1970, 1, 1)).days - born) / 365.25
        fitting, here = np.flatnonzero((age >= ages[0]) & (age < ages[1] + 1)), years == year
        drawn[here] = fitting[pick(rng, proneness(len(fitting)), int(here.sum()))]
    return drawn


def proneness(size: int) -> Numbers:
    """Uneven chances: the first hundredth of people have about a fifteenth of all harm (Pareto-like, exponent 0.4)."""
    return np.asarray((np.arange(size) + size * 0.01) ** -0.4)
