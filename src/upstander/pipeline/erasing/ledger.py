"""Erasures on record, sealed: what was erased, as keyed hashes, and for a while what is still to be done.

`vault/erasures/key` is the secret of the hashes. `vault/erasures/e12` is one erasure for good: who asked, when, why,
and keyed hashes of the person's identifiers, by which the same person is found in a restored backup.
`vault/erasures/e12-open` holds names and lines while the work goes on, and its key is destroyed at the end.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from upstander.intake.mentions import Mentions
from upstander.pipeline.erasing.jobs import mentions_of, plain_mentions
from upstander.pipeline.erasing.people import RECORD
from upstander.values.canonical import canonical_json
from upstander.values.tokens import derived_key
from upstander.vault import Vault

FOLDER = "erasures"
_KEY, _OPEN = "key", "-open"
KEYS = {"person": pl.Int64, "kind": pl.String, "key": pl.String}
RECORDS = {"person": pl.Int64, "file": pl.String, "line": pl.Int64}


@dataclass(frozen=True)
class Erasure:
    """One erasure. `at` is a UTC moment (ISO 8601); `people` says how many; `keys` are (person, kind, keyed hash)."""

    id: str
    at: str
    by: str
    why: str
    people: int
    keys: tuple[tuple[int, str, str], ...]

    @property
    def frame(self) -> pl.DataFrame:
        """The keys as a table (KEYS)."""
        return pl.DataFrame(list(self.keys), KEYS, orient="row")


@dataclass(frozen=True)
class OpenErasure:
    """What is still to be done: which records go, how their people may be named elsewhere. Never unsealed on disk."""

    id: str
    records: tuple[tuple[int, str, int], ...] = field(repr=False)
    mentions: Mentions = field(repr=False)

    def lines(self) -> dict[str, frozenset[int]]:
        """Which lines go, by raw file."""
        frame = pl.DataFrame(list(self.records), RECORDS, orient="row").select(RECORD).unique()
        return {str(file): frozenset(lines) for file, lines in frame.group_by("file").agg("line").rows()}


def secret(vault: Vault) -> bytes:
    """The secret of the hashes, made once. It does not change with the home's key, and lies in every backup."""
    if not vault.holds(FOLDER, _KEY):
        vault.seal(FOLDER, _KEY, secrets.token_bytes(32))
    with vault.open_sealed(FOLDER, _KEY) as source:
        return source.read()


def hash_key(own: bytes, kind: str) -> bytes:
    """The key that identifiers of one kind are hashed with; of an agency's own numbers, `person_ref|supplier`."""
    return derived_key(own, "erasure", kind)


def erasures(vault: Vault) -> Iterator[Erasure]:
    """Every erasure there was, oldest first."""
    names = [name for name in vault.names(FOLDER) if name.startswith("e") and not name.endswith(_OPEN)]
    for name in sorted(names, key=lambda one: int(one[1:])):
        with vault.open_sealed(FOLDER, name) as source:
            yield erasure_of(json.loads(source.read()))


def erasure_of(plain: Mapping[str, Any]) -> Erasure:
    """An erasure as it lies sealed."""
    return Erasure(
        **{**plain, "keys": tuple((int(person), str(kind), str(key)) for person, kind, key in plain["keys"])}
    )


def next_id(vault: Vault) -> str:
    """The number of the next one."""
    return f"e{max((int(one.id[1:]) for one in erasures(vault)), default=0) + 1}"


def open_erasures(vault: Vault) -> list[OpenErasure]:
    """Those that were begun and not finished."""
    found = []
    for name in vault.names(FOLDER):
        if name.endswith(_OPEN):
            with vault.open_sealed(FOLDER, name) as source:
                plain = json.loads(source.read())
            records = tuple((int(person), str(file), int(line)) for person, file, line in plain["records"])
            found.append(OpenErasure(plain["id"], records, mentions_of(plain["mentions"])))
    return found


def put_down(vault: Vault, erasure: Erasure, todo: OpenErasure) -> None:
    """Seal what is to be done, and then the erasure itself; a run killed in between is carried on by the next."""
    plain = {"id": todo.id, "records": [list(one) for one in todo.records], "mentions": plain_mentions(todo.mentions)}
    vault.seal(FOLDER, f"{todo.id}{_OPEN}", canonical_json(plain))
    record(vault, erasure)


def record(vault: Vault, erasure: Erasure) -> None:
    """Seal an erasure for good; the same one again changes nothing."""
    if not vault.holds(FOLDER, erasure.id):
        vault.seal(FOLDER, erasure.id, canonical_json(asdict(erasure) | {"keys": [list(one) for one in erasure.keys]}))


def close(vault: Vault, erasure: str) -> None:
    """Destroy the names and lines: the work is done."""
    vault.destroy(FOLDER, f"{erasure}{_OPEN}")
