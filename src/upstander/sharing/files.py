"""Agreements as files: `agreements/<name>.v<version>.toml`, with a signature and, one day, an end record beside it."""

import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from upstander.errors import WrongUsage
from upstander.sharing.agreement import Agreement, End, Signature
from upstander.sharing.errors import BadAgreement
from upstander.sharing.terms import Terms, canonical_terms, read_terms
from upstander.values.canonical import canonical_json
from upstander.values.durable import locked, write_whole

_FILE_NAME = re.compile(r"(?P<name>[a-z0-9][a-z0-9_-]*)\.v(?P<version>[1-9]\d*)\.toml")
_SIGNATURE, _END = TypeAdapter(Signature), TypeAdapter(End)
_Record = TypeVar("_Record", Signature, End)


class FileAgreements:
    """The agreements of one home."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "agreements"
        self._lock = home / "locks" / "agreements"

    def all(self) -> tuple[Agreement, ...]:
        """Every version of every agreement, with what is wrong with it."""
        found = sorted(self._folder.glob("*.toml"))
        return tuple(sorted((_agreement(path) for path in found), key=lambda one: (one.name, one.version)))

    def agreements(self, at: datetime) -> tuple[Agreement, ...]:
        """For each name the version that governs at `at`, and every one with a fault.

        The highest version signed by then governs alone: an ended or altered one does not bring the one before back.
        """
        every = self.all()
        governing = {one.name: one for one in every if self._was_signed(one, at)}
        return tuple(one for one in every if one is governing.get(one.name) or one.fault)

    def sign(self, content: bytes, *, person: str, at: datetime) -> Agreement:
        """Put a version in force: its canonical bytes are kept, and a signature with their hash beside them.

        Signing the same terms again changes nothing. Raises BadAgreement for terms that cannot be accepted or that
        differ from what was signed under the same version.
        """
        terms = read_terms(content)
        kept = canonical_terms(terms)
        path = self._path(terms.name, terms.version)
        sha256 = hashlib.sha256(kept).hexdigest()
        with locked(self._lock):
            if not _signature_path(path).is_file():
                write_whole(path, kept)
                _write(_signature_path(path), Signature(terms.name, terms.version, sha256, person, at))
            signed = _agreement(path)
        if signed.fault or signed.signature is None or signed.signature.sha256 != sha256:
            raise BadAgreement(
                f"Version {terms.version} of {terms.name} is signed with other terms. Nothing was changed.",
                where=path.name, expected=f"version {terms.version + 1}",
            )  # fmt: skip
        return signed

    def end(self, name: str, *, person: str, at: datetime, why: str) -> Agreement:
        """End the version that governs, from `at` on. A second end changes nothing. Raises WrongUsage if none is."""
        with locked(self._lock):
            signed = [one for one in self.all() if one.name == name and self._was_signed(one, at)]
            governing = signed[-1] if signed else None
            if governing is None or governing.signature is None:
                raise WrongUsage(f"No agreement {name} is signed.", found=name, expected="a name that `list` shows")
            path = self._path(name, governing.version)
            if not _end_path(path).is_file():
                sha256 = governing.signature.sha256
                _write(_end_path(path), End(name, governing.version, sha256, person, at, why))
            return _agreement(path)

    def _was_signed(self, one: Agreement, at: datetime) -> bool:
        if one.signature is None:  # a signature that cannot be read was one all the same
            return one.version > 0 and _signature_path(self._path(one.name, one.version)).is_file()
        return one.signature.at <= at

    def _path(self, name: str, version: int) -> Path:
        return self._folder / f"{name}.v{version}.toml"


def _agreement(path: Path) -> Agreement:
    named = _FILE_NAME.fullmatch(path.name)
    if named is None:
        fault = f"The file {path.name} is not called <name>.v<version>.toml, so it grants nothing."
        return Agreement(path.name, 0, None, None, fault=fault)
    name, version = named["name"], int(named["version"])
    content = path.read_bytes()
    signature, end, terms = None, None, None
    try:
        signature = _read(_SIGNATURE, _signature_path(path))
        terms = read_terms(content)
        end = _read(_END, _end_path(path))
    except BadAgreement as why:
        return Agreement(name, version, terms, signature, fault=f"The agreement {path.name} grants nothing: {why}")
    fault = _fault(path.name, content, terms, signature, end)
    return Agreement(name, version, terms, signature, end, fault)


def _fault(file_name: str, content: bytes, terms: Terms, signature: Signature | None, end: End | None) -> str:
    """What keeps an agreement from granting anything; empty if nothing does."""
    if signature is None:
        return f"The agreement {file_name} is not signed, so it grants nothing."
    sha256 = hashlib.sha256(content).hexdigest()
    records: list[Signature | End] = [signature] if end is None else [signature, end]
    if any(record.sha256 != sha256 for record in records):
        return f"The agreement {file_name} was altered after it was signed, so it grants nothing."
    if any((record.agreement, record.version) != (terms.name, terms.version) for record in records):
        return f"The agreement {file_name} bears the signature of another one, so it grants nothing."
    if file_name != f"{terms.name}.v{terms.version}.toml":
        return f"The agreement {file_name} calls itself {terms.name}, version {terms.version}, so it grants nothing."
    return ""


def _signature_path(path: Path) -> Path:
    return path.with_suffix(".signature.json")


def _end_path(path: Path) -> Path:
    return path.with_suffix(".end.json")


def _write(path: Path, record: Signature | End) -> None:
    plain = TypeAdapter(type(record)).dump_python(record, mode="json")
    seal = hashlib.sha256(canonical_json(plain)).hexdigest()
    write_whole(path, canonical_json({"record": plain, "sha256": seal}) + b"\n")


def _read(shape: "TypeAdapter[_Record]", path: Path) -> _Record | None:
    """A record that vouches for itself; None where there is none. Raises BadAgreement if it was altered."""
    if not path.is_file():
        return None
    content = path.read_bytes()
    try:
        record = shape.validate_json(_inner(content))
    except (ValidationError, ValueError) as why:
        raise BadAgreement(f"{path.name} cannot be read.", where=path.name) from why
    plain = shape.dump_python(record, mode="json")
    seal = hashlib.sha256(canonical_json(plain)).hexdigest()
    if canonical_json({"record": plain, "sha256": seal}) + b"\n" != content:
        raise BadAgreement(f"{path.name} was altered.", where=path.name)
    return record


def _inner(content: bytes) -> bytes:
    head, tail = b'{"record":', b',"sha256":"'
    if not content.startswith(head) or tail not in content:
        raise ValueError("not a signed record")
    return content[len(head) : content.rindex(tail)]
