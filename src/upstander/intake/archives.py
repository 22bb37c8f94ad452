"""A ZIP archive opened with care: nothing is unpacked before its directory says that it is safe and small enough.

Every limit is checked against what the directory claims, and again while the bytes come, since a directory may lie.
"""

import io
import stat
import zipfile
import zlib
from itertools import pairwise

from upstander.contracts.readings import Outcome
from upstander.intake.errors import FileStopped

MAGIC = b"PK\x03\x04"
MOST_UNPACKED = 200_000_000
_MOST_MEMBERS = 2_000
_LOCAL_HEADER = 30
_ENCRYPTED = 0x1
_ARCHIVES = (".zip", ".gz", ".7z", ".rar", ".tar", ".bz2", ".xz", ".jar")
_TEXTS = (".csv", ".txt", ".tsv")
_AGAIN = "Please send the rows as CSV or as a plain XLSX workbook."


class Archive:
    """One archive in memory whose directory was found to be safe. Raises FileStopped, also while reading."""

    def __init__(self, content: bytes) -> None:
        self._size = len(content)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            self._members = {one.filename: one for one in self._zip.infolist()}
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as why:
            raise _damaged() from why
        self._refuse_unsafe()

    @property
    def names(self) -> tuple[str, ...]:
        """Its members, in the order of its directory."""
        return tuple(self._members)

    @property
    def only_text(self) -> str | None:
        """The name of its one file, where that is a text of rows; None for anything else, a workbook among them."""
        files = [name for name in self._members if not name.endswith("/")]
        return files[0] if len(files) == 1 and files[0].lower().endswith(_TEXTS) else None

    def read(self, name: str) -> bytes:
        """One member, unpacked whole; its name and its checksum are compared."""
        if name not in self._members:
            raise _damaged()
        member = self._members[name]
        try:
            with self._zip.open(member) as file:
                content = file.read(member.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as why:
            raise _damaged() from why
        if len(content) != member.file_size:
            raise _damaged()
        return content

    def _refuse_unsafe(self) -> None:
        members = self._zip.infolist()
        for member in members:
            if why := _unsafe(member):
                raise _refused(why)
        if len(members) > _MOST_MEMBERS or len(self._members) < len(members) or _overlap(members):
            raise _refused("its entries overlap, or there are too many of them; honest archives are not like that")
        claimed = sum(member.file_size for member in members)
        if claimed > MOST_UNPACKED:
            raise FileStopped(
                Outcome.REFUSE,
                f"Refused. The {_mb(self._size)} MB file expands to {_mb(claimed)} MB; the limit is "
                f"{_mb(MOST_UNPACKED)} MB. It was not opened. Please send it in smaller parts.",
                rule="expands to too much",
            )


def _unsafe(member: zipfile.ZipInfo) -> str:
    name = member.filename.replace("\\", "/")
    if name.startswith("/") or ":" in name or ".." in name.split("/"):
        return "an entry has a path that leads out of it"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "an entry is a link to another file"
    if name.lower().endswith(_ARCHIVES):
        return "there is another archive inside"
    return "it is locked with a password" if member.flag_bits & _ENCRYPTED else ""


def _overlap(members: list[zipfile.ZipInfo]) -> bool:
    """Whether the bytes of one entry begin before those of the one before it have ended."""
    spans = sorted(
        (m.header_offset, m.header_offset + _LOCAL_HEADER + len(m.filename) + m.compress_size) for m in members
    )
    return any(after[0] < before[1] for before, after in pairwise(spans))


def _refused(why: str) -> FileStopped:
    return FileStopped(
        Outcome.REFUSE, f"Refused: this is an archive, and {why}. It was not opened. {_AGAIN}", rule="archive"
    )


def _damaged() -> FileStopped:
    return FileStopped(
        Outcome.FILEQ,
        "Nothing was loaded: the workbook or archive is damaged or was cut short. Please save and send it again.",
        rule="damaged archive",
    )


def _mb(size: int) -> str:
    return f"{round(size / 1_000_000):,}"
