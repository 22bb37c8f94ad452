"""Where records begin and end: the vectorised splitter against a state machine written the plain way."""

from dataclasses import dataclass

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from upstander.intake.lines import count_lines, split_records

NASTY = st.lists(st.sampled_from(list(b'a",\n\r" ')), max_size=40).map(bytes)


@dataclass
class Plain:
    """One character at a time: what RFC 4180 and this module's two decisions say."""

    content: bytes
    records: list[tuple[int, int, int, int, bool]]
    is_open: bool

    @classmethod
    def read(cls, content: bytes) -> "Plain":
        records, state, start, fields, spans, stray, at = [], "start", 0, 1, 1, False, 0
        while at < len(content):
            char, after = content[at], content[at + 1] if at + 1 < len(content) else None
            if state != "quoted" and char in b"\r\n":
                records.append((start, at, fields, spans, stray))
                at += 2 if char == 13 and after == 10 else 1
                start, state, fields, spans, stray = at, "start", 1, 1, False
                continue
            if state == "quoted":
                if char == 34 and after == 34:
                    at += 1
                elif char == 34 and (after is None or after in b",\r\n"):
                    state = "plain"
                elif char == 34:
                    stray = True
                elif char in b"\r\n":
                    at += char == 13 and after == 10
                    spans += 1
            elif char == 44:
                fields, state = fields + 1, "start"
            else:
                state = "quoted" if state == "start" and char == 34 else "plain"
            at += 1
        if start < len(content):
            records.append((start, len(content), fields, spans, stray))
        return cls(content, records, state == "quoted")


@settings(max_examples=600, deadline=None)
@given(NASTY)
@example(b'"a""b",c\r\n"x\ny",z\r\n')
@example(b'5" knife,"six"" inch"\r"lone" stray",x\n')
def test_records_are_those_of_a_plain_state_machine(content: bytes) -> None:
    plain = Plain.read(content)
    found = split_records(np.frombuffer(content, np.uint8), delimiter=44, quote=34, is_last=True)
    assert (found.open_quote >= 0) == plain.is_open
    if not plain.is_open:
        columns = (found.starts, found.ends, found.fields, found.spans, found.is_stray)
        assert list(zip(*(column.tolist() for column in columns), strict=True)) == plain.records


@settings(max_examples=300, deadline=None)
@given(NASTY, st.integers(1, 12))
def test_lines_counted_chunk_by_chunk_are_those_of_the_whole(content: bytes, size: int) -> None:
    chunks = [content[at : at + size] for at in range(0, len(content), size)]
    counted = sum(
        count_lines(chunk, ends_with_cr=before.endswith(b"\r"))
        for before, chunk in zip([b"", *chunks], chunks, strict=False)
    )
    assert counted == len(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")) - 1


def test_half_a_line_ending_at_the_end_of_a_block_waits_for_the_other_half() -> None:
    found = split_records(np.frombuffer(b"a,b\r", np.uint8), delimiter=44, quote=34, is_last=False)
    assert found.count == 0
