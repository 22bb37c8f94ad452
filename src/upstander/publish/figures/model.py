"""A figure as every page of the site shows it (web/templates/parts/figure.html)."""

from dataclasses import dataclass

from upstander.publish.charts.keys import KeyEntry
from upstander.publish.sheet import Numbers
from upstander.publish.svg import Drawing


@dataclass(frozen=True)
class Picture:
    """One picture, drawn for a wide page and for a phone. `tag` says signal or noise; empty where neither is asked."""

    wide: Drawing
    narrow: Drawing
    heading: str = ""
    tag: str = ""
    is_signal: bool = False


@dataclass(frozen=True)
class Figure:
    """One figure. `name` is unique in its page, and part of its address; names of its drawings begin with it.

    finding: the sentence above. sub: what is drawn. without: why there is no picture. made: how, sentence by sentence.
    `shows_numbers`: the table is the figure, and stands open. `stands_in_row`: its pictures stand side by side.
    """

    name: str
    finding: str
    sub: str
    numbers: Numbers
    pictures: tuple[Picture, ...] = ()
    key: tuple[KeyEntry, ...] = ()
    without: str = ""
    note: str = ""
    made: tuple[str, ...] = ()
    shows_numbers: bool = False
    stands_in_row: bool = False

    @property
    def labelled(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """The rows of its table, each cell with its column's head: on a phone a row is a card."""
        return tuple(tuple(zip(self.numbers.heads, row, strict=True)) for row in self.numbers.rows)


def nothing(name: str, finding: str, sub: str, without: str) -> Figure:
    """A figure without a number: what was looked for, and why there is none."""
    return Figure(name, finding, sub, Numbers("", (), ()), without=without)
