"""The ground a bulletin is drawn on: a layer of areas, or squares where no boundaries are loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from upstander.contracts.places import AreaShape
from upstander.places import (
    BRITISH_NATIONAL_GRID,
    Reference,
    square_corner,
    square_layer,
    square_neighbours,
    square_shape,
    square_size,
)
from upstander.values.areas import AreaKey

_SQUARE = "square"
JOINED = "joined"


@dataclass(frozen=True)
class Ground:
    """A layer and its areas. `areas` are area keys; for squares those that hold any record, and the ring round them.

    `members`, where the layer is `joined`: layer, code, joined, name of the areas of two vintages that add up whole.
    """

    reference: Reference
    layer: str
    areas: tuple[str, ...]
    members: pl.DataFrame | None = None

    @property
    def is_grid(self) -> bool:
        """Whether it is made of squares."""
        return self.layer.startswith(_SQUARE)

    def placed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with an area key in `key`, with the `area` of this ground that it lies in.

        An area of a finer layer lies in one of this; rows outside every area are left out.
        """
        split = rows.with_columns(
            layer=pl.col("key").str.split(":").list.first(), code=pl.col("key").str.split(":").list.last()
        )
        columns = [*rows.columns, "area"]
        parts = [pl.DataFrame(schema={**rows.schema, "area": pl.String})]
        for (layer,), some in split.group_by("layer", maintain_order=True):
            parts.append(self._placed_from(str(layer), some).select(columns))
        return pl.concat(parts, how="vertical_relaxed")

    def _placed_from(self, layer: str, rows: pl.DataFrame) -> pl.DataFrame:
        if layer == self.layer:
            return rows.with_columns(area="key")
        if self.members is not None:
            joined = rows.join(self.members, on=["layer", "code"])
            return joined.with_columns(area=pl.format("joined:{}", "joined"))
        if self.is_grid or layer not in self.reference.layers():
            return rows.head(0).with_columns(area="key")
        joined = rows.join(self.reference.parents(layer, self.layer), on="code")
        return joined.with_columns(area=pl.format(f"{self.layer}:{{}}", "parent"))

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
        if self.members is not None:
            return self._joined_shapes(self.members)
        return self.reference.shapes(self.layer)

    def _joined_shapes(self, members: pl.DataFrame) -> tuple[AreaShape, ...]:
        drawn = {str(shape.key): shape for shape in self.reference.shapes(self._drawn_layer(members))}
        grouped = members.sort("joined", "layer", "code").group_by("joined", "name", maintain_order=True)
        shapes = []
        for (joined, name), rows in grouped:
            keys = rows.select(pl.format("{}:{}", "layer", "code")).to_series()
            rings = tuple(ring for key in keys if key in drawn for ring in drawn[key].rings)
            shapes.append(AreaShape(AreaKey("joined", "", str(joined)), str(name), rings))
        return tuple(shape for shape in shapes if shape.rings)

    def _drawn_layer(self, members: pl.DataFrame) -> str:
        return str(members["layer"].max())

    def names(self) -> Mapping[str, str]:
        """What people call each area, by its key."""
        if self.is_grid:
            return {area: _code(area) for area in self.areas}
        if self.members is not None:
            return {f"joined:{joined}": name for joined, name in self.members.select("joined", "name").unique().rows()}
        return {f"{self.layer}:{code}": name for code, name in self.reference.names(self.layer).items()}

    def attributions(self) -> tuple[str, ...]:
        """The words that a map of this ground has to carry."""
        if self.is_grid:
            return ()
        return (
            self.reference.attribution(self._drawn_layer(self.members) if self.members is not None else self.layer),
        )

    @property
    def frame(self) -> str:
        """The reference system of its metres."""
        if self.is_grid:
            return BRITISH_NATIONAL_GRID
        return self.reference.crs(self._drawn_layer(self.members) if self.members is not None else self.layer)

    def neighbours(self) -> pl.DataFrame:
        """area, neighbour: keys of areas that touch, each pair both ways."""
        if self.is_grid:
            pairs = square_neighbours([_code(area) for area in self.areas], square_size(self.layer))
        elif self.members is not None:
            pairs = self._joined_neighbours(self.members)
        else:
            pairs = self.reference.neighbours(self.layer)
        return pairs.select(
            area=pl.format(f"{self.layer}:{{}}", "code"), neighbour=pl.format(f"{self.layer}:{{}}", "neighbour")
        )

    def _joined_neighbours(self, members: pl.DataFrame) -> pl.DataFrame:
        layer = self._drawn_layer(members)
        joined_of = members.filter(pl.col("layer") == layer).select("code", "joined")
        pairs = self.reference.neighbours(layer).join(joined_of, on="code")
        pairs = pairs.join(joined_of, left_on="neighbour", right_on="code", suffix="_beside")
        apart = pairs.filter(pl.col("joined") != pl.col("joined_beside"))
        return apart.select(code="joined", neighbour="joined_beside").unique()


def area_ground(reference: Reference, layer: str) -> Ground:
    """Every area of a layer that is loaded."""
    return Ground(reference, layer, tuple(str(shape.key) for shape in reference.shapes(layer)))


def joined_ground(reference: Reference, older: str, newer: str) -> Ground:
    """Areas of two vintages joined so that counts stay whole, drawn by the outlines of the newer."""
    members = reference.joined_areas(older, newer)
    areas = members["joined"].unique().sort()
    return Ground(reference, JOINED, tuple(f"{JOINED}:{code}" for code in areas), members)


def grid_ground(reference: Reference, size_m: int, occupied: Sequence[str]) -> Ground:
    """The occupied squares (keys) and the empty ones round them, so that a quiet neighbourhood counts as quiet."""
    layer = square_layer(size_m)
    corners = {square_corner(_code(area)) for area in occupied}
    around = {(x + dx * size_m, y + dy * size_m) for x, y in corners for dx in (-1, 0, 1) for dy in (-1, 0, 1)}
    return Ground(reference, layer, tuple(sorted(f"{layer}:E{x}N{y}" for x, y in around)))


def _code(area: str) -> str:
    return area.partition(":")[2]
