"""The least that a rule for counts asks, whatever is signed: the owners' own published rules, as data.

It binds the shareable edition of what is not published as open data. An operational picture is for named recipients,
and its rule is the schedule's own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import Edition
from upstander.contracts.rules import strictest
from upstander.sharing.errors import BadAgreement
from upstander.sharing.gateways import PartyKind
from upstander.sharing.terms import CountHandling, Handling, Schedule, Terms
from upstander.values.areas import AREA_KINDS, split_layer


@dataclass(frozen=True)
class Least:
    """The least that is asked of the rules of some owners. Empty `datasets` or `providers` mean any."""

    rule: CountRule
    source: str
    datasets: frozenset[str] = frozenset()
    providers: frozenset[PartyKind] = frozenset()

    def binds(self, schedule: Schedule, provider: PartyKind) -> bool:
        """Whether the counts of a schedule fall under it."""
        is_of = not self.datasets or schedule.dataset in self.datasets
        return is_of and (not self.providers or provider in self.providers)


LEAST = (
    Least(
        CountRule("HES and ECDS disclosure control", "NHS England", suppress_up_to=7, round_to=5, rate_from=8),
        "NHS Digital, Change to the disclosure control methodology for HES and ECDS from September 2018: below "
        "national level 1 to 7 are hidden, others rounded to the nearest 5, and rates and means need 8",
        datasets=frozenset({"hospital_episodes", "ed_assaults"}),
    ),
    Least(
        CountRule("the least width of health owners", "this program", suppress_up_to=0, round_to=1, least_width=5),
        "Own rule, from the 1 to 5 that HES hid before September 2018: what hides a patient hides among five numbers",
        providers=frozenset({PartyKind.HEALTH}),
    ),
)  # fmt: skip


def rules_of(terms: Terms, schedule: Schedule) -> dict[Edition, CountRule]:
    """The rules for the counts of a schedule, the shareable edition first: its own, and no part of that one less than
    what is asked of all such owners. An edition that may not be made has none.
    """
    handling, (floor, _) = schedule.handling, split_layer(schedule.handling.geography_floor)
    rules = {
        edition: counts.rule(f"{schedule.id}, {edition}", terms.name, floor=floor)
        for edition in (Edition.SHAREABLE, Edition.OPERATIONAL)
        if (counts := handling.counts(edition))
    }
    own = rules[Edition.SHAREABLE]
    if not own.open_data:
        provider = next(party.kind for party in terms.parties if party.agency == schedule.provider)
        asked = [least.rule for least in LEAST if least.binds(schedule, provider)]
        rules[Edition.SHAREABLE] = replace(
            strictest([own, *asked]), name=own.name, agreement=own.agreement, publishable=own.publishable
        )
    return rules


def refuse_weak(terms: Terms) -> None:
    """Raises BadAgreement, which says what is too weak and why, for terms that ask less than the owners' own rules.

    It is asked at the signing alone: what was signed before keeps its bytes, and the gate adds what it lacks.
    """
    kinds = {party.agency: party.kind for party in terms.parties}
    faults = [fault for schedule in terms.schedules for fault in _faults(schedule, kinds[schedule.provider])]
    if faults:
        raise BadAgreement(
            f"The agreement cannot be signed: {'; '.join(faults)}", found="; ".join(faults), state="Nothing was signed."
        )


def _faults(schedule: Schedule, provider: PartyKind) -> Iterator[str]:
    handling = schedule.handling
    yield from (f"schedule {schedule.id}: {fault}" for fault in _unknown_floor(handling))
    if not handling.shareable.open_data:
        bound = (least for least in LEAST if least.binds(schedule, provider))
        yield from (
            f"schedule {schedule.id}: {fault} ({least.source})"
            for least in bound for fault in _weaker(handling.shareable, least.rule)
        )  # fmt: skip


def _unknown_floor(handling: Handling) -> Iterator[str]:
    kind, _ = split_layer(handling.geography_floor)
    if kind not in AREA_KINDS:
        yield f"geography_floor {handling.geography_floor} is no kind of area; use one of {', '.join(AREA_KINDS)}"


def _weaker(counts: CountHandling, least: CountRule) -> Iterator[str]:
    """The parts that state less than is asked. What is absent is no fault: the gate adds it."""
    for part in ("suppress_up_to", "round_to", "rate_from", "least_width"):
        said, asked = getattr(counts, part), getattr(least, part)
        if said is not None and said < asked:
            yield f"{part} is {said}, and {least.name} ({least.agreement}) asks for {asked} or more"
