"""What would happen to a file, for its sender: the same reading as a delivery, with nowhere for its rows to go."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from upstander.errors import WrongUsage
from upstander.intake import DeliveryReport, ReadResult, suppliers
from upstander.pipeline.arriving import arrived, control_beside, stop_before_reading
from upstander.pipeline.child import AUTO
from upstander.pipeline.deliver import unread_report
from upstander.pipeline.home import Settings, open_home
from upstander.pipeline.reading import ReadJob, Runner, read_in_child

_NOT_CHECKED = "Agreement and places were not checked: there is no home here."


def check(
    home: Path,
    file: Path,
    *,
    dataset: str,
    supplier: str,
    covers: str = AUTO,
    runner: Runner = read_in_child,
    sample: tuple[str, ...] = (),
    take: Callable[[bytes], None] = lambda _: None,
) -> DeliveryReport:
    """Read the file as `deliver` would, and store nothing. Works without a home, and then says what it left out.

    `take` gets the `sample` columns of accepted rows, a batch at a time as an Arrow IPC stream.
    """
    has_home = (home / "upstander.toml").is_file()
    settings = open_home(home).settings if has_home else Settings()
    layout = suppliers.load(supplier, folders=[home / "suppliers"])
    if layout.dataset != dataset:
        raise WrongUsage(
            f"The map '{supplier}' is for {layout.dataset}, not for {dataset}.", found=dataset, expected=layout.dataset
        )
    received = datetime.now(UTC)
    left_out = "" if has_home else f" {_NOT_CHECKED}"
    if (stop := stop_before_reading(file)) is not None:
        return unread_report(layout, file.name, received, _as_check(stop, left_out))
    control = control_beside(file)
    if control.sha256 and not control.fault:
        with arrived(file) as content:
            control = replace(control, fault=control.fault_with(_sha256(content)))
    job = ReadJob(
        source=str(file.absolute()),
        data_key="",
        raw_bytes=file.stat().st_size,
        staging="",
        lock="",
        reference=str(home / "reference"),
        dataset=dataset,
        supplier=supplier,
        supplier_folders=(str(home / "suppliers"),),
        reading="check",
        covers=covers if covers != AUTO else control.covers or AUTO,
        file_name=file.name,
        received=received.isoformat(),
        token_keys={},
        layers=settings.layers,
        postcode_level="sector",
        held_keys="",
        control_rows=control.rows,
        control_fault=control.fault,
        sample=sample,
    )
    return unread_report(layout, file.name, received, _as_check(runner(job, take), left_out))


def _sha256(content: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := content.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def _as_check(result: ReadResult, left_out: str) -> ReadResult:
    return replace(result, unsettled=(), message=f"{result.message} Nothing was stored: this was a check.{left_out}")
