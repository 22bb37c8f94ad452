"""Identity keys: one secret an epoch, apart from the home's key, listed without being told, gone when destroyed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from upstander.errors import WrongUsage
from upstander.vault import EpochDestroyed, Keyring, MasterKey, WrongKey

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
MASTER = MasterKey.of(bytes(range(32)))


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path, MASTER)


def test_a_home_without_a_register_is_in_its_first_epoch_under_the_homes_key(keyring: Keyring) -> None:
    assert (keyring.current().name, keyring.current().secret) == ("1", MASTER.secret)


def test_writing_the_register_down_changes_no_secret(keyring: Keyring) -> None:
    keyring.keep(AT)
    keyring.keep(AT)
    assert (keyring.current().name, keyring.secret("1")) == ("1", MASTER.secret)


def test_a_new_epoch_has_a_secret_of_its_own_and_the_old_one_can_still_be_read(keyring: Keyring) -> None:
    made = keyring.new_epoch(AT, why="a yearly change")
    assert (made.name, keyring.current()) == ("2", made)
    assert keyring.secret("1") == MASTER.secret != made.secret
    assert [(one.name, one.retired, one.why) for one in keyring.records()][1:] == [("2", "", "a yearly change")]
    assert keyring.records()[0].retired == AT.isoformat()


def test_no_byte_of_a_secret_is_in_the_register_or_in_what_is_shown(keyring: Keyring, tmp_path: Path) -> None:
    made = keyring.new_epoch(AT, why="a yearly change")
    register = (tmp_path / "vault" / "epochs" / "register.json").read_text("ascii")
    for secret in (MASTER.secret, made.secret):
        assert secret.hex() not in register
        assert str(secret) not in repr(made)
    assert made.id in register


def test_a_destroyed_epoch_says_when_and_why_and_leaves_no_file(keyring: Keyring, tmp_path: Path) -> None:
    keyring.new_epoch(AT, why="a yearly change")
    keyring.destroy("1", AT, why="no reading needs it")
    with pytest.raises(EpochDestroyed, match="epoch 1 was destroyed on 2026-11-23: no reading needs it"):
        keyring.secret("1")
    left = {path.name for path in (tmp_path / "vault" / "epochs").iterdir()}
    assert left == {"2.sealed", "register.json"}


def test_the_epoch_in_use_cannot_be_destroyed(keyring: Keyring) -> None:
    with pytest.raises(WrongUsage, match="is in use"):
        keyring.destroy("1", AT, why="a slip")
    assert keyring.current().secret == MASTER.secret


def test_destroying_again_keeps_the_first_day_and_reason(keyring: Keyring) -> None:
    keyring.new_epoch(AT, why="x")
    keyring.destroy("1", AT, why="first")
    keyring.destroy("1", AT.replace(year=2027), why="second")
    assert (keyring.records()[0].destroyed, keyring.records()[0].destroyed_why) == (AT.isoformat(), "first")


def test_an_epoch_that_never_was_is_told_with_those_there_are(keyring: Keyring) -> None:
    with pytest.raises(WrongUsage, match="no epoch '7'"):
        keyring.secret("7")


def test_without_the_homes_key_no_secret_is_read(keyring: Keyring, tmp_path: Path) -> None:
    made = keyring.new_epoch(AT, why="x")
    other = Keyring(tmp_path, MasterKey.of(bytes(32)))
    with pytest.raises(WrongKey, match="was sealed with key"):
        other.secret(made.name)
