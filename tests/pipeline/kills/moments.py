"""When to kill: moments drawn from what an undisturbed delivery took."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

_BEFORE = 0.06  # the share of kills before the first step
_BEFORE_S = 0.02
_BY_TIME = 0.3


@dataclass(frozen=True)
class Moment:
    """`after_s` seconds after the child told step number `step`; step -1 is its birth."""

    step: int
    after_s: float


def usual_gaps(runs: Sequence[Sequence[dict[str, Any]]]) -> list[float]:
    """Seconds from each step to the next, the median of several undisturbed runs. Their steps must be the same."""
    if len({tuple(step["what"] for step in run) for run in runs}) != 1:
        raise ValueError("undisturbed runs of one delivery took different steps")
    gaps = [[later["at"] - step["at"] for step, later in pairwise(run)] for run in runs]
    return [median(column) for column in zip(*gaps, strict=True)] + [0.002]


def drawn(dice: random.Random, gaps: Sequence[float]) -> Moment:
    """A moment: most fall evenly on the steps, the others evenly on the time from the first step to the last."""
    if dice.random() < _BEFORE:
        return Moment(-1, dice.uniform(0, _BEFORE_S))
    by_time = dice.random() < _BY_TIME
    step = dice.choices(range(len(gaps)), weights=gaps if by_time else None)[0]
    return Moment(step, dice.uniform(0, gaps[step]))
