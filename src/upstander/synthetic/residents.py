"""Who lives where: residents of each small area by single year of age."""

import numpy as np
import polars as pl

from upstander.synthetic.chance import Numbers, stream
from upstander.synthetic.land import LAND_SEED, Land

AGES = 91  # 0 to 89, and 90 and over as the last one, as in the official estimates
PEOPLE = 1_000_000


def residents(land: Land) -> Numbers:
    """Residents by small area (rows, in the land's order) and single year of age (columns; the last is 90 and over)."""
    rng = stream(LAND_SEED, "residents")
    size = rng.normal(1, 0.14, land.areas.height).clip(0.6, 1.6)
    totals = np.round(size * PEOPLE / size.sum()).astype(np.int64)
    centrality = land.areas["centrality"].to_numpy()
    return rng.multinomial(totals, _age_shares(centrality, rng)).astype(np.float64)


def _age_shares(centrality: Numbers, rng: np.random.Generator) -> Numbers:
    """Flat to 55, then falling; town centres lean to the twenties and the country to the sixties."""
    ages = np.arange(AGES)
    national = np.where(ages < 55, 1.0, np.exp(-(((ages - 55) / 25) ** 2)))
    young = np.exp(-(((ages - 23) / 5) ** 2)) * (
        0.2 + 1.1 * centrality[:, None] * rng.uniform(0.3, 1.6, (len(centrality), 1))
    )
    old = np.exp(-(((ages - 66) / 10) ** 2)) * 0.5 * (1 - centrality[:, None])
    shares = national + young + old
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def population_table(land: Land, people: Numbers) -> pl.DataFrame:
    """The residents in the official layout: one row a small area, its name, code, total, then a column for each age."""
    columns = {str(age) if age < AGES - 1 else "90+": people[:, age].astype(np.int64) for age in range(AGES)}
    named = {"lsoa21_name": land.areas["name"], "lsoa21_code": land.areas["code"]}
    return pl.DataFrame({**named, "total_population": people.sum(axis=1).astype(np.int64), **columns})
