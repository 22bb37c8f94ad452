"""Who may read which dataset for which purpose: the gate's own answer for every cell, asked before anybody asks."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from upstander.contracts.asking import Allowed, Grant, Purpose, Request
from upstander.contracts.releasing import Edition
from upstander.sharing.agreement import Agreement
from upstander.sharing.deciding import decide

_NO_FIELD = ("none",)  # of a dataset that no schedule shares: it is refused before its fields are looked at


@dataclass(frozen=True)
class Reader:
    """Who may be named as a recipient: everybody of an `agency`, or (where that is empty) one `person`."""

    agency: str
    person: str
    name: str


@dataclass(frozen=True)
class Cell:
    """One dataset × purpose × reader at a moment. Without a grant, `reason` and `next_step` say what would change it.

    `fields` are all that may be read, and `until` (aware UTC) is when the last of the grants ends.
    """

    dataset: str
    purpose: Purpose
    reader: Reader
    grants: tuple[Grant, ...]
    reason: str
    next_step: str

    @property
    def is_open(self) -> bool:
        """Whether anything may be read."""
        return bool(self.grants)

    @property
    def until(self) -> datetime | None:
        """When the last of it ends."""
        return max((grant.until for grant in self.grants), default=None)

    @property
    def fields(self) -> tuple[str, ...]:
        """Everything that may be read, each field once."""
        return tuple(dict.fromkeys(field for grant in self.grants for field in grant.fields))

    @property
    def agreements(self) -> tuple[str, ...]:
        """The agreements that say so."""
        return tuple(sorted({grant.agreement for grant in self.grants}))


def readers(agreements: Sequence[Agreement]) -> tuple[Reader, ...]:
    """Every party of the agreements that can be read, and after them every person whom a schedule names."""
    readable = [one.terms for one in agreements if one.terms is not None]
    parties = {party.agency: party.name for terms in readable for party in terms.parties}
    persons = {person for terms in readable for one in terms.schedules for person in one.recipients.persons}
    agencies = [Reader(agency, "", name) for agency, name in sorted(parties.items())]
    return (*agencies, *(Reader("", person, person) for person in sorted(persons)))


def matrix(
    agreements: Sequence[Agreement], ticks: Mapping[str, Collection[Purpose]], at: datetime,
    edition_of: Callable[[Purpose], Edition],
) -> tuple[Cell, ...]:  # fmt: skip
    """Every cell at a moment: by dataset in the order of `ticks`, then by purpose, then by reader.

    `ticks` are the purposes that the matrix of the paper allows each dataset; `edition_of` picks the rule for counts.
    """
    columns = readers(agreements)
    return tuple(
        _cell(dataset, purpose, reader, agreements, ticked, at, edition_of(purpose))
        for dataset, ticked in ticks.items()
        for purpose in Purpose
        for reader in columns
    )


def _cell(
    dataset: str, purpose: Purpose, reader: Reader, agreements: Sequence[Agreement], ticked: Collection[Purpose],
    at: datetime, edition: Edition,
) -> Cell:  # fmt: skip
    answers = [
        decide(
            Request(
                reader.person or f"anybody of {reader.agency}", reader.agency, purpose, dataset, (), fields,
                "the matrix", at,
            ),
            agreements, edition=edition, ticked=ticked,
        )
        for fields in _asked(agreements, dataset)
    ]  # fmt: skip
    grants = [grant for answer in answers if isinstance(answer, Allowed) for grant in answer.grants]
    refusals = [answer for answer in answers if not isinstance(answer, Allowed)]
    if grants:
        return Cell(dataset, purpose, reader, tuple(dict.fromkeys(grants)), "", "")
    return Cell(dataset, purpose, reader, (), refusals[0].reason, refusals[0].next_step)


def _asked(agreements: Sequence[Agreement], dataset: str) -> tuple[tuple[str, ...], ...]:
    """The sets of fields to ask for: what each schedule shares. Something is granted only if one of these is."""
    return tuple(dict.fromkeys(_shared(agreements, dataset))) or (_NO_FIELD,)


def _shared(agreements: Sequence[Agreement], dataset: str) -> Iterator[tuple[str, ...]]:
    return (one.fields for agreement in agreements for one in agreement.schedules if one.dataset == dataset)
