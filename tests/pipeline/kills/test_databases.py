"""The same kills with agreements and the audit log in a database: SQLite, and a sample on PostgreSQL."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.kills.county import SQLITE
from pipeline.kills.forks import Forks
from pipeline.kills.killing import kill_often
from pipeline.kills.tracing import TAKES_ROOM, Tally, fill_disk_at, kill_at, rehearsed
from pipeline.kills.trial import Trial

SEED = 20261124
needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed here")


def test_a_few_kills_lose_nothing_where_a_database_remembers(forks: Forks, in_database: Trial, tmp_path: Path) -> None:
    account = kill_often(forks, in_database, tmp_path, kills=4, seed=SEED)
    assert (account.kills, account.faults) == (4, [])


@pytest.mark.prove
def test_many_kills_lose_nothing_where_a_database_remembers(
    forks: Forks, in_database: Trial, tmp_path: Path, proof: Callable[..., None]
) -> None:
    kills, where = (200, "SQLite") if in_database.database == SQLITE else (30, "PostgreSQL")
    account = kill_often(forks, in_database, tmp_path, kills=kills, seed=SEED + 1)
    print(account.histogram())
    proof(f"deliveries killed and run again with {where}", figure=f"{account.kills - len(account.faults)} of {kills}",
          goal=f"{kills} of {kills}", seed=SEED + 1)  # fmt: skip
    assert (account.kills, account.faults) == (kills, [])


@needs_strace
@pytest.mark.prove
def test_kills_and_full_disks_at_writing_calls_lose_nothing_where_a_database_remembers(
    forks: Forks, in_database: Trial, tmp_path: Path, proof: Callable[..., None]
) -> None:
    calls = list(dict.fromkeys(call for _, call in rehearsed(forks, in_database, tmp_path)))
    is_sqlite = in_database.database == SQLITE
    chosen = calls if is_sqlite else random.Random(SEED).sample(calls, 20)
    tally = kill_at(forks, in_database, tmp_path, chosen, Tally())
    room = [call for call in calls if call.name in TAKES_ROOM]
    full = [room[round(place * (len(room) - 1) / 19)] for place in range(20 if is_sqlite else 0)]
    fill_disk_at(forks, in_database, tmp_path, full, tally)
    proof(f"writing calls killed at and full disks met with {'SQLite' if is_sqlite else 'PostgreSQL (sampled)'}",
          figure=f"{len(chosen)} and {len(full)}", goal="no fault", seed=SEED)  # fmt: skip
    assert tally.faults == []
