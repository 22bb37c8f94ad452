"""The vault of one home: `vault/raw/<sha256>.sealed` and `vault/<kind>/<name>.sealed`."""

import hashlib
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from upstander.errors import UpstanderError
from upstander.values.durable import make_folder, publish
from upstander.vault import sealed
from upstander.vault.keys import MasterKey, refuse_stale

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")


@dataclass(frozen=True)
class Kept:
    """Raw bytes in the vault. `is_new` is false where the same bytes were held already, and nothing changed."""

    sha256: str
    size: int
    is_new: bool


class Vault:
    """Sealed files of one home. Whoever writes holds the home's lock."""

    def __init__(self, home: Path, master: MasterKey) -> None:
        self._home, self._folder = home, home / "vault"
        self._master = master

    def keep(self, source: Path | BinaryIO) -> Kept:
        """Keep raw bytes before anyone parses them, in one pass. They are on the disk when this returns.

        A killed run leaves a temporary file at most; the same call again finishes.
        """
        if isinstance(source, Path):
            with source.open("rb") as file:
                return self._keep(file)
        return self._keep(source)

    def _keep(self, source: BinaryIO) -> Kept:
        refuse_stale(self._home, self._master)
        folder = self._folder / "raw"
        make_folder(folder)
        temporary = sealed.temporary_beside(folder / "delivery")
        try:
            sha256, size = _seal_and_hash(source, temporary, self._master)
            is_new = not self.has(sha256)
            if is_new:
                publish(temporary, self.raw(sha256))
        finally:
            temporary.unlink(missing_ok=True)
        return Kept(sha256, size, is_new)

    def raw(self, sha256: str) -> Path:
        """Where the bytes with this SHA-256 lie, or would lie."""
        return self.path("raw", sha256)

    def has(self, sha256: str) -> bool:
        """Whether bytes with this SHA-256 are held."""
        return self.raw(sha256).is_file()

    def data_key(self, sha256: str) -> bytes:
        """The key that opens these raw bytes and nothing else, for the process that parses them."""
        return sealed.unwrap(self.raw(sha256), self._master)

    def open_raw(self, sha256: str) -> BinaryIO:
        """The raw bytes with this SHA-256."""
        return sealed.open(self.raw(sha256), self.data_key(sha256))

    def writer(self, kind: str, name: str) -> AbstractContextManager[BinaryIO]:
        """A place to write plain bytes that are sealed as `kind`/`name`; whole after the `with`, or absent."""
        refuse_stale(self._home, self._master)
        return sealed.writer(self.path(kind, name), self._master)

    def seal(self, kind: str, name: str, content: bytes) -> None:
        """Seal these bytes as `kind`/`name`."""
        with self.writer(kind, name) as sink:
            sink.write(content)

    def holds(self, kind: str, name: str) -> bool:
        """Whether there is a `kind`/`name`."""
        return self.path(kind, name).is_file()

    def names(self, kind: str) -> tuple[str, ...]:
        """What there is of a kind."""
        return tuple(sorted(path.name.removesuffix(".sealed") for path in (self._folder / kind).glob("*.sealed")))

    def open_sealed(self, kind: str, name: str) -> BinaryIO:
        """The plain bytes of `kind`/`name`."""
        path = self.path(kind, name)
        return sealed.open(path, sealed.unwrap(path, self._master))

    def files(self) -> tuple[Path, ...]:
        """Every sealed file of the home, held readings among them: what a change of the home's key wraps anew."""
        return tuple(sorted(self._home.rglob("*.sealed")))

    def destroy(self, kind: str, name: str) -> None:
        """Destroy `kind`/`name` for good; see `sealed.destroy`. Nothing to do where it is gone already."""
        sealed.destroy(self.path(kind, name))

    def rewrite(self, kind: str, name: str, write: Callable[[BinaryIO], bool]) -> bool:
        """Seal `kind`/`name` anew with what `write` writes, if it says that something changed; see sealed.rewrite."""
        refuse_stale(self._home, self._master)
        return sealed.rewrite(self.path(kind, name), self._master, write)

    def put_anew(self, kind: str, name: str, content: bytes) -> None:
        """Seal `kind`/`name` anew with these bytes; what it held before is destroyed."""
        refuse_stale(self._home, self._master)
        sealed.put_anew(self.path(kind, name), self._master, content)

    def tidy(self) -> tuple[str, ...]:
        """Remove what killed runs left unfinished; their names. Call it under the home's lock, when nobody writes."""
        leftovers = sorted(self._folder.rglob(".*.tmp"))
        for path in leftovers:
            path.unlink()
        return tuple(path.name for path in leftovers)

    def path(self, kind: str, name: str) -> Path:
        """Where `kind`/`name` lies, or would lie."""
        for word in (kind, name):
            if not _NAME.fullmatch(word):
                raise UpstanderError(f"'{word}' cannot name a sealed file.", found=word, expected=_NAME.pattern)
        return self._folder / kind / f"{name}.sealed"


def _seal_and_hash(source: BinaryIO, target: Path, master: MasterKey) -> tuple[str, int]:
    digest = hashlib.sha256()
    with target.open("xb") as file:
        sink = sealed.SealedWriter(file, master)
        while content := source.read(sealed.CHUNK):
            digest.update(content)
            sink.write(content)
        sink.finish()
        return digest.hexdigest(), sink.tell()
