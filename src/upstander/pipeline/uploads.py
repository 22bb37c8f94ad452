"""Files that the site received: sealed while they come in, with their name; and the reports on what became of them.

    vault/uploads/<id>.sealed        the bytes, until a job has taken them in
    vault/uploads/<id>.name.sealed   what the sender called the file
    vault/reports/<id>.sealed        the report

An id is 20 hexadecimal digits, drawn by whoever receives the file.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, BinaryIO

from upstander.contracts.readings import LineAccount, Outcome
from upstander.intake import DeliveryReport, in_words, line_sums, report_json
from upstander.pipeline.desk import Desk
from upstander.values.canonical import canonical_json

UPLOADS, REPORTS = "uploads", "reports"
Upload = str
_NAME = ".name"
_LEFT_AFTER = timedelta(hours=1)


@contextmanager
def receiving(desk: Desk, upload: Upload, name: str) -> Iterator[BinaryIO]:
    """Where the bytes of a file go as they come in. After the `with` it is there whole, or nothing of it is."""
    with desk.vault.writer(UPLOADS, upload) as sink:
        desk.vault.seal(UPLOADS, upload + _NAME, name.encode())
        try:
            yield sink
        except BaseException:
            desk.vault.destroy(UPLOADS, upload + _NAME)
            raise


def upload_name(desk: Desk, upload: Upload) -> str:
    """What the sender called the file."""
    with desk.vault.open_sealed(UPLOADS, upload + _NAME) as source:
        return source.read().decode()


def discard_upload(desk: Desk, upload: Upload) -> None:
    """Destroy a received file; nothing to do where it is gone already."""
    for name in (upload, upload + _NAME):
        desk.vault.destroy(UPLOADS, name)


def sweep_uploads(desk: Desk, waiting: Collection[Upload]) -> int:
    """Destroy what no job waits for and what lies there for an hour: a process died between two steps. How many."""
    before = (desk.now() - _LEFT_AFTER).timestamp()
    names = {name.removesuffix(_NAME) for name in desk.vault.names(UPLOADS)}
    left = [name for name in names if name not in waiting and _newest(desk, name) < before]
    for name in left:
        discard_upload(desk, name)
    return len(left)


def keep_report(desk: Desk, upload: Upload, report: DeliveryReport) -> None:
    """Keep the report on an upload, sealed: a file's name may be personal."""
    desk.vault.seal(REPORTS, upload, canonical_json(report_json(report)))


def report_on(desk: Desk, upload: Upload) -> dict[str, Any] | None:
    """What `report_json` said of an upload; None where there is no report yet."""
    if not desk.vault.holds(REPORTS, upload):
        return None
    with desk.vault.open_sealed(REPORTS, upload) as source:
        told: dict[str, Any] = json.loads(source.read())
    return told


def outcome_in_words(outcome: str) -> str:
    """An outcome of a report, as a person would say it."""
    return in_words(Outcome(outcome))


def sums_of_lines(lines: Mapping[str, int] | LineAccount) -> list[tuple[str, int]]:
    """Both sums of a report: every line of the file, then every record, in one place each."""
    return line_sums(lines if isinstance(lines, LineAccount) else LineAccount(**lines))


def is_report_of(desk: Desk, upload: Upload, reading: str) -> bool:
    """Whether the report that is kept already tells of this reading."""
    told = report_on(desk, upload)
    return told is not None and told["reading"] == reading


def _newest(desk: Desk, upload: Upload) -> float:
    paths = [desk.vault.path(UPLOADS, name) for name in (upload, upload + _NAME)]
    return max((path.stat().st_mtime for path in paths if path.is_file()), default=0.0)
