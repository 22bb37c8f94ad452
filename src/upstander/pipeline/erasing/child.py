"""The process that looks through raw files: jobs in on standard input, frames out on standard output."""

import io
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import BinaryIO

from upstander.errors import UpstanderError, place_of_defect
from upstander.intake import suppliers
from upstander.intake.errors import FileStopped
from upstander.intake.finding import Layout, Rewritten, is_opaque, rewritten, rewritten_lines, told, traces
from upstander.pipeline.caps import lines_until_parent_goes, watch_memory
from upstander.pipeline.erasing.jobs import FIND, TELL, FindAnswer, FindJob, mentions_of, plain_mentions
from upstander.pipeline.reading import (
    FAULT,
    MEMORY_EXIT,
    ORPHAN_EXIT,
    QUARANTINED,
    RESULT,
    Quarantine,
    send_error,
    send_frame,
)
from upstander.vault import sealed


def run_job(job: FindJob, send: Quarantine) -> FindAnswer:
    """Do one job here and now; the same signature as FindingProcess."""
    with _source(job) as stream:
        if is_opaque(stream, has_map=bool(job.suppliers)):
            return FindAnswer(is_opaque=True)
    if job.do == FIND:
        return _found(job, send)
    return _told(job) if job.do == TELL else _rewritten(job, send)


def _found(job: FindJob, send: Quarantine) -> FindAnswer:
    """Traces by every map that the file may be read with; a map that stops halfway leaves those it found."""
    read_by = ""
    for layout in _layouts(job):
        name = layout.supplier.name
        keys = {kind.removesuffix(f"|{name}"): bytes.fromhex(key) for kind, key in job.keys.items()}
        try:
            with _source(job) as stream:
                for frame in traces(stream, layout, keys):
                    buffer = io.BytesIO()
                    frame.write_ipc_stream(buffer)
                    send(buffer.getvalue())
        except FileStopped:
            continue
        read_by = read_by or name
    return FindAnswer(read_by=read_by)


def _told(job: FindJob) -> FindAnswer:
    found = mentions_of(None)
    for layout in _layouts(job):
        try:
            with _source(job) as stream:
                found |= told(stream, layout, job.lines)
        except FileStopped:
            continue
    return FindAnswer(mentions=plain_mentions(found))


def _rewritten(job: FindJob, send: Quarantine) -> FindAnswer:
    layout = next(_layouts(job), None)
    with _source(job) as stream:
        mentions, gone = mentions_of(job.mentions), frozenset(job.lines)
        done: Rewritten = (
            rewritten(stream, layout, gone, mentions, send) if layout else rewritten_lines(stream, gone, mentions, send)
        )
    return FindAnswer(emptied=done.emptied, by_text=tuple(done.by_text), changed=done.changed)


def _layouts(job: FindJob) -> Iterator[Layout]:
    for name in job.suppliers:
        supplier = suppliers.load(name, folders=[Path(folder) for folder in job.supplier_folders])
        yield Layout(suppliers.contract_of(supplier), supplier)


def _source(job: FindJob) -> BinaryIO:
    return sealed.open(Path(job.source), bytes.fromhex(job.data_key))


def main() -> None:
    """Do each job that standard input brings, under this process's limits, until the parent goes."""
    pipe: BinaryIO = sys.stdout.buffer
    watch_memory(MEMORY_EXIT)
    for line in lines_until_parent_goes(ORPHAN_EXIT):
        try:
            plain = json.loads(line)
            answer = run_job(FindJob(**plain), partial(send_frame, pipe, QUARANTINED))
        except Exception as fault:
            if isinstance(fault, UpstanderError) and fault.exit_code > UpstanderError.exit_code:
                send_error(pipe, fault)
            else:
                send_frame(pipe, FAULT, place_of_defect(fault).encode())
        else:
            send_frame(pipe, RESULT, json.dumps(asdict(answer)).encode())


if __name__ == "__main__":
    main()
