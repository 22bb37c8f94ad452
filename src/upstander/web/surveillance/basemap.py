"""The basemap: one PMTiles file that this installation names, sent in parts as a map asks for them."""

import re
from http import HTTPStatus
from pathlib import Path

from django.http import HttpRequest, HttpResponse

from upstander.web import pages
from upstander.web.opened import opened

_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{1,18})")
_MOST_BYTES = 8 << 20


def tiles(request: HttpRequest) -> HttpResponse:
    """Some bytes of the file (RFC 9110, section 14). The whole is never sent: a map asks for what it draws."""
    home = opened().home
    path = home.root / home.settings.basemap.file
    if not home.settings.basemap.may_be_drawn or not path.is_file():
        return pages.absent(request)
    size = path.stat().st_size
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    first, last = (int(asked[1]), min(int(asked[2]), size - 1)) if asked else (0, -1)
    if not first <= last < first + _MOST_BYTES:
        refused = HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        refused.headers["Content-Range"] = f"bytes */{size}"
        return refused
    response = HttpResponse(
        _part(path, first, last), status=HTTPStatus.PARTIAL_CONTENT, content_type="application/vnd.pmtiles"
    )
    response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    response.headers["ETag"] = f'"{size:x}-{path.stat().st_mtime_ns:x}"'
    return response


def _part(path: Path, first: int, last: int) -> bytes:
    with path.open("rb") as file:
        file.seek(first)
        return file.read(last - first + 1)
