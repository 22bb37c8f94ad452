"""A record of each run of a job: one line when it ends, appended and forced to the disk."""

from datetime import datetime
from typing import Any

from upstander.pipeline.home import Home
from upstander.values.canonical import canonical_json
from upstander.values.durable import append_line, locked


def record_run(home: Home, *, job: str, person: str, at: datetime, result: dict[str, Any]) -> None:
    """Append `{job, person, at, …result}`. `at` is an aware UTC moment; no value from a row of data goes in here."""
    line = canonical_json({"job": job, "person": person, "at": at.isoformat(timespec="seconds"), **result})
    with locked(home.runs.parent / ".lock"):
        append_line(home.runs, line)
