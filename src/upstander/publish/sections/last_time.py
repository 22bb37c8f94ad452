"""Last time, this time: what was agreed, and what has changed there since."""

from upstander.publish.facts import Change, Facts
from upstander.publish.findings.last_time import change_words, could_show, finding
from upstander.publish.model import Action
from upstander.publish.reading import as_text
from upstander.publish.sheet import Cell, Column, RichTable, Section
from upstander.publish.words import short_day


def section(facts: Facts) -> Section:
    """One row an action."""
    if not facts.bulletin.actions:
        words = "No list of actions was given when this bulletin was made."
        return Section(figure="last-time", finding=finding(facts), paragraphs=(("Why", words),))
    columns = (
        Column("Action", share=1.5), Column("Place", share=1), Column("Owner", share=0.9), Column("Since"),
        Column("Due"), Column("Records before and since", share=1.7),
    )  # fmt: skip
    rows = tuple(
        _row(facts, action, changes) for action, changes in zip(facts.bulletin.actions, facts.changes, strict=True)
    )
    note = (
        "Before and since are spans of equal length. Places were chosen because they were high, and some fall is to be "
        "expected with no action at all. A change after an action is not proof that it worked."
    )
    return Section(
        figure="last-time",
        finding=finding(facts),
        sub="Actions of the last meeting and what has changed there.",
        table=RichTable(columns, rows),
        note=note,
    )


def _row(facts: Facts, action: Action, changes: tuple[Change, ...]) -> tuple[Cell, ...]:
    is_overdue = action.due is not None and action.due < facts.bulletin.made_on
    due = f"{short_day(action.due)}{', overdue' if is_overdue else ''}" if action.due else "none"
    since = short_day(action.since) if action.since else "not said"
    read = "; ".join(_reading(change) for change in changes) or "not counted"
    shows = could_show(changes)
    return (
        Cell(action.what, is_strong=True), Cell(facts.bulletin.name_of(action.area)), Cell(action.owner), Cell(since),
        Cell(due, is_strong=is_overdue), Cell(f"{read}. {shows}" if shows else read),
    )  # fmt: skip


def _reading(change: Change) -> str:
    return f"{change.source.name} {as_text(change.before)} to {as_text(change.since)}, {change_words(change)}"
