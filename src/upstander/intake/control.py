"""The control file beside a delivery: what its sender says of it, so that a cut or changed file is noticed.

`NAME.control.json`, such as assaults_2026-07.control.json or assaults_2026-07.csv.control.json, a JSON object of
`rows` (without the header), `sha256` (of the file's bytes), `covers` or `period`, and `extracted_at` (ISO 8601 with its
offset), each of which may be left out.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime

from upstander.errors import WrongUsage
from upstander.values.periods import Period

_SHA256 = re.compile(r"[0-9a-f]{64}")
_AGAIN = "Please send both again."


@dataclass(frozen=True)
class Control:
    """What a control file says. `covers` and `sha256` are empty, the others None, where it does not say.

    `fault` says why the file beside it cannot be taken in; empty where nothing is wrong.
    """

    rows: int | None = None
    sha256: str = ""
    covers: str = ""
    extracted_at: datetime | None = None
    fault: str = ""

    def fault_with(self, sha256: str) -> str:
        """Why a file with this SHA-256 is not the one that was described; empty where it is."""
        if self.fault or self.sha256 in ("", sha256):
            return self.fault
        return f"The checksum in the control file is not that of the file: it was changed or cut short. {_AGAIN}"

    def fault_with_rows(self, rows: int) -> str:
        """Why a file of so many rows is not the one that was described; empty where it is."""
        if self.rows in (None, rows):
            return ""
        return f"The control file says {self.rows:,} rows, and {rows:,} were found. {_AGAIN}"


def read_control(content: bytes) -> Control:
    """What a control file says; one that cannot be read has a fault."""
    try:
        told = json.loads(content)
        return _control(told) if isinstance(told, dict) else _faulty("it holds no object")
    except (ValueError, RecursionError):
        return _faulty("it is not JSON")


def _control(told: dict[str, object]) -> Control:
    rows, sha256 = told.get("rows"), str(told.get("sha256") or "").lower()
    if rows is not None and (not isinstance(rows, int) or isinstance(rows, bool) or rows < 0):
        return _faulty("`rows` is not a whole number")
    if sha256 and not _SHA256.fullmatch(sha256):
        return _faulty("`sha256` is not 64 hexadecimal digits")
    covers, extracted = str(told.get("covers") or told.get("period") or ""), told.get("extracted_at")
    try:
        if covers:
            Period.parse(covers)
    except WrongUsage:
        return _faulty("`covers` is not a period such as 2026-07 or 2026-Q3")
    try:
        at = datetime.fromisoformat(str(extracted)) if extracted else None
    except ValueError:
        at = None
    if extracted and (at is None or at.tzinfo is None):
        return _faulty("`extracted_at` is not a moment such as 2026-08-03T07:00:00Z")
    return Control(rows if isinstance(rows, int) else None, sha256, covers, at)


def _faulty(why: str) -> Control:
    return Control(fault=f"The control file beside it cannot be used: {why}. {_AGAIN}")
