"""The fictional county's labelled texts, its gazetteer loaded as a home would load it, and what counts as right."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from upstander.places import Reference, load, open_reference
from upstander.places.texts.understanding import KnownTexts
from upstander.synthetic.gazetteer import LocalNames, make_gazetteer
from upstander.synthetic.land import FRAME, Land, make_land
from upstander.synthetic.placefiles import write_places
from upstander.synthetic.postcodes import make_postcodes
from upstander.synthetic.residents import residents
from upstander.synthetic.texts import labelled_texts

GAZETTEERS = (
    ("os_open_names_brackenshire.csv", "names-2026"),
    ("licensed_premises_brackenshire.csv", "licensed-2026"),
    ("food_hygiene_brackenshire.xml", "food-2026"),
)
# Found within this distance of what was meant, a place counts as right: the width of a small area's neighbourhood.
NEAR_M = 250.0
_BOX = ("x_min", "y_min", "x_max", "y_max")


@dataclass(frozen=True)
class TextCounty:
    """The land, its names, and the reference data that texts are understood by."""

    land: Land
    local: LocalNames
    reference: Reference
    units: pl.DataFrame

    @property
    def known(self) -> KnownTexts:
        """What texts are understood by."""
        return self.reference.texts(FRAME)

    def texts(self, size: int, seed: int) -> pl.DataFrame:
        """Labelled texts; see upstander.synthetic.texts."""
        return labelled_texts(self.local, self.units, size=size, seed=seed)


@cache
def county(folder: str = "") -> TextCounty:
    """The county with its places loaded into a folder of reference data, a temporary one unless stated."""
    root = Path(folder or tempfile.mkdtemp(prefix="texts-"))
    land = make_land()
    postcodes = make_postcodes(land)
    local = make_gazetteer(land, postcodes)
    write_places(root / "places", land, postcodes, residents(land), local)
    loaded = [("boundaries", "lsoa21.geojson", ""), ("boundaries", "ward24.geojson", ""),
              ("lookup", "lookup_lsoa21_ward24_ltla24.csv", ""), ("postcodes", "nspl_brackenshire.csv", "2026"),
              *(("gazetteer", name, vintage) for name, vintage in GAZETTEERS),
              ("sites", "sites_brackenshire.csv", "")]  # fmt: skip
    for kind, name, vintage in loaded:
        load(root / "reference", kind=kind, source=[root / "places" / name], vintage=vintage, metric_crs=FRAME,
             attribution="Invented.")  # fmt: skip
    units = pl.DataFrame({"postcode": postcodes.units, "x": postcodes.points[:, 0], "y": postcodes.points[:, 1]})
    return TextCounty(land, local, open_reference(root / "reference"), units)


def asked(truth: pl.DataFrame) -> pl.DataFrame:
    """The questions: text and site, without the truth."""
    return truth.select("text", "site")


def is_right_place(places: pl.DataFrame, truth: pl.DataFrame, made: TextCounty) -> np.ndarray:
    """Whether each place (ask, entry) is what the text of its question meant.

    A point or a street is right within NEAR_M of what was meant. A town that was meant is right only as that town; a
    town is right, if coarse, for whatever lies in it.
    """
    boxes = {side: f"true_{side}" for side in _BOX}
    true = truth.select(
        pl.int_range(pl.len()).alias("ask"),
        true_level="level",
        true_town="town",
        **{new: old for old, new in boxes.items()},
    )
    entries = made.known.gazetteer.entries.select("entry", "kind", "title", *_BOX)
    both = (
        places.select(pl.col("ask").cast(pl.Int64), "entry")
        .join(entries, on="entry", how="left", maintain_order="left")
        .join(true, on="ask", how="left", maintain_order="left")
    )
    apart = [
        pl.max_horizontal(
            pl.col(f"true_{axis}_min") - pl.col(f"{axis}_max"), pl.col(f"{axis}_min") - pl.col(f"true_{axis}_max"), 0.0
        )
        for axis in ("x", "y")
    ]
    is_near = (apart[0] ** 2 + apart[1] ** 2).sqrt() <= NEAR_M
    is_town = pl.col("kind") == "town"
    meant_town = pl.col("true_level").is_in(["town", "bare town"])
    in_town = is_town & (pl.col("title") == pl.col("true_town")) & pl.col("true_x_min").is_not_null()
    right = pl.when(meant_town).then(in_town).otherwise(is_near | in_town)
    return both.select(right.fill_null(value=False)).to_series().to_numpy()
