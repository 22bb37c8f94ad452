"""Fictional counties in memory: what was planted, and the weeks and days as the three agencies would know them."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl

from upstander.synthetic.hours import make_calendar
from upstander.synthetic.land import Land, make_land
from upstander.synthetic.planted import AGENCIES, Planted, plant
from upstander.synthetic.postcodes import Postcodes, make_postcodes
from upstander.synthetic.residents import residents
from upstander.synthetic.seeing import who_sees
from upstander.synthetic.violence import acts_of_violence, describe, risk_before_planting

ENDS = date(2026, 8, 1)
YEARS = 4


@dataclass(frozen=True)
class County:
    """`acts`: one row an act; `seen`: agency and incident, one row each time an agency knows of one."""

    land: Land
    planted: Planted
    acts: pl.DataFrame
    seen: pl.DataFrame

    @property
    def known(self) -> pl.DataFrame:
        """Acts that at least one agency knows of, with `day` and `week` (its Monday)."""
        return self.acts.filter(pl.col("incident").is_in(self.seen["incident"].implode()))

    def weekly(self, where: pl.Expr, agency: str) -> tuple[list[date], np.ndarray, np.ndarray]:
        """Mondays of the whole weeks, records of the agency that week, and how many of them had an injury."""
        own = self.seen.filter(pl.col("agency") == agency)["incident"]
        rows = self.acts.filter(where & pl.col("incident").is_in(own.implode()))
        counted = rows.group_by("week").agg(count=pl.len(), severe=(pl.col("severity") != "none").sum())
        mondays = whole_weeks(self.acts)
        full = pl.DataFrame({"week": mondays}).join(counted, on="week", how="left", maintain_order="left").fill_null(0)
        return mondays, full["count"].to_numpy().astype(float), full["severe"].to_numpy().astype(float)


def whole_weeks(acts: pl.DataFrame) -> list[date]:
    """Mondays of the weeks that lie wholly in the county's years."""
    first, last = acts["day"].min(), acts["day"].max()
    start = first + timedelta(days=(-first.weekday()) % 7)
    return [start + timedelta(weeks=number) for number in range(((last - start).days + 1) // 7)]


@cache
def _ground() -> tuple[Land, np.ndarray, Postcodes]:
    land = make_land()
    return land, residents(land), make_postcodes(land)


def make(seed: int) -> County:
    """The county of a seed."""
    land, people_of_areas, postcodes = _ground()
    planted = plant(land, seed=seed, ends=ENDS)
    calendar = make_calendar(ENDS.replace(year=ENDS.year - YEARS), ENDS)
    risk = risk_before_planting(land, people_of_areas, calendar)
    acts, _ = describe(
        acts_of_violence(risk, planted, calendar, seed=seed), land, postcodes, planted, calendar, seed=seed
    )
    seen = who_sees(acts, land, planted, years=YEARS, seed=seed)
    day = pl.col("at_local").dt.date()
    ward = pl.Series("ward", land.areas["ward_code"]).gather(acts["area"])
    return County(land, planted, acts.with_columns(ward, day=day, week=day.dt.truncate("1w")), seen)


def recorded_as_before(county: County, seed: int) -> County:
    """The same acts, had no agency changed its recording."""
    planted = replace(county.planted, recording_change=replace(county.planted.recording_change, factor=1.0))
    return replace(county, seen=who_sees(county.acts, county.land, planted, years=YEARS, seed=seed))


def without_outbreak(county: County) -> County:
    """The same county, had its outbreak not been."""
    acts = county.acts.filter(~pl.col("is_outbreak"))
    return replace(county, acts=acts, seen=county.seen.filter(pl.col("incident").is_in(acts["incident"].implode())))


__all__ = ["AGENCIES", "ENDS", "County", "make", "recorded_as_before", "whole_weeks", "without_outbreak"]
