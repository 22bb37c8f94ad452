"""The home's key: where it lies, and what is refused."""

import os
import sys

import pytest

from upstander.errors import WrongUsage
from upstander.vault import NoKey, UnsafeKey, WrongKey, master_key

posix = pytest.mark.skipif(sys.platform == "win32", reason="file modes are a POSIX matter")
PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def environ(tmp_path):
    return {"UPSTANDER_KEY_FILE": str(tmp_path / "keys" / "home.key")}


def test_a_new_home_gets_a_key_that_later_runs_find(home, environ):
    made = master_key(home, create=True, environ=environ)
    assert len(made.secret) == 32
    assert master_key(home, create=False, environ=environ) == made
    assert master_key(home, create=True, environ=environ) == made


@posix
def test_the_key_file_is_for_its_owner_only(home, environ, tmp_path):
    master_key(home, create=True, environ=environ)
    assert (tmp_path / "keys" / "home.key").stat().st_mode & 0o777 == 0o600


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_key_that_others_may_read_is_refused(home, environ, tmp_path, mode):
    master_key(home, create=True, environ=environ)
    (tmp_path / "keys" / "home.key").chmod(mode)
    with pytest.raises(UnsafeKey, match="Others on this machine"):
        master_key(home, create=False, environ=environ)


def test_no_byte_of_the_key_lies_in_the_home(home, environ):
    secret = master_key(home, create=True, environ=environ).secret
    for path in (path for path in home.rglob("*") if path.is_file()):
        assert secret not in path.read_bytes()
        assert secret.hex().encode() not in path.read_bytes()


@pytest.mark.parametrize("create", [True, False])
def test_a_key_inside_the_home_is_refused(home, create):
    with pytest.raises(UnsafeKey, match="inside the home"):
        master_key(home, create=create, environ={"UPSTANDER_KEY_FILE": str(home / "vault" / "key")})


def test_a_link_to_a_key_inside_the_home_is_refused(home, tmp_path):
    (home / "vault").mkdir(parents=True)
    (home / "vault" / "key").write_text("00" * 32)
    (tmp_path / "link").symlink_to(home / "vault" / "key")
    with pytest.raises(UnsafeKey, match="inside the home"):
        master_key(home, create=False, environ={"UPSTANDER_KEY_FILE": str(tmp_path / "link")})


def test_the_variable_comes_before_the_setting(home, environ, tmp_path):
    by_variable = master_key(tmp_path / "a", create=True, environ=environ, setting=tmp_path / "setting.key")
    by_setting = master_key(tmp_path / "b", create=True, environ={}, setting=tmp_path / "setting.key")
    assert by_variable != by_setting
    assert master_key(tmp_path / "b", create=False, environ={}, setting=tmp_path / "setting.key") == by_setting


@pytest.mark.skipif(sys.platform != "linux", reason="the configuration folder is named by XDG_CONFIG_HOME on Linux")
def test_without_either_the_key_lies_in_the_users_configuration(home, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    made = master_key(home, create=True, environ={})
    assert (tmp_path / "config" / "upstander" / "key").read_text().strip() == made.secret.hex()


def test_a_missing_key_is_never_replaced_by_a_new_one(home, environ, tmp_path):
    master_key(home, create=True, environ=environ)
    (tmp_path / "keys" / "home.key").unlink()
    for create in (True, False):
        with pytest.raises(NoKey):
            master_key(home, create=create, environ=environ)
    assert not (tmp_path / "keys" / "home.key").exists()


def test_another_homes_key_is_refused(home, environ, tmp_path):
    master_key(home, create=True, environ=environ)
    other = {"UPSTANDER_KEY_FILE": str(tmp_path / "other.key")}
    master_key(tmp_path / "other", create=True, environ=other)
    with pytest.raises(WrongKey, match="was sealed with key"):
        master_key(home, create=False, environ=other)


def test_a_file_that_holds_no_key_is_refused(home, environ, tmp_path):
    (tmp_path / "keys").mkdir()
    descriptor = os.open(tmp_path / "keys" / "home.key", os.O_CREAT | os.O_WRONLY, 0o600)
    os.write(descriptor, b"not a key")
    os.close(descriptor)
    with pytest.raises(NoKey, match="does not hold a key"):
        master_key(home, create=False, environ=environ)


def test_a_passphrase_gives_the_same_key_again(home):
    made = master_key(home, create=True, environ={}, passphrase=PASSPHRASE)
    assert master_key(home, create=False, environ={}, passphrase=PASSPHRASE) == made


def test_a_wrong_passphrase_is_refused(home):
    master_key(home, create=True, environ={}, passphrase=PASSPHRASE)
    with pytest.raises(WrongKey):
        master_key(home, create=False, environ={}, passphrase=PASSPHRASE + "r")


def test_the_same_passphrase_gives_two_homes_two_keys(tmp_path):
    keys = [master_key(tmp_path / name, create=True, environ={}, passphrase=PASSPHRASE) for name in "ab"]
    assert keys[0] != keys[1]


def test_a_short_passphrase_is_refused(home):
    with pytest.raises(WrongUsage, match="at least 12"):
        master_key(home, create=True, environ={}, passphrase="hunter2")


def test_a_passphrase_does_not_open_a_home_whose_key_is_a_file(home, environ):
    master_key(home, create=True, environ=environ)
    with pytest.raises(WrongUsage, match="a file, not a passphrase"):
        master_key(home, create=True, environ=environ, passphrase=PASSPHRASE)
