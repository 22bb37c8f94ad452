"""Every room says what comes in, what goes out and what it must never do; and none of them needs one system only."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from checkout import ROOT, SOURCE, name_of

# What Django writes from the models is no room.
PACKAGES = sorted(
    path.parent for path in (SOURCE / "upstander").rglob("__init__.py") if path.parent.name != "migrations"
)
MODULES = sorted((SOURCE / "upstander").rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES, ids=name_of)
def test_every_room_says_what_comes_in_and_goes_out_and_must_never_happen(package: Path) -> None:
    said = ast.get_docstring(ast.parse((package / "__init__.py").read_text("utf-8"))) or ""
    missing = [words for words in ("Comes in:", "Goes out:", "Must never:") if words not in said]
    assert not missing, f"{name_of(package)}/__init__.py does not say {', '.join(missing)}"


def imported_by(module: Path) -> set[str]:
    """The top-level names of everything a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize(
    ("name", "homes"),
    [("fcntl", {"src/upstander/values/durable.py"}), ("msvcrt", {"src/upstander/values/durable.py"})],
)
def test_system_specific_calls_live_in_one_module(name: str, homes: set[str]) -> None:
    assert {name_of(module) for module in MODULES if name in imported_by(module)} <= homes


def test_memory_limits_are_set_in_one_module_only() -> None:
    assert len([module for module in MODULES if "resource" in imported_by(module)]) <= 1


# The second pass stands in for Windows: no POSIX module can be had, and sys.platform says so. The libraries underneath
# are already loaded by then, so only our own imports are on trial.
_IMPORT_TWICE = """
import importlib, pkgutil, sys, types
import upstander

def load_all():
    importlib.import_module("upstander.web.store").configure()  # models are imported once Django knows of them
    for module in pkgutil.walk_packages(upstander.__path__, "upstander."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)

load_all()
for name in [name for name in sys.modules if name.split(".")[0] == "upstander"]:
    del sys.modules[name]
for name in ("fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "posix"):
    sys.modules[name] = None
sys.modules["msvcrt"] = types.ModuleType("msvcrt")
sys.platform = "win32"
import upstander
load_all()
"""


def test_every_module_can_be_imported_where_posix_is_absent() -> None:
    done = subprocess.run([sys.executable, "-c", _IMPORT_TWICE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_no_module_prints_or_asserts() -> None:
    def offends(node: ast.AST) -> bool:
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        return called or isinstance(node, ast.Assert)

    found = [
        f"{name_of(module)}:{node.lineno}"
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if offends(node)
    ]
    assert found == []
