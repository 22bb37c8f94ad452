"""How sources came to record otherwise: what people wrote down, and what the maps of senders tell of themselves."""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from upstander.contracts.changes import RecordingChange, change_toml, checked_change, read_changes
from upstander.contracts.errors import BadChange
from upstander.contracts.readings import Manifest
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.pipeline.home import Home
from upstander.values.canonical import short_id
from upstander.values.durable import make_folder, write_whole

_FOLDER = "changes"


def held_changes(home: Home) -> tuple[RecordingChange, ...]:
    """Everything that is written down. Raises BadChange for a file that cannot be read."""
    return read_changes(home.reference / _FOLDER)


def add_change(desk: Desk, dataset: str, day: date, what: str, *, supplier: str = "") -> RecordingChange:
    """Write down a change, entered by the person at the desk. Raises BadChange for one that cannot be, or is there."""
    where = f"a change of {dataset}"
    change = checked_change(RecordingChange(dataset, day, what.strip(), supplier, desk.who.person), where=where)
    folder = desk.home.reference / _FOLDER
    path = folder / f"{dataset}-{day}-{short_id([supplier, change.what])[:8]}.toml"
    if path.exists():
        raise BadChange(f"{where} on {day} is written down already. Nothing was changed.", where=where, found=what)
    make_folder(folder)
    write_whole(path, change_toml(change).encode())
    note(desk, action="recording change", answer="done", dataset=dataset, about=path.stem)
    return change


def layout_changes(manifests: Iterable[Manifest]) -> list[RecordingChange]:
    """From which day a sender's layout was read by another version of its map: records may have changed with it."""
    ordered = sorted(manifests, key=lambda one: (one.dataset, one.supplier, one.covers.start, one.sequence))
    return [
        RecordingChange(after.dataset, after.covers.start, f"a new layout, version {after.supplier_version}",
                        after.supplier)
        for before, after in pairwise(ordered)
        if (before.dataset, before.supplier) == (after.dataset, after.supplier)
        and before.supplier_version != after.supplier_version
    ]  # fmt: skip
