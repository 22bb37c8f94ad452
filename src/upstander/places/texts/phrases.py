"""The phrase of a text that a person may be shown to settle it: words that places are made of, and no name of anybody.

A phrase of known words is made of the words of the gazetteer that its candidates stand on, and of nothing else the text
says. A phrase with words that nobody knows (what people call a place among themselves) goes without numbers, first
names and what follows a word such as "partner"; it is only ever shown once several rows say the same.
"""

import polars as pl

from upstander.places.texts.matching import Matched
from upstander.places.texts.wordlists import word_list

LEAST_ROWS_UNKNOWN = 5  # rows that have to say the same before a phrase with an unknown word is shown to anybody
_MOST_WORDS = 6
_AFTER_CUE = 2
_SHORTEST = 3


def phrases_of(texts: int, matched: Matched, words: pl.DataFrame) -> pl.DataFrame:
    """One row a text, in order: phrase (null for none), is_known (made of words of the gazetteer only).

    words: word, token of the gazetteer.
    """
    stood_on = matched.rows.group_by("text").agg(pl.col("bits").bitwise_or())
    known = (
        matched.words.drop("token").join(words.select("word", "token"), on="word").join(stood_on, on="text")
        .filter((pl.col("bits") // pl.lit(2, pl.Int64).pow(pl.col("at"))).cast(pl.Int64) % 2 == 1)
        .sort("text", "at").group_by("text", maintain_order=True).agg(known=pl.col("token").str.join(" "))
    )  # fmt: skip
    every = pl.DataFrame({"text": pl.int_range(texts, eager=True)})
    told = every.join(known, on="text", how="left").join(_unknown(matched.words), on="text", how="left")
    return told.sort("text").select(phrase=pl.coalesce("known", "unknown"), is_known=pl.col("known").is_not_null())


def _unknown(words: pl.DataFrame) -> pl.DataFrame:
    """text, unknown: what is left of a text without what may be about a person."""
    lists, names = word_list("classes"), word_list("names")
    idle = [*lists["nothing"]["filler"], *lists["nothing"]["unknown"], *names["cues"]]
    token = pl.col("token")
    is_cue = token.is_in(names["cues"])
    after = [is_cue.shift(step).over("text").fill_null(value=False) for step in range(1, _AFTER_CUE + 1)]
    marked = words.sort("text", "at").with_columns(is_after=pl.any_horizontal(after))
    kept = marked.filter(
        ~token.is_in(idle) & ~token.str.contains(r"\d") & ~token.is_in(names["forenames"])
        & ~(pl.col("is_after") & pl.col("word").is_null()) & (token.str.len_chars() >= _SHORTEST)
    )  # fmt: skip
    return kept.group_by("text", maintain_order=True).agg(unknown=token.head(_MOST_WORDS).str.join(" "))
