"""Four eyes: two named people, neither the maker, each for the hash of the manifest. The second approval publishes.

Approvals are entries of the audit log, whose chain shows every change; nothing else says that a release is approved.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from upstander.contracts.asking import Refused, Request
from upstander.contracts.releasing import Edition as Editions
from upstander.contracts.rules import asks, strictest
from upstander.errors import NotAllowed
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note, would_answer
from upstander.pipeline.home import Home
from upstander.pipeline.outputs import OutputFacts, enter_ledger, ledger_lines
from upstander.pipeline.release import shelf
from upstander.pipeline.release.attacking import attack_everything
from upstander.pipeline.release.evidence import Attacked
from upstander.pipeline.release.plan import PinnedGrant, pinned_grants
from upstander.sharing import AuditLog, AuditSearch
from upstander.values.durable import locked

NEEDED = 2
KIND, MAKE, PUBLISH = "release", "release make", "release publish"
_APPROVE = "approve"
_PATIENCE_S = 3600.0


class Shelved(Protocol):
    """A home, and the audit log that says which of its releases were made and approved. A desk is one."""

    @property
    def home(self) -> Home:
        """Where things lie."""

    @property
    def audit(self) -> AuditLog:
        """What was written down."""


class NotApproved(NotAllowed):
    """A release cannot be approved, or not by the person who would."""


@dataclass(frozen=True)
class Approval:
    """One person's approval of one hash. `at` is an aware UTC moment."""

    person: str
    at: datetime
    sha256: str


@dataclass(frozen=True)
class Standing:
    """Where an edition stands: its approvals that count, oldest first, and those voided by an edit."""

    edition: shelf.Edition
    approvals: tuple[Approval, ...]
    voided: tuple[Approval, ...]
    faults: tuple[str, ...]

    @property
    def is_published(self) -> bool:
        """Whether two people have approved it as it stands."""
        return len(self.approvals) >= NEEDED and not self.faults

    @property
    def published_at(self) -> datetime:
        """When the second approval came (aware UTC); only of one that is published."""
        return self.approvals[NEEDED - 1].at

    @property
    def in_words(self) -> str:
        """What a person reads of it."""
        if self.faults:
            return f"broken: {'; '.join(self.faults)}; no approval counts"
        if self.is_published:
            return f"published on {self.published_at:%-d %B %Y}"
        said = f"{len(self.approvals)} of {NEEDED} approvals"
        return f"{said}; {len(self.voided)} voided by an edit" if self.voided else said


def standing(desk: Shelved, edition: shelf.Edition) -> Standing:
    """Where an edition stands, by the audit log and the bytes on disk."""
    return standings(desk, [edition])[0]


def standings(desk: Shelved, editions: Sequence[shelf.Edition]) -> list[Standing]:
    """Where each of these editions stands; the audit log is read once for all of them."""
    approvals, made = _told(desk, f"{_APPROVE} {KIND}"), _told(desk, MAKE)
    return [_standing(one, _of(approvals, one), _of(made, one)) for one in editions]


def _standing(edition: shelf.Edition, approvals: Sequence[Approval], made: Sequence[Approval]) -> Standing:
    faults = _faults(edition, made)
    maker = _same(edition.plan.made.person) if not faults else ""
    counted: dict[str, Approval] = {}
    for one in approvals:
        if one.sha256 == edition.sha256 and _same(one.person) != maker:
            counted.setdefault(_same(one.person), one)
    voided = tuple(one for one in approvals if one.sha256 != edition.sha256)
    return Standing(edition, tuple(counted.values()), voided, faults)


def faults_of(desk: Shelved, edition: shelf.Edition) -> tuple[str, ...]:
    """What of an edition is not as it was made: broken seals, or a manifest that the audit log does not know."""
    return _faults(edition, _of(_told(desk, MAKE), edition))


def _faults(edition: shelf.Edition, made: Sequence[Approval]) -> tuple[str, ...]:
    faults = shelf.broken_seals(edition)
    if edition.sha256 not in {one.sha256 for one in made}:
        faults = ["manifest.json is not the one that was made", *faults]
    return tuple(faults)


def may_not_approve(now: Standing, names: Collection[str]) -> str:
    """Why somebody who goes by these names cannot approve an edition; empty where they can."""
    mine = {_same(name) for name in names}
    if now.faults:
        return "It is not as it was made."
    if _same(now.edition.plan.made.person) in mine:
        return "You made it. Two others have to approve it."
    if mine & {_same(one.person) for one in now.approvals}:
        return "You have approved it. A second person has to."
    return "It is published already." if now.is_published else ""


def note_made(desk: Desk, edition: shelf.Edition) -> None:
    """The entry of the audit log that says which manifest was made, once."""
    if not _of(_told(desk, MAKE), edition):
        note(desk, action=MAKE, answer="done", dataset="", about=f"{edition.name} {edition.sha256}")


def _told(desk: Shelved, action: str) -> list[tuple[str, Approval]]:
    """(the edition's name, who did this to it, of which hash) of every edition, in the order of the audit log."""
    entries = desk.audit.search(AuditSearch(action=action.partition(" ")[0]))
    found = []
    for entry in entries:
        did, _, sha256 = entry.event.action.rpartition(" ")
        if did.startswith(f"{action} "):
            name = did.removeprefix(f"{action} ")
            found.append((name, Approval(entry.event.person, entry.event.at, sha256)))
    return found[::-1]  # the log gives the newest first


def _of(told: Sequence[tuple[str, Approval]], edition: shelf.Edition) -> list[Approval]:
    return [one for name, one in told if name == edition.name]


def approve(desk: Desk, quarter: str, number: int | None = None, *, sha256: str = "") -> Standing:
    """Approve an edition as the person at the desk; the second approval publishes it.

    sha256: what the person was shown, where they were shown it before; the edition has to be that one still.
    Raises BrokenRelease where any byte is not as it was made, NotApproved for its maker, for somebody who has approved
    it already, and where the attack finds a cell that is too narrow. Killed after the second approval, `approve` of
    anybody finishes the ledger.
    """
    with locked(desk.home.releases / ".lock", patience_s=_PATIENCE_S):
        edition = shelf.find_edition(desk.home, quarter, number)
        before = standing(desk, edition)
        if before.faults:
            raise shelf.broken(edition, "; ".join(before.faults))
        if sha256 not in ("", edition.sha256):
            raise shelf.broken(edition, "it is not the one that was looked at")
        if before.is_published:
            _enter(desk, before)
            return before
        _check_person(desk, before)
        _check_agreements(desk, edition)
        _check_rules(desk, edition)
        _check_attack(attack_everything(desk, edition, ever_published(desk)), edition)
        note(desk, action=f"{_APPROVE} {KIND}", answer="approved", dataset="", about=f"{edition.name} {edition.sha256}")
        now = standing(desk, edition)
        if now.is_published:
            _enter(desk, now)
    return now


def approved(desk: Shelved) -> list[shelf.Edition]:
    """Every published edition that is as it was made, oldest quarter first."""
    return [one.edition for one in standings(desk, shelf.editions(desk.home)) if one.is_published]


def ever_published(desk: Desk) -> list[shelf.Edition]:
    """The same, for protecting and attacking. Raises BrokenRelease where one that was published is broken or gone:
    what outsiders hold of it could not be reckoned with.
    """
    found = approved(desk)
    sound = {one.name for one in found}
    for entry in desk.audit.search(AuditSearch(action=KIND)):
        action, _, name = entry.event.action.rpartition(" ")[0].rpartition(" ")
        if action == PUBLISH and name not in sound:
            quarter, _, number = name.partition("/")
            gone = shelf.Edition(quarter, int(number), desk.home.releases / name)
            raise shelf.broken(gone, "it was published, and is broken or gone")
    return found


def _same(person: str) -> str:
    """One person however the name is typed."""
    return " ".join(person.split()).casefold()


def _check_person(desk: Desk, before: Standing) -> None:
    me = _same(desk.who.person)
    maker = before.edition.plan.made.person
    if not me:
        raise NotApproved("An approval needs a name.", expected="--as PERSON", state="Nothing was approved.")
    if me == _same(maker):
        raise NotApproved(
            f"{desk.who.person} made {before.edition.name} and cannot approve it.",
            found=desk.who.person, expected="two people who did not make it", state="Nothing was approved.",
        )  # fmt: skip
    if me in {_same(one.person) for one in before.approvals}:
        raise NotApproved(
            f"{desk.who.person} has approved {before.edition.name} already.",
            found=desk.who.person, expected="a second person", state="One approval stands.",
        )  # fmt: skip


def _check_agreements(desk: Desk, edition: shelf.Edition) -> None:
    """Nothing is published that rests on a schedule which grants nothing any more."""
    at = desk.now()
    stand = {
        (one.name, schedule.id)
        for one in desk.register.agreements(at)
        for schedule in one.schedules
        if one.stands(schedule, at)
    }
    rests = {(grant.agreement, grant.schedule) for source in edition.plan.sources for grant in source.grants}
    if gone := sorted(rests - stand):
        said = ", ".join(f"{schedule} of {name}" for name, schedule in gone)
        raise NotApproved(
            f"{edition.name} cannot be approved: {said} grants nothing any more.",
            where=edition.name, found=said, expected="a new edition, without what rests on it",
            state="Nothing was approved.",
        )  # fmt: skip


def _check_rules(desk: Desk, edition: shelf.Edition) -> None:
    """Nothing is published that an owner would let less of by now: other rows, or counts by a stricter rule."""
    made = edition.plan.made
    for source in edition.plan.sources:
        request = Request(
            made.person, made.agency, made.purpose, source.dataset, source.suppliers, source.fields,
            f"the release of {edition.plan.quarter}", desk.now(),
        )  # fmt: skip
        answer = would_answer(desk, request)
        if isinstance(answer, Refused) or _is_stricter(source.grants, pinned_grants(answer)):
            why = answer.reason if isinstance(answer, Refused) else "an agreement in it asks for more now than then."
            raise NotApproved(
                f"{edition.name} cannot be approved: {source.dataset}: {why}",
                where=edition.name, found=source.dataset, expected="a new edition, made under the rules of today",
                state="Nothing was approved, and no approval that was given will publish it.",
            )  # fmt: skip


def _is_stricter(then: Sequence[PinnedGrant], now: Sequence[PinnedGrant]) -> bool:
    """Whether any supplier lets through other rows than then, or its rule and that of then together are stricter."""
    before, after = ({one.supplier: one for one in grants} for grants in (then, now))
    return before.keys() != after.keys() or any(
        one.rows != after[name].rows or asks(strictest([one.rule, after[name].rule])) != asks(one.rule)
        for name, one in before.items()
    )


def _check_attack(found: Attacked, edition: shelf.Edition) -> None:
    if not found.passed:
        raise NotApproved(
            f"{edition.name} cannot be approved: {found.in_words}",
            where="; ".join(found.tables), expected="every hidden count as wide as its rule says",
            state="Nothing was approved. `upstander release attack` prints the cells.",
        )  # fmt: skip


def _enter(desk: Desk, now: Standing) -> None:
    """The line of the ledger, once, and the entry of the audit log that says it is out."""
    edition = now.edition
    if any(line["kind"] == KIND and line["shown"]["release"] == edition.name for line in ledger_lines(desk.home)):
        return
    plan = edition.plan
    facts = OutputFacts(
        kind=KIND, edition=Editions.SHAREABLE, recipients=plan.settings.told, purpose=plan.made.purpose.value,
        person=plan.made.person, made=now.published_at, expires=min(one.until for one in plan.sources),
    )  # fmt: skip
    told = {"release": edition.name, "manifest": edition.sha256, "tables": list(shelf.tables_in(edition)),
            "approved_by": [one.person for one in now.approvals], "rules": _rules(edition)}  # fmt: skip
    enter_ledger(desk.home, facts, told)
    note(desk, action=PUBLISH, answer="done", dataset="", about=f"{edition.name} {edition.sha256}")


def _rules(edition: shelf.Edition) -> list[str]:
    return sorted({f"{rule.name} ({rule.agreement})" for one in edition.plan.sources for rule in one.rules})
