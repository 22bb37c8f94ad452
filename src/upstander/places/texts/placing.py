"""Where rows lie by their words: each distinct text of a site is understood once, and each row is given its answer.

A venue and a crossing are points. A street is the small area that its middle lies in. A town is an area of its own,
`town:<id>`, and never a point: which small areas it is made of is asked of the reference data. A place at home has an
area at most.
"""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from upstander.places.texts.classifying import HOME, PUBLIC
from upstander.places.texts.postcodes import DISTRICT, SECTOR, UNIT
from upstander.places.texts.registers import STREET, TOWN, VENUE
from upstander.places.texts.understanding import CROSSING, KnownTexts, understood
from upstander.values.areas import split_layer

METHOD = "text"
TEXT_COLUMNS = ("text_class", "text_status", "text_phrase", "text_is_known")
_UNIT_M = 100.0
# area_kind, area_code of points in metres, by the outlines that place them
AreasOf = Callable[[np.ndarray, np.ndarray], tuple[pl.Series, pl.Series]]


def located_by_text(
    frame: pl.DataFrame, known: KnownTexts, areas_of: AreasOf, parts: pl.DataFrame, *, metric_crs: str
) -> pl.DataFrame:
    """One row a row of the frame (text, site), in order: the place columns with method `text`, and TEXT_COLUMNS.

    parts: code, radius_m, largest_share of sectors and districts. A row whose text tells no place has method `none`.
    """
    asked = frame.select(pl.col("text").cast(pl.String).fill_null(""), pl.col("site").cast(pl.String).fill_null(""))
    distinct = asked.unique(maintain_order=True)
    answers = understood(distinct, known).answers
    told = _told(answers, known, areas_of, parts, metric_crs)
    return asked.join(distinct.hstack(told), on=["text", "site"], how="left", maintain_order="left").drop(
        "text", "site"
    )


def _told(
    answers: pl.DataFrame, known: KnownTexts, areas_of: AreasOf, parts: pl.DataFrame, metric_crs: str
) -> pl.DataFrame:
    layer, code = areas_of(*(answers[f"at_{axis}"].fill_null(np.nan).to_numpy() for axis in ("x", "y")))
    entries = known.gazetteer.entries.select("entry", "id", "has_point", entry_class="place_class")
    joined = (
        answers.with_columns(layer.alias("layer"), code.alias("code"))
        .join(entries, on="entry", how="left", maintain_order="left")
        .join(parts.select(postcode="code", part_m="radius_m", share="largest_share"), on="postcode", how="left",
              maintain_order="left")
    )  # fmt: skip
    level = pl.col("level")
    is_part = level.is_in([SECTOR, DISTRICT])
    is_point = level.is_in([VENUE, CROSSING]) & pl.col("has_point").fill_null(value=True) & (_class() != HOME)
    is_told = level != ""
    layers = pl.when(is_part | (level == TOWN)).then(level).when(is_told).then("layer").otherwise(pl.lit(""))
    codes = pl.when(is_part).then("postcode").when(level == TOWN).then("id").when(is_told).then("code")
    sure = (
        pl.when(is_part).then(pl.min_horizontal("confidence", pl.col("share").fill_null(0.0))).otherwise("confidence")
    )
    reach = pl.when(level == UNIT).then(pl.lit(_UNIT_M)).when(is_part).then("part_m").otherwise("reach_m")
    found = joined.select(
        layers.alias("layer"),
        area_code=codes.fill_null(""),
        x_m=pl.when(is_point).then("at_x"),
        y_m=pl.when(is_point).then("at_y"),
        crs=pl.when(is_point).then(pl.lit(metric_crs)).otherwise(pl.lit("")),
        place_method=pl.when(is_told).then(pl.lit(METHOD)).otherwise(pl.lit("none")),
        place_confidence=pl.when(is_told).then(sure).otherwise(0.0),
        place_precision_m=pl.when(is_told).then(reach),
        text_class=_class(),
        text_status="status",
        text_phrase="phrase",
        text_is_known="is_known",
    )
    return _with_kind(found)


def _class() -> pl.Expr:
    """The class of the words; where they say none, that of the place they name."""
    is_named = pl.col("level").is_in([VENUE, CROSSING, STREET])
    named = pl.when(is_named).then(pl.coalesce("entry_class", pl.lit(PUBLIC)))
    return pl.when(pl.col("says") != "").then("says").otherwise(named).fill_null("")


def _with_kind(found: pl.DataFrame) -> pl.DataFrame:
    layers: Sequence[str] = found["layer"].unique().to_list()
    split = {layer: split_layer(layer) if layer else ("", "") for layer in layers}
    return found.with_columns(
        pl.col("layer").replace_strict({layer: pair[place] for layer, pair in split.items()}, return_dtype=pl.String)
        .alias(name)
        for place, name in enumerate(("area_kind", "area_vintage"))
    ).drop("layer")  # fmt: skip
