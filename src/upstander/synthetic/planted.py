"""What is planted in the county, to be found again: hot spots, an outbreak, a recording change, an intervention."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from upstander.synthetic.chance import stream
from upstander.synthetic.land import CORNER_M, Land, neighbours
from upstander.synthetic.names import QUARTERS, TOWNS

AGENCIES = ("police", "ambulance", "ed")
FRIDAY, SATURDAY = 4, 5


@dataclass(frozen=True)
class HotSpot:
    """A place with more violence on certain nights. `areas` are positions in the land's order.

    `nights` are weekdays on which the night starts (Monday 0); `from_hour` and `to_hour` wrap midnight. `extra_a_year`
    comes on top of what the area has anyway. `seen` multiplies each agency's chance of knowing of it.
    """

    name: str
    areas: tuple[int, ...]
    nights: tuple[int, ...]
    from_hour: int
    to_hour: int
    extra_a_year: float
    seen: dict[str, float]
    is_lesser: bool


@dataclass(frozen=True)
class Outbreak:
    """Street violence with knives among the young: about `extra` acts in `areas` from `start` up to `end`."""

    name: str
    areas: tuple[int, ...]
    start: date
    end: date
    extra: float


@dataclass(frozen=True)
class RecordingChange:
    """From `start`, `agency` records violence without injury `factor` times as readily; violence stays as it was."""

    agency: str
    start: date
    factor: float
    what: str


@dataclass(frozen=True)
class Intervention:
    """From `start`, night-time violence in streets and licensed premises of `areas` is multiplied by `effect`."""

    name: str
    areas: tuple[int, ...]
    start: date
    effect: float
    from_hour: int
    to_hour: int


@dataclass(frozen=True)
class Planted:
    """Everything planted in one county."""

    hot_spots: tuple[HotSpot, ...]
    outbreak: Outbreak
    recording_change: RecordingChange
    intervention: Intervention


def plant(land: Land, *, seed: int, ends: date) -> Planted:
    """The facts planted under a seed. Hot spots stay where they are; the seed moves the outbreak."""
    hot_spots = _hot_spots(land)
    busy = land.areas["ward_code"][[area for spot in hot_spots for area in spot.areas]].unique()
    spoken_for = set(np.flatnonzero(land.areas["ward_code"].is_in(busy.implode()).to_numpy()).tolist())
    wexlow = next(spot for spot in hot_spots if spot.name == "Wexlow Cornhithe")
    return Planted(
        hot_spots,
        _outbreak(land, spoken_for, seed=seed, ends=ends),
        RecordingChange(
            "police", _month_before(ends, 9), 1.35, "an audit made the force record more violence without injury"
        ),
        Intervention("Late patrols and glass ban, Wexlow", wexlow.areas, _month_before(ends, 6), 0.6, 20, 4),
    )


def _hot_spots(land: Land) -> tuple[HotSpot, ...]:
    def spot(town: str, name: str, size: int, extra: float, hours: tuple[int, int], **seen: float) -> HotSpot:
        areas = tuple(neighbours(land.shapes, _heart(land, town), size))
        seen_as = dict.fromkeys(AGENCIES, 1.0) | seen
        return HotSpot(name, areas, (FRIDAY, SATURDAY), *hours, extra, seen_as, is_lesser=extra < 350)

    return (
        spot("Tavenholt", "Guildgate quarter, Tavenholt", 3, 900, (21, 4)),
        spot("Selmarsh", "Selmarsh Seafront", 2, 520, (20, 2), police=0.12),
        spot("Quarrowby", "Quarrowby Station", 2, 420, (22, 4), ed=0.3),
        spot("Wexlow", "Wexlow Cornhithe", 2, 300, (21, 3)),
        spot("Pellingstow", "Pellingstow Market", 2, 90, (21, 3)),
        spot("Hathermoor", "Hathermoor Centre", 2, 80, (21, 3)),
        spot("Dunscrake", "Dunscrake Dockside", 2, 70, (21, 3)),
    )


def _heart(land: Land, town: str) -> int:
    """The position of the small area at a town's centre."""
    centre = next(np.array([one.x_km, one.y_km]) * 1000 for one in TOWNS if one.name == town) + CORNER_M
    return int(np.linalg.norm(land.areas.select("x_m", "y_m").to_numpy() - centre, axis=1).argmin())


def _outbreak(land: Land, spoken_for: set[int], *, seed: int, ends: date) -> Outbreak:
    """Six areas of the city, none in a hot spot's ward, for seven weeks until two weeks before the deliveries end."""
    in_city = np.flatnonzero(
        (land.areas["ltla_code"] == QUARTERS[0].code).to_numpy() & (land.areas["centrality"] > 0.02).to_numpy()
    )
    order = stream(seed, "outbreak").permutation(in_city)
    patches = (neighbours(land.shapes, int(start), 6) for start in order)
    areas = next(patch for patch in patches if not spoken_for & set(patch))
    ward = land.areas["ward_name"][areas[0]]
    start = ends - timedelta(weeks=9)
    return Outbreak(f"Knife violence among the young, {ward}", tuple(areas), start, start + timedelta(weeks=7), 70.0)


def _month_before(day: date, months: int) -> date:
    """The first of the month so many months before a first of a month."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
