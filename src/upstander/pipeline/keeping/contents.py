"""What a backup holds, listed and signed, so that one changed byte anywhere in it is noticed before anything is used.

    home/…            the home's files as they lie there; sealed ones stay sealed
    database.sealed   what the database remembers
    key.sealed        the secret of the signature, sealed under the home's key
    backup.json       path, size and SHA-256 of every file (of a sealed one, of its chunks, so that a new wrap fits)
    backup.mac        HMAC-SHA256 of backup.json (RFC 2104)

A sealed file is opened to its end when a backup is checked: its own seals vouch for its header and chunks.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from upstander.errors import NotAcceptable, UpstanderError
from upstander.values.canonical import canonical_json
from upstander.values.durable import write_whole
from upstander.vault import MasterKey, sealed

HOME, DATABASE = "home", "database.sealed"
KEPT_ALIKE = ("vault", "warehouse", "held")
_LIST, _SEAL, _KEY = "backup.json", "backup.mac", "key.sealed"


def is_backup(folder: Path) -> bool:
    """Whether there is a finished backup in a folder."""
    return (folder / _SEAL).is_file()


def facts_of(backup: Path) -> dict[str, Any]:
    """What a backup says of itself."""
    told: dict[str, Any] = json.loads((backup / _LIST).read_bytes())
    return told


def sign(key: MasterKey, backup: Path, facts: Mapping[str, Any]) -> None:
    """List every file of a backup with these facts, and sign the list; from then on it is one."""
    if not (backup / _KEY).is_file():
        with sealed.writer(backup / _KEY, key) as sink:
            sink.write(secrets.token_bytes(32))
    listed = {path.relative_to(backup).as_posix(): _described(path) for path in _files(backup)}
    content = canonical_json({**facts, "files": listed}) + b"\n"
    write_whole(backup / _LIST, content)
    write_whole(backup / _SEAL, _mac(key, backup, content))


def resign(key: MasterKey, backup: Path) -> None:
    """List and sign a backup anew after what was destroyed in the home was destroyed in it."""
    facts = facts_of(backup)
    sign(key, backup, {name: value for name, value in facts.items() if name != "files"})


def check_backup(key: MasterKey, backup: Path) -> dict[str, Any]:
    """What a backup says of itself, once every byte of it was found as it was written. Raises NotAcceptable."""
    if not is_backup(backup):
        raise NotAcceptable(
            f"There is no backup in {backup}, or none that was finished.", where=str(backup),
            expected="a folder that `upstander backup` made",
        )  # fmt: skip
    content = (backup / _LIST).read_bytes()
    if not hmac.compare_digest((backup / _SEAL).read_bytes(), _mac(key, backup, content)):
        raise _changed(_LIST)
    facts = facts_of(backup)
    there = {path.relative_to(backup).as_posix(): path for path in _files(backup)}
    if strange := sorted(there.keys() ^ facts["files"].keys()):
        raise _changed(strange[0])
    for name, path in there.items():
        if _described(path) != facts["files"][name] or not _opens(path, key):
            raise _changed(name)
    return facts


def _mac(key: MasterKey, backup: Path, content: bytes) -> bytes:
    try:
        with sealed.open(backup / _KEY, sealed.unwrap(backup / _KEY, key)) as source:
            return hmac.new(source.read(), content, sha256).hexdigest().encode() + b"\n"
    except FileNotFoundError as why:
        raise _changed(_KEY) from why


def _files(backup: Path) -> list[Path]:
    own = {backup / name for name in (_LIST, _SEAL, _KEY)}
    return [path for path in sorted(backup.rglob("*")) if path.is_file() and path not in own]


def _described(path: Path) -> dict[str, object]:
    return {"bytes": path.stat().st_size, "sha256": sealed.content_hash(path)}


def _opens(path: Path, key: MasterKey) -> bool:
    """Whether a sealed file opens to its end; any other file is vouched for by its hash."""
    if path.suffix != ".sealed":
        return True
    try:
        with sealed.open(path, sealed.unwrap(path, key)) as source:
            while source.read(sealed.CHUNK):
                pass
    except UpstanderError:
        return False
    return True


def _changed(name: str) -> NotAcceptable:
    return NotAcceptable(
        f"The backup is not as it was written: {name} was changed, lost or added.", where=name,
        expected="another copy of the backup", state="Nothing was restored.",
    )  # fmt: skip
