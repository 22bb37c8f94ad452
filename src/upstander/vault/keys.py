"""The home's master key: 32 bytes in a file outside the home, made from a passphrase, or shared among custodians.

While a key is being changed a home has two: the new one, which seals, and the former, which still opens what was not
wrapped anew. A key file then holds both, the new one first; otherwise the former lies in the vault under the new one.
"""

import hashlib
import json
import os
import secrets
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from platformdirs import user_config_path

from upstander.errors import WrongUsage
from upstander.values.canonical import canonical_json
from upstander.values.durable import locked, write_whole
from upstander.values.tokens import key_id
from upstander.vault.custodians import ShareSet, combine
from upstander.vault.errors import KeyChanged, NoKey, UnsafeKey, WrongKey

KEY_VARIABLE = "UPSTANDER_KEY_FILE"
SHARES_VARIABLE = "UPSTANDER_KEY_SHARES"
PASSPHRASE_VARIABLE = "UPSTANDER_PASSPHRASE"  # noqa: S105 - the name of a variable
Record = dict[str, object]
_KEY_BYTES = 32
_LEAST_PASSPHRASE = 12
# OWASP Password Storage Cheat Sheet: scrypt with N = 2^17, r = 8, p = 1, which asks for 128 MiB.
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**17, 8, 1


@dataclass(frozen=True)
class MasterKey:
    """The key every other key of a home is made from. `id` may be shown; `secret` never is.

    `former` is the key before it, as long as something may still be sealed with that.
    """

    secret: bytes = field(repr=False)
    id: str
    former: "MasterKey | None" = field(default=None, repr=False)

    @property
    def known(self) -> "tuple[MasterKey, ...]":
        """Every key that may open something of the home, the one that seals first."""
        return (self, self.former) if self.former else (self,)

    @classmethod
    def of(cls, secret: bytes) -> "MasterKey":
        """The key made of these 32 bytes."""
        return cls(secret, key_id(secret))


def master_key(
    home: Path, *, create: bool, environ: Mapping[str, str], passphrase: str | None = None, setting: Path | None = None,
    shares: Sequence[str] = (),
) -> MasterKey:  # fmt: skip
    """The master key of a home: from custodians' shares, from a passphrase if one is given, else from its key file.

    Shares are those given, else those in the files that UPSTANDER_KEY_SHARES in `environ` names, one share a file.
    The passphrase is the one given, else UPSTANDER_PASSPHRASE in `environ`.

    The key file is named by UPSTANDER_KEY_FILE in `environ`, else by `setting` (the home's settings), else it is `key`
    in the user's configuration folder. `create` makes a key for a home that has never had one.
    Raises NoKey, UnsafeKey (inside the home, or readable by others), WrongKey (another key made this home).
    """
    if kept_by(home) == "custodians":
        return _with_former(home, _from_shares(home, shares or shares_in_files(home, environ)))
    given = passphrase or environ.get(PASSPHRASE_VARIABLE)
    if given is not None:
        with locked(_lock(home)):
            return _with_former(home, _from_passphrase(home, given, create=create))
    if kept_by(home) == "passphrase":
        raise NoKey(
            f"The home {home} opens with a passphrase, and none was given.",
            where=str(home), expected=f"the passphrase in {PASSPHRASE_VARIABLE}",
        )  # fmt: skip
    path = key_file(environ, setting)
    refuse_inside(home, path)
    if not create:
        return _checked(home, key_in_file(path))
    with locked(_lock(home)):
        return _created(home, path)


def key_file(environ: Mapping[str, str], setting: Path | None = None) -> Path:
    """Where the key file is looked for."""
    if named := environ.get(KEY_VARIABLE):
        return Path(named).absolute()
    return setting or user_config_path("upstander", appauthor=False) / "key"


def kept_by(home: Path) -> str:
    """How the home's key is kept: file, passphrase or custodians; empty for a home that has none yet."""
    return str(key_record(home).get("from", ""))


def is_being_changed(home: Path, key: MasterKey) -> bool:
    """Whether a change of the home's key was begun and not finished."""
    return key.former is not None or "former" in key_record(home)


def refuse_stale(home: Path, key: MasterKey) -> None:
    """Raises KeyChanged where the home's key was changed after this one was read: what it sealed nobody could open.

    Whoever seals asks this under the home's lock.
    """
    if key_record(home).get("key_id", key.id) not in {one.id for one in key.known}:
        raise KeyChanged(
            "The home's key was changed meanwhile. Nothing was stored; run this again.",
            where=str(home), found=key.id, expected=str(key_record(home).get("key_id")),
        )  # fmt: skip


def shares_in_files(home: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The custodians' shares in the files that UPSTANDER_KEY_SHARES names, one share a file."""
    named = [Path(name).absolute() for name in environ.get(SHARES_VARIABLE, "").split(os.pathsep) if name]
    for path in named:
        refuse_inside(home, path)
        if not path.is_file():
            raise NoKey(f"There is no share at {path}.", where=str(path), expected="a custodian's file")
        _refuse_readable_by_others(path)
    return tuple(path.read_text("utf-8") for path in named)


def shares_needed(home: Path) -> int:
    """How many custodians have to come together; 0 where the key is not with custodians."""
    return share_set(key_record(home)).need if kept_by(home) == "custodians" else 0


def share_set(record: Record) -> ShareSet:
    """Which shares open a home whose key custodians hold."""
    need, of = int(str(record["need"])), int(str(record["of"]))
    return ShareSet(str(record["home"]), str(record["shares"]), need, of)


def _from_shares(home: Path, shares: Sequence[str]) -> MasterKey:
    return _checked(home, MasterKey.of(combine(shares, share_set(key_record(home)))))


def _with_former(home: Path, key: MasterKey) -> MasterKey:
    """The key with the one before it, which lies in the vault under it until the change is finished."""
    from upstander.vault import sealed

    path = former_path(home)
    if "former" not in key_record(home) or not path.is_file():
        return key
    with sealed.open(path, sealed.unwrap(path, key)) as source:
        return replace(key, former=MasterKey.of(source.read()))


def _created(home: Path, path: Path) -> MasterKey:
    if not path.exists():
        if key_record(home):
            key_in_file(path)  # says that the key is missing; a new one would not open what is here
        write_key_file(path, new_key())
    key = _checked(home, key_in_file(path))
    if not key_record(home):
        remember_key(home, {"key_id": key.id, "from": "file"})
    return key


def key_in_file(path: Path) -> MasterKey:
    """The key in a key file, with the former one if it holds two. Raises NoKey, or UnsafeKey if others may read it."""
    if not path.is_file():
        raise NoKey(
            f"There is no key at {path}. Nothing was read or stored.",
            where=str(path), expected=f"the home's key file; {KEY_VARIABLE} says where it is",
        )  # fmt: skip
    _refuse_readable_by_others(path)
    try:
        secrets_held = [bytes.fromhex(line) for line in path.read_text("ascii").split()]
    except ValueError:
        secrets_held = []
    if {len(secret) for secret in secrets_held} != {_KEY_BYTES} or len(secrets_held) > 2:
        raise NoKey(f"{path} does not hold a key.", where=str(path), expected="64 hexadecimal digits")
    newest, *former = map(MasterKey.of, secrets_held)
    return replace(newest, former=former[0] if former else None)


def write_key_file(path: Path, key: MasterKey) -> None:
    """Write the key, and the former one below it where there is one. What a killed run left half written goes."""
    write_whole(path, "".join(f"{one.secret.hex()}\n" for one in key.known).encode(), mode=0o600)
    for left in path.parent.glob(f".{path.name}.*.tmp"):
        left.unlink(missing_ok=True)


def _from_passphrase(home: Path, passphrase: str, *, create: bool) -> MasterKey:
    record = key_record(home)
    if not record:
        if not create:
            raise NoKey(
                f"The home {home} has no key yet.", where=str(home), expected="a home made with this passphrase"
            )
        return _first_passphrase(home, passphrase)
    if record["from"] != "passphrase":
        raise WrongUsage(
            f"The key of {home} is a file, not a passphrase.", where=str(home), expected="no passphrase, or a new home"
        )
    return _checked(home, _stretched(passphrase, bytes.fromhex(str(record["salt"]))))


def _first_passphrase(home: Path, passphrase: str) -> MasterKey:
    key, salt = stretched_anew(passphrase)
    remember_key(home, {"key_id": key.id, "from": "passphrase", "salt": salt.hex()})
    return key


def new_key() -> MasterKey:
    """A key that never was before."""
    return MasterKey.of(secrets.token_bytes(_KEY_BYTES))


def stretched_anew(passphrase: str) -> tuple[MasterKey, bytes]:
    """The key of a passphrase that is used for the first time, and its salt. Raises WrongUsage for a short one."""
    if len(passphrase) < _LEAST_PASSPHRASE:
        raise WrongUsage(
            f"A passphrase has at least {_LEAST_PASSPHRASE} characters.", expected="four unrelated words, for example"
        )
    salt = secrets.token_bytes(16)
    return _stretched(passphrase, salt), salt


def _stretched(passphrase: str, salt: bytes) -> MasterKey:
    room = 256 * _SCRYPT_N * _SCRYPT_R
    secret = hashlib.scrypt(
        passphrase.encode(), salt=salt, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P, maxmem=room, dklen=_KEY_BYTES
    )
    return MasterKey.of(secret)


def _record_path(home: Path) -> Path:
    return home / "vault" / "key.json"


def former_path(home: Path) -> Path:
    """Where the former key of a passphrase or of custodians lies, sealed under the new one, while it is changed."""
    return home / "vault" / "former.sealed"


def _lock(home: Path) -> Path:
    return home / "locks" / "key"


def key_record(home: Path) -> Record:
    """What the home remembers of its key: the id, and a passphrase's salt. Empty for a new home. Never the key."""
    path = _record_path(home)
    return dict(json.loads(path.read_bytes())) if path.is_file() else {}


def remember_key(home: Path, record: Record) -> None:
    """Write down how the home's key is kept, by one rename."""
    write_whole(_record_path(home), canonical_json(record) + b"\n")


def _checked(home: Path, key: MasterKey) -> MasterKey:
    wanted = key_record(home).get("key_id", key.id)
    if wanted not in {one.id for one in key.known}:
        raise WrongKey(
            f"This is key {key.id}, but what lies in {home} was sealed with key {wanted}.",
            where=str(home), found=key.id, expected=str(wanted), state="Nothing was read or stored.",
        )  # fmt: skip
    return key


def refuse_inside(home: Path, path: Path) -> None:
    """Raises UnsafeKey for a key or share inside the home."""
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
