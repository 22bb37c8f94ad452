"""The reference data of one home, open for reading: where rows lie, what areas look like, who lives there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from upstander.contracts.places import AreaShape
from upstander.errors import WrongUsage
from upstander.places import joining, relations
from upstander.places.errors import NoSuchLayer
from upstander.places.holding import FULL, GENERALISED, Held, all_held, newest
from upstander.places.locating import OUTSIDE, Known, located
from upstander.places.outlines import outlines, units
from upstander.places.postcodes import areas_of_part, areas_of_units, postcode_parts
from upstander.places.projecting import BRITISH_NATIONAL_GRID, crs_named, projected
from upstander.values.areas import AreaKey, split_layer
from upstander.values.postcodes import postcode_district, postcode_sector

_LOCATING_KINDS = ("boundaries", "lookup", "postcodes")


@dataclass(frozen=True)
class Reference:
    """The newest of everything held when it was opened. Small, and sent to a child process as it is."""

    folder: Path
    held: tuple[Held, ...]

    def vintages(self) -> tuple[tuple[str, str], ...]:
        """What decides where a row lies, as (kind/folder, id), ordered; part of a reading's id."""
        deciding = (held for held in self.held if held.kind in _LOCATING_KINDS)
        return tuple(sorted((f"{held.kind}/{held.folder.name}", held.id) for held in deciding))

    def layers(self) -> tuple[str, ...]:
        """Every layer that something is known of, ordered."""
        return tuple(sorted({layer for held in self.held for layer in held.layers}))

    def locate(
        self, frame: pl.DataFrame, *, crs: str | None, layers: Sequence[str], metric_crs: str | None = None
    ) -> pl.DataFrame:
        """Where each row lies, in order: area_kind, area_vintage, area_code, x_m, y_m, crs, place_method,
        place_confidence (0 to 1), place_precision_m.

        frame: any of stated_code, postcode (text as sent), x, y. crs: of x and y; None means metres in `metric_crs`,
        which is EPSG:27700 unless stated. layers: by preference; a code of two vintages is the same area and gets the
        first. Trust goes: stated code, point in a full outline, whole postcode, sector or district, point beyond every
        outline, none. A stated code or a postcode's area that is in no loaded layer, and a point in no outline, have
        area_kind `outside`; without outlines in that frame a point has an empty one.
        """
        metric = crs_named(metric_crs or BRITISH_NATIONAL_GRID)
        return located(frame, _known(self, tuple(layers), metric), crs=crs_named(crs or metric), metric_crs=metric)

    def areas_of_partial(self, code: str, *, layer: str, by: str = "postcodes") -> pl.DataFrame:
        """The areas that a postcode sector or district lies in: area (`lsoa21:E01…`), weight (they sum to 1).

        by: `postcodes` shares by how many of its postcodes lie in each area; `population` by how many residents an
        area has, times the share of the area's postcodes that lie in the sector or district. Empty if it is not known.
        """
        part = postcode_sector(code) or postcode_district(code)
        directory = self.units()
        if part is None or directory is None or layer not in directory.columns:
            return pl.DataFrame(schema={"area": pl.String, "weight": pl.Float64})
        inside = areas_of_part(directory, part, layer).with_columns(mass=pl.col("postcodes").cast(pl.Float64))
        if by == "population":
            inside = self._peopled(inside, directory, layer)
        elif by != "postcodes":
            raise WrongUsage(f"'{by}' is no way to share out.", found=by, expected="postcodes or population")
        return inside.select(area=pl.format(f"{layer}:{{}}", "code"), weight=pl.col("mass") / pl.col("mass").sum())

    def shapes(self, layer: str) -> tuple[AreaShape, ...]:
        """The layer's outlines for drawing, ordered by code: the generalised ones where they are held."""
        drawn = outlines(self._boundaries(layer, (GENERALISED, FULL)))
        kind, vintage = split_layer(layer)
        named = zip(drawn.codes, drawn.names, drawn.rings, strict=True)
        return tuple(AreaShape(AreaKey(kind, vintage, code), name, rings) for code, name, rings in named)

    def names(self, layer: str) -> Mapping[str, str]:
        """The name of each area by its code, from the boundaries, else from a lookup that gives names."""
        if self._all_boundaries(layer):
            drawn = outlines(self._boundaries(layer, (FULL, GENERALISED)))
            return dict(zip(drawn.codes, drawn.names, strict=True))
        for held in self._of_kind("lookup", layer):
            table = held.table("pairs")
            if f"{layer}_name" in table.columns:
                return dict(table.select(layer, f"{layer}_name").unique().sort(layer).rows())
        raise self._missing(layer, "names")

    def attribution(self, layer: str) -> str:
        """The words that a map of the layer has to carry."""
        return self._boundaries(layer, (GENERALISED, FULL)).attribution

    def crs(self, layer: str) -> str:
        """The metric frame of the layer's outlines."""
        return self._boundaries(layer, (GENERALISED, FULL)).crs

    def population(self, layer: str) -> pl.DataFrame:
        """Residents of the latest year held: area_code, age (single years; 90 is 90 and over), persons."""
        held = self._of_kind("population", layer)
        if not held:
            raise self._missing(layer, "population")
        return held[-1].table("persons")

    def parents(self, layer: str, to: str) -> pl.DataFrame:
        """Each area of a layer and the one of another that it lies in: code, parent."""
        return relations.parents([held for held in self.held if held.kind == "lookup"], layer, to)

    def neighbours(self, layer: str) -> pl.DataFrame:
        """Areas that share an edge or a corner, each pair both ways: code, neighbour."""
        return relations.touching(outlines(self._boundaries(layer, (FULL, GENERALISED))).lines())

    def joined_areas(self, older: str, newer: str) -> pl.DataFrame:
        """How areas of two vintages add up whole: layer, vintage, code, joined, name."""
        for held in self._of_kind("lookup", older):
            if newer in held.layers:
                return joining.joined_areas(held.table("pairs"), older, newer)
        raise NoSuchLayer(f"No lookup relates {older} and {newer}.", found=older, expected="a lookup of both")

    def placing(self, layer: str, metric_crs: str) -> tuple[Held, ...]:
        """The boundaries that may place points of that frame in the layer: full ones only."""
        found = self._all_boundaries(layer)
        return tuple(held for held in found if held.quality == FULL and held.crs == metric_crs)

    def codes(self, layer: str) -> pl.DataFrame:
        """The loaded areas of a layer: code, layer, radius_m. Those with outlines, or else those of lookups, or else
        those of postcodes.
        """
        if self._all_boundaries(layer):
            drawn = outlines(self._boundaries(layer, (FULL, GENERALISED)))
            return pl.DataFrame({"code": drawn.codes, "layer": layer, "radius_m": drawn.radii_m})
        lookups = [held.table("pairs")[layer] for held in self._of_kind("lookup", layer)]
        directory = self.units()
        if not lookups and directory is not None and layer in directory.columns:
            lookups = [directory[layer]]
        codes = pl.concat([pl.Series(layer, dtype=pl.String), *lookups]).drop_nulls().unique().sort()
        return pl.DataFrame({"code": codes}).with_columns(layer=pl.lit(layer), radius_m=pl.lit(None, pl.Float64))

    def extent(self, *, crs: str | None, metric_crs: str | None = None) -> tuple[float, float, float, float] | None:
        """Left, low, right, high of every outline held in that metric frame, in `crs`, or in metres where it is None.

        None where no outline is held in that frame.
        """
        metric = crs_named(metric_crs or BRITISH_NATIONAL_GRID)
        inside = [held for held in self.held if held.kind == "boundaries" and held.crs == metric]
        if not inside:
            return None
        corners = np.array([_box(held) for held in inside])
        (left, low), (right, high) = corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)
        # Of a box the corners are enough: over one county the frames are turned by less than a kilometre.
        x, y = projected(
            np.array([left, left, right, right]),
            np.array([low, high, low, high]),
            crs=metric,
            to=crs_named(crs or metric),
        )
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())

    def middle_of(self, postcode: str) -> tuple[float, float] | None:
        """The middle of the kilometre square that a whole postcode lies in, in metres: near it, and no home's place.

        None for a postcode that is not held, or has no coordinates.
        """
        directory = self.units()
        if directory is None:
            return None
        found = directory.filter(pl.col("postcode") == postcode).select("x", "y").drop_nulls()
        if found.is_empty():
            return None
        x, y = found.row(0)
        return x // 1000 * 1000 + 500.0, y // 1000 * 1000 + 500.0

    def _peopled(self, inside: pl.DataFrame, directory: pl.DataFrame, layer: str) -> pl.DataFrame:
        persons = self.population(layer).group_by("area_code").agg(pl.col("persons").sum())
        whole = directory.group_by(pl.col(layer).alias("code")).agg(all_postcodes=pl.len())
        joined = inside.join(whole, on="code").join(persons, left_on="code", right_on="area_code")
        share = pl.col("postcodes") / pl.col("all_postcodes")
        return joined.with_columns(mass=pl.col("persons") * share).sort("code")

    def units(self) -> pl.DataFrame | None:
        """The postcodes of the latest file: postcode, a column of codes a layer, x, y. Not to leave this room."""
        files = [held for held in self.held if held.kind == "postcodes"]
        if not files:
            return None
        outlined = (held for held in self.held if held.kind == "boundaries" and held.quality == FULL)
        in_frame = [held for held in outlined if held.crs == BRITISH_NATIONAL_GRID]
        return units(files[-1], tuple((layer, held) for held in in_frame for layer in held.layers))

    def _of_kind(self, kind: str, layer: str) -> list[Held]:
        return [held for held in self.held if held.kind == kind and layer in held.layers]

    def _all_boundaries(self, layer: str) -> list[Held]:
        return self._of_kind("boundaries", layer)

    def _boundaries(self, layer: str, preferred: Sequence[str]) -> Held:
        found = {held.quality: held for held in self._all_boundaries(layer)}
        for quality in preferred:
            if quality in found:
                return found[quality]
        raise self._missing(layer, "boundaries")

    def _missing(self, layer: str, what: str) -> NoSuchLayer:
        return NoSuchLayer(
            f"No {what} of {layer} held.",
            found=layer, expected=", ".join(self.layers()) or "load some with `upstander places load`",
        )  # fmt: skip


@lru_cache(maxsize=16)
def _box(held: Held) -> tuple[float, ...]:
    """Left, low, right, high of a set of boundaries."""
    x, y = pl.col("x").list, pl.col("y").list
    ends = held.table("rings").select(
        x.min().min().alias("left"),
        y.min().min().alias("low"),
        x.max().max().alias("right"),
        y.max().max().alias("high"),
    )
    return ends.row(0)


@lru_cache(maxsize=4)
def _known(reference: Reference, layers: tuple[str, ...], metric_crs: str) -> Known:
    """Gathered once for all the batches of a delivery."""
    nothing = pl.DataFrame(schema={"code": pl.String, "layer": pl.String, "radius_m": pl.Float64})
    loaded = pl.concat([nothing, *(reference.codes(layer) for layer in layers)])
    codes = loaded.unique("code", keep="first", maintain_order=True)
    directory = reference.units()
    if directory is None:
        directory = pl.DataFrame(schema={"postcode": pl.String, "x": pl.Float64, "y": pl.Float64})
    return Known(
        codes=codes,
        placing=tuple((layer, held) for layer in layers for held in reference.placing(layer, metric_crs)),
        units=areas_of_units(directory, layers, codes["code"], outside=OUTSIDE),
        parts=postcode_parts(directory, layers),
    )


def open_reference(reference: Path) -> Reference:
    """Open a home's reference data. A folder that is empty or not there is reference data without anything in it."""
    return Reference(reference, newest(all_held(reference)))
