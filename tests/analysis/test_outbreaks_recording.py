"""A rise: violence, or its recording?"""

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from upstander.analysis import methods
from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.methods import ALL, Result
from upstander.analysis.outbreaks.recording import Change, Source, evidence
from upstander.analysis.outbreaks.steps import best_start, count_step, share_step

WEEKS, LAST = 112, 8
SINCE = WEEKS - LAST
STARTS = [date(2024, 6, 3) + timedelta(weeks=number) for number in range(WEEKS)]


def violence(factor: float = 1.0, size: float = 80.0) -> np.ndarray:
    expected = size * (1 + 0.15 * np.cos(2 * np.pi * np.arange(WEEKS) / 52.2))
    expected[SINCE:] *= factor
    return expected


def sources(*, of_violence: float = 1.0, of_recording: float = 1.0, seed: int = 1) -> tuple[Source, Source, Source]:
    """Police with severe records, ambulance, emergency department: violence reaches all, recording police alone."""
    rng = np.random.default_rng(seed)
    acts = violence(of_violence)
    readily = np.where(np.arange(WEEKS) >= SINCE, of_recording, 1.0)
    severe, minor = rng.poisson(0.25 * acts), rng.poisson(0.75 * acts * readily)
    police = Source("police", (severe + minor).astype(float), severe=severe.astype(float))
    return (
        police,
        Source("ambulance", rng.poisson(0.5 * acts).astype(float)),
        Source("ed", rng.poisson(0.6 * acts) * 1.0),
    )


def frame(*given: Source) -> pl.DataFrame:
    return pl.concat([
        pl.DataFrame({
            "source": each.name, "week_start": STARTS, "count": each.counts,
            "severe": each.severe if each.severe is not None else np.full(WEEKS, np.nan),
        })
        for each in given
    ]).with_columns(pl.col("severe").fill_nan(None))  # fmt: skip


def run(params: dict, **inputs: pl.DataFrame) -> Result:
    return methods.run(ALL["recording_change"], inputs, params, seed=1)


def test_the_step_is_the_quasi_poisson_model_of_statsmodels():
    import statsmodels.api as sm

    y = np.random.default_rng(2).negative_binomial(20, 0.5, 60).astype(float)
    x = sm.add_constant((np.arange(60) >= 50).astype(float))
    theirs = sm.GLM(y, x, family=sm.families.Poisson()).fit(scale="X2")
    ours = count_step(y, 50)
    assert ours.log == pytest.approx(theirs.params[1], rel=1e-8)
    assert ours.error >= theirs.bse[1] * (1 - 1e-8) or theirs.scale < 1


def test_the_step_of_a_share_is_the_binomial_model_of_statsmodels():
    import statsmodels.api as sm

    rng = np.random.default_rng(3)
    n = rng.poisson(40, 60)
    y = rng.binomial(n, np.where(np.arange(60) >= 50, 0.5, 0.35))
    x = sm.add_constant((np.arange(60) >= 50).astype(float))
    theirs = sm.GLM(np.column_stack([y, n - y]), x, family=sm.families.Binomial()).fit()
    assert share_step(y, n, 50).log == pytest.approx(theirs.params[1], rel=1e-8)


def test_a_side_without_any_event_still_has_an_interval():
    step = count_step([0.0] * 20 + [3.0] * 4, 20)
    assert 1 < step.low < step.ratio < step.high < np.inf


def test_neighbouring_weeks_that_are_alike_widen_the_interval():
    rng = np.random.default_rng(4)
    walk = np.repeat(rng.normal(0, 0.3, 28), 4)
    alike, mixed = (rng.poisson(60 * np.exp(each)).astype(float) for each in (walk, rng.permutation(walk)))
    assert count_step(alike, 104).error > 1.3 * count_step(mixed, 104).error


def test_the_start_of_a_rise_is_found_to_the_week_or_two():
    police, _, _ = sources(of_recording=1.6)
    assert abs(best_start(police.counts, search=52, lasting=13) - SINCE) <= 2
    quiet, _, _ = sources()
    assert best_start(quiet.counts, search=52, lasting=13) is None


def test_more_violence_in_two_sources_is_read_as_violence():
    police, ambulance, ed = sources(of_violence=1.5)
    found = evidence(police, [ambulance, ed], SINCE)
    assert found.reading == "violence"
    assert {piece.points_to for piece in found.pieces if piece.kind == "other_source"} == {"violence"}


def test_minor_records_of_one_source_alone_are_read_as_recording():
    police, ambulance, ed = sources(of_recording=1.5)
    found = evidence(police, [ambulance, ed], SINCE)
    assert found.reading == "recording"
    assert next(piece for piece in found.pieces if piece.kind == "severity").points_to == "recording"


@pytest.mark.parametrize("asked", [{"of_violence": 1.6}, {"of_recording": 1.6}])
def test_with_one_source_it_cannot_tell_whatever_else_is_known(asked):
    police, _, _ = sources(**asked)
    log = [Change(STARTS[SINCE], "police", "a new system")]
    found = evidence(police, [], SINCE, starts=STARTS, changes=log)
    assert found.reading == "cannot_tell"
    assert "only source" in found.sentence


def test_one_other_source_that_did_not_rise_is_not_enough():
    police, ambulance, _ = sources(of_recording=1.5)
    bare = Source("police", police.counts)
    assert evidence(bare, [ambulance], SINCE).reading == "cannot_tell"
    log = [Change(STARTS[SINCE + 1], "police", "crime data integrity audit")]
    assert evidence(bare, [ambulance], SINCE, starts=STARTS, changes=log).reading == "recording"


def test_an_entry_long_ago_or_of_another_source_says_nothing():
    police, ambulance, _ = sources(of_recording=1.5)
    log = [Change(STARTS[SINCE] - timedelta(days=200), "police", "a new form")]
    pieces = evidence(police, [ambulance], SINCE, starts=STARTS, changes=log).pieces
    assert [piece for piece in pieces if piece.kind == "change_log"] == []


def test_a_source_whose_own_recording_changed_is_no_witness():
    police, ambulance, ed = sources(of_recording=1.5)
    log = [Change(STARTS[SINCE], "ambulance", "a new triage system")]
    found = evidence(police, [ambulance, ed], SINCE, starts=STARTS, changes=log)
    piece = next(piece for piece in found.pieces if piece.source == "ambulance")
    assert piece.points_to == "neither"
    assert "no witness" in piece.sentence


def test_a_rise_that_lies_in_a_new_site_is_said_with_the_number_of_its_records():
    police, ambulance, ed = sources()
    site = np.where(np.arange(WEEKS) >= SINCE, 30.0, 0.0)
    rising = Source("ed", ed.counts + site)
    found = evidence(rising, [police, ambulance], SINCE, new_codes={"Northgate hospital": site})
    piece = next(piece for piece in found.pieces if piece.kind == "new_codes")
    assert piece.points_to == "recording"
    assert "240 records" in piece.sentence
    assert found.reading == "recording"


def test_places_known_more_often_speak_for_another_way_of_recording():
    police, ambulance, ed = sources(of_recording=1.4)
    share = np.where(np.arange(WEEKS) >= SINCE, 0.9, 0.6)
    located = np.round(police.counts * share)
    found = evidence(Source("police", police.counts, located=located), [ambulance, ed], SINCE)
    piece = next(piece for piece in found.pieces if piece.kind == "completeness")
    assert piece.points_to == "recording"
    assert "60% of records had a place before, 90% since" in piece.sentence


def test_no_rise_is_said_to_be_none():
    police, ambulance, ed = sources()
    assert evidence(police, [ambulance, ed], SINCE).reading == "no_rise"


def test_every_piece_has_its_numbers_in_its_sentence():
    police, ambulance, ed = sources(of_violence=1.4)
    for piece in evidence(police, [ambulance, ed], SINCE).pieces:
        assert piece.sentence.endswith(".")
        if piece.own is not None:
            assert f"{piece.own.ratio:.2f} times" in piece.sentence


def test_the_method_finds_the_rise_itself_and_ends_with_a_reading():
    result = run({}, weeks=frame(*sources(of_recording=1.6)))
    assert [row["piece"] for row in result.rows] == ["rise", "other_source", "other_source", "severity", "reading"]
    assert result.rows[-1]["points_to"] == "recording"
    assert result.summary["rises"] == 1
    assert json.dumps(result.as_json()) == json.dumps(run({}, weeks=frame(*sources(of_recording=1.6))).as_json())


def test_the_order_of_the_sources_does_not_change_a_reading():
    given = sources(of_recording=1.6)
    one, other = run({"rise": "police"}, weeks=frame(*given)), run({"rise": "police"}, weeks=frame(*given[::-1]))
    assert one.rows[-1]["points_to"] == other.rows[-1]["points_to"]


def test_quiet_weeks_name_no_rise():
    result = run({}, weeks=frame(*sources()))
    assert result.rows == ()
    assert result.summary["says"] == "No source has risen more than chance allows."


def test_codes_used_only_since_are_found_by_the_method():
    police, ambulance, ed = sources()
    site = np.where(np.arange(WEEKS) >= SINCE, 40.0, 0.0)
    codes = pl.DataFrame({
        "source": "ed", "week_start": STARTS * 2, "code": ["N"] * WEEKS + ["old"] * WEEKS,
        "count": [*site.astype(int).tolist(), *[5] * WEEKS],
    })  # fmt: skip
    rows = run(
        {"rise": "ed", "since": str(STARTS[SINCE])},
        weeks=frame(police, ambulance, Source("ed", ed.counts + site)), codes=codes,
    ).rows  # fmt: skip
    piece = next(row for row in rows if row["piece"] == "new_codes")
    assert "(N)" in piece["sentence"]


@pytest.mark.parametrize(
    ("params", "wrong", "where"),
    [
        ({"rise": "fire"}, UnfitNumbers, "parameter rise"),
        ({"since": "soon"}, UnfitNumbers, "parameter since"),
        ({"since": "2024-06-10"}, TooFewPoints, "weeks before 2024-06-10"),
    ],
)
def test_a_rise_that_cannot_be_looked_at_is_refused_with_the_reason(params, wrong, where):
    with pytest.raises(wrong) as refused:
        run(params, weeks=frame(*sources()))
    assert refused.value.where == where


def test_a_part_larger_than_its_count_is_refused():
    with pytest.raises(UnfitNumbers, match="severe is more than the count"):
        run({}, weeks=frame(*sources()).with_columns(severe=pl.col("count") + 1))
