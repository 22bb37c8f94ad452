"""What the counts of an action's area could show, known before anybody reads a change into them."""

import polars as pl
import pytest

from upstander.analysis import methods
from upstander.pipeline.injuries.actions import least_falls


def changes(*before: float | None) -> pl.DataFrame:
    rows = [(str(at), "police_incidents", when, count if when == "before" else 3.0)
            for at, count in enumerate(before, 1) for when in ("before", "since")]  # fmt: skip
    schema = {"action": pl.String, "source": pl.String, "when": pl.String, "value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_the_least_fall_is_that_of_the_method_and_a_withheld_count_has_none() -> None:
    found = least_falls(changes(60, 5, None, 0))
    plans = pl.DataFrame({"expected": [60.0, 5.0], "comparison": [60.0, 5.0]})
    told = methods.run(methods.ALL["power_two_rates"], {"plans": plans}, {}, seed=1)
    assert found["action"].to_list() == ["1", "2"]
    assert found["value"].to_list() == [pytest.approx(told.rows[0]["detectable_fall"]), None]
    assert told.rows[1]["detectable_fall"] is None
    assert found["status"].to_list() == ["shown", "not_applicable"]
