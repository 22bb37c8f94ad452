"""The set of hashes seen so far is a set."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from upstander.intake.seen import Seen

# Few distinct values, many of which fall into the same slots of a table of 2^16.
HASHES = st.integers(0, 40).map(lambda number: (number % 7) + (number << 16))


@given(st.lists(st.lists(HASHES, max_size=30), max_size=6))
def test_a_hash_is_new_once(batches: list[list[int]]) -> None:
    seen, known = Seen(), set[int]()
    for batch in batches:
        answers = seen.add(np.array(batch, np.uint64))
        for value, was_there in zip(batch, answers.tolist(), strict=True):
            # Zero marks an empty slot, so it shares its place with one.
            assert was_there == ((value or 1) in known)
            known.add(value or 1)


def test_it_grows_without_forgetting() -> None:
    seen = Seen()
    hashes = np.random.default_rng(1).integers(1, 2**63, 200_000).astype(np.uint64)
    assert not seen.add(hashes).any()
    assert seen.add(hashes[::-1]).all()
