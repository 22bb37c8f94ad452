"""Files that come with a form: sealed as they come in where people's data is sent, thrown away where nobody asked."""

import secrets
from contextlib import AbstractContextManager
from typing import Any, BinaryIO

from django.core.files.uploadhandler import FileUploadHandler, MemoryFileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest

from upstander.pipeline.desk import Desk
from upstander.pipeline.uploads import discard_upload, receiving

_MILLION = 1_000_000
_AROUND_THE_FILE = 64 * 1024  # what a form has beside its file


class Discard(FileUploadHandler):
    """For pages that take no file."""

    def new_file(self, *_: Any, **__: Any) -> None:
        """Nobody asked for it."""
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Never called: the file is skipped."""

    def file_complete(self, file_size: int) -> None:
        """There is no file."""


class Sealing(FileUploadHandler):
    """Seals the first file of a form in the vault while it comes in, under an id of its own.

    `upload` is that id once the file is there whole, and `size` its bytes; empty where no file came. `is_too_large`
    says why there is none. Whoever made this calls `give_up` at the end, unless the file was taken on.
    """

    def __init__(self, desk: Desk, field: str, most_mb: int) -> None:
        super().__init__()
        self._desk, self._field, self._most = desk, field, most_mb * _MILLION
        self._writing: AbstractContextManager[BinaryIO] | None = None
        self._sink: BinaryIO | None = None
        self._id = secrets.token_hex(10)
        self.upload, self.size, self.is_too_large = "", 0, False

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, *_: Any, **__: Any  # noqa: ARG002, N803
    ) -> None:  # fmt: skip
        """Refuse at once what says itself that it is too large."""
        self.is_too_large = content_length > self._most + _AROUND_THE_FILE

    def new_file(self, field_name: str, file_name: str, *_: Any, **__: Any) -> None:
        """A file begins. Only the one that was asked for is taken, and only the last part of its name."""
        if self.is_too_large:
            raise StopUpload(connection_reset=False)
        if field_name != self._field or self._writing is not None:
            raise SkipFile
        self._writing = receiving(self._desk, self._id, _plain(file_name))
        self._sink = self._writing.__enter__()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django's signature
        """More of it."""
        self.size += len(raw_data)
        if self.size > self._most:
            self.is_too_large = True
            raise StopUpload(connection_reset=False)
        if self._sink is not None:
            self._sink.write(raw_data)

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - Django's signature
        """It is there whole; on the disk, sealed, when this returns. Django gets no file."""
        if self._writing is not None and self._sink is not None:
            self._sink = None
            self._writing.__exit__(None, None, None)
            self.upload = self._id

    def taken(self) -> str:
        """The id, once somebody answers for the file from here on."""
        taken, self.upload = self.upload, ""
        return taken

    def give_up(self) -> None:
        """Leave nothing: neither a half of a file whose connection was cut, nor a whole one that nobody took on."""
        if self._writing is not None and self._sink is not None:
            self._sink = None
            self._writing.__exit__(ConnectionError, ConnectionError(), None)
        if self.upload:
            discard_upload(self._desk, self.upload)
            self.upload = ""


def sealing(request: HttpRequest, desk: Desk, field: str, most_mb: int) -> Sealing:
    """Let this request's file be sealed. Before anything has read the form."""
    made = Sealing(desk, field, most_mb)
    request.upload_handlers = [made]
    return made


def in_memory(request: HttpRequest) -> None:
    """Let this request's file be held in memory: a small text that is about no person. Before anything has read the
    form; what is larger than FILE_UPLOAD_MAX_MEMORY_SIZE is thrown away.
    """
    request.upload_handlers = [MemoryFileUploadHandler(request)]


def _plain(name: str) -> str:
    """The last part of a name, without what no file name holds."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:200].strip() or "a file without a name"
