"""Files in one ZIP archive whose bytes depend on their names and contents only."""

import io
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX, _MODE = 3, 0o644 << 16


def zipped(files: Mapping[str, bytes], *, stored: frozenset[str] = frozenset()) -> bytes:
    """The archive, in the order given. What is `stored` is not compressed, as the first part of an ODS must not be."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = _UNIX, _MODE
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return made.getvalue()
