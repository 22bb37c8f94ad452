"""Last time, this time: what can be told of the places where something was done."""

from collections.abc import Sequence

from upstander.contracts.releasing import Status
from upstander.publish.facts import Change, Facts
from upstander.publish.words import capital, first_that_fits, per_cent


def finding(facts: Facts) -> str:
    """The sentence above the actions. Lower and higher are looked for alike, and a cause is never claimed."""
    if not facts.bulletin.actions:
        return "No actions of the last meeting were given."
    if not any(facts.changes):
        return "What has changed since the actions was not counted."
    every = [
        (action, change)
        for action, changes in zip(facts.bulletin.actions, facts.changes, strict=True)
        for change in changes
    ]
    moved = [(action, change) for action, change in every if change.is_lower is not None]
    if not moved:
        return "No change since the last actions can be told apart from chance."
    if len({change.is_lower for _, change in moved}) == 2:
        return "Since the actions some records are lower, others higher; why is not shown."
    action, change = moved[0]
    records, side = change.source.records, change_words(change)
    return first_that_fits([
        f"{capital(records)} at {facts.bulletin.name_of(action.area)} are {side} since; why is not shown.",
        f"At one place {records} are {side} since; why is not shown.",
    ], facts.names)  # fmt: skip


def change_words(change: Change) -> str:
    """One source's reading of one action's area."""
    if not (change.before.has_number and change.since.has_number):
        return "not enough to say"
    if change.is_lower is None:
        return "cannot be told apart"
    return "lower" if change.is_lower else "higher"


def could_show(changes: Sequence[Change]) -> str:
    """The least fall that the counts of one action's area could show in any source, as a sentence; else empty."""
    least = min(
        (one for one in changes if one.least_fall.has_number), key=lambda one: one.least_fall.number, default=None
    )
    if least is not None:
        return (
            f"Only a fall of {per_cent(least.least_fall.number)} or more would be likely to show ({least.source.name})."
        )
    is_known = any(one.least_fall.status is Status.NOT_APPLICABLE for one in changes)
    return "Too few records here for any fall to show." if is_known else ""
