"""Rates made comparable between areas with other ages: direct and indirect standardisation.

Sources: direct: limits by Dobson, Kuulasmaa, Eberle and Scherer, Statistics in Medicine 10, 1991, pp. 457–462, on
Byar's limits of the total; withheld below ten events; repeated events of one person: variance Σ k²·(persons with k).
Indirect: observed over expected, exact limits below ten events, Byar from ten on. Both as in Public Health England's
Technical Guide (Fingertips; PHEindicatormethods 2.1).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.measures.limits import FEW, Floats, Limits, byar, poisson_limits, require, sums

ESP_2013 = {
    "0-4": 5000, "5-9": 5500, "10-14": 5500, "15-19": 5500, "20-24": 6000, "25-29": 6000, "30-34": 6500,
    "35-39": 7000, "40-44": 7000, "45-49": 7000, "50-54": 7000, "55-59": 6500, "60-64": 6000, "65-69": 5500,
    "70-74": 5000, "75-79": 4000, "80-84": 2500, "85-89": 1500, "90+": 1000,
}  # fmt: skip
"""European Standard Population 2013: persons in each age band. Eurostat, Revision of the European Standard Population
(2013), ISBN 978-92-79-31094-2; 90 to 94 and 95+ together, as the UK uses it."""


@dataclass(frozen=True)
class Direct:
    """Directly standardised rates, one a group, per person: `value` and its `variance`, NaN below ten events."""

    events: Floats
    at_risk: Floats
    value: Floats
    variance: Floats

    def limits(self, confidence: float) -> Limits:
        """Dobson's limits: Byar's about the total, scaled by √(variance of the rate / events)."""
        total = np.where(self.events < FEW, np.nan, self.events)
        scale = np.sqrt(self.variance / total)
        return Limits(*(self.value + scale * (limit - total) for limit in byar(total, confidence)))


def directly_standardised(
    events: ArrayLike, at_risk: ArrayLike, standard: ArrayLike, group: NDArray[np.int64], *,
    variance: ArrayLike | None = None,
) -> Direct:  # fmt: skip
    """The rate a group would have with the standard's ages: Σ wᵢ·eventsᵢ/at_riskᵢ over its bands.

    One row a group and band: events (0 or more), at_risk (person-years), standard (persons of the band in the standard
    population; only their proportions count), group (numbered from 0). variance: of each row's events; the events
    themselves if not given, which holds only if no person is counted twice.
    Raises UnfitNumbers, with the row, for negative or missing numbers and bands with nobody at risk.
    """
    x, n, standing = (np.asarray(values, dtype=np.float64) for values in (events, at_risk, standard))
    spread = x if variance is None else np.asarray(variance, dtype=np.float64)
    for values, where in ((x, "events"), (standing, "standard"), (spread, "variance")):
        require(values >= 0, "negative or missing.", where=where, expected="0 or more")
    require(n > 0, "nobody is at risk.", where="at risk", expected="more than 0")
    weight = standing / sums(group, standing)[group]
    total = sums(group, x)
    is_given = total >= FEW
    return Direct(
        events=total,
        at_risk=sums(group, n),
        value=np.where(is_given, sums(group, weight * x / n), np.nan),
        variance=np.where(is_given, sums(group, np.square(weight / n) * spread), np.nan),
    )


def variance_of_repeats(persons: NDArray[np.float64]) -> Floats:
    """Variance of a count of events that befall the same people again: Σ k²·fₖ.

    persons: rows × k, the number of people with just 1, 2, 3, … events. A person's events come as one; people are
    independent of each other.
    """
    k = np.arange(1, persons.shape[1] + 1, dtype=np.float64)
    return np.asarray(persons @ np.square(k), dtype=np.float64)


@dataclass(frozen=True)
class Indirect:
    """Indirectly standardised ratios, one a group: events observed over those the reference's rates would give."""

    observed: Floats
    expected: Floats
    ratio: Floats

    def limits(self, confidence: float) -> Limits:
        """Exact limits of the observed events below ten, Byar's from ten on, over the expected ones."""
        return Limits(*(limit / self.expected for limit in poisson_limits(self.observed, confidence)))


def indirectly_standardised(
    observed: ArrayLike, at_risk: ArrayLike, reference_rate: ArrayLike, group: NDArray[np.int64]
) -> Indirect:
    """Observed over expected, where expected = Σ at_riskᵢ × the reference's rate of band i.

    observed: events, one a group. at_risk (person-years, 0 or more), reference_rate (events per person-year), group
    (numbered from 0): one row a group and band. The reference's own uncertainty is not in the limits.
    Raises UnfitNumbers for negative or missing numbers and groups in which nothing is expected.
    """
    x = np.asarray(observed, dtype=np.float64)
    n, reference = (np.asarray(values, dtype=np.float64) for values in (at_risk, reference_rate))
    for values, where in ((x, "observed"), (n, "at risk"), (reference, "reference rate")):
        require(values >= 0, "negative or missing.", where=where, expected="0 or more")
    expected = sums(group, n * reference, x.size)
    require(
        expected > 0, "nothing is expected.", where="expected", expected="people at risk and a reference with events"
    )
    return Indirect(x, expected, x / expected)
