"""A text about a place as plain words: small letters, abbreviations written out, times and numbers of people gone.

Everything works on a whole column. What a text says of a time, a telephone or an identity number is taken out first, so
that no number of a person is ever taken for a house or a postcode.
"""

import polars as pl

from upstander.places.texts.wordlists import word_list

_SLASH = "⁄"  # a slash inside an abbreviation of two letters, so that it is not taken for "or"
_NEVER_PLACES = (
    r"\S+@\S+\.\S+",  # an electronic address
    r"\+?\d[\d -]{7,}\d",  # a telephone, an NHS number, a reference
    r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b",  # a date
    r"\b\d{1,2}[:.]\d{2}\s*(?:am|pm|hrs?|hours)?\b",  # 23:30
    r"\b\d{1,2}\s*(?:am|pm)\b",
    r"\b\d{3,4}\s*(?:hrs?|hours)\b",
    r"\b(?:half|quarter|\d{1,2})\s+(?:past|to)\s+(?:\d{1,2}|midnight|noon)\b",  # 10 past 5
)
# "St" before a name is Saint at the start of a text and after a word of position; elsewhere it is Street.
_SAINT = r"(^| )(outside|inside|near|at|of|opposite|by|behind|junction|corner|between) st "
_LONGEST = 255  # characters; what reception can type (see DOMAIN 1.2), and no more of a longer text is read


def cleaned(texts: pl.Series) -> pl.Series:
    """Each text in its clean spelling, empty where there is nothing left. A missing text is empty."""
    tidy = texts.fill_null("").to_frame("text").select(_plain(pl.col("text").str.slice(0, _LONGEST)))
    return _written_out(tidy.to_series()).alias("cleaned")


def _plain(text: pl.Expr) -> pl.Expr:
    """Small letters, no accents, no signs, nothing that is no place."""
    plain = text.str.to_lowercase().str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    for pattern in _NEVER_PLACES:
        plain = plain.str.replace_all(pattern, " ")
    plain = plain.str.replace_all(r"['’`´]", "").str.replace_all("@", " at ", literal=True)
    plain = plain.str.replace_all(r"\b([a-z])\s?[/&]\s?([a-z])\b", f"${{1}}{_SLASH}${{2}}")
    plain = plain.str.replace_all("&", " and ", literal=True)
    plain = plain.str.replace_all(r"\b([a-z])\.([a-z])\b\.?", "$1$2")
    return plain.str.replace_all(rf"[^a-z0-9{_SLASH}]+", " ").str.strip_chars()


def _written_out(texts: pl.Series) -> pl.Series:
    """The texts with every abbreviation written out, word by word and then phrase by phrase."""
    lists = word_list("abbreviations")
    saints = texts.str.replace(r"^st ", "saint ").str.replace_all(_SAINT, "$1$2 saint ")
    words = saints.str.split(" ").explode().unique().drop_nulls()
    known = {"st": "street"} | dict(lists["words"])
    expanded = words.replace(known).str.replace_all(_SLASH, " ", literal=True)
    long = saints.to_frame("text").with_row_index("at").with_columns(pl.col("text").str.split(" ")).explode("text")
    joined = (
        long.with_columns(pl.col("text").replace(dict(zip(words, expanded, strict=True))))
        .group_by("at", maintain_order=True).agg(pl.col("text").str.join(" "))
    )  # fmt: skip
    padded = joined["text"].str.replace_all(r"\s+", " ").str.strip_chars()
    return _phrases(padded, lists["phrases"])


def _phrases(texts: pl.Series, phrases: dict[str, str]) -> pl.Series:
    padded = pl.select(pl.concat_str(pl.lit(" "), texts, pl.lit(" "))).to_series()
    said = [f" {phrase} " for phrase in phrases]
    return padded.str.replace_many(said, [f" {meant} " for meant in phrases.values()]).str.strip_chars()
