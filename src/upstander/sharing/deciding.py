"""The gate's answer: a pure function of the request and the agreements.

Offers are narrowed one question at a time; the question that leaves none gives the reason, so that a refusal says
which one thing would have to change.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from upstander.contracts.asking import Allowed, CountRule, Grant, Purpose, Refused, Request
from upstander.contracts.releasing import Edition
from upstander.contracts.rules import strictest
from upstander.sharing.agreement import ActKind, Agreement
from upstander.sharing.terms import Schedule
from upstander.sharing.words import day_in_words


@dataclass(frozen=True)
class _Offer:
    """One schedule of one agreement that may answer the request."""

    agreement: Agreement
    schedule: Schedule

    @property
    def until(self) -> datetime:
        return self.agreement.until(self.schedule)

    def __str__(self) -> str:
        return f"schedule {self.schedule.id} of {self.agreement.name}"


class _No(Exception):
    """A refusal on its way to `decide`; it never leaves this module."""

    def __init__(self, reason: str, next_step: str) -> None:
        self.reason, self.next_step = reason, next_step
        super().__init__(reason)


def decide(
    request: Request, agreements: Sequence[Agreement], *, edition: Edition, ticked: Collection[Purpose]
) -> Allowed | Refused:
    """Allowed with one grant a supplier, or Refused with the reason and the next step.

    `edition` is who the output is for; it picks the rule for counts. `ticked` are the purposes that the dataset's row
    of the matrix allows: no purpose that an agreement names adds one, only the board's decision recorded in a schedule
    (`Schedule.beyond_matrix`). Where several schedules allow a supplier, the strictest rule and
    the earliest end govern. Without named suppliers, the grants are of those whose schedules cover every field asked
    for; `*` stands for every supplier that has no grant of its own.
    """
    try:
        _check_request(request, edition)
        offers = _offers(request, agreements, ticked)
        return Allowed(request, tuple(_grants(request, offers, edition)))
    except _No as no:
        return Refused(request, no.reason, no.next_step)


def _check_request(request: Request, edition: Edition) -> None:
    said = {"person": request.person, "reason": request.why}
    if missing := [what for what, text in said.items() if not text.strip()]:
        raise _No(f"The request does not say its {' and '.join(missing)}.", "Say who asks, and why.")
    if not request.fields:
        raise _No("The request names no fields.", "Name the fields that the work needs.")
    if edition is Edition.OPERATIONAL and request.purpose is not Purpose.OPERATIONAL:
        raise _No(
            f"An operational edition serves the operational purpose; this request is {request.purpose}.",
            "Ask for the shareable edition, or name the operational purpose.",
        )


def _offers(request: Request, agreements: Sequence[Agreement], ticked: Collection[Purpose]) -> list[_Offer]:
    offers = [
        _Offer(agreement, schedule)
        for agreement in agreements
        for schedule in agreement.schedules
        if schedule.dataset == request.dataset
    ]
    is_ticked = request.purpose in ticked
    lawful = [offer for offer in offers if offer.schedule.may_serve(request.purpose, is_ticked=is_ticked)]
    if not lawful and not is_ticked and request.purpose is not Purpose.STEWARDSHIP:
        raise _No(
            f"{request.dataset} has no {request.purpose} tick in the matrix, whatever an agreement says.",
            "Ask for a purpose that the matrix ticks, or take it to the partnership board.",
        )
    if not offers:
        unread = "".join(f" {agreement.fault}" for agreement in agreements if agreement.terms is None)
        raise _No(
            f"No agreement covers {request.dataset}.{unread}", "Ask the data owner for a schedule, and have it signed."
        )
    offers = lawful
    for is_met, refusal in _QUESTIONS:
        kept = [offer for offer in offers if is_met(offer, request)]
        if not kept:
            raise refusal(offers, request)
        offers = kept
    return offers


def _is_sound(offer: _Offer, _: Request) -> bool:
    return not offer.agreement.fault and offer.agreement.signature is not None


def _has_begun(offer: _Offer, request: Request) -> bool:
    return offer.agreement.begins(offer.schedule) <= request.at


def _has_not_ended(offer: _Offer, request: Request) -> bool:
    return request.at < offer.until


def _is_not_suspended(offer: _Offer, request: Request) -> bool:
    return offer.agreement.suspension(offer.schedule, request.at) is None


def _serves_purpose(offer: _Offer, request: Request) -> bool:
    return request.purpose in offer.schedule.purposes


def _names_recipient(offer: _Offer, request: Request) -> bool:
    recipients = offer.schedule.recipients
    return recipients.everyone or request.agency in recipients.agencies or request.person in recipients.persons


def _unsound(offers: list[_Offer], _: Request) -> _No:
    faults = {offer.agreement.fault or f"The agreement {offer.agreement.name} is not signed." for offer in offers}
    return _No(" ".join(sorted(faults)), "Have the agreement signed as it stands; `upstander agreement list` shows it.")


def _not_begun(offers: list[_Offer], _: Request) -> _No:
    first = min(offers, key=lambda offer: offer.agreement.begins(offer.schedule))
    begins = day_in_words(first.agreement.day(first.agreement.begins(first.schedule)))
    return _No(f"The {first} begins on {begins}.", "Ask again from that day.")


def _ended(offers: list[_Offer], _: Request) -> _No:
    last = max(offers, key=lambda offer: offer.until)
    early = last.agreement.cut_short(last.schedule)
    if early is not None and early.at == last.until:
        day = day_in_words(last.agreement.day(early.at))
        is_whole = early.kind is ActKind.ENDED
        what = f"agreement {last.agreement.name} was ended early" if is_whole else f"{last} was withdrawn"
        return _No(f"The {what}, on {day}: {early.why}", "Ask the parties; a new version would have to be signed.")
    return _No(
        f"The {last} expired at the end of {day_in_words(last.schedule.end - timedelta(days=1))}.",
        "Ask the parties to sign a new version with a later end.",
    )


def _suspended(offers: list[_Offer], request: Request) -> _No:
    found = ((offer, offer.agreement.suspension(offer.schedule, request.at)) for offer in offers)
    offer, act = next((offer, act) for offer, act in found if act is not None)
    day = day_in_words(offer.agreement.day(act.at))
    return _No(f"The {offer} has been suspended since {day}: {act.why}", "Ask again when it is resumed.")


def _wrong_purpose(offers: list[_Offer], request: Request) -> _No:
    served = sorted({str(purpose) for offer in offers for purpose in offer.schedule.purposes})
    return _No(
        f"No schedule lets {request.dataset} serve the {request.purpose} purpose; they allow {', '.join(served)}.",
        "Ask for one of those purposes, or ask the data owner to amend the schedule.",
    )


def _not_recipient(offers: list[_Offer], request: Request) -> _No:
    if not request.agency.strip():  # open data is for everyone; anything else is for somebody
        return _No(
            f"The request does not say for which agency, and {request.dataset} is not for everyone.",
            "Say for which agency you ask.",
        )
    return _No(
        f"{request.agency} is not a recipient of {request.dataset} for the {request.purpose} purpose.",
        f"Ask the data owner to name {request.agency} in {_listed(offers)}.",
    )


# In this order: what is wrong with the agreement first, then with the day, then with the asking.
_QUESTIONS: tuple[tuple[Callable[[_Offer, Request], bool], Callable[[list[_Offer], Request], _No]], ...] = (
    (_is_sound, _unsound),
    (_has_begun, _not_begun),
    (_has_not_ended, _ended),
    (_is_not_suspended, _suspended),
    (_serves_purpose, _wrong_purpose),
    (_names_recipient, _not_recipient),
)


def _grants(request: Request, offers: list[_Offer], edition: Edition) -> list[Grant]:
    fitting = [offer for offer in offers if set(request.fields) <= set(offer.schedule.fields)]
    if not request.suppliers:
        if not fitting:
            raise _missing_fields(offers, request)
        named = sorted({supplier for offer in fitting for supplier in offer.schedule.suppliers})
        return [_grant(supplier, fitting, request, edition) for supplier in named]
    for supplier in request.suppliers:
        mine = _of(supplier, offers)
        if not mine:
            raise _No(
                f"No schedule shares {request.dataset} from {supplier} for the {request.purpose} purpose.",
                "Leave that supplier out, or ask its agency for a schedule.",
            )
        if not _of(supplier, fitting):
            raise _missing_fields(mine, request)
    return [_grant(supplier, fitting, request, edition) for supplier in sorted(set(request.suppliers))]


def _of(supplier: str, offers: Iterable[_Offer]) -> list[_Offer]:
    return [offer for offer in offers if offer.schedule.covers_supplier(supplier)]


def _missing_fields(offers: list[_Offer], request: Request) -> _No:
    missing = [sorted(set(request.fields) - set(offer.schedule.fields)) for offer in offers]
    closest, offer = min(zip(missing, offers, strict=True), key=lambda pair: (len(pair[0]), pair[0]))
    return _No(
        f"The {offer} does not share {', '.join(closest)}.",
        "Leave those fields out, or ask the data owner to amend the schedule.",
    )


def _grant(supplier: str, fitting: list[_Offer], request: Request, edition: Edition) -> Grant:
    mine = _of(supplier, fitting)
    chosen = min(mine, key=lambda offer: _strictest_first(offer, edition))
    return Grant(
        supplier=supplier,
        agreement=chosen.agreement.name,
        schedule=chosen.schedule.id,
        fields=request.fields,
        rows=tuple((row.column, row.codes) for row in chosen.schedule.rows),
        rule=strictest([_rule(offer, edition) for offer in mine]),
        until=min(offer.until for offer in mine),
        linkage=_linkage(chosen, supplier, request),
    )


def _linkage(offer: _Offer, supplier: str, request: Request) -> str:
    """The domain in which this reader may recognise people across feeds; empty without a clause for the purpose."""
    terms = offer.agreement.terms
    clause = terms.linkage_of(request.dataset, supplier, request.purpose) if terms else None
    return clause.domain if clause else ""


def _strictest_first(offer: _Offer, edition: Edition) -> tuple[int, int, datetime, str, str]:
    rule = _rule(offer, edition)
    return -rule.suppress_up_to, -rule.round_to, offer.until, offer.agreement.name, offer.schedule.id


def _rule(offer: _Offer, edition: Edition) -> CountRule:
    rules = offer.agreement.count_rules.get(offer.schedule.id, {})
    if edition not in rules:  # an operational schedule has its rule; `Terms` sees to it
        raise ValueError(f"the {offer} has no rule for {edition} counts")
    return rules[edition]


def _listed(offers: Iterable[_Offer]) -> str:
    return ", ".join(sorted({str(offer) for offer in offers}))
