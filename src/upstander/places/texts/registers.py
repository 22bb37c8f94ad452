"""Gazetteers as their publishers write them: OS Open Names, licensed premises, food hygiene; and our sites and aliases.

Comes out as two tables. `entries`: id, kind (venue, street, town), place_class, x, y and a box x_min, y_min, x_max,
y_max in metres, postcode (where there is no point). `names`: id, name; an entry may have several.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from upstander.contracts.codes import taxonomy
from upstander.errors import WrongUsage
from upstander.places.errors import UnknownLayout
from upstander.places.holding import Normalised
from upstander.places.postcodes import whole_postcode
from upstander.places.projecting import BRITISH_NATIONAL_GRID, LONGITUDE_LATITUDE, is_own_frame, projected
from upstander.places.tables import header_of, text_columns
from upstander.places.texts.wordlists import word_list

ENTRIES = {
    "id": pl.String, "kind": pl.String, "place_class": pl.String, "x": pl.Float64, "y": pl.Float64,
    "x_min": pl.Float64, "y_min": pl.Float64, "x_max": pl.Float64, "y_max": pl.Float64, "postcode": pl.String,
}  # fmt: skip
NAMES = {"id": pl.String, "name": pl.String}
ALIASES = {"phrase": pl.String, "site": pl.String, "becomes": pl.String, "target": pl.String, "since": pl.String}
BECOMES = ("entry", "class", "nowhere")
VENUE, STREET, TOWN = "venue", "street", "town"
_FOOD = ("FHRSID", "BusinessName", "BusinessType", "PostCode", "Longitude", "Latitude", "Easting", "Northing")
_TWO_NAMES = re.compile(r"\s+(?:formerly|previously|was|aka|t/a|trading as)\s+", re.IGNORECASE)
_SIZES = ("x_min", "y_min", "x_max", "y_max")


def read_gazetteer(paths: Sequence[Path], *, vintage: str, metric_crs: str) -> Normalised:
    """Entries and names from files of one layout each. Raises UnknownLayout for a layout that is none of the three."""
    if not vintage:
        raise WrongUsage("A gazetteer needs its date stated.", expected="a vintage such as names-2026-10")
    parts = [_entries_of(path, metric_crs) for path in paths]
    table = pl.concat([part for part, _ in parts]).unique("id", keep="first", maintain_order=True)
    names = pl.concat([named for _, named in parts]).unique(maintain_order=True)
    left_out = sum(part.height for part, _ in parts) - table.height
    notes = (f"{left_out} entries that came twice were left out.",) if left_out else ()
    tables = {"entries": table, "names": names.join(table, on="id", how="semi")}
    return Normalised("gazetteer", vintage, (), tables, table.height, metric_crs, notes=notes)


def read_sites(paths: Sequence[Path], *, vintage: str, metric_crs: str) -> Normalised:
    """Treating sites: code, name, x, y, and the crs these are in (the metric frame where the column is left out)."""
    rows = pl.concat([_sites_of(path, metric_crs) for path in paths]).unique("code", keep="last", maintain_order=True)
    return Normalised("sites", vintage or "sites", (), {"sites": rows.sort("code")}, rows.height, metric_crs)


def read_aliases(paths: Sequence[Path], *, vintage: str) -> Normalised:
    """What people call places: phrase, site (empty: at any), becomes (entry, class, nowhere), target, since."""
    parts = [_wanted(path, ("phrase", "becomes", "target"), (*ALIASES,)) for path in paths]
    table = pl.concat([part.select([*ALIASES]) for part in parts])
    return aliases_of(table, vintage=vintage or "aliases")


def aliases_of(table: pl.DataFrame, *, vintage: str) -> Normalised:
    """An alias table ready to be held. Raises UnknownLayout for an alias that becomes nothing we know."""
    told = table.with_columns(pl.col([*ALIASES]).fill_null(""))
    strange = told.filter(~pl.col("becomes").is_in(BECOMES))["becomes"].unique().sort().to_list()
    classes = [*taxonomy("place_class").classes]
    strange += told.filter((pl.col("becomes") == "class") & ~pl.col("target").is_in(classes))["target"].to_list()
    if strange:
        raise UnknownLayout(
            f"An alias becomes '{strange[0]}'.", found=strange[0],
            expected=f"{', '.join(BECOMES)}; of a class one of {', '.join(classes)}",
        )  # fmt: skip
    return Normalised("aliases", vintage, (), {"aliases": told.select([*ALIASES])}, told.height)


def _entries_of(path: Path, metric_crs: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    if path.suffix.lower() in {".xml", ".json"}:
        return _food(_food_file(path), path, metric_crs)
    header = header_of(path)
    open_names = word_list("layouts")["os_open_names"]["columns"]
    if len(header) == len(open_names):
        return _open_names(path, header, metric_crs)
    if {"FHRSID", "BusinessName"} <= set(header):
        return _food(_wanted(path, ("FHRSID", "BusinessName", "BusinessType"), _FOOD), path, metric_crs)
    return _licensed(path, header, metric_crs)


def _wanted(path: Path, needed: Sequence[str], columns: Sequence[str]) -> pl.DataFrame:
    """The columns of a CSV that are there, the others as nothing. Raises UnknownLayout where a needed one is not."""
    header = header_of(path)
    missing = [column for column in needed if column not in header]
    if missing:
        raise UnknownLayout(
            f"{path.name} has no column {missing[0]}.", where=path.name, found=", ".join(header[:12]),
            expected=", ".join(needed),
        )  # fmt: skip
    there = text_columns(path, [column for column in columns if column in header])
    return there.with_columns(pl.lit(None, pl.String).alias(column) for column in columns if column not in header)


def _sites_of(path: Path, metric_crs: str) -> pl.DataFrame:
    sent = _wanted(path, ("code", "x", "y"), ("code", "name", "x", "y", "crs"))
    systems = sent["crs"].fill_null(metric_crs).unique().to_list()
    parts = [_in_frame(sent.filter(pl.col("crs").fill_null(metric_crs) == crs), "x", "y", crs, metric_crs)
             for crs in sorted(systems)]  # fmt: skip
    return pl.concat(parts).select(pl.col("code").str.to_uppercase(), pl.col("name").fill_null(""), "x", "y")


def _in_frame(table: pl.DataFrame, across: str, up: str, crs: str, metric_crs: str) -> pl.DataFrame:
    """The table with x, y in metres; null where a row has none."""
    numbers = (table[name].cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy() for name in (across, up))
    x, y = projected(*numbers, crs=crs, to=metric_crs)
    return table.with_columns(pl.Series("x", x).fill_nan(None), pl.Series("y", y).fill_nan(None))


def _open_names(path: Path, header: Sequence[str], metric_crs: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    lists = word_list("layouts")["os_open_names"]
    names = () if header[0].upper() == "ID" else tuple(lists["columns"])
    wanted = ["ID", "NAME1", "NAME2", "LOCAL_TYPE", "GEOMETRY_X", "GEOMETRY_Y", "MBR_XMIN", "MBR_YMIN", "MBR_XMAX",
              "MBR_YMAX"]  # fmt: skip
    sent = text_columns(path, wanted, names=names)
    types: Mapping[str, Mapping[str, str]] = lists["types"]
    kept = sent.filter(pl.col("LOCAL_TYPE").is_in([*types]))
    crs = metric_crs if is_own_frame(metric_crs) else BRITISH_NATIONAL_GRID
    placed = _in_frame(kept, "GEOMETRY_X", "GEOMETRY_Y", crs, metric_crs).drop_nulls(["x", "y"])
    boxes = {size: pl.col(f"MBR_{size.replace('_', '').upper()}").cast(pl.Float64, strict=False) for size in _SIZES}
    entries = placed.with_columns(**boxes).select(
        id="ID",
        kind=pl.col("LOCAL_TYPE").replace_strict({name: one["kind"] for name, one in types.items()}),
        place_class=pl.col("LOCAL_TYPE").replace_strict({name: one["place_class"] for name, one in types.items()}),
        x="x", y="y", **{size: pl.col(size).fill_null(pl.col(size[0])) for size in _SIZES},
        postcode=pl.lit(None, pl.String),
    )  # fmt: skip
    named = placed.unpivot(["NAME1", "NAME2"], index="ID", value_name="name").drop_nulls("name")
    return entries.cast(pl.Schema(ENTRIES)), named.select(id="ID", name="name").sort("id", maintain_order=True)


def _food_file(path: Path) -> pl.DataFrame:
    """The establishments of a rating authority's own file, XML or JSON."""
    content = path.read_bytes()
    try:
        found = _food_json(content) if path.suffix.lower() == ".json" else _food_xml(content)
    except (ValueError, KeyError, TypeError, SyntaxError) as why:  # ParseError is a SyntaxError
        raise UnknownLayout(
            f"{path.name} is not a food-hygiene file.", where=path.name,
            expected="EstablishmentCollection with EstablishmentDetail, as the Food Standards Agency publishes it",
        ) from why  # fmt: skip
    return pl.DataFrame(found, schema=dict.fromkeys(_FOOD, pl.String))


def _food_xml(content: bytes) -> list[dict[str, str | None]]:
    from xml.etree import ElementTree as ET

    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("A document type could declare entities that grow without end.")
    root = ET.fromstring(content)  # noqa: S314 - nothing that could declare an entity came this far
    details = root.iter("EstablishmentDetail")
    return [{name: _text_in(detail, name) for name in _FOOD} for detail in details]


def _text_in(detail: Any, name: str) -> str | None:
    found = detail.find(f".//{name}")
    return found.text if found is not None else None


def _food_json(content: bytes) -> list[dict[str, str | None]]:
    details = json.loads(content)["FHRSEstablishment"]["EstablishmentCollection"]
    places = [{**one, **(one.get("Geocode") or one.get("geocode") or {})} for one in details]
    lower = [{str(name).lower(): value for name, value in place.items()} for place in places]
    return [{name: _as_text(one.get(name.lower())) for name in _FOOD} for one in lower]


def _as_text(value: object) -> str | None:
    return None if value in (None, "") else str(value)


def _food(sent: pl.DataFrame, path: Path, metric_crs: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    types: Mapping[str, str] = word_list("layouts")["food_hygiene"]["types"]
    kept = sent.filter(pl.col("BusinessType").is_in([*types])).drop_nulls(["FHRSID", "BusinessName"])
    points = kept.with_columns(
        longitude="Longitude", latitude="Latitude", easting="Easting", northing="Northing", postcode="PostCode"
    )
    placed = _placed(points, path, metric_crs).with_columns(
        id=pl.format("fhrs:{}", "FHRSID"), place_class=pl.col("BusinessType").replace_strict(types)
    )
    return _venues(placed), placed.select("id", name="BusinessName")


def _licensed(path: Path, header: Sequence[str], metric_crs: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    headings: Mapping[str, Sequence[str]] = word_list("layouts")["licensed_premises"]["headings"]
    there = {heading.lower().strip(): heading for heading in header}
    found = {want: next((there[one] for one in known if one in there), None) for want, known in headings.items()}
    has_place = found["postcode"] or (found["x"] and found["y"]) or (found["longitude"] and found["latitude"])
    if not found["name"] or not has_place:
        raise UnknownLayout(
            f"{path.name} is no gazetteer we know.", where=path.name, found=", ".join(header[:12]),
            expected="OS Open Names, food-hygiene data, or a register with premises_name and a postcode or "
            "coordinates",
        )  # fmt: skip
    sent = text_columns(path, [*dict.fromkeys(heading for heading in found.values() if heading)])
    renamed = sent.select(
        (pl.col(heading) if heading else pl.lit(None, pl.String)).alias(want) for want, heading in found.items()
    ).rename({"x": "easting", "y": "northing"}).drop_nulls("name")  # fmt: skip
    numbered = renamed.with_row_index("row").with_columns(
        id=pl.format("licence:{}", pl.coalesce("id", _made_id())),
        place_class=pl.lit("licensed"),
    )
    placed = _placed(numbered, path, metric_crs)
    now = placed.select("id", "name")
    before = placed.drop_nulls("formerly").select("id", name="formerly")
    return _venues(placed), pl.concat([now, before])


def _made_id() -> pl.Expr:
    """Of a register without numbers: what tells one premises of a chain from the next."""
    parts = [
        pl.col(name).fill_null("") for name in ("name", "postcode", "easting", "northing", "longitude", "latitude")
    ]
    return pl.concat_str(parts, separator=" ").str.strip_chars()


def _placed(sent: pl.DataFrame, path: Path, metric_crs: str) -> pl.DataFrame:
    """x, y from metres where there are any, else from longitude and latitude, else none; the postcode tidied."""
    crs = metric_crs if is_own_frame(metric_crs) else BRITISH_NATIONAL_GRID
    by_metres = _in_frame(sent, "easting", "northing", crs, metric_crs)
    is_globe = by_metres["x"].is_null() & sent["longitude"].is_not_null()
    if is_globe.any() and is_own_frame(metric_crs):
        raise UnknownLayout(
            f"{path.name} has longitudes, which an invented county has none of.", where=path.name, expected="metres"
        )
    told = by_metres
    if is_globe.any():
        globe = _in_frame(sent, "longitude", "latitude", LONGITUDE_LATITUDE, metric_crs)
        told = by_metres.with_columns(x=by_metres["x"].fill_null(globe["x"]), y=by_metres["y"].fill_null(globe["y"]))
    return told.with_columns(postcode=whole_postcode(pl.col("postcode"))).filter(
        pl.col("x").is_not_null() | pl.col("postcode").is_not_null()
    )


def _venues(placed: pl.DataFrame) -> pl.DataFrame:
    sizes = {size: pl.col(size[0]) for size in _SIZES}
    return (
        placed.select("id", "place_class", "x", "y", "postcode", kind=pl.lit(VENUE), **sizes)
        .select([*ENTRIES])
        .cast(pl.Schema(ENTRIES))
    )
