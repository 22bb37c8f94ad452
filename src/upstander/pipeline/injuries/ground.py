"""The ground a bulletin is drawn on: a layer of areas, or squares where no boundaries are loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from upstander.contracts.places import AreaShape
from upstander.places import Reference, square_corner, square_layer, square_neighbours, square_shape, square_size

_SQUARE = "square"


@dataclass(frozen=True)
class Ground:
    """A layer and its areas. `areas` are area keys; for squares those that hold any record, and the ring round them."""

    reference: Reference
    layer: str
    areas: tuple[str, ...]

    @property
    def is_grid(self) -> bool:
        """Whether it is made of squares."""
        return self.layer.startswith(_SQUARE)

    def filled(self, source: str, counted: pl.DataFrame) -> pl.DataFrame:
        """Counts of one source for every area, zero where it has none: source, area, count."""
        every = pl.DataFrame({"area": pl.Series(self.areas, dtype=pl.String)})
        joined = every.join(counted.select("area", "count"), on="area", how="left")
        return joined.select(source=pl.lit(source), area="area", count=pl.col("count").fill_null(0).cast(pl.Int64))

    def shapes(self) -> tuple[AreaShape, ...]:
        """Outlines in metres."""
        if self.is_grid:
            size = square_size(self.layer)
            return tuple(square_shape(_code(area), size) for area in self.areas)
        return self.reference.shapes(self.layer)

    def names(self) -> Mapping[str, str]:
        """What people call each area, by its key."""
        if self.is_grid:
            return {area: _code(area) for area in self.areas}
        return {f"{self.layer}:{code}": name for code, name in self.reference.names(self.layer).items()}

    def attributions(self) -> tuple[str, ...]:
        """The words that a map of this ground has to carry."""
        return () if self.is_grid else (self.reference.attribution(self.layer),)

    def neighbours(self) -> pl.DataFrame:
        """area, neighbour: keys of areas that touch, each pair both ways."""
        if self.is_grid:
            pairs = square_neighbours([_code(area) for area in self.areas], square_size(self.layer))
        else:
            pairs = self.reference.neighbours(self.layer)
        keyed = (pl.lit(f"{self.layer}:") + pl.col(column) for column in ("code", "neighbour"))
        return pairs.select(*(key.alias(name) for key, name in zip(keyed, ("area", "neighbour"), strict=True)))


def area_ground(reference: Reference, layer: str) -> Ground:
    """Every area of a layer that is loaded."""
    return Ground(reference, layer, tuple(str(shape.key) for shape in reference.shapes(layer)))


def grid_ground(reference: Reference, size_m: int, occupied: Sequence[str]) -> Ground:
    """The occupied squares (keys) and the empty ones round them, so that a quiet neighbourhood counts as quiet."""
    layer = square_layer(size_m)
    corners = {square_corner(_code(area)) for area in occupied}
    around = {(x + dx * size_m, y + dy * size_m) for x, y in corners for dx in (-1, 0, 1) for dy in (-1, 0, 1)}
    return Ground(reference, layer, tuple(sorted(f"{layer}:E{x}N{y}" for x, y in around)))


def _code(area: str) -> str:
    return area.partition(":")[2]
