"""Cell-key perturbation, an alternative to hiding: small noise, the same for the same people in every table.

Every record keeps a random key for life; the keys of the records in a cell add up to the cell's key, which looks up its
noise in a table of probabilities. The same cell has the same noise wherever it is asked for, so asking again averages
nothing away. Noisy tables do not add up.
Source: Fraser and Wooton, A proposed method for confidentialising tabular output to protect against differencing
(UNECE, 2005); the table by maximum entropy: Giessing, Computational issues in the design of transition probabilities
and disclosure risk estimation for additive noise (Privacy in Statistical Databases, 2016), as R's ptable makes it.
"""

from dataclasses import dataclass

import numpy as np

from upstander.disclosure.errors import UnfitTables
from upstander.disclosure.types import Ints, Numbers

KEYS = 256
_NEWTON, _CLOSE = 200, 1e-12


@dataclass(frozen=True)
class NoiseTable:
    """Probabilities of noise from -most to most, a row a count: 0, 1, … and the last for all larger counts."""

    most: int
    chances: Numbers

    def noise(self, counts: Ints, keys: Ints) -> Ints:
        """The noise of each cell, of its count and its key (0 to 255)."""
        row = np.minimum(counts, len(self.chances) - 1)
        edges = np.cumsum(self.chances, axis=1)[row]
        drawn = ((keys + 0.5) / KEYS)[:, None]
        steps: Ints = (edges < drawn - _CLOSE).sum(axis=1).astype(np.int64) - self.most
        return steps


def noise_table(most: int, variance: float, *, never_up_to: int = 0, stays: float | None = None) -> NoiseTable:
    """The table of greatest entropy with no bias and this variance, for noise of at most `most`.

    A zero stays zero; 1 to `never_up_to` are never shown. stays: the chance that a count is not changed; None leaves it
    open, and counts that are never shown cannot stay. Raises UnfitTables where no probabilities have the variance.
    """
    steps = np.arange(-most, most + 1)
    zero = (steps == 0).astype(np.float64)
    largest = most + (never_up_to + 1 if never_up_to else 0)  # from here on every step is open
    rows = [zero] + [_row(steps, count, variance, never_up_to, stays) for count in range(1, largest + 1)]
    return NoiseTable(most, np.array(rows))


def _row(steps: Ints, count: int, variance: float, never_up_to: int, stays: float | None) -> Numbers:
    after = count + steps
    is_open = (after == 0) | (after > never_up_to)
    kept = stays if stays is not None and count > never_up_to else None
    if kept is not None:
        is_open &= steps != 0
    rest = 1.0 if kept is None else 1.0 - kept
    chances = np.zeros(len(steps))
    chances[is_open] = rest * _most_even(steps[is_open].astype(np.float64), variance / rest, count)
    if kept is not None:
        chances[steps == 0] = kept
    return chances


def _most_even(steps: Numbers, variance: float, count: int) -> Numbers:
    """The chances of greatest entropy with mean 0 and this variance: exp(a·v + b·v²), by Newton on its dual."""
    features = np.stack([steps, steps**2])
    goal = np.array([0.0, variance])
    at = np.zeros(2)
    for _ in range(_NEWTON):
        chances = _softmax(at @ features)
        miss = features @ chances - goal
        if np.abs(miss).max() < _CLOSE:
            return chances
        spread = (features * chances) @ features.T - np.outer(features @ chances, features @ chances)
        step = np.linalg.lstsq(spread, miss, rcond=None)[0]
        at -= step * min(1.0, 1.0 / max(np.abs(step).max(), 1e-300))
    chances = _softmax(at @ features)
    if np.abs(features @ chances - goal).max() < 1e-9:
        return chances
    raise UnfitTables(
        f"No noise for a count of {count} has a mean of 0 and a variance of {variance:g}.",
        found=f"noise from {steps.min():.0f} to {steps.max():.0f}", expected="a larger maximum or another variance",
    )  # fmt: skip


def _softmax(values: Numbers) -> Numbers:
    raised = np.exp(values - values.max())
    chances: Numbers = raised / raised.sum()
    return chances
