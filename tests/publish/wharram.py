"""Invented released tables for a county that does not exist, for the tests of this room only.

`county(...)` gives a complete bulletin whose truth is known: Lanternside, Station Quarter and Weir Gate are high, Weir
Gate not in police records; ambulance call-outs rise over the last eight weeks; Friday and Saturday nights are busiest.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl
from scipy.spatial import Voronoi
from shapely.geometry import Point, Polygon

from upstander.contracts.asking import CountRule
from upstander.contracts.places import AreaShape
from upstander.contracts.releasing import About, Edition, ReleasedTable
from upstander.publish.bulletin import Action, Bulletin, DeliveryFact, PlaceLabel
from upstander.values.areas import AreaKey
from upstander.values.periods import Period

SOURCES = ("police_incidents", "ambulance_callouts", "ed_assaults")
PERIOD = Period.between(date(2025, 10, 1), date(2026, 10, 1))
OPEN = CountRule("operational schedule O-1", "DSA-014", 0, 1)
ROUNDED = CountRule("shareable", "DSA-014", 7, 5)
NAMED = {
    "Lanternside": ((200, 200), (92, 58, 76)),
    "Station Quarter": ((1700, -1100), (74, 44, 47)),
    "Weir Gate": ((-1500, 1300), (6, 51, 62)),
    "Corn Steps": ((-700, -900), (41, 24, 33)),
    "Gasworks": ((2900, 2300), (38, 4, 5)),
    "Tannery Row": ((-3000, -1900), (17, 14, 19)),
    "Friary Hill": ((-200, 2900), (14, 11, 15)),
    "Port Ansel seafront": ((21_000, 7_500), (30, 22, 27)),
}
TOWNS = {
    "Port Ansel": (20_500, 9_000),
    "Quillham": (-14_000, 10_500),
    "Marl Regis": (-12_000, -9_500),
    "Sallowby": (8_500, -11_000),
}

MISSED = {
    ("ambulance_callouts", "police_incidents"): (0.42, 0.42, 0.68),
    ("ambulance_callouts", "ed_assaults"): (0.51, 0.51, 0.78),
    ("ed_assaults", "police_incidents"): (0.54, 0.54, 0.75),
    ("ed_assaults", "ambulance_callouts"): (0.44, 0.44, 0.61),
    ("police_incidents", "ambulance_callouts"): (0.76, 0.76, 0.87),
    ("police_incidents", "ed_assaults"): (0.82, 0.82, 0.999),
}

Rows = Iterable[tuple[tuple[str, ...], float | None]]


def released(
    name: str,
    dimensions: tuple[str, ...],
    rows: Mapping[tuple[str, ...], object],
    rule: CountRule = OPEN,
    edition: Edition = Edition.OPERATIONAL,
    layer: str = "lsoa21",
) -> ReleasedTable:
    """A released table. A value is a number, (value, low, high), or the name of a status."""
    cells = [(*key, *_cell(value, rule)) for key, value in sorted(rows.items())]
    schema = {
        **dict.fromkeys(dimensions, pl.String),
        "value": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "status": pl.String,
    }
    about = About(
        title=name,
        measure="records",
        unit="records",
        edition=edition,
        period=PERIOD,
        area_layer=layer,
        rules=(rule,),
        readings=(("police_incidents", "wharram-police", "0" * 20),),
        method="window_counts",
        method_version="1",
        definition="all violence, version 1",
        source="invented",
    )
    return ReleasedTable(name, dimensions, pl.DataFrame(cells, schema=schema, orient="row"), about)


def _cell(value: object, rule: CountRule) -> tuple[float | None, float | None, float | None, str]:
    if isinstance(value, str):
        return None, None, None, value
    if isinstance(value, tuple):
        return float(value[0]), float(value[1]), float(value[2]), "shown"
    count = float(value)  # type: ignore[arg-type]
    if 0 < count <= rule.suppress_up_to:
        return None, None, None, "suppressed"
    step = rule.round_to
    return (float((count + step // 2) // step * step) if step > 1 else count), None, None, "shown"


@cache
def shapes() -> tuple[AreaShape, ...]:
    """About 200 areas: small in the city, large outside, on a rough oval."""
    rng = np.random.default_rng(7)
    turn = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    radius = 23_000 + 2_200 * np.cos(2 * turn + 0.4) + 1_500 * np.cos(3 * turn + 2) + 500 * np.cos(11 * turn)
    land = Polygon(np.column_stack([1.12 * radius * np.cos(turn), 0.86 * radius * np.sin(turn)]))
    city = np.vstack([[offset for offset, _ in NAMED.values()], rng.normal(0, 2_600, (78, 2))])
    towns = [rng.normal(xy, 1_500, (11, 2)) for xy in TOWNS.values()]
    rural = np.array([p for p in rng.uniform((-27_000, -21_000), (27_000, 21_000), (130, 2)) if np.hypot(*p) > 7_000])
    points = np.vstack([city, *towns, rural])
    far = 300_000 * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    cells = Voronoi(np.vstack([points, far]))
    names = [*NAMED, *(f"Wharram {number:03d}" for number in range(len(points)))]
    made = []
    for place in range(len(points)):
        region = cells.regions[cells.point_region[place]]
        piece = Polygon(cells.vertices[region]).intersection(land) if region and -1 not in region else Polygon()
        if piece.geom_type == "Polygon" and not piece.is_empty and (land.contains(Point(points[place]))):
            ring = np.array(piece.exterior.coords)
            made.append(AreaShape(AreaKey("lsoa", "21", f"F{place:08d}"), names[place], (ring,)))
    return tuple(made)


def place_counts(areas: tuple[AreaShape, ...]) -> dict[tuple[str, str], float]:
    """Twelve months of Saturday nights by source and area."""
    rng = np.random.default_rng(41)
    counts = {}
    for column, source in enumerate(SOURCES):
        for shape in areas:
            distance = float(np.hypot(*shape.rings[0].mean(axis=0)))
            usual = rng.poisson((0.4 + 6 * np.exp(-((distance / 2_500) ** 2))) * (1.1, 0.7, 0.8)[column])
            counts[source, str(shape.key)] = float(NAMED[shape.name][1][column] if shape.name in NAMED else usual)
    return counts


def rank_rows(counts: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], tuple[float, float, float]]:
    """Ranks with a rough interval: the rank of the count two standard deviations up and down."""
    rows = {}
    for source in SOURCES:
        own = {area: count for (dataset, area), count in counts.items() if dataset == source}
        every = np.array(list(own.values()))
        for area, count in own.items():
            ends = [
                1 + int((every > bound).sum())
                for bound in (count, count + 2 * count**0.5, count - 2 * count**0.5 - 0.1)
            ]
            rows[source, area] = (float(ends[0]), float(ends[1]), float(max(ends[2], ends[0])))
    return rows


def hours(share: float = 1.0) -> dict[tuple[str, str, str], float]:
    """Records by source, calendar day and hour; the busiest are the nights of Friday and Saturday."""
    rng = np.random.default_rng(3)
    nights = np.array([0.34, 0.34, 0.40, 0.55, 1.35, 1.60, 0.62])
    rows = {}
    for column, source in enumerate(SOURCES):
        late = (25.0, 24.6, 26.2)[column]
        for night in range(7):
            for step in range(24):
                at = step + 6
                mean = (
                    90 * nights[night] * np.exp(-(((at - late) / 2.6) ** 2))
                    + 14 * np.exp(-(((at - 16) / 3) ** 2))
                    + 1.5
                )
                day, hour = (night + (at >= 24)) % 7 + 1, at % 24
                rows[source, str(day), f"{hour:02d}"] = float(rng.poisson(mean * (1.2, 0.6, 0.8)[column] * share))
    return rows


def weeks(
    rise: float = 8.0,
) -> tuple[dict[tuple[str, str], float], dict[tuple[str, ...], object], dict[tuple[str, ...], object]]:
    """Weekly counts, usual ranges and signals; ambulance rises over the last eight weeks by `rise`."""
    rng = np.random.default_rng(5)
    first = date(2025, 9, 29)
    counts, usual, signals = {}, {}, {}
    for source, mean, spread in zip(SOURCES, (26, 16, 20), (13, 10, 14), strict=True):
        usual[source,] = (mean, mean - spread, mean + spread)
        for place in range(52):
            week = (first + timedelta(weeks=place)).isoformat()
            lift = rise if source == "ambulance_callouts" and place >= 44 else 0
            value = float(np.clip(rng.normal(mean, spread / 3.2), mean - spread + 1, mean + spread - 1).round() + lift)
            counts[source, week] = max(value, mean + 1.0) if lift else value
            if lift and place >= 46:
                signals[source, week, "seven points on one side", "higher"] = 1
    return counts, usual, signals


UNKNOWN = {
    "police_incidents": (5213, 5057, 62, 94, 1210, 31, 4588, 469, 156),
    "ambulance_callouts": (2351, 2327, 10, 14, 640, 12, 2351, 0, 0),
    "ed_assaults": (3020, 2144, 362, 514, 820, 44, 2507, 332, 181),
}
_WHAT = (
    "records",
    "located",
    "located_in_part",
    "not_located",
    "home",
    "outside",
    "time_known",
    "time_defaulted",
    "time_unknown",
)


def tables(
    areas: tuple[AreaShape, ...], rule: CountRule = OPEN, edition: Edition = Edition.OPERATIONAL
) -> dict[str, ReleasedTable]:
    """Every table of a bulletin."""
    counts = place_counts(areas)
    weekly, usual, signals = weeks()
    key = {shape.name: str(shape.key) for shape in areas}

    def make(
        name: str, dimensions: tuple[str, ...], rows: Mapping[tuple[str, ...], object], by: CountRule = OPEN
    ) -> ReleasedTable:
        return released(name, dimensions, rows, by, edition)

    sees = {
        "Lanternside": (0, 1, 2),
        "Station Quarter": (0, 1, 2),
        "Weir Gate": (1, 2),
        "Corn Steps": (0, 2),
        "Gasworks": (0,),
        "Port Ansel seafront": (0, 1, 2),
    }
    stands = {(SOURCES[place], key[name]): 4.2 for name, seers in sees.items() for place in seers if name in key}
    changes = {
        ("1", "police_incidents", "before"): 60,
        ("1", "police_incidents", "since"): 31,
        ("1", "ambulance_callouts", "before"): 22,
        ("1", "ambulance_callouts", "since"): 19,
        ("2", "police_incidents", "before"): 20,
        ("2", "police_incidents", "since"): 18,
    }
    unknown = {(source, what): value for source, row in UNKNOWN.items() for what, value in zip(_WHAT, row, strict=True)}
    made = (
        make("places", ("source", "area"), counts, rule),
        make("weekly", ("source", "week"), weekly, rule),
        make("usual", ("source",), usual),
        make("signals", ("source", "week", "rule", "direction"), signals),
        make("hours", ("source", "day", "hour"), hours(), rule),
        make("ranks", ("source", "area"), rank_rows(counts)),
        make("stands_out", ("source", "area"), stands),
        make("one_agency", ("area", "source"), {(key["Gasworks"], "police_incidents"): 1}),
        make("unknown", ("source", "what"), unknown, rule),
        make("changes", ("action", "source", "when"), changes, rule),
        make("alone", ("source", "missed_by"), MISSED),
    )
    return {table.name: table for table in made}


def county(
    *,
    edition: Edition = Edition.OPERATIONAL,
    rename: Callable[[str], str] = lambda name: name,
    **changed: object,
) -> Bulletin:
    """A complete bulletin; `changed` replaces its fields, `rename` every area's name."""
    areas = shapes()
    is_open = edition is Edition.OPERATIONAL
    key = {shape.name: str(shape.key) for shape in areas}
    bulletin = Bulletin(
        network="Wharram Violence Reduction Network",
        title="Injury surveillance bulletin",
        issue_label="September 2026, issue 9",
        edition=edition,
        number="0009",
        recipients="the tasking group of 20 October 2026",
        handling="OFFICIAL-SENSITIVE",
        expires=date(2027, 1, 20),
        made_on=date(2026, 10, 15),
        period=PERIOD,
        months_pooled=12,
        window="Sat 20:00-02:00",
        window_refused={},
        sources=SOURCES,
        definition="All violence with injury, version 2026-1, agreed in March 2026",
        tables=tables(areas, OPEN if is_open else ROUNDED, edition),
        shapes=areas,
        area_names={str(shape.key): rename(shape.name) for shape in areas},
        place_labels=tuple(PlaceLabel(name, *xy) for name, xy in TOWNS.items()),
        attributions=("Boundaries invented for tests, 2021",),
        deliveries=(
            DeliveryFact("police_incidents", "Wharram Police", date(2026, 10, 2), "September 2026", 5230, 5213, 0),
            DeliveryFact("ambulance_callouts", "Wharram Ambulance", date(2026, 10, 1), "September 2026", 2351, 2351, 0),
            DeliveryFact("ed_assaults", "Wharram Infirmary", date(2026, 10, 14), "September 2026", 3094, 3020, 9),
        ),
        actions=(
            Action(
                key["Lanternside"], "Taxi marshals on Saturdays", "City council", date(2026, 12, 20), date(2026, 7, 4)
            ),
            Action(key["Station Quarter"], "Patrol plan 14", "Wharram Police", date(2026, 10, 1), date(2026, 8, 1)),
            Action(key["Gasworks"], "Outreach, Tuesdays and Thursdays", "Youth service", None, date(2026, 9, 1)),
        ),
        made_by=(
            "Windows: records attributed to the night they start, window_counts 1",
            "Ranks: Gamma-Poisson posterior, 4,000 draws",
            "Weeks: XmR with the rules of NHS Making Data Count",
            "Places: Gi* with false-discovery control at 10%",
        ),
        caveats=(
            "9% of police times are stamped exactly 00:00 and are left out of the hours",
            "Hospital places are read from free text taken at reception",
        ),
        rule_words="Small counts for named recipients" if is_open else "1 to 7 withheld, others to the nearest 5",
        agreements=("DSA-014, schedule O-1",),
    )
    return dataclasses.replace(bulletin, **changed)
