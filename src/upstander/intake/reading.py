"""Reading one file from first byte to last: every line accounted for, every row to one fate."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import BinaryIO

from upstander.contracts.dataset import Shape
from upstander.contracts.profiles import Concern, Profile
from upstander.contracts.readings import Covers, LineAccount, Outcome
from upstander.errors import UpstanderError
from upstander.intake.blocks import Block, BlockReader, refuse_nul
from upstander.intake.cells import Cells, cells_of, without_faults
from upstander.intake.derive import Deriver, Locate
from upstander.intake.errors import FileStopped
from upstander.intake.figures import FigureMaker
from upstander.intake.header import Header, find_header
from upstander.intake.plan import DialectFound, ReadPlan, ReadResult, Sink
from upstander.intake.profiling import postcode_agrees
from upstander.intake.sentences import say
from upstander.intake.sorting import Sorter
from upstander.intake.sources import Decoder, Source
from upstander.intake.tally import Tally
from upstander.intake.verdict import refuse_untrustworthy, verdict_on
from upstander.intake.wholefile import concerns_of
from upstander.intake.workbooks import Sheet, sheet_in
from upstander.values.alongside import Behind, ahead
from upstander.values.periods import Period

WORKBOOKS = (".xlsx", ".xlsm")


def read(stream: BinaryIO, plan: ReadPlan, *, locate: Locate, sink: Sink) -> ReadResult:
    """Read one CSV file, or a sheet of a workbook, by its plan; rows and quarantined records go to the sink by blocks.

    locate: takes stated_code, postcode, x, y and, where the file has words about the place, text and site; gives the
    place columns of the warehouse, and of words their text_class, row for row.
    Never raises for what a sender can mend: that is the result's outcome and message. What the sink was given stands
    only if the outcome loads (ACCEPT, NORMALISE, ROWQ) or holds (HOLD).
    """
    run = _Run(plan, locate, sink, Source(stream))
    try:
        run.through()
    except FileStopped as stop:
        return run.stopped(stop)
    return run.finished()


def covers_before_reading(plan: ReadPlan) -> Period | None:
    """What the file covers as its sender states it, else as its name says, else None: then its rows will tell."""
    pattern = plan.supplier.covers_from_file_name
    if plan.covers is not None or pattern is None:
        return plan.covers
    found = re.search(pattern, plan.file_name)
    return Period.parse(found[1]) if found else None


class _Run:
    """One reading in progress."""

    def __init__(self, plan: ReadPlan, locate: Locate, sink: Sink, source: Source) -> None:
        self.plan, self.locate, self.sink, self.source = plan, locate, sink, source
        self.tally = Tally()
        self.decoder = Decoder(plan.supplier.file.encoding)
        self.covers = covers_before_reading(plan)
        self.sheet: Sheet | None = None
        self.header: Header | None = None
        self.sorter: Sorter | None = None

    def through(self) -> None:
        """All blocks to the end: one is parsed, one checked and one derived at a time. Raises FileStopped."""
        self._compare(self.plan.control.fault)
        with closing(ahead(self._parsed())) as parsed, Behind() as behind:
            for block, cells in parsed:
                self._count_lines(cells.blank, cells.footer, cells.continuation, cells.records)
                self.tally.endings += block.records.endings
                self._sorter.sort(block, cells, behind)
        self._compare(self.plan.control.fault_with_rows(self.tally.records))
        refuse_untrustworthy(self.tally, self._sorter.reader)

    def _compare(self, fault: str) -> None:
        """Stop where the file is not what its sender says of it. Raises FileStopped."""
        if fault:
            raise FileStopped(Outcome.FILEQ, f"Nothing was loaded. {fault}", rule="control file")

    def _unpack(self) -> None:
        """Of a workbook, go on with its sheet as text; of an archive, with its one file. Raises FileStopped."""
        self.sheet = sheet_in(self.source, wanted=self.plan.supplier.file.sheet)
        if self.sheet is not None:
            self.plan = replace(self.plan, supplier=self.plan.supplier.as_workbook())
            self.decoder = Decoder("utf-8", "utf-8", notes=list(self.sheet.notes), holds=list(self.sheet.holds))
        elif self.source.was_packed:
            self.decoder.notes.append(say("packed"))
        elif self.plan.file_name.lower().endswith(WORKBOOKS):
            self.decoder.notes.append(say("named_workbook"))

    def _parsed(self) -> Iterator[tuple[Block, Cells]]:
        self._unpack()
        plan, file = self.plan, self.plan.supplier.file
        reader = BlockReader(self.source, self.decoder, plan.block_bytes, file.quote)
        texts = reader.texts()
        start, is_last = next(texts)
        header = self._begin(start, is_whole=is_last)
        reader.delimiter = header.delimiter
        first_line = header.preamble + header.blank + header.lines + 1
        for block in reader.blocks(start[header.length :], texts, is_last=is_last, line=first_line):
            cells = cells_of(block, header, quote=file.quote, footer=file.footer)
            yield block, cells if self.sheet is None else without_faults(block, cells, self.sheet.faults)

    @property
    def _sorter(self) -> Sorter:
        if self.sorter is None:
            raise UpstanderError("Rows came before the header was read. This is a defect of ours.")
        return self.sorter

    def _begin(self, start: bytes, *, is_whole: bool) -> Header:
        refuse_nul(start, start, 1)
        header = find_header(start, self.plan.supplier, self.plan.known_columns, is_whole=is_whole)
        self.header = header
        self.tally.header, self.tally.preamble, self.tally.blank = header.lines, header.preamble, header.blank
        sent = {heading for heading in header.fields if heading is not None}
        filled = self.plan.supplier.filled_from(sent)
        are_figures = self.plan.contract.shape is Shape.INDICATORS
        deriver = FigureMaker(self.plan, filled) if are_figures else Deriver(self.plan, filled, self.locate)
        self.sorter = Sorter.of(self.plan, self.covers, deriver, self.sink, self.tally)
        return header

    def _count_lines(self, blank: int, footer: int, continuation: int, records: int) -> None:
        self.tally.blank += blank
        self.tally.footer += footer
        self.tally.continuation += continuation
        self.tally.records += records

    def stopped(self, stop: FileStopped) -> ReadResult:
        """The answer for a file of which nothing loads."""
        lines = self._unread(self.source.drain(), stop.outcome)
        return ReadResult(
            outcome=stop.outcome,
            message=stop.message,
            lines=lines,
            covers=None,
            dialect=self._dialect() if self.header else None,
            sha256=self.source.sha256,
            byte_count=self.source.byte_count,
            quarantined_by_rule=((stop.rule, lines.quarantined),),
        )

    def _unread(self, physical: int, outcome: Outcome) -> LineAccount:
        """All lines after the header kept back as they are; of a refused file, which is not parsed, none."""
        if outcome == Outcome.REFUSE:
            return LineAccount(*[0] * 11)
        head = (self.header.lines, self.header.preamble, self.header.blank) if self.header else (0, 0, 0)
        kept = max(physical - sum(head), 0)
        return LineAccount(
            physical=kept + sum(head), header=head[0], preamble=head[1], blank=head[2], footer=0, continuation=0,
            records=kept, accepted=0, quarantined=kept, repeated=0, set_aside=0,
        )  # fmt: skip

    def finished(self) -> ReadResult:
        """The answer for a file that was read to its end."""
        tally, header = self.tally, self.header
        lines = tally.account(self._physical())
        if not lines.adds_up or header is None:
            raise UpstanderError(f"The lines do not add up: {lines}. This is a defect of ours; nothing was loaded.")
        profile, concerns = self._as_a_whole()
        verdict = verdict_on(lines, tally, self._sorter.reader, header, self.decoder, concerns)
        return ReadResult(
            outcome=verdict.outcome,
            message=verdict.message,
            lines=lines,
            covers=self._covers(),
            dialect=self._dialect(),
            sha256=self.source.sha256,
            byte_count=self.source.byte_count,
            notes=verdict.repairs + verdict.notes,
            holds=verdict.holds,
            mistakes=tuple(sorted(tally.mistakes, key=lambda mistake: mistake.line)),
            quarantined_by_rule=tuple(tally.quarantined.most_common()),
            set_aside_by_reason=tuple(tally.set_aside.most_common()),
            filled=tuple(sorted(tally.filled.items())),
            default_times=tally.default_times,
            row_span=tally.span,
            figures=tally.figures if self.plan.contract.shape is Shape.INDICATORS else None,
            markers=tuple(tally.markers.most_common()),
            profile=profile,
            concerns=concerns,
            otherwise=verdict.otherwise,
        )

    def _as_a_whole(self) -> tuple[Profile, tuple[Concern, ...]]:
        """What the rows are like, and why a person must look at them for it."""
        profiler, plan = self._sorter.profiler, self.plan
        agrees = postcode_agrees(profiler, plan.ground)
        profile = profiler.profile()
        return profile, concerns_of(profile, plan.contract, plan.supplier, postcode_agrees=agrees)

    def _physical(self) -> int:
        """Physical lines by a count of their own; of UTF-16 the sum of the places they went to."""
        if self.decoder.name.startswith("utf-16"):
            t = self.tally
            return t.header + t.preamble + t.blank + t.footer + t.continuation + t.records
        return self.source.drain()

    def _covers(self) -> Covers | None:
        if self.covers is not None:
            return Covers(self.covers.start, self.covers.end, inferred=False)
        if self.tally.counted_span is None:
            return None
        first, last = self.tally.counted_span
        return Covers(first.date(), last.date() + timedelta(days=1), inferred=True)

    def _dialect(self) -> DialectFound:
        delimiter = self.header.delimiter if self.header else self.plan.supplier.file.delimiter
        counts = {"LF": self.tally.endings.lf, "CRLF": self.tally.endings.crlf, "CR": self.tally.endings.cr}
        found = [name for name, count in counts.items() if count]
        ending = "mixed" if len(found) > 1 else found[0] if found else "none"
        written = "workbook (XLSX)" if self.sheet else self.decoder.name
        return DialectFound(delimiter, self.plan.supplier.file.quote, written, ending, self.decoder.has_mark)
