"""Statistics of released counts: what is called usual, beyond chance, changed or known, and what is not."""

from dataclasses import replace

import polars as pl

from publish.test_figures import table
from upstander.contracts.releasing import ReleasedTable, Status
from upstander.pipeline.findings import working

PERIODS = [f"2024-Q{n}" for n in (1, 2, 3, 4)] + [f"2025-Q{n}" for n in (1, 2, 3, 4)]
STEADY = [20.0, 25.0, 20.0, 15.0, 20.0, 25.0, 15.0, 20.0]
PEOPLE = pl.DataFrame({"area": ["w:1", "w:2", "w:3"], "out_of": [10_000.0, 10_000.0, 10_000.0]})


def series(*numbers: object) -> ReleasedTable:
    return table("counts", ("period",), *zip(PERIODS[-len(numbers) :], numbers, strict=True))


def test_the_usual_range_rests_on_the_unbroken_run_that_ends_now() -> None:
    usual, fired = working.usual_of(series(*STEADY), PERIODS, "lower")
    assert usual.cells["value"].to_list() == [20.0]
    assert fired.cells.is_empty()
    for broken in (Status.SUPPRESSED, Status.MISSING):
        assert working.usual_of(series(*STEADY[:3], broken, *STEADY[4:]), PERIODS, "lower")[0].cells.is_empty()


def test_a_leap_is_a_signal_and_a_series_of_next_to_nothing_is_not_judged() -> None:
    _, fired = working.usual_of(series(*STEADY[:-1], 90.0), PERIODS, "lower")
    assert ("2025-Q4", "higher") in fired.cells.select("period", "direction").rows()
    assert working.usual_of(series(*[number / 10 for number in STEADY]), PERIODS, "lower")[0].cells.is_empty()


def by_area(*counts: object) -> ReleasedTable:
    return table("counts", ("area",), *zip(("w:1", "w:2", "w:3"), counts, strict=True))


def test_rates_have_intervals_and_none_is_made_of_a_count_that_is_hidden_or_too_small() -> None:
    rates = working.rates_by_area(by_area(50.0, Status.SUPPRESSED, 8.0), PEOPLE, per=100_000, rate_from=10).cells
    assert rates["value"].to_list() == [500.0, None, None]
    assert rates["status"].to_list() == ["shown", "suppressed", "too_uncertain"]
    assert rates["low"][0] < 500 < rates["high"][0]


def test_a_place_is_beyond_chance_only_if_it_is_so_wherever_rounding_left_it() -> None:
    def outside(*counts: object) -> list[tuple[str, str]]:
        told = by_area(*counts)
        whole = working.whole_rate(told, PEOPLE, per=100_000)
        return (
            working.beyond_chance(told, whole, PEOPLE, per=100_000)["beyond"].cells.select("area", "direction").rows()
        )

    assert outside(200.0, 100.0, 100.0) == [("w:1", "higher")]
    assert outside(105.0, 100.0, 100.0) == []
    # 30 of 15 usual may be 28 by rounding: beyond 99.8% as it is shown, and not beyond it as it may have been.
    exact = replace(by_area(30.0, 10.0, 10.0).about.rules[0], suppress_up_to=0, round_to=1)
    plain = by_area(30.0, 10.0, 10.0)
    unrounded = replace(plain, about=replace(plain.about, rules=(exact,)))
    whole = working.whole_rate(unrounded, PEOPLE, per=100_000)
    sharp = working.beyond_chance(unrounded, whole, PEOPLE, per=100_000)["beyond"].cells
    assert set(outside(30.0, 10.0, 10.0)) <= set(sharp.select("area", "direction").rows())


def test_ranks_are_given_only_where_groups_of_places_can_be_told_apart() -> None:
    def ranks(*counts: object) -> dict[str, float]:
        told = by_area(*counts)
        whole = working.whole_rate(told, PEOPLE, per=100_000)
        return dict(
            working.beyond_chance(told, whole, PEOPLE, per=100_000)["ranks"].cells.select("area", "value").rows()
        )

    assert ranks(30.0, 35.0, 30.0) == {}
    apart = ranks(30.0, 400.0, 35.0)
    assert apart["w:2"] == 1
    assert apart["w:1"] == apart["w:3"] == 2


def years(before: float, since: float, *, hidden: bool = False) -> ReleasedTable:
    half = [("w:1", "2024-Q1", before / 2), ("w:1", "2024-Q2", Status.SUPPRESSED if hidden else before / 2)]
    later = [("w:1", "2025-Q1", since / 2), ("w:1", "2025-Q2", since / 2)]
    return table("counts", ("area", "period"), *half, *later)


def moved(counts: ReleasedTable) -> list[str]:
    found = working.year_on_year(counts, ["2024-Q1", "2024-Q2"], ["2025-Q1", "2025-Q2"])
    return found["moved"].cells["direction"].to_list()


def test_a_year_is_called_changed_beyond_chance_and_rounding_only() -> None:
    assert moved(years(100, 200)) == ["higher"]
    assert moved(years(200, 100)) == ["lower"]
    assert moved(years(100, 130)) == []
    assert moved(years(100, 100)) == []


def test_a_year_of_which_a_part_is_withheld_is_withheld_and_compared_with_nothing() -> None:
    found = working.year_on_year(years(100, 200, hidden=True), ["2024-Q1", "2024-Q2"], ["2025-Q1", "2025-Q2"])
    assert found["years"].cell(area="w:1", when="before")["status"] == "suppressed"
    assert found["ratios"].cells["status"].to_list() == ["suppressed"]
    assert found["moved"].cells.is_empty()


def test_the_known_share_is_missing_where_what_is_not_known_is_withheld() -> None:
    def known(unknown: object) -> dict[str, object]:
        counts = table("counts", ("area", "age"), ("all", "all ages", 200.0), ("nowhere", "all ages", unknown))
        told = working.known_shares(counts, {"area": ("area", "nowhere")}, {"area": "all", "age": "all ages"})
        return told.cell(what="area")

    assert known(50.0)["value"] == 0.75
    assert known(Status.SUPPRESSED)["status"] == "missing"
