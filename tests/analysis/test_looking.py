"""Unusual looking: what is planted is found with its numbers, and a quiet month gives nothing to ask about."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from upstander.analysis.measures.looking import CONFLICTS, LOOKS, Unusual, unusual

WEEK = date(2026, 11, 16)  # a Monday
MONDAY = datetime(2026, 11, 16)  # noqa: DTZ001 - on the wall clock of the partnership
NONE = pl.DataFrame(schema=CONFLICTS)
ROLES = ("analyst", "tasking", "professional", "panel")
PATCHES = 12


def looks_of(*rows: tuple, first: int = 1) -> pl.DataFrame:
    """(person, at, purpose, areas, subject, is_refused) as looks of analysts."""
    return pl.DataFrame(
        [(seq, person, "analyst", at, *rest) for seq, (person, at, *rest) in enumerate(rows, first)],
        LOOKS,
        orient="row",
    )


def look(
    at: datetime, *, person: str = "ann", purpose: str = "strategic", areas: tuple = (), subject=None, refused=False
):
    return (person, at, purpose, list(areas), subject, refused)


def steady(person: str = "ann", *, a_week: int = 4, weeks: int = 12, **words) -> list[tuple]:
    """The same few looks on the afternoons of each week before."""
    return [
        look(MONDAY - timedelta(weeks=back) + timedelta(days=n % 5, hours=10 + n % 8), person=person, **words)
        for back in range(1, weeks + 1) for n in range(a_week)
    ]  # fmt: skip


def found_in(rows: list[tuple], conflicts: pl.DataFrame = NONE) -> list[Unusual]:
    return unusual(looks_of(*rows), conflicts, WEEK)


def only(rows: list[tuple], conflicts: pl.DataFrame = NONE) -> Unusual:
    (one,) = found_in(rows, conflicts)
    return one


def test_looks_at_night_by_somebody_who_never_does_are_found_with_both_shares():
    nights = [look(MONDAY + timedelta(days=n, hours=2)) for n in range(4)]
    one = only([*steady(), look(MONDAY + timedelta(hours=11)), *nights])
    assert (one.kind, one.person, one.seqs) == ("outside of working hours", "ann", (50, 51, 52, 53))
    assert "4 of 5 looks" in one.said
    assert "0 of 48" in one.said


def test_whoever_always_works_at_night_is_not_found():
    own = [look(MONDAY - timedelta(weeks=back) + timedelta(days=n, hours=2)) for back in range(1, 13) for n in range(4)]
    assert found_in([*own, *(look(MONDAY + timedelta(days=n, hours=2)) for n in range(4))]) == []


def test_far_more_than_ones_own_usual_week_is_found_and_the_busy_analyst_is_not():
    many = [look(MONDAY + timedelta(days=n % 5, hours=9, minutes=n)) for n in range(30)]
    one = only([*steady(), *many])
    assert one.kind == "far more than usual"
    assert "30 looks in the week; their own usual week in the 12 before had 4.0, the busiest 4." in one.said
    assert found_in([*steady(a_week=15), *many]) == []


def test_somebody_new_is_held_to_their_role():
    many = [look(MONDAY + timedelta(days=n % 5, hours=9, minutes=n), person="new") for n in range(30)]
    assert "their role's usual week" in only([*steady(), *many]).said
    assert found_in([*steady(a_week=15), *many]) == []


def test_a_purpose_never_named_before_is_found_once_for_a_person():
    new = [look(MONDAY + timedelta(hours=10 + n), purpose="operational") for n in range(2)]
    one = only([*steady(), *new])
    assert one.kind == "a new purpose: operational"
    assert one.said.startswith("2 looks for the operational purpose; none of their 48")
    assert found_in([look(MONDAY + timedelta(hours=10))]) == []  # whoever has no past has no new purpose


def test_areas_outside_of_ones_patch_are_found_by_name():
    patch = steady(areas=("ward24:F01", "ward24:F02"))
    away = [look(MONDAY + timedelta(hours=9 + n), areas=(f"ward24:F9{n}",)) for n in range(4)]
    one = only([*patch, *away])
    assert one.kind == "outside of their patch"
    assert one.said.startswith("4 of 4 areas looked at are not among the 2 they looked at")
    assert "ward24:F90, ward24:F91, ward24:F92, ward24:F93" in one.said
    assert found_in([*patch, *away[:3]]) == []


def test_refusals_again_and_again_are_found_and_count_as_no_looks():
    refused = [look(MONDAY + timedelta(hours=9, minutes=n), refused=True) for n in range(6)]
    one = only([*steady(), *refused])
    assert (one.kind, len(one.seqs)) == ("refused again and again", 6)
    assert "Refused 6 times in the week; 0.0 times a week" in one.said
    assert found_in([*steady(), *refused[:4]]) == []


@pytest.mark.parametrize(
    ("until", "is_found"), [(None, True), (MONDAY + timedelta(hours=12), True), (MONDAY + timedelta(hours=9), False)]
)
def test_one_look_at_what_was_declared_a_conflict_is_found_while_the_conflict_stands(until, is_found):
    conflicts = pl.DataFrame([("ann", "u1.abc.def", MONDAY, until)], CONFLICTS, orient="row")
    rows = [*steady(), look(MONDAY + timedelta(hours=10), subject="u1.abc.def")]
    found = found_in(rows, conflicts)
    assert [one.kind for one in found] == ["a declared conflict"] * is_found
    other = conflicts.with_columns(person=pl.lit("bob"))
    assert found_in(rows, other) == []


def test_no_looks_at_all_give_nothing():
    assert found_in([]) == []


# ── False alarms ─────────────────────────────────────────────────────────────────────────────────────────────────────


def quiet(seed: int, people: int = 40, weeks: int = 16) -> pl.DataFrame:
    """Weeks of ordinary work: people differ in how much they look and when, weeks of one person vary more than by
    chance alone, some seldom work late, everybody has a patch and now and then looks elsewhere.
    """
    rng = np.random.default_rng(seed)
    usual = rng.gamma(2.0, 6.0, people)
    late = rng.choice([0.0, 0.02, 0.1, 0.4], people, p=[0.4, 0.35, 0.15, 0.1])
    counts = rng.poisson(usual * rng.gamma(4.0, 0.25, (weeks, people)))
    week, person = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape))
    size = len(week)
    is_late = rng.random(size) < late[person]
    hour = np.where(is_late, rng.choice([20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6], size), rng.integers(7, 20, size))
    first = np.datetime64(MONDAY - timedelta(weeks=weeks - 4), "us")
    at = first + (week * 7 + rng.integers(0, 5, size)) * np.timedelta64(1, "D") + hour * np.timedelta64(1, "h")
    area = np.where(
        rng.random(size) < 0.05, rng.integers(0, 200, size), person * 3 % 150 + rng.integers(0, PATCHES, size)
    )
    purpose = np.where(person % 3 == 0, "operational", np.where(rng.random(size) < 0.5, "strategic", "monitoring"))
    return pl.DataFrame({
        "seq": np.arange(1, size + 1), "person": [f"p{n}" for n in person], "role": [ROLES[n % 4] for n in person],
        "at": at, "purpose": purpose, "areas": [[f"ward24:F{n:03d}"] for n in area], "subject": [None] * size,
        "is_refused": rng.random(size) < 0.02,
    }, LOOKS)  # fmt: skip


def alarms(looks: pl.DataFrame) -> list[Unusual]:
    """What a month of four weeks gives."""
    return [one for n in range(4) for one in unusual(looks, NONE, WEEK + timedelta(weeks=n))]


def test_a_quiet_month_of_forty_people_gives_nothing_to_ask_about():
    assert alarms(quiet(20261116)) == []


def test_a_burst_planted_in_a_quiet_month_is_found_and_nothing_else():
    burst = [look(MONDAY + timedelta(days=n % 5, hours=9, minutes=n % 60), person="p7") for n in range(150)]
    quiet_month = quiet(20261116)
    added = looks_of(*burst, first=quiet_month.height + 1).with_columns(
        purpose=pl.lit("monitoring"), role=pl.lit(ROLES[3])
    )
    assert [(one.person, one.kind) for one in alarms(pl.concat([quiet_month, added]))] == [
        ("p7", "far more than usual")
    ]


@pytest.mark.prove
def test_false_alarms_in_quiet_months_are_few(proof: Callable[..., None]):
    months = 100
    found = [one for seed in range(months) for one in alarms(quiet(seed))]
    share = 1000 * len(found) / (months * 40 * 4)
    proof("false alarms of unusual looking in quiet months", figure=f"{share:.2f} per 1,000 weeks of a person",
          goal="fewer than 2", seed=0)  # fmt: skip
    assert share < 2
