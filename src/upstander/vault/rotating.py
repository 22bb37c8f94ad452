"""Changing the home's key, or who keeps it. Each step is durable before the next; the same call again finishes.

    begun      the new key exists where keys are kept, with the former one; the home's record names both
    rewrapped  every sealed file is wrapped under the new key, in place; the former one still opens what is left
    finished   the former key is gone from where keys are kept, then from the record

Nothing but the wraps changes: no chunk of a sealed file, no epoch's secret, no token.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from upstander.errors import WrongUsage
from upstander.values.durable import sync_file, sync_folder, write_whole
from upstander.vault import sealed
from upstander.vault.custodians import ShareSet, new_set, split
from upstander.vault.keys import (
    MasterKey,
    Record,
    former_path,
    key_in_file,
    key_record,
    new_key,
    refuse_inside,
    remember_key,
    share_set,
    stretched_anew,
    write_key_file,
)


@dataclass(frozen=True)
class Shared:
    """A key that custodians hold: their lines, in order, to be handed out once and kept nowhere."""

    key: MasterKey
    lines: tuple[str, ...]


def begin_in_file(home: Path, path: Path, key: MasterKey) -> MasterKey:
    """Put a new key into the key file above the present one. A change that was begun before is carried on."""
    if key.former is None:
        key = replace(new_key(), former=key)
        write_key_file(path, key)
    _begun(home, key, {})
    return key


def begin_with_passphrase(home: Path, key: MasterKey, passphrase: str) -> MasterKey:
    """Begin the change to the key of a new passphrase. One that was begun before is carried on as it was."""
    if key.former is not None:
        return key
    made, salt = stretched_anew(passphrase)
    return _begin_under(home, replace(made, former=key), {"from": "passphrase", "salt": salt.hex()})


def begin_with_custodians(home: Path, key: MasterKey, files: Sequence[Path]) -> Shared:
    """Begin the change to a new key that the same number of custodians hold.

    Their shares are in `files` before anything is changed, where files are named. One that was begun before is carried
    on, and has no new shares.
    """
    if key.former is not None:
        return Shared(key, ())
    old = share_set(key_record(home))
    among, made = new_set(old.home, need=old.need, of=old.of), new_key()
    lines = split(made.secret, among)
    write_shares(home, files, lines)
    return Shared(_begin_under(home, replace(made, former=key), _shared_record(among)), lines)


def rewrap_all(files: Iterable[Path], key: MasterKey) -> Iterator[Path]:
    """Wrap each sealed file anew and give back those that were not yet."""
    return (path for path in files if sealed.rewrap(path, key))


def finish(home: Path, key: MasterKey, *, file: Path | None) -> MasterKey:
    """Forget the former key. `file` is the key file, if the key is kept in one."""
    alone = replace(key, former=None)
    if file is not None:
        write_key_file(file, alone)
    sealed.destroy(former_path(home))
    record = key_record(home)
    record.pop("former", None)
    remember_key(home, record)
    return alone


def share_out(home: Path, key: MasterKey, *, need: int, of: int, files: Sequence[Path]) -> Shared:
    """Give the home's key, as it is, into the hands of custodians. Whoever kept it until now has to forget it after.

    The shares are in `files`, where files are named, and have been tried, before the home's record says so.
    Raises WrongUsage for a home whose key is being changed or is with custodians already.
    """
    record = key_record(home)
    if key.former is not None or record.get("from") == "custodians":
        raise WrongUsage(
            "The key of this home is being changed, or is with custodians already.",
            where=str(home), expected="`upstander vault rotate-key`, which gives custodians new shares",
        )  # fmt: skip
    among = new_set(str(record.get("home") or secrets.token_hex(4)), need=need, of=of)
    lines = split(key.secret, among)
    write_shares(home, files, lines)
    remember_key(home, {"key_id": key.id, **_shared_record(among)})
    return Shared(key, lines)


def forget_key_file(path: Path, key: MasterKey) -> None:
    """Overwrite the file of this key and remove it, with what killed runs left half written beside it.

    A file that holds another key is another home's, and is left alone.
    """
    if key_in_file(path).id != key.id:
        return
    for left in [*path.parent.glob(f".{path.name}.*.tmp"), path]:
        if left.is_file():
            left.write_bytes(bytes(left.stat().st_size))
            sync_file(left)
            left.unlink()
    sync_folder(path.parent)


def write_shares(home: Path, files: Sequence[Path], lines: Sequence[str]) -> None:
    """One share in each file, for its owner only. Raises WrongUsage unless there is one new file for each share."""
    if not files:
        return
    for path in files:
        refuse_inside(home, path)
    if len({path.resolve() for path in files}) != len(lines) or any(path.exists() for path in files):
        raise WrongUsage(
            "Each share goes into a file of its own, which is not there yet.",
            found=", ".join(map(str, files)), expected=f"{len(lines)} new files; remove what a stopped run left",
            state="Nothing was changed.",
        )  # fmt: skip
    for path, line in zip(files, lines, strict=True):
        write_whole(path, line.encode() + b"\n", mode=0o600)


def _begin_under(home: Path, key: MasterKey, record: Record) -> MasterKey:
    """Seal the former key under the new one; the rename of the record then makes the new one the home's."""
    if key.former is not None:
        with sealed.writer(former_path(home), replace(key, former=None)) as sink:
            sink.write(key.former.secret)
    _begun(home, key, record)
    return key


def _begun(home: Path, key: MasterKey, changed: Record) -> None:
    record = key_record(home)
    former = key.former.id if key.former else ""
    if record.get("key_id") != key.id:
        remember_key(home, {**record, **changed, "key_id": key.id, "former": former})


def _shared_record(among: ShareSet) -> Record:
    return {"from": "custodians", "home": among.home, "shares": among.name, "need": among.need, "of": among.of}
