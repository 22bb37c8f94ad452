"""The vault: the same bytes are held once, and a killed run leaves nothing that counts."""

import hashlib
import io

import pytest

from upstander.errors import UpstanderError
from upstander.vault import MasterKey, Vault, sealed, store

MASTER = MasterKey.of(bytes(range(32)))
CONTENT = b"Crime ID,Month\n" * 100_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def vault(tmp_path):
    return Vault(tmp_path, MASTER)


def _state(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_kept_bytes_come_back(vault, tmp_path):
    kept = vault.keep(io.BytesIO(CONTENT))
    assert (kept.sha256, kept.size, kept.is_new) == (SHA256, len(CONTENT), True)
    assert vault.raw(SHA256) == tmp_path / "vault" / "raw" / f"{SHA256}.sealed"
    with vault.open_raw(SHA256) as file:
        assert file.read() == CONTENT


def test_a_path_is_kept_like_a_stream(vault, tmp_path):
    (tmp_path / "inc_[2]*.csv").write_bytes(CONTENT)
    assert vault.keep(tmp_path / "inc_[2]*.csv").sha256 == SHA256


def test_an_empty_file_is_kept_too(vault):
    kept = vault.keep(io.BytesIO(b""))
    assert kept.size == 0
    with vault.open_raw(kept.sha256) as file:
        assert file.read() == b""


def test_keeping_the_same_bytes_again_changes_nothing(vault, tmp_path):
    vault.keep(io.BytesIO(CONTENT))
    before = _state(tmp_path)
    assert not vault.keep(io.BytesIO(CONTENT)).is_new
    assert _state(tmp_path) == before


def test_the_parsers_key_opens_this_file_only(vault):
    vault.keep(io.BytesIO(CONTENT))
    other = vault.keep(io.BytesIO(b"other"))
    key = vault.data_key(SHA256)
    with sealed.open(vault.raw(SHA256), key) as file:
        assert file.read(8) == b"Crime ID"
    assert key not in (MASTER.secret, vault.data_key(other.sha256))


class _Breaks(io.RawIOBase):
    """A stream that dies on its second read, as a network drive may."""

    reads = 0

    def readable(self):
        return True

    def read(self, size=-1):
        self.reads += 1
        if self.reads > 1:
            raise OSError("the drive went away")
        return b"x" * size


def test_a_source_that_breaks_leaves_nothing(vault, tmp_path):
    with pytest.raises(OSError, match="went away"):
        vault.keep(_Breaks())
    assert _state(tmp_path) == {}


def test_a_run_killed_before_the_rename_is_tidied_and_run_again(vault, tmp_path, monkeypatch):
    def killed(temporary, _final):
        temporary.rename(temporary.with_name(".left-by-a-killed-run.tmp"))  # out of reach of any cleaning up
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(store, "publish", killed)
        with pytest.raises(SystemExit):
            vault.keep(io.BytesIO(CONTENT))
    assert not vault.has(SHA256)
    assert len(vault.tidy()) == 1
    assert _state(tmp_path) == {}
    assert vault.keep(io.BytesIO(CONTENT)).is_new


def test_tidying_leaves_whole_files_alone(vault):
    vault.keep(io.BytesIO(CONTENT))
    vault.seal("quarantine", "abc123", b"line 7")
    assert vault.tidy() == ()
    assert vault.has(SHA256)
    assert vault.holds("quarantine", "abc123")


def test_sealed_kinds_are_kept_apart(vault):
    vault.seal("quarantine", "abc", b"rows")
    vault.seal("cells", "abc", b"exact")
    with vault.open_sealed("quarantine", "abc") as rows, vault.open_sealed("cells", "abc") as exact:
        assert (rows.read(), exact.read()) == (b"rows", b"exact")


def test_no_plain_byte_of_a_kept_file_is_on_the_disk(vault, tmp_path):
    vault.keep(io.BytesIO(b"CANARY-8123 " * 1000))
    vault.seal("quarantine", "abc", b"CANARY-8123")
    assert all(b"CANARY-8123" not in content for content in _state(tmp_path).values())


@pytest.mark.parametrize("name", ["../escape", "a/b", "", ".hidden", "A B"])
def test_a_name_cannot_lead_out_of_the_vault(vault, name):
    with pytest.raises(UpstanderError, match="cannot name"):
        vault.seal("quarantine", name, b"x")
