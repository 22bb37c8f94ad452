"""Which names stand in a text, and which places bear them: every pair scored at once, none by a loop over texts.

A name is looked up by its telling words, and kept if most of its weight stands in the text. A name inside a longer one
that also stands there is left out. Then each place that bears a name is one candidate of the text.
"""

from dataclasses import dataclass

import polars as pl

from upstander.places.texts.gazetteer import Gazetteer
from upstander.places.texts.wordlists import word_list

_LEAST_COVER = 0.62  # share of a name's weight that has to stand in the text
_WHOLE = 0.93
_NAMES_A_TEXT = 6
_BEARERS_A_NAME = 40  # of a name that more places bear, those nearest to the site; without one, none can be told apart
_PLACES = 60  # words of a text that have a bit of their own


@dataclass(frozen=True)
class Matched:
    """What a set of texts matched.

    `rows`: text, entry, cover, similarity, bits (which words of the text it stands on), weight, is_compact.
    `says`: text, weight (of all words that tell something), unknown (of those that the gazetteer has not).
    `words`: text, at, word, similarity, token, as spelt.
    """

    rows: pl.DataFrame
    says: pl.DataFrame
    words: pl.DataFrame


def matched(words: pl.DataFrame, gazetteer: Gazetteer) -> Matched:
    """Names in texts, and their bearers. words: as `words_of` gives them."""
    weighed = words.filter(pl.col("at") < _PLACES).join(gazetteer.words.select("word", "weight"), on="word", how="left")
    named = _outermost(_named(weighed, gazetteer))
    rows = named.join(gazetteer.bearers, on="name")
    few = pl.len().over("text", "name") <= _BEARERS_A_NAME * 4
    return Matched(rows.filter(few).drop("name"), _says(weighed, gazetteer), words)


def _named(weighed: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    """text, name, cover, similarity, weight, bits, is_compact: names of which enough stands in a text."""
    known = weighed.drop_nulls("word")
    pairs = known.select("text", "word").join(gazetteer.look_up, on="word").select("text", "name").unique()
    said = known.select("text", "word", "at", "similarity")
    found = pairs.join(gazetteer.name_words, on="name").join(said, on=["text", "word"])
    again = said.filter(said.select("text", "word").is_duplicated()).select("text").unique()
    if again.height:
        one = _one_place_each(found.join(again, on="text", how="semi"))
        found = pl.concat([found.join(again, on="text", how="anti"), one.select(found.columns)])
    bit = pl.lit(2, pl.Int64).pow(pl.col("at")).cast(pl.Int64)
    scored = found.group_by("text", "name").agg(
        weight=pl.col("weight").sum(),
        similarity=pl.col("similarity").min(), bits=bit.bitwise_or(), first=pl.col("at").min(),
        last=pl.col("at").max(), count=pl.col("at").n_unique(),
    )  # fmt: skip
    whole = gazetteer.names.select("name", "words", of="weight")
    return scored.join(whole, on="name").select(
        "text", "name", "similarity", "weight", "bits", cover=pl.col("weight") / pl.col("of"),
        is_compact=pl.col("last") - pl.col("first") + 1 - pl.col("count") <= 1,
    ).filter(pl.col("cover") >= _LEAST_COVER)  # fmt: skip


def _one_place_each(found: pl.DataFrame) -> pl.DataFrame:
    """Of a word that a text says twice, the one nearest to the name's heaviest word, better after it than before.

    In "station road junction commercial road" each street has a road of its own.
    """
    heaviest = pl.col("at").sort_by("weight", "at", descending=[True, False]).first().over("text", "name")
    ahead = pl.col("at") - heaviest
    near = pl.when(ahead >= 0).then(ahead.cast(pl.Float64)).otherwise(0.5 - ahead)
    return (
        found.with_columns(near=near)
        .sort("text", "name", "word", "near")
        .unique(["text", "name", "word"], keep="first", maintain_order=True)
    )


def _outermost(named: pl.DataFrame) -> pl.DataFrame:
    """Without names that stand on some of the words of a name that stands there whole; the heaviest few of a text."""
    most = named.sort("text", "weight", "cover", "name", descending=[False, True, True, False]).with_columns(
        rank=pl.int_range(pl.len()).over("text")
    ).filter(pl.col("rank") < _NAMES_A_TEXT)  # fmt: skip
    whole = most.filter(pl.col("cover") >= _WHOLE).select("text", outer="bits", outer_weight="weight")
    inside = most.select("text", "name", "bits", "weight", "cover").join(whole, on="text").filter(
        ((pl.col("bits") & pl.col("outer")) == pl.col("bits"))
        & ((pl.col("bits") != pl.col("outer")) | (pl.col("cover") < _WHOLE))
    )  # fmt: skip
    return most.join(inside.select("text", "name").unique(), on=["text", "name"], how="anti").drop("rank")


def _says(weighed: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    lists = word_list("classes")
    idle = sorted({*lists["nothing"]["filler"]})
    is_number = pl.col("token").str.contains(r"^\d+[a-z]?$")
    telling = weighed.filter(~pl.col("token").is_in(idle) & ~is_number)
    # What nobody knows may be anything: it counts as half of the most telling word.
    weight = pl.col("weight").fill_null(gazetteer.heaviest / 2)
    return telling.group_by("text").agg(
        says=weight.sum(), unknown=pl.when(pl.col("word").is_null()).then(weight).otherwise(0.0).sum()
    )
