"""Erasing: everything that `finding` found is taken out of everything that is held, file by file.

Names and lines are sealed first, so that a run that was killed anywhere is carried on by the next; their key is
destroyed at the end. Each step can be done twice, and changes nothing the second time.
"""

import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import polars as pl

from upstander.errors import WrongUsage
from upstander.intake.mentions import Mentions
from upstander.pipeline.desk import Desk
from upstander.pipeline.erasing import ledger
from upstander.pipeline.erasing.finding import Person, Sought, job_on, maps_read_with, seek
from upstander.pipeline.erasing.jobs import REWRITE, FindAnswer, FindingProcess, FindRunner
from upstander.pipeline.gate import note
from upstander.pipeline.held import erase_held, held_facts
from upstander.pipeline.keeping.copies import reachable_backups
from upstander.pipeline.keeping.mirroring import mirror
from upstander.pipeline.reading import no_reader
from upstander.pipeline.settling.keeping import forget_phrases, kept_phrases, readings_with_phrases
from upstander.values.durable import locked

_PATIENCE_S = 900.0
_BRIDGES = "bridges"
Tell = Callable[[str], None]
Lines = Mapping[str, Collection[int]]


@dataclass(frozen=True)
class Erased:
    """What was done, or (for a look) would be: people asked for, records and rows of theirs, files they are in.

    `opaque` counts files that nobody can look through, which are destroyed; `unsure` are (file, line) that only a
    shared identifier or a name alone ties to them: a person has to decide.
    """

    id: str
    people: int
    records: int
    files: int
    rows: int
    opaque: int
    unsure: tuple[tuple[str, int], ...]


def look(desk: Desk, people: Sequence[Person], *, by_name: bool = False, run: FindRunner | None = None) -> Erased:
    """What an erasure of these people would take out. Nothing is changed; that somebody looked is written down."""
    _needs_reason(desk, people)
    note(desk, action="erase", answer="looked", dataset="", about="")
    with _alone(desk), FindingProcess() as process:
        return _summary("", people, seek(desk, people, _NOBODY, run or process, by_name=by_name), rows=0)


def erase(
    desk: Desk, people: Sequence[Person], *, by_name: bool = False, run: FindRunner | None = None,
    tell: Tell = lambda _: None,
) -> Erased:  # fmt: skip
    """Erase these people from everything held and from every backup, after finishing what an earlier run left.

    by_name: records that have nothing of a person but this full name go too. Raises TryAgain where a backup is out of
    reach, WrongUsage for somebody of whom too little is said.
    """
    _needs_reason(desk, people)
    backups = reachable_backups(desk.home)
    with _alone(desk), FindingProcess() as process:
        _finish_open(desk, backups, run or process, tell)
        sought = seek(desk, people, _NOBODY, run or process, by_name=by_name)
        keys = tuple((int(person), str(kind), str(key)) for person, kind, key in sought.found.keys.rows())
        erasure = ledger.Erasure(
            ledger.next_id(desk.vault), desk.now().isoformat(), desk.who.person, desk.who.why, len(people), keys
        )
        note(desk, action="erase", answer="intent", dataset="", about=erasure.id, rows=sought.found.records.height)
        rows = _put_down_and_do(desk, erasure, sought, backups, run or process, tell)
        note(desk, action="erase", answer="done", dataset="", about=erasure.id, rows=rows)
    return _summary(erasure.id, people, sought, rows=rows)


def finish_erasures(desk: Desk, *, run: FindRunner | None = None) -> int:
    """Carry on with erasures that a killed run left; how many."""
    backups = reachable_backups(desk.home)
    with _alone(desk), FindingProcess() as process:
        return _finish_open(desk, backups, run or process, lambda _: None)


def erase_again(desk: Desk, known: Sequence[ledger.Erasure], *, run: FindRunner | None = None) -> int:
    """Erase everybody whom these records name from a restored home; how many records that took out."""
    gone = 0
    with _alone(desk), FindingProcess() as process:
        for erasure in known:
            sought = seek(desk, (), erasure.frame, run or process, by_name=False)
            _put_down_and_do(desk, erasure, sought, (), run or process, lambda _: None)
            note(desk, action="erase", answer="applied again", dataset="", about=erasure.id)
            gone += sought.found.records.height
    return gone


def _finish_open(desk: Desk, backups: Sequence[Path], run: FindRunner, tell: Tell) -> int:
    waiting = ledger.open_erasures(desk.vault)
    for todo in waiting:
        _carry_out(desk, todo, frozenset(), backups, run, tell)
        note(desk, action="erase", answer="done", dataset="", about=todo.id)
    return len(waiting)


def _put_down_and_do(
    desk: Desk, erasure: ledger.Erasure, sought: Sought, backups: Sequence[Path], run: FindRunner, tell: Tell
) -> int:
    records = tuple((int(person), str(file), int(line)) for person, file, line in sought.found.records.rows())
    todo = ledger.OpenErasure(erasure.id, records, sought.mentions)
    ledger.put_down(desk.vault, erasure, todo)
    return _carry_out(desk, todo, sought.opaque, backups, run, tell)


def _carry_out(
    desk: Desk, todo: ledger.OpenErasure, opaque: frozenset[str], backups: Sequence[Path], run: FindRunner, tell: Tell
) -> int:
    lines = todo.lines()
    rows = _clean_readings(desk, lines, todo.id) + erase_held(desk, lines, erasure=todo.id)
    _clean_quarantine(desk, lines, todo.mentions)
    _clean_phrases(desk, lines, todo.mentions)
    for bridge in desk.vault.names(_BRIDGES):
        desk.vault.destroy(_BRIDGES, bridge)  # it names their tokens, and can be built anew
    maps = maps_read_with(desk)
    for number, (sha, read_with) in enumerate(maps.items(), start=1):
        if sha in opaque:
            desk.vault.destroy("raw", sha)
        else:
            _clean_raw(desk, sha, read_with, lines.get(sha, ()), todo.mentions, run)
        tell(f"{number} of {len(maps)} files as they came")
    mirror(desk, backups)
    ledger.close(desk.vault, todo.id)
    return rows


def _clean_readings(desk: Desk, lines: Lines, erasure: str) -> int:
    said = f"A person's records were erased ({erasure})."
    return sum(
        desk.warehouse.erase(one, lines[one.raw_sha256], erasure=erasure, note=said)
        for one in desk.warehouse.manifests()
        if one.raw_sha256 in lines
    )


def _clean_raw(
    desk: Desk, sha: str, maps: tuple[str, ...], lines: Collection[int], mentions: Mentions, run: FindRunner
) -> None:  # fmt: skip
    """Write a raw file anew under its name, without them; one that nobody can look through is destroyed."""
    answers: list[FindAnswer] = []

    def write(sink: BinaryIO) -> bool:
        job = job_on(desk, REWRITE, sha, maps, lines=lines, mentions=mentions)
        answers.append(run(job, partial(_pour, sink)))
        return bool(answers[0].emptied or answers[0].changed)

    desk.vault.rewrite("raw", sha, write)
    if answers[0].is_opaque:
        desk.vault.destroy("raw", sha)


def _pour(sink: BinaryIO, content: bytes) -> None:
    sink.write(content)


def _clean_quarantine(desk: Desk, lines: Lines, mentions: Mentions) -> None:
    raw_of = {one.reading: one.raw_sha256 for one in desk.warehouse.manifests()}
    raw_of |= {one.reading: one.raw_sha256 for one in held_facts(desk)}
    for reading in desk.vault.names("quarantine"):
        with desk.vault.open_sealed("quarantine", reading) as source:
            before = list(batches_of(source.read()))
        theirs = lines.get(raw_of.get(reading, ""), ())
        after = [_without(batch, theirs, mentions, is_known=reading in raw_of) for batch in before]
        is_changed = any(not one.equals(other) for one, other in zip(before, after, strict=True))
        if is_changed:
            desk.vault.put_anew("quarantine", reading, b"".join(_framed(batch) for batch in after if batch.height))


def _clean_phrases(desk: Desk, lines: Lines, mentions: Mentions) -> None:
    """Destroy the waiting phrases of every reading that had a line of theirs, or in which a phrase names them."""
    raw_of = {one.reading: one.raw_sha256 for one in desk.warehouse.manifests()}
    raw_of |= {one.reading: one.raw_sha256 for one in held_facts(desk)}
    for reading in readings_with_phrases(desk):
        texts = pl.Series([one.phrase for one in kept_phrases(desk, reading)], dtype=pl.String)
        if raw_of.get(reading, "") in lines or reading not in raw_of or mentions.may_be_in(texts).any():
            forget_phrases(desk, reading)


def _without(batch: pl.DataFrame, lines: Collection[int], mentions: Mentions, *, is_known: bool) -> pl.DataFrame:
    """The batch without these lines, and each mention in other records written over; of a reading whose file is not
    known any more, a record that mentions somebody goes.
    """
    left = batch.filter(~pl.col("line").is_in(list(lines)))
    may_mention = mentions.may_be_in(left["record"])
    if not may_mention.any():
        return left
    masked = [mentions.masked(text) if may else text for text, may in zip(left["record"], may_mention, strict=True)]
    told = left.with_columns(record=pl.Series(masked, dtype=pl.String))
    return told if is_known else told.filter(told["record"] == left["record"])


def batches_of(content: bytes) -> Iterator[pl.DataFrame]:
    """The batches of a quarantine file: each an Arrow IPC stream with its length before it."""
    at = 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 8], "big")
        yield pl.read_ipc_stream(io.BytesIO(content[at + 8 : at + 8 + size]))
        at += 8 + size


def _framed(batch: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    # Offsets, not views: a view's buffer goes on holding the rows that were filtered out of it.
    batch.write_ipc_stream(buffer, compat_level=pl.CompatLevel.oldest())
    return len(buffer.getvalue()).to_bytes(8, "big") + buffer.getvalue()


def _summary(name: str, people: Sequence[Person], sought: Sought, *, rows: int) -> Erased:
    found = sought.found
    return Erased(
        id=name, people=len(people), records=found.records.height, files=found.records["file"].n_unique(), rows=rows,
        opaque=len(sought.opaque), unsure=tuple((str(file), int(line)) for file, line in found.unsure.rows()),
    )  # fmt: skip


def _needs_reason(desk: Desk, people: Sequence[Person]) -> None:
    if not desk.who.why.strip():
        raise WrongUsage("An erasure needs a reason.", expected="--why TEXT")
    if not people:
        raise WrongUsage("Nobody is named.", expected="a token, or a form")


@contextmanager
def _alone(desk: Desk) -> Iterator[None]:
    """Nobody delivers, and no orphan of a killed delivery reads, while it lasts."""
    with locked(desk.home.root / "locks" / "intake", patience_s=_PATIENCE_S), no_reader(desk.home.root):
        yield


_NOBODY = pl.DataFrame(schema=ledger.KEYS)
