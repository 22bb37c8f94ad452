"""Sealed files: what goes in comes out, and nothing else passes."""

import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upstander.vault import BrokenSeal, MasterKey, WrongKey, sealed

MASTER = MasterKey.of(bytes(range(32)))
OTHER = MasterKey.of(bytes(range(1, 33)))
CHUNK_AT_REST = sealed.CHUNK + 16
HEADER = 79


def _sealed(folder: Path, content: bytes) -> Path:
    path = folder / "one.sealed"
    assert sealed.write(io.BytesIO(content), path, MASTER) == len(content)
    return path


def _opened(path: Path) -> bytes:
    with sealed.open(path, sealed.unwrap(path, MASTER)) as file:
        return file.read()


def _content(size: int) -> bytes:
    return hashlib.shake_128(b"seed").digest(size)


@pytest.mark.parametrize(
    "size", [0, 1, sealed.CHUNK - 1, sealed.CHUNK, sealed.CHUNK + 1, 2 * sealed.CHUNK, 3 * sealed.CHUNK + 7]
)
def test_what_is_sealed_is_opened_again(tmp_path, size):
    assert _opened(_sealed(tmp_path, _content(size))) == _content(size)


@settings(max_examples=25, deadline=None)
@given(pieces=st.lists(st.integers(0, 700_000), max_size=8), step=st.integers(1, 2_000_000))
def test_the_size_of_writes_and_reads_does_not_matter(tmp_path_factory, pieces, step):
    path = tmp_path_factory.mktemp("sealed") / "one.sealed"
    content = _content(sum(pieces))
    with sealed.writer(path, MASTER) as sink:
        start = 0
        for piece in pieces:
            sink.write(content[start : start + piece])
            start += piece
    with sealed.open(path, sealed.unwrap(path, MASTER)) as file:
        assert b"".join(iter(lambda: file.read(step), b"")) == content


def test_no_plain_byte_lies_on_the_disk(tmp_path):
    path = _sealed(tmp_path, b"CANARY-4171 " * 200_000)
    assert b"CANARY-4171" not in path.read_bytes()


def test_two_seals_of_the_same_bytes_differ(tmp_path):
    first = _sealed(tmp_path, b"same").read_bytes()
    assert _sealed(tmp_path, b"same").read_bytes() != first


@pytest.mark.parametrize("cut", [1, 16, 17, CHUNK_AT_REST - 1, CHUNK_AT_REST, 2 * CHUNK_AT_REST])
def test_a_cut_tail_is_noticed(tmp_path, cut):
    path = _sealed(tmp_path, _content(2 * sealed.CHUNK + sealed.CHUNK))
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(BrokenSeal):
        _opened(path)


def test_two_swapped_chunks_are_noticed(tmp_path):
    path = _sealed(tmp_path, _content(3 * sealed.CHUNK))
    whole = path.read_bytes()
    first, second = whole[HEADER : HEADER + CHUNK_AT_REST], whole[HEADER + CHUNK_AT_REST : HEADER + 2 * CHUNK_AT_REST]
    path.write_bytes(whole[:HEADER] + second + first + whole[HEADER + 2 * CHUNK_AT_REST :])
    with pytest.raises(BrokenSeal):
        _opened(path)


def test_a_chunk_from_another_file_is_noticed(tmp_path):
    path = _sealed(tmp_path, _content(10))
    mine = path.read_bytes()
    other = _sealed(tmp_path, _content(10)).read_bytes()
    path.write_bytes(mine[:HEADER] + other[HEADER:])
    with pytest.raises(BrokenSeal):
        _opened(path)


def test_something_appended_is_noticed(tmp_path):
    path = _sealed(tmp_path, b"end")
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(BrokenSeal):
        _opened(path)


@settings(max_examples=120, deadline=None)
@given(place=st.integers(0, HEADER + 20 + 16 - 1), flip=st.integers(1, 255))
def test_any_changed_byte_is_noticed(tmp_path_factory, place, flip):
    path = _sealed(tmp_path_factory.mktemp("sealed"), b"x" * 20)
    changed = bytearray(path.read_bytes())
    changed[place] ^= flip
    path.write_bytes(changed)
    with pytest.raises((BrokenSeal, WrongKey)):
        _opened(path)


def test_a_plain_file_is_not_mistaken_for_a_sealed_one(tmp_path):
    path = tmp_path / "plain.sealed"
    path.write_bytes(b"Crime ID,Month\n" * 50)
    with pytest.raises(BrokenSeal, match="not a sealed file"):
        sealed.unwrap(path, MASTER)


def test_another_key_is_named_and_refused(tmp_path):
    path = _sealed(tmp_path, b"x")
    with pytest.raises(WrongKey, match=f"sealed with key {MASTER.id}; this is key {OTHER.id}"):
        sealed.unwrap(path, OTHER)


def test_a_data_key_opens_its_own_file_only(tmp_path):
    first = _sealed(tmp_path, b"first")
    key = sealed.unwrap(first, MASTER)
    second = _sealed(tmp_path, b"second")
    with sealed.open(second, key) as file, pytest.raises(BrokenSeal):
        file.read()


def test_a_write_that_fails_leaves_nothing(tmp_path):
    def half() -> None:
        with sealed.writer(tmp_path / "one.sealed", MASTER) as sink:
            sink.write(b"half" * sealed.CHUNK)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert list(tmp_path.iterdir()) == []


def test_the_key_is_not_shown():
    assert "secret" not in repr(MASTER)
    assert MASTER.secret.hex() not in repr(MASTER)
