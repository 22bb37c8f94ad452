"""Data protection law as values: under which Part of the Act each side processes, and on which bases.

Police, prisons, probation and youth justice are competent authorities: for law enforcement purposes they process under
Part 3 of the Data Protection Act 2018, everybody else under the UK GDPR and Part 2. A disclosure from one Part to the
other is named, with the bases of both sides. The lists are closed, so that a basis cannot be made up.
Sources: UK GDPR, Articles 6, 9 and 10; Data Protection Act 2018, sections 10, 30, 35 and 36, Schedules 1, 7 and 8; the
Information Commissioner's data sharing code. Whether a basis is met is for the controllers to say. That each youth
justice service is a competent authority (section 30(1)(b)) is for a lawyer to verify.
"""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from upstander.sharing.gateways import GATEWAYS, GatewayName, PartyKind, is_about_health, is_about_people

COMPETENT = frozenset({PartyKind.POLICE, PartyKind.PRISON, PartyKind.PROBATION, PartyKind.YOUTH_JUSTICE})
_SENSITIVE_FIELDS = frozenset({"ethnic_group"})


class Flow(StrEnum):
    """From which Part of the Act to which a schedule discloses."""

    WITHIN_PART2 = "within_part2"
    WITHIN_PART3 = "within_part3"
    PART2_TO_PART3 = "part2_to_part3"
    PART3_TO_PART2 = "part3_to_part2"


class Article6(StrEnum):
    """The lawful bases of the UK GDPR."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


class Article9(StrEnum):
    """The conditions for special category data that such sharing can rest on."""

    EXPLICIT_CONSENT = "explicit_consent"
    SOCIAL_PROTECTION = "social_protection"
    VITAL_INTERESTS = "vital_interests"
    LEGAL_CLAIMS = "legal_claims"
    SUBSTANTIAL_PUBLIC_INTEREST = "substantial_public_interest"
    HEALTH_OR_SOCIAL_CARE = "health_or_social_care"
    PUBLIC_HEALTH = "public_health"
    RESEARCH_OR_STATISTICS = "research_or_statistics"


class Article10(StrEnum):
    """The two ways in which data about offences may be processed."""

    OFFICIAL_AUTHORITY = "official_authority"
    SCHEDULE_1_CONDITION = "schedule_1_condition"


class Section35(StrEnum):
    """The two lawful bases of law enforcement processing."""

    CONSENT = "consent"
    NECESSARY_FOR_TASK = "necessary_for_task"


class Schedule8(StrEnum):
    """The conditions for sensitive law enforcement processing."""

    STATUTORY_PURPOSE = "statutory_purpose"
    ADMINISTRATION_OF_JUSTICE = "administration_of_justice"
    VITAL_INTERESTS = "vital_interests"
    SAFEGUARDING = "safeguarding"
    ALREADY_PUBLIC = "already_public"
    LEGAL_CLAIMS = "legal_claims"
    JUDICIAL_ACTS = "judicial_acts"
    PREVENTING_FRAUD = "preventing_fraud"
    ARCHIVING_OR_STATISTICS = "archiving_or_statistics"


class Protection(BaseModel):
    """The flow of a schedule, and the bases on which each side processes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    flow: Flow
    article_6: tuple[Article6, ...] = ()
    article_9: tuple[Article9, ...] = ()
    article_10: tuple[Article10, ...] = ()
    section_35: tuple[Section35, ...] = ()
    schedule_8: tuple[Schedule8, ...] = ()


def flow_of(provider: PartyKind, recipients: Iterable[PartyKind]) -> Flow:
    """The flow between agencies of these kinds. Where some recipients fall under the other Part, it goes there."""
    is_part3 = provider in COMPETENT
    if all((kind in COMPETENT) == is_part3 for kind in recipients):
        return Flow.WITHIN_PART3 if is_part3 else Flow.WITHIN_PART2
    return Flow.PART3_TO_PART2 if is_part3 else Flow.PART2_TO_PART3


def unprotected(
    stated: Protection | None, *, flow: Flow, gateway: GatewayName, dataset: str, fields: Iterable[str]
) -> str:
    """What a schedule leaves open about data protection law, in words; empty where nothing is.

    A disclosure about people that crosses from one Part to the other has to be stated. What is stated has to be true,
    and whole. Fiction and open data describe nobody.
    """
    asked = set(fields)
    describes_nobody = gateway is GatewayName.FICTIONAL or GATEWAYS[gateway].open_only
    if stated is None:
        crosses = flow in (Flow.PART2_TO_PART3, Flow.PART3_TO_PART2)
        if not crosses or describes_nobody or not is_about_people(asked):
            return ""
        return f"it discloses fields about people {_WORDS[flow]}, and does not state that flow and its lawful bases"
    if stated.flow is not flow:
        return f"it states a flow {_WORDS[stated.flow]}, but its parties make it one {_WORDS[flow]}"
    missing = [what for what, is_wanted, held in _wanted(stated, dataset, asked) if is_wanted and not held]
    return f"it states no {', no '.join(missing)}" if missing else ""


def in_words(stated: Protection) -> str:
    """The flow and its bases as a sentence or two."""
    bases = [
        ("Article 6", stated.article_6), ("Article 9", stated.article_9), ("Article 10", stated.article_10),
        ("section 35", stated.section_35), ("Schedule 8", stated.schedule_8),
    ]  # fmt: skip
    said = "; ".join(f"{name}: {', '.join(one.replace('_', ' ') for one in held)}" for name, held in bases if held)
    told = f"It goes {_WORDS[stated.flow]}. {said}."
    if stated.flow is Flow.PART3_TO_PART2:
        return f"{told} The new purpose has to be authorised by law (section 36(4))."
    return told


_WORDS = {
    Flow.WITHIN_PART2: "from and to agencies under Part 2",
    Flow.WITHIN_PART3: "from and to competent authorities, under Part 3",
    Flow.PART2_TO_PART3: "from an agency under Part 2 to competent authorities, under Part 3",
    Flow.PART3_TO_PART2: "from a competent authority, under Part 3, to agencies under Part 2",
}


def _wanted(stated: Protection, dataset: str, fields: set[str]) -> list[tuple[str, bool, bool]]:
    """(basis in words, whether these fields and this flow want it, whether it is stated)."""
    has_part2, has_part3 = stated.flow is not Flow.WITHIN_PART3, stated.flow is not Flow.WITHIN_PART2
    is_personal = is_about_people(fields)
    is_special = is_personal and (is_about_health(dataset, fields) or not _SENSITIVE_FIELDS.isdisjoint(fields))
    # What a competent authority holds of people, or an offence beside a person, is taken to be about offences.
    is_offence = is_personal and (stated.flow is Flow.PART3_TO_PART2 or "offence_code" in fields)
    return [
        ("lawful basis of Article 6", has_part2, bool(stated.article_6)),
        ("condition of Article 9 for what is of a special category", has_part2 and is_special, bool(stated.article_9)),
        ("ground of Article 10 for data about offences", has_part2 and is_offence, bool(stated.article_10)),
        ("basis of section 35", has_part3, bool(stated.section_35)),
        ("condition of Schedule 8 for sensitive processing", has_part3 and is_special, bool(stated.schedule_8)),
    ]
