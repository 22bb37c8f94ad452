"""The store keeps what files kept, by the same rules, on SQLite and on PostgreSQL."""

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import tomli_w
from django.db import DatabaseError, connections, transaction

from sharing.county import terms_as_sent
from upstander.errors import NotAcceptable, TryAgain, WrongUsage
from upstander.sharing import (
    ActKind,
    AuditEvent,
    AuditHead,
    AuditSearch,
    Decision,
    FileAgreements,
    FileAuditLog,
    first_fault,
)
from upstander.web.store import DATABASE_VARIABLE, Store, open_store
from web.postgres import Server

AT = datetime(2026, 11, 1, 9, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
EVENT = AuditEvent(AT, "A. Analyst", "vrn", "strategic", "police_incidents", ("rms",), ("age_band",), "read", "allowed",
                   "board paper", "pact", 12)  # fmt: skip
TERMS = tomli_w.dumps(terms_as_sent()).encode()
Open = Callable[[], Store]


@pytest.fixture
def store(opened: Open) -> Store:
    return opened()


def _events(count: int) -> list[AuditEvent]:
    return [replace(EVENT, rows=n, at=AT + timedelta(seconds=n)) for n in range(count)]


def _sql(store: Store, words: str) -> None:
    with transaction.atomic(using=store.alias), connections[store.alias].cursor() as cursor:
        cursor.execute(words)


# ── The audit log ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_events_make_the_same_lines_as_in_a_file(store: Store, tmp_path: Path) -> None:
    log = FileAuditLog(tmp_path / "files")
    for event in _events(5):
        log.append(event)
    store.audit.append_all(_events(5))
    assert list(store.audit.lines()) == list(log.lines())
    assert (store.audit.head(), store.audit.verify()) == (log.head(), None)


def test_an_entry_is_there_for_everyone_once_append_returns(opened: Open) -> None:
    entry = opened().audit.append(EVENT)
    again = opened()
    assert (again.audit.head(), list(again.audit.entries())) == (AuditHead(1, entry.hash), [entry])


def test_entries_are_found_by_person_dataset_and_the_one_who_was_shown(store: Store) -> None:
    store.audit.append_all([*_events(3), replace(EVENT, person="B. Other", subject="u1.abc.def")])
    assert [entry.seq for entry in store.audit.search(AuditSearch(person="A. Analyst"))] == [3, 2, 1]
    assert [entry.event.person for entry in store.audit.search(AuditSearch(subject="u1.abc.def"))] == ["B. Other"]


def test_a_search_of_the_database_finds_what_a_search_of_the_file_finds(store: Store, tmp_path: Path) -> None:
    kinds = itertools.product(
        ("read", "read again", "reader"), ("allowed", "refused: the pact has ended", "refused"),
        ("", "pact", "a pact", "act, pact"), ("", "u1.abc.def"),
    )  # fmt: skip
    events = [
        replace(EVENT, at=EVENT.at + timedelta(hours=hour), action=action, answer=answer, agreement=names, subject=one)
        for hour, (action, answer, names, one) in enumerate(kinds)
    ]
    log = FileAuditLog(tmp_path / "files")
    log.append_all(events)
    store.audit.append_all(events)
    for wanted in (
        AuditSearch(action="read"), AuditSearch(answer="refused"), AuditSearch(agreement="pact"),
        AuditSearch(agreement="pact", action="read", answer="allowed"), AuditSearch(answer="refused", before=40),
        AuditSearch(subjects=frozenset({"u1.abc.def", "u1.x.y"}), purpose=EVENT.purpose, before=30),
        AuditSearch(since=EVENT.at + timedelta(hours=9), until=EVENT.at + timedelta(hours=50)),
    ):  # fmt: skip
        found = list(store.audit.search(wanted))
        assert found == list(log.search(wanted))
        assert 0 < len(found) < len(events)


@pytest.mark.parametrize("words", ["UPDATE audit_line SET person = 'x'", "DELETE FROM audit_line"])
def test_the_database_itself_refuses_to_change_or_remove_a_line(store: Store, words: str) -> None:
    store.audit.append_all(_events(3))
    with pytest.raises(DatabaseError, match="never changed or removed"):
        _sql(store, words)
    assert (store.audit.verify(), store.audit.head().seq) == (None, 3)


@pytest.mark.parametrize("table", ["agreements_version", "agreements_act"])
def test_the_database_itself_refuses_to_change_what_was_signed(store: Store, table: str) -> None:
    store.register.sign(TERMS, person="M. Ashdown", at=AT)
    store.register.act(Decision(ActKind.SUSPENDED, "pact", "M. Ashdown", LATER, "a breach"))
    with pytest.raises(DatabaseError, match="never changed or removed"):
        _sql(store, f"DELETE FROM {table}")


def _untriggered(store: Store) -> None:
    """As an administrator with all rights could do: the triggers are taken away first."""
    if connections[store.alias].vendor == "postgresql":
        _sql(store, "DROP TRIGGER audit_line_no_change ON audit_line")
    else:
        for verb in ("UPDATE", "DELETE"):
            _sql(store, f"DROP TRIGGER audit_line_no_{verb}")


@pytest.mark.parametrize(
    ("words", "seq"),
    [
        ("DELETE FROM audit_line WHERE number = 3", 3),
        ("DELETE FROM audit_line WHERE number > 4", 5),
        ("UPDATE audit_line SET person = 'N. Obody' WHERE number = 2", 2),
        ("UPDATE audit_line SET subject = '' WHERE number = 6", 6),
        ("UPDATE audit_line SET content = (SELECT content FROM audit_line WHERE number = 1) WHERE number = 4", 4),
    ],
)
def test_whoever_takes_the_triggers_away_first_is_found_all_the_same(store: Store, words: str, seq: int) -> None:
    store.audit.append_all([*_events(5), replace(EVENT, subject="u1.abc.def")])
    head = store.audit.head()
    _untriggered(store)
    _sql(store, words)
    assert store.audit.verify([head]).seq == seq


def test_a_line_that_cannot_be_written_stops_whoever_asked(store: Store, environ: Mapping[str, str]) -> None:
    store.audit.append(EVENT)
    if DATABASE_VARIABLE in environ:
        _sql(store, "ALTER TABLE audit_line ADD CONSTRAINT full_disk CHECK (number < 2) NOT VALID")
    else:
        _sql(store, "PRAGMA max_page_count = 1")
    with pytest.raises(TryAgain, match="could not be written, so nothing was read or changed"):
        store.audit.append_all(_events(500))
    assert store.audit.head().seq == 1


_APPENDS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import os
from upstander.sharing import AuditEvent
from upstander.web.store import open_store
store = open_store(Path(sys.argv[1]), environ=os.environ)
for n in range(25):
    store.audit.append(AuditEvent(datetime.now(UTC), sys.argv[2], "vrn", "", "d", (), (), "read", "allowed", "", ""))
"""


def test_processes_that_write_at_once_make_one_unbroken_chain(
    opened: Open, tmp_path: Path, environ: Mapping[str, str]
) -> None:
    store = opened()
    writers = [
        subprocess.Popen([sys.executable, "-c", _APPENDS, str(tmp_path / "home"), name], env={**os.environ, **environ})
        for name in "abcd"
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0, 0]
    assert (store.audit.verify(), store.audit.head().seq) == (None, 100)


# ── What lay in files is carried on ──────────────────────────────────────────────────────────────────────────────────


def test_a_chain_that_began_in_a_file_is_carried_on_line_for_line(opened: Open, tmp_path: Path) -> None:
    log = FileAuditLog(tmp_path / "home")
    for event in _events(7):
        log.append(event)
    before, head = list(log.lines()), log.head()
    store = opened()
    assert list(store.audit.lines()) == before
    store.audit.append(EVENT)
    assert (store.audit.verify([head]), store.audit.head().seq) == (None, 8)


def test_bytes_that_a_crash_left_unfinished_are_carried_on_with_a_note(opened: Open, tmp_path: Path) -> None:
    FileAuditLog(tmp_path / "home").append(EVENT)
    with (tmp_path / "home" / "audit" / "audit.jsonl").open("ab") as file:
        file.write(b'{"entry":{"act')
    store = opened()
    store.audit.append(EVENT)
    assert (store.audit.verify(), [entry.event.action for entry in store.audit.entries()]) == (
        None,
        ["read", "note", "read"],
    )


def test_a_broken_chain_is_not_carried_on(opened: Open, tmp_path: Path) -> None:
    log = FileAuditLog(tmp_path / "home")
    log.append(EVENT)
    path = tmp_path / "home" / "audit" / "audit.jsonl"
    path.write_bytes(path.read_bytes().replace(b"A. Analyst", b"N. Obody"))
    with pytest.raises(NotAcceptable, match="not as it was written: entry 1"):
        opened()
    assert path.is_file()
    path.write_bytes(path.read_bytes().replace(b"N. Obody", b"A. Analyst"))
    assert opened().audit.head().seq == 1


def test_agreements_that_lay_in_files_stand_as_they_stood(opened: Open, tmp_path: Path) -> None:
    files = FileAgreements(tmp_path / "home")
    files.sign(TERMS, person="M. Ashdown", at=AT)
    files.act(Decision(ActKind.SUSPENDED, "pact", "M. Ashdown", LATER, "a breach"))
    assert opened().register.all() == files.all()


def test_what_is_signed_and_decided_is_the_same_as_in_files(store: Store, tmp_path: Path) -> None:
    files = FileAgreements(tmp_path / "files")
    for register in (files, store.register):
        register.sign(TERMS, person="M. Ashdown", at=AT)
        for minute, kind in enumerate([ActKind.SUSPENDED, ActKind.RESUMED, ActKind.ENDED]):
            register.act(Decision(kind, "pact", "M. Ashdown", LATER + timedelta(minutes=minute), "a breach"))
    assert store.register.stored() == files.stored()
    for moment in (AT, LATER, LATER + timedelta(minutes=1), LATER + timedelta(minutes=2)):
        assert store.register.agreements(moment) == files.agreements(moment)


# ── Opening ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_homes_of_one_process_have_two_stores(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    one, other = (open_store(tmp_path / name, environ={}) for name in ("one", "other"))
    one.audit.append(EVENT)
    assert (one.audit.head().seq, other.audit.head()) == (1, None)
    one.close()
    other.close()


@pytest.mark.parametrize("address", ["nonsense", "mysql://u@h/d", "sqlite:///x"])
def test_an_address_of_no_known_database_is_told_in_words(address: str, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    with pytest.raises(WrongUsage, match=DATABASE_VARIABLE):
        open_store(tmp_path / "home", environ={DATABASE_VARIABLE: address})


def test_a_server_that_does_not_answer_says_try_again_and_not_its_password(server: Server, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    address = "postgresql://upstander:hush@%2Fnowhere/x"
    with pytest.raises(TryAgain) as told:
        open_store(tmp_path / "home", environ={DATABASE_VARIABLE: address})
    assert "hush" not in str(told.value.facts())


def test_the_models_and_the_migrations_say_the_same(store: Store) -> None:
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    assert store.alias in connections.settings


def test_an_exported_chain_can_be_checked_without_its_store(store: Store) -> None:
    store.audit.append_all(_events(4))
    assert first_fault(store.audit.lines(), [store.audit.head()]) is None
