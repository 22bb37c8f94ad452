"""What is public already is written down by a named person, and listed."""

from pathlib import Path

import pytest

from cli.conftest import Keyboard

FACTS = "dataset,measure,period,area,value\npolice_incidents,homicide,2026-Q2,ward24:F05000001,1\n"
PRESS = ("--source", "Fenmoor Gazette", "--dated", "2026-07-03")


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "press.csv"
    path.write_text(FACTS)
    return path


def test_facts_are_added_once_listed_and_in_the_audit_log(
    types: Keyboard, signed: Path, facts: Path, tmp_path: Path
) -> None:
    said = types("known", "add", "press_2026", facts, *PRESS)
    assert (said.code, said.out.strip()) == (0, "press_2026: 1 fact from Fenmoor Gazette.")
    (held,) = types("known", "list", "--json").json
    assert (held["entered_by"], held["dated"], held["facts"][0]["high"]) == ("A. Analyst", "2026-07-03", 1)
    again = types("known", "add", "press_2026", facts, *PRESS)
    assert (again.code, "Nothing was changed" in again.err) == (3, True)
    assert "Fenmoor Gazette" in types("known", "list").out
    copy = tmp_path / "audit.jsonl"
    assert types("audit", "export", copy, "--why", "a look").code == 0
    assert copy.read_text().count('"action":"known press_2026"') == 1


def test_facts_that_cannot_be_are_refused_and_nothing_is_kept(types: Keyboard, signed: Path, facts: Path) -> None:
    facts.write_text(FACTS.replace("police_incidents,", "crystal_ball,"))
    said = types("known", "add", "press_2026", facts, *PRESS)
    assert (said.code, "There is no dataset 'crystal_ball'" in said.err) == (3, True)
    assert types("known", "list", "--json").json == []


def test_a_file_that_is_not_there_is_a_word_mistyped(types: Keyboard, signed: Path, tmp_path: Path) -> None:
    assert types("known", "add", "press_2026", tmp_path / "none.csv", *PRESS).code == 2
