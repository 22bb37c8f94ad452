"""Which reading is in force on which day, against a day-by-day model that is too slow to ship."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from upstander.contracts.readings import Covers
from upstander.warehouse.facts import manifest_of
from upstander.warehouse.inforce import in_force
from warehouse.county import facts

FIRST = date(2026, 1, 1)
JANUARY = (date(2026, 1, 1), date(2026, 2, 1))


def _manifest(sequence, *, delivery="", start=FIRST, end=FIRST + timedelta(days=31), **other):
    made = facts(1, reading=f"r{sequence}", delivery=delivery or f"d{sequence}", start=start, end=end, **other)
    return manifest_of(made, sequence, ())


def _extracted(day):
    return datetime(2026, 3, day, tzinfo=UTC)


def _in_force(*manifests):
    return [(one.manifest.sequence, one.days) for one in in_force(manifests, "police_incidents")]


def test_a_newer_delivery_of_the_same_days_is_in_force_alone():
    assert _in_force(_manifest(1), _manifest(2)) == [(2, None)]


def test_a_newer_delivery_takes_only_the_days_it_covers():
    inner = _manifest(2, start=date(2026, 1, 10), end=date(2026, 1, 20))
    assert _in_force(_manifest(1), inner) == [
        (1, ((date(2026, 1, 1), date(2026, 1, 10)), (date(2026, 1, 20), date(2026, 2, 1)))),
        (2, None),
    ]


def test_an_older_extract_that_arrives_later_does_not_supersede():
    newer, older = _manifest(1, extracted_at=_extracted(9)), _manifest(2, extracted_at=_extracted(2))
    assert _in_force(newer, older) == [(1, None)]


def test_an_older_extract_still_speaks_for_days_nobody_else_covers():
    newer = _manifest(1, extracted_at=_extracted(9))
    older = _manifest(2, extracted_at=_extracted(2), start=date(2025, 12, 1))
    assert _in_force(newer, older) == [(1, None), (2, ((date(2025, 12, 1), date(2026, 1, 1)),))]


def test_a_delivery_that_does_not_say_when_it_was_extracted_is_no_older_than_what_came_before():
    first, silent, old = (
        _manifest(1, extracted_at=_extracted(9)),
        _manifest(2),
        _manifest(3, extracted_at=_extracted(2)),
    )
    assert _in_force(first, silent, old) == [(2, None)]


def test_a_corrected_map_replaces_the_earlier_reading_of_the_same_delivery():
    assert _in_force(_manifest(1, delivery="d"), _manifest(2, delivery="d")) == [(2, None)]


def test_rereading_an_old_delivery_does_not_undo_a_newer_one():
    old, new, reread = _manifest(1, delivery="old"), _manifest(2), _manifest(3, delivery="old")
    assert _in_force(old, new, reread) == [(2, None)]


def test_increments_are_all_in_force_each_in_its_newest_reading():
    first, second, reread = (_manifest(n, delivery=d, delivers="increment") for n, d in ((1, "a"), (2, "b"), (3, "a")))
    assert _in_force(first, second, reread) == [(3, None), (2, None)]


def test_of_snapshots_only_the_newest_is_in_force():
    newest = _manifest(1, delivers="snapshot", extracted_at=_extracted(9))
    older = _manifest(2, delivers="snapshot", extracted_at=_extracted(2))
    assert _in_force(newest, older) == [(1, None)]


def test_one_supplier_never_supersedes_another():
    assert _in_force(_manifest(1), _manifest(2, supplier="police_uk")) == [(1, None), (2, None)]


def test_another_dataset_is_left_out():
    assert _in_force(_manifest(1, dataset="ed_assaults")) == []


deliveries = st.lists(
    st.tuples(
        st.integers(0, 5),  # which delivery
        st.integers(0, 20),  # first day
        st.integers(1, 12),  # days
        st.none() | st.integers(1, 9),  # extracted on
    ),
    min_size=1,
    max_size=9,
)


def _made(drawn):
    """Readings in order. A delivery's bytes say when it was extracted, so all its readings agree on that."""
    said = {}
    return [
        _manifest(
            sequence, delivery=f"d{which}", start=FIRST + timedelta(days=first),
            end=FIRST + timedelta(days=first + length),
            extracted_at=said.setdefault(which, None if extracted is None else _extracted(extracted)),
        )
        for sequence, (which, first, length, extracted) in enumerate(drawn, start=1)
    ]  # fmt: skip


def _model(manifests, day):
    """The sequence of the reading in force on one day: walk the arrivals, one at a time, with nothing clever."""
    arrivals = list(dict.fromkeys(m.delivery for m in manifests))
    newest = {m.delivery: m for m in manifests}
    best, best_key, latest = None, None, datetime(1, 1, 1, tzinfo=UTC)
    for place, delivery in enumerate(arrivals):
        manifest = newest[delivery]
        when = manifest.extracted_at or latest
        latest = max(latest, when)
        covers = manifest.covers.start <= day < manifest.covers.end
        if covers and (best_key is None or (when, place) > best_key):
            best, best_key = manifest.sequence, (when, place)
    return best


@given(deliveries)
@example([(0, 0, 5, None), (1, 2, 1, None), (0, 0, 1, None)])
def test_every_day_has_the_reading_the_model_says(drawn):
    manifests = _made(drawn)
    chosen = in_force(manifests, "police_incidents")
    for offset in range(35):
        day = FIRST + timedelta(days=offset)
        speaking = [
            one.manifest.sequence
            for one in chosen
            for start, end in one.days or ((one.manifest.covers.start, one.manifest.covers.end),)
            if start <= day < end
        ]
        expected = _model(manifests, day)
        assert speaking == ([] if expected is None else [expected])


@given(deliveries, st.randoms())
def test_the_order_in_which_manifests_are_found_does_not_matter(drawn, random):
    manifests = _made(drawn)
    shuffled = random.sample(manifests, len(manifests))
    assert in_force(shuffled, "police_incidents") == in_force(manifests, "police_incidents")


@pytest.mark.parametrize("inferred", [True, False])
def test_days_are_taken_alike_whether_stated_or_inferred(inferred):
    later = replace(_manifest(2), covers=Covers(*JANUARY, inferred=inferred))
    assert _in_force(_manifest(1), later) == [(2, None)]
