"""From a block of bytes to a table of text: well-formed records go to a strict parser, the others are kept back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv

from upstander.errors import UpstanderError
from upstander.intake.blocks import Block
from upstander.intake.header import Header
from upstander.intake.lines import Flags, Positions
from upstander.intake.sentences import expected

LINE = "line"
TOTAL = r"(?i)^\W*(grand |sub-?)?totals?\b|^\W*(end of (report|file)|rows? ?(returned|count)|record count)\b"
_SPACE = 0x20  # nothing that prints comes before it; a no-break space is C2 A0
_INVISIBLE = " \ufeff\u00a0"
QUARANTINE_SCHEMA = {
    "line": pl.Int64,
    "record": pl.String,
    "column": pl.String,
    "rule": pl.String,
    "expected": pl.String,
}


@dataclass(frozen=True)
class Cells:
    """One block sorted: `rows` (line, then one text column a heading) and `kept_back` (QUARANTINE_SCHEMA).

    `which` says for each row which record of the block it is; `padded` names the headings that may have a cell with
    blanks round its text. Every record is in exactly one place: a row, kept back, blank or footer.
    """

    rows: pl.DataFrame
    which: Positions
    padded: frozenset[str]
    kept_back: pl.DataFrame
    blank: int
    footer: int
    records: int
    continuation: int


def cells_of(block: Block, header: Header, *, quote: str, footer: str | None) -> Cells:
    """Sort a block's records and parse the well-formed ones to text."""
    records, wanted = block.records, len(header.fields)
    is_blank = _blank(block, wanted)
    is_footer = _matches(block, footer) & ~is_blank if footer else np.zeros(records.count, bool)
    is_broken = _not_utf8(block)
    is_kept = is_blank | is_footer
    faults = [
        (is_broken & ~is_kept, "not valid UTF-8"),
        (records.is_stray & ~is_broken & ~is_kept, "stray quote"),
    ]
    is_faulty = is_broken | records.is_stray
    is_ragged = (records.fields != wanted) & ~is_faulty & ~is_kept
    kept_back = [_kept_back(block, np.flatnonzero(which), rule) for which, rule in faults if which.any()]
    kept_back.extend(_ragged(block, np.flatnonzero(is_ragged), wanted) if is_ragged.any() else [])
    is_good = ~(is_kept | is_faulty | is_ragged)
    rows, which, padded, odd = _parsed(block, header, is_good, quote)
    kept_back.extend(odd)
    spans = records.spans
    return Cells(
        rows, which, padded, pl.concat(kept_back) if kept_back else pl.DataFrame(schema=QUARANTINE_SCHEMA),
        blank=int(spans[is_blank].sum()), footer=int(is_footer.sum()),
        records=int((~is_kept).sum()), continuation=int((spans[~is_blank] - 1).sum()),
    )  # fmt: skip


def without_faults(block: Block, cells: Cells, faults: pl.DataFrame) -> Cells:
    """The same block with the rows on these lines (line, rule, expected) kept back."""
    theirs = cells.rows.select(LINE).with_row_index("at").join(faults, on=LINE)
    if theirs.is_empty():
        return cells
    is_good = ~np.isin(np.arange(cells.rows.height), theirs["at"].to_numpy())
    kept = theirs.select(
        pl.col(LINE),
        record=raw_texts(block, cells.which[~is_good]),
        column=pl.lit(""),
        rule="rule",
        expected="expected",
    )
    rows, kept_back = cells.rows.filter(is_good), pl.concat([cells.kept_back, kept])
    return replace(cells, rows=rows, which=cells.which[is_good], kept_back=kept_back)


def raw_texts(block: Block, which: Positions) -> pl.Series:
    """The records as sent; bytes that are no UTF-8 shown as �."""
    records = block.records
    flat = np.empty(2 * records.count + 1, np.int64)
    flat[0:-1:2], flat[1::2], flat[-1] = records.starts, records.ends, len(block.content)
    every = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), 2 * records.count, [None, pa.py_buffer(flat), pa.py_buffer(block.content)]
    )
    # Not pa.array(which): that imports pandas where it is installed, which takes two seconds.
    positions = pa.Int64Array.from_buffers(pa.int64(), len(which), [None, pa.py_buffer(2 * which.astype(np.int64))])
    taken = pl.Series("record", every.take(positions))
    try:
        return taken.cast(pl.String)
    except pl.exceptions.ComputeError:
        # Only records kept back for broken bytes come here, a few.
        return pl.Series("record", [raw.decode("utf-8", "replace") for raw in taken])


def line_numbers(block: Block, which: Positions) -> Positions:
    """Physical lines, from 1, on which these records start."""
    return block.records.lines[which] + block.first_line


def _blank(block: Block, wanted: int) -> Flags:
    """Lines without a character, of blanks only, or of nothing but delimiters."""
    records = block.records
    lengths = records.ends - records.starts
    is_blank: Flags = (lengths == records.fields - 1) & ((records.fields == wanted) | (lengths == 0))
    candidates = np.flatnonzero((records.fields == 1) & (lengths > 0) & (wanted > 1))
    if len(candidates):
        is_blank[candidates] = (raw_texts(block, candidates).str.strip_chars() == "").to_numpy()
    return is_blank


def _matches(block: Block, pattern: str) -> Flags:
    every = raw_texts(block, np.arange(block.records.count))
    return every.str.contains(pattern).to_numpy()


def _not_utf8(block: Block) -> Flags:
    is_broken = np.zeros(block.records.count, bool)
    if block.content.isascii():
        return is_broken
    faults = _invalid_bytes(block.content[: block.records.consumed])
    is_broken[np.searchsorted(block.records.after, faults, side="right")] = True
    return is_broken


def _invalid_bytes(content: bytes) -> Positions:
    """Where a UTF-8 reading fails, each place once."""
    view, at, faults = memoryview(content), 0, []
    while True:
        try:
            str(view[at:], "utf-8")
        except UnicodeDecodeError as why:
            faults.append(at + why.start)
            at += why.end
        else:
            return np.array(faults, np.int64)


def _kept_back(block: Block, which: Positions, rule: str, right: pl.Expr | None = None) -> pl.DataFrame:
    return pl.DataFrame({"line": line_numbers(block, which), "record": raw_texts(block, which)}).with_columns(
        column=pl.lit(""), rule=pl.lit(rule), expected=pl.lit(expected(rule)) if right is None else right
    )


def _ragged(block: Block, which: Positions, wanted: int) -> list[pl.DataFrame]:
    rule = "wrong number of columns"
    said = [expected(rule, wanted=wanted, found=int(found)) for found in block.records.fields[which]]
    return [_kept_back(block, which, rule, pl.lit(pl.Series(said, dtype=pl.String)))]


def _parsed(
    block: Block, header: Header, is_good: Flags, quote: str
) -> tuple[pl.DataFrame, Positions, frozenset[str], list[pl.DataFrame]]:
    """Rows as text, which records they are, the padded headings, and second headers and totals among them."""
    which = np.flatnonzero(is_good)
    wanted = {f"f{index}": heading for index, heading in enumerate(header.fields) if heading is not None}
    if not len(which):
        return pl.DataFrame(schema={LINE: pl.Int64} | dict.fromkeys(wanted.values(), pl.String)), which, frozenset(), []
    table = _strictly(
        _clean(block, is_good), header, list(wanted), quote, has_breaks=bool((block.records.spans > 1).any())
    )
    if table.num_rows != len(which):
        raise UpstanderError(
            f"The parser found {table.num_rows} rows where {len(which)} records were counted. "
            "This is a defect of ours; nothing was loaded.", where=f"line {block.first_line}",
        )  # fmt: skip
    padded = frozenset(heading for name, heading in wanted.items() if _is_padded(table[name]))
    raw = pl.DataFrame(pl.from_arrow(table))
    names = {name: header.as_sent[int(name[1:])] for name in wanted}
    is_second = _second_headers(raw, names)
    is_total = raw[next(iter(wanted))].str.contains(TOTAL).to_numpy() & ~is_second
    rows = raw.rename(wanted).insert_column(0, pl.Series(LINE, line_numbers(block, which)))
    is_odd = is_second | is_total
    if not is_odd.any():
        return rows, which, padded, []
    second, total = which[is_second], which[is_total]
    kept = [_kept_back(block, second, "second header"), _kept_back(block, total, "total or footer line")]
    return rows.filter(~is_odd), which[~is_odd], padded, kept


def _is_padded(texts: pa.ChunkedArray) -> bool:
    """Whether a cell may start or end with a blank. In most columns none does, and trimming costs more than looking."""
    return any(_has_blank_ends(chunk) for chunk in texts.chunks)


def _has_blank_ends(texts: pa.StringArray) -> bool:
    _, offsets, content = texts.buffers()
    if content is None or not content.size:
        return False
    held = np.frombuffer(content, np.uint8)
    bounds = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    # For an empty cell this looks at the end of a neighbour, which answers for itself anyway.
    starts, ends = np.minimum(bounds[:-1], len(held) - 1), np.maximum(bounds[1:] - 1, 0)
    return any(bool(((seen <= _SPACE) | (seen == 0xC2) | (seen == 0xA0)).any()) for seen in (held[starts], held[ends]))


def _second_headers(raw: pl.DataFrame, names: Mapping[str, str]) -> Flags:
    """Which rows say in every column what the header says."""
    left = raw.select(*names).with_row_index()
    for name, sent in names.items():
        left = left.filter(pl.col(name).str.strip_chars(_INVISIBLE) == sent.strip(_INVISIBLE))
        if left.is_empty():
            break
    is_second = np.zeros(raw.height, bool)
    is_second[left["index"].to_numpy()] = True
    return is_second


def _clean(block: Block, is_good: Flags) -> bytes | memoryview:
    """The good records' bytes alone, each ended by one LF where the file ends them otherwise."""
    records = block.records
    if is_good.all() and not records.endings.cr:
        return memoryview(block.content)[: records.consumed]
    lengths = records.after - records.starts
    is_kept = np.repeat(is_good, lengths)
    kept = block.view[: records.consumed][is_kept]
    if records.endings.cr:
        # A lone CR that ends a record becomes LF, so that the parser sees one kind of ending.
        ends = np.cumsum(lengths[is_good]) - 1
        returns = ends[kept[ends] == 13]
        kept = kept.copy()
        kept[returns] = 10
    return kept.tobytes()


def _strictly(
    content: bytes | memoryview, header: Header, wanted: list[str], quote: str, *, has_breaks: bool
) -> pa.Table:
    names = [f"f{index}" for index in range(len(header.fields))]
    return pyarrow.csv.read_csv(
        pa.BufferReader(pa.py_buffer(content)),
        read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=len(content) + 1),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=header.delimiter, quote_char=quote, double_quote=True, escape_char=False,
            newlines_in_values=has_breaks, ignore_empty_lines=False,
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), include_columns=wanted, strings_can_be_null=False,
            check_utf8=False,
        ),
    )  # fmt: skip
