"""Harm of the bulletin: released counts weighed, homicide apart, withheld counts widening the range."""

from dataclasses import replace

import polars as pl
import pytest

from publish.wharram import OPEN, ROUNDED
from upstander.contracts.asking import CountRule
from upstander.contracts.harm import harm_weights
from upstander.pipeline.injuries.harm import harm
from upstander.publish.reading import Shown

WEIGHTS = replace(harm_weights(), homicide=("1",), weights={"1": 8000.0, "5D": 2000.0, "8N": 190.0})


def told(rule: CountRule, *rows: tuple[str, float | None, str]) -> dict[str, Shown]:
    cells = pl.DataFrame(
        [("police_incidents", "now", *row) for row in rows],
        schema={"source": pl.String, "span": pl.String, "offence": pl.String, "value": pl.Float64, "status": pl.String},
        orient="row",
    )
    found = harm(cells, (rule,), WEIGHTS).filter(span="now")
    return {row["measure"]: row for row in found.iter_rows(named=True)}


def test_harm_is_the_sum_of_weights_and_leaves_homicide_apart() -> None:
    found = told(OPEN, ("5D", 3, "shown"), ("8N", 10, "shown"), ("1", 2, "shown"))
    assert found["severity"]["value"] == pytest.approx(3 * 2000 + 10 * 190)
    assert found["weighed"]["value"] == 13
    assert found["severity"]["low"] < found["severity"]["value"] < found["severity"]["high"]


def test_an_offence_without_a_weight_is_counted_as_unweighed() -> None:
    found = told(OPEN, ("5D", 3, "shown"), ("99Z", 4, "shown"))
    assert (found["weighed"]["value"], found["unweighed"]["value"]) == (3, 4)


def test_a_withheld_count_widens_the_range_by_what_it_may_be() -> None:
    shown = told(ROUNDED, ("8N", 100, "shown"), ("5D", 4, "shown"))["severity"]
    hidden = told(ROUNDED, ("8N", 100, "shown"), ("5D", None, "suppressed"))["severity"]
    assert hidden["value"] == shown["value"]
    most = (ROUNDED.suppress_up_to - 1) / 2 * 2000
    assert hidden["high"] - shown["high"] == pytest.approx(most)
    assert shown["low"] - hidden["low"] == pytest.approx(min(most, shown["low"]))


def test_records_are_those_that_may_be_shown_and_uncertain_where_some_are_withheld() -> None:
    found = told(ROUNDED, ("8N", 100, "shown"), ("5D", None, "suppressed"), ("1", 10, "shown"))
    assert (found["records"]["value"], found["records"]["status"]) == (110, "too_uncertain")
    assert (found["homicides"]["value"], found["homicides"]["status"]) == (10, "shown")
    assert told(OPEN, ("8N", 100, "shown"))["records"]["status"] == "shown"


def test_a_withheld_homicide_withholds_their_number_and_none_is_none() -> None:
    assert told(ROUNDED, ("8N", 100, "shown"), ("1", None, "suppressed"))["homicides"]["status"] == "suppressed"
    assert told(ROUNDED, ("8N", 100, "shown"), ("1", None, "suppressed"))["homicides"]["value"] is None
    assert told(OPEN, ("8N", 100, "shown"))["homicides"]["value"] == 0


def test_a_span_of_no_record_has_none() -> None:
    cells = pl.DataFrame({"source": ["police_incidents"], "span": ["now"], "offence": ["8N"], "value": [3.0],
                          "status": ["shown"]})  # fmt: skip
    before = harm(cells, (OPEN,), WEIGHTS).filter(span="before")
    assert dict(before.select("measure", "value").iter_rows())["records"] == 0


def test_offences_withheld_for_their_group_may_be_of_any_size_and_are_not_weighed() -> None:
    alike = replace(ROUNDED, no_group=True)
    assert told(alike, ("8N", None, "suppressed"), ("5D", None, "suppressed")) == {}
    assert told(alike, ("8N", 100, "shown"), ("5D", None, "suppressed")) == told(
        ROUNDED, ("8N", 100, "shown"), ("5D", None, "suppressed")
    )
    assert told(ROUNDED, ("8N", None, "suppressed")) != {}
