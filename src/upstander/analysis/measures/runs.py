"""Runs about a middle line: is a series one level, or has it shifted? No limits, no distribution.

Source: Anhøj and Olesen, PLoS ONE 9(11), 2014; longest run after Schilling, Mathematics Magazine 85, 2012; crossings
after Chen, J. Quality Technology 42, 2010. Both are tested together: signal where either fails.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_TOO_FEW = 0.05  # lower tail of the number of crossings
_FEW_USEFUL = 10


@dataclass(frozen=True)
class Runs:
    """useful: points off the line. A run longer than `longest_allowed`, or fewer crossings than `crossings_needed`, is
    a signal of a shift. None where no point is off the line. is_one_sided: every point off the line is on one side of
    it, as where most periods have no event and the median is 0; such a line divides nothing, and the rules say nothing.
    """

    useful: int
    longest: int | None
    longest_allowed: int | None
    crossings: int | None
    crossings_needed: int | None
    is_one_sided: bool = False

    @property
    def is_signal(self) -> bool:
        """Whether the series is more than one level."""
        if self.is_one_sided or self.longest is None or self.longest_allowed is None:
            return False
        return self.longest > self.longest_allowed or (self.crossings or 0) < (self.crossings_needed or 0)

    @property
    def can_tell(self) -> bool:
        """Whether there are enough points off the line, on both sides of it, for the rules to mean something."""
        return self.useful >= _FEW_USEFUL and not self.is_one_sided


def runs_about(side: NDArray[np.float64]) -> Runs:
    """The runs of a series. side: -1, 0 or 1 of the middle line; points on the line count for nothing."""
    kept = side[side != 0]
    if not kept.size:
        return Runs(0, None, None, None, None)
    turns = np.flatnonzero(np.diff(kept))
    lengths = np.diff(np.concatenate([[-1], turns, [kept.size - 1]]))
    return Runs(
        useful=kept.size, longest=int(lengths.max()), longest_allowed=longest_allowed(kept.size),
        crossings=turns.size, crossings_needed=crossings_needed(kept.size), is_one_sided=not turns.size,
    )  # fmt: skip


def longest_allowed(useful: int) -> int:
    """The longest run that chance explains among so many points off the line: log2 to the nearest whole, and 3."""
    return round(float(np.log2(useful))) + 3


def crossings_needed(useful: int) -> int:
    """The fewest crossings that chance explains: the 5% point of a binomial of one trial fewer at one half."""
    from scipy.special import bdtr

    trials = useful - 1
    if not trials:
        return 0
    return int(np.searchsorted(bdtr(np.arange(trials + 1), trials, 0.5), _TOO_FEW - 1e-12))
