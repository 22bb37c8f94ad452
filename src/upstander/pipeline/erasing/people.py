"""Which records are whose: from what is known of a person, step by step, to everything that is theirs. Pure functions.

Two records are one person's if they share an NHS number, an agency's own number, or name with date of birth. An
identifier that seems to belong to several people is not followed: a namesake is not erased, and "UNKNOWN" names nobody.
"""

from dataclasses import dataclass

import polars as pl

from upstander.intake.finding import BY_NAME
from upstander.values.identifiers import NAME_BIRTH, NHS_NUMBER, PERSON_REF

TRACES = {"file": pl.String, "line": pl.Int64, "kind": pl.String, "key": pl.String}
RECORD = ["file", "line"]
_MOST_NAMES = 3  # ways in which one person's name and birth may be written under one agency's number


@dataclass(frozen=True)
class Found:
    """What is theirs: records (person, file, line) and identifiers (person, kind, key).

    `unsure` are records that only a shared identifier or a name alone ties to somebody (file, line): a person decides.
    """

    records: pl.DataFrame
    keys: pl.DataFrame
    unsure: pl.DataFrame


def whole_people(traces: pl.DataFrame, records: pl.DataFrame, keys: pl.DataFrame, *, by_name: bool = False) -> Found:
    """Everything that belongs to the people of these records (person, file, line) and keys (person, kind, key).

    traces: every identifier of every record (TRACES). by_name: records that have nothing but a full name are taken too.
    """
    traces = traces.unique()
    certain, names = traces.filter(pl.col("kind") != BY_NAME), traces.filter(pl.col("kind") == BY_NAME)
    nameless = names.join(certain, on=RECORD, how="anti")  # nothing else says whose these are
    reaching = pl.concat([certain, nameless]) if by_name else certain
    told = traces if by_name else certain
    shared = _shared(traces)
    while True:
        known = pl.concat([keys, records.join(told, on=RECORD).select("person", "kind", "key")]).unique()
        followed = known.join(_doubtful(known, shared), on=["person", "key"], how="anti")
        theirs = followed.join(reaching, on=["kind", "key"]).select("person", *RECORD)
        grown = pl.concat([records, theirs]).unique()
        if grown.height == records.height and known.height == keys.height:
            break
        records, keys = grown, known
    called = pl.concat([keys.select("kind", "key"), records.join(names, on=RECORD).select("kind", "key")]).unique()
    tied = pl.concat(
        [
            keys.join(certain, on=["kind", "key"]).select(RECORD),
            called.join(nameless, on=["kind", "key"]).select(RECORD),
        ]
    )
    unsure = tied.unique().join(records, on=RECORD, how="anti")
    return Found(records.sort(pl.all()), keys.sort(pl.all()), unsure.sort(pl.all()))


@dataclass(frozen=True)
class _Shared:
    """NHS numbers that stand beside an identifier (key, nhs), and identifiers that are too many people's (key)."""

    numbers: pl.DataFrame
    crowded: pl.DataFrame


def _shared(traces: pl.DataFrame) -> _Shared:
    numbers = traces.filter(pl.col("kind") == NHS_NUMBER).select(*RECORD, nhs="key")
    others = traces.filter(pl.col("kind") != NHS_NUMBER)
    beside = others.join(numbers, on=RECORD).select("key", "nhs").unique()
    names = traces.filter(pl.col("kind") == NAME_BIRTH).select(*RECORD, named="key")
    own = others.filter(pl.col("kind").str.starts_with(PERSON_REF))
    many = own.join(names, on=RECORD).group_by("key").agg(pl.col("named").n_unique())
    return _Shared(beside, many.filter(pl.col("named") > _MOST_NAMES).select("key"))


def _doubtful(known: pl.DataFrame, shared: _Shared) -> pl.DataFrame:
    """(person, key) of identifiers that stand beside somebody else's NHS number, or beside many names."""
    own = known.filter(pl.col("kind") == NHS_NUMBER).select("person", nhs="key")
    beside = known.filter(pl.col("kind") != NHS_NUMBER).select("person", "key").join(shared.numbers, on="key")
    foreign = beside.join(own, on=["person", "nhs"], how="anti")
    has_own = foreign.join(own, on="person", how="semi")
    without = foreign.join(own, on="person", how="anti").group_by("person", "key").agg(pl.col("nhs").n_unique())
    several = without.filter(pl.col("nhs") > 1).select("person", "key")
    crowded = known.join(shared.crowded, on="key", how="semi").select("person", "key")
    return pl.concat([has_own.select("person", "key"), several, crowded]).unique()
