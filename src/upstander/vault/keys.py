"""The home's master key: 32 bytes in a file outside the home, or made from a passphrase."""

import hashlib
import json
import secrets
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_config_path

from upstander.errors import WrongUsage
from upstander.values.canonical import canonical_json
from upstander.values.durable import locked, write_whole
from upstander.values.tokens import key_id
from upstander.vault.errors import NoKey, UnsafeKey, WrongKey

KEY_VARIABLE = "UPSTANDER_KEY_FILE"
_KEY_BYTES = 32
_LEAST_PASSPHRASE = 12
# OWASP Password Storage Cheat Sheet: scrypt with N = 2^17, r = 8, p = 1, which asks for 128 MiB.
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**17, 8, 1


@dataclass(frozen=True)
class MasterKey:
    """The key every other key of a home is made from. `id` may be shown; `secret` never is."""

    secret: bytes = field(repr=False)
    id: str

    @classmethod
    def of(cls, secret: bytes) -> "MasterKey":
        """The key made of these 32 bytes."""
        return cls(secret, key_id(secret))


def master_key(
    home: Path, *, create: bool, environ: Mapping[str, str], passphrase: str | None = None, setting: Path | None = None
) -> MasterKey:
    """The master key of a home: from `passphrase` if one is given, else from its key file.

    The key file is named by UPSTANDER_KEY_FILE in `environ`, else by `setting` (the home's settings), else it is `key`
    in the user's configuration folder. `create` makes a key for a home that has never had one.
    Raises NoKey, UnsafeKey (inside the home, or readable by others), WrongKey (another key made this home).
    """
    if passphrase is not None:
        with locked(_lock(home)):
            return _from_passphrase(home, passphrase, create=create)
    path = key_file(environ, setting)
    _refuse_inside(home, path)
    if not create:
        return _checked(home, _from_file(path))
    with locked(_lock(home)):
        return _created(home, path)


def key_file(environ: Mapping[str, str], setting: Path | None = None) -> Path:
    """Where the key file is looked for."""
    if named := environ.get(KEY_VARIABLE):
        return Path(named).absolute()
    return setting or user_config_path("upstander", appauthor=False) / "key"


def _created(home: Path, path: Path) -> MasterKey:
    if not path.exists():
        if _record(home):
            _from_file(path)  # says that the key is missing; a new one would not open what is here
        write_whole(path, secrets.token_bytes(_KEY_BYTES).hex().encode() + b"\n", mode=0o600)
    key = _checked(home, _from_file(path))
    if not _record(home):
        _remember(home, {"key_id": key.id, "from": "file"})
    return key


def _from_file(path: Path) -> MasterKey:
    if not path.is_file():
        raise NoKey(
            f"There is no key at {path}. Nothing was read or stored.",
            where=str(path), expected=f"the home's key file; {KEY_VARIABLE} says where it is",
        )  # fmt: skip
    _refuse_readable_by_others(path)
    try:
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) != _KEY_BYTES:
        raise NoKey(f"{path} does not hold a key.", where=str(path), expected="64 hexadecimal digits")
    return MasterKey.of(secret)


def _from_passphrase(home: Path, passphrase: str, *, create: bool) -> MasterKey:
    record = _record(home)
    if not record:
        if not create:
            raise NoKey(
                f"The home {home} has no key yet.", where=str(home), expected="a home made with this passphrase"
            )
        return _first_passphrase(home, passphrase)
    if record.get("from") != "passphrase":
        raise WrongUsage(
            f"The key of {home} is a file, not a passphrase.", where=str(home), expected="no passphrase, or a new home"
        )
    return _checked(home, _stretched(passphrase, bytes.fromhex(str(record["salt"]))))


def _first_passphrase(home: Path, passphrase: str) -> MasterKey:
    if len(passphrase) < _LEAST_PASSPHRASE:
        raise WrongUsage(
            f"A passphrase has at least {_LEAST_PASSPHRASE} characters.", expected="four unrelated words, for example"
        )
    salt = secrets.token_bytes(16)
    key = _stretched(passphrase, salt)
    _remember(home, {"key_id": key.id, "from": "passphrase", "salt": salt.hex()})
    return key


def _stretched(passphrase: str, salt: bytes) -> MasterKey:
    room = 256 * _SCRYPT_N * _SCRYPT_R
    secret = hashlib.scrypt(
        passphrase.encode(), salt=salt, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P, maxmem=room, dklen=_KEY_BYTES
    )
    return MasterKey.of(secret)


def _record_path(home: Path) -> Path:
    return home / "vault" / "key.json"


def _lock(home: Path) -> Path:
    return home / "locks" / "key"


def _record(home: Path) -> dict[str, object]:
    """What the home remembers of its key: the id, and a passphrase's salt. Empty for a new home. Never the key."""
    path = _record_path(home)
    return dict(json.loads(path.read_bytes())) if path.is_file() else {}


def _remember(home: Path, record: dict[str, str]) -> None:
    write_whole(_record_path(home), canonical_json(record) + b"\n")


def _checked(home: Path, key: MasterKey) -> MasterKey:
    wanted = _record(home).get("key_id", key.id)
    if wanted != key.id:
        raise WrongKey(
            f"This is key {key.id}, but what lies in {home} was sealed with key {wanted}.",
            where=str(home), found=key.id, expected=str(wanted), state="Nothing was read or stored.",
        )  # fmt: skip
    return key


def _refuse_inside(home: Path, path: Path) -> None:
    if path.resolve().is_relative_to(home.resolve()):
        raise UnsafeKey(
            f"The key {path} lies inside the home it protects. A copy of the home would carry its own key.",
            where=str(path), expected="a place outside the home",
        )  # fmt: skip


def _refuse_readable_by_others(path: Path) -> None:
    if sys.platform == "win32":  # rights there are lists, kept by the user's profile folder
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise UnsafeKey(
            f"Others on this machine may read the key {path} (its mode is {mode:04o}).",
            where=str(path), found=f"{mode:04o}", expected=f"0600: chmod 600 '{path}'",
        )  # fmt: skip
