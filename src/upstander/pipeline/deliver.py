"""A delivery, from the file to a reading that exists.

The order is a promise: bytes into the vault before any parser sees them; the agreement; a child process that parses;
parts written and synced; the intent in the audit log; one rename, from which the reading exists; the outcome in the
audit log; the acknowledgement. Killed anywhere, the same command finishes it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from upstander import contracts
from upstander.contracts.readings import Covers, Manifest, Outcome
from upstander.errors import TryAgain, WrongUsage
from upstander.intake import HELD_KEY, Control, DeliveryReport, ReadResult, last_line, suppliers
from upstander.intake.suppliers import Supplier
from upstander.pipeline.arriving import arrived, control_beside, is_unfinished, still_arriving, stop_before_reading
from upstander.pipeline.child import AUTO
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import Feed, feed_terms, note, still_fed
from upstander.pipeline.held import hold, is_held
from upstander.pipeline.quality.weighing import Arrived, weigh
from upstander.pipeline.reading import ReadJob, Runner, no_reader, read_in_child, reading_lock
from upstander.pipeline.runs import record_run
from upstander.pipeline.settling.keeping import forget_phrases, keep_phrases
from upstander.pipeline.uploads import UPLOADS, Upload, is_report_of, keep_report, upload_name
from upstander.places import open_reference
from upstander.values.canonical import short_id
from upstander.values.durable import locked, write_whole
from upstander.values.periods import Period
from upstander.values.tokens import TOKEN_KINDS, stored_token_key
from upstander.warehouse import ReadingFacts

_PATIENCE_S = 900.0


@dataclass(frozen=True)
class Sent:
    """A file as it was sent: its name, a way to its bytes, and what is told beside it."""

    name: str
    open: Callable[[], AbstractContextManager[BinaryIO]]
    control: Control = field(default_factory=Control)


@dataclass(frozen=True)
class _Errand:
    """One delivery on its way: what was sent, by which map, under which terms."""

    supplier: Supplier
    covers: str  # as asked, which is part of the delivery's id
    stated: str  # as known by now: a reread knows what the file's name said
    file_name: str
    sha256: str
    size: int
    vintages: tuple[tuple[str, str], ...]
    feed: Feed
    key_epoch: str
    received: datetime
    control: Control = field(default_factory=Control)
    tell: Callable[[DeliveryReport], None] = lambda _: None  # the report, before the reading comes to exist

    @property
    def delivery(self) -> str:
        """Bytes × dataset × supplier × what it covers, as stated."""
        return short_id([self.sha256, self.supplier.dataset, self.supplier.name, self.covers])

    @property
    def reading(self) -> str:
        """The delivery as this contract, map, reference and key epoch read it."""
        vintages = [f"{kind}={vintage}" for kind, vintage in self.vintages]
        version = suppliers.contract_of(self.supplier).version
        shared = [self.feed.linkage] if self.feed.linkage else []
        return short_id([self.delivery, version, self.supplier.fingerprint(), *vintages, self.key_epoch, *shared])


def deliver(
    desk: Desk, file: Path, *, dataset: str, supplier: str, covers: str = AUTO, runner: Runner = read_in_child
) -> DeliveryReport:
    """Take one file in. The same bytes, read the same way, are one delivery however often they are sent.

    Raises WrongUsage for a dataset, map or file that is not there, NotAllowed where no agreement carries the feed.
    """
    _days_stated(covers)
    layout = _layout(desk, dataset, supplier)
    if (stop := stop_before_reading(file)) is not None:
        return _stopped(desk, layout, file.name, stop)
    sent = Sent(file.name, lambda: arrived(file), control_beside(file))
    return take_in(desk, sent, layout, covers=covers, runner=runner)


def deliver_upload(
    desk: Desk, upload: Upload, *, dataset: str, supplier: str, covers: str = AUTO, runner: Runner = read_in_child
) -> DeliveryReport:
    """Take in a file that was received by the site and lies sealed in the vault, as `deliver` does.

    The report is kept, sealed, under the upload's id. It is written before the reading comes to exist, so that a run
    that is killed in between and begun again tells the same.
    """
    _days_stated(covers)
    layout = _layout(desk, dataset, supplier)
    name = upload_name(desk, upload)
    if is_unfinished(Path(name)):
        report = _stopped(desk, layout, name, still_arriving("By its name it is unfinished, or another program's own"))
    else:
        sent = Sent(name, lambda: desk.vault.open_sealed(UPLOADS, upload))
        report = take_in(
            desk, sent, layout, covers=covers, runner=runner, tell=lambda told: keep_report(desk, upload, told)
        )
    if report.result.outcome is not Outcome.NOOP or not is_report_of(desk, upload, report.reading):
        keep_report(desk, upload, report)
    return report


def take_in(
    desk: Desk, sent: Sent, layout: Supplier, *, covers: str, runner: Runner,
    tell: Callable[[DeliveryReport], None] = lambda _: None,
) -> DeliveryReport:  # fmt: skip
    """Take in what was sent: into the vault, read, and loaded, held or stopped. Raises NotAllowed without an agreement.

    `tell` gets the report just before a reading comes to exist.
    """
    with _sole_intake(desk):
        _refuse_mixed_epochs(desk, layout)
        feed = feed_terms(desk, layout)
        with sent.open() as content:
            kept = desk.vault.keep(content)
        stated = covers if covers != AUTO else sent.control.covers or AUTO
        errand = _Errand(
            supplier=layout,
            covers=stated,
            stated=stated,
            file_name=sent.name,
            sha256=kept.sha256,
            size=kept.size,
            vintages=_vintages(desk, layout),
            feed=feed,
            key_epoch=desk.keyring.current().name,
            received=desk.now(),
            control=replace(sent.control, fault=sent.control.fault_with(kept.sha256)),
            tell=tell,
        )
        held = next((one for one in _manifests(desk, layout) if one.delivery == errand.delivery), None)
        report = _already_held(errand, held) if held else _read(desk, errand, runner)
    _record(desk, "deliver", report)
    return report


def _days_stated(covers: str) -> None:
    """Days that nobody can read are told before anything is kept. Raises WrongUsage."""
    if covers != AUTO:
        Period.parse(covers)


def _stopped(desk: Desk, layout: Supplier, name: str, stop: ReadResult) -> DeliveryReport:
    report = unread_report(layout, name, desk.now(), stop)
    _record(desk, "deliver", report)
    return report


def reread(desk: Desk, delivery: str, *, runner: Runner = read_in_child) -> DeliveryReport:
    """Read a held delivery again, by today's contract, map and reference; the new reading supersedes the old one."""
    known = [one for one in desk.warehouse.manifests() if delivery in {one.delivery, one.reading}]
    if not known:
        raise WrongUsage(f"No delivery {delivery} is held.", found=delivery, expected="an id that `deliveries` lists")
    old = known[-1]
    layout = _layout(desk, old.dataset, old.supplier)
    with _sole_intake(desk):
        errand = _Errand(
            supplier=layout,
            covers=old.covers_asked,
            stated=old.covers_asked if old.covers.inferred else f"{old.covers.start}/{old.covers.end}",
            file_name="",
            sha256=old.raw_sha256,
            size=old.raw_bytes,
            vintages=_vintages(desk, layout),
            feed=feed_terms(desk, layout),
            key_epoch=desk.keyring.current().name,
            received=old.received,
        )
        same = desk.warehouse.find(old.dataset, errand.reading)
        report = _already_held(errand, same) if same else _read(desk, errand, runner)
    _record(desk, "reread", report)
    return report


def _vintages(desk: Desk, layout: Supplier) -> tuple[tuple[str, str], ...]:
    """What decides where this supplier's rows lie."""
    words = suppliers.contract_of(layout).place_text
    reads_words = words is not None and words.name in layout.contract_columns
    return open_reference(desk.home.reference).vintages(texts=reads_words)


def _layout(desk: Desk, dataset: str, supplier: str) -> Supplier:
    if dataset not in contracts.ALL:
        raise WrongUsage(f"There is no dataset '{dataset}'.", found=dataset, expected=", ".join(contracts.ALL))
    layout = suppliers.load(supplier, folders=[desk.home.suppliers])
    if Path(supplier).is_file():
        # A map given as a file is kept, so that a reread finds it.
        write_whole(desk.home.suppliers / f"{layout.name}.toml", Path(supplier).read_bytes())
    if layout.dataset != dataset:
        raise WrongUsage(
            f"The map '{supplier}' is for {layout.dataset}, not for {dataset}.", found=dataset, expected=layout.dataset
        )
    return layout


def _refuse_mixed_epochs(desk: Desk, layout: Supplier) -> None:
    """An increment is compared with what is held by its tokens, which must all be of one epoch."""
    if layout.delivers == "increment" and not desk.keyring.is_settled:
        raise TryAgain(
            "Everything held is being read into a new epoch of identity keys, and that is not finished.",
            where=layout.name, expected="`upstander vault new-epoch`, then this file again", state="Nothing was kept.",
        )  # fmt: skip


def _sole_intake(desk: Desk) -> AbstractContextManager[None]:
    return locked(desk.home.root / "locks" / "intake", patience_s=_PATIENCE_S)


def _manifests(desk: Desk, layout: Supplier) -> tuple[Manifest, ...]:
    return desk.warehouse.manifests(layout.dataset, layout.name)


def _already_held(errand: _Errand, held: Manifest) -> DeliveryReport:
    changed = "" if held.reading == errand.reading else f" To read it by today's map: upstander reread {held.delivery}."
    result = ReadResult(
        outcome=Outcome.NOOP,
        message=f"Already held: the same bytes came on {held.received:%-d %B %Y}. Nothing changed.{changed}",
        lines=held.lines,
        covers=held.covers,
        dialect=None,
        sha256=held.raw_sha256,
        byte_count=held.raw_bytes,
    )
    return _report(errand, result)


def _report(errand: _Errand, result: ReadResult) -> DeliveryReport:
    unread = unread_report(errand.supplier, errand.file_name, errand.received, result)
    return replace(unread, delivery=errand.delivery, reading=errand.reading)


def unread_report(layout: Supplier, file_name: str, received: datetime, result: ReadResult) -> DeliveryReport:
    """The report on a file that never became a delivery: it was only checked, or stopped before it was kept."""
    return DeliveryReport(
        title=contracts.ALL[layout.dataset].title,
        dataset=layout.dataset,
        supplier=layout.name,
        agency=layout.agency,
        file_name=file_name,
        received=received,
        result=result,
    )


def _read(desk: Desk, errand: _Errand, runner: Runner) -> DeliveryReport:
    """Parse in a child, then load, hold or stop as intake says. Nothing of a reading that does not load is left."""
    dataset = errand.supplier.dataset
    with no_reader(desk.home.root):
        staging = desk.warehouse.stage(dataset, errand.reading)
    try:
        with _QuarantineBox(desk, errand.reading) as box, _held_keys(desk, errand) as held:
            result = runner(_job(desk, errand, staging, held), box.put)
        result = weigh(desk, Arrived(errand.supplier, errand.delivery, errand.reading), result)
        if result.loads or result.outcome is Outcome.HOLD:
            keep_phrases(desk, errand.reading, result.unsettled)
        result = replace(result, unsettled=())
        is_loaded = result.loads
        if is_loaded:
            result = _restated(desk, errand, result)
        errand.tell(_report(errand, result))
        if is_loaded:
            _load(desk, errand, result)
        elif result.outcome is Outcome.HOLD:
            still_fed(desk, errand.supplier, errand.feed)
            hold(desk, _facts(errand, result), staging, result.holds)
    finally:
        if desk.warehouse.find(dataset, errand.reading) is None:
            desk.warehouse.discard(dataset, errand.reading)
            if not is_held(desk, errand.reading):
                forget_phrases(desk, errand.reading)
    return _report(errand, result)


def _job(desk: Desk, errand: _Errand, staging: Path, held_keys: str) -> ReadJob:
    settings = desk.home.settings
    domain = errand.feed.linkage or f"{errand.supplier.name}|{errand.supplier.dataset}"
    secret = desk.keyring.secret(errand.key_epoch)
    keys = {
        kind: stored_token_key(secret, domain=domain, kind=kind, epoch=errand.key_epoch).hex() for kind in TOKEN_KINDS
    }
    return ReadJob(
        source=str(desk.vault.raw(errand.sha256)),
        data_key=desk.vault.data_key(errand.sha256).hex(),
        raw_bytes=errand.size,
        staging=str(staging),
        lock=str(reading_lock(desk.home.root)),
        reference=str(desk.home.reference),
        dataset=errand.supplier.dataset,
        supplier=errand.supplier.name,
        supplier_folders=(str(desk.home.suppliers),),
        reading=errand.reading,
        covers=errand.stated,
        file_name=errand.file_name,
        received=errand.received.isoformat(),
        token_keys=keys,
        layers=settings.layers,
        postcode_level=errand.feed.postcode_level,
        held_keys=held_keys,
        control_rows=errand.control.rows,
        control_fault=errand.control.fault,
    )


@contextmanager
def _held_keys(desk: Desk, errand: _Errand) -> Iterator[str]:
    """For an increment, a file with the keys of the records already held, there as long as the reading lasts."""
    layout = errand.supplier
    if layout.delivers != "increment":
        yield ""
        return
    path = desk.home.root / "locks" / f"{errand.reading}.arrow"
    stored = {column.name for column in contracts.warehouse_columns(suppliers.contract_of(layout))}
    keys = [name for name in HELD_KEY if name in stored]
    desk.warehouse.held_keys(layout.dataset, layout.name, keys, but_of=errand.delivery).write_ipc(path)
    try:
        yield str(path)
    finally:
        path.unlink(missing_ok=True)


def _restated(desk: Desk, errand: _Errand, result: ReadResult) -> ReadResult:
    """RESTATE where a whole delivery covers days that an earlier one of this supplier already covers."""
    if errand.supplier.delivers != "whole" or result.covers is None:
        return result
    covers = result.covers
    others = (one for one in _manifests(desk, errand.supplier) if one.reading != errand.reading)
    if not any(one.covers.start < covers.end and covers.start < one.covers.end for one in others):
        return result
    message = f"{result.message} Days that were already held now have a newer version; the old one stays readable."
    return replace(result, outcome=Outcome.RESTATE, message=message)


def _load(desk: Desk, errand: _Errand, result: ReadResult) -> None:
    still_fed(desk, errand.supplier, errand.feed)
    with desk.warehouse.register() as register:
        manifest = register.prepare(_facts(errand, result))
        note(desk, action="load", answer="intent", dataset=manifest.dataset, about=errand.reading, feed=errand.feed)
        register.publish(manifest)
    note(
        desk, action="load", answer="done", dataset=manifest.dataset, about=errand.reading, feed=errand.feed,
        rows=manifest.lines.accepted,
    )  # fmt: skip


def _facts(errand: _Errand, result: ReadResult) -> ReadingFacts:
    layout = errand.supplier
    contract = suppliers.contract_of(layout)
    return ReadingFacts(
        reading=errand.reading,
        delivery=errand.delivery,
        dataset=layout.dataset,
        supplier=layout.name,
        agency=layout.agency,
        contract_version=contract.version,
        supplier_version=f"{layout.version} {layout.fingerprint()[:12]}",
        vintages=errand.vintages,
        key_epoch=errand.key_epoch,
        raw_sha256=errand.sha256,
        raw_bytes=errand.size,
        covers_asked=errand.covers,
        covers=result.covers or Covers(errand.received.date(), errand.received.date(), inferred=True),
        delivers=layout.delivers,
        counts_by=contract.counts_by,
        counts_same_events_as=layout.counts_same_events_as,
        received=errand.received,
        extracted_at=errand.control.extracted_at,
        outcome=result.outcome,
        lines=result.lines,
        quarantined_by_rule=result.quarantined_by_rule,
        set_aside_by_reason=result.set_aside_by_reason,
        notes=result.notes,
        figures=result.figures,
        linkage_domain=errand.feed.linkage,
        profile=result.profile,
        concerns=result.concerns,
    )


def _record(desk: Desk, job: str, report: DeliveryReport) -> None:
    said = last_line(report) | {"dataset": report.dataset, "supplier": report.supplier}
    record_run(desk.home, job=job, person=desk.who.person, at=desk.now(), result=said)


class _QuarantineBox:
    """Quarantined rows of one reading, sealed in the vault. No file is made where nothing was kept back."""

    def __init__(self, desk: Desk, reading: str) -> None:
        self._desk, self._reading, self._stack = desk, reading, ExitStack()
        self._file: BinaryIO | None = None

    def __enter__(self) -> "_QuarantineBox":
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.__exit__(*error)  # type: ignore[arg-type]

    def put(self, batch: bytes) -> None:
        """One batch, as an Arrow IPC stream with its length before it."""
        if self._file is None:
            self._file = self._stack.enter_context(self._desk.vault.writer("quarantine", self._reading))
        self._file.write(len(batch).to_bytes(8, "big") + batch)
