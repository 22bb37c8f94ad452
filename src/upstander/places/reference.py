"""The reference data of one home, open for reading: where rows lie, what areas look like, who lives there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import polars as pl

from upstander.contracts.places import AreaShape
from upstander.errors import WrongUsage
from upstander.places import joining, parts, relations
from upstander.places.errors import NoSuchLayer
from upstander.places.holding import FULL, GENERALISED, Held, all_held, newest
from upstander.places.locating import LOCATED_COLUMNS, OUTSIDE, Known, located
from upstander.places.orientation import Floats
from upstander.places.outlines import areas_of_points, outlines, units
from upstander.places.postcodes import areas_of_part, areas_of_units, postcode_parts
from upstander.places.projecting import BRITISH_NATIONAL_GRID, crs_named, projected
from upstander.places.texts.cleaning import cleaned
from upstander.places.texts.gazetteer import gazetteer_of
from upstander.places.texts.placing import TEXT_COLUMNS, located_by_text
from upstander.places.texts.postcodes import known_postcodes
from upstander.places.texts.registers import ALIASES, TOWN
from upstander.places.texts.understanding import KnownTexts
from upstander.places.texts.wordlists import words_id
from upstander.values.areas import AreaKey, split_layer
from upstander.values.postcodes import postcode_district, postcode_sector

_LOCATING_KINDS = ("boundaries", "lookup", "postcodes")
_TEXT_KINDS = ("gazetteer", "aliases", "sites")
_SURE_OF_NOTHING = "none"


@dataclass(frozen=True)
class Reference:
    """The newest of everything held when it was opened. Small, and sent to a child process as it is."""

    folder: Path
    held: tuple[Held, ...]

    def vintages(self, *, texts: bool = False) -> tuple[tuple[str, str], ...]:
        """What decides where a row lies, as (kind/folder, id), ordered; part of a reading's id.

        texts: whether rows are also placed by words, which gazetteers, aliases, sites and the word lists then decide.
        """
        kinds = (*_LOCATING_KINDS, *_TEXT_KINDS) if texts else _LOCATING_KINDS
        found = [(f"{held.kind}/{held.folder.name}", held.id) for held in self.held if held.kind in kinds]
        return tuple(sorted([*found, ("words/shipped", words_id())] if texts else found))

    def populations(self) -> tuple[tuple[str, str], ...]:
        """The populations held, as (kind/folder, id), ordered."""
        return tuple(sorted((f"{held.kind}/{held.folder.name}", held.id) for held in self.held
                            if held.kind == "population"))  # fmt: skip

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

        With `text` (as sent) and `site` (code of the treating site) in the frame, a row that nothing else places is
        placed by its words, and TEXT_COLUMNS come too: text_class, text_status, text_phrase, text_is_known. Towns have
        area_kind `town`; see `areas_of_town`.
        """
        metric = crs_named(metric_crs or BRITISH_NATIONAL_GRID)
        known = _known(self, tuple(layers), metric)
        stated = located(frame, known, crs=crs_named(crs or metric), metric_crs=metric)
        if "text" not in frame.columns:
            return stated
        site = frame["site"] if "site" in frame.columns else pl.repeat(None, frame.height, dtype=pl.String, eager=True)
        asked = pl.DataFrame({"text": frame["text"], "site": site})
        words = located_by_text(
            asked, self.texts(metric), partial(_areas_of, known), known.parts, metric_crs=metric
        )  # fmt: skip
        is_open = stated["place_method"] == _SURE_OF_NOTHING
        told = {name: pl.select(pl.when(is_open).then(words[name]).otherwise(stated[name])).to_series()
                for name in LOCATED_COLUMNS}  # fmt: skip
        return (
            pl.DataFrame(told)
            .hstack(words.select(TEXT_COLUMNS))
            .with_columns(text_status=pl.when(is_open).then("text_status").otherwise(pl.lit("stated")))
        )

    def texts(self, metric_crs: str = BRITISH_NATIONAL_GRID) -> KnownTexts:
        """What texts are understood by: the gazetteers, sites and aliases held in that frame."""
        return _known_texts(self, crs_named(metric_crs))

    def has_entry(self, code: str) -> bool:
        """Whether any gazetteer held has an entry of that id."""
        held = (one.table("entries")["id"] for one in self.held if one.kind == "gazetteer")
        return any(code in ids for ids in held)

    def areas_of_town(self, code: str, *, layer: str, metric_crs: str = BRITISH_NATIONAL_GRID) -> pl.DataFrame:
        """The areas that a town of the gazetteer is made of: area (`lsoa21:E01…`), weight (they sum to 1).

        Shared by how many of the postcodes in the town's box lie in each area. Empty if the town is not known.
        """
        town = self.texts(metric_crs).gazetteer.entries.filter((pl.col("id") == code) & (pl.col("kind") == TOWN))
        directory = self.units()
        if town.is_empty() or directory is None or layer not in directory.columns:
            return pl.DataFrame(schema={"area": pl.String, "weight": pl.Float64})
        box = town.row(0, named=True)
        is_in = pl.col("x").is_between(box["x_min"], box["x_max"]) & pl.col("y").is_between(box["y_min"], box["y_max"])
        counted = directory.filter(is_in).drop_nulls(layer).group_by(layer).agg(count=pl.len()).sort(layer)
        return counted.select(area=pl.format(f"{layer}:{{}}", layer), weight=pl.col("count") / pl.col("count").sum())

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

    def areas_of_parts(self, part: str, *, layer: str) -> pl.DataFrame:
        """Every `sector`, `district` or `postcode area` with the areas it reaches into: place, area, postcodes, share.

        Shares are of residents where a population of the layer is held, else of postcodes. Empty where no directory
        of postcodes tells the layer.
        """
        directory = self.units_in(layer)
        persons = self.population(layer) if self._of_kind("population", layer) else None
        return parts.areas_of_parts(directory, layer, part, persons)

    def residents_of_parts(self, part: str, *, layer: str) -> pl.DataFrame:
        """Residents of every `sector`, `district` or `postcode area`: place, age_band, residents. Empty where no
        population of the layer, or no directory of postcodes that tells it, is held.
        """
        if not self._of_kind("population", layer):
            return pl.DataFrame(schema={"place": pl.String, "age_band": pl.String, "residents": pl.Float64})
        return parts.residents_of_parts(self.units_in(layer), layer, part, self.population(layer))

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

    def visitors(self, layer: str) -> pl.DataFrame:
        """Who is there, of the latest year held: area_code, when, persons, source, measured_on."""
        held = self._of_kind("visitors", layer)
        if not held:
            raise self._missing(layer, "visitors")
        return held[-1].table("visitors")

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

    def units_in(self, layer: str) -> pl.DataFrame:
        """Each postcode and its area of a layer, without coordinates: postcode, the layer. Empty where none is told."""
        directory = self.units()
        if directory is None or layer not in directory.columns:
            return pl.DataFrame(schema={"postcode": pl.String, layer: pl.String})
        return directory.select("postcode", layer).drop_nulls(layer)

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


def _areas_of(known: Known, x: Floats, y: Floats) -> tuple[pl.Series, pl.Series]:
    """Layer and code of the area each point lies in, by the outlines that may place it; `outside` beyond them all."""
    beyond = OUTSIDE if known.placing else ""
    codes = [areas_of_points(held, x, y) for _, held in known.placing]
    layers = [
        pl.when(code.is_not_null()).then(pl.lit(layer)) for (layer, _), code in zip(known.placing, codes, strict=True)
    ]
    layer = pl.select(pl.coalesce(*layers, pl.repeat(beyond, len(x), dtype=pl.String))).to_series()
    return layer, pl.select(pl.coalesce(*codes, pl.repeat("", len(x), dtype=pl.String))).to_series()


@lru_cache(maxsize=4)
def _known_texts(reference: Reference, metric_crs: str) -> KnownTexts:
    """Gathered once for all the batches of a delivery, and not at all where no text is asked about."""
    of_kind = {kind: [held for held in reference.held if held.kind == kind] for kind in _TEXT_KINDS}
    postcodes = known_postcodes(reference.units())
    gazetteers = [held for held in of_kind["gazetteer"] if held.crs == metric_crs]
    sites = [held.table("sites") for held in of_kind["sites"] if held.crs == metric_crs]
    aliases = pl.concat([pl.DataFrame(schema=ALIASES), *(held.table("aliases") for held in of_kind["aliases"])])
    spelt = aliases.with_columns(phrase=cleaned(aliases["phrase"]))
    gazetteer = gazetteer_of(
        [held.table("entries") for held in gazetteers], [held.table("names") for held in gazetteers], postcodes.units,
        spelt,
    )  # fmt: skip
    blank = pl.DataFrame(schema={"code": pl.String, "name": pl.String, "x": pl.Float64, "y": pl.Float64})
    return KnownTexts(
        gazetteer, postcodes, pl.concat([blank, *sites]).unique("code", keep="last", maintain_order=True), spelt
    )


def open_reference(reference: Path) -> Reference:
    """Open a home's reference data. A folder that is empty or not there is reference data without anything in it."""
    return Reference(reference, newest(all_held(reference)))


def pinned_reference(reference: Path, pins: Sequence[tuple[str, str]]) -> Reference | None:
    """The reference data of these (kind/folder, id), newer or not; None where any of it is not held any more."""
    held = {(f"{one.kind}/{one.folder.name}", one.id): one for one in all_held(reference)}
    return Reference(reference, tuple(held[pin] for pin in pins)) if held.keys() >= set(pins) else None
