"""What the statistics do over many made worlds whose truth is known: coverage, false alarms, recall.

Each module is a subject of `analysis` and has `simulate(runs, seed) -> list[Finding]`; tests call it with few runs and
`bench/simulate.py` with many. A finding is a share: of intervals that hold the truth, of quiet weeks that raise an
alarm, of planted changes that are found.
"""

from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True)
class Finding:
    """One share found by simulation. `found` and `nominal` lie in 0 to 1; `least` and `most` are what we accept."""

    method: str
    what: str
    setting: str
    found: float
    runs: int
    nominal: float | None = None
    least: float = 0.0
    most: float = 1.0

    @property
    def is_as_promised(self) -> bool:
        """Whether the share lies in what we accept, with three standard errors of the simulation as room."""
        expected = min(max(self.found, self.least), self.most)
        return abs(self.found - expected) <= 3 * sqrt(max(expected * (1 - expected), 1 / self.runs) / self.runs)
