"""The list of mutants that are shown equivalent names code that is there, and the page says what the list says."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from checkout import ROOT

TOOL = ROOT / "tools" / "mutants"
LISTED = tomllib.loads((TOOL / "equivalents.toml").read_text("utf-8"))["equivalent"]


def said(script: str) -> str:
    """What a line of Python says when it runs beside the tool."""
    done = subprocess.run([sys.executable, "-c", script], cwd=TOOL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def made() -> set[tuple[str | int, ...]]:
    """The names of all mutants of the room."""
    script = "import json; from run import SHARING, modules; from making import mutants_of; "
    script += "print(json.dumps([one.name for path in modules([]) for one in mutants_of(path, SHARING)[1]]))"
    return {tuple(name) for name in json.loads(said(script))}


def test_the_page_says_what_the_list_and_the_counts_say() -> None:
    assert said("import paper; print(paper.page(), end='')") == Path(ROOT / "docs/methods/mutants.md").read_text(
        "utf-8"
    )


def test_every_mutant_that_is_shown_equivalent_is_one_of_code_that_exists(made: set[tuple[str | int, ...]]) -> None:
    names = [(*(one[part] for part in ("module", "function", "original", "mutated")), one.get("which", 1))
             for one in LISTED]  # fmt: skip
    assert [name for name in names if name not in made] == []
    assert len(names) == len(set(names))


def test_every_reason_is_a_sentence() -> None:
    assert [one["original"] for one in LISTED if len(one["why"].split()) < 6 or not one["why"].endswith(".")] == []


def test_every_module_of_the_room_was_run(made: set[tuple[str | int, ...]]) -> None:
    counted = tomllib.loads((TOOL / "counts.toml").read_text("utf-8"))["made"]
    assert set(counted) == {name[0] for name in made}


def test_a_comparison_a_word_and_a_call_are_changed_each_in_its_way(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        'def f(a, b=3):\n    """Words."""\n    if not a:\n        g("some words")\n    return a < b\n', "utf-8"
    )
    script = f"from pathlib import Path; from making import mutants_of; root = Path({str(tmp_path)!r}); "
    script += "print(*(f'{one.original} → {one.mutated}' for one in mutants_of(root / 'one.py', root)[1]), sep='\\n')"
    assert set(said(script).splitlines()) == {
        "3 → 4", "3 → 2", "not a → a", "g('some words') → pass", "g('some words') → g('XX')",
        "return a < b → return None",
        "return a < b → return a <= b", "return a < b → return a >= b",
    }  # fmt: skip
