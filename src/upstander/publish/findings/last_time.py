"""Last time, this time: what can be told of the places where something was done."""

from upstander.publish.facts import Change, Facts
from upstander.publish.words import capital, first_that_fits


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
