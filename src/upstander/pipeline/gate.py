"""One gate: who asks, for what, why; the answer, either way, is in the audit log before any row is read."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from upstander.contracts.asking import Allowed, CountRule, Purpose, Refused, Request
from upstander.contracts.catalogue import ALL
from upstander.contracts.releasing import Edition
from upstander.errors import NotAllowed
from upstander.intake.suppliers import Supplier
from upstander.pipeline.desk import Desk
from upstander.sharing import AuditEvent, decide, linkage_domain, schedules_in_force, strictest_handling
from upstander.sharing.terms import PERSON_TOKEN


@dataclass(frozen=True)
class Feed:
    """Under what a supplier's feed is taken in. `linkage` is the shared domain of a signed clause, mostly empty."""

    agreements: tuple[str, ...]
    postcode_level: str
    retention_days: int
    linkage: str


class NoFeed(NotAllowed):
    """No agreement in force carries this supplier's dataset."""


class NotGranted(NotAllowed):
    """The gate said no, with the reason and the next step."""


def edition_of(purpose: Purpose) -> Edition:
    """Operational counts are for the operational purpose; every other purpose sees what may be shared."""
    return Edition.OPERATIONAL if purpose is Purpose.OPERATIONAL else Edition.SHAREABLE


def ask(
    desk: Desk, dataset: str, fields: tuple[str, ...], edition: Edition, *, suppliers: tuple[str, ...] = ()
) -> Allowed:
    """The gate's yes for the person at the desk. Raises NotGranted with its reason; both answers are written down."""
    at = desk.now()
    request = Request(
        person=desk.who.person,
        agency=desk.who.agency,
        purpose=desk.who.purpose,
        dataset=dataset,
        suppliers=suppliers,
        fields=fields,
        why=desk.who.why,
        at=at,
    )
    answer = decide(request, desk.register.agreements(at), edition=edition, ticked=_ticked(dataset))
    desk.audit.append(_event(request, answer))
    if isinstance(answer, Refused):
        raise NotGranted(
            f"Refused: {answer.reason} {answer.next_step}",
            where=dataset, expected=answer.next_step, state="The request and the answer were written down.",
        )  # fmt: skip
    return answer


def would_answer(desk: Desk, request: Request) -> Allowed | Refused:
    """What the gate would say now to a request of before. Nothing is read, so nothing is written down."""
    at = desk.now()
    return decide(
        replace(request, at=at), desk.register.agreements(at), edition=edition_of(request.purpose),
        ticked=_ticked(request.dataset),
    )  # fmt: skip


def ask_of_persons(
    desk: Desk, dataset: str, fields: tuple[str, ...], edition: Edition, *, suppliers: tuple[str, ...] = ()
) -> tuple[Allowed, tuple[CountRule, ...]]:
    """The gate's yes, with every rule it came under; with the token of a person where one of them is about persons.

    Who may not have the token is refused then, since the counts could not be held to that rule.
    """
    allowed = ask(desk, dataset, fields, edition, suppliers=suppliers)
    rules = [grant.rule for grant in allowed.grants]
    if any(rule.of_persons for rule in rules):
        granted = tuple(grant.supplier for grant in allowed.grants)
        allowed = ask(desk, dataset, tuple(dict.fromkeys([*fields, PERSON_TOKEN])), edition, suppliers=granted)
        rules += [grant.rule for grant in allowed.grants]
    return allowed, tuple(dict.fromkeys(rules))


def answers_now(desk: Desk, wanted: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[Allowed | Refused, ...]:
    """What the gate says of each (dataset, fields) for the person at the desk, at this moment.

    No row is read on the strength of it. It tells whether something made before may be looked at; who shows that
    writes it down by `note_look`.
    """
    at, who = desk.now(), desk.who
    asked = (Request(who.person, who.agency, who.purpose, name, (), fields, who.why, at) for name, fields in wanted)
    return tuple(would_answer(desk, one) for one in asked)


def note_look(desk: Desk, about: str, answers: Iterable[Allowed | Refused], *, is_shown: bool) -> None:
    """Write down that the person at the desk looked at what was made before, or was refused it. `about`: its name."""
    every = tuple(answers)
    grants = [grant for one in every if isinstance(one, Allowed) for grant in one.grants]
    desk.audit.append(
        AuditEvent(
            at=desk.now(),
            person=desk.who.person,
            agency=desk.who.agency,
            purpose=desk.who.purpose.value,
            dataset=",".join(dict.fromkeys(one.request.dataset for one in every)),
            suppliers=tuple(sorted({grant.supplier for grant in grants})),
            fields=(),
            action=f"look at {about}",
            answer="allowed" if is_shown else "refused: the agreements no longer give what it was made under",
            why=desk.who.why,
            agreement=", ".join(sorted({grant.agreement for grant in grants})),
        )
    )


def still(desk: Desk, allowed: Allowed, edition: Edition) -> None:
    """Ask the same once more, now: before an output is kept, and between the steps of a long job.

    Raises NotGranted, written down, where an agreement has ended, expired, been suspended or withdrawn, or become
    stricter since.
    """
    now = replace(allowed.request, at=desk.now())
    answer = decide(now, desk.register.agreements(now.at), edition=edition, ticked=_ticked(now.dataset))
    if isinstance(answer, Allowed) and answer.grants == allowed.grants:
        return
    reason = answer.reason if isinstance(answer, Refused) else "What the agreements allow has changed meanwhile."
    step = answer.next_step if isinstance(answer, Refused) else "Ask again."
    desk.audit.append(replace(_event(now, answer), action="read again", answer=f"refused: {reason}"))
    raise NotGranted(
        f"Stopped: {reason} {step}",
        where=now.dataset, expected=step, state="Nothing was kept; the answer was written down.",
    )  # fmt: skip


def feed_terms(desk: Desk, layout: Supplier) -> Feed:
    """Under what a file of this supplier is taken in. Raises NoFeed where no agreement in force carries it."""
    at = desk.now()
    found = schedules_in_force(desk.register.agreements(at), dataset=layout.dataset, supplier=layout.name, at=at)
    if not found:
        note(desk, action="deliver", answer="refused", dataset=layout.dataset, about=layout.name, feed=None)
        raise NoFeed(
            f"No agreement in force carries {layout.dataset} from {layout.name}.",
            where=layout.dataset, found=layout.name, expected="a signed schedule; `upstander agreement list`",
            state="Nothing was stored.",
        )  # fmt: skip
    level, days = strictest_handling([schedule for _, schedule in found])
    linkage = linkage_domain(found, dataset=layout.dataset, supplier=layout.name)
    return Feed(tuple(sorted({agreement.name for agreement, _ in found})), level, days, linkage)


def still_fed(desk: Desk, layout: Supplier, feed: Feed) -> None:
    """Look once more, before a reading comes to exist, whether its feed still rests on what it came in under.

    Raises NoFeed, written down, where it does not.
    """
    at = desk.now()
    found = schedules_in_force(desk.register.agreements(at), dataset=layout.dataset, supplier=layout.name, at=at)
    if set(feed.agreements) <= {agreement.name for agreement, _ in found}:
        return
    note(desk, action="load", answer="refused", dataset=layout.dataset, about=layout.name, feed=feed)
    raise NoFeed(
        f"Stopped: {', '.join(feed.agreements)} no longer carries {layout.dataset} from {layout.name}.",
        where=layout.dataset, found=layout.name, expected="a signed schedule in force; `upstander agreement list`",
        state="Nothing was loaded. The sealed bytes stay in the vault until their retention ends.",
    )  # fmt: skip


def note(
    desk: Desk, *, action: str, answer: str, dataset: str, about: str, feed: Feed | None = None, rows: int | None = None
) -> None:
    """Write down what was done, for the person at the desk. `about` is an id or a number, never a personal value."""
    desk.audit.append(
        AuditEvent(
            at=desk.now(),
            person=desk.who.person,
            agency=desk.who.agency,
            purpose=desk.who.purpose.value,
            dataset=dataset,
            suppliers=(),
            fields=(),
            action=f"{action} {about}".strip(),
            answer=answer,
            why=desk.who.why,
            agreement=", ".join(feed.agreements) if feed else "",
            rows=rows,
        )
    )


def _ticked(dataset: str) -> Collection[Purpose]:
    return ALL[dataset].purposes.keys()


def _event(request: Request, answer: Allowed | Refused) -> AuditEvent:
    grants = answer.grants if isinstance(answer, Allowed) else ()
    return AuditEvent(
        at=request.at,
        person=request.person,
        agency=request.agency,
        purpose=request.purpose.value,
        dataset=request.dataset,
        suppliers=tuple(grant.supplier for grant in grants) or request.suppliers,
        fields=request.fields,
        action="read",
        answer=f"refused: {answer.reason}" if isinstance(answer, Refused) else "allowed",
        why=request.why,
        agreement=", ".join(sorted({grant.agreement for grant in grants})),
    )
