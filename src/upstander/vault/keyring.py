"""The register of identity keys: one secret for each epoch of tokens, sealed in the vault under the home's key.

A token is made under the secret of its epoch, not under the home's key, so that the home's key can be changed without
changing a token, and an epoch can be destroyed for good. The register names keys, days and reasons; it holds no key.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from upstander.errors import WrongUsage
from upstander.values.canonical import canonical_json
from upstander.values.durable import locked, write_whole
from upstander.values.tokens import key_id
from upstander.vault import sealed
from upstander.vault.errors import EpochDestroyed
from upstander.vault.keys import MasterKey

FIRST_EPOCH = "1"
_SECRET_BYTES = 32


@dataclass(frozen=True)
class EpochRecord:
    """What the register says of one epoch. `made`, `reread`, `retired` and `destroyed` are UTC moments (ISO 8601).

    `reread` is when every held delivery had been read into it; empty for the first epoch, and while that is going on.
    """

    name: str
    key_id: str
    made: str
    why: str
    reread: str = ""
    retired: str = ""
    destroyed: str = ""
    destroyed_why: str = ""


@dataclass(frozen=True)
class Epoch:
    """An epoch and its secret, which is never shown."""

    name: str
    id: str
    secret: bytes = field(repr=False)


class Keyring:
    """The epochs of one home. A home that has no register yet is in its first epoch, whose secret is the home's key."""

    def __init__(self, home: Path, master: MasterKey) -> None:
        self._folder = home / "vault" / "epochs"
        self._lock = home / "locks" / "epochs"
        self._master = master

    def records(self) -> tuple[EpochRecord, ...]:
        """Every epoch there ever was, oldest first."""
        path = self._folder / "register.json"
        if not path.is_file():
            return (EpochRecord(FIRST_EPOCH, key_id(self._master.secret), "", "the home was made"),)
        return tuple(EpochRecord(**one) for one in json.loads(path.read_bytes()))

    def current(self) -> Epoch:
        """The epoch under which new readings are made."""
        newest = self.records()[-1]
        return Epoch(newest.name, newest.key_id, self.secret(newest.name))

    def secret(self, name: str) -> bytes:
        """The secret of an epoch. Raises EpochDestroyed, or WrongUsage for one that never was."""
        record = self._record(name)
        if record.destroyed:
            raise EpochDestroyed(
                f"The identity key of epoch {name} was destroyed on {record.destroyed[:10]}: {record.destroyed_why}",
                found=name, expected="a reading of a later epoch, or fields without tokens",
            )  # fmt: skip
        path = self._path(name)
        if not path.is_file():
            return self._master.secret  # a home whose register was never needed
        with sealed.open(path, sealed.unwrap(path, self._master)) as source:
            return source.read()

    def keep(self, at: datetime) -> None:
        """Write the register down, and the first epoch's secret apart from the home's key, before that key changes."""
        with locked(self._lock):
            self._keep(at)

    def new_epoch(self, at: datetime, *, why: str) -> Epoch:
        """Begin an epoch with a secret of its own; the one before is retired, and its tokens can still be read."""
        with locked(self._lock):
            self._keep(at)
            records = self.records()
            name, secret = str(len(records) + 1), secrets.token_bytes(_SECRET_BYTES)
            self._seal(name, secret)
            retired = replace(records[-1], retired=at.isoformat())
            self._write((*records[:-1], retired, EpochRecord(name, key_id(secret), at.isoformat(), why)))
        return Epoch(name, key_id(secret), secret)

    @property
    def is_settled(self) -> bool:
        """Whether every delivery was read into the current epoch, as far as it could be."""
        records = self.records()
        return len(records) == 1 or bool(records[-1].reread)

    def settle(self, at: datetime) -> None:
        """Note that every held delivery was read into the current epoch."""
        with locked(self._lock):
            *earlier, last = self.records()
            self._write((*earlier, replace(last, reread=last.reread or at.isoformat())))

    def destroy(self, name: str, at: datetime, *, why: str) -> None:
        """Destroy an epoch's secret: nobody makes or joins its tokens again. The current epoch cannot be destroyed.

        The secret goes before the register says so; a killed run is finished by the same call.
        """
        with locked(self._lock):
            self._keep(at)
            records = self.records()
            if name == records[-1].name:
                raise WrongUsage(f"Epoch {name} is in use.", found=name, expected="an epoch that was retired")
            self._record(name)
            sealed.destroy(self._path(name))
            gone = {"destroyed": at.isoformat(), "destroyed_why": why}
            self._write(
                tuple(replace(one, **gone) if one.name == name and not one.destroyed else one for one in records)
            )

    def files(self) -> tuple[Path, ...]:
        """The sealed secrets, which a change of the home's key has to wrap anew."""
        return tuple(sorted(self._folder.glob("*.sealed")))

    def _keep(self, at: datetime) -> None:
        if (self._folder / "register.json").is_file():
            return
        (first,) = self.records()
        self._seal(first.name, self._master.secret)
        self._write((replace(first, made=at.isoformat()),))

    def _seal(self, name: str, secret: bytes) -> None:
        with sealed.writer(self._path(name), self._master) as sink:
            sink.write(secret)

    def _write(self, records: tuple[EpochRecord, ...]) -> None:
        plain: list[Mapping[str, str]] = [asdict(one) for one in records]
        write_whole(self._folder / "register.json", canonical_json(plain) + b"\n")

    def _record(self, name: str) -> EpochRecord:
        found = next((one for one in self.records() if one.name == name), None)
        if found is None:
            known = ", ".join(one.name for one in self.records())
            raise WrongUsage(f"There is no epoch '{name}'.", found=name, expected=known)
        return found

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.sealed"
