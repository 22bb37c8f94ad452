"""The words of texts as words of the gazetteer: as they are, taken apart where two were run together, or mended.

Only distinct words are compared, and only with words that begin alike or sound alike, so that a million texts cost no
more than the few thousand words they are made of.
"""

import numpy as np
import polars as pl

from upstander.places.texts.gazetteer import Gazetteer
from upstander.places.texts.phonetics import sound_keys

_LEAST_LETTERS = 4  # a shorter word that is misspelt could be any other
_LEAST_LIKE = 0.88  # Jaro-Winkler; below it two place names are as a rule two places
_LEAST_KEPT = 0.72  # share of letters that stay as they are (optimal string alignment)


def words_of(texts: pl.Series, gazetteer: Gazetteer) -> pl.DataFrame:
    """One row a word of a text that the gazetteer has: text, at (its place in the text), word, similarity, token.

    Words that the gazetteer has not are there too, with a null word.
    """
    long = (
        texts.str.split(" ").to_frame("token").with_row_index("text").cast({"text": pl.Int64})
        .with_columns(at=pl.int_ranges(pl.col("token").list.len())).explode("token", "at")
        .filter(pl.col("token") != "")
    )  # fmt: skip
    known = long.select("token").unique().join(gazetteer.words.select("token", "word"), on="token", how="left")
    mended = _mended(known.filter(pl.col("word").is_null())["token"], gazetteer)
    exact = known.drop_nulls("word").select("token", "word", similarity=pl.lit(1.0))
    spelt = pl.concat([exact, _taken_apart(known, gazetteer), mended])
    return (
        long.join(spelt, on="token", how="left").select("text", "at", "word", "similarity", "token").sort("text", "at")
    )


def _taken_apart(known: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    """`blacklion` as black and lion."""
    unknown = known.filter(pl.col("word").is_null()).select("token")
    both = unknown.join(gazetteer.joined, on="token").unpivot(["first", "second"], index="token", value_name="part")
    words = gazetteer.words.select(part="token", word="word")
    return both.join(words, on="part").select("token", "word", similarity=pl.lit(1.0))


def _mended(unknown: pl.Series, gazetteer: Gazetteer) -> pl.DataFrame:
    """Each unknown word's most similar word of the gazetteer, where one is similar enough."""
    from rapidfuzz.distance import OSA, JaroWinkler
    from rapidfuzz.process import cpdist

    ours = unknown.filter(
        (unknown.str.len_chars() >= _LEAST_LETTERS) & ~unknown.is_in(gazetteer.joined["token"].implode())
        & ~unknown.str.contains(r"\d")
    ).unique().sort()  # fmt: skip
    pairs = _blocked(ours, gazetteer.words["token"])
    if pairs.is_empty():
        return pl.DataFrame(schema={"token": pl.String, "word": pl.Int64, "similarity": pl.Float64})
    sent, held = pairs["token"].to_list(), pairs["theirs"].to_list()
    alike = cpdist(sent, held, scorer=JaroWinkler.normalized_similarity, dtype=np.float32)
    kept = cpdist(sent, held, scorer=OSA.normalized_similarity, dtype=np.float32)
    scored = pairs.with_columns(similarity=pl.Series(alike).cast(pl.Float64), kept=pl.Series(kept).cast(pl.Float64))
    best = scored.filter((pl.col("similarity") >= _LEAST_LIKE) & (pl.col("kept") >= _LEAST_KEPT)).sort(
        "token", "kept", "similarity", "theirs", descending=[False, True, True, False]
    ).unique("token", keep="first", maintain_order=True)  # fmt: skip
    words = gazetteer.words.select(theirs="token", word="word")
    return best.join(words, on="theirs").select("token", "word", similarity=pl.min_horizontal("similarity", "kept"))


def _blocked(ours: pl.Series, theirs: pl.Series) -> pl.DataFrame:
    """Pairs worth comparing: of nearly the same length, that begin with the same two letters or sound alike."""
    held = theirs.filter((theirs.str.len_chars() >= _LEAST_LETTERS) & ~theirs.str.contains(r"\d"))
    parts = []
    for key in (lambda words: words.str.head(2), sound_keys):
        left = pl.DataFrame({"token": ours, "key": key(ours), "letters": ours.str.len_chars().cast(pl.Int64)})
        right = pl.DataFrame({"theirs": held, "key": key(held), "their_letters": held.str.len_chars().cast(pl.Int64)})
        pairs = left.join(right, on="key").filter((pl.col("letters") - pl.col("their_letters")).abs() <= 2)
        parts.append(pairs.select("token", "theirs"))
    return pl.concat(parts).unique().sort("token", "theirs")
