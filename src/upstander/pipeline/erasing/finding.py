"""Whose records are whose: every raw file looked through for what is known of some people, and how they are named."""

import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from upstander.contracts.asking import Purpose
from upstander.contracts.readings import Manifest
from upstander.errors import WrongUsage
from upstander.intake import suppliers
from upstander.intake.finding import BY_NAME
from upstander.intake.mentions import Mentions
from upstander.pipeline.desk import Desk
from upstander.pipeline.erasing.jobs import FIND, TELL, FindJob, FindRunner, mentions_of, plain_mentions
from upstander.pipeline.erasing.ledger import KEYS, RECORDS, hash_key, secret
from upstander.pipeline.erasing.people import TRACES, Found, whole_people
from upstander.pipeline.held import held_facts
from upstander.values import identifiers
from upstander.values.identifiers import NAME_BIRTH, NHS_NUMBER, PERSON_REF
from upstander.values.tokens import key_id, linked_view_key, tokens, view_key
from upstander.vault import EpochDestroyed


@dataclass(frozen=True)
class Person:
    """Who is meant: a token as any reader sees it, or what a form says. `references` are (supplier, number)."""

    token: str = ""
    nhs_number: str = ""
    surname: str = ""
    forename: str = ""
    born: date | None = None
    references: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Sought:
    """What was found: records and keys of the people, how they are named, and files that nobody can look through."""

    found: Found
    mentions: Mentions
    opaque: frozenset[str]


def seek(desk: Desk, people: Sequence[Person], known: pl.DataFrame, run: FindRunner, *, by_name: bool) -> Sought:
    """Everything of these people, and of those whose keyed hashes are `known` (KEYS), in every raw file held.

    Raises WrongUsage for somebody of whom too little is said.
    """
    own = secret(desk.vault)
    every = suppliers.names([desk.home.suppliers])
    maps = {sha: names or every for sha, names in maps_read_with(desk).items()}
    traces, opaque = _traces(desk, maps, _hash_keys(own, maps), run)
    shown = [_by_token(desk, number, one.token) for number, one in enumerate(people) if one.token]
    records = pl.concat([pl.DataFrame(schema=RECORDS), *shown])
    keys = pl.concat([known, *(_seeds(own, n, one) for n, one in enumerate(people))])
    found = whole_people(traces, records, keys, by_name=by_name)
    return Sought(found, _mentions(desk, people, found, maps, run), opaque)


def maps_read_with(desk: Desk) -> dict[str, tuple[str, ...]]:
    """Which maps read each raw file, the newest first; none of a file that never became a reading."""
    by_file: dict[str, list[str]] = {sha: [] for sha in desk.vault.names("raw")}
    read = [(one.raw_sha256, one.supplier) for one in held_facts(desk)]
    read += [(one.raw_sha256, one.supplier) for one in desk.warehouse.manifests()]
    for sha, supplier in reversed(read):
        by_file.setdefault(sha, []).append(supplier)
    return {sha: tuple(dict.fromkeys(names)) for sha, names in by_file.items() if desk.vault.has(sha)}


def _hash_keys(own: bytes, maps: dict[str, tuple[str, ...]]) -> dict[str, str]:
    kinds = [NHS_NUMBER, NAME_BIRTH, BY_NAME]
    kinds += sorted({f"{PERSON_REF}|{name}" for names in maps.values() for name in names})
    return {kind: hash_key(own, kind).hex() for kind in kinds}


def _traces(
    desk: Desk, maps: dict[str, tuple[str, ...]], keys: dict[str, str], run: FindRunner
) -> tuple[pl.DataFrame, frozenset[str]]:
    frames, opaque = [pl.DataFrame(schema=TRACES)], set()
    for sha, names in maps.items():
        seen: list[bytes] = []
        answer = run(job_on(desk, FIND, sha, names, keys=keys), seen.append)
        if answer.is_opaque:
            opaque.add(sha)
        frames += [pl.read_ipc_stream(io.BytesIO(one)).insert_column(0, pl.lit(sha).alias("file")) for one in seen]
    return pl.concat(frames), frozenset(opaque)


def job_on(
    desk: Desk, do: str, sha: str, maps: tuple[str, ...], *, keys: dict[str, str] | None = None,
    lines: Collection[int] = (), mentions: Mentions | None = None,
) -> FindJob:  # fmt: skip
    """The job that does `do` (see FindJob) with one raw file."""
    path = desk.vault.raw(sha)
    return FindJob(
        do=do, source=str(path), data_key=desk.vault.data_key(sha).hex(), raw_bytes=path.stat().st_size,
        suppliers=maps, supplier_folders=(str(desk.home.suppliers),), keys=keys or {}, lines=tuple(sorted(lines)),
        mentions=plain_mentions(mentions) if mentions else None,
    )  # fmt: skip


def identifiers_of(person: Person) -> tuple[tuple[str, str, str], ...]:
    """(kind, supplier, identifier) of what a form says of one person, as intake writes them; a supplier is named only
    for an agency's own number.

    Raises WrongUsage for an NHS number that is none.
    """
    said = pl.DataFrame({
        "nhs": [person.nhs_number or None], "surname": [person.surname or None], "forename": [person.forename or None],
        "born": [person.born],
    }, {"nhs": pl.String, "surname": pl.String, "forename": pl.String, "born": pl.Date})  # fmt: skip
    nhs = said.select(identifiers.nhs_number(pl.col("nhs"))).item()
    named = said.select(identifiers.name_and_birth(pl.col("surname"), pl.col("forename"), pl.col("born"))).item()
    if person.nhs_number and nhs is None:
        raise WrongUsage("That is not an NHS number: the check digit or the length is wrong.", expected="ten digits")
    known = [(kind, "", value) for kind, value in ((NHS_NUMBER, nhs), (NAME_BIRTH, named)) if value]
    for supplier, sent in person.references:
        tidy = pl.DataFrame({"sent": [sent]}).select(identifiers.reference(pl.col("sent"))).item()
        known.append((PERSON_REF, supplier, tidy))
    return tuple(known)


def _seeds(own: bytes, number: int, person: Person) -> pl.DataFrame:
    """The keyed hashes of what a form says of one person."""
    known = identifiers_of(person)
    if not known and not person.token:
        raise WrongUsage(
            "Too little is said of a person to find them, and nobody else.",
            expected="a token; or an NHS number; or surname, forename and date of birth; or an agency's own number",
        )
    named = [(kind, f"{kind}|{supplier}" if supplier else kind, value) for kind, supplier, value in known]
    hashed = [(number, kind, tokens(hash_key(own, key), [value])[0]) for kind, key, value in named]
    return pl.DataFrame(hashed, KEYS, orient="row")


def _by_token(desk: Desk, number: int, token: str) -> pl.DataFrame:
    """The records that a token stands for, whoever it was shown to."""
    found = [pl.DataFrame(schema=RECORDS)]
    for manifest in desk.warehouse.manifests():
        stored = desk.warehouse.person_tokens(manifest)
        meant = stored.filter(pl.col("person_token").is_in(_stored_as(desk, manifest, stored["person_token"], token)))
        found.append(meant.select(person=pl.lit(number, pl.Int64), file=pl.lit(manifest.raw_sha256), line="line"))
    records = pl.concat(found).unique()
    if records.is_empty():
        raise WrongUsage("No row that is held has this token.", expected="a token as it was shown to a reader")
    return records


def _stored_as(desk: Desk, manifest: Manifest, stored: pl.Series, token: str) -> list[str]:
    """Which of a reading's stored tokens this one is, or is a view of."""
    distinct = stored.unique().to_list()
    if token in distinct:
        return [token]
    for key in _view_keys(desk, manifest):
        if token.split(".")[1:2] == [key_id(key)]:
            return [one for one, seen in zip(distinct, tokens(key, distinct), strict=True) if seen == token]
    return []


def _view_keys(desk: Desk, manifest: Manifest) -> Iterator[bytes]:
    """The keys under which any reader may have seen a reading's tokens."""
    try:
        epoch = desk.keyring.secret(manifest.key_epoch)
    except EpochDestroyed:
        return
    if manifest.linkage_domain:
        yield linked_view_key(epoch, domain=manifest.linkage_domain, epoch=manifest.key_epoch)
    for agreement in sorted({one.name for one in desk.register.all()}):
        alone = f"{agreement}|{manifest.supplier}|{manifest.dataset}"
        for purpose in Purpose:
            for name in (agreement, alone):
                yield view_key(epoch, agreement=name, purpose=purpose.value, epoch=manifest.key_epoch)


def _mentions(
    desk: Desk, people: Sequence[Person], found: Found, maps: dict[str, tuple[str, ...]], run: FindRunner
) -> Mentions:  # fmt: skip
    """How they are written: as the form has it, and as each of their records has it."""
    told = Mentions.of(
        [(one.forename, one.surname) for one in people if one.forename and one.surname],
        [number for one in people if (number := "".join(filter(str.isdigit, one.nhs_number)))],
        [sent for one in people for _, sent in one.references],
    )
    for sha, lines in found.records.group_by("file").agg("line").rows():
        answer = run(job_on(desk, TELL, sha, maps[sha], lines=lines), _nothing)
        told |= mentions_of(answer.mentions)
    return told


def _nothing(_: bytes) -> None:
    return None
