"""Unusual looking: patterns in who looked at what, each told with the numbers it rests on and never as a score.

A list for a person to ask about, not an accusation: most of what it finds has a good reason. Thresholds are this
program's own; what they find, and how often they are wrong in a quiet month, tests/analysis/test_looking.py measures.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from scipy import stats

WEEKS_BEFORE = 12
LOOKS = pl.Schema({
    "seq": pl.Int64(), "person": pl.String(), "role": pl.String(), "at": pl.Datetime("us"), "purpose": pl.String(),
    "areas": pl.List(pl.String()), "subject": pl.String(), "is_refused": pl.Boolean(),
})  # fmt: skip
"""One row a look or a refusal. `at` is on the wall clock of the partnership."""
CONFLICTS = pl.Schema({
    "person": pl.String(), "value": pl.String(), "since": pl.Datetime("us"), "until": pl.Datetime("us"),
})  # fmt: skip
"""One row a declared conflict: an area's key or a token, from `since` up to `until` (null: not ended), same clock."""

_FIRST_HOUR, _LAST_HOUR = 7, 20
_TIMES = 3  # times as many as usual
_TIMES_ALL, _BUSIEST = 4, 2  # for looks of any kind: times as many as in a usual week, and as in the busiest one
_CHANCE = 0.001
_LATE, _MANY, _REFUSED, _NEW_AREAS, _KNOWN = 3, 20, 5, 4, 10
_ROLE_COUNTS_AS = 10  # looks: how much the role's habit weighs beside the person's own


@dataclass(frozen=True)
class Unusual:
    """One thing to ask about: its kind, whom to ask, the numbers in a sentence, and the entries it was seen in."""

    kind: str
    person: str
    said: str
    seqs: tuple[int, ...]


def unusual(looks: pl.DataFrame, conflicts: pl.DataFrame, week: date) -> list[Unusual]:
    """What stands out in the seven days from `week` beside the twelve weeks before; by person, then kind.

    looks: columns as LOOKS; conflicts: as CONFLICTS. How many looks are usual for somebody with less than four
    weeks behind them is told by their role, and one thing is never found twice for one person.
    """
    start = pl.lit(week).cast(pl.Datetime("us"))
    now = looks.filter(pl.col("at").is_between(start, start + timedelta(days=7), closed="left"))
    before = looks.filter(
        pl.col("at").is_between(start - timedelta(weeks=WEEKS_BEFORE), start, closed="left")
    ).with_columns(week=((start - pl.col("at")).dt.total_seconds() / (7 * 86_400)).floor().cast(pl.Int64))
    seen, was = now.filter(~pl.col("is_refused")), before.filter(~pl.col("is_refused"))
    found = [
        *_late(seen, was), *_many(seen, was), *_new_purpose(seen, was), *_new_areas(seen, was),
        *_refused(now.filter(pl.col("is_refused")), before.filter(pl.col("is_refused"))), *_conflicts(seen, conflicts),
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.person, one.kind))


def _late(seen: pl.DataFrame, was: pl.DataFrame) -> Iterator[Unusual]:
    """Looks outside of working hours, by somebody who seldom does."""
    at = pl.col("at").dt
    is_late = (at.weekday() > 5) | (at.hour() < _FIRST_HOUR) | (at.hour() >= _LAST_HOUR)
    mine = seen.group_by("person", "role").agg(n=pl.len(), late=is_late.sum(), seqs=pl.col("seq").filter(is_late))
    own = was.group_by("person").agg(n_was=pl.len(), late_was=is_late.sum())
    roles = was.group_by("role").agg(habit=is_late.mean())
    held = mine.join(own, on="person", how="left").join(roles, on="role", how="left").fill_null(0)
    share = (pl.col("late_was") + _ROLE_COUNTS_AS * pl.col("habit") + 0.5) / (pl.col("n_was") + _ROLE_COUNTS_AS + 1)
    held = held.with_columns(share=share)
    chance = stats.binom.sf(held["late"].to_numpy() - 1, held["n"].to_numpy(), held["share"].to_numpy())
    stands_out = (
        (pl.col("late") >= _LATE) & (pl.col("late") > _TIMES * pl.col("n") * pl.col("share"))
        & (pl.Series(chance) < _CHANCE)
    )  # fmt: skip
    for one in held.filter(stands_out).iter_rows(named=True):
        yield Unusual(
            "outside of working hours", one["person"],
            f"{one['late']} of {one['n']} looks were outside of Monday to Friday, 07:00 to 20:00; in the 12 weeks "
            f"before it was {one['late_was']} of {one['n_was']}.",
            tuple(one["seqs"]),
        )  # fmt: skip


def _many(seen: pl.DataFrame, was: pl.DataFrame) -> Iterator[Unusual]:
    """Many more looks than the person's own usual week; without one of their own, than their role's."""
    mine = seen.group_by("person", "role").agg(n=pl.len(), seqs=pl.col("seq"))
    weeks = was.group_by("person", "role", "week").len()
    own = weeks.group_by("person").agg(
        usual=pl.col("len").sum() / (pl.col("week").max() + 1), most=pl.col("len").max(), weeks=pl.col("week").max() + 1
    )
    roles = weeks.group_by("role").agg(role_usual=pl.col("len").mean(), role_most=pl.col("len").max())
    held = mine.join(own, on="person", how="left").join(roles, on="role", how="left").fill_null(0)
    is_known = pl.col("weeks") >= WEEKS_BEFORE / 3
    held = held.with_columns(
        usual=pl.when(is_known).then("usual").otherwise("role_usual"),
        most=pl.when(is_known).then("most").otherwise("role_most"),
        whose=pl.when(is_known).then(pl.lit("their own")).otherwise(pl.lit("their role's")),
    )
    stands_out = (
        (pl.col("n") >= _MANY)
        & (pl.col("n") > _TIMES_ALL * pl.col("usual"))
        & (pl.col("n") > _BUSIEST * pl.col("most"))
    )
    for one in held.filter(stands_out).iter_rows(named=True):
        yield Unusual(
            "far more than usual", one["person"],
            f"{one['n']} looks in the week; {one['whose']} usual week in the 12 before had {one['usual']:.1f}, the "
            f"busiest {one['most']}.",
            tuple(one["seqs"]),
        )  # fmt: skip


def _new_purpose(seen: pl.DataFrame, was: pl.DataFrame) -> Iterator[Unusual]:
    """A purpose that somebody with a history never named before."""
    known = was.group_by("person").agg(n_was=pl.len(), purposes=pl.col("purpose").unique())
    mine = seen.group_by("person", "purpose").agg(n=pl.len(), seqs=pl.col("seq")).join(known, on="person")
    is_new = ~pl.col("purpose").is_in(pl.col("purposes"))
    for one in mine.filter(is_new & (pl.col("n_was") >= _KNOWN)).iter_rows(named=True):
        yield Unusual(
            f"a new purpose: {one['purpose']}", one["person"],
            f"{one['n']} looks for the {one['purpose']} purpose; none of their {one['n_was']} looks in the 12 weeks "
            f"before was for it.",
            tuple(one["seqs"]),
        )  # fmt: skip


def _new_areas(seen: pl.DataFrame, was: pl.DataFrame) -> Iterator[Unusual]:
    """Mostly areas that are not the person's patch: those they looked at in the twelve weeks before."""
    areas = {"area": pl.col("areas").list.unique()}
    patch = was.with_columns(**areas).explode("area").drop_nulls("area").group_by("person").agg(patch=pl.col("area"))
    each = seen.with_columns(**areas).explode("area").drop_nulls("area").join(patch, on="person")
    is_new = ~pl.col("area").is_in(pl.col("patch"))
    mine = each.group_by("person").agg(
        n=pl.col("area").n_unique(), new=pl.col("area").filter(is_new).unique().sort(),
        seqs=pl.col("seq").filter(is_new).unique().sort(), patch=pl.col("patch").first().list.n_unique(),
        looks=pl.col("patch").first().list.len(),
    )  # fmt: skip
    new = pl.col("new").list.len()
    stands_out = (new >= _NEW_AREAS) & (2 * new > pl.col("n")) & (pl.col("looks") >= _KNOWN)
    for one in mine.filter(stands_out).iter_rows(named=True):
        yield Unusual(
            "outside of their patch", one["person"],
            f"{len(one['new'])} of {one['n']} areas looked at are not among the {one['patch']} they looked at in the "
            f"12 weeks before: {', '.join(one['new'][:5])}{' and others' if len(one['new']) > 5 else ''}.",
            tuple(one["seqs"]),
        )  # fmt: skip


def _refused(seen: pl.DataFrame, was: pl.DataFrame) -> Iterator[Unusual]:
    """Refusals again and again, by somebody who is seldom refused."""
    own = was.group_by("person").agg(usual=pl.len() / WEEKS_BEFORE)
    mine = seen.group_by("person").agg(n=pl.len(), seqs=pl.col("seq")).join(own, on="person", how="left").fill_null(0)
    for one in mine.filter(
        (pl.col("n") >= _REFUSED) & (pl.col("n") > _TIMES * pl.col("usual"))
    ).iter_rows(named=True):  # fmt: skip
        yield Unusual(
            "refused again and again", one["person"],
            f"Refused {one['n']} times in the week; {one['usual']:.1f} times a week in the 12 before.",
            tuple(one["seqs"]),
        )  # fmt: skip


def _conflicts(seen: pl.DataFrame, conflicts: pl.DataFrame) -> Iterator[Unusual]:
    """Any look at an area or a person that the looker had declared must be kept from them."""
    shown = seen.with_columns(value=pl.concat_list("areas", "subject")).explode("value")
    meant = shown.join(conflicts, on=["person", "value"]).filter(
        (pl.col("at") >= pl.col("since")) & (pl.col("until").is_null() | (pl.col("at") < pl.col("until")))
    )
    mine = meant.group_by("person").agg(n=pl.col("seq").n_unique(), seqs=pl.col("seq").unique().sort())
    for one in mine.iter_rows(named=True):
        yield Unusual(
            "a declared conflict", one["person"],
            f"{one['n']} {'look' if one['n'] == 1 else 'looks'} at what they had declared must be kept from them.",
            tuple(one["seqs"]),
        )  # fmt: skip
