"""The reading process: jobs in on standard input, frames out on standard output, parts into the staging folder."""

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from upstander import intake
from upstander.errors import UpstanderError, place_of_defect
from upstander.intake import suppliers
from upstander.pipeline.caps import lines_until_parent_goes, watch_memory
from upstander.pipeline.reading import (
    FAULT,
    MEMORY_EXIT,
    ORPHAN_EXIT,
    QUARANTINED,
    Quarantine,
    ReadJob,
    send_error,
    send_frame,
    send_result,
)
from upstander.pipeline.settling.collecting import PhraseCounter
from upstander.places import Reference, open_reference
from upstander.values.alongside import Behind
from upstander.values.durable import locked
from upstander.values.periods import Period
from upstander.values.system import is_orphan
from upstander.vault import sealed

AUTO = "auto"
_ROWS_A_PART = 2_000_000
_UNLIKE = ("row_id", "incident_token", "person_token")  # texts that hardly repeat: a dictionary of them only costs


class StagedParts:
    """Where a reading's rows go: accepted ones into Parquet parts, quarantined ones back to the parent as they come.

    A part is written while the next rows are made.
    """

    def __init__(self, folder: Path, quarantine: Quarantine, behind: Behind) -> None:
        self._folder, self._send, self._behind = folder, quarantine, behind
        self._writer: pq.ParquetWriter | None = None
        self._rows, self._part = 0, 0

    def accept(self, batch: pl.DataFrame) -> None:
        """Append rows with the warehouse's columns to the current part."""
        self._behind.do(partial(self._write, batch))

    def _write(self, batch: pl.DataFrame) -> None:
        table = batch.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._writer is None:
            path = self._folder / f"part-{self._part:04d}.parquet"
            repeating = [field.name for field in table.schema if _is_text(field) and field.name not in _UNLIKE]
            self._writer = pq.ParquetWriter(path, table.schema, compression="zstd", use_dictionary=repeating)
        self._writer.write_table(table)
        self._rows += batch.height
        if self._rows >= _ROWS_A_PART:
            self._close()

    def quarantine(self, batch: pl.DataFrame) -> None:
        """Hand rows that were kept back to the parent, which seals them."""
        buffer = io.BytesIO()
        # Offsets, not views: a view's buffer would bring the text of every other row of the block along.
        batch.write_ipc_stream(buffer, compat_level=pl.CompatLevel.oldest())
        self._send(buffer.getvalue())

    def finish(self) -> None:
        """Close the last part."""
        self._behind.do(self._close)
        self._behind.wait()

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer, self._rows, self._part = None, 0, self._part + 1


def _is_text(field: pa.Field) -> bool:
    return bool(pa.types.is_string(field.type) or pa.types.is_large_string(field.type))


class Discarded:
    """Where rows go when nothing is to be stored: a sample of columns to the parent, if one was asked for."""

    def __init__(self, sample: Sequence[str], send: Quarantine) -> None:
        self._sample, self._send = list(sample), send

    def accept(self, batch: pl.DataFrame) -> None:
        """Hand over the sample's columns, and forget the rest."""
        if self._sample:
            buffer = io.BytesIO()
            batch.select(self._sample).write_ipc_stream(buffer)
            self._send(buffer.getvalue())

    def quarantine(self, batch: pl.DataFrame) -> None:
        """Forget them."""

    def finish(self) -> None:
        """Nothing to close."""


def run_job(job: ReadJob, quarantine: Quarantine) -> intake.ReadResult:
    """Read one delivery here and now; the same signature as read_in_child."""
    supplier = suppliers.load(job.supplier, folders=[Path(folder) for folder in job.supplier_folders])
    reference, stated = open_reference(Path(job.reference)), supplier.places
    plan = intake.ReadPlan(
        reading=job.reading,
        contract=suppliers.contract_of(supplier),
        supplier=supplier,
        file_name=job.file_name,
        received=datetime.fromisoformat(job.received),
        covers=None if job.covers == AUTO else Period.parse(job.covers),
        token_keys={kind: bytes.fromhex(key) for kind, key in job.token_keys.items()},
        postcode_level="district" if job.postcode_level == "district" else "sector",
        already_held=pl.read_ipc(job.held_keys) if job.held_keys else None,
        control=intake.Control(rows=job.control_rows, fault=job.control_fault),
        ground=_ground(supplier, reference),
    )
    locate = PhraseCounter(
        partial(reference.locate, crs=stated.crs, layers=stated.layers or job.layers, metric_crs=stated.metric_crs)
    )
    with _source(job) as stream, _sole_writer(job), Behind() as behind:
        parts = StagedParts(Path(job.staging), quarantine, behind) if job.staging else Discarded(job.sample, quarantine)
        result = intake.read(stream, plan, locate=locate, sink=parts)
        parts.finish()
    return replace(result, unsettled=locate.unsettled())


def _ground(supplier: suppliers.Supplier, reference: Reference) -> intake.Ground:
    """What is known of the land, for a supplier that sends points."""
    if not {"easting", "longitude"} & set(supplier.contract_columns):
        return intake.Ground()
    stated = supplier.places
    return intake.Ground(reference.extent(crs=stated.crs, metric_crs=stated.metric_crs), reference.middle_of)


def _source(job: ReadJob) -> BinaryIO:
    path = Path(job.source)
    return sealed.open(path, bytes.fromhex(job.data_key)) if job.data_key else path.open("rb")


@contextlib.contextmanager
def _sole_writer(job: ReadJob) -> Iterator[None]:
    """Wait until an orphan of a killed run has gone, then empty the folder of what it left."""
    if not job.staging:
        yield
        return
    with locked(Path(job.lock)):
        # An orphan that comes late may find the folder of a reading that another run has published since.
        if job.parent and is_orphan(job.parent):
            os._exit(ORPHAN_EXIT)
        for left in Path(job.staging).iterdir():
            left.unlink()
        yield


def main() -> None:
    """Run each job that standard input brings, under this process's limits, until the parent goes."""
    pipe: BinaryIO = sys.stdout.buffer
    watch_memory(MEMORY_EXIT)
    for line in lines_until_parent_goes(ORPHAN_EXIT):
        try:
            result = run_job(ReadJob(**json.loads(line)), partial(send_frame, pipe, QUARANTINED))
        except Exception as fault:
            _tell(pipe, fault)
        else:
            send_result(pipe, result)


def _tell(pipe: BinaryIO, fault: Exception) -> None:
    """What somebody can mend in its own words, a defect of ours by its place."""
    if isinstance(fault, UpstanderError) and fault.exit_code > UpstanderError.exit_code:
        send_error(pipe, fault)
    else:
        send_frame(pipe, FAULT, place_of_defect(fault).encode())


if __name__ == "__main__":
    main()
