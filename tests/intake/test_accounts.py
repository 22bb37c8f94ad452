"""Promise 1: every line is accounted for, whatever the file."""

import csv
import io

from hypothesis import example, given, settings
from hypothesis import strategies as st

from intake.desk import RMS_HEADER, RMS_ROW, read_bytes, rms, variant
from upstander.contracts.readings import LineAccount, Outcome
from upstander.intake.blocks import BlockReader
from upstander.intake.cells import cells_of
from upstander.intake.header import Header
from upstander.intake.sources import Decoder, Source

CELL = st.text(st.sampled_from('aZ0",;\n\r é\u2019\t='), max_size=8)
WIDTH = 4
ENDINGS = st.sampled_from(["\n", "\r\n", "\r"])
SUMS = ("header", "preamble", "blank", "footer", "continuation", "records")
FATES = ("accepted", "quarantined", "repeated", "set_aside")


def _sum(lines: LineAccount, names: tuple[str, ...]) -> int:
    return sum(getattr(lines, name) for name in names)


def _physical(content: bytes) -> int:
    text = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return text.count(b"\n") + (not text.endswith(b"\n") and bool(text))


@st.composite
def nasty_files(draw: st.DrawFn) -> bytes:
    """A good header, then rows that may be anything: good, ragged, blank, with broken or stray quotes."""
    good = ",".join(RMS_ROW[name] for name in RMS_HEADER.split(","))
    broken = good.replace("Outside a shop.", '"two\nlines, and a "" quote"')
    odd = st.one_of(
        st.sampled_from(
            [good, broken, "", "   ", "a,b", good + ",x", RMS_HEADER, "Total,40" + "," * 18, ",,,", '5" x,y']
        ),
        st.lists(CELL, min_size=1, max_size=22).map(lambda cells: ",".join(c.replace('"', "") for c in cells)),
        st.just(good.replace("Sam", '"S"am"')),
    )
    lines = draw(st.lists(st.tuples(odd, ENDINGS), max_size=12))
    text = RMS_HEADER + "\n" + "".join(line + ending for line, ending in lines)
    return text.encode() + draw(st.sampled_from([b"", good.encode(), b"\xff\xfe,x\n"]))


@settings(max_examples=60, deadline=None)
@given(nasty_files(), st.sampled_from([400, 1 << 20]))
@example(rms({}, {"notes": '"a\r\nb"'}), 400)
def test_both_sums_hold_for_any_file_and_any_block_size(content: bytes, block_bytes: int) -> None:
    result, tray = read_bytes(content, block_bytes=max(block_bytes, 300))
    assert result.outcome in {Outcome.ACCEPT, Outcome.NORMALISE, Outcome.ROWQ, Outcome.HOLD}, result.message
    assert result.lines.physical == _physical(content) == _sum(result.lines, SUMS)
    assert result.lines.records == _sum(result.lines, FATES)
    assert sum(batch.height for batch in tray.batches) == result.lines.accepted
    assert tray.quarantined.height == result.lines.quarantined == sum(n for _, n in result.quarantined_by_rule)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELL, min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=12), ENDINGS)
def test_what_a_csv_writer_writes_is_read_back_cell_for_cell(table: list[list[str]], ending: str) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(table)
    names = tuple(f"h{index}" for index in range(WIDTH))
    header = Header(0, 0, 0, 1, ",", names, names, (), ())
    reader = BlockReader(Source(io.BytesIO(written.getvalue().encode())), Decoder("utf-8"), 64, '"')
    texts = reader.texts()
    first, is_last = next(texts)
    blocks = reader.blocks(first, texts, is_last=is_last, line=1)
    read = [
        row for block in blocks for row in cells_of(block, header, quote='"', footer=None).rows.select(names).rows()
    ]
    assert read == [tuple(row) for row in table]


def test_preamble_footer_and_blank_lines_have_a_place_of_their_own() -> None:
    supplier = variant("rms", file={"preamble_lines": 2, "footer": r"^Rows: \d+"})
    content = b"Extract of July\r\nOFFICIAL\r\n" + rms({}, {}).replace(b"\r\nC2", b"\r\n\r\nC2") + b"Rows: 2\r\n"
    result, _ = read_bytes(content, supplier)
    lines = result.lines
    assert (lines.preamble, lines.header, lines.blank, lines.footer, lines.records) == (2, 1, 1, 1, 2)
    assert lines.accepted == 2


def test_lines_of_a_stopped_file_are_counted_too() -> None:
    result, _ = read_bytes(rms({}, {"notes": '"never closed'}, {}))
    assert result.outcome == Outcome.FILEQ
    assert (result.lines.physical, result.lines.header, result.lines.quarantined) == (4, 1, 3)
    assert result.lines.adds_up
