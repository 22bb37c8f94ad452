"""Test names are claims: a sentence that could be false."""

import ast
from pathlib import Path

import pytest

from checkout import ROOT, name_of

FILES = sorted((ROOT / "tests").rglob("test_*.py"))


def claims_of(path: Path) -> list[ast.FunctionDef]:
    """The test functions of a file, methods of test classes among them."""
    tree = ast.parse(path.read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_test_name_reads_as_a_claim(path: Path) -> None:
    short = [test.name for test in claims_of(path) if len(test.name.removeprefix("test_").split("_")) < 4]
    assert short == []


def asserts(function: ast.AST) -> bool:
    """Whether a function itself holds an assertion, or expects an error."""
    expects = {"raises", "fail", "assert_frame_equal", "assert_allclose", "assert_array_equal"}
    return any(
        isinstance(node, ast.Assert) or (isinstance(node, ast.Call) and called_by(node) in expects)
        for node in ast.walk(function)
    )


def called_by(call: ast.Call) -> str:
    """The name a call ends in, such as `raises` of `pytest.raises(...)`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_test_can_fail_by_an_assertion(path: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)]
    helpers = {function.name for function in functions if asserts(function)}

    def can_fail(test: ast.FunctionDef) -> bool:
        calls = {called_by(node) for node in ast.walk(test) if isinstance(node, ast.Call)}
        return asserts(test) or bool(calls & helpers)

    assert [test.name for test in claims_of(path) if not can_fail(test)] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_two_tests_of_a_file_share_a_name(path: Path) -> None:
    names = [test.name for test in claims_of(path)]
    assert [name for name in set(names) if names.count(name) > 1] == []
