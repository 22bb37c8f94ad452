"""Where lines and records begin and end, found in whole blocks of bytes. No parser is trusted with this.

A physical line ends with LF, CRLF or CR. A record is one line, or several where a quoted field holds line endings.
Quotes follow RFC 4180, with two decisions it leaves open: a quote in the middle of an unquoted field is an ordinary
character, and a quote inside a quoted field that is neither doubled nor followed by the end of the field is *stray*:
the field goes on, and the record is marked.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Bytes: TypeAlias = npt.NDArray[np.uint8]
Positions: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

_LF, _CR = 10, 13
_OUTSIDE, _INSIDE, _ESCAPED = 0, 1, 2


@dataclass(frozen=True)
class Endings:
    """How many lines ended in each way."""

    lf: int = 0
    crlf: int = 0
    cr: int = 0

    def __add__(self, other: "Endings") -> "Endings":
        return Endings(self.lf + other.lf, self.crlf + other.crlf, self.cr + other.cr)

    @property
    def kinds(self) -> int:
        """How many of the three ways occur."""
        return sum(count > 0 for count in (self.lf, self.crlf, self.cr))


@dataclass(frozen=True)
class Records:
    """The whole records of one block, which starts where a record starts.

    `starts` to `ends` is a record without its line ending; `after` is where the next one starts. `lines` counts the
    physical line a record starts on, from 0; `spans` how many physical lines it has; `fields` its fields. `is_stray`
    marks a stray quote. `open_quote` is the byte of a quote still open at the end of the block, -1 for none.
    """

    starts: Positions
    ends: Positions
    after: Positions
    lines: Positions
    spans: Positions
    fields: Positions
    is_stray: Flags
    endings: Endings
    open_quote: int

    @property
    def count(self) -> int:
        """How many records."""
        return len(self.starts)

    @property
    def consumed(self) -> int:
        """Bytes that these records and their line endings take up."""
        return int(self.after[-1]) if self.count else 0

    @property
    def physical(self) -> int:
        """Physical lines that these records take up."""
        return int(self.spans.sum())


def split_records(block: Bytes, *, delimiter: int, quote: int, is_last: bool) -> Records:
    """The whole records in a block. What follows the last line ending is a record only in the last block."""
    breaks = _line_breaks(block, is_last=is_last)
    toggles, strays = _quotes(block, delimiter, quote)
    is_outside = _is_outside(breaks, toggles)
    record_breaks = breaks[is_outside]
    open_quote = int(toggles[-1]) if len(toggles) % 2 else -1
    ends, after = _ends(block, record_breaks)
    line_numbers = np.flatnonzero(is_outside)
    has_tail = is_last and (int(after[-1]) if len(after) else 0) < len(block)
    if has_tail:
        ends, after = np.append(ends, len(block)), np.append(after, len(block))
        line_numbers = np.append(line_numbers, len(breaks))
    starts = np.concatenate([np.zeros(min(1, len(after)), np.int64), after[:-1]])
    lines = np.concatenate([np.zeros(min(1, len(after)), np.int64), line_numbers[:-1] + 1])
    return Records(
        starts, ends, after, lines, line_numbers - lines + 1,
        _fields(block, starts, ends, toggles, delimiter),
        _has_any(strays, starts, ends), _endings(block, record_breaks), open_quote,
    )  # fmt: skip


def count_lines(block: bytes, *, ends_with_cr: bool) -> int:
    """Line endings in a run of bytes, for a file that is not parsed. `ends_with_cr`: the run before ended with CR."""
    returns = block.count(b"\r")
    pairs = block.count(b"\r\n") if returns else 0
    return block.count(b"\n") + returns - pairs - (ends_with_cr and block.startswith(b"\n"))


def _line_breaks(block: Bytes, *, is_last: bool) -> Positions:
    """The last byte of every line ending. A CR at the end of the block may be half of CRLF, so it waits."""
    feeds = np.flatnonzero(block == _LF)
    returns = np.flatnonzero(block == _CR)
    if not len(returns):
        return feeds
    following = np.minimum(returns + 1, len(block) - 1)
    is_half = block[following] == _LF
    if returns[-1] == len(block) - 1:
        is_half[-1] = not is_last
    alone = returns[~is_half]
    return feeds if not len(alone) else np.sort(np.concatenate([feeds, alone]))


def _ends(block: Bytes, breaks: Positions) -> tuple[Positions, Positions]:
    before = np.maximum(breaks - 1, 0)
    is_pair = (block[breaks] == _LF) & (block[before] == _CR) & (breaks > 0)
    return breaks - is_pair, breaks + 1


def _endings(block: Bytes, breaks: Positions) -> Endings:
    ends, after = _ends(block, breaks)
    pairs = int((after - ends == 2).sum())
    returns = int((block[breaks] == _CR).sum())
    return Endings(lf=len(breaks) - pairs - returns, crlf=pairs, cr=returns)


def _is_outside(positions: Positions, toggles: Positions) -> Flags:
    """Which positions no quoted field holds: of the runs that the quotes cut them into, every other one."""
    runs = np.diff(np.searchsorted(positions, toggles), prepend=0, append=len(positions))
    return np.repeat(np.arange(len(runs)) % 2 == 0, runs)


def _fields(block: Bytes, starts: Positions, ends: Positions, toggles: Positions, delimiter: int) -> Positions:
    delimiters = np.flatnonzero(block[: int(ends[-1]) if len(ends) else 0] == delimiter)
    delimiters = delimiters[_is_outside(delimiters, toggles)] if len(toggles) else delimiters
    if len(starts) and len(delimiters) % len(starts) == 0:
        each = len(delimiters) // len(starts)
        table = delimiters.reshape(len(starts), each)
        if not each or (bool((table[:, 0] >= starts).all()) and bool((table[:, -1] < ends).all())):
            return np.full(len(starts), each + 1)
    return np.searchsorted(delimiters, ends) - np.searchsorted(delimiters, starts) + 1


def _has_any(positions: Positions, starts: Positions, ends: Positions) -> Flags:
    if not len(positions):
        return np.zeros(len(starts), bool)
    has_any: Flags = np.searchsorted(positions, ends) > np.searchsorted(positions, starts)
    return has_any


def _quotes(block: Bytes, delimiter: int, quote: int) -> tuple[Positions, Positions]:
    """Quotes that open or close a field, in turn (a doubled quote closes and opens), and stray ones."""
    found = np.flatnonzero(block == quote)
    none = np.zeros(0, np.int64)
    if not len(found):
        return none, none
    boundary = np.zeros(256, bool)
    boundary[[delimiter, _LF, _CR]] = True
    opens = boundary[block[np.maximum(found - 1, 0)]] | (found == 0)
    closes = boundary[block[np.minimum(found + 1, len(block) - 1)]] | (found == len(block) - 1)
    touches_next = np.append(np.diff(found) == 1, False)
    touches_last = np.append(False, touches_next[:-1])
    is_regular = (opens | touches_last)[::2].all() and (closes | touches_next)[1::2].all()
    # In the regular case a closing quote that touches the next is always the first half of a doubled one.
    return (found, none) if is_regular else _irregular_quotes(found, opens, closes, touches_next)


def _irregular_quotes(
    found: Positions, opens: Flags, closes: Flags, touches_next: Flags
) -> tuple[Positions, Positions]:
    """The same by a state machine of three states, run over all quotes at once as a prefix composition of maps."""
    step = np.zeros((len(found), 3), np.uint8)
    step[:, _OUTSIDE] = np.where(opens, _INSIDE, _OUTSIDE)
    step[:, _INSIDE] = np.where(touches_next, _ESCAPED, np.where(closes, _OUTSIDE, _INSIDE))
    step[:, _ESCAPED] = _INSIDE
    reach = 1
    while reach < len(step):
        step[reach:] = np.take_along_axis(step[reach:], step[:-reach].astype(np.intp), axis=1)
        reach *= 2
    before = np.append(np.uint8(_OUTSIDE), step[:-1, _OUTSIDE])
    turns = ((before == _OUTSIDE) & opens) | ((before == _INSIDE) & closes & ~touches_next)
    strays = (before == _INSIDE) & ~touches_next & ~closes
    return found[turns], found[strays]
