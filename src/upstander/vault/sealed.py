"""One sealed file: AES-256-GCM in chunks of 1 MiB, under a data key of its own, wrapped by the home's key.

    magic and version (9) | chunk size (4) | key id (6) | nonce of the wrap (12) | wrapped data key (48) | chunks

The chunks follow the STREAM construction: the nonce of each is its number and whether it is the last, so that a cut,
a swap, a repeat or a join of two files is noticed by the reader. The data key never seals a second file.
Source: Hoang, Reyhanitabar, Rogaway and Vizár, Online authenticated-encryption and its nonce-reuse
misuse-resistance (CRYPTO 2015), section 7; NIST SP 800-38D for GCM.
"""

import contextlib
import hashlib
import io
import os
import secrets
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from upstander.values.durable import make_folder, publish, sync_folder, write_whole
from upstander.values.tokens import derived_key
from upstander.vault.errors import BrokenSeal, WrongKey
from upstander.vault.keys import MasterKey

CHUNK = 1 << 20
_MAGIC = b"UPSEALED\x01"
_LAYOUT = struct.Struct(">9sI6s12s48s")
_TAG = 16


@dataclass(frozen=True)
class _Header:
    chunk: int
    key_id: str
    nonce: bytes
    wrapped: bytes

    @property
    def bound(self) -> bytes:
        """The part that every chunk vouches for. The wrap is left out, so that a key can be rotated in place."""
        return _MAGIC + self.chunk.to_bytes(4, "big")

    def packed(self) -> bytes:
        return _LAYOUT.pack(_MAGIC, self.chunk, self.key_id.encode(), self.nonce, self.wrapped)


class SealedWriter(io.RawIOBase):
    """Seals what is written to it. Only `finish` makes the result readable: a file without it counts as cut short."""

    def __init__(self, file: BinaryIO, master: MasterKey) -> None:
        data_key = secrets.token_bytes(32)
        header = _wrapped(data_key, CHUNK, master)
        self._file, self._cipher, self._bound = file, AESGCM(data_key), header.bound
        self._waiting, self._filled = bytearray(CHUNK), 0
        self._number, self._written = 0, 0
        file.write(header.packed())

    def writable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """How many plain bytes were written."""
        return self._written

    def write(self, content: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        """Take more plain bytes. The last chunk is held back until more come or `finish` is called."""
        left = memoryview(content).cast("B")
        size = len(left)
        self._written += size
        while left:
            if self._filled == CHUNK:
                self._seal(self._waiting, is_last=False)
                self._filled = 0
            taken = min(CHUNK - self._filled, len(left))
            self._waiting[self._filled : self._filled + taken] = left[:taken]
            self._filled += taken
            left = left[taken:]
        return size

    def finish(self) -> None:
        """Seal the last chunk and force everything to the disk."""
        self._seal(memoryview(self._waiting)[: self._filled], is_last=True)
        self._file.flush()
        os.fsync(self._file.fileno())

    def _seal(self, plain: "bytearray | memoryview", *, is_last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, is_last=is_last), plain, self._bound))
        self._number += 1


class _SealedReader(io.RawIOBase):
    """Plain bytes of a sealed file, front to back. Raises BrokenSeal where they are not what was written."""

    def __init__(self, file: BinaryIO, path: Path, data_key: bytes) -> None:
        header = _header(file, path)
        self._file, self._path, self._cipher = file, path, AESGCM(data_key)
        self._bound, self._size = header.bound, header.chunk + _TAG
        self._next = file.read(self._size)
        self._number, self._plain, self._is_done = 0, memoryview(b""), False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._plain and not self._is_done:
            self._plain = memoryview(self._opened())
        taken = min(len(buffer), len(self._plain))
        buffer[:taken] = self._plain[:taken]
        self._plain = self._plain[taken:]
        return taken

    def close(self) -> None:
        self._file.close()
        super().close()

    def _opened(self) -> bytes:
        sealed, self._next = self._next, self._file.read(self._size)
        self._is_done = not self._next
        nonce = _nonce(self._number, is_last=self._is_done)
        self._number += 1
        try:
            return self._cipher.decrypt(nonce, sealed, self._bound)
        except InvalidTag as why:
            raise BrokenSeal(
                f"{self._path.name} is not what was sealed: chunk {self._number} was altered, moved or cut short.",
                where=str(self._path), expected="the file from a backup", state="What came before that chunk is sound.",
            ) from why  # fmt: skip


@contextlib.contextmanager
def writer(path: Path, master: MasterKey) -> Iterator[BinaryIO]:
    """A place to write plain bytes that are sealed at `path`: there whole after the `with`, or not at all."""
    make_folder(path.parent)
    temporary = temporary_beside(path)
    try:
        with temporary.open("xb") as file:
            sink = SealedWriter(file, master)
            yield cast("BinaryIO", sink)
            sink.finish()
        publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write(source: BinaryIO, path: Path, master: MasterKey) -> int:
    """Seal everything that `source` still has at `path`; how many plain bytes that was."""
    size = 0
    with writer(path, master) as sink:
        while content := source.read(CHUNK):
            size += sink.write(content)
    return size


def unwrap(path: Path, master: MasterKey) -> bytes:
    """The data key of one sealed file: all that another process needs to read that file and no other.

    Raises WrongKey, or BrokenSeal where the file is no sealed one or its wrap was altered.
    """
    header = _header_in_force(path)
    key = next((one for one in master.known if one.id == header.key_id), None)
    if key is None:
        raise WrongKey(
            f"{path.name} was sealed with key {header.key_id}; this is key {master.id}.",
            where=str(path), found=master.id, expected=header.key_id,
        )  # fmt: skip
    try:
        return _wrapping(key).decrypt(header.nonce, header.wrapped, header.key_id.encode())
    except InvalidTag as why:
        raise BrokenSeal(
            f"The key of {path.name} was altered.", where=str(path), expected="the file from a backup"
        ) from why


def key_id(path: Path) -> str:
    """Which of the home's keys a file is sealed with."""
    return _header_in_force(path).key_id


def rewrap(path: Path, master: MasterKey) -> bool:
    """Wrap a file's data key under the newest of the home's keys, in place; whether there was anything to do.

    The chunks are not touched. The new header lies in a journal beside the file before the old one is overwritten, and
    counts from then on: a run killed anywhere leaves a file that opens, and the same call again finishes.
    """
    journal = _journal(path)
    if key_id(path) != master.id:
        write_whole(journal, _wrapped(unwrap(path, master), _header_in_force(path).chunk, master).packed())
    if not journal.is_file():
        return False
    with path.open("rb+") as file:
        file.write(journal.read_bytes())
        file.flush()
        os.fsync(file.fileno())
    journal.unlink()
    sync_folder(path.parent)
    return True


def destroy(path: Path) -> None:
    """Destroy a sealed file for good: the wrapped key is overwritten and synced, then the file goes.

    Without its data key nobody opens a copy of the chunks that a disk or a snapshot may still hold.
    """
    if path.is_file():
        with path.open("rb+") as file:
            file.write(bytes(_LAYOUT.size))
            file.flush()
            os.fsync(file.fileno())
    _journal(path).unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    if path.parent.is_dir():
        sync_folder(path.parent)


def replace(path: Path, temporary: Path) -> None:
    """Put a finished sealed file in the place of another, and destroy that one as `destroy` does.

    There is a whole file under that name at every moment.
    """
    with path.open("rb+") as old:
        publish(temporary, path)
        old.write(bytes(_LAYOUT.size))  # the file that lost its name, held by this handle alone
        old.flush()
        os.fsync(old.fileno())


def rewrite(path: Path, master: MasterKey, write: Callable[[BinaryIO], bool]) -> bool:
    """Seal anew what `write` writes, in the place of a sealed file; nothing changes where it answers False."""
    temporary = temporary_beside(path)
    try:
        with temporary.open("xb") as file:
            sink = SealedWriter(file, master)
            is_changed = write(cast("BinaryIO", sink))
            sink.finish()
        if is_changed:
            replace(path, temporary)
        return is_changed
    finally:
        temporary.unlink(missing_ok=True)


def put_anew(path: Path, master: MasterKey, content: bytes) -> None:
    """Seal these bytes in the place of a sealed file, whose own are destroyed."""
    rewrite(path, master, lambda sink: sink.write(content) >= 0)


def content_hash(path: Path) -> str:
    """SHA-256 of what a copy of a file has in common with it: of a sealed one the chunks, since wraps differ."""
    with path.open("rb") as file:
        if not file.read(_LAYOUT.size).startswith(_MAGIC[:-1]):
            file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


def open(path: Path, data_key: bytes) -> BinaryIO:  # noqa: A001 - `sealed.open` reads as what it does
    """The plain bytes of a sealed file, to be read once from front to back; memory stays at a few chunks."""
    file = path.open("rb")
    try:
        return io.BufferedReader(_SealedReader(file, path, data_key), buffer_size=CHUNK)
    except BaseException:
        file.close()
        raise


def temporary_beside(path: Path) -> Path:
    """A name for an unfinished file, which `Vault.tidy` knows to remove."""
    return path.parent / f".{path.name}.{secrets.token_hex(6)}.tmp"


def _journal(path: Path) -> Path:
    """Where the header lies that a change of key is about to write into the file."""
    return path.with_name(f".{path.name}.header")


def _header_in_force(path: Path) -> _Header:
    """The header in the journal, which is whole whenever it is there; else the file's own."""
    with contextlib.suppress(FileNotFoundError), _journal(path).open("rb") as journal:
        return _header(journal, path)
    with path.open("rb") as file:
        return _header(file, path)


def _wrapped(data_key: bytes, chunk: int, master: MasterKey) -> _Header:
    nonce = secrets.token_bytes(12)
    return _Header(chunk, master.id, nonce, _wrapping(master).encrypt(nonce, data_key, master.id.encode()))


def _header(file: BinaryIO, path: Path) -> _Header:
    packed = file.read(_LAYOUT.size)
    if len(packed) != _LAYOUT.size or not packed.startswith(_MAGIC):
        raise BrokenSeal(
            f"{path.name} is not a sealed file, or not of this version.",
            where=str(path),
            expected="a file of the vault",
        )
    _, chunk, key_id, nonce, wrapped = _LAYOUT.unpack(packed)
    if not 0 < chunk <= CHUNK:
        raise BrokenSeal(f"The header of {path.name} was altered.", where=str(path), expected="the file from a backup")
    return _Header(chunk, key_id.decode("ascii", "replace"), nonce, wrapped)


def _wrapping(master: MasterKey) -> AESGCM:
    return AESGCM(derived_key(master.secret, "vault", "wrap", "1"))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
