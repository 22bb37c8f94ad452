"""From metres on the ground to px on a page: boxes, views, and the middles of areas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from upstander.contracts.places import AreaShape
from upstander.publish import svg
from upstander.publish.paint import Frame

_SNAP = 0.4  # px; vertices are moved to this raster, so that neighbours that share one still share it


@dataclass(frozen=True)
class Box:
    """A rectangle on the ground, in metres."""

    west: float
    south: float
    east: float
    north: float

    @property
    def width(self) -> float:
        """Metres from west to east."""
        return self.east - self.west

    @property
    def height(self) -> float:
        """Metres from south to north."""
        return self.north - self.south

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.west <= x <= self.east and self.south <= y <= self.north

    def meets(self, other: "Box") -> bool:
        """Whether two boxes overlap."""
        across = self.west <= other.east and other.west <= self.east
        return across and self.south <= other.north and other.south <= self.north


@dataclass(frozen=True)
class View:
    """A box on the ground drawn in a frame on the page, north up, one scale both ways."""

    box: Box
    frame: Frame

    @property
    def scale(self) -> float:
        """Px to a metre."""
        return min(self.frame.width / self.box.width, self.frame.height / self.box.height)

    def at(self, points: svg.Points) -> svg.Points:
        """Metres, (n, 2), as px."""
        middle = np.array([(self.box.west + self.box.east) / 2, (self.box.south + self.box.north) / 2])
        origin = np.array([self.frame.x + self.frame.width / 2, self.frame.y + self.frame.height / 2])
        placed: svg.Points = origin + (points - middle) * self.scale * np.array([1.0, -1.0])
        return placed

    def path(self, shape: AreaShape) -> str:
        """An area's outline as path data; empty where it is too small to draw."""
        rings = [ring for ring in (_snapped(self.at(ring)) for ring in shape.rings) if len(ring) > 2]
        return svg.path_of(rings)


def box_of(shapes: Sequence[AreaShape]) -> Box:
    """The box that holds every area."""
    points = np.concatenate([ring for shape in shapes for ring in shape.rings])
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    return Box(float(west), float(south), max(float(east), float(west) + 1), max(float(north), float(south) + 1))


def centres_of(shapes: Sequence[AreaShape]) -> Mapping[str, tuple[float, float]]:
    """The middle of each area's largest ring, by the shoelace formula."""
    return {str(shape.key): _centroid(max(shape.rings, key=lambda ring: abs(_area(ring)))) for shape in shapes}


def reach_of(shape: AreaShape) -> float:
    """Half the longer side of an area's box, in metres."""
    box = box_of([shape])
    return max(box.width, box.height) / 2


def _snapped(points: svg.Points) -> svg.Points:
    raster = np.round(points / _SNAP)
    moved = np.any(np.diff(raster, axis=0, append=raster[:1]) != 0, axis=1)
    kept = raster[moved]
    if len(kept) > 2:
        before, after = kept - np.roll(kept, 1, axis=0), np.roll(kept, -1, axis=0) - kept
        kept = kept[before[:, 0] * after[:, 1] != before[:, 1] * after[:, 0]]  # drop points on a straight run
    snapped: svg.Points = kept * _SNAP
    return snapped


def _area(ring: svg.Points) -> float:
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def _centroid(ring: svg.Points) -> tuple[float, float]:
    area = _area(ring)
    if abs(area) < 1e-9:
        return float(ring[:, 0].mean()), float(ring[:, 1].mean())
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    along_x = float(np.sum((x + np.roll(x, -1)) * cross) / (6 * area))
    along_y = float(np.sum((y + np.roll(y, -1)) * cross) / (6 * area))
    return along_x + float(ring[0, 0]), along_y + float(ring[0, 1])
