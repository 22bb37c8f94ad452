"""Texts about places understood, each distinct text of a site once: a class, a place with a confidence, or a question.

The order of trust: what a person settled; a whole postcode; a venue, a crossing or a street that is sure enough; a
postcode sector; a town, as an area; a postcode district. A text that names candidates of which none is sure enough is
ambiguous: it keeps their phrase, for a person to settle once.
"""

from dataclasses import dataclass

import polars as pl

from upstander.places.texts.choosing import chosen, crossings, implied_towns
from upstander.places.texts.classifying import ABROAD, HOME, PUBLIC, SAYS_NOTHING, classes_of
from upstander.places.texts.cleaning import cleaned
from upstander.places.texts.confidence import DEFAULT_THRESHOLD
from upstander.places.texts.evidence import candidates
from upstander.places.texts.gazetteer import Gazetteer
from upstander.places.texts.matching import Matched, matched
from upstander.places.texts.phrases import phrases_of
from upstander.places.texts.postcodes import DISTRICT, SECTOR, UNIT, KnownPostcodes, postcodes_in
from upstander.places.texts.registers import STREET, TOWN, VENUE
from upstander.places.texts.spelling import words_of

CROSSING = "crossing"
SETTLED, LOCATED, AMBIGUOUS, UNMATCHED, SILENT = "settled", "located", "ambiguous", "unmatched", "silent"
_SETTLED_CONFIDENCE = 0.97  # a person looked; streets and venues still change and share names
_BY_UNIT, _BY_SECTOR, _BY_DISTRICT = 0.9, 0.5, 0.4  # as places.locating trusts a postcode, and parts of one at most
_VENUE_M, _STREET_M = 60.0, 150.0  # least reach of a venue and of a street whose register gives no size
_TOWN_WORDS = ("town", "town centre", "city centre", "city", "centre of town", "in town")
_BOX = ("x_min", "y_min", "x_max", "y_max")


@dataclass(frozen=True)
class KnownTexts:
    """What texts are understood by. sites: code, x, y. aliases: see registers."""

    gazetteer: Gazetteer
    postcodes: KnownPostcodes
    sites: pl.DataFrame
    aliases: pl.DataFrame


@dataclass(frozen=True)
class Understood:
    """`answers`: one row a question, in order (see `understood`). `candidates`: every candidate of every question."""

    answers: pl.DataFrame
    candidates: pl.DataFrame


def understood(asked: pl.DataFrame, known: KnownTexts, *, threshold: float = DEFAULT_THRESHOLD) -> Understood:
    """What each question says, in order.

    asked: text (as sent), site (code of the treating site; null or unknown: the whole area is as near).
    Answers: status (settled, located, ambiguous, unmatched, silent), level (venue, crossing, street, town, unit,
    sector, district, empty), entry (null for none), postcode, x, y (of a venue or crossing alone), at_x, at_y (what
    its area is told by), reach_m, confidence (of what is told; 0 for nothing), says (class in words), class (of the
    words, else of the place), phrase, is_known (the phrase is made of words of the gazetteer only).
    """
    read = _read(asked, known)
    words = read.words.hstack(phrases_of(read.words.height, read.matched, known.gazetteer.words))
    asks = read.asks.join(words, on="text", how="left", maintain_order="left")
    return Understood(_told(asks, read.places, read.rows, known, threshold), read.rows)


def best_places(asked: pl.DataFrame, known: KnownTexts) -> pl.DataFrame:
    """The best point or street, and the best town, of each question: what confidences are fitted to. See choosing."""
    return _read(asked, known).places


@dataclass(frozen=True)
class _Read:
    """`asks`: ask, text (number), site. `words`: text, says, postcode, level. `rows`, `places`: see choosing."""

    asks: pl.DataFrame
    words: pl.DataFrame
    matched: Matched
    rows: pl.DataFrame
    places: pl.DataFrame


def _read(asked: pl.DataFrame, known: KnownTexts) -> _Read:
    """Every distinct text cleaned, classed and matched once; then its candidates by site."""
    texts = asked["text"].fill_null("")
    distinct = texts.unique(maintain_order=True)
    number = texts.replace_strict(distinct, pl.int_range(len(distinct), eager=True), return_dtype=pl.Int64)
    clean = cleaned(distinct)
    said = classes_of(clean)
    asks = pl.DataFrame({
        "ask": pl.int_range(len(texts), eager=True), "text": number,
        "site": asked["site"].fill_null("").str.strip_chars().str.to_uppercase(),
    })  # fmt: skip
    postcodes = postcodes_in(distinct, known.postcodes)
    found = _matched(clean, said, known)
    rows = candidates(asks, found, known.gazetteer, known.sites, _part_boxes(postcodes, known.postcodes))
    places = _with_towns(chosen(rows), asks, clean, known)
    words = pl.DataFrame({"text": pl.int_range(len(distinct), eager=True), "says": said}).hstack(postcodes)
    return _Read(asks, words, found, rows, places)


def _matched(clean: pl.Series, said: pl.Series, known: KnownTexts) -> Matched:
    """Names in the texts that may be about a place here."""
    here = pl.select(pl.when(said.is_in([ABROAD, SAYS_NOTHING])).then(pl.lit("")).otherwise(clean)).to_series()
    return matched(words_of(here, known.gazetteer), known.gazetteer)


def _part_boxes(postcodes: pl.DataFrame, known: KnownPostcodes) -> pl.DataFrame:
    """Text and the box of the sector or district that it names."""
    parts = postcodes.with_row_index("text").cast({"text": pl.Int64}).filter(pl.col("level").is_in([SECTOR, DISTRICT]))
    boxes = known.boxes.rename({"code": "postcode", "kind": "level"})
    return parts.join(boxes, on=["postcode", "level"]).select("text", *_BOX)


def _with_towns(best: pl.DataFrame, asks: pl.DataFrame, clean: pl.Series, known: KnownTexts) -> pl.DataFrame:
    """The best places, and for texts that say just "town" the town of their site."""
    plain = clean.str.replace_all(r"\b(?:in|the|at|around|outside|near)\b", " ").str.replace_all(r"\s+", " ")
    is_town = pl.Series("is_town", plain.str.strip_chars().is_in(list(_TOWN_WORDS)))
    bare = asks.filter(is_town.gather(asks["text"]))
    without = bare.join(best.select("ask"), on="ask", how="anti")
    implied = implied_towns(without.select("ask", "site"), known.gazetteer, known.sites)
    kept = [name for name in implied.columns if name in best.columns]
    return pl.concat([best, implied.select(kept).cast(best.select(kept).schema)], how="diagonal")


def _told(
    asks: pl.DataFrame, places: pl.DataFrame, rows: pl.DataFrame, known: KnownTexts, threshold: float
) -> pl.DataFrame:
    point, town = places.filter(~pl.col("is_town")), places.filter("is_town")
    every = _settled(asks, known).join(_points(point, rows), on="ask", how="left", maintain_order="left").join(
        _towns(town), on="ask", how="left", maintain_order="left"
    )  # fmt: skip
    entries = known.gazetteer.entries
    settled = entries.select(s_id="id", s_entry="entry", s_kind="kind", s_x="x", s_y="y", s_reach=_reach(),
                             s_class="place_class", s_point="has_point")  # fmt: skip
    joined = every.join(settled, on="s_id", how="left", maintain_order="left").join(
        known.postcodes.units.select("postcode", u_x="x", u_y="y"), on="postcode", how="left", maintain_order="left"
    )  # fmt: skip
    return joined.with_columns(_level(threshold)).select(_answers())


def _settled(asks: pl.DataFrame, known: KnownTexts) -> pl.DataFrame:
    """With what an alias of the phrase becomes: s_becomes, s_id, s_says; one of the same site before one of any."""
    aliases = known.aliases.select("phrase", "site", "becomes", "target").unique(
        ["phrase", "site"], keep="last", maintain_order=True
    )
    here = asks.join(aliases, on=["phrase", "site"], how="left", maintain_order="left")
    anywhere = aliases.filter(pl.col("site") == "").select("phrase", any_becomes="becomes", any_target="target")
    both = here.join(anywhere, on="phrase", how="left", maintain_order="left")
    target = pl.coalesce("target", "any_target")
    return both.with_columns(s_becomes=pl.coalesce("becomes", "any_becomes")).with_columns(
        s_id=pl.when(pl.col("s_becomes") == "entry").then(target),
        s_says=pl.when(pl.col("s_becomes") == "class").then(target),
    ).drop("becomes", "target", "any_becomes", "any_target")  # fmt: skip


def _reach() -> pl.Expr:
    """How far from its point a place still is, metres: half the diagonal of its box, and no less than its kind has."""
    half = ((pl.col("x_max") - pl.col("x_min")) ** 2 + (pl.col("y_max") - pl.col("y_min")) ** 2).sqrt() / 2
    least = pl.when(pl.col("kind") == VENUE).then(_VENUE_M).otherwise(_STREET_M)
    return pl.max_horizontal(half, least)


def _points(point: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The best venue, crossing or street of each question, under names that begin with p_."""
    met = crossings(point, rows).rename({"x": "c_x", "y": "c_y"})
    both = point.join(met, on="ask", how="left").with_columns(is_met=pl.col("c_x").is_not_null(), reach=_reach())
    return both.select(
        "ask", p_entry="entry", p_confidence="confidence",
        p_level=pl.when("is_met").then(pl.lit(CROSSING)).otherwise("kind"),
        p_x=pl.coalesce("c_x", "x"), p_y=pl.coalesce("c_y", "y"),
        p_reach=pl.when("is_met").then(pl.max_horizontal("reach_m", pl.lit(_VENUE_M))).otherwise("reach"),
    )  # fmt: skip


def _towns(town: pl.DataFrame) -> pl.DataFrame:
    return town.select("ask", t_entry="entry", t_confidence="confidence", t_x="x", t_y="y", t_reach=_reach())


def _level(threshold: float) -> pl.Expr:
    """Of what is known of a text, the level that is told."""
    return (
        pl.when(pl.col("s_becomes") == "nowhere").then(pl.lit(""))
        .when(pl.col("s_becomes") == "class").then(pl.lit(""))
        .when(pl.col("s_entry").is_not_null()).then("s_kind")
        .when(pl.col("level") == UNIT).then(pl.lit(UNIT))
        .when(pl.col("p_confidence") >= threshold).then("p_level")
        .when(pl.col("level") == SECTOR).then(pl.lit(SECTOR))
        .when(pl.col("t_confidence") >= threshold).then(pl.lit(TOWN))
        .when(pl.col("level") == DISTRICT).then(pl.lit(DISTRICT))
        .otherwise(pl.lit(""))
        .alias("told")
    )  # fmt: skip


def _answers() -> list[pl.Expr | str]:
    told = pl.col("told")
    is_settled = pl.col("s_becomes").is_not_null() & (pl.col("s_becomes") != "entry") | pl.col("s_entry").is_not_null()
    by_place = told.is_in([VENUE, CROSSING, STREET]) & ~is_settled
    by_town = (told == TOWN) & ~is_settled
    by_settled = pl.col("s_entry").is_not_null()
    entry = pl.when(by_settled).then("s_entry").when(by_place).then("p_entry").when(by_town).then("t_entry")
    return [
        _status(is_settled).alias("status"),
        told.alias("level"),
        entry.alias("entry"),
        pl.when(told.is_in([UNIT, SECTOR, DISTRICT])).then("postcode").alias("postcode"),
        *(
            pl.when(by_settled).then(f"s_{axis}").when(by_place).then(f"p_{axis}").when(by_town).then(f"t_{axis}")
            .when(told == UNIT).then(f"u_{axis}").alias(f"at_{axis}")
            for axis in ("x", "y")
        ),
        pl.when(by_settled).then("s_reach").when(by_place).then("p_reach").when(by_town).then("t_reach").alias("reach_m"),
        pl.when(is_settled).then(pl.lit(_SETTLED_CONFIDENCE)).when(by_place).then("p_confidence")
        .when(by_town).then("t_confidence").when(told == UNIT).then(pl.lit(_BY_UNIT))
        .when(told == SECTOR).then(pl.lit(_BY_SECTOR)).when(told == DISTRICT).then(pl.lit(_BY_DISTRICT))
        .otherwise(0.0).alias("confidence"),
        pl.coalesce("s_says", "says").alias("says"),
        "phrase", "is_known", "text",
        pl.max_horizontal("p_confidence", "t_confidence").fill_null(0.0).alias("best"),
    ]  # fmt: skip


def _status(is_settled: pl.Expr) -> pl.Expr:
    """A text about a home, a hospital ward or nothing is silent where it tells no place: there is nothing to settle."""
    asks_nothing = pl.col("says").is_in([HOME, ABROAD, SAYS_NOTHING, "hospital", "custody"])
    return (
        pl.when(is_settled).then(pl.lit(SETTLED))
        .when(pl.col("told") != "").then(pl.lit(LOCATED))
        .when(asks_nothing | pl.col("phrase").is_null()).then(pl.lit(SILENT))
        .when("is_known").then(pl.lit(AMBIGUOUS))
        .otherwise(pl.lit(UNMATCHED))
    )  # fmt: skip


__all__ = ["AMBIGUOUS", "LOCATED", "PUBLIC", "SETTLED", "SILENT", "UNMATCHED", "KnownTexts", "Understood", "understood"]
