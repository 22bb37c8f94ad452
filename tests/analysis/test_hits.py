"""Hit rates: the share that is told a place, with its interval, against the line."""

import polars as pl
import pytest

from upstander.analysis.measures.hits import hit_rates


def test_a_hit_rate_has_its_wilson_interval_and_says_whether_it_is_enough():
    records = pl.DataFrame({"source": ["ed"] * 20 + ["ambulance"] * 20,
                            "is_located": [True] * 17 + [False] * 3 + [True] * 16 + [False] * 4})  # fmt: skip
    ambulance, ed = hit_rates(records, "source").rows(named=True)
    assert (ed["records"], ed["located"], ed["share"], ed["is_enough"]) == (20, 17, 0.85, True)
    assert (ambulance["share"], ambulance["is_enough"]) == (0.8, False)
    # Wilson's interval of 17 of 20: 0.640 to 0.948.
    assert (ed["low"], ed["high"]) == pytest.approx((0.6396, 0.9476), abs=5e-4)
