"""Whether two sets of records are alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.measures.drift import drift, ks_distance, psi, psi_by_chance, psi_of_counts, psi_of_deciles

NUMBERS = st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=10, max_size=60)
COUNTS = st.lists(st.integers(0, 500), min_size=2, max_size=12).filter(any)


def test_the_same_numbers_have_not_drifted() -> None:
    told = drift(range(100), range(100))
    assert (told.psi, told.ks, told.ks_p) == (0.0, 0.0, 1.0)


@given(NUMBERS, NUMBERS)
def test_drift_is_never_negative_and_the_distance_is_a_share(reference: list[float], current: list[float]) -> None:
    told = drift(reference, current)
    assert told.psi >= 0
    assert 0 <= told.ks <= 1
    assert 0 <= told.ks_p <= 1


@given(NUMBERS, NUMBERS, st.randoms())
def test_the_order_of_records_does_not_matter(reference: list[float], current: list[float], shuffler: object) -> None:
    assert drift(reference[::-1], sorted(current)).psi == drift(reference, current).psi


@given(COUNTS)
def test_psi_is_the_same_either_way_round(counts: list[int]) -> None:
    other = counts[::-1]
    assert psi(counts, other) == pytest.approx(psi(other, counts), abs=1e-12)


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 900), min_size=1), st.integers(2, 9))
def test_as_many_times_the_records_of_each_class_is_no_drift(counts: dict[str, int], times: int) -> None:
    assert psi_of_counts(counts, {name: rows * times for name, rows in counts.items()})[0] == pytest.approx(
        0, abs=1e-12
    )


def test_a_published_example_of_code_shares() -> None:
    assert psi([0.5, 0.3, 0.15, 0.05], [0.42, 0.33, 0.13, 0.12]) == pytest.approx(0.08095240485329842, abs=1e-12)


def test_chance_alone_passes_its_bound_about_once_in_ten_thousand_times() -> None:
    rng = np.random.default_rng(4)
    shares = np.full(10, 0.1)
    old, new = rng.multinomial(2_000, shares, 20_000), rng.multinomial(400, shares, 20_000)
    told = np.array([psi(np.maximum(p, 0.5), np.maximum(q, 0.5)) for p, q in zip(old, new, strict=True)])
    assert (told > psi_by_chance(10, 2_000, 400)).mean() < 0.001


def test_deciles_of_counted_bins_are_those_of_the_numbers_themselves() -> None:
    rng = np.random.default_rng(7)
    old, new = rng.integers(0, 200, 3_000), rng.integers(0, 200, 500) // 2 * 2 + 1
    bins, counts = np.unique(old, return_counts=True)
    found, times = np.unique(new, return_counts=True)
    told, classes = psi_of_deciles(dict(zip(bins.tolist(), counts.tolist(), strict=True)),
                                   dict(zip(found.tolist(), times.tolist(), strict=True)))  # fmt: skip
    assert classes == 10
    assert told == pytest.approx(drift(old, new).psi, abs=0.05)


def test_the_distance_of_numbers_that_do_not_overlap_is_one() -> None:
    assert ks_distance([1, 2, 3], [7, 8]) == 1.0


@pytest.mark.parametrize(("reference", "current"), [(range(9), [1.0]), (range(10), [])])
def test_too_few_numbers_are_refused(reference: object, current: object) -> None:
    with pytest.raises(TooFewPoints):
        drift(reference, current)  # type: ignore[arg-type]


@pytest.mark.parametrize("shares", [[], [-1.0, 2.0], [0.0, 0.0], [float("nan"), 1.0]])
def test_what_is_no_share_is_refused(shares: list[float]) -> None:
    with pytest.raises(UnfitNumbers):
        psi(shares, [0.5, 0.5])
