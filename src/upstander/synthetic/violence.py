"""What truly happened: every act of violence in the county, whoever came to know of it."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from upstander.synthetic import kinds
from upstander.synthetic.chance import Claims, Indices, Numbers, pick, pick_by_row, stream, words
from upstander.synthetic.hours import SETTINGS, Calendar, intensity, local
from upstander.synthetic.land import CUSTODY, HOSPITAL, Land, inside
from upstander.synthetic.people import draw_people, make_people
from upstander.synthetic.planted import HotSpot, Planted
from upstander.synthetic.postcodes import UNITS_EACH, Postcodes

ACTS_A_YEAR = 23_500  # outside the planted places
AT_NIGHT_OUT = (SETTINGS.index("street"), SETTINGS.index("licensed"))
_OUTBREAK_CLASSES = [kinds.CLASSES.index("5D"), kinds.CLASSES.index("8N")]
_PEOPLE_AN_ACT = 1.5  # drawn unevenly, so that a third of those harmed are harmed again in five years
_ANY_AGE, _PUPILS, _YOUNG, _OFFICERS, _ADULTS = (2, 95), (7, 17), (13, 21), (21, 58), (16, 90)


@dataclass(frozen=True)
class Acts:
    """Acts as positions: hour of the calendar, small area, setting; hot spot (-1 for none) and outbreak."""

    hour: Indices
    area: Indices
    setting: Indices
    hot_spot: Indices
    is_outbreak: Claims

    def __len__(self) -> int:
        return len(self.hour)

    def those(self, kept: Claims) -> "Acts":
        """Only the acts marked."""
        return Acts(self.hour[kept], self.area[kept], self.setting[kept], self.hot_spot[kept], self.is_outbreak[kept])


@dataclass(frozen=True)
class Risk:
    """How violence is spread before anything is planted. Rows are settings; columns hours and small areas."""

    by_hour: Numbers
    by_area: Numbers

    def expected(self, settings: tuple[int, ...], hours: Claims, areas: tuple[int, ...], years: float) -> float:
        """Acts to be expected in these settings, hours and areas over a period of so many years."""
        shares = np.array(list(kinds.SETTING_SHARES.values()))
        of_hours = self.by_hour[:, hours].sum(axis=1) / self.by_hour.sum(axis=1)
        of_areas = self.by_area[:, list(areas)].sum(axis=1) / self.by_area.sum(axis=1)
        return float((ACTS_A_YEAR * years * shares * of_hours * of_areas)[list(settings)].sum())


def risk_before_planting(land: Land, people: Numbers, calendar: Calendar) -> Risk:
    """Homes follow people and deprivation; streets also the town centres; licensed premises mostly those."""
    residents = people.sum(axis=1) / people.sum()
    centre = land.areas["centrality"].to_numpy()
    uneven = np.exp(0.45 * land.areas["deprivation"].to_numpy())
    by_setting = {
        "home": residents * uneven,
        "street": residents * uneven * (0.4 + 1.6 * centre),
        "licensed": residents * (0.1 + 3.0 * centre**4),
        "open_space": residents * uneven,
        "transport": residents * (0.2 + 2 * centre),
        "school": residents * uneven,
        "work": residents * (0.3 + 2 * centre),
        "hospital": _only(land, HOSPITAL),
        "custody": _only(land, CUSTODY),
    }
    return Risk(intensity(calendar), np.array([by_setting[setting] for setting in SETTINGS]))


def _only(land: Land, area: int) -> Numbers:
    return np.asarray(np.arange(land.areas.height) == area, dtype=np.float64)


def acts_of_violence(risk: Risk, planted: Planted, calendar: Calendar, *, seed: int) -> Acts:
    """Draw the acts: the usual ones, the hot spots' and the outbreak's, less what the intervention prevented."""
    rng = stream(seed, "acts")
    parts = [_usual(rng, risk, calendar)]
    parts += [_of_hot_spot(rng, number, spot, risk, calendar) for number, spot in enumerate(planted.hot_spots)]
    parts.append(_of_outbreak(rng, planted, risk, calendar))
    drawn = Acts(
        np.concatenate([part.hour for part in parts]),
        np.concatenate([part.area for part in parts]),
        np.concatenate([part.setting for part in parts]),
        np.concatenate([part.hot_spot for part in parts]),
        np.concatenate([part.is_outbreak for part in parts]),
    )
    return drawn.those(~_prevented(rng, drawn, planted, calendar))


def _usual(rng: np.random.Generator, risk: Risk, calendar: Calendar) -> Acts:
    size = int(rng.poisson(ACTS_A_YEAR * calendar.years))
    setting = pick(rng, np.array(list(kinds.SETTING_SHARES.values())), size)
    hour, area = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for one in range(len(SETTINGS)):
        here = np.flatnonzero(setting == one)
        hour[here] = pick(rng, risk.by_hour[one], len(here))
        area[here] = pick(rng, risk.by_area[one], len(here))
    return Acts(hour, area, setting, np.full(size, -1), np.zeros(size, dtype=np.bool_))


def _of_hot_spot(rng: np.random.Generator, number: int, spot: HotSpot, risk: Risk, calendar: Calendar) -> Acts:
    size = int(rng.poisson(spot.extra_a_year * calendar.years))
    open_hours = calendar.at_night(spot.nights, spot.from_hour, spot.to_hour)
    return Acts(
        pick(rng, risk.by_hour[SETTINGS.index("licensed")] * open_hours, size),
        np.array(spot.areas)[rng.integers(0, len(spot.areas), size)],
        np.where(rng.random(size) < 0.6, SETTINGS.index("licensed"), SETTINGS.index("street")),
        np.full(size, number),
        np.zeros(size, dtype=np.bool_),
    )


def _of_outbreak(rng: np.random.Generator, planted: Planted, risk: Risk, calendar: Calendar) -> Acts:
    outbreak, street = planted.outbreak, SETTINGS.index("street")
    weeks = calendar.within(outbreak.start, outbreak.end)
    size = int(rng.poisson(outbreak.extra))
    return Acts(
        pick(rng, risk.by_hour[street] * weeks, size),
        np.array(outbreak.areas)[rng.integers(0, len(outbreak.areas), size)],
        np.full(size, street),
        np.full(size, -1),
        np.ones(size, dtype=np.bool_),
    )


def _prevented(rng: np.random.Generator, acts: Acts, planted: Planted, calendar: Calendar) -> Claims:
    """Acts that the intervention keeps from happening: each it reaches with the same chance."""
    one = planted.intervention
    hours = calendar.at_night(tuple(range(7)), one.from_hour, one.to_hour) & calendar.within(one.start, date.max)
    reached = hours[acts.hour] & np.isin(acts.area, one.areas) & np.isin(acts.setting, AT_NIGHT_OUT)
    return np.asarray(reached & (rng.random(len(acts)) >= one.effect))


def describe(
    acts: Acts, land: Land, postcodes: Postcodes, planted: Planted, calendar: Calendar, *, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The acts as a table in order of time, one row an act, and the people in it.

    Columns: incident, utc, at_local (the clock on the wall), area (position), area_code, x_m, y_m, postcode, sector,
    setting, offence_code, severity, weapon, victim (row of the people), hot_spot (name or empty), is_outbreak.
    """
    rng = stream(seed, "acts described")
    size = len(acts)
    code, severity, weapon = _kinds(rng, acts)
    unit = acts.area * UNITS_EACH + rng.integers(0, UNITS_EACH, size)
    points = _near(rng, land, postcodes, unit)
    minutes = pl.Series(rng.integers(0, 60, size) * 60_000_000).cast(pl.Duration("us"))
    spots = ("", *(spot.name for spot in planted.hot_spots))
    named = pl.DataFrame({
        "utc": calendar.utc[acts.hour] + minutes,
        "area": acts.area, "area_code": land.areas["code"][acts.area], "x_m": points[:, 0], "y_m": points[:, 1],
        "postcode": postcodes.units[unit], "sector": postcodes.sectors[unit],
        "setting": words(SETTINGS, acts.setting), "offence_code": words(kinds.CLASSES, code),
        "severity": words(kinds.SEVERITIES, severity), "weapon": words(kinds.WEAPONS, weapon),
        "hot_spot": words(spots, acts.hot_spot + 1), "is_outbreak": acts.is_outbreak,
    }).with_columns(at_local=local(pl.col("utc")))  # fmt: skip
    people = make_people(int(size * _PEOPLE_AN_ACT), seed=seed, on=calendar.utc[-1].date())
    victim = _victims(rng, named, people)
    of_men = pl.col("offence_code").replace(kinds.OF_MEN)
    is_man = (people["sex"] == "M")[victim]
    told = named.with_columns(
        pl.Series("victim", victim), offence_code=pl.when(is_man).then(of_men).otherwise("offence_code")
    ).sort("utc", "area", "victim")
    return told.with_row_index("incident", 1).cast({"incident": pl.Int64}), people


def _kinds(rng: np.random.Generator, acts: Acts) -> tuple[Indices, Indices, Indices]:
    """Offence class, severity and weapon of each act, as positions in the lists of `kinds`."""
    code = pick_by_row(rng, kinds.class_weights(), acts.setting)
    code[acts.is_outbreak] = rng.choice(_OUTBREAK_CLASSES, int(acts.is_outbreak.sum()), p=[0.35, 0.65])
    severity = pick_by_row(rng, kinds.severity_weights(), code)
    weapon = pick_by_row(rng, kinds.weapon_weights(), code)
    weapon[acts.is_outbreak & (rng.random(len(acts)) < 0.75)] = kinds.WEAPONS.index("sharp")
    return code, severity, weapon


def _near(rng: np.random.Generator, land: Land, postcodes: Postcodes, unit: Indices) -> Numbers:
    """A point within some 60 m of the postcode's own, or that one where the shift would leave the small area."""
    own = postcodes.points[unit]
    moved = np.round(own + rng.normal(0, 30, own.shape).clip(-60, 60))
    return np.where(inside(land.shapes, postcodes.area[unit], moved)[:, None], moved, own)


def _victims(rng: np.random.Generator, acts: pl.DataFrame, people: pl.DataFrame) -> Indices:
    """A row of `people` for each act: pupils at school, officers, the young of the outbreak, adults, else anyone."""
    years = acts["at_local"].dt.year().cast(pl.Int64).to_numpy()
    victim = draw_people(rng, people, years, ages=_ANY_AGE)
    groups = (
        (acts["setting"] == "school", _PUPILS),
        (acts["offence_code"].is_in(kinds.ON_OFFICERS), _OFFICERS),
        (acts["offence_code"].is_in(kinds.SEXUAL), _ADULTS),
        (acts["is_outbreak"], _YOUNG),
    )
    for is_of_group, ages in groups:
        here = is_of_group.to_numpy()
        victim[here] = draw_people(rng, people, years[here], ages=ages)
    return victim
