"""Agreements as bytes: canonical terms, a signature and acts beside them, each record vouching for itself.

What keeps these bytes (files, a database) is no business of this module; both build an Agreement here, from the same.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from upstander.errors import WrongUsage
from upstander.sharing.agreement import Act, ActKind, Agreement, Signature
from upstander.sharing.errors import BadAgreement
from upstander.sharing.terms import Terms, read_terms
from upstander.values.canonical import canonical_json

_Record = TypeVar("_Record", Signature, Act)
_SIGNATURE, _ACT = TypeAdapter(Signature), TypeAdapter(Act)


@dataclass(frozen=True)
class Stored:
    """One version as it is kept. `label` names it in messages; `signature` is None where nobody signed."""

    name: str
    version: int
    content: bytes
    signature: bytes | None
    acts: tuple[bytes, ...] = ()

    @property
    def label(self) -> str:
        """Name and version, as the file is called."""
        return f"{self.name}.v{self.version}.toml"


@dataclass(frozen=True)
class Decision:
    """What somebody decides about an agreement; see Act."""

    kind: ActKind
    agreement: str
    person: str
    at: datetime
    why: str
    schedule: str = ""
    agency: str = ""


@lru_cache(maxsize=512)
def agreement_of(stored: Stored) -> Agreement:
    """The agreement that these bytes are, with what is wrong with it. The same bytes are read once a process."""
    signature, terms, acts = None, None, []
    try:
        signature = _read(_SIGNATURE, stored.signature, stored.label) if stored.signature is not None else None
        terms = read_terms(stored.content)
        acts = [_read(_ACT, act, stored.label) for act in stored.acts]
    except BadAgreement as why:
        fault = f"The agreement {stored.label} grants nothing: {why}"
        return Agreement(stored.name, stored.version, terms, signature, fault=fault)
    fault = _fault(stored, terms, signature, acts)
    return Agreement(stored.name, stored.version, terms, signature, tuple(acts), fault)


def governing(every: Sequence[Agreement], signed: Sequence[bool], at: datetime) -> tuple[Agreement, ...]:
    """For each name the version that governs at `at`, and every one with a fault.

    The highest version signed by then governs alone: an ended or altered one does not bring the one before back.
    signed: whether each has a signature, be it one that cannot be read. `every` is in order of name and version.
    """
    chosen = {one.name: one for one, is_signed in zip(every, signed, strict=True) if _by(one, at, is_signed=is_signed)}
    return tuple(one for one in every if one is chosen.get(one.name) or one.fault)


def decided(decision: Decision, agreement: Agreement | None) -> Act | None:
    """The act that a decision makes on the version that governs; None where it changes nothing.

    Raises WrongUsage for an agreement, schedule or agency that is not there, and for a decision without a reason.
    """
    if agreement is None or agreement.signature is None or agreement.terms is None:
        raise WrongUsage(
            f"No agreement {decision.agreement} is signed.", found=decision.agreement,
            expected="a name that `agreement list` shows",
        )  # fmt: skip
    _check(decision, agreement.terms)
    act = Act(
        agreement.name, agreement.version, agreement.signature.sha256, len(agreement.acts) + 1, decision.kind,
        decision.person, decision.at, decision.why, decision.schedule, decision.agency,
    )  # fmt: skip
    return None if _changes_nothing(act, agreement) else act


def signature_record(terms: Terms, content: bytes, *, person: str, at: datetime) -> bytes:
    """The signature of these canonical bytes."""
    return _sealed(_SIGNATURE, Signature(terms.name, terms.version, hashlib.sha256(content).hexdigest(), person, at))


def act_record(act: Act) -> bytes:
    """An act as it is kept."""
    return _sealed(_ACT, act)


def _by(one: Agreement, at: datetime, *, is_signed: bool) -> bool:
    # A signature that cannot be read was one all the same.
    return is_signed if one.signature is None else one.signature.at <= at


def _check(decision: Decision, terms: Terms) -> None:
    if not decision.why.strip():
        raise WrongUsage("A decision about an agreement needs a reason.", expected="--why TEXT")
    schedules, agencies = [one.id for one in terms.schedules], [party.agency for party in terms.parties]
    if decision.schedule and decision.schedule not in schedules:
        raise WrongUsage(
            f"{terms.name} has no schedule '{decision.schedule}'.", found=decision.schedule,
            expected=", ".join(schedules),
        )  # fmt: skip
    if decision.agency and decision.agency not in agencies:
        raise WrongUsage(
            f"{decision.agency} is no party of {terms.name}.", found=decision.agency, expected=", ".join(agencies)
        )
    if decision.kind is ActKind.WITHDRAWN and not (decision.schedule or decision.agency):
        raise WrongUsage(
            "Withdrawing is for one schedule or one party; the whole agreement is ended.",
            expected="--schedule ID, --party AGENCY, or `agreement end`",
        )


def _changes_nothing(act: Act, agreement: Agreement) -> bool:
    """Whether the same was decided before: ended is ended, suspended is suspended until it is resumed."""
    same = [one for one in agreement.acts if (one.schedule, one.agency) == (act.schedule, act.agency)]
    last = next((one.kind for one in reversed(same)), None)
    if act.kind is ActKind.RESUMED:
        return last is not ActKind.SUSPENDED
    return last is act.kind


def _fault(stored: Stored, terms: Terms, signature: Signature | None, acts: Sequence[Act]) -> str:
    """What keeps an agreement from granting anything; empty if nothing does."""
    name = stored.label
    if signature is None:
        return f"The agreement {name} is not signed, so it grants nothing."
    sha256 = hashlib.sha256(stored.content).hexdigest()
    records: list[Signature | Act] = [signature, *acts]
    if any(record.sha256 != sha256 for record in records):
        return f"The agreement {name} was altered after it was signed, so it grants nothing."
    if any((record.agreement, record.version) != (terms.name, terms.version) for record in records):
        return f"The agreement {name} bears the signature of another one, so it grants nothing."
    if (stored.name, stored.version) != (terms.name, terms.version):
        return f"The agreement {name} calls itself {terms.name}, version {terms.version}, so it grants nothing."
    if [act.number for act in acts] != list(range(1, len(acts) + 1)):
        return f"Of the decisions about the agreement {name} one is missing, so it grants nothing."
    return ""


def _sealed(shape: "TypeAdapter[_Record]", record: _Record) -> bytes:
    plain = shape.dump_python(record, mode="json")
    seal = hashlib.sha256(canonical_json(plain)).hexdigest()
    return canonical_json({"record": plain, "sha256": seal}) + b"\n"


class _End(BaseModel):
    """An early end as it was recorded before there were other acts."""

    agreement: str
    version: int
    sha256: str
    person: str
    at: datetime
    why: str


def _read(shape: "TypeAdapter[_Record]", content: bytes, label: str) -> _Record:
    """A record that vouches for itself. Raises BadAgreement if it was altered."""
    try:
        plain = _inner(content)
        if canonical_json({"record": plain, "sha256": _seal(plain)}) + b"\n" != content:
            raise BadAgreement(f"a record of {label} was altered.", where=label)
        return shape.validate_python(_as_act(plain) if shape is _ACT else plain)
    except (ValidationError, ValueError) as why:
        raise BadAgreement(f"a record of {label} cannot be read.", where=label) from why


def _as_act(plain: object) -> object:
    if isinstance(plain, dict) and "kind" not in plain:
        end = _End.model_validate(plain)
        return {**end.model_dump(), "number": 1, "kind": ActKind.ENDED}
    return plain


def _seal(plain: object) -> str:
    return hashlib.sha256(canonical_json(plain)).hexdigest()


def _inner(content: bytes) -> object:
    whole = json.loads(content)
    if not isinstance(whole, dict) or set(whole) != {"record", "sha256"}:
        raise ValueError("not a sealed record")
    return whole["record"]
