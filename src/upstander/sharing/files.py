"""Agreements as files: `agreements/<name>.v<version>.toml`, with a signature and, one day, acts beside it."""

import re
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from upstander.sharing.agreement import Agreement
from upstander.sharing.records import Stored
from upstander.sharing.registers import KeptAgreements
from upstander.values.durable import locked, write_whole

_FILE_NAME = re.compile(r"(?P<name>[a-z0-9][a-z0-9_-]*)\.v(?P<version>[1-9]\d*)\.toml")


class FileAgreements(KeptAgreements):
    """The agreements of one home, as files."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "agreements"
        self._lock = home / "locks" / "agreements"

    def stored(self) -> tuple[Stored, ...]:
        """Every version as it is kept; files that are called otherwise are left out."""
        named = ((path, _FILE_NAME.fullmatch(path.name)) for path in self._folder.glob("*.toml"))
        found = [_stored(path, name["name"], int(name["version"])) for path, name in named if name]
        return tuple(sorted(found, key=lambda one: (one.name, one.version)))

    def alone(self) -> AbstractContextManager[None]:
        """Under the lock of the folder."""
        return locked(self._lock)

    def keep_signed(self, stored: Stored) -> None:
        """The agreement first, its signature last: an unsigned file grants nothing."""
        path = self._folder / stored.label
        write_whole(path, stored.content)
        write_whole(_signature_path(path), stored.signature or b"")

    def keep_act(self, stored: Stored, number: int, record: bytes) -> None:
        """One file an act."""
        write_whole((self._folder / stored.label).with_suffix(f".act-{number:04d}.json"), record)

    def all(self) -> tuple[Agreement, ...]:
        """Every version, and every stray file, which grants nothing."""
        return tuple(sorted([*super().all(), *self._strays()], key=lambda one: (one.name, one.version)))

    def agreements(self, at: datetime) -> tuple[Agreement, ...]:
        """What governs at `at`, and every fault; a stray file is one."""
        return (*super().agreements(at), *self._strays())

    def _strays(self) -> list[Agreement]:
        names = [path.name for path in sorted(self._folder.glob("*.toml")) if not _FILE_NAME.fullmatch(path.name)]
        says = "The file {} is not called <name>.v<version>.toml, so it grants nothing."
        return [Agreement(name, 0, None, None, fault=says.format(name)) for name in names]


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
