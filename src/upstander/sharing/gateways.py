"""Legal gateways as values: what each lets an authority disclose, and what it cannot carry.

The limits are a floor that a machine can hold. Whether a disclosure is lawful is for the controllers to say; a gateway
whose fit is a question for their lawyer says so (`to_verify`), in every document that names it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from upstander.contracts.incidents import PERSON_ATTRIBUTES

# Fields that are about one person, named or not, or that lead back to one record of the owner. A role says why a row is
# there (a crime comes once for each person in it, and is counted by one of them), not who the person is.
PERSONAL_FIELDS = frozenset({*PERSON_ATTRIBUTES, "incident_token", "row_id"})
# With a personal field beside it, this is information on somebody's health, whoever wrote it down.
HEALTH_FIELDS = frozenset({"injury_severity"})
HEALTH_DATASETS = frozenset({"ed_assaults", "ambulance_callouts", "hospital_episodes", "substance_misuse_treatment"})
_CHILDREN = frozenset({
    "child_criminal_exploitation", "children_in_care", "children_in_custody", "education_local", "missing_episodes",
    "neet", "youth_justice_children",
})  # fmt: skip


class PartyKind(StrEnum):
    """What an agency is, as far as the law asks."""

    POLICE = "police"
    HEALTH = "health"
    SOCIAL_CARE = "social_care"
    LOCAL_AUTHORITY = "local_authority"
    FIRE = "fire"
    PROBATION = "probation"
    YOUTH_JUSTICE = "youth_justice"
    PRISON = "prison"
    EDUCATION = "education"
    NETWORK = "network"
    PUBLISHER = "publisher"


class GatewayName(StrEnum):
    """The gateways a schedule may name."""

    PCSC_2022_S16 = "pcsc_2022_s16"
    ISTV_ANONYMISED = "istv_anonymised"
    CDA_1998_S115 = "cda_1998_s115"
    CHILDREN_2004_S10_S11 = "children_2004_s10_s11"
    EDUCATION_1996_S537A = "education_1996_s537a"
    OFFENDER_MANAGEMENT_2007_S14 = "offender_management_2007_s14"
    NHS_2006_S251 = "nhs_2006_s251"
    POLICE_COMMON_LAW = "police_common_law"
    OPEN_DATA = "open_data"
    FICTIONAL = "fictional"


@dataclass(frozen=True)
class Gateway:
    """One gateway. Empty `datasets` and `providers` mean any; `limits` says in words what the rest says in values.

    `personal`: it can carry fields about a person; `patient`: also what happened to that person's health.
    `needs_approval`: a schedule has to state the number of the approval on which it rests.
    `source` is where the law stands; `to_verify` is the question that a lawyer has to answer first, mostly empty.
    """

    title: str
    limits: str
    source: str
    datasets: frozenset[str] = frozenset()
    providers: frozenset[PartyKind] = frozenset()
    personal: bool = True
    patient: bool = True
    no_personal_from: frozenset[PartyKind] = frozenset()
    needs_approval: bool = False
    open_only: bool = False
    to_verify: str = ""


GATEWAYS: dict[GatewayName, Gateway] = {
    GatewayName.PCSC_2022_S16: Gateway(
        "Police, Crime, Sentencing and Courts Act 2022, section 16 (Serious Violence Duty)",
        "It does not authorise patient information, nor personal information from a health or social care authority, "
        "nor anything that breaches data protection law.",
        "legislation.gov.uk/ukpga/2022/32/section/16, subsection (4)",
        patient=False,
        no_personal_from=frozenset({PartyKind.HEALTH, PartyKind.SOCIAL_CARE}),
    ),
    GatewayName.ISTV_ANONYMISED: Gateway(
        "Information Sharing to Tackle Violence (ISB 1594), anonymised",
        "It carries what emergency departments record of an assault, without anything about the person.",
        "NHS data dictionary, Information Sharing to Tackle Violence minimum data set",
        datasets=frozenset({"ed_assaults"}),
        personal=False,
        patient=False,
    ),
    GatewayName.CDA_1998_S115: Gateway(
        "Crime and Disorder Act 1998, section 115",
        "It gives a power, not a way around confidentiality: patient information needs another gateway.",
        "legislation.gov.uk/ukpga/1998/37/section/115",
        patient=False,
    ),
    GatewayName.CHILDREN_2004_S10_S11: Gateway(
        "Children Act 2004, sections 10 and 11, with Working Together to Safeguard Children",
        "It carries what is needed to safeguard children and to promote their welfare, of datasets about children. "
        "Patient information needs another gateway.",
        "legislation.gov.uk/ukpga/2004/31/section/10 and /section/11",
        datasets=_CHILDREN,
        providers=frozenset({
            PartyKind.POLICE, PartyKind.HEALTH, PartyKind.SOCIAL_CARE, PartyKind.LOCAL_AUTHORITY, PartyKind.PROBATION,
            PartyKind.YOUTH_JUSTICE, PartyKind.PRISON, PartyKind.EDUCATION,
        }),
        patient=False,
        to_verify="the sections are duties to cooperate and to safeguard; does the power they imply reach this purpose",
    ),
    GatewayName.EDUCATION_1996_S537A: Gateway(
        "Education Act 1996, section 537A, with the regulations on individual pupil information",
        "It carries what schools and local authorities hold of their pupils, to those whom the regulations prescribe.",
        "legislation.gov.uk/ukpga/1996/56/section/537A; SI 2009/1563; SI 2013/2094",
        datasets=frozenset({"education_local", "neet"}),
        providers=frozenset({PartyKind.EDUCATION, PartyKind.LOCAL_AUTHORITY}),
        patient=False,
        to_verify="are the recipients, and the use made of it, among those that the regulations prescribe",
    ),
    GatewayName.OFFENDER_MANAGEMENT_2007_S14: Gateway(
        "Offender Management Act 2007, section 14",
        "It carries what is necessary or expedient for probation, prisons and the management of offenders, between "
        "the authorities that it lists.",
        "legislation.gov.uk/ukpga/2007/21/section/14",
        providers=frozenset({
            PartyKind.PROBATION, PartyKind.PRISON, PartyKind.POLICE, PartyKind.LOCAL_AUTHORITY, PartyKind.YOUTH_JUSTICE,
        }),
        patient=False,
        to_verify="is every recipient one that the section lists, and the purpose one of its purposes",
    ),
    GatewayName.NHS_2006_S251: Gateway(
        "National Health Service Act 2006, section 251, with the approval of the Confidentiality Advisory Group",
        "It carries patient information without consent, as far as the approval goes, which the schedule names.",
        "legislation.gov.uk/ukpga/2006/41/section/251; SI 2002/1438",
        datasets=HEALTH_DATASETS,
        providers=frozenset({PartyKind.HEALTH}),
        needs_approval=True,
        to_verify="does the approval cover these fields, these recipients and this purpose",
    ),
    GatewayName.POLICE_COMMON_LAW: Gateway(
        "The police's power at common law to disclose for a policing purpose",
        "It carries what the police hold, where there is a pressing need. Patient information needs another gateway.",
        "common law; College of Policing, Authorised Professional Practice on information management",
        providers=frozenset({PartyKind.POLICE}),
        patient=False,
        to_verify="is there a pressing need for a disclosure that is regular, and not case by case",
    ),
    GatewayName.OPEN_DATA: Gateway(
        "Published as open data, under the Open Government Licence",
        "It carries what its publisher (the Department for Education, the NHS, the police, …) has already published, "
        "and nothing about a person.",
        "Open Government Licence v3.0",
        personal=False,
        patient=False,
        open_only=True,
    ),
    GatewayName.FICTIONAL: Gateway(
        "A fictional county: no real person is described",
        "It carries anything that was made up, and stands only in an agreement that is fictional throughout.",
        "none is needed",
    ),
}  # fmt: skip


def is_about_people(fields: Iterable[str]) -> bool:
    """Whether any of these fields is about one person, or leads back to one record."""
    return not PERSONAL_FIELDS.isdisjoint(fields)


def is_about_health(dataset: str, fields: Iterable[str]) -> bool:
    """Whether these fields of a dataset say something on a person's health, if they say who it is about."""
    return dataset in HEALTH_DATASETS or not HEALTH_FIELDS.isdisjoint(fields)


def why_not(
    gateway: GatewayName, *, dataset: str, fields: Iterable[str], provider: PartyKind, approval: str = ""
) -> str:
    """Why a gateway cannot carry these fields of a dataset from such a provider; empty if it can."""
    limits = GATEWAYS[gateway]
    asked = set(fields)
    personal = sorted(PERSONAL_FIELDS & asked)
    listed, kind = ", ".join(personal), f"{provider.replace('_', ' ').removesuffix(' authority')} authority"
    reasons = (
        (limits.datasets and dataset not in limits.datasets, f"it carries {', '.join(sorted(limits.datasets))} only"),
        (limits.providers and provider not in limits.providers, f"it carries nothing from a {kind}"),
        (limits.needs_approval and not approval, "it needs an approval, and the schedule states the number of none"),
        (personal and not limits.personal, f"it cannot carry anything about a person ({listed})"),
        (
            personal and provider in limits.no_personal_from,
            f"it cannot carry personal information from a {kind} ({listed})",
        ),
        (
            personal and is_about_health(dataset, asked) and not limits.patient,
            f"it cannot carry patient information ({listed}, with what happened to their health)",
        ),
    )
    return next((reason for stands, reason in reasons if stands), "")
