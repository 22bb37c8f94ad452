"""The local gazetteer ready to be matched with: entries, distinct names, the words they are made of, how telling each
is.

A name that many entries bear (a chain, a High Street in every town) is one name here, so that it is compared once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from upstander.places.texts.cleaning import cleaned
from upstander.places.texts.registers import ENTRIES, NAMES, TOWN
from upstander.places.texts.wordlists import word_list

Numbers = npt.NDArray[np.float64]
_TELLS_ENOUGH = 0.35  # a word looks a name up only if it carries this share of the name's weight, or is its heaviest
_GENERIC = 0.3  # weight of a word that says what kind of place it is, beside one that says which
_LINKS = frozenset({"the", "of", "and", "at", "in", "on", "a", "an", "by", "to", "for"})
_MERGED_M = 60.0  # a register and a food-hygiene file tell of one venue; two of a name so near are the same place
_POSTCODE_M = 100.0


@dataclass(frozen=True)
class Gazetteer:
    """What texts are matched with.

    `entries`: entry (number), id, kind, place_class, x, y, x_min … y_max, has_point (false where only a postcode told),
    title. `names`: name (number), clean, weight, words. `name_words`: name, word, weight. `look_up`: word, name.
    `bearers`: name, entry. `words`: word (number), token, weight. `joined`: token, first, second, for two words that
    were written as one. `heaviest`: the weight of the most telling word, which one that nobody knows is given too.
    """

    entries: pl.DataFrame
    names: pl.DataFrame
    name_words: pl.DataFrame
    look_up: pl.DataFrame
    bearers: pl.DataFrame
    words: pl.DataFrame
    joined: pl.DataFrame
    heaviest: float

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to match with."""
        return self.entries.is_empty()


def gazetteer_of(
    entries: Sequence[pl.DataFrame], names: Sequence[pl.DataFrame], postcodes: pl.DataFrame, aliases: pl.DataFrame
) -> Gazetteer:
    """The gazetteer made of held tables (see registers), postcodes (postcode, x, y) for entries without a point, and
    aliases whose target is an entry: each is one more name of it, unless some entry already bears that name.
    """
    every = pl.concat([pl.DataFrame(schema=ENTRIES), *entries]).unique("id", keep="last", maintain_order=True)
    named = pl.concat([pl.DataFrame(schema=NAMES), *names]).join(every.select("id"), on="id", how="semi")
    placed = _placed(every, postcodes)
    spelt = _spelt(named)
    more = aliases.filter((pl.col("becomes") == "entry") & (pl.col("site") == "")).select(id="target", clean="phrase")
    fresh = more.join(spelt, on="clean", how="anti").with_columns(name=pl.col("clean"))
    spelt = pl.concat([spelt, fresh.select(spelt.columns)]).join(placed.select("id"), on="id", how="semi")
    return _indexed(*_merged(placed, spelt))


def _placed(entries: pl.DataFrame, postcodes: pl.DataFrame) -> pl.DataFrame:
    """Entries that lie somewhere: one without a point of its own lies where its postcode does."""
    units = postcodes.select("postcode", unit_x="x", unit_y="y")
    wanted = units.join(entries.select("postcode"), on="postcode", how="semi")
    there = entries.join(wanted, on="postcode", how="left", maintain_order="left")
    has_point = pl.col("x").is_not_null()
    told = there.with_columns(has_point=has_point, x=pl.coalesce("x", "unit_x"), y=pl.coalesce("y", "unit_y"))
    sizes = [pl.coalesce(size, size[0]).alias(size) for size in ("x_min", "y_min", "x_max", "y_max")]
    return told.drop_nulls(["x", "y"]).with_columns(sizes).drop("unit_x", "unit_y", "postcode")


def _spelt(named: pl.DataFrame) -> pl.DataFrame:
    """id, name as written, and its clean spelling without linking words: id, name, clean."""
    distinct = named.select("name").unique().sort("name")
    words = distinct.with_columns(clean=cleaned(distinct["name"]).str.split(" "))
    kept = words.select("name", clean=pl.col("clean").list.eval(
        pl.element().filter(~pl.element().is_in(sorted(_LINKS)))).list.join(" "))  # fmt: skip
    return (
        named.join(kept.filter(pl.col("clean") != ""), on="name")
        .select("id", "name", "clean")
        .unique(maintain_order=True)
    )


def _merged(placed: pl.DataFrame, spelt: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Without venues that two registers both tell of: of the same name and a few metres apart, the first stays."""
    cell = [(pl.col(axis) / (2 * _MERGED_M)).round().cast(pl.Int64).alias(f"cell_{axis}") for axis in ("x", "y")]
    at = spelt.join(placed.select("id", "x", "y", "kind"), on="id").with_columns(cell)
    same = at.with_columns(keep=pl.col("id").first().over("clean", "kind", "cell_x", "cell_y"))
    gone = same.filter(pl.col("id") != pl.col("keep"))["id"].unique()
    is_gone = pl.col("id").is_in(gone.implode())
    return placed.filter(~is_gone), spelt.filter(~is_gone)


def _indexed(placed: pl.DataFrame, spelt: pl.DataFrame) -> Gazetteer:
    titles = spelt.group_by("id", maintain_order=True).agg(title=pl.col("name").first())
    entries = placed.join(titles, on="id").sort("id").with_row_index("entry").cast({"entry": pl.Int64})
    names = spelt.select("clean").unique().sort("clean").with_row_index("name").cast({"name": pl.Int64})
    bearers = spelt.select("id", "clean").join(names, on="clean").join(entries.select("id", "entry"), on="id")
    long = names.with_columns(token=pl.col("clean").str.split(" ")).explode("token").unique(maintain_order=True)
    words = _weighed(long, names.height)
    name_words = long.join(words, on="token").select("name", "word", "weight")
    weights = name_words.group_by("name").agg(weight=pl.col("weight").sum(), words=pl.len())
    return Gazetteer(
        entries=entries,
        names=names.join(weights, on="name").sort("name"),
        name_words=name_words,
        look_up=_telling(name_words),
        bearers=bearers.select("name", "entry").unique().sort("name", "entry"),
        words=words,
        joined=_joined(names, words),
        heaviest=float(words["weight"].max() or 1.0),  # type: ignore[arg-type]
    )


def _weighed(long: pl.DataFrame, names: int) -> pl.DataFrame:
    """word, token, weight: how much less common than any other a word is among names (inverse document frequency).

    A word of kind (road, arms, hotel) tells little about which, however rare it is here.
    Source: Spärck Jones, Journal of Documentation 28(1), 1972.
    """
    kinds = _kind_words()
    counted = long.group_by("token").agg(bearers=pl.len()).sort("token")
    rarity = (1 + names / pl.col("bearers")).log()
    weight = (
        pl.when(pl.col("token").is_in(sorted(kinds))).then(rarity.clip(upper_bound=4.0) * _GENERIC).otherwise(rarity)
    )
    return counted.with_row_index("word").select(pl.col("word").cast(pl.Int64), "token", weight=weight)


def _kind_words() -> set[str]:
    lists = word_list("classes")
    phrases = (phrase for name in lists["order"] for phrase in lists["phrases"][name])
    said = {word for phrase in phrases for word in phrase.split(" ")}
    return (
        said
        | set(lists["street_types"])
        | {"close", "court", "place", "square", "row", "rise", "hotel", "arms", "yard"}
    )


def _telling(name_words: pl.DataFrame) -> pl.DataFrame:
    """word, name: the words by which a name is looked up."""
    whole, most = pl.col("weight").sum().over("name"), pl.col("weight").max().over("name")
    tells = (pl.col("weight") >= _TELLS_ENOUGH * whole) | (pl.col("weight") == most)
    return name_words.filter(tells).select("word", "name")


def _joined(names: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """token, first, second: neighbours in a name written as one word, where that is no word itself."""
    split = names.select(first=pl.col("clean").str.split(" ")).with_columns(
        second=pl.col("first").list.slice(1), first=pl.col("first").list.head(pl.col("first").list.len() - 1)
    )
    pairs = split.explode("first", "second").drop_nulls().unique(maintain_order=True)
    fused = pairs.with_columns(token=pl.col("first") + pl.col("second"))
    return (
        fused.join(words, on="token", how="anti")
        .unique("token", keep="first", maintain_order=True)
        .select("token", "first", "second")
    )


def towns(gazetteer: Gazetteer) -> pl.DataFrame:
    """The entries that are areas and never points."""
    return gazetteer.entries.filter(pl.col("kind") == TOWN)


def titles(gazetteer: Gazetteer) -> Mapping[str, str]:
    """What each entry is called, by its id."""
    return dict(gazetteer.entries.select("id", "title").rows())
