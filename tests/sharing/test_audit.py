"""The audit chain: every edit is found and named, a crash leaves a note, and no entry means no action."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharing.county import AT
from upstander.errors import TryAgain
from upstander.sharing import AuditEvent, AuditHead, FileAuditLog
from upstander.sharing.audit import first_fault, linked

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
