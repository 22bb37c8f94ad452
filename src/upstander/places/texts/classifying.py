"""What kind of place the words themselves tell of: home, custody, hospital, school, licensed, public, abroad, nothing.

The classes are the codes of the taxonomy `place_class`. A text that names a street or a venue and says no kind has no
class here; what is matched then gives it one.
"""

import re
from collections.abc import Collection, Iterable, Mapping

import polars as pl

from upstander.places.texts.wordlists import word_list

SAYS_NOTHING, ABROAD, HOME, PUBLIC = "unknown", "abroad", "home", "public"
NO_CLASS = ""


def classes_of(cleaned: pl.Series) -> pl.Series:
    """The class each cleaned text states; `unknown` for one that says that nothing is known, empty for none."""
    lists = word_list("classes")
    padded = _padded(cleaned)
    rest, meant = _instead(padded, lists["instead"])
    stated = _stated(rest)
    return pl.select(
        pl.when(_is_made_of(cleaned, lists["nothing"]["unknown"])).then(pl.lit(SAYS_NOTHING))
        .when(_is_abroad(padded)).then(pl.lit(ABROAD))
        .when(stated != NO_CLASS).then(stated)
        .otherwise(meant)
        .alias("class")
    ).to_series()  # fmt: skip


def _padded(texts: pl.Series) -> pl.Series:
    """Each text between two blanks, so that a word is found by the blanks round it."""
    return pl.select(pl.concat_str(pl.lit(" "), texts, pl.lit(" "))).to_series()


def _whole(words: Iterable[str]) -> list[str]:
    """Words or phrases as they stand in a padded text, longest first."""
    return [f" {word} " for word in sorted(words, key=lambda word: (-len(word), word))]


def _taken_out(padded: pl.Series, phrases: Iterable[str], put: str = " ") -> pl.Series:
    said = _whole(phrases)
    return padded.str.replace_many(said, [put] * len(said), leftmost=True)


def _nothing(size: int) -> pl.Series:
    return pl.repeat(NO_CLASS, size, dtype=pl.String, eager=True)


def _instead(padded: pl.Series, phrases: Mapping[str, str]) -> tuple[pl.Series, pl.Series]:
    """The texts without phrases that only look like a class, and the class that such a phrase means."""
    found = _nothing(len(padded))
    for meant in sorted({*phrases.values()} - {NO_CLASS}):
        said = _whole(phrase for phrase, its_class in phrases.items() if its_class == meant)
        found = pl.select(pl.when(padded.str.contains_any(said)).then(pl.lit(meant)).otherwise(found)).to_series()
    return _taken_out(padded, phrases), found


def _stated(padded: pl.Series) -> pl.Series:
    """The first class, in the lists' order, of which a word stands in the text and is no part of a street's name."""
    lists = word_list("classes")
    # A street's name may hold such a word: `hospital lane` is no hospital.
    plain = padded.str.replace_all(rf" \w+ ({'|'.join(lists['street_types'])}) ", " x $1 ")
    is_outside = padded.str.contains(rf"^ (?:{'|'.join(map(re.escape, lists['outside']))}) ")
    found = pl.select(pl.when(is_outside).then(pl.lit(PUBLIC)).otherwise(pl.lit(NO_CLASS))).to_series()
    for name in reversed(lists["order"]):
        its = pl.lit(name)
        told = its if name in lists["stays_inside"] else pl.when(is_outside).then(pl.lit(PUBLIC)).otherwise(its)
        is_said = plain.str.contains_any(_whole(lists["phrases"][name]))
        found = pl.select(pl.when(is_said).then(told).otherwise(found)).to_series()
    return found


def _is_made_of(texts: pl.Series, words: Collection[str]) -> pl.Series:
    """Whether a text is made of these words only; an empty one is."""
    long = texts.str.split(" ").to_frame("word").with_row_index("at").explode("word")
    is_word = pl.col("word").is_in([*words, ""]).all()
    return long.group_by("at", maintain_order=True).agg(is_word)["word"]


def _is_abroad(padded: pl.Series) -> pl.Series:
    """A cue of travel, or nothing but countries, resorts and what stands around them."""
    lists = word_list("abroad")
    has_cue = padded.str.contains_any(_whole(lists["cues"]))
    marked = _taken_out(padded, [*lists["countries"], *lists["resorts"]], " abroad ")
    has_name = marked.str.contains(" abroad ", literal=True)
    return has_cue | (has_name & _is_made_of(marked.str.strip_chars(), {*lists["around"], *lists["peoples"], ABROAD}))
