"""The areas of a map for a browser that draws them itself: outlines, names and released classes. No count is in it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from upstander.contracts.places import AreaShape
from upstander.contracts.releasing import Status
from upstander.publish.classes import Ladder, ladder
from upstander.publish.model import Bulletin
from upstander.publish.reading import ABSENT, Shown, cells_of

Floats = npt.NDArray[np.float64]
Globe = Callable[[Floats, Floats], tuple[Floats, Floats]]
_DIGITS = 6  # of a degree: a tenth of a metre


def areas_of(bulletin: Bulletin, on_globe: Globe) -> dict[str, Any]:
    """GeoJSON (RFC 7946): one feature an area, with its key, its name and for each source the class that the map shows:
    0 to 3 from pale to dark, or `none`, `withheld`, `missing`, `not_applicable`.

    on_globe: the shapes' metres as longitude and latitude.
    """
    table = bulletin.tables.get("places")
    cells = cells_of(table, "source", "area")
    steps = ladder(cells.values(), table.about.rules if table else ())
    features = [_feature(bulletin, shape, cells, steps, on_globe) for shape in bulletin.shapes]
    return {
        "type": "FeatureCollection",
        "features": features,
        "labels": list(steps.labels),
        "attributions": list(bulletin.attributions),
    }


def _feature(
    bulletin: Bulletin, shape: AreaShape, cells: Mapping[tuple[str, ...], Shown], steps: Ladder, on_globe: Globe
) -> dict[str, Any]:
    area = str(shape.key)
    classes = {
        source.dataset: _class(cells.get((source.dataset, area), ABSENT), steps) for source in bulletin.in_window
    }
    rings = [_ring(ring, on_globe) for ring in shape.rings]
    return {
        "type": "Feature",
        "properties": {"area": area, "name": bulletin.name_of(area), **classes},
        "geometry": {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]},
    }


def _class(cell: Shown, steps: Ladder) -> str | int:
    if cell.has_number:
        step = steps.step_of(cell.number)
        return "none" if step is None else step
    named = {Status.SUPPRESSED: "withheld", Status.NOT_APPLICABLE: "not_applicable"}
    return named.get(cell.status, "missing")


def _ring(ring: Floats, on_globe: Globe) -> list[list[float]]:
    east, north = on_globe(ring[:, 0], ring[:, 1])
    points = np.round(np.column_stack([east, north]), _DIGITS).tolist()
    return points if points[0] == points[-1] else [*points, points[0]]
