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


HOME_OF_SYSTEM_CALLS = "src/upstander/values/system.py"
SOME_SYSTEMS_ONLY = {
    "fcntl", "grp", "msvcrt", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty", "winreg",
}  # fmt: skip
# What Python's documentation of `os` and `signal` says is not available on Windows, and what differs there.
ABSENT_FROM_OS = {
    "chown", "fchmod", "fchown", "fork", "forkpty", "geteuid", "getgid", "getgroups", "getpgid", "getppid", "getuid",
    "initgroups", "killpg", "lchown", "mkfifo", "nice", "posix_fadvise", "posix_spawn", "pwrite", "register_at_fork",
    "sched_setaffinity", "setegid", "seteuid", "setgid", "setpgid", "setpriority", "setsid", "setuid", "statvfs",
    "sync", "tcsetpgrp", "uname", "wait", "wait3", "wait4", "waitid", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK",
}  # fmt: skip
ABSENT_FROM_SIGNAL = {
    "SIGALRM",
    "SIGCHLD",
    "SIGHUP",
    "SIGKILL",
    "SIGUSR1",
    "SIGUSR2",
    "alarm",
    "pthread_kill",
    "setitimer",
}


def system_calls_of(source: str) -> set[str]:
    """Names of calls and modules in a text of Python that some systems lack."""
    absent = {"os": ABSENT_FROM_OS, "signal": ABSENT_FROM_SIGNAL}
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found |= {node.attr} & absent.get(node.value.id, set())
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.name for alias in node.names} & absent.get(node.module or "", set())
    return found


def test_system_specific_calls_live_in_one_module() -> None:
    users = {
        name_of(module)
        for module in MODULES
        if system_calls_of(module.read_text("utf-8")) or imported_by(module) & SOME_SYSTEMS_ONLY
    }
    assert users == {HOME_OF_SYSTEM_CALLS}


def test_a_system_specific_call_would_be_found() -> None:
    assert system_calls_of("import os\nos.fork()\nfrom signal import SIGKILL") == {"fork", "SIGKILL"}


def test_no_process_is_forked() -> None:
    """A subprocess starts anew, with nothing in common; a fork of a threaded engine may hang, and Windows has none."""
    words = ("multiprocessing", "preexec_fn", "ProcessPoolExecutor", "os.fork")
    assert [name_of(module) for module in MODULES if any(word in module.read_text("utf-8") for word in words)] == []


# The second pass stands in for Windows: no POSIX module can be had, and sys.platform says so. The libraries underneath
# are already loaded by then, so only our own imports are on trial.
_IMPORT_TWICE = """
import importlib, os, pkgutil, sys, types
import upstander

def load_all():
    importlib.import_module("upstander.web.store").configure()  # models are imported once Django knows of them
    for module in pkgutil.walk_packages(upstander.__path__, "upstander."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)

load_all()
for name in [name for name in sys.modules if name.split(".")[0] == "upstander"]:
    del sys.modules[name]
for name in ("fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "posix", "syslog"):
    sys.modules[name] = None
for name in sys.argv[1:]:
    vars(os).pop(name, None)
sys.modules["msvcrt"] = types.ModuleType("msvcrt")
sys.platform = "win32"
import upstander
load_all()
"""


def test_every_module_can_be_imported_where_posix_is_absent() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_TWICE, *sorted(ABSENT_FROM_OS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
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
