"""One home on which a delivery is killed and run again, and what must hold of it at any moment and in the end."""

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.kills import county
from pipeline.kills.county import DATASET, FILES, SQLITE, WHOLE, Sent
from upstander.contracts.readings import Manifest
from upstander.contracts.releasing import Edition
from upstander.errors import UpstanderError
from upstander.pipeline.desk import Desk
from upstander.pipeline.doctor import examine
from upstander.pipeline.gate import ask
from web import postgres

PHASES = (
    "nothing stored yet",
    "bytes on their way into the vault",
    "bytes in the vault",
    "staging folder made, being read",
    "rows and quarantine being written",
    "rows and quarantine written",
    "intent in the audit log",
    "manifest on its way",
    "reading exists",
    "outcome in the audit log",
    "run recorded",
    "acknowledged",
)
BETWEEN = PHASES[1:-1]


@dataclass(frozen=True)
class Trial:
    """A home where `held` was delivered and acknowledged, and `sent` is on its way as `reading`; or `others` too."""

    folder: Path
    held: Sent
    sent: Sent
    reading: str
    supplier: str = WHOLE
    database: str = FILES
    others: tuple[Sent, ...] = ()

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def said(self) -> Path:
        """Acknowledgements, one a line."""
        return self.folder / "said"

    @property
    def desk(self) -> Desk:
        return county.desk(self.home, self.database)

    def acknowledged(self) -> list[str]:
        """`OUTCOME reading` of every acknowledgement so far."""
        return self.said.read_text("utf-8").splitlines() if self.said.is_file() else []

    def order(self, **changed: Any) -> dict[str, Any]:
        """The order to deliver `sent` here."""
        known = {
            "home": str(self.home), "file": str(self.sent.file), "supplier": self.supplier, "said": str(self.said),
            "mutant": "", "runner": "here", "kill": None, "trace": None, "database": self.database,
        }  # fmt: skip
        return known | changed

    def file_of(self, manifest: Manifest) -> Sent:
        """The file whose bytes a reading was made of."""
        files = (self.held, self.sent, *self.others)
        return next(one for one in files if manifest.raw_sha256 == _sha256(one.file))

    def copy(self, folder: Path) -> "Trial":
        """The same home as it is now, elsewhere; a database of a server is copied there."""
        shutil.copytree(self.folder, folder)
        is_served = self.database not in (FILES, SQLITE)
        return replace(self, folder=folder, database=postgres.copied(self.database) if is_served else self.database)


def phase(trial: Trial) -> str:
    """How far a killed delivery came, by what lies in the home."""
    vault, folder = trial.home / "vault", trial.home / "warehouse" / DATASET / trial.reading
    about = [e.event.answer for e in trial.desk.audit.entries() if e.event.action == f"load {trial.reading}"]
    sealing = any((vault / "quarantine").glob(f".{trial.reading}*.tmp"))
    runs = (trial.home / "runs" / "runs.jsonl").read_text("utf-8")
    reached = {
        "bytes on their way into the vault": any((vault / "raw").glob(".*.tmp")),
        "bytes in the vault": (vault / "raw" / f"{_sha256(trial.sent.file)}.sealed").is_file(),
        "staging folder made, being read": folder.is_dir(),
        "rows and quarantine being written": sealing or any(folder.glob("*.parquet")),
        "rows and quarantine written": (vault / "quarantine" / f"{trial.reading}.sealed").is_file(),
        "intent in the audit log": "intent" in about,
        "manifest on its way": any(folder.glob(".manifest*")),
        "reading exists": (folder / "manifest.json").is_file(),
        "outcome in the audit log": "done" in about,
        "run recorded": trial.reading in runs and runs.endswith("\n"),
        "acknowledged": any(trial.reading in line for line in trial.acknowledged()),
    }
    return next((name for name in reversed(PHASES[1:]) if reached[name]), PHASES[0])


def faults_at_any_moment(trial: Trial) -> list[str]:
    """What is lost, doubled or half visible. Empty, whenever the run was killed."""
    found: list[str] = []
    try:
        for fault in _faults(trial):
            found.append(fault)  # noqa: PERF402 - what was found before a failure counts
    except UpstanderError as failure:
        found.append(f"cannot be read: {failure}")
    return found


def faults_in_the_end(trial: Trial) -> list[str]:
    """What is wrong once the delivery was run again and acknowledged, and the doctor has been."""
    desk = trial.desk
    faults = faults_at_any_moment(trial)
    if faults:
        return faults
    if trial.reading not in {manifest.reading for manifest in desk.warehouse.manifests()}:
        faults.append("lost: the delivery was run again and is not there")
    told = [*examine(desk), *examine(desk)]
    faults += [f"doctor: {one.what}: {one.told}" for one in told if one.state == "wrong"]
    faults += [f"the doctor did not finish: {one.told}" for one in told[len(told) // 2 :] if one.state != "fine"]
    answers = Counter(e.event.answer for e in desk.audit.entries() if e.event.action == f"load {trial.reading}")
    if not answers["done"]:
        faults.append("an intent has no outcome")
    left = [str(path) for ending in ("*.tmp", "*.arrow") for path in trial.home.rglob(ending)]
    left += [str(path) for path in desk.warehouse.unfinished()]
    return faults + [f"left over: {path}" for path in left]


def _faults(trial: Trial) -> Iterator[str]:
    desk = trial.desk
    if fault := desk.audit.verify():
        yield f"audit line {fault.line}: {fault.what}"
    # Others may be at work while this looks: what was acknowledged is asked before what is there.
    acknowledged = trial.acknowledged()
    manifests = desk.warehouse.manifests()
    yield from (f"half visible: {fault}" for fault in desk.warehouse.damaged())
    names = [manifest.reading for manifest in manifests]
    for line in acknowledged:
        if line.split()[1] not in names:
            yield f"lost: {line} was acknowledged"
    if doubled := [bytes_ for bytes_, times in Counter(m.raw_sha256 for m in manifests).items() if times > 1]:
        yield f"doubled: {doubled} were read {len(manifests)} times"
    for manifest in manifests:
        yield from _faults_of(trial, manifest)
    yield from _faults_in_rows(trial)


def _faults_of(trial: Trial, manifest: Manifest) -> Iterator[str]:
    sent = trial.file_of(manifest)
    lines = manifest.lines
    if (lines.accepted, lines.quarantined, lines.repeated) != (sent.rows, sent.kept_back, sent.repeated):
        yield f"lost or doubled: {manifest.reading} says {lines}"
    vault = trial.desk.vault
    if not vault.has(manifest.raw_sha256):
        yield f"lost: the bytes of {manifest.reading} are not in the vault"
    else:
        with vault.open_raw(manifest.raw_sha256) as raw:
            if raw.read() != sent.file.read_bytes():
                yield f"lost: the vault holds other bytes for {manifest.reading}"
    if not vault.holds("quarantine", manifest.reading):
        yield f"lost: what was kept back of {manifest.reading} is not in the vault"
    elif _rows_kept_back(trial.desk, manifest.reading) != sent.kept_back:
        yield f"lost or doubled: the quarantine of {manifest.reading}"


def _rows_kept_back(desk: Desk, reading: str) -> int:
    rows = 0
    with desk.vault.open_sealed("quarantine", reading) as sealed:
        while size := int.from_bytes(sealed.read(8), "big"):
            rows += pl.read_ipc_stream(sealed.read(size)).height
    return rows


def _rows_expected(trial: Trial) -> dict[str, int]:
    return {one.reading: trial.file_of(one).rows for one in trial.desk.warehouse.manifests()}


def _faults_in_rows(trial: Trial) -> Iterator[str]:
    """Through the gate each row of each reading is seen once: all that existed before, none that does not now."""
    desk = trial.desk
    before = _rows_expected(trial)
    allowed = ask(desk, DATASET, county.FIELDS, Edition.SHAREABLE, suppliers=(trial.supplier,))
    seen = desk.warehouse.read(allowed, secrets=desk.keyring.secret).to_polars()
    counts = dict(seen.group_by("reading").len().iter_rows())
    after = _rows_expected(trial)
    different = seen["row_id"].n_unique()
    if not before.items() <= counts.items() <= after.items() or different != seen.height:
        yield f"lost or doubled: the gate shows {counts}, {different} different rows, not {before} or {after}"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
