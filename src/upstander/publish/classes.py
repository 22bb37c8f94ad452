"""The four classes of a count. One ladder for all sources of a figure, so that darker always means more."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from upstander.contracts.asking import CountRule
from upstander.publish import tokens
from upstander.publish.reading import Shown

# Fixed ladders, so that two issues can be laid side by side; only a count beyond one's reach moves to the next.
_OPEN_LADDERS = ((1, 2, 3, 5), (1, 5, 10, 20), (1, 10, 25, 50), (1, 25, 100, 250), (1, 250, 1000, 2500))
_ROUNDED_LADDERS = ((10, 20, 35, 60), (10, 25, 50, 100), (10, 100, 250, 500), (10, 500, 1500, 3000))
_REACH = 4  # the top class of a ladder may hold counts up to this many times its floor


@dataclass(frozen=True)
class Ladder:
    """Where the four classes begin, and how counts are rounded and withheld."""

    floors: tuple[int, ...]
    step: int
    withheld_up_to: int

    def step_of(self, value: float) -> int | None:
        """The class of a count, 0 the palest; None for none recorded."""
        return max(bisect_right(self.floors, value) - 1, 0) if value > 0 else None

    def colour(self, value: float) -> str:
        """The fill of a count; white for none recorded."""
        step = self.step_of(value)
        return tokens.PAPER if step is None else tokens.COUNTS[step]

    @property
    def labels(self) -> tuple[str, ...]:
        """What the key says of each class: `10 to 15`, …, `60 or more`."""
        ends = [after - self.step for after in self.floors[1:]]
        spans = [
            str(first) if first == last else f"{first} to {last}"
            for first, last in zip(self.floors, ends, strict=False)
        ]
        return (*spans, f"{self.floors[-1]} or more")

    @property
    def withheld_words(self) -> str:
        """What the key says of the hatch."""
        return f"1 to {self.withheld_up_to}, number withheld" if self.withheld_up_to else "number withheld"


def ladder(cells: Iterable[Shown], rules: Iterable[CountRule]) -> Ladder:
    """The ladder for a figure: the first that reaches its highest count. The strictest rule sets steps and floor."""
    strict = max(rules, key=lambda rule: (rule.suppress_up_to, rule.round_to), default=None)
    step, withheld = (strict.round_to, strict.suppress_up_to) if strict else (1, 0)
    highest = max((cell.number for cell in cells), default=0.0)
    known = _ROUNDED_LADDERS if step > 1 else _OPEN_LADDERS
    chosen = next((floors for floors in known if highest <= _REACH * floors[-1]), known[-1])
    return Ladder(chosen, max(step, 1), withheld)
