"""A key of how a word sounds, so that a word misspelt from its first letter on is still compared with the right ones.

A consonant skeleton of our own, for English place names: it only chooses which words are compared, never which match.
"""

import polars as pl

_SOUNDS = (
    (r"^kn", "n"), (r"^wr", "r"), (r"^ps", "s"), (r"^wh", "w"), (r"ph", "f"), (r"gh", ""), (r"ck", "k"), (r"sch", "sk"),
    (r"c([eiy])", "s$1"), (r"c", "k"), (r"q", "k"), (r"x", "ks"), (r"z", "s"), (r"dg", "j"), (r"v", "f"),
    (r"[aeiouyhw]", ""), (r"bb+", "b"), (r"dd+", "d"), (r"ff+", "f"), (r"gg+", "g"), (r"kk+", "k"), (r"ll+", "l"),
    (r"mm+", "m"), (r"nn+", "n"), (r"pp+", "p"), (r"rr+", "r"), (r"ss+", "s"), (r"tt+", "t"),
)  # fmt: skip


def sound_keys(words: pl.Series) -> pl.Series:
    """The skeleton of each word: `fillips` and `phillips` have the same."""
    key = words
    for pattern, put in _SOUNDS:
        key = key.str.replace_all(pattern, put)
    return key
