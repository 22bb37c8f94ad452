"""Decisions that are costly to undo are written down in one shape; what users notice is in the change log."""

import re
from pathlib import Path

import pytest

from checkout import ROOT, name_of

DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))


def headings(page: Path) -> list[str]:
    return re.findall(r"^## (.+)$", page.read_text("utf-8"), re.MULTILINE)


def test_there_are_decisions_and_each_has_its_own_number() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert numbers
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("page", DECISIONS, ids=name_of)
def test_every_decision_says_status_context_decision_and_consequences(page: Path) -> None:
    said = headings(page)
    assert [part for part in ("Status", "Context", "Decision", "Consequences") if part not in said] == []


def test_the_change_log_has_a_place_for_what_comes_next() -> None:
    assert headings(ROOT / "CHANGELOG.md")[0] == "Unreleased"
