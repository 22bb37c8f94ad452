"""Legal gateways as values: what each lets an authority disclose, and what it cannot carry.

The limits are a floor that a machine can hold. Whether a disclosure is lawful is for the controllers to say.
Sources: Police, Crime, Sentencing and Courts Act 2022, s.16; Crime and Disorder Act 1998, s.115; Information Sharing
to Tackle Violence, information standard ISB 1594; Open Government Licence v3.0.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from upstander.contracts.incidents import PERSON_ATTRIBUTES

# Fields that are about one person, named or not, or that lead back to one record of the owner. A role says why a row is
# there (a crime comes once for each person in it, and is counted by one of them), not who the person is.
PERSONAL_FIELDS = frozenset({*PERSON_ATTRIBUTES, "incident_token", "row_id"}) - {"role"}
# With a personal field beside it, this is information on somebody's health, whoever wrote it down.
HEALTH_FIELDS = frozenset({"injury_severity"})
HEALTH_DATASETS = frozenset({"ed_assaults", "ambulance_callouts", "hospital_episodes", "substance_misuse_treatment"})


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
    OPEN_DATA = "open_data"
    FICTIONAL = "fictional"


@dataclass(frozen=True)
class Gateway:
    """One gateway. Empty `datasets` means any dataset; `limits` says in words what the rest says in values."""

    title: str
    limits: str
    datasets: frozenset[str] = frozenset()
    personal: bool = True
    patient: bool = True
    no_personal_from: frozenset[PartyKind] = frozenset()
    open_only: bool = False


GATEWAYS: dict[GatewayName, Gateway] = {
    GatewayName.PCSC_2022_S16: Gateway(
        "Police, Crime, Sentencing and Courts Act 2022, section 16 (Serious Violence Duty)",
        "It does not authorise patient information, nor personal information from a health or social care authority.",
        patient=False,
        no_personal_from=frozenset({PartyKind.HEALTH, PartyKind.SOCIAL_CARE}),
    ),
    GatewayName.ISTV_ANONYMISED: Gateway(
        "Information Sharing to Tackle Violence (ISB 1594), anonymised",
        "It carries what emergency departments record of an assault, without anything about the person.",
        datasets=frozenset({"ed_assaults"}),
        personal=False,
        patient=False,
    ),
    GatewayName.CDA_1998_S115: Gateway(
        "Crime and Disorder Act 1998, section 115",
        "It gives a power, not a way around confidentiality: patient information needs another gateway.",
        patient=False,
    ),
    GatewayName.OPEN_DATA: Gateway(
        "Published as open data, under the Open Government Licence",
        "It carries what its publisher has already published, and nothing about a person.",
        personal=False,
        patient=False,
        open_only=True,
    ),
    GatewayName.FICTIONAL: Gateway(
        "A fictional county: no real person is described",
        "It carries anything that was made up, and stands only in an agreement that is fictional throughout.",
    ),
}


def why_not(gateway: GatewayName, *, dataset: str, fields: Iterable[str], provider: PartyKind) -> str:
    """Why a gateway cannot carry these fields of a dataset from such a provider; empty if it can."""
    limits = GATEWAYS[gateway]
    personal = sorted(PERSONAL_FIELDS & set(fields))
    health = dataset in HEALTH_DATASETS or bool(HEALTH_FIELDS & set(fields))
    listed = ", ".join(personal)
    if limits.datasets and dataset not in limits.datasets:
        return f"it carries {', '.join(sorted(limits.datasets))} only"
    if personal and not limits.personal:
        return f"it cannot carry anything about a person ({listed})"
    if personal and provider in limits.no_personal_from:
        return f"it cannot carry personal information from a {provider.replace('_', ' ')} authority ({listed})"
    if personal and health and not limits.patient:
        return f"it cannot carry patient information ({listed}, with what happened to their health)"
    return ""
