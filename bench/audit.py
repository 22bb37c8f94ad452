"""One million entries of the audit log verified: from a file, and from the database as it lies in a home.

The limit is SHA-256 over the same bytes, read from the same file: a check cannot be quicker than its hashes. All runs
are in one process, the limit before and after. One entry is then changed, and has to be the one that is named.
"""

import argparse
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter

from upstander.sharing import AuditEvent, first_fault
from upstander.sharing.audit import linked
from upstander.web.store import open_store

START = datetime(2026, 1, 1, tzinfo=UTC)
AT_A_TIME = 50_000


def chain(entries: int) -> Iterator[bytes]:
    """Lines such as a partnership's answers leave."""
    entry = None
    for number in range(entries):
        event = AuditEvent(
            START + timedelta(seconds=31 * number), f"Person {number % 40}", "vrn", "operational", "police_incidents",
            ("rms",), ("event_from_local", "area_code", "offence_code"), "read", "allowed", "tasking group",
            "serious-violence", number % 5_000,
        )  # fmt: skip
        entry, line = linked(event, entry)
        yield line


def hashed(path: Path) -> None:
    """SHA-256 of every line, and nothing more."""
    with path.open("rb") as lines:
        for line in lines:
            hashlib.sha256(line).digest()


def verified(path: Path) -> object:
    """The first fault of a chain in a file."""
    with path.open("rb") as lines:
        return first_fault(lines)


def seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    if fault := work():
        raise SystemExit(f"a chain that nobody changed has a fault: {fault}")
    return perf_counter() - began


def changed_is_named(path: Path, entries: int) -> bool:
    """Whether one changed byte in the middle is found, and named by its entry."""
    lines = path.read_bytes().splitlines(keepends=True)
    at = entries // 2
    lines[at] = lines[at].replace(b'"allowed"', b'"refused"')
    fault = first_fault(lines)
    return fault is not None and fault.seq == at + 1


def measured(folder: Path, entries: int) -> str:
    """The section of the benchmarks page."""
    path, home = folder / "audit.jsonl", folder / "home"
    with path.open("wb") as file:
        file.writelines(chain(entries))
    home.mkdir()
    log = open_store(home, environ={}).audit
    with path.open("rb") as lines:
        while part := list(islice(lines, AT_A_TIME)):
            log.take_over(part, after=0 if not (head := log.head()) else head.seq)
    before = seconds(lambda: hashed(path))
    ours = seconds(lambda: verified(path))
    kept = seconds(log.verify)
    limit = (before + seconds(lambda: hashed(path))) / 2
    if not changed_is_named(path, entries):
        raise SystemExit("an entry that was changed is not the one that is named")
    rows = [("SHA-256 of each line", limit), ("a file's chain", ours), ("the database's chain and columns", kept)]
    size = path.stat().st_size / 2**20
    return "\n".join([
        f"{entries:,} entries, {size:.0f} MB of lines.", "", "| what | seconds | × the hashes |", "|---|---|---|",
        *(f"| {name} | {took:.1f} | {took / limit:.1f} |" for name, took in rows), "",
        "An entry changed in the middle is named by its number.", "",
    ])  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=os.environ.get("TMPDIR")))
    try:
        print(f"## The audit log\n\n{__doc__}\n{measured(folder, asked.entries)}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
