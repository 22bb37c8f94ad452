"""Who keeps the home's key, and how it changes hands: files, passphrases, custodians; through the real command."""

import os
import secrets
import stat
import sys
from pathlib import Path

import pytest

from cli.keyboard import Typed
from pipeline.keeping.rotation import ROTATE, Rotation, plain_of, prepared
from pipeline.keeping.typist import Typist
from upstander.errors import TryAgain
from upstander.pipeline.home import make_home
from upstander.vault import BadShare, KeyChanged, MasterKey, NoKey, UnsafeKey, Vault, WrongKey, master_key, sealed
from upstander.vault.custodians import combine, new_set, split
from upstander.vault.keys import key_in_file

OLD, NEW = "correct horse battery staple", "four other unrelated words"
posix = pytest.mark.skipif(sys.platform == "win32", reason="file modes are a POSIX matter")


@pytest.fixture(scope="module")
def template(typist: Typist, tmp_path_factory: pytest.TempPathFactory) -> Rotation:
    return prepared(tmp_path_factory.mktemp("keepers") / "start", typist)


@pytest.fixture
def rotation(template: Rotation, tmp_path: Path) -> Rotation:
    return template.copy(tmp_path / "copy")


@pytest.fixture
def by_passphrase(tmp_path: Path) -> Path:
    """A home that opens with a passphrase and holds one sealed file."""
    home = make_home(tmp_path / "home").root
    Vault(home, master_key(home, create=True, environ={}, passphrase=OLD)).seal("notes", "one", b"kept")
    return home


def typed(typist: Typist, *words: object, env: dict[str, str]) -> Typed:
    answer = typist.types(words, env)
    return Typed(answer["exit"], answer["said"], answer["said"])


def shares_of(rotation: Rotation, typist: Typist) -> list[Path]:
    """Three custodians' files; the key file is gone."""
    files = [rotation.folder / f"custodian-{number}.txt" for number in (1, 2, 3)]
    told = typed(typist, "vault", "custodians", *(word for file in files for word in ("--share-to", file)),
                 env=rotation.env)  # fmt: skip
    assert told.code == 0, told.err
    return files


def with_shares(rotation: Rotation, *files: Path) -> dict[str, str]:
    return {"UPSTANDER_HOME": str(rotation.home), "UPSTANDER_KEY_FILE": str(rotation.folder / "home.key"),
            "UPSTANDER_KEY_SHARES": os.pathsep.join(map(str, files))}  # fmt: skip


def key_by(rotation: Rotation, *files: Path) -> MasterKey:
    return master_key(rotation.home, create=False, environ=with_shares(rotation, *files))


def test_a_new_key_opens_all_that_the_old_one_did_and_the_old_one_nothing(rotation: Rotation, typist: Typist) -> None:
    told = typed(typist, *ROTATE, env=rotation.env)
    assert told.code == 0, told.err
    assert f"{len(rotation.plain)} sealed files were wrapped anew" in told.out
    assert dict(plain_of(rotation, rotation.now())) == rotation.plain
    for path in rotation.files():
        with pytest.raises(WrongKey):
            sealed.unwrap(path, rotation.key)


def test_a_change_of_key_touches_no_chunk_of_a_sealed_file(rotation: Rotation, typist: Typist) -> None:
    before = {path: sealed.content_hash(path) for path in rotation.files()}
    assert typed(typist, *ROTATE, env=rotation.env).code == 0
    assert {path: sealed.content_hash(path) for path in rotation.files()} == before


def test_a_run_that_waited_while_the_key_was_changed_seals_nothing(rotation: Rotation, typist: Typist) -> None:
    waiting = Vault(rotation.home, rotation.key)
    assert typed(typist, *ROTATE, env=rotation.env).code == 0
    with pytest.raises(KeyChanged, match="run this again"):
        waiting.seal("notes", "late", b"lost")
    assert not waiting.holds("notes", "late")


def test_a_backup_out_of_reach_stops_a_change_of_key_before_it_begins(rotation: Rotation, typist: Typist) -> None:
    (rotation.folder / "backup").rename(rotation.folder / "elsewhere")
    told = typed(typist, *ROTATE, env=rotation.env)
    assert told.code == TryAgain.exit_code
    assert "cannot be reached" in told.err
    assert rotation.now() == rotation.key


def test_the_old_passphrase_opens_nothing_after_a_change(by_passphrase: Path, typist: Typist) -> None:
    env = {"UPSTANDER_HOME": str(by_passphrase), "UPSTANDER_PASSPHRASE": OLD, "UPSTANDER_NEW_PASSPHRASE": NEW}
    told = typed(typist, *ROTATE, env=env)
    assert told.code == 0, told.err
    with pytest.raises(WrongKey):
        master_key(by_passphrase, create=False, environ={}, passphrase=OLD)
    new = master_key(by_passphrase, create=False, environ={}, passphrase=NEW)
    assert Vault(by_passphrase, new).open_sealed("notes", "one").read() == b"kept"
    assert not (by_passphrase / "vault" / "former.sealed").exists()
    assert "already" in typed(typist, *ROTATE, env=env).out


def test_a_change_of_passphrase_killed_at_any_moment_is_finished_by_the_same_command(
    by_passphrase: Path, typist: Typist, tmp_path: Path
) -> None:
    env = {"UPSTANDER_HOME": str(by_passphrase), "UPSTANDER_PASSPHRASE": OLD, "UPSTANDER_NEW_PASSPHRASE": NEW}
    # Most of the time goes into stretching passphrases, twice; the kills fall from there to the end.
    for hundredths in range(0, 90, 15):
        typist.types(ROTATE, env, kill_after_s=hundredths / 100)
    assert typed(typist, *ROTATE, env=env).code == 0
    new = master_key(by_passphrase, create=False, environ={}, passphrase=NEW)
    assert new.former is None
    assert Vault(by_passphrase, new).open_sealed("notes", "one").read() == b"kept"


def test_without_its_passphrase_a_home_says_how_it_opens(by_passphrase: Path) -> None:
    with pytest.raises(NoKey, match="opens with a passphrase, and none was given"):
        master_key(by_passphrase, create=False, environ={})


@posix
def test_custodians_shares_are_for_their_owners_only_and_the_key_file_is_gone(
    rotation: Rotation, typist: Typist
) -> None:
    files = shares_of(rotation, typist)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert not (rotation.folder / "home.key").exists()
    files[0].chmod(0o640)
    with pytest.raises(UnsafeKey, match="Others on this machine"):
        key_by(rotation, *files[:2])


@pytest.mark.parametrize("chosen", [(0, 1), (0, 2), (2, 1), (0, 1, 2)])
def test_any_two_custodians_open_the_home(chosen: tuple[int, ...], rotation: Rotation, typist: Typist) -> None:
    files = shares_of(rotation, typist)
    assert key_by(rotation, *(files[n] for n in chosen)) == rotation.key
    assert typed(typist, "vault", "epochs", env=with_shares(rotation, *(files[n] for n in chosen))).code == 0


def test_one_custodian_is_told_that_another_is_needed(rotation: Rotation, typist: Typist) -> None:
    files = shares_of(rotation, typist)
    told = typed(typist, "vault", "epochs", env=with_shares(rotation, files[0]))
    assert (told.code, "1 of their shares were given" in told.err) == (2, True)
    with pytest.raises(BadShare, match="given twice"):
        key_by(rotation, files[0], files[0])


def test_a_mistyped_share_is_named_as_one(rotation: Rotation, typist: Typist) -> None:
    files = shares_of(rotation, typist)
    line = files[0].read_text()
    files[0].write_text(line.replace(line[40], "f" if line[40] != "f" else "e", 1))
    with pytest.raises(BadShare, match="not as it was printed"):
        key_by(rotation, *files[:2])


def test_a_share_of_another_set_is_named_as_one(rotation: Rotation, typist: Typist) -> None:
    files = shares_of(rotation, typist)
    files[0].write_text(split(bytes(32), new_set("0" * 8, need=2, of=3))[0])
    with pytest.raises(BadShare, match="another home, or of an older set"):
        key_by(rotation, *files[:2])


def test_one_share_and_everything_in_the_home_opens_nothing(rotation: Rotation, typist: Typist) -> None:
    files = shares_of(rotation, typist)
    share = bytes.fromhex(files[0].read_text().split("-")[5])
    # All that lies in the home, read as a key at any place, and the share itself, alone or laid over it.
    places = [path for path in rotation.home.rglob("*") if path.is_file() and path.stat().st_size < 4096]
    content = b"".join(path.read_bytes() for path in places)
    guesses = [share, *(content[at : at + 32] for at in range(0, len(content) - 32, 7))]
    guesses += [bytes(one ^ other for one, other in zip(share, guess, strict=True)) for guess in guesses]
    opened = [guess for guess in guesses if MasterKey.of(guess).id == rotation.key.id]
    assert [guess for guess in opened if guess == rotation.key.secret] == []
    assert not any(rotation.key.secret.hex().encode() in path.read_bytes() for path in places)


def test_one_share_is_as_likely_under_any_other_key() -> None:
    # For any key at all there is a second share that, with this one, gives it: one share tells nothing.
    among = new_set("0" * 8, need=2, of=2)
    share = split(secrets.token_bytes(32), among)[0]
    content = bytes.fromhex(share.split("-")[5])
    for _ in range(20):
        wanted = secrets.token_bytes(32)
        # Two points of a line over GF(2^128): with the value at 0 and at 1, the one at 2 follows by addition and x.
        second = b"".join(_on_the_line(wanted[at : at + 16], content[at : at + 16]) for at in (0, 16))
        text = f"us1-{among.home}-{among.name}-2-2of2-{second.hex()}"
        from upstander.vault.custodians import _checksum

        assert combine([share, f"{text}-{_checksum(text)}"], among) == wanted


def _on_the_line(at_zero: bytes, at_one: bytes) -> bytes:
    """The value at 2 of the polynomial x^2·1 … in the field's own arithmetic: f(x) = at_zero + slope·x (+ x^2)."""
    from Crypto.Protocol.SecretSharing import _Element

    zero, one, two = _Element(at_zero), _Element(at_one), _Element(2)
    slope = zero + one
    return bytes((zero + slope * two).encode())


def test_custodians_get_new_shares_with_a_new_key_and_the_old_ones_open_nothing(
    rotation: Rotation, typist: Typist
) -> None:
    old = shares_of(rotation, typist)
    told = typed(typist, *ROTATE, "--json", env=with_shares(rotation, *old[:2]))
    assert told.code == 0, told.err
    new = [rotation.folder / f"new-{number}.txt" for number in range(3)]
    for file, line in zip(new, told.json["shares"], strict=True):
        file.touch(mode=0o600)
        file.write_text(line)
    with pytest.raises(BadShare, match="older set"):
        key_by(rotation, *old[:2])
    key = key_by(rotation, new[0], new[2])
    assert key.id != rotation.key.id
    assert dict(plain_of(rotation, key)) == rotation.plain


def test_a_key_file_of_another_home_is_never_removed(rotation: Rotation, typist: Typist, tmp_path: Path) -> None:
    files = shares_of(rotation, typist)
    other = master_key(tmp_path / "other", create=True, environ=rotation.env)
    told = typed(typist, "vault", "custodians", env=with_shares(rotation, *files[:2]))
    assert told.code == 0, told.err
    assert key_in_file(rotation.folder / "home.key") == other


def test_shares_inside_the_home_are_refused_before_anything_changes(rotation: Rotation, typist: Typist) -> None:
    words = [word for n in range(3) for word in ("--share-to", rotation.home / f"share-{n}")]
    told = typed(typist, "vault", "custodians", *words, env=rotation.env)
    assert (told.code, "inside the home" in told.err) == (2, True)
    assert rotation.now() == rotation.key
