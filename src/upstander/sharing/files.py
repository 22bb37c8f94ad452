"""Agreements as files: `agreements/<name>.v<version>.toml`, with a signature and, one day, acts beside it."""

import re
from datetime import datetime
from pathlib import Path

from upstander.sharing.agreement import Agreement
from upstander.sharing.errors import BadAgreement
from upstander.sharing.records import (
    Decision,
    Stored,
    act_record,
    agreement_of,
    decided,
    governing,
    signature_record,
)
from upstander.sharing.terms import canonical_terms, read_terms
from upstander.values.durable import locked, write_whole

_FILE_NAME = re.compile(r"(?P<name>[a-z0-9][a-z0-9_-]*)\.v(?P<version>[1-9]\d*)\.toml")


class FileAgreements:
    """The agreements of one home."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "agreements"
        self._lock = home / "locks" / "agreements"

    def stored(self) -> tuple[Stored, ...]:
        """Every version as it is kept, by name and version; files that are called otherwise are left out."""
        named = ((path, _FILE_NAME.fullmatch(path.name)) for path in self._folder.glob("*.toml"))
        found = [_stored(path, name["name"], int(name["version"])) for path, name in named if name]
        return tuple(sorted(found, key=lambda one: (one.name, one.version)))

    def all(self) -> tuple[Agreement, ...]:
        """Every version of every agreement, with what is wrong with it."""
        return tuple(
            sorted([*map(agreement_of, self.stored()), *self._strays()], key=lambda one: (one.name, one.version))
        )

    def agreements(self, at: datetime) -> tuple[Agreement, ...]:
        """For each name the version that governs at `at`, and every one with a fault (see records.governing)."""
        stored = self.stored()
        signed = [one.signature is not None for one in stored]
        return (*governing([agreement_of(one) for one in stored], signed, at), *self._strays())

    def sign(self, content: bytes, *, person: str, at: datetime) -> Agreement:
        """Put a version in force: its canonical bytes are kept, and a signature with their hash beside them.

        Signing the same terms again changes nothing. Raises BadAgreement for terms that cannot be accepted or that
        differ from what was signed under the same version.
        """
        terms = read_terms(content)
        kept = canonical_terms(terms)
        path = self._folder / f"{terms.name}.v{terms.version}.toml"
        with locked(self._lock):
            if not _signature_path(path).is_file():
                write_whole(path, kept)
                write_whole(_signature_path(path), signature_record(terms, kept, person=person, at=at))
            stored = _stored(path, terms.name, terms.version)
        signed = agreement_of(stored)
        if signed.fault or stored.content != kept:
            raise BadAgreement(
                f"Version {terms.version} of {terms.name} is signed with other terms. Nothing was changed.",
                where=path.name, expected=f"version {terms.version + 1}",
            )  # fmt: skip
        return signed

    def act(self, decision: Decision) -> Agreement:
        """Decide about the version that governs. What was decided before changes nothing. Raises WrongUsage."""
        with locked(self._lock):
            mine = [one for one in self.agreements(decision.at) if one.name == decision.agreement and not one.fault]
            act = decided(decision, mine[-1] if mine else None)
            path = self._folder / f"{mine[-1].name}.v{mine[-1].version}.toml"
            if act is not None:
                write_whole(_act_path(path, act.number), act_record(act))
            return agreement_of(_stored(path, mine[-1].name, mine[-1].version))

    def _strays(self) -> list[Agreement]:
        strays = [path.name for path in sorted(self._folder.glob("*.toml")) if not _FILE_NAME.fullmatch(path.name)]
        return [
            Agreement(
                name,
                0,
                None,
                None,
                fault=f"The file {name} is not called <name>.v<version>.toml, so it grants nothing.",
            )
            for name in strays
        ]


def _stored(path: Path, name: str, version: int) -> Stored:
    signature = _signature_path(path)
    earlier = path.with_suffix(".end.json")  # an end as it was called before there were other acts
    acts = [earlier] if earlier.is_file() else []
    acts += sorted(path.parent.glob(f"{path.stem}.act-*.json"))
    return Stored(
        name, version, path.read_bytes(), signature.read_bytes() if signature.is_file() else None,
        tuple(act.read_bytes() for act in acts),
    )  # fmt: skip


def _signature_path(path: Path) -> Path:
    return path.with_suffix(".signature.json")


def _act_path(path: Path, number: int) -> Path:
    return path.with_suffix(f".act-{number:04d}.json")
