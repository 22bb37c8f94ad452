"""How long a page of the audit log takes to find among many entries, on SQLite, or on PostgreSQL at an address.

Usage: python bench/audit_search.py [ENTRIES] [postgresql://…]
"""

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from upstander.pipeline.home import make_home
from upstander.sharing import AuditEvent, AuditSearch
from upstander.web.store import DATABASE_VARIABLE, open_store

_START = datetime(2026, 1, 1, tzinfo=UTC)
_AT_A_TIME = 20_000


def events(first: int, count: int) -> list[AuditEvent]:
    """Looks of 300 people of 12 agencies, one in 40 refused, one in 50 at one person."""
    return [
        AuditEvent(
            _START + timedelta(seconds=20 * number), f"p{number % 300}", f"agency{number % 12}",
            ("strategic", "monitoring", "operational")[number % 3], f"dataset{number % 17}", ("a",), ("b", "c"),
            f"read {number % 5}", "refused: it has ended" if number % 40 == 0 else "allowed", "bench",
            f"agreement{number % 9}", number % 100, f"u1.abc.{number % 4000}" if number % 50 == 0 else "",
        )
        for number in range(first, first + count)
    ]  # fmt: skip


def main(entries: int, address: str) -> None:
    """Fill a log, then time the first page of 50 of each kind of search: the slowest of five."""
    with tempfile.TemporaryDirectory() as folder:
        root = make_home(Path(folder) / "home").root
        log = open_store(root, environ={DATABASE_VARIABLE: address} if address else {}).audit
        for first in range(0, entries, _AT_A_TIME):
            log.append_all(events(first, min(_AT_A_TIME, entries - first)))
        middle = _START + timedelta(seconds=10 * entries)
        searches = {
            "nothing asked": AuditSearch(),
            "looker": AuditSearch(person="p7"),
            "looker who never looked": AuditSearch(person="nobody"),
            "agreement": AuditSearch(agreement="agreement3"),
            "dataset": AuditSearch(dataset="dataset5"),
            "purpose": AuditSearch(purpose="operational"),
            "action": AuditSearch(action="read"),
            "refused": AuditSearch(answer="refused"),
            "refused to a looker": AuditSearch(answer="refused", person="p40"),
            "a day in the middle": AuditSearch(since=middle, until=middle + timedelta(days=1)),
            "looker, agreement, a month in the middle": AuditSearch(
                person="p7", agreement="agreement7", since=middle, until=middle + timedelta(days=31)
            ),
            "person looked at, 8,000 tokens": AuditSearch(
                subjects=frozenset(f"u1.abc.{n}" for n in range(0, 400_000, 50))
            ),
            "page in the middle": AuditSearch(before=entries // 2),
        }
        for name, wanted in searches.items():
            found, times = 0, []
            for _ in range(5):
                began = time.perf_counter()
                found = sum(1 for _ in islice(log.search(wanted), 50))
                times.append(time.perf_counter() - began)
            print(f"{name}: {found} found, {1000 * max(times):.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, sys.argv[2] if len(sys.argv) > 2 else "")
