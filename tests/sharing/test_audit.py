"""The audit chain: every edit is found and named, a crash leaves a note, and no entry means no action."""

import hashlib
import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharing.county import AT
from upstander.errors import TryAgain
from upstander.sharing import AuditEntry, AuditEvent, AuditFault, AuditHead, AuditSearch, FileAuditLog
from upstander.sharing.audit import GENESIS, chained, entry_of, first_fault, first_word, linked, whole_entries

SECOND = timedelta(seconds=1)

EVENT = AuditEvent(
    AT, "A. Analyst", "vrn", "strategic", "police_incidents", ("rms",), ("offence_code",), "read", "allowed",
    "board paper", "pact", 12,
)  # fmt: skip


@pytest.fixture
def log(tmp_path):
    return FileAuditLog(tmp_path)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "audit" / "audit.jsonl"


def _chain(length):
    lines, entry = [], None
    for n in range(length):
        entry, line = linked(replace(EVENT, rows=n), entry)
        lines.append(line)
    return lines, AuditHead(entry.seq, entry.hash)


def test_what_is_written_is_read_again(log):
    first, second = log.append(EVENT), log.append(replace(EVENT, answer="refused: expired", rows=None, agreement=""))
    assert list(log.entries()) == [first, second]
    assert (first.seq, second.seq, second.previous) == (1, 2, first.hash)
    assert first.event == EVENT
    assert log.verify() is None
    assert log.head() == AuditHead(2, second.hash)


def test_an_empty_log_is_sound(log):
    assert (list(log.entries()), log.verify(), log.head()) == ([], None, None)


def test_a_log_only_ever_grows(log, path):
    log.append(EVENT)
    before = path.read_bytes()
    log.append(EVENT)
    assert path.read_bytes().startswith(before)


def test_every_line_is_canonical_json(log, path):
    log.append(EVENT)
    line = path.read_bytes().removesuffix(b"\n")
    assert json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == line


def test_two_writers_take_turns(tmp_path):
    one, other = FileAuditLog(tmp_path), FileAuditLog(tmp_path)
    assert [log.append(EVENT).seq for log in (one, other, one)] == [1, 2, 3]
    assert one.verify() is None


def test_words_that_look_like_an_entry_stay_words(log):
    log.append(replace(EVENT, why='"}\n{"entry":{},"hash":"' + "0" * 64))
    log.append(replace(EVENT, person="Zoë\u2028\x85 Ångström"))
    log.append(EVENT)
    assert log.verify() is None
    assert len(list(log.entries())) == 3


def test_a_long_entry_is_found_again(log):
    log.append(replace(EVENT, fields=tuple(f"field_{n}" for n in range(20_000))))
    assert log.append(EVENT).seq == 2
    assert log.verify() is None


@pytest.mark.parametrize("cut", [1, 2, 30, 200])
def test_a_line_cut_by_a_crash_is_marked_and_the_chain_goes_on(log, path, cut):
    log.append(EVENT)
    whole = log.append(EVENT)
    log.append(EVENT)
    path.write_bytes(path.read_bytes()[: -cut - 1])
    after = log.append(replace(EVENT, why="after the crash"))
    entries = list(log.entries())
    assert [entry.event.action for entry in entries] == ["read", "read", "note", "read"]
    assert entries[2].previous == whole.hash
    assert after == entries[-1]
    assert "unfinished" in entries[2].event.why
    assert log.verify() is None


def test_a_whole_line_without_its_ending_counts_as_written(log, path):
    log.append(EVENT)
    path.write_bytes(path.read_bytes()[:-1])
    assert log.append(EVENT).seq == 2
    assert log.verify() is None


def test_a_crash_while_a_crash_is_marked_is_marked_too(log, path):
    log.append(EVENT)
    whole = path.read_bytes()
    for left in (b'{"entry":{"action"', b'{"entry":{"action"\n{"entry":{"action":"note"', b"\x00" * 512):
        path.write_bytes(whole + left)
        assert log.append(EVENT).seq == 3
        assert log.verify() is None
        assert left in path.read_bytes()


def test_a_log_that_a_crash_left_unfinished_is_sound_before_the_next_entry(log, path):
    log.append(EVENT)
    path.write_bytes(path.read_bytes() + b'{"entry":')
    assert log.verify() is None


def test_marked_bytes_cannot_be_edited_or_taken_away(log, path):
    log.append(EVENT)
    path.write_bytes(path.read_bytes() + b'{"entry":{"half')
    log.append(EVENT)
    for changed in (
        path.read_bytes().replace(b"half", b"calf"),
        path.read_bytes().replace(b'{"entry":{"half\n', b"x\n"),
    ):
        assert first_fault(changed.splitlines(keepends=True)).seq == 2


def test_lines_that_are_no_entries_need_a_note():
    lines, _ = _chain(4)
    fault = first_fault([*lines[:2], b"nothing to see here\n", *lines[2:]])
    assert (fault.line, fault.seq) == (4, 3)
    assert "not the note" in fault.what


def test_an_action_is_refused_when_the_log_cannot_be_written(tmp_path):
    (tmp_path / "audit").write_text("a file where the folder should be")
    with pytest.raises(TryAgain, match="could not be written, so nothing was read"):
        FileAuditLog(tmp_path).append(EVENT)


def test_a_failed_sync_refuses_the_action(log, monkeypatch):
    def failing(_):
        raise OSError(28, "No space left on device")

    log.append(EVENT)
    monkeypatch.setattr("upstander.sharing.log.os.fsync", failing)
    with pytest.raises(TryAgain, match="No space left"):
        log.append(EVENT)


def _edited(lines, n):
    return [*lines[:n], lines[n].replace(b'"vrn"', b'"vrm"'), *lines[n + 1 :]]


def _rehashed(lines, n):
    """The last resort of a careful forger: the entry is changed and its own hash made to fit."""
    entry = json.loads(lines[n])
    entry["entry"]["person"] = "N. Obody"
    changed = json.loads(linked(EVENT, None)[1]) | entry
    body = json.dumps(changed["entry"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    changed["hash"] = hashlib.sha256(changed["previous"].encode() + body).hexdigest()
    line = json.dumps(changed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    return [*lines[:n], line, *lines[n + 1 :]]


@pytest.mark.parametrize(
    ("change", "seq"),
    [
        (lambda lines: _edited(lines, 4), 5),
        (lambda lines: _rehashed(lines, 4), 6),  # it is the next entry that no longer follows
        (lambda lines: lines[:4] + lines[5:], 5),
        (lambda lines: lines[1:], 1),
        (lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]], 5),
        (lambda lines: [*lines[:4], lines[3], *lines[4:]], 5),
        (lambda lines: [*lines[:4], _chain(1)[0][0], *lines[4:]], 5),
        (lambda lines: lines[:7], 8),
        (lambda lines: [], 1),
    ],
)
def test_the_first_bad_entry_is_named(change, seq):
    lines, head = _chain(10)
    fault = first_fault(change(lines), [head])
    assert fault is not None
    assert fault.seq == seq


def test_a_chain_written_anew_from_the_start_is_found_by_its_head():
    _, head = _chain(10)
    lines, entry = [], None
    for n in range(10):
        entry, line = linked(replace(EVENT, rows=n + 1), entry)
        lines.append(line)
    assert first_fault(lines) is None
    assert first_fault(lines, [head]).seq == 10


def test_a_chain_may_have_grown_since_its_head_was_taken():
    lines, _ = _chain(10)
    _, head = _chain(6)
    assert first_fault(lines, [head]) is None


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_any_changed_byte_is_found(place, flip):
    lines, head = _chain(8)
    content = bytearray(b"".join(lines))
    content[place % len(content)] ^= flip
    assert first_fault(bytes(content).splitlines(keepends=True), [head]) is not None


# ── Searching ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wanted", "is_found"),
    [
        ({}, True),
        ({"person": "A. Analyst", "agency": "vrn", "dataset": "police_incidents", "action": "read"}, True),
        ({"subject": "u1.abc"}, True),
        ({"subjects": frozenset({"u1.abc", "u1.other"})}, True),
        ({"subjects": frozenset({"u1.ab"})}, False),
        ({"agreement": "one", "purpose": "strategic", "answer": "refused"}, True),
        ({"agreement": "two"}, True),
        ({"agreement": "tw"}, False),
        ({"agreement": "one, two"}, False),
        ({"purpose": "operational"}, False),
        ({"answer": "refuse"}, False),
        ({"answer": "refused:"}, False),
        ({"before": 2}, True),
        ({"before": 1}, False),
        ({"person": "A. Analys"}, False),
        ({"agency": "police"}, False),
        ({"dataset": "ed_assaults"}, False),
        ({"action": "rea"}, False),
        ({"action": "read again"}, False),
        ({"subject": "u1.abd"}, False),
        ({"person": "A. Analyst", "agency": "police"}, False),
        ({"since": AT}, True),
        ({"since": AT + SECOND}, False),
        ({"until": AT + SECOND}, True),
        ({"until": AT}, False),
        ({"since": AT, "until": AT + SECOND}, True),
    ],
)
def test_a_search_finds_whole_words_from_a_moment_up_to_another(log, wanted, is_found):
    log.append(
        replace(EVENT, action="read again", subject="u1.abc", agreement="one, two", answer="refused: it has ended")
    )
    assert len(list(log.search(AuditSearch(**wanted)))) == is_found


def test_a_search_gives_the_newest_first(log):
    log.append_all([replace(EVENT, rows=n) for n in range(3)])
    assert [entry.event.rows for entry in log.search(AuditSearch())] == [2, 1, 0]


# ── What is found ────────────────────────────────────────────────────────────────────────────────────────────────────


def _signed(seq, previous=GENESIS):
    """A sound line that calls itself by another number than its place."""
    return linked(EVENT, AuditEntry(seq - 1, EVENT, "", previous))[1]


def test_each_fault_of_a_chain_is_named_with_its_line_and_entry():
    lines, head = _chain(3)
    bare = b"nothing to see here\n"
    other = AuditHead(3, "0" * 64)
    assert {
        "gone": first_fault([lines[0], lines[2]]),
        "changed": first_fault([lines[0].replace(b'"vrn"', b'"vrm"'), *lines[1:]]),
        "number": first_fault([_signed(2)]),
        "no note": first_fault([bare, *lines]),
        "cut": first_fault(lines[:2], [head]),
        "emptied": first_fault([], [AuditHead(1, lines[0].split(b'"hash":"')[1][:64].decode()), head]),
        "cut and torn": first_fault([*lines[:2], bare], [head]),
        "forged": first_fault(lines, [other]),
        "heads": first_fault(lines, [AuditHead(5, "a"), AuditHead(5, "b"), head, other]),
    } == {
        "gone": AuditFault(2, 2, "it does not follow the entry before it: one was dropped, added or moved"),
        "changed": AuditFault(1, 1, "it was changed after it was written"),
        "number": AuditFault(1, 1, "it calls itself entry 2"),
        "no note": AuditFault(2, 1, "the lines before it are no entries, and it is not the note on them"),
        "cut": AuditFault(3, 3, "the chain ends at entry 2; it once had 3"),
        "emptied": AuditFault(1, 1, "the chain ends at entry 0; it once had 3"),
        "cut and torn": AuditFault(4, 3, "the chain ends at entry 2; it once had 3"),
        "forged": AuditFault(3, 3, "it is not the entry that was the last one when the head was taken"),
        "heads": AuditFault(
            0, 3, "two heads kept elsewhere disagree on it: the chain was written anew between"
        ),
    }  # fmt: skip


@pytest.mark.parametrize("left", [b"half", b"half\n", b"ha\nlf\n\n", b"XX"])
def test_the_note_on_unfinished_bytes_says_how_many_and_their_hash(left):
    whole = left.rstrip(b"\n")
    entries, lines = chained([EVENT, replace(EVENT, at=AT + SECOND)], None, left)
    assert [entry.seq for entry in entries] == [2, 3]
    note = entry_of(lines[0]).event
    assert note == AuditEvent(
        AT, "", "", "stewardship", "", (), (), "note", "marked",
        f"A crash left {len(whole)} bytes unfinished before this entry, SHA-256 {hashlib.sha256(whole).hexdigest()}.",
        "",
    )  # fmt: skip
    assert first_fault([*left.splitlines(keepends=True), *lines]) is None


def test_nothing_is_noted_where_nothing_follows():
    assert chained([], None, b"half") == ([], [])


@pytest.mark.parametrize(
    "body",
    [
        b'{"seq":1}',
        b'{"at":"no day","fields":[],"seq":1,"suppliers":[]}',
        b'{"at":7,"fields":[],"seq":1,"suppliers":[]}',
        b'{"at":"2026-11-01T09:00:00+00:00","fields":[],"seq":1,"suppliers":[],"surprise":1}', b"{not json}",
    ],
)  # fmt: skip
def test_a_line_in_the_right_shape_that_holds_no_event_is_no_entry(body):
    line = b'{"entry":%b,"hash":"%b","previous":"%b"}\n' % (body, b"0" * 64, b"0" * 64)
    assert entry_of(line) is None
    assert list(whole_entries([line, linked(EVENT, None)[1]])) == [linked(EVENT, None)[0]]


def test_a_line_is_spelt_as_it_always_was_so_that_old_chains_still_hold():
    line = linked(replace(EVENT, rows=None), None)[1]
    body = (
        b'{"action":"read","agency":"vrn","agreement":"pact","answer":"allowed","at":"2026-11-01T09:00:00+00:00",'
        b'"dataset":"police_incidents","fields":["offence_code"],"person":"A. Analyst","purpose":"strategic",'
        b'"rows":null,"seq":1,"suppliers":["rms"],"why":"board paper"}'
    )
    digest = hashlib.sha256(b"0" * 64 + body).hexdigest().encode()
    assert line == b'{"entry":' + body + b',"hash":"' + digest + b'","previous":"' + b"0" * 64 + b'"}\n'
    assert b'"subject":"u1.abc"' in linked(replace(EVENT, subject="u1.abc"), None)[1]


# ── On the disk ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_is_whole_in_the_file_when_it_is_forced_to_the_disk(log, path, monkeypatch):
    sizes = []
    monkeypatch.setattr("upstander.sharing.log.os.fsync", lambda file: sizes.append(os.fstat(file).st_size))
    log.append(EVENT)
    assert path.stat().st_size in sizes


def test_the_folder_of_a_new_log_is_forced_to_the_disk_once(log, path, monkeypatch):
    folders = []
    monkeypatch.setattr("upstander.sharing.log.sync_folder", folders.append)
    log.append(EVENT)
    assert folders == [path.parent]
    log.append(EVENT)
    assert folders == [path.parent]


def test_a_home_keeps_its_log_in_one_file_and_its_lock_with_the_other_locks(log, tmp_path):
    log.append(EVENT)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")} == {
        "audit", "audit/audit.jsonl", "locks", "locks/audit",
    }  # fmt: skip


def test_what_could_not_be_written_is_told_with_its_place_and_what_it_needs(tmp_path):
    (tmp_path / "audit").write_text("a file where the folder should be")
    with pytest.raises(TryAgain) as refused:
        FileAuditLog(tmp_path).append(EVENT)
    facts = refused.value.facts()
    assert facts["message"].startswith("The audit log could not be written, so nothing was read or changed: ")
    assert facts["message"].endswith(f"{refused.value.__cause__.strerror}.")
    assert (facts["where"], facts["expected"]) == (
        str(tmp_path / "audit" / "audit.jsonl"), "room and rights to write there",
    )  # fmt: skip


def test_many_entries_are_written_in_order_and_the_last_one_is_returned(log):
    entries = log.append_all([replace(EVENT, rows=n) for n in range(3)])
    assert [entry.event.rows for entry in entries] == [0, 1, 2]
    assert log.append(EVENT).previous == entries[-1].hash
    assert list(log.append_all([])) == []


def test_the_last_entry_is_found_behind_more_unfinished_bytes_than_are_read_at_once(log, path):
    last = log.append(EVENT)
    path.write_bytes(path.read_bytes() + b"\n".join([b"x" * 5_000] * 100))
    assert log.head() == AuditHead(1, last.hash)
    assert log.append(EVENT).seq == 3
    assert log.verify() is None


def test_bytes_without_any_entry_are_noted_too(log, path):
    path.parent.mkdir()
    path.write_bytes(b"x" * 200_000)
    assert (log.head(), log.append(EVENT).seq, log.verify()) == (None, 2, None)


def test_an_entry_inside_a_longer_line_is_none_wherever_reading_begins(log, path):
    first = log.append(EVENT)
    inside = linked(EVENT, first)[1]
    rest = inside + b"x" * ((1 << 16) - len(inside))  # the last 64 KiB begin where the entry inside does
    path.write_bytes(path.read_bytes() + b"torn" + rest)
    assert log.head() == AuditHead(1, first.hash)


@pytest.mark.parametrize(
    ("said", "word"), [("read again", "read"), ("refused: it has ended", "refused"), ("SYNTAX: x", "SYNTAX"), ("", "")]
)
def test_the_first_word_of_what_was_said_stands_without_its_colon(said, word):
    assert first_word(said) == word
