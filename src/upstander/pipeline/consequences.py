"""What a decision about an agreement would do, told to whoever is about to take it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from upstander.contracts.asking import Purpose
from upstander.contracts.catalogue import ALL
from upstander.pipeline.gate import edition_of
from upstander.pipeline.home import Home
from upstander.pipeline.recalling import Name, resting_on
from upstander.sharing import (
    ActKind,
    Agreement,
    AgreementRegister,
    AuditLog,
    AuditSearch,
    Cell,
    Decision,
    decided,
    matrix,
    schedules_in_force,
)


@dataclass(frozen=True)
class Loss:
    """Readers who could read a dataset for these purposes before, and could not after."""

    dataset: str
    purposes: tuple[Purpose, ...]
    readers: tuple[str, ...]


@dataclass(frozen=True)
class Consequences:
    """Four facts about a decision: what comes in no more, who read it, who loses it, and the outputs that rest on it.

    `feeds` are (dataset, supplier). `reads` and `readers` count what was read under the agreement since a moment.
    `outputs` are (kind, number); they are called back where `are_recalled`, and otherwise stand until they expire.
    """

    feeds: tuple[tuple[str, str], ...]
    reads: int
    readers: int
    losses: tuple[Loss, ...]
    outputs: tuple[Name, ...]
    are_recalled: bool


def access(agreements: Sequence[Agreement], at: datetime) -> tuple[Cell, ...]:
    """Who may read which dataset for which purpose at a moment; the gate's own answers."""
    return matrix(agreements, {name: one.purposes for name, one in ALL.items()}, at, edition_of)


def consequences(
    home: Home, register: AgreementRegister, audit: AuditLog, decision: Decision, *, since: datetime
) -> Consequences:
    """What a decision would do at its moment. Raises WrongUsage for one that cannot be taken."""
    before = register.agreements(decision.at)
    mine = next((one for one in before if one.name == decision.agreement and not one.fault), None)
    act = decided(decision, mine)
    if act is None or mine is None:
        return Consequences((), 0, 0, (), (), are_recalled=False)
    after = [replace(one, acts=(*one.acts, act)) if one is mine else one for one in before]
    concerned = [one for one in mine.schedules if act.concerns(one)]
    read = [
        entry.event.person
        for entry in audit.search(AuditSearch(since=since, until=decision.at, action="read", agreement=mine.name))
        if entry.event.dataset in {one.dataset for one in concerned}
    ]
    feeds = sorted({(one.dataset, supplier) for one in concerned for supplier in one.suppliers})
    return Consequences(
        tuple(feed for feed in feeds if _fed(before, feed, decision.at) and not _fed(after, feed, decision.at)),
        len(read),
        len(set(read)),
        _losses(access(before, decision.at), access(after, decision.at)),
        tuple(resting_on(home, mine.name, [one.id for one in concerned])),
        are_recalled=decision.kind is ActKind.WITHDRAWN,
    )


def _fed(agreements: Sequence[Agreement], feed: tuple[str, str], at: datetime) -> bool:
    return bool(schedules_in_force(agreements, dataset=feed[0], supplier=feed[1], at=at))


def _losses(before: Sequence[Cell], after: Sequence[Cell]) -> tuple[Loss, ...]:
    """What was open and is no more. Both have the same cells in the same order."""
    purposes: dict[tuple[str, str], tuple[Purpose, ...]] = {}
    for was, would_be in zip(before, after, strict=True):
        if was.is_open and not would_be.is_open:
            key = was.dataset, was.reader.name
            purposes[key] = (*purposes.get(key, ()), was.purpose)
    readers: dict[tuple[str, tuple[Purpose, ...]], tuple[str, ...]] = {}
    for (dataset, reader), lost in purposes.items():
        readers[dataset, lost] = (*readers.get((dataset, lost), ()), reader)
    return tuple(Loss(dataset, lost, names) for (dataset, lost), names in sorted(readers.items()))
