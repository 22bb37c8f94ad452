"""Heads kept outside: ten thousand ways of changing a chain are found, and a place that is away is named."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sharing.county import AT
from upstander.sharing import (
    Anchor,
    AnchoredLog,
    AuditEvent,
    AuditHead,
    AuditSearch,
    FileAuditLog,
    first_fault,
    head_line,
    kept_at,
)
from upstander.sharing.audit import linked

EVENT = AuditEvent(
    AT, "A. Analyst", "vrn", "strategic", "police_incidents", ("rms",), ("offence_code",), "read", "allowed",
    "board paper", "pact", 12,
)  # fmt: skip
LENGTH, SEED = 24, 11
Chain = list[bytes]
Change = Callable[[random.Random, Chain], Chain]


def _chain(events: Sequence[AuditEvent]) -> Chain:
    lines, entry = [], None
    for event in events:
        entry, line = linked(event, entry)
        lines.append(line)
    return lines


def _events() -> list[AuditEvent]:
    return [replace(EVENT, rows=n, person=f"person {n % 5}", why=f"reason {n}") for n in range(LENGTH)]


CHAIN = _chain(_events())
HEAD = AuditHead(LENGTH, CHAIN[-1].split(b'"hash":"')[1][:64].decode())


def _flip(chance: random.Random, lines: Chain) -> Chain:
    content = bytearray(b"".join(lines))
    content[chance.randrange(len(content))] ^= chance.randrange(1, 256)
    return bytes(content).splitlines(keepends=True)


def _drop(chance: random.Random, lines: Chain) -> Chain:
    start = chance.randrange(len(lines))
    return lines[:start] + lines[start + chance.randint(1, len(lines) - start) :]


def _truncate(chance: random.Random, lines: Chain) -> Chain:
    content = b"".join(lines)
    return content[: chance.randrange(len(content) - 1)].splitlines(keepends=True)


def _move(chance: random.Random, lines: Chain) -> Chain:
    one, other = chance.sample(range(len(lines)), 2)
    moved = list(lines)
    moved[one], moved[other] = moved[other], moved[one]
    return moved


def _repeat(chance: random.Random, lines: Chain) -> Chain:
    at = chance.randrange(len(lines))
    return [*lines[:at], chance.choice(lines), *lines[at:]]


def _insert(chance: random.Random, lines: Chain) -> Chain:
    at = chance.randrange(len(lines))
    junk = bytes(chance.randrange(32, 127) for _ in range(chance.randint(1, 80))) + b"\n"
    return [*lines[:at], junk, *lines[at:]]


def _rewrite(chance: random.Random, lines: Chain) -> Chain:
    """Everything from the first entry on with hashes that fit: only a head kept elsewhere can tell."""
    events = _events()
    at = chance.randrange(len(events))
    events[at] = replace(events[at], why=f"reason {chance.randrange(10**6, 10**7)}")
    return _chain(events)


def _shorten(chance: random.Random, lines: Chain) -> Chain:
    """The same, with an entry left out, and others after it so that the length fits."""
    events = _events()
    del events[chance.randrange(len(events) - 1)]
    return _chain([*events, replace(EVENT, rows=chance.randrange(100, 10_000))])


CHANGES: tuple[Change, ...] = (_flip, _drop, _truncate, _move, _repeat, _insert, _rewrite, _shorten)


def test_the_chain_that_nobody_changed_is_found_sound() -> None:
    assert first_fault(CHAIN, [HEAD]) is None


def test_ten_thousand_random_edits_cuts_and_rewrites_are_all_found(proof: Callable[..., None]) -> None:
    chance = random.Random(SEED)
    missed = {change.__name__: 0 for change in CHANGES}
    for number in range(10_000):
        change = CHANGES[number % len(CHANGES)]
        changed = change(chance, CHAIN)
        # A swap of equal lines, or a cut after the last byte that matters, would be no change.
        if changed != CHAIN and first_fault(changed, [HEAD]) is None:
            missed[change.__name__] += 1
    found = 10_000 - sum(missed.values())
    proof("edits, cuts and rewrites of the audit log found", figure=found, goal="10,000 of 10,000", seed=SEED)
    assert not any(missed.values()), missed


def test_without_a_head_kept_elsewhere_a_rewrite_would_not_be_found() -> None:
    rewritten = _rewrite(random.Random(1), CHAIN)
    assert first_fault(rewritten) is None
    assert first_fault(rewritten, [HEAD]) is not None


# ── Places outside ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "share").mkdir()
    return tmp_path / "share" / "heads.jsonl"


def _anchored(tmp_path: Path, *places: Path) -> AnchoredLog:
    return AnchoredLog(FileAuditLog(tmp_path / "home"), places)


def test_each_append_leaves_its_head_outside(tmp_path: Path, place: Path) -> None:
    log = _anchored(tmp_path, place)
    first, second = log.append(EVENT), log.append_all([EVENT, EVENT])[-1]
    assert kept_at(place).heads == (AuditHead(1, first.hash), AuditHead(3, second.hash))
    assert (log.verify(), log.head()) == (None, AuditHead(3, second.hash))
    assert len(list(log.search(AuditSearch(person="A. Analyst")))) == 3


def test_a_chain_written_anew_or_cut_in_the_home_is_found_by_the_place(tmp_path: Path, place: Path) -> None:
    log = _anchored(tmp_path, place)
    log.append_all(_events())
    path = tmp_path / "home" / "audit" / "audit.jsonl"
    whole = path.read_bytes()
    for forged in (_rewrite(random.Random(2), CHAIN), CHAIN[:-1], []):
        path.write_bytes(b"".join(forged))
        assert FileAuditLog(tmp_path / "home").verify() is None
        assert log.verify() is not None
    path.write_bytes(whole)
    assert log.verify() is None


def test_a_place_that_is_away_stops_nothing_and_is_named(tmp_path: Path, place: Path) -> None:
    away = tmp_path / "not there" / "heads.jsonl"
    log = _anchored(tmp_path, away, place)
    log.append(EVENT)
    assert [anchor.trouble for anchor in log.anchors()] == ["cannot be reached", ""]
    assert not away.parent.exists()
    away.parent.mkdir()
    log.append(EVENT)
    assert [head.seq for head in kept_at(away).heads] == [2]


def test_a_line_that_was_not_finished_is_passed_over_and_a_strange_one_is_named(tmp_path: Path, place: Path) -> None:
    log = _anchored(tmp_path, place)
    log.append(EVENT)
    whole = place.read_bytes()
    place.write_bytes(whole + b'{"hash":"9')
    assert (kept_at(place).trouble, len(kept_at(place).heads)) == ("", 1)
    log.append(EVENT)
    assert kept_at(place).trouble == "line 2 is no head of a chain"
    assert [head.seq for head in kept_at(place).heads] == [1, 2]


def test_an_anchored_log_reads_as_the_log_that_it_holds(tmp_path: Path, place: Path) -> None:
    log, bare = _anchored(tmp_path, place), FileAuditLog(tmp_path / "home")
    log.append_all(_events())
    assert (list(log.entries()), list(log.lines())) == (list(bare.entries()), list(bare.lines()))
    assert list(log.lines()) == CHAIN


def test_where_nothing_is_written_no_head_is_left(tmp_path: Path, place: Path) -> None:
    assert list(_anchored(tmp_path, place).append_all([])) == []
    assert not place.exists()


WHOLE = head_line(HEAD)


@pytest.mark.parametrize(
    ("content", "count", "trouble"),
    [
        (b"", 0, ""),
        (WHOLE, 1, ""),
        (WHOLE + WHOLE[:-1], 2, ""),
        (WHOLE + WHOLE[:-9], 1, ""),
        (WHOLE[:-9], 0, ""),
        (b"\n" + WHOLE + b"x", 1, "line 1 is no head of a chain"),
        (WHOLE + b"x\n", 1, "line 2 is no head of a chain"),
        (WHOLE + b"x\n" + WHOLE + b"y\n", 2, "line 2 is no head of a chain"),
        (WHOLE + b"\nx", 1, "line 2 is no head of a chain"),
        *((line + b"\n" + WHOLE, 1, "line 1 is no head of a chain")
          for line in (b"[]", b"{}", b'{"seq":"x","hash":"y"}', b'{"seq":1}', b"\xff")),
    ],
)  # fmt: skip
def test_a_place_is_read_up_to_a_line_that_was_not_finished(
    place: Path, content: bytes, count: int, trouble: str
) -> None:
    place.write_bytes(content)
    assert kept_at(place) == Anchor(place, (HEAD,) * count, trouble)


def test_a_head_is_one_line_of_canonical_json() -> None:
    assert head_line(AuditHead(7, "ab")) == b'{"hash":"ab","seq":7}\n'
