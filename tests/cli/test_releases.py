"""A quarter at the keyboard: made, attacked, approved by two, proved, written to a file, called back."""

import json
from datetime import date
from pathlib import Path

import pytest

from cli.conftest import Keyboard
from pipeline.release.town import deliver_quarter, on, rows_of, town_desk, usual
from upstander.cli.desk import remembered

QUARTER = "2026-Q1"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A home with one quarter of the town, whose agreements and log lie in its database."""
    from dataclasses import replace

    from pipeline.release.town import town_agreement
    from upstander.pipeline.agreeing import sign

    desk = town_desk(tmp_path, shares_persons=False, release={"quarters": 2, "told": ["Kit Director"]})
    register, audit = remembered(desk.home.root)
    desk = on(replace(desk, register=register, audit=audit), date(2026, 5, 15))
    sign(on(desk, date(2020, 1, 1)), town_agreement(shares_persons=False))
    deliver_quarter(desk, tmp_path / "sent", QUARTER, rows_of(QUARTER, usual(QUARTER)))
    return desk.home.root


WHO = ("--as", "A. Analyst", "--agency", "vrn")


def test_a_quarter_is_made_attacked_approved_proved_and_called_back(
    town: Path, types: Keyboard, tmp_path: Path
) -> None:
    made = types("release", "make", QUARTER, *WHO, "--purpose", "monitoring", "--json")
    assert made.code == 0, made.out
    facts = made.json
    assert facts["release"] == "2026-Q1/0001"
    assert "police_incidents_small" in facts["tables"]
    file = (
        "table",
        "--dataset",
        "police_incidents",
        "--by",
        "area,quarter",
        *WHO,
        "--purpose",
        "monitoring",
        "--why",
        "x",
    )
    refused = types(*file, "--to", tmp_path / "table.csv")
    assert (refused.code, (tmp_path / "table.csv").exists()) == (3, False)
    attacked = types("release", "attack", QUARTER, "--as", "B. Checker")
    assert attacked.code == 0
    assert "none can be worked out more closely than its rule allows" in attacked.out
    assert json.loads((town / "releases" / QUARTER / "0001.attack.json").read_bytes())["passed"] is True
    assert types("release", "approve", QUARTER, *WHO[:2]).code == 4
    assert "1 of 2 approvals" in types("release", "approve", QUARTER, "--as", "B. Checker").out
    assert "published on" in types("release", "approve", QUARTER, "--as", "C. Checker").out
    listed = types("release", "list", "--json").json
    assert [(one["release"], one["published"]) for one in listed] == [("2026-Q1/0001", True)]
    assert "Approved by C. Checker" in types("release", "show", QUARTER).out
    proved = types("release", "verify", QUARTER, *WHO)
    assert (proved.code, "every byte is the same" in proved.out) == (0, True)
    assert types(*file, "--to", tmp_path / "table.csv").code == 0
    assert (tmp_path / "table.csv").read_text("utf-8").startswith("area,quarter,count,status,release\n")
    assert types(*file, "--where", "weapon=knife", "--to", tmp_path / "other.csv").code == 2
    calendar = types("release", "calendar", *WHO, "--on", "2026-05-20")
    assert ("2026-05-16" in calendar.out, "Kit Director" in calendar.out) == (True, True)
    gone = types(
        "output", "recall", "2026-Q1/0001", "--kind", "release", "--as", "B. Checker", "--why", "a wrong street"
    )
    assert (gone.code, "is recalled: a wrong street" in gone.out) == (0, True)
    assert "recalled" in types("output", "list").out
    assert types(*file, "--to", tmp_path / "third.csv").code == 3


def test_a_release_that_was_touched_does_not_hold_and_the_command_says_so(town: Path, types: Keyboard) -> None:
    assert types("release", "make", QUARTER, *WHO, "--purpose", "monitoring").code == 0
    (town / "releases" / QUARTER / "0001" / "notes.txt").write_text("another")
    found = types("release", "verify", QUARTER, *WHO)
    assert (found.code, "notes.txt was changed" in found.out) == (3, True)
    refused = types("release", "approve", QUARTER, "--as", "B. Checker")
    assert (refused.code, "notes.txt was changed" in refused.err) == (3, True)
    assert types("release", "revisions", QUARTER).code == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [(("make", "2026-07"), 2), (("show", "2031-Q1"), 2), (("approve", "2031-Q1"), 2), (("make", "2031-Q1"), 2)],
)
def test_a_quarter_that_cannot_be_is_a_slip_of_the_pen(
    town: Path, types: Keyboard, words: tuple[str, ...], code: int
) -> None:
    purpose = ("--purpose", "monitoring") if words[0] == "make" else ()
    assert types("release", *words, "--as", "A. Analyst", *purpose).code == code
