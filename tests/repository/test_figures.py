"""The table in ARCHITECTURE.md that says which function makes which figure is true."""

import importlib
import re

import pytest

from checkout import ROOT, SOURCE

PAGE = ROOT / "ARCHITECTURE.md"
# A figure bears its id where publish draws it: `figure="…"`, `figure_id="…"`, `Figure("…"`, or `id="fig-…"` in HTML.
_DRAWN = re.compile(
    r"""(?:\bfigure(?:_id)?\s*=\s*|\bFigure\(\s*)["']([a-z][a-z0-9_-]+)["']|\bid="fig-([a-z0-9_-]+)\""""
)


def figures_named() -> dict[str, str]:
    """Figure id to dotted path, from the table under the heading Figures."""
    section = re.search(r"^## Figures\s*$(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    if section is None:
        return {}
    rows = [[cell.strip(" `") for cell in line.strip().strip("|").split("|")] for line in section.group(1).splitlines()]
    tables = [row for row in rows if len(row) >= 2 and not set(row[0]) <= set("-: ")]
    header, *body = tables or [["figure", "function"]]
    at = header.index("figure"), header.index("function")
    return {row[at[0]]: row[at[1]] for row in body}


def figures_drawn() -> set[str]:
    """Every figure id that publish draws."""
    files = [path for path in (SOURCE / "upstander" / "publish").rglob("*") if path.suffix in {".py", ".html", ".j2"}]
    found = (match for path in files for match in _DRAWN.finditer(path.read_text("utf-8")))
    return {match.group(1) or match.group(2) for match in found}


def test_the_architecture_has_a_table_of_figures() -> None:
    assert figures_named(), "ARCHITECTURE.md needs a heading `## Figures` with a table of columns figure, function"


@pytest.mark.parametrize(("figure", "function"), sorted(figures_named().items()))
def test_every_function_named_for_a_figure_exists(figure: str, function: str) -> None:
    module, _, name = function.rpartition(".")
    module = module if module.startswith("upstander") else f"upstander.{module}"
    assert callable(getattr(importlib.import_module(module), name)), figure


def test_every_figure_that_is_drawn_is_in_the_table() -> None:
    assert sorted(figures_drawn() - set(figures_named())) == []
