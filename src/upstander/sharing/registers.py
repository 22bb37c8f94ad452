"""What a register of agreements does, whatever keeps its bytes."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime

from upstander.sharing.agreement import Agreement
from upstander.sharing.errors import BadAgreement
from upstander.sharing.policy import refuse_weak
from upstander.sharing.records import Decision, Stored, act_record, agreement_of, decided, governing, signature_record
from upstander.sharing.terms import canonical_terms, read_terms


class KeptAgreements(ABC):
    """The agreements of one home. A subclass says where bytes are kept; everything else is the same everywhere."""

    @abstractmethod
    def stored(self) -> Sequence[Stored]:
        """Every version as it is kept, in order of name and version."""

    @abstractmethod
    def alone(self) -> AbstractContextManager[None]:
        """In this `with` nobody else writes; what is kept in it is on the disk when it ends."""

    @abstractmethod
    def keep_signed(self, stored: Stored) -> None:
        """Keep a version with its signature; it replaces an unsigned one of the same name and version."""

    @abstractmethod
    def keep_act(self, stored: Stored, number: int, record: bytes) -> None:
        """Keep a decision about a version; they are numbered from 1."""

    def follow(self, kept: Sequence[Stored]) -> int:
        """Take in signed versions and acts that another copy of this register has and this one has not; how many.

        The records vouch for themselves; one that does not fit is a fault of the agreement, which then grants nothing.
        A draft is left where it is: kept here, it would pass for a version whose signature cannot be read.
        """
        taken = 0
        with self.alone():
            for one in (version for version in kept if version.signature is not None):
                held = self._version(one.name, one.version)
                if held is None or held.signature is None:
                    self.keep_signed(one)
                    held, taken = replace(one, acts=()), taken + 1
                for number, record in list(enumerate(one.acts, 1))[len(held.acts) :]:
                    self.keep_act(held, number, record)
                    taken += 1
        return taken

    def all(self) -> tuple[Agreement, ...]:
        """Every version of every agreement, with what is wrong with it."""
        return tuple(agreement_of(one) for one in self.stored())

    def agreements(self, at: datetime) -> tuple[Agreement, ...]:
        """For each name the version that governs at `at`, and every one with a fault (see records.governing)."""
        stored = self.stored()
        signed = [one.signature is not None for one in stored]
        return governing([agreement_of(one) for one in stored], signed, at)

    def sign(self, content: bytes, *, person: str, at: datetime) -> Agreement:
        """Put a version in force: its canonical bytes are kept, and a signature with their hash.

        Signing the same terms again changes nothing. Raises BadAgreement for terms that cannot be accepted, that ask
        less for counts than the owners' own rules, or that differ from what was signed under the same version.
        """
        terms = read_terms(content)
        kept = canonical_terms(terms)
        with self.alone():
            held = self._version(terms.name, terms.version)
            if held is None or held.signature is None:
                refuse_weak(terms)
                held = Stored(terms.name, terms.version, kept, signature_record(terms, kept, person=person, at=at))
                self.keep_signed(held)
        signed = agreement_of(held)
        if signed.fault or held.content != kept:
            raise BadAgreement(
                f"Version {terms.version} of {terms.name} is signed with other terms. Nothing was changed.",
                where=held.label, expected=f"version {terms.version + 1}",
            )  # fmt: skip
        return signed

    def act(self, decision: Decision) -> Agreement:
        """Decide about the version that governs. What was decided before changes nothing. Raises WrongUsage."""
        with self.alone():
            mine = [one for one in self.agreements(decision.at) if one.name == decision.agreement and not one.fault]
            act = decided(decision, mine[-1] if mine else None)
            held = self._version(mine[-1].name, mine[-1].version)
            if act is None or held is None:
                return mine[-1]
            record = act_record(act)
            self.keep_act(held, act.number, record)
        return agreement_of(Stored(held.name, held.version, held.content, held.signature, (*held.acts, record)))

    def _version(self, name: str, version: int) -> Stored | None:
        return next((one for one in self.stored() if (one.name, one.version) == (name, version)), None)
