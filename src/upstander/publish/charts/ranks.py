"""Rank strips: per source a 95% bar of where a place's rank could lie, its mark at the median."""

from collections.abc import Mapping

from upstander.publish import svg, tokens
from upstander.publish.charts.marks import marker
from upstander.publish.reading import Shown
from upstander.publish.standing import LAST_RANK
from upstander.publish.tokens import Medium, Source

_TICKS = (1, 2, 3, 4, 6, 8, 10, 12)
_EDGE = 8.0


def strip_height(medium: Medium, sources: int) -> float:
    """How high a strip is: one line a source."""
    return medium.small * (0.8 + 0.85 * max(sources, 1))


def rank_strip(
    name: str, ranks: Mapping[str, Shown], sources: tuple[Source, ...], medium: Medium, alt: str
) -> svg.Drawing:
    """One place's bars. An arrow runs off past the twelfth; a hollow mark lies wholly below it."""
    width, height = medium.strip, strip_height(medium, len(sources))
    grid = "".join(
        svg.line(_x(tick, medium), 0, _x(tick, medium), height, stroke=tokens.HAIRLINE, stroke_width=0.6)
        for tick in _TICKS
    )
    gap = height / (len(sources) + 0.4)
    bars = "".join(
        _bar(ranks[source.dataset], source, gap * (place + 0.7), medium)
        for place, source in enumerate(sources) if source.dataset in ranks
    )  # fmt: skip
    return svg.drawing(name, width, height, alt, grid, bars)


def rank_axis(name: str, medium: Medium) -> svg.Drawing:
    """The ticks above the strips."""
    size = medium.small
    words = "".join(
        svg.text(
            _x(tick, medium), size, "1st" if tick == 1 else str(tick), size, fill=tokens.SECONDARY, anchor="middle"
        )
        for tick in _TICKS
    )
    return svg.drawing(name, medium.strip, size * 1.35, "Ranks from 1st to 12th", words)


def rank_words(rank: Shown) -> str:
    """`1 to 3`, `4`, `below 12` or the sign for no number."""
    if rank.low is None or rank.high is None:
        return "[x]"
    if rank.low > LAST_RANK:
        return f"below {LAST_RANK}"
    low, high = round(rank.low), round(rank.high)
    return str(low) if low == high else f"{low} to {high}"


def _x(rank: float, medium: Medium) -> float:
    right = medium.strip - 5.2 * medium.small
    return _EDGE + (right - _EDGE) * (min(rank, LAST_RANK) - 1) / (LAST_RANK - 1)


def _bar(rank: Shown, source: Source, y: float, medium: Medium) -> str:
    if rank.low is None or rank.high is None:
        return ""
    size = medium.small
    if rank.low > LAST_RANK:
        x = medium.strip - 5
        words = svg.text(x - 7, y + size * 0.34, "below 12th", size, fill=tokens.SECONDARY, anchor="end")
        return words + marker(source, x, y, size * 0.34, is_hollow=True)
    start, runs_off = _x(rank.low, medium), rank.high > LAST_RANK
    end = _x(LAST_RANK, medium) + 9 if runs_off else _x(rank.high, medium)
    bar = svg.line(start, y, end, y, stroke=source.colour, stroke_width=2)
    head = f"M{svg.number(end - 3)} {svg.number(y - 3)}l4 3l-4 3"
    arrow = svg.element("path", d=head, fill="none", stroke=source.colour, stroke_width=1.4) if runs_off else ""
    middle = min(rank.number, LAST_RANK + 0.4) if rank.has_number else rank.low
    return bar + arrow + marker(source, _x(middle, medium) + (5 if rank.number > LAST_RANK else 0), y, size * 0.34)
