"""Small agreements for the tests of this room."""

from datetime import UTC, date, datetime

from upstander.contracts.asking import Purpose, Request
from upstander.contracts.releasing import Edition
from upstander.sharing import Act, ActKind, Agreement, Signature, Terms, decide
from upstander.sharing.gateways import PERSONAL_FIELDS

AT = datetime(2026, 11, 1, 9, tzinfo=UTC)
TICKED = frozenset({Purpose.STRATEGIC, Purpose.MONITORING, Purpose.OPERATIONAL})
SEVEN_FIVE = {"suppress_up_to": 7, "round_to": 5}
FROM_ONE = {"suppress_up_to": 0, "round_to": 1}
# For what is asked by the machine's own clock.
LASTING = {"start": date(2020, 1, 1), "end": date(2090, 1, 1)}


def handling(**changed) -> dict:
    return {
        "classification": "OFFICIAL-SENSITIVE", "retention_days": 365, "geography_floor": "lsoa21",
        "age_band_width": 5, "postcode_level": "sector", "shareable": SEVEN_FIVE, "operational": FROM_ONE,
    } | changed  # fmt: skip


# The bases that a force and the agencies under Part 2 would state for what it discloses of people.
STATED = {
    "flow": "part3_to_part2", "article_6": ["public_task"], "article_9": ["substantial_public_interest"],
    "article_10": ["official_authority"], "section_35": ["necessary_for_task"], "schedule_8": ["statutory_purpose"],
}  # fmt: skip


def schedule(**changed) -> dict:
    """A schedule; one that shares people, from the force to others, states its flow unless told otherwise."""
    told = _schedule(**changed)
    crosses = told["provider"] == "police" and {*told["recipients"].get("agencies", ())} - {"police"}
    if not crosses or PERSONAL_FIELDS.isdisjoint(told["fields"]) or "data_protection" in changed:
        return {name: value for name, value in told.items() if value is not None}
    return told | {"data_protection": STATED}


def _schedule(**changed) -> dict:
    return {
        "id": "evidence", "dataset": "police_incidents", "provider": "police", "suppliers": ["rms"],
        "fields": ["event_from_local", "offence_code"], "recipients": {"agencies": ["vrn"]},
        "purposes": ["strategic", "monitoring", "operational"], "gateway": "pcsc_2022_s16", "handling": handling(),
        "start": date(2026, 4, 1), "end": date(2027, 4, 1),
    } | changed  # fmt: skip


def terms_as_sent(*schedules: dict, **changed) -> dict:
    parties = [
        {"agency": "police", "name": "Fenmoor Police", "kind": "police", "controller": True},
        {"agency": "hospital", "name": "Fenmoor Hospitals", "kind": "health", "controller": True},
        {"agency": "vrn", "name": "Fenmoor Network", "kind": "network", "controller": False},
    ]
    signatories = [
        {"person": "M. Ashdown", "agency": "police", "role": "Chief Constable"},
        {"person": "S. Okehurst", "agency": "hospital", "role": "Caldicott Guardian"},
    ]
    return {
        "name": "pact", "version": 1, "title": "The pact", "parties": parties, "signatories": signatories,
        "schedules": list(schedules or [schedule()]),
    } | changed  # fmt: skip


def agreement(
    *schedules: dict, ended: datetime | None = None, fault="", is_signed=True, signed_at=None, decided=(), **changed
):
    """`decided` are (kind, schedule or nothing, moment) beside an end."""
    terms = Terms.model_validate(terms_as_sent(*schedules, **changed))
    at = signed_at or datetime(2026, 3, 1, tzinfo=UTC)
    signature = Signature(terms.name, terms.version, "ab" * 32, "M. Ashdown", at) if is_signed else None
    every = [*decided, *([("ended", "", ended)] if ended else [])]
    acts = [
        Act(terms.name, terms.version, "ab" * 32, number, ActKind(kind), "M. Ashdown", when, "the pilot is over", about)
        for number, (kind, about, when) in enumerate(every, 1)
    ]
    return Agreement(terms.name, terms.version, terms, signature, tuple(acts), fault)


def request(**changed) -> Request:
    known = {
        "person": "A. Analyst", "agency": "vrn", "purpose": Purpose.STRATEGIC, "dataset": "police_incidents",
        "suppliers": (), "fields": ("offence_code",), "why": "board paper", "at": AT,
    }  # fmt: skip
    return Request(**known | changed)


def ask(*agreements, edition=Edition.SHAREABLE, ticked=TICKED, **changed):
    return decide(request(**changed), agreements or (agreement(),), edition=edition, ticked=ticked)
