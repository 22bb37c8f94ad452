"""A first draft of an agreement, from what the datasets declare: the partnership's matrix as schedules.

A draft proposes and never decides. What only people can say (who signs, from when to when, on which approval and which
lawful bases) is left out and listed, and what is left out cannot be signed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import tomli_w

from upstander.contracts.asking import Purpose
from upstander.contracts.catalogue import all_warehouse_columns
from upstander.contracts.dataset import DatasetContract
from upstander.sharing.gateways import GATEWAYS, PERSONAL_FIELDS, GatewayName, PartyKind, is_about_people, why_not

_TOKENS = frozenset({"person_token", "incident_token", "row_id"})
_WITHHELD_UP_TO, _ROUNDED_TO = 7, 5
_RETENTION_DAYS = 1096  # where a contract names none
# By the words with which a contract says who sends it; the first that fits counts.
_KINDS = (
    ("youth justice", PartyKind.YOUTH_JUSTICE), ("probation", PartyKind.PROBATION), ("prison", PartyKind.PRISON),
    ("fire", PartyKind.FIRE), ("police", PartyKind.POLICE), ("ambulance", PartyKind.HEALTH), ("nhs", PartyKind.HEALTH),
    ("treatment", PartyKind.HEALTH), ("commissioned", PartyKind.HEALTH), ("authorit", PartyKind.LOCAL_AUTHORITY),
)  # fmt: skip
# The narrow laws first: a schedule should rest on the one that was made for it.
_PREFERRED = (
    GatewayName.OPEN_DATA, GatewayName.ISTV_ANONYMISED, GatewayName.EDUCATION_1996_S537A,
    GatewayName.CHILDREN_2004_S10_S11, GatewayName.OFFENDER_MANAGEMENT_2007_S14, GatewayName.PCSC_2022_S16,
    GatewayName.CDA_1998_S115, GatewayName.POLICE_COMMON_LAW, GatewayName.NHS_2006_S251,
)  # fmt: skip


@dataclass(frozen=True)
class FeedDraft:
    """One feed to be shared: its dataset, the supplier's map, and the agency that provides it."""

    contract: DatasetContract
    supplier: str
    provider: str
    kind: PartyKind


def sender_kind(contract: DatasetContract) -> PartyKind:
    """What the agency that sends a dataset is, by the words of its contract; a publisher where none fits."""
    said = contract.sent_by.lower()
    return next((kind for word, kind in _KINDS if word in said), PartyKind.PUBLISHER)


def drafted_schedules(
    feed: FeedDraft, recipients: Sequence[str], *, gateway: GatewayName | None = None
) -> list[dict[str, Any]]:
    """The schedules of a feed: evidence, the operational picture if the matrix ticks it, and stewardship.

    An operational schedule has nothing about a person. Without a gateway named, each rests on the first law that can
    carry its fields; where none can carry people, it has none of them.
    """
    ticked = feed.contract.purposes
    evidence = [purpose.value for purpose in (Purpose.STRATEGIC, Purpose.MONITORING) if purpose in ticked]
    every = [column.name for column in all_warehouse_columns(feed.contract) if column.name not in _TOKENS]
    nobody = [name for name in every if name not in PERSONAL_FIELDS]
    wanted = [("evidence", evidence, every), ("stewardship", [Purpose.STEWARDSHIP.value], every)]
    if Purpose.OPERATIONAL in ticked:
        wanted.insert(1, ("operational", [Purpose.OPERATIONAL.value], nobody))
    return [
        _schedule(feed, part, purposes, fields, recipients, gateway) for part, purposes, fields in wanted if purposes
    ]  # fmt: skip


def draft(title: str, name: str, feeds: Iterable[FeedDraft], recipients: Sequence[str]) -> str:
    """A draft as TOML, what is left to people written above it. It cannot be signed before they have filled it in."""
    chosen = list(feeds)
    kinds = {feed.provider: feed.kind for feed in chosen}
    schedules = [one for feed in chosen for one in drafted_schedules(feed, recipients)]
    parties = [{"agency": agency, "kind": kind.value, "controller": True} for agency, kind in kinds.items()]
    others = [agency for agency in recipients if agency not in kinds]
    parties += [{"agency": agency, "kind": PartyKind.NETWORK.value, "controller": False} for agency in others]
    body = {"name": name, "version": 1, "title": title, "parties": parties, "schedules": schedules}
    return "".join(f"# {line}\n" for line in _left_open(schedules)) + "\n" + tomli_w.dumps(body)


def _left_open(schedules: Sequence[dict[str, Any]]) -> list[str]:
    """What people have to say, in the order in which they meet it."""
    asked = [
        "This is a draft. It cannot be signed until people have decided, and filled in:",
        "  for each party: name, the agency's full name",
        "  [[signatories]]: person, agency and role of whoever signs, one at least for each controller",
        "  for each schedule: start and end, as days; retention_days, if it is less than proposed",
    ]
    gateways = [GATEWAYS[name] for name in sorted({GatewayName(one["gateway"]) for one in schedules})]
    asked += [f"  a lawyer: {one.title}: {one.to_verify}?" for one in gateways if one.to_verify]
    if any(one.needs_approval for one in gateways):
        asked.append("  approval, the number of the approval that the gateway needs")
    if any(is_about_people(one["fields"]) for one in schedules):
        asked.append("  data_protection: the flow between Parts of the Act and the bases of both, where it crosses")
    return asked


def _schedule(
    feed: FeedDraft, part: str, purposes: list[str], fields: list[str], recipients: Sequence[str],
    gateway: GatewayName | None,
) -> dict[str, Any]:  # fmt: skip
    chosen, carried = (gateway, fields) if gateway else _lawful(feed, fields)
    is_open = GATEWAYS[chosen].open_only
    rule = {"suppress_up_to": 0, "round_to": 1, "open_data": True} if is_open else {
        "suppress_up_to": _WITHHELD_UP_TO, "round_to": _ROUNDED_TO,
    }  # fmt: skip
    handling: dict[str, Any] = {
        "classification": "OFFICIAL" if is_open else "OFFICIAL-SENSITIVE",
        "retention_days": feed.contract.retention_days or _RETENTION_DAYS,
        "geography_floor": "lsoa21",
        "age_band_width": 5,
        "postcode_level": "sector",
        "shareable": rule,
    }
    if Purpose.OPERATIONAL.value in purposes:
        handling["operational"] = rule if is_open else {"suppress_up_to": 0, "round_to": 1}
    return {
        "id": f"{feed.supplier.replace('_', '-')}-{part}", "dataset": feed.contract.name, "provider": feed.provider,
        "suppliers": [feed.supplier], "fields": carried, "purposes": purposes, "gateway": chosen.value,
        "recipients": {"everyone": True} if is_open else {"agencies": list(recipients)}, "handling": handling,
    }  # fmt: skip


def _lawful(feed: FeedDraft, fields: list[str]) -> tuple[GatewayName, list[str]]:
    """The first law that carries these fields; else the first that carries those about nobody."""
    nobody = [name for name in fields if name not in PERSONAL_FIELDS]
    candidates = (
        (name, carried) for carried in (fields, nobody) for name in _PREFERRED
        if feed.kind is PartyKind.PUBLISHER or not GATEWAYS[name].open_only
    )  # fmt: skip
    # There is one: section 16 carries what is about nobody, from anybody.
    return next((name, carried) for name, carried in candidates if _can_carry(name, carried, feed))


def _can_carry(gateway: GatewayName, fields: list[str], feed: FeedDraft) -> bool:
    """Whether a law carries these fields, an approval to come where it needs one."""
    return not why_not(
        gateway, dataset=feed.contract.name, fields=fields, provider=feed.kind, approval="to be given"
    )  # fmt: skip


def dated(schedules: Iterable[dict[str, Any]], *, start: date, end: date) -> list[dict[str, Any]]:
    """The same schedules from a day up to, not including, another."""
    return [{**one, "start": start, "end": end} for one in schedules]
