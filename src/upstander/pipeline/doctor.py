"""What is wrong with an installation, and the end of what a crash left."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from upstander.pipeline.desk import Desk
from upstander.pipeline.erasing.ledger import open_erasures
from upstander.pipeline.gate import note
from upstander.pipeline.keeping.contents import is_backup
from upstander.pipeline.keeping.copies import backup_folders
from upstander.pipeline.keeping.purging import due
from upstander.pipeline.reading import no_reader
from upstander.pipeline.release.approving import ever_published
from upstander.pipeline.release.shelf import BrokenRelease
from upstander.pipeline.trail import check_trail
from upstander.values.durable import locked
from upstander.warehouse import BrokenReading

_INTENT, _DONE, _UNDONE = "intent", "done", "did not happen"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `state` is fine, mended or wrong."""

    what: str
    state: str
    told: str


def examine(desk: Desk) -> list[Finding]:
    """Look at the audit chain, unfinished readings, leftovers and intents; finish what can be finished."""
    with locked(desk.home.root / "locks" / "intake"):
        looked = [*_audit(desk), *_readings(desk), *_unfinished(desk), *_leftovers(desk), *_intents(desk)]
        return [*looked, *_retention(desk), *_erasures(desk), *_backups(desk), *_releases(desk)]


def _retention(desk: Desk) -> Iterator[Finding]:
    try:
        overdue = due(desk)
    except BrokenReading:
        yield Finding("retention", "wrong", "not known, while a reading is damaged: its manifest tells the day")
        return
    told = (
        f"{len(overdue)} are past their day, {overdue[0].name} first: `upstander vault purge`" if overdue else "in time"
    )
    yield Finding("retention", "wrong" if overdue else "fine", told)


def _erasures(desk: Desk) -> Iterator[Finding]:
    waiting = open_erasures(desk.vault)
    told = f"{waiting[0].id} is not finished: `upstander vault erase --finish`" if waiting else "every one is finished"
    yield Finding("erasures", "wrong" if waiting else "fine", told)


def _backups(desk: Desk) -> Iterator[Finding]:
    folders = backup_folders(desk.home)
    away = [str(folder) for folder in folders if not is_backup(folder)]
    told = f"out of reach, or unfinished: {', '.join(away)}" if away else f"{len(folders)} within reach"
    yield Finding("backups", "wrong" if away else "fine", told)


def _releases(desk: Desk) -> Iterator[Finding]:
    try:
        told, state = f"{len(ever_published(desk))} published, each as it was made", "fine"
    except BrokenRelease as why:
        told, state = f"{why.message} No other can be made or approved: restore it from a backup.", "wrong"
    yield Finding("releases", state, told)


def _audit(desk: Desk) -> Iterator[Finding]:
    checked = check_trail(desk)
    fault = checked.fault
    told = f"line {fault.line}: {fault.what}" if fault else "every entry is as it was written"
    yield Finding("audit log", "wrong" if fault else "fine", told)
    for anchor in checked.anchors:
        told = f"{anchor.place}: {anchor.trouble or f'{len(anchor.heads):,} heads agree'}"
        yield Finding("heads kept outside", "wrong" if anchor.trouble else "fine", told)


def _readings(desk: Desk) -> Iterator[Finding]:
    damaged = desk.warehouse.damaged()
    told = f"not as they were written: {', '.join(map(str, damaged))}" if damaged else "every part has its hash"
    yield Finding("readings", "wrong" if damaged else "fine", told)


def _unfinished(desk: Desk) -> Iterator[Finding]:
    with no_reader(desk.home.root):
        left = desk.warehouse.unfinished()
        for dataset, reading in left:
            desk.warehouse.discard(dataset, reading)
    yield Finding("warehouse", "mended" if left else "fine", f"{len(left)} unfinished readings removed")


def _leftovers(desk: Desk) -> Iterator[Finding]:
    left = desk.vault.tidy()
    yield Finding("vault", "mended" if left else "fine", f"{len(left)} unfinished files removed")
    with no_reader(desk.home.root):
        keys = sorted((desk.home.root / "locks").glob("*.arrow"))
        for path in keys:
            path.unlink()
    half_held = sorted((desk.home.root / "held").glob(".*.building"))
    for folder in half_held:
        shutil.rmtree(folder)
    told = f"{len(keys)} lists of held keys and {len(half_held)} half-sealed readings removed"
    yield Finding("home", "mended" if keys or half_held else "fine", told)


def _intents(desk: Desk) -> Iterator[Finding]:
    """An intent without an outcome is a run that was killed; whether its reading exists tells how it ended."""
    open_intents: dict[str, str] = {}
    for entry in desk.audit.entries():
        action, _, about = entry.event.action.partition(" ")
        if action == "load" and entry.event.answer == _INTENT:
            open_intents[about] = entry.event.dataset
        elif action == "load":
            open_intents.pop(about, None)
    for reading, dataset in open_intents.items():
        # What has no manifest was removed above. A damaged reading exists too; it is named among the readings.
        exists = desk.warehouse.folder(dataset, reading).is_dir()
        note(desk, action="load", answer=_DONE if exists else _UNDONE, dataset=dataset, about=reading)
    yield Finding(
        "audit log", "mended" if open_intents else "fine", f"{len(open_intents)} intents were given an outcome"
    )
