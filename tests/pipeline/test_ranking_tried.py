"""Whether the bulletin's busiest places held on: worked out from protected counts, told with what chance would do."""

import numpy as np
import polars as pl
import pytest

from upstander.contracts.asking import CountRule
from upstander.disclosure.counts import released_counts
from upstander.pipeline.injuries.released import _held_out

OPEN, STRICT = CountRule("operational", "DSA-1", 0, 1), CountRule("shareable", "DSA-1", 7, 5)


def cells(before: np.ndarray, after: np.ndarray, rule: CountRule = OPEN) -> pl.DataFrame:
    """Counts by place and stretch, as the rule lets them be seen."""
    places = [f"ward:{number:03d}" for number in range(before.size)]
    split = pl.DataFrame({
        "source": "ed_assaults", "area": places * 2, "when": ["before"] * before.size + ["after"] * after.size,
        "count": np.concatenate([before, after]),
    })  # fmt: skip
    return released_counts(split, rule)


def told(frame: pl.DataFrame) -> dict[str, float]:
    found = _held_out(frame, 4.0)
    return dict(found.select("what", "value").iter_rows())


def test_the_busiest_tenth_before_is_tried_on_what_came_after():
    before, after = np.full(40, 30), np.full(40, 10)
    before[:4], after[:4] = 90, 40
    assert told(cells(before, after)) == pytest.approx(
        {"named": 4, "caught": 160 / 520, "at_random": 0.1, "at_best": 160 / 520}
    )


def test_places_that_swap_are_seen_not_to_have_held_on():
    before, after = np.full(40, 30), np.full(40, 10)
    before[:4], after[36:] = 90, 40
    found = told(cells(before, after))
    assert found["caught"] == pytest.approx(40 / 520)
    assert found["at_best"] == pytest.approx(160 / 520)


@pytest.mark.parametrize(
    ("places", "before", "after", "rule"),
    [(20, 30, 10, OPEN), (40, 30, 1, OPEN), (40, 30, 5, STRICT)],
    ids=["few places", "few records", "withheld counts"],
)
def test_nothing_is_told_of_few_places_few_records_or_withheld_counts(places, before, after, rule):
    assert told(cells(np.full(places, before), np.full(places, after), rule)) == {}


def test_only_what_the_rule_lets_through_decides():
    before, after = np.full(40, 31), np.full(40, 11)
    before[:4], after[:4] = 92, 41
    seen = cells(before, after, STRICT)
    again = cells(np.where(before == 31, 32, before), np.where(after == 11, 12, after), STRICT)
    assert seen.equals(again)
    assert told(seen) == told(again)
