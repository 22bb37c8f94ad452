"""What an agreement says: parties, signatories and schedules, as one canonical TOML file.

A schedule is one dataset × suppliers × fields × recipients × purposes × gateway × handling, from a start to an end.
"""

import tomllib
from collections import Counter
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from upstander.contracts.asking import CountRule, Purpose
from upstander.contracts.releasing import Edition
from upstander.sharing.errors import BadAgreement
from upstander.sharing.gateways import GATEWAYS, GatewayName, PartyKind, why_not
from upstander.sharing.protection import Flow, Protection, flow_of, unprotected
from upstander.values.areas import AREA_KINDS, coarsest

ANY_SUPPLIER = "*"
PERSON_TOKEN = "person_token"  # noqa: S105 - the name of a column
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Party(_Value):
    """An agency that is bound. `controller`: it decides why and how data about people are processed."""

    agency: Name
    name: Words
    kind: PartyKind
    controller: bool


class Signatory(_Value):
    """Who signed for an agency."""

    person: Words
    agency: Name
    role: Words


class CountHandling(_Value):
    """How counts may be shown: 1 to `suppress_up_to` hidden, others to the nearest `round_to`; see CountRule.

    A part that is absent asks for nothing, and stays absent in the signed bytes.
    """

    suppress_up_to: Annotated[int, Field(ge=0)]
    round_to: Annotated[int, Field(ge=1)]
    open_data: bool = False
    of_persons: bool | None = None
    finest: str | None = None
    rate_from: Annotated[int, Field(ge=0)] | None = None
    no_group: bool | None = None
    dominance: tuple[Annotated[int, Field(ge=1)], Annotated[float, Field(gt=0, lt=100)]] | None = None
    p_percent: Annotated[float, Field(gt=0, le=100)] | None = None
    least_width: Annotated[int, Field(ge=0)] | None = None
    publishable: bool | None = None

    @field_validator("finest")
    @classmethod
    def _known_kind(cls, finest: str | None) -> str | None:
        if finest is not None and finest not in AREA_KINDS:
            raise ValueError(f"{finest} is not a kind of area; use one of {', '.join(AREA_KINDS)}")
        return finest

    @model_validator(mode="after")
    def _makes_sense(self) -> "CountHandling":
        beside = sorted(self.model_dump(exclude_none=True).keys() - {"suppress_up_to", "round_to", "open_data"})
        if self.open_data and beside:
            raise ValueError(f"open data is shown as it was published; {', '.join(beside)} cannot be asked of it")
        needing = [part for part in ("of_persons", "no_group", "least_width") if getattr(self, part)]
        if needing and not self.suppress_up_to:
            raise ValueError(f"{', '.join(needing)} is about hidden counts, and suppress_up_to 0 hides none")
        return self

    def rule(self, name: str, agreement: str, *, floor: str = "") -> CountRule:
        """The rule that counts are held to. floor: the finest kind of area of the schedule, whatever is counted."""
        return CountRule(
            name, agreement, self.suppress_up_to, self.round_to,
            open_data=self.open_data, of_persons=bool(self.of_persons),
            finest="" if self.open_data else coarsest((floor, self.finest)), rate_from=self.rate_from or 0,
            no_group=bool(self.no_group), dominance=self.dominance, p_percent=self.p_percent,
            least_width=self.least_width or 0, publishable=bool(self.publishable),
        )  # fmt: skip


class Handling(_Value):
    """What recipients must do with it. `operational` is absent where no operational edition may be made."""

    classification: Literal["OFFICIAL", "OFFICIAL-SENSITIVE"]
    retention_days: Annotated[int, Field(ge=1)]
    geography_floor: Annotated[str, StringConstraints(pattern=r"^[a-z]+(\d{2})?$")]
    age_band_width: Annotated[int, Field(ge=1)]
    postcode_level: Literal["sector", "district"]
    shareable: CountHandling
    operational: CountHandling | None = None

    def counts(self, edition: Edition) -> CountHandling | None:
        """The rule for counts in one edition; None where that edition may not be made."""
        return self.operational if edition is Edition.OPERATIONAL else self.shareable


class Recipients(_Value):
    """Who may read: everyone an agency answers for, or named persons; `everyone` only of what is published already."""

    everyone: bool = False
    agencies: tuple[Name, ...] = ()
    persons: tuple[Words, ...] = ()


class RowCondition(_Value):
    """Only rows whose `column` holds one of `codes`."""

    column: Name
    codes: Annotated[tuple[str, ...], Field(min_length=1)]


class BeyondMatrix(_Value):
    """A recorded decision of the partnership board that a dataset may be used for monitoring, which the matrix does not
    tick. Never for operational use: without its tick no row of a dataset reaches an operational screen.
    """

    purpose: Literal[Purpose.MONITORING]
    decided_by: Words
    decided_on: date
    minute: Words


class Schedule(_Value):
    """What one provider shares of one dataset. It runs from the first day `start` up to, not including, `end`.

    `approval` is the number of the approval on which the gateway rests, where it needs one. `data_protection` names
    the flow between Parts of the Data Protection Act and its bases; see protection.unprotected for when it has to.
    `beyond_matrix` is the board's decision on a purpose that the matrix does not tick; no signature alone adds one.
    """

    id: Name
    dataset: Name
    provider: Name
    suppliers: Annotated[tuple[str, ...], Field(min_length=1)]
    fields: Annotated[tuple[str, ...], Field(min_length=1)]
    recipients: Recipients
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1)]
    gateway: GatewayName
    approval: Words | None = None
    data_protection: Protection | None = None
    handling: Handling
    rows: tuple[RowCondition, ...] = ()
    beyond_matrix: BeyondMatrix | None = None
    start: date
    end: date

    @field_validator("fields")
    @classmethod
    def _named_one_by_one(cls, fields: tuple[str, ...]) -> tuple[str, ...]:
        if wild := [field for field in fields if not field.isidentifier()]:
            raise ValueError(f"fields are named one by one; {', '.join(wild)} is not a field")
        return fields

    @model_validator(mode="after")
    def _makes_sense(self) -> "Schedule":
        if self.end <= self.start:
            raise ValueError(f"schedule {self.id} ends on {self.end}, not after its start {self.start}")
        if not (self.recipients.everyone or self.recipients.agencies or self.recipients.persons):
            raise ValueError(f"schedule {self.id} names no recipient")
        if self.recipients.everyone and self.gateway is not GatewayName.OPEN_DATA:
            raise ValueError(f"schedule {self.id} is for everyone, which only open data can be")
        if Purpose.OPERATIONAL in self.purposes and self.handling.operational is None:
            raise ValueError(f"schedule {self.id} is operational, but its handling has no operational rule")
        if self.handling.operational is not None and self.handling.operational.publishable:
            raise ValueError(f"schedule {self.id}: an operational picture is for named recipients, never publishable")
        if ANY_SUPPLIER in self.suppliers and len(self.suppliers) > 1:
            raise ValueError(f"schedule {self.id} names every supplier and some suppliers; choose one")
        if self.beyond_matrix is not None and self.beyond_matrix.purpose not in self.purposes:
            raise ValueError(f"schedule {self.id} holds a decision on a purpose that it does not serve")
        editions = (self.handling.shareable, self.handling.operational)
        if any(counts and counts.of_persons for counts in editions) and PERSON_TOKEN not in self.fields:
            raise ValueError(f"schedule {self.id} counts persons, but does not share {PERSON_TOKEN} to tell them apart")
        is_open = self.handling.shareable.open_data
        if is_open != GATEWAYS[self.gateway].open_only:
            raise ValueError(f"schedule {self.id}: the rule open_data belongs to the gateway open_data, and only there")
        return self

    def may_serve(self, purpose: Purpose, *, is_ticked: bool) -> bool:
        """Whether the matrix, or the board's recorded decision in this schedule, lets the purpose be served at all."""
        decided = self.beyond_matrix is not None and self.beyond_matrix.purpose is purpose
        return is_ticked or decided or purpose is Purpose.STEWARDSHIP

    def covers_supplier(self, supplier: str) -> bool:
        """Whether this supplier's rows are shared."""
        return supplier in self.suppliers or ANY_SUPPLIER in self.suppliers


class Feed(_Value):
    """One dataset of one supplier."""

    dataset: Name
    supplier: Name


class Linkage(_Value):
    """A clause that lets people be recognised across feeds: one shared domain for their tokens, for some purposes.

    Without a clause no two feeds, and no two readers, ever have the same token for a person.
    """

    domain: Name
    feeds: Annotated[tuple[Feed, ...], Field(min_length=2)]
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1)]
    why: Words

    def covers(self, dataset: str, supplier: str) -> bool:
        """Whether a feed is one of those it joins."""
        return any((feed.dataset, feed.supplier) == (dataset, supplier) for feed in self.feeds)


class Terms(_Value):
    """One version of an agreement. Days begin at midnight in `zone`. `linkages` are its linking clauses."""

    name: Name
    version: Annotated[int, Field(ge=1)]
    title: Words
    zone: str = "Europe/London"
    parties: Annotated[tuple[Party, ...], Field(min_length=1)]
    signatories: Annotated[tuple[Signatory, ...], Field(min_length=1)]
    schedules: Annotated[tuple[Schedule, ...], Field(min_length=1)]
    linkages: tuple[Linkage, ...] = ()

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as why:
            raise ValueError(f"{zone} is not a time zone") from why
        return zone

    @model_validator(mode="after")
    def _binds_its_parties(self) -> "Terms":
        _refuse_repeats("party", [party.agency for party in self.parties])
        _refuse_repeats("schedule", [schedule.id for schedule in self.schedules])
        agencies = {party.agency for party in self.parties}
        signed = {signatory.agency for signatory in self.signatories}
        named = {agency for schedule in self.schedules for agency in schedule.recipients.agencies}
        if strangers := sorted((signed | named) - agencies):
            raise ValueError(f"{', '.join(strangers)} is named but is not a party")
        if unsigned := sorted({party.agency for party in self.parties if party.controller} - signed):
            raise ValueError(f"nobody signs for {', '.join(unsigned)}, which is a controller")
        return self

    @model_validator(mode="after")
    def _has_lawful_gateways(self) -> "Terms":
        controllers = {party.agency: party.kind for party in self.parties if party.controller}
        for schedule in self.schedules:
            if schedule.provider not in controllers:
                raise ValueError(f"schedule {schedule.id}: {schedule.provider} is not a controller among the parties")
            kind = controllers[schedule.provider]
            why = why_not(
                schedule.gateway, dataset=schedule.dataset, fields=schedule.fields, provider=kind,
                approval=schedule.approval or "",
            )  # fmt: skip
            if why:
                raise ValueError(f"schedule {schedule.id} cannot rest on {GATEWAYS[schedule.gateway].title}: {why}")
        gateways = {schedule.gateway for schedule in self.schedules}
        if GatewayName.FICTIONAL in gateways and len(gateways) > 1:
            raise ValueError("an agreement is fictional throughout, or not at all")
        return self

    @model_validator(mode="after")
    def _names_flows_between_parts(self) -> "Terms":
        for schedule in self.schedules:
            open_question = unprotected(
                schedule.data_protection, flow=self.flow(schedule), gateway=schedule.gateway, dataset=schedule.dataset,
                fields=schedule.fields,
            )  # fmt: skip
            if open_question:
                raise ValueError(f"schedule {schedule.id} leaves data protection law open: {open_question}")
        return self

    @model_validator(mode="after")
    def _links_what_it_shares(self) -> "Terms":
        _refuse_repeats("linking clause", [linkage.domain for linkage in self.linkages])
        for linkage in self.linkages:
            for feed in linkage.feeds:
                carrying = [
                    schedule for schedule in self.schedules
                    if schedule.dataset == feed.dataset and schedule.covers_supplier(feed.supplier)
                    and set(linkage.purposes) & set(schedule.purposes) and PERSON_TOKEN in schedule.fields
                ]  # fmt: skip
                if not carrying:
                    raise ValueError(
                        f"linking clause {linkage.domain}: no schedule shares {PERSON_TOKEN} of {feed.dataset} from "
                        f"{feed.supplier} for any of its purposes"
                    )
        return self

    def flow(self, schedule: Schedule) -> Flow:
        """From which Part of the Data Protection Act to which a schedule discloses, by the kinds of its parties."""
        kinds = {party.agency: party.kind for party in self.parties}
        return flow_of(kinds[schedule.provider], [kinds[agency] for agency in schedule.recipients.agencies])

    def linkage_of(self, dataset: str, supplier: str, purpose: Purpose | None = None) -> Linkage | None:
        """The clause that joins a feed to others, for a purpose or for any."""
        fitting = (one for one in self.linkages if one.covers(dataset, supplier))
        return next((one for one in fitting if purpose is None or purpose in one.purposes), None)

    def midnight(self, day: date) -> datetime:
        """The aware UTC moment at which a day begins in this agreement's zone."""
        return _midnight(day, self.zone)


@lru_cache(maxsize=4_096)
def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)


@lru_cache(maxsize=64)
def read_terms(content: bytes) -> Terms:
    """The terms in a TOML file; the same bytes are read once, since every page asks.

    Raises BadAgreement, which says what is wrong in words.
    """
    try:
        return Terms.model_validate(tomllib.loads(content.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        raise BadAgreement(f"The agreement is not a TOML file: {why}", expected="UTF-8 TOML") from why
    except ValidationError as why:
        faults = "; ".join(_in_words(fault["loc"], fault["msg"], fault["type"]) for fault in _own(why.errors()))
        raise BadAgreement(
            f"The agreement cannot be accepted: {faults}", found=faults, state="It grants nothing."
        ) from why


def canonical_terms(terms: Terms) -> bytes:
    """The one spelling of these terms as a file; its hash is what a signature holds."""
    # What was added to agreements later is left out where it says nothing, so that signed ones keep their bytes.
    plain = terms.model_dump(exclude_none=True)
    return tomli_w.dumps({key: value for key, value in plain.items() if key != "linkages" or value}).encode()


# Without any one of these a feed cannot be switched on; what is missing is said in words, and why it matters.
_NEEDED = {
    "gateway": "there is no gateway: name the law that lets it be shared",
    "provider": "there is no controller: name the agency that shares it",
    "purposes": "there are no purposes: say what it may be used for",
    "fields": "there are no fields: name each one that is shared",
    "retention_days": "there is no retention: say for how many days it may be kept",
    "end": "there is no end: name the day from which it is shared no more",
}


def _own(faults: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without those that only follow from another fault: a list counts as too short where an item of it is wrong."""
    around = {fault["loc"][:steps] for fault in faults for steps in range(len(fault["loc"]))}
    return [fault for fault in faults if fault["loc"] not in around]


def _in_words(place: tuple[int | str, ...], message: str, kind: str) -> str:
    where = ".".join(str(step) for step in place)
    said = message.removeprefix("Value error, ")
    if kind in ("missing", "too_short") and place[-1] in _NEEDED:
        said = f"{_NEEDED[str(place[-1])]}. The feed cannot be switched on"
    return f"{where}: {said}" if where else said


def _refuse_repeats(what: str, names: list[str]) -> None:
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        raise ValueError(f"{what} {', '.join(twice)} is there twice")
