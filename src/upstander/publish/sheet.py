"""A bulletin as it is laid out, before it is a PDF or a web page: both are written from one sheet and say the same."""

from dataclasses import dataclass

from upstander.publish.charts.keys import KeyEntry
from upstander.publish.svg import Drawing


@dataclass(frozen=True)
class Panel:
    """One source's part of a figure. Without a drawing, `words` say why there is none."""

    mark: Drawing
    heading: str
    aside: str = ""
    tag: str = ""
    is_signal: bool = False
    drawing: Drawing | None = None
    words: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table; `share` is its part of the width, 0 for as wide as its words."""

    head: str
    is_number: bool = False
    share: float = 0
    axis: Drawing | None = None


@dataclass(frozen=True)
class Cell:
    """A cell of a table: a pin's number, drawings and words, in that order.

    `narrow` are words for a phone, where the table's head with its axis is not seen.
    """

    words: str
    drawings: tuple[Drawing, ...] = ()
    is_strong: bool = False
    pin: int = 0
    narrow: str = ""


@dataclass(frozen=True)
class RichTable:
    """A table that is part of a figure."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Numbers:
    """A figure's numbers as a plain table. `is_wide`: many narrow columns; `words_in`: which columns hold words."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_wide: bool = False
    words_in: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Section:
    """A finding and what shows it. Parts that are empty are left out; `figure` is its id in the page."""

    figure: str
    finding: str
    sub: str = ""
    key_title: str = ""
    key: tuple[KeyEntry, ...] = ()
    panels: tuple[Panel, ...] = ()
    pins: tuple[tuple[int, str], ...] = ()
    table: RichTable | None = None
    paragraphs: tuple[tuple[str, str], ...] = ()  # (lead, text)
    note: str = ""
    numbers: tuple[Numbers, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """The whole bulletin. `brief` is heading and sentences, three of them, then one line on what is not known."""

    title: str
    network: str
    label: str
    handling: str
    edition: str
    expires: str
    headline: str
    brief: tuple[tuple[str, tuple[str, ...]], ...]
    not_known: str
    mark: Drawing
    first: tuple[Section, ...]
    second: tuple[Section, ...]
    detail: tuple[Section, ...]
    footer: str

    @property
    def sections(self) -> tuple[Section, ...]:
        """Every section in order."""
        return (*self.first, *self.second, *self.detail)
