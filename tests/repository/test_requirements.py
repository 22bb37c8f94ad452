"""The locked requirements: hashed, free of addresses, and every direct one with its reason."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from checkout import ROOT, name_of

LOCKED = sorted((ROOT / "requirements").glob("*.txt"))
ASKED = sorted((ROOT / "requirements").glob("*.in"))
_PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*(?:\[[a-z,]+\])?)==(\S+)", re.IGNORECASE)


def entries(path: Path) -> list[str]:
    """Each requirement with its continuation lines, comments left out."""
    lines = [line for line in path.read_text("utf-8").splitlines() if line and not line.lstrip().startswith("#")]
    return re.sub(r"\\\n", " ", "\n".join(lines)).splitlines()


@pytest.mark.parametrize("path", LOCKED, ids=name_of)
def test_every_locked_requirement_is_pinned_and_hashed(path: Path) -> None:
    assert entries(path), f"{name_of(path)} locks nothing"
    assert [entry for entry in entries(path) if not _PINNED.match(entry) or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("path", [*LOCKED, *ASKED], ids=name_of)
def test_no_requirement_names_an_address(path: Path) -> None:
    assert [line for line in path.read_text("utf-8").splitlines() if "://" in line or " @ " in line] == []
    assert not re.search(r"^\s*(-i|-f|--(extra-)?index-url|--find-links)\b", path.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("name", ["base.in", "dev.in"])
def test_every_direct_requirement_carries_its_reason(name: str) -> None:
    lines = (ROOT / "requirements" / name).read_text("utf-8").splitlines()
    direct = [line for line in lines if line and not line.startswith(("#", "-"))]
    plain = {"pytest", "pytest-xdist", "hypothesis", "syrupy", "ruff", "mypy"}  # their names are their reasons
    bare = [line for line in direct if "  #" not in line and " # " not in line and line.split("==")[0] not in plain]
    assert bare == []


def test_every_asked_requirement_is_locked() -> None:
    for asked in ASKED:
        locked = {_PINNED.match(entry).group(1).lower() for entry in entries(asked.with_suffix(".txt"))}
        wanted = {re.split(r"[\[=<>~! #]", entry)[0].lower() for entry in entries(asked) if not entry.startswith("-")}
        assert wanted <= locked


def test_the_distribution_asks_for_what_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = {re.split(r"[\[=<>~! ]", line)[0].lower() for line in project["dependencies"]}
    asked = {re.split(r"[\[=<>~! ]", entry)[0].lower() for entry in entries(ROOT / "requirements" / "base.in")}
    assert named == asked


def test_the_npm_lock_records_no_address_but_every_checksum() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []
