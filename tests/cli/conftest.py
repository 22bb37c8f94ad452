"""A person at the keyboard, and a home whose agreement they signed."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from cli.keyboard import Typed, type_in
from intake.desk import rms
from pipeline.homes import agreement, injury_schedule

Keyboard = Callable[..., Typed]
START, END = date(2020, 1, 1), date(2090, 1, 1)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the home is, or will be."""
    return tmp_path / "home"


@pytest.fixture
def types(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    """Type a command: `types("deliver", file, …)`."""

    def type_words(*words: object) -> Typed:
        return type_in([str(word) for word in words], home=home, capsys=capsys, monkeypatch=monkeypatch)

    return type_words


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """A month of a force's extract, in the shipped layout."""
    path = tmp_path / "rms_2026-07.csv"
    path.write_bytes(rms(*[{}] * 12))
    return path


@pytest.fixture
def signed(types: Keyboard, home: Path, tmp_path: Path) -> Path:
    """A home with a signed agreement and defaults for who asks."""
    home.mkdir()
    defaults = '[defaults]\nperson = "A. Analyst"\nagency = "vrn"\npurpose = "monitoring"\nwhy = "a test"\n'
    (home / "upstander.toml").write_text(f'key_file = "../home.key"\n{defaults}')
    terms = tmp_path / "pact.toml"
    # In force on any day on which a test may run: the command has the system's clock.
    terms.write_bytes(agreement(injury_schedule(start=START, end=END)))
    assert types("agreement", "sign", terms).code == 0
    return home
