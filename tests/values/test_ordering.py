"""The order is the stable one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from upstander.values.ordering import stable_order


@given(arrays(np.int64, st.integers(0, 60), elements=st.integers(0, 2**56) | st.integers(0, 5)))
def test_equal_keys_stay_in_the_order_of_their_positions(keys):
    assert stable_order(keys).tolist() == np.argsort(keys, kind="stable").tolist()


def test_many_ties_among_many_keys_are_put_right():
    keys = np.random.default_rng(7).integers(0, 30_000, 100_000)
    assert (stable_order(keys) == np.argsort(keys, kind="stable")).all()
