"""The axes that charts of weeks share: a scale from zero, its grid, and labels at the right end of a line."""

from dataclasses import dataclass

from upstander.publish import svg, tokens
from upstander.publish.paint import Frame
from upstander.publish.reading import as_number

_STEPS = (
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.25,
    0.5,
    1,
    2,
    5,
    10,
    20,
    25,
    50,
    100,
    200,
    250,
    500,
    1000,
    2000,
    5000,
    10_000,
    20_000,
    50_000,
    100_000,
    200_000,
    500_000,
)


@dataclass(frozen=True)
class Scale:
    """Weeks from left to right and numbers from zero up to `top`, in a plot; places are counted from 0."""

    plot: Frame
    weeks: int
    top: float

    def x(self, place: float) -> float:
        """The middle of a week."""
        return self.plot.x + self.plot.width * (place + 0.5) / max(self.weeks, 1)

    def y(self, value: float) -> float:
        """The height of a number; those under zero lie on it."""
        return self.plot.y + self.plot.height * (1 - max(value, 0) / self.top)

    @property
    def right(self) -> float:
        """The right end of the plot."""
        return self.plot.x + self.plot.width


def end_labels(labels: list[tuple[float, str, int]], scale: Scale, size: float) -> str:
    """Labels at the right end, pushed apart so that none covers another."""
    placed, last = [], -size
    for y, words, weight in sorted(labels):
        last = max(y, last + size * 1.15)
        placed.append((last, words, weight))
    return "".join(
        svg.text(scale.right + 5, y + size * 0.34, words, size, weight=weight,
                 fill=tokens.INK if weight == 700 else tokens.SECONDARY)
        for y, words, weight in placed
    )  # fmt: skip


def grid(scale: Scale, top: float, size: float) -> str:
    """The base line, hairlines at round numbers, and those numbers on the left."""
    step = max(tick_step(top), 1)  # of counts
    ticks = [step * place for place in range(int(top / step) + 1)]
    axis = svg.line(scale.plot.x, scale.y(0), scale.right, scale.y(0), stroke=tokens.QUIET, stroke_width=1)
    words = "".join(
        svg.text(
            scale.plot.x - 4, scale.y(tick) + size * 0.34, as_number(tick), size, fill=tokens.SECONDARY, anchor="end"
        )
        for tick in ticks
    )
    marks = "".join(
        svg.line(scale.plot.x, scale.y(tick), scale.right, scale.y(tick), stroke=tokens.HAIRLINE, stroke_width=0.6)
        for tick in ticks[1:]
    )
    return marks + axis + words


def tick_step(top: float) -> float:
    """The round number between ticks of a scale that reaches so far: at most four steps."""
    return next((step for step in _STEPS if top / step <= 4.01), _STEPS[-1])
