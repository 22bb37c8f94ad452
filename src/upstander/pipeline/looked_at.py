"""Who looked at one person: what is known of them is hashed into every token a reader may have seen, in memory only.

A row's person is known by one identifier: the NHS number where it has one, else the agency's own number, else name and
date of birth. Who wants to miss nothing gives all three.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from upstander.contracts.asking import Purpose
from upstander.errors import WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.erasing.finding import Person, identifiers_of
from upstander.pipeline.gate import note
from upstander.sharing import AuditEntry, AuditSearch
from upstander.sharing.terms import ANY_SUPPLIER
from upstander.values.identifiers import PERSON_REF
from upstander.values.tokens import linked_view_key, stored_token_key, tokens, view_key

Feed = tuple[str, str]  # supplier, dataset


@dataclass(frozen=True)
class Looked:
    """Who looked at a person: the newest entries, the tokens they name, and epochs whose key was destroyed."""

    entries: tuple[AuditEntry, ...]
    tokens: frozenset[str]
    gone: tuple[str, ...]


def who_looked(desk: Desk, person: Person, *, most: int) -> Looked:
    """The looks at a person, newest first. That somebody searched is written down before; for whom, never is.

    Raises WrongUsage where too little is said of the person, or no reason is given.
    """
    if not desk.who.why.strip():
        raise WrongUsage("A search for a person needs a reason.", expected="a reason in a few words")
    seen = _seen_as(desk, person)
    if not seen:
        raise WrongUsage(
            "Too little is said of a person to find them, and nobody else.",
            expected="an NHS number; or surname, forename and date of birth; or an agency's own number; or a token",
        )
    note(desk, action="search audit", answer="done", dataset="", about="person")
    found = tuple(islice(desk.audit.search(AuditSearch(subjects=seen)), most))
    gone = tuple(one.name for one in desk.keyring.records() if one.destroyed)
    return Looked(found, frozenset(one.event.subject for one in found), gone)


def _seen_as(desk: Desk, person: Person) -> frozenset[str]:
    """Every token under which any reader may have seen a person, in every epoch whose key is still there."""
    known = identifiers_of(person)
    feeds, domains = _feeds(desk), _domains(desk)
    found = {person.token} if person.token else set()
    for record in desk.keyring.records():
        if record.destroyed or not known:
            continue
        secret = desk.keyring.secret(record.name)
        keys = list(_view_keys(desk, secret, record.name, feeds, domains))
        stored = set(_stored(secret, record.name, known, feeds, domains))
        found |= {token for key in keys for token in tokens(key, sorted(stored))}
    return frozenset(found)


def _stored(
    secret: bytes, epoch: str, known: tuple[tuple[str, str, str], ...], feeds: list[Feed], domains: list[str]
) -> Iterator[str]:
    """The tokens of a person as the warehouse has them: one for each feed, and one for each shared domain."""
    for kind, supplier, value in known:
        own = [f"{name}|{dataset}" for name, dataset in feeds if kind != PERSON_REF or name == supplier]
        for domain in (*own, *domains):
            yield tokens(stored_token_key(secret, domain=domain, kind=kind, epoch=epoch), [value])[0]


def _view_keys(desk: Desk, secret: bytes, epoch: str, feeds: list[Feed], domains: list[str]) -> Iterator[bytes]:
    """The keys under which readers see tokens; see warehouse.reading."""
    for domain in domains:
        yield linked_view_key(secret, domain=domain, epoch=epoch)
    for agreement in sorted({one.name for one in desk.register.all()}):
        alone = [f"{agreement}|{supplier}|{dataset}" for supplier, dataset in feeds] if domains else []
        for name in (agreement, *alone):
            for purpose in Purpose:
                yield view_key(secret, agreement=name, purpose=purpose.value, epoch=epoch)


def _feeds(desk: Desk) -> list[Feed]:
    """Every feed that is held or that an agreement ever named."""
    agreed = {
        (supplier, one.dataset)
        for agreement in desk.register.all() for one in agreement.schedules for supplier in one.suppliers
        if supplier != ANY_SUPPLIER
    }  # fmt: skip
    return sorted(agreed | {(one.supplier, one.dataset) for one in desk.warehouse.manifests()})


def _domains(desk: Desk) -> list[str]:
    """Every shared domain of tokens that a reading has or a clause ever named."""
    agreed = {one.domain for agreement in desk.register.all() if agreement.terms for one in agreement.terms.linkages}
    return sorted((agreed | {one.linkage_domain for one in desk.warehouse.manifests()}) - {""})
