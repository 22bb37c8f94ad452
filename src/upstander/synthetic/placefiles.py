"""The reference files about the county's places, in the layouts of the Office for National Statistics."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from upstander.synthetic.chance import Numbers
from upstander.synthetic.gazetteer import LocalNames, write_gazetteer
from upstander.synthetic.land import FRAME, Land
from upstander.synthetic.names import COUNTY, COUNTY_CODE, FORCE_CODE
from upstander.synthetic.postcodes import Postcodes, nspl_table
from upstander.synthetic.residents import population_table
from upstander.synthetic.vintages import lsoa11_lookup


def write_places(folder: Path, land: Land, postcodes: Postcodes, people: Numbers, local: LocalNames) -> None:
    """Write boundaries (GeoJSON), lookups, postcodes, residents (CSV) and gazetteers into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    areas = land.areas
    _write_layer(folder / "lsoa21.geojson", ("LSOA21CD", "LSOA21NM"), areas["code"], areas["name"], land.shapes)
    for name, column, labels in (("ward24", "ward", ("WD24CD", "WD24NM")), ("ltla24", "ltla", ("LAD24CD", "LAD24NM"))):
        codes, shapes = land.merged(f"{column}_code")
        named = dict(zip(areas[f"{column}_code"], areas[f"{column}_name"], strict=True))
        _write_layer(folder / f"{name}.geojson", labels, codes, [named[code] for code in codes], shapes)
    _lookup(land).write_csv(folder / "lookup_lsoa21_ward24_ltla24.csv")
    _county_lookup(land).write_csv(folder / "lookup_ltla24_cty24_pfa24.csv")
    lsoa11_lookup(land).write_csv(folder / "lookup_lsoa11_lsoa21_ltla22.csv")
    nspl_table(land, postcodes).write_csv(folder / "nspl_brackenshire.csv", quote_style="non_numeric")
    population_table(land, people).write_csv(folder / "population_lsoa21.csv")
    write_gazetteer(folder, local)


def _lookup(land: Land) -> pl.DataFrame:
    return land.areas.select(
        lsoa21_name="name", lsoa21_code="code", ward24_name="ward_name", ward24_code="ward_code",
        ltla24_name="ltla_name", ltla24_code="ltla_code",
    )  # fmt: skip


def _county_lookup(land: Land) -> pl.DataFrame:
    districts = land.areas.select(ltla24_code="ltla_code", ltla24_name="ltla_name").unique().sort("ltla24_code")
    above = {"cty24_code": COUNTY_CODE, "cty24_name": COUNTY, "pfa24_code": FORCE_CODE, "pfa24_name": COUNTY}
    return districts.with_columns(pl.lit(name).alias(column) for column, name in above.items())


def _write_layer(path: Path, labels: tuple[str, str], codes: Any, names: Any, shapes: Any) -> None:
    """One FeatureCollection, a feature a line, with the frame's name as its `crs`. Coordinates are whole metres."""
    code_label, name_label = labels
    drawn = shapely.to_geojson(shapely.transform(np.asarray(shapes, dtype=object), np.round))
    labelled = [{code_label: code, name_label: name} for code, name in zip(codes, names, strict=True)]
    features = ",\n".join(
        f'{{"type": "Feature", "properties": {json.dumps(properties)}, "geometry": {geometry}}}'
        for properties, geometry in zip(labelled, drawn, strict=True)
    )
    crs = json.dumps({"type": "name", "properties": {"name": FRAME}})
    path.write_text(f'{{"type": "FeatureCollection", "crs": {crs}, "features": [\n{features}\n]}}\n', encoding="utf-8")
