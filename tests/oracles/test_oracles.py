"""Every published result that names a method of ours agrees with it, through `upstander method run`."""

import json
import re

import pytest
from typer.testing import CliRunner

from checkout import ROOT
from oracles.catalogue import ALL, compared, folders, unaccounted
from oracles.comparing import labels, numbers
from oracles.page import page
from shared_data import needs_shared
from upstander.cli.app import app

PAGE = ROOT / "docs" / "methods" / "oracles.md"


@pytest.mark.oracle
@needs_shared
@pytest.mark.parametrize("oracle", ALL)
def test_the_method_agrees_with_its_published_result(oracle: str) -> None:
    assert compared(oracle)
    assert [each for each in compared(oracle) if not each.agrees] == []


@pytest.mark.oracle
@needs_shared
def test_no_published_result_is_left_out() -> None:
    listed = CliRunner().invoke(app, ["method", "list", "--json"])
    methods = [each["name"] for each in json.loads(listed.stdout)]
    assert unaccounted(folders()) == []
    assert set(ALL) <= set(methods)
    assert set(ALL) == set(folders())


def test_a_result_that_nobody_compares_is_found() -> None:
    assert unaccounted(["a_new_one", "chapman"]) == ["a_new_one"]


def test_a_difference_beyond_the_tolerance_an_absent_value_and_an_empty_comparison_are_found() -> None:
    assert numbers("near", [1.0, None], [1.0 + 1e-7, None], within=1e-6).agrees
    assert not numbers("far", [1.0], [1.1], within=1e-6).agrees
    assert numbers("a share", [100.0], [100.01], within=1e-3, is_relative=True).agrees
    assert not numbers("absent", [None], [0.0], within=1e9).agrees
    assert not numbers("nothing", [], [], within=1).agrees
    assert not labels("a word", ["a", "b"], ["a", "c"]).agrees


@pytest.mark.oracle
@needs_shared
def test_the_page_lists_what_is_compared() -> None:
    """All but the differences, whose last digit is a machine's own."""
    assert _without_differences(PAGE.read_text("utf-8")) == _without_differences(page()), (
        "run: python tools/oracles.py --write"
    )


def _without_differences(page: str) -> list[str]:
    return [re.sub(r"\| [^|]* (\| [^|]* \|)$", r"\1", line) for line in page.splitlines()]
