"""The end of retention: what has reached its day is destroyed, here and in every backup, and a certificate says so.

A reading is kept as many days after it was received as the strictest schedule says that ever shared its feed; the
contract's own days count where no agreement knows the feed. Bytes that never became a reading are kept for a season.
"""

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from upstander.contracts.catalogue import ALL
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.pipeline.held import held_facts
from upstander.pipeline.keeping.copies import reachable_backups
from upstander.pipeline.keeping.mirroring import mirror
from upstander.pipeline.reading import no_reader
from upstander.pipeline.settling.keeping import forget_phrases
from upstander.values.canonical import canonical_json
from upstander.values.durable import locked, sync_folder, write_whole
from upstander.vault import sealed

_PATIENCE_S = 900.0
_FOLDER = "destroyed"
_UNREAD_DAYS = 92  # bytes of which nothing loaded: long enough to ask the sender, and no longer
_ZONE = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Certificate:
    """What was destroyed and why. `due` and `done` are UTC moments (ISO 8601); `done` is empty until it is.

    `what` is reading, held or bytes; `reading` is empty for bytes that never became one; `raw_sha256` names the bytes.
    """

    what: str
    dataset: str
    supplier: str
    reading: str
    delivery: str
    raw_sha256: str
    rows: int
    received: str
    retention_days: int
    because: str
    due: str
    by: str
    done: str = ""

    @property
    def name(self) -> str:
        """The certificate's own name."""
        return f"{self.what}-{self.reading or self.raw_sha256}"


def due(desk: Desk) -> list[Certificate]:
    """What has reached its day by now and is still there, oldest first; nothing is destroyed."""
    now = desk.now()
    found = [*_readings(desk), *_waiting(desk), *_unread(desk)]
    return sorted((one for one in found if datetime.fromisoformat(one.due) <= now), key=lambda one: (one.due, one.name))


def certificates(desk: Desk) -> list[Certificate]:
    """Everything that was ever destroyed at the end of its retention."""
    return [Certificate(**json.loads(path.read_bytes())) for path in sorted((desk.home.root / _FOLDER).glob("*.json"))]


def purge(desk: Desk) -> list[Certificate]:
    """Destroy what has reached its day; the certificates. A killed run is finished by the same call.

    Raises TryAgain where a backup is out of reach.
    """
    backups = reachable_backups(desk.home)
    with locked(desk.home.root / "locks" / "intake", patience_s=_PATIENCE_S), no_reader(desk.home.root):
        begun = [one for one in certificates(desk) if not one.done]
        known = {one.name for one in begun}
        wanted = [*begun, *(one for one in due(desk) if one.name not in known)]
        for one in wanted:
            _write(desk, one)
            note(desk, action="purge", answer="intent", dataset=one.dataset, about=one.name)
        for one in wanted:
            _destroy(desk, one)
        if wanted:
            mirror(desk, backups)
        finished = [replace(one, done=desk.now().isoformat()) for one in wanted]
        for one in finished:
            note(desk, action="purge", answer="done", dataset=one.dataset, about=one.name, rows=one.rows)
            _write(desk, one)
    return finished


def _destroy(desk: Desk, one: Certificate) -> None:
    if one.reading:
        if one.what == "reading":
            desk.warehouse.retire(one.dataset, one.reading)
        desk.vault.destroy("quarantine", one.reading)
        forget_phrases(desk, one.reading)
        for folder in _held_folders(desk, one.reading):
            for path in folder.glob("*.sealed"):
                sealed.destroy(path)
            shutil.rmtree(folder)
            sync_folder(folder.parent)
    if one.raw_sha256 not in _still_read(desk):
        desk.vault.destroy("raw", one.raw_sha256)


def _held_folders(desk: Desk, reading: str) -> list[Path]:
    held = desk.home.root / "held"
    return [folder for folder in (held / reading, held / "closed" / reading) if folder.is_dir()]


def _still_read(desk: Desk) -> set[str]:
    return {one.raw_sha256 for one in desk.warehouse.manifests()} | {one.raw_sha256 for one in held_facts(desk)}


def _readings(desk: Desk) -> Iterable[Certificate]:
    for one in desk.warehouse.manifests():
        days, because = _retention(desk, one.dataset, one.supplier)
        yield Certificate(
            "reading", one.dataset, one.supplier, one.reading, one.delivery, one.raw_sha256, one.rows,
            one.received.isoformat(), days, because, _day_of(one.received, days), desk.who.person,
        )  # fmt: skip


def _waiting(desk: Desk) -> Iterable[Certificate]:
    loaded = {one.reading for one in desk.warehouse.manifests()}
    for one in held_facts(desk):
        if one.reading in loaded:
            continue
        days, because = _retention(desk, one.dataset, one.supplier)
        yield Certificate(
            "held", one.dataset, one.supplier, one.reading, one.delivery, one.raw_sha256, one.lines.accepted,
            one.received.isoformat(), days, because, _day_of(one.received, days), desk.who.person,
        )  # fmt: skip


def _unread(desk: Desk) -> Iterable[Certificate]:
    """Bytes that were kept and never loaded; they came when their file was made."""
    for sha in sorted(set(desk.vault.names("raw")) - _still_read(desk)):
        came = datetime.fromtimestamp(desk.vault.raw(sha).stat().st_mtime, UTC)
        because = f"nothing of them loaded; they are kept for {_UNREAD_DAYS} days"
        yield Certificate(
            "bytes", "", "", "", "", sha, 0, came.isoformat(), _UNREAD_DAYS, because, _day_of(came, _UNREAD_DAYS),
            desk.who.person,
        )  # fmt: skip


def _retention(desk: Desk, dataset: str, supplier: str) -> tuple[int, str]:
    """For how many days a feed may be kept, and who says so."""
    stated = [
        (schedule.handling.retention_days, f"schedule {schedule.id} of {agreement.name}")
        for agreement in desk.register.all()
        if agreement.signature and not agreement.fault
        for schedule in agreement.schedules
        if schedule.dataset == dataset and schedule.covers_supplier(supplier)
    ]
    days, who = min(stated, default=(ALL[dataset].retention_days, f"the contract of {dataset}"))
    return days, f"{who} says {days:,} days"


def _day_of(received: datetime, days: int) -> str:
    """The UTC moment at which the day begins, on the partnership's clock, from which it may not be kept."""
    last = received.astimezone(_ZONE).date() + timedelta(days=days)
    return datetime(last.year, last.month, last.day, tzinfo=_ZONE).astimezone(UTC).isoformat()


def _write(desk: Desk, one: Certificate) -> None:
    write_whole(desk.home.root / _FOLDER / f"{one.name}.json", canonical_json(asdict(one)) + b"\n")
