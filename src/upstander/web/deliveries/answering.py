"""Answering with a file to keep."""

from django.http import HttpResponse

_TYPES = {
    "csv": "text/csv; charset=utf-8", "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


def download(content: bytes, name: str) -> HttpResponse:
    """A file that a browser keeps and never opens here: `name` is our own, of plain letters."""
    return HttpResponse(
        content, content_type=_TYPES[name.rpartition(".")[2]],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip
