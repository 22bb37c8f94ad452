"""Homes for the tests of the whole: a desk with a clock of its own, agreements written on the spot, files delivered."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from sharing.county import handling, schedule, terms_as_sent
from upstander.contracts.asking import Purpose
from upstander.contracts.releasing import ReleasedTable
from upstander.intake import DeliveryReport
from upstander.pipeline.agreeing import sign
from upstander.pipeline.child import run_job
from upstander.pipeline.deliver import deliver
from upstander.pipeline.desk import Desk
from upstander.pipeline.home import Settings, Who, make_home
from upstander.pipeline.reading import Runner
from upstander.pipeline.table import Answer, Question, table
from upstander.sharing import FileAgreements, FileAuditLog
from upstander.values.durable import locked
from upstander.values.periods import Period
from upstander.vault import master_key

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANALYST = Who(person="A. Analyst", agency="vrn", purpose=Purpose.MONITORING, why="a test")
OPEN = {"suppress_up_to": 0, "round_to": 1, "open_data": True}
ONE_ROW_FIELDS = (
    "event_from_local", "event_zone", "event_precision", "event_is", "area_kind", "area_vintage", "area_code",
    "x_m", "y_m", "place_method", "place_class", "offence_code", "mechanism", "weapon_class", "role",
)  # fmt: skip


def desk_at(folder: Path, *, who: Who = ANALYST, now: datetime = NOW, **settings: Any) -> Desk:
    """The desk of the home in this folder, made if it is not there; its key lies beside it."""
    home = make_home(folder / "home", Settings(key_file="../home.key", **settings))
    return Desk(
        home=home,
        register=FileAgreements(home.root),
        audit=FileAuditLog(home.root),
        key=master_key(home.root, create=True, environ={}, setting=home.key_file),
        who=who,
        now=lambda: now,
    )


def at(desk: Desk, moment: datetime) -> Desk:
    """The same desk at another moment."""
    return replace(desk, now=lambda: moment)


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` filled, once for all workers of a test run."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with locked(folder.with_suffix(".lock"), patience_s=600):
        if not (folder / "made").is_file():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            make(folder)
            (folder / "made").touch()
    return folder


def agreement(*schedules: Mapping[str, Any], **changed: Any) -> bytes:
    """An agreement's TOML; see sharing.county for what it says unless told otherwise."""
    return tomli_w.dumps(terms_as_sent(*(dict(one) for one in schedules), **changed)).encode()


def injury_schedule(**changed: Any) -> dict[str, Any]:
    """The force's extract, for monitoring and operational use, without anything about a person."""
    told = {"fields": list(ONE_ROW_FIELDS), "purposes": ["monitoring", "operational", "stewardship"]}
    return schedule(**(told | changed))


def publisher_agreement(name: str, *, dataset: str, supplier: str, fields: Iterable[str] = ONE_ROW_FIELDS) -> bytes:
    """What a publisher has put into the open, for everyone."""
    opened = schedule(
        id="published", dataset=dataset, provider="publisher", suppliers=[supplier], fields=list(fields),
        recipients={"everyone": True}, purposes=["strategic", "monitoring", "operational", "stewardship"],
        gateway="open_data", start=date(2010, 1, 1), end=date(2040, 1, 1),
        handling=handling(classification="OFFICIAL", shareable=OPEN, operational=OPEN),
    )  # fmt: skip
    parties = [{"agency": "publisher", "name": "The publisher", "kind": "publisher", "controller": True}]
    signatories = [{"person": "By its licence", "agency": "publisher", "role": "Publisher"}]
    return agreement(opened, name=name, parties=parties, signatories=signatories)


def with_pact(folder: Path, *schedules: Mapping[str, Any], **changed: Any) -> Desk:
    """A home with one signed agreement; the force's extract (`rms`) is shared unless told otherwise."""
    desk = desk_at(folder)
    sign(desk, agreement(*(schedules or (injury_schedule(),)), **changed))
    return desk


def send(
    desk: Desk, folder: Path, content: bytes, *, name: str = "rms_2026-07.csv", supplier: str = "rms",
    dataset: str = "police_incidents", covers: str = "auto", runner: Runner = run_job,
) -> DeliveryReport:  # fmt: skip
    """Write the bytes as a file and deliver it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return deliver(desk, path, dataset=dataset, supplier=supplier, covers=covers, runner=runner)


def counted(desk: Desk, *by: str, **changed: Any) -> Answer:
    """The answer to one question; police, all violence, all days unless told otherwise."""
    period = changed.pop("period", None)
    asked = {
        "dataset": "police_incidents", "by": by, "where": (), "definition": "all_violence", "suppliers": (),
        "areas": "",
        "period": Period.parse(period) if period else None,
    }  # fmt: skip
    return table(desk, Question(**(asked | changed)))


def numbers(released: ReleasedTable) -> dict[Any, float | None]:
    """Value by dimensions; a lone dimension by itself, a withheld cell as None."""
    rows = released.cells.select(*released.dimensions, "value").rows()
    return {row[0] if len(row) == 2 else row[:-1]: row[-1] for row in rows}


def total(answer: Answer) -> float | None:
    """The total as shown."""
    return numbers(answer.total)["all"]


def tree_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 by path of every file below, locks left out: an empty lock file is no change."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "locks" not in path.parts and path.name != ".lock"
    }
