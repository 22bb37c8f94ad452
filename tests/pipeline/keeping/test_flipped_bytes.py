"""One changed byte anywhere in a backup is noticed before anything is restored."""

import random
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from intake.desk import rms
from pipeline.homes import injury_schedule, send, with_pact
from upstander.errors import UpstanderError
from upstander.pipeline.desk import Desk
from upstander.pipeline.keeping.backups import backup
from upstander.pipeline.keeping.contents import check_backup

SEED = 20261124


class NoDatabase:
    """A home whose agreements and audit log are files has nothing in a database."""

    def dump(self) -> bytes:
        return b"[]"

    def load(self, content: bytes) -> None:
        assert content == b"[]"

    def disabled(self) -> list[str]:
        return []

    def disable(self, handles: Collection[str]) -> None:
        assert not handles

    def close(self) -> None:
        return None


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Desk, Path]:
    desk = with_pact(tmp_path, injury_schedule())
    send(desk, tmp_path / "sent", rms(*[{}] * 28, {"offence_code": "no"}))
    source, _ = backup(desk, tmp_path / "disk", NoDatabase())
    return desk, source


def _is_noticed(desk: Desk, source: Path) -> bool:
    try:
        check_backup(desk.key, source)
    except UpstanderError:
        return True
    return False


@pytest.mark.parametrize("flips", [60, pytest.param(500, marks=pytest.mark.prove)])
def test_every_flipped_byte_is_noticed(kept: tuple[Desk, Path], flips: int, proof: Callable[..., None]) -> None:
    desk, source = kept
    chance = random.Random(SEED)
    paths = [path for path in sorted(source.rglob("*")) if path.is_file() and path.stat().st_size]
    assert not _is_noticed(desk, source)
    noticed = 0
    for number in range(flips):
        path = paths[number % len(paths)]  # every file is tried, then at random places again
        whole = path.read_bytes()
        changed = bytearray(whole)
        changed[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        noticed += _is_noticed(desk, source)
        path.write_bytes(whole)
    proof("flipped bytes of a backup noticed", figure=f"{noticed} of {flips}", goal=f"{flips} of {flips}", seed=SEED)
    assert noticed == flips
    assert not _is_noticed(desk, source)


def test_a_file_that_is_lost_added_or_swapped_is_noticed(kept: tuple[Desk, Path]) -> None:
    desk, source = kept
    one, other = sorted((source / "home" / "vault").rglob("*.sealed"))[:2]
    first, second = one.read_bytes(), other.read_bytes()
    one.unlink()
    assert _is_noticed(desk, source)
    one.write_bytes(second)
    other.write_bytes(first)
    assert _is_noticed(desk, source)
    one.write_bytes(first)
    other.write_bytes(second)
    (source / "home" / "extra.txt").write_text("x")
    assert _is_noticed(desk, source)
