"""Try one mutant after another, each in a process of its own that is forked from one which has everything loaded.

A change inside a function is put into the functions of a warm process whose tests are collected, and only the tests
that call the function run, the quickest first. A change that is made at import, and any that survived so, is tried
again in a process that imports the changed module before anything of ours. The first failing test ends a trial.
"""

import ast
import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from making import Mutant, apply, mutants_of

# Loaded before the first fork: what costs most to import, and holds nothing of ours.
_HEAVY = ("hypothesis", "pydantic", "polars", "tomli_w", "jinja2", "upstander.contracts", "upstander.values.durable",
          "_hypothesis_pytestplugin", "time_machine", "asyncio", "unittest.mock")  # fmt: skip
_OPTIONS = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:syrupy", "--assert=plain", "--tb=no",
            "-m", "not prove"]  # fmt: skip
_CPU_S, _WALL_S = 10, 300  # a change may make a loop endless, or wait for ever
_MEMORY = 8 << 30
_SURVIVED, _KILLED, _BROKEN, _ELSEWHERE = 0, 1, 70, 71
_ROOM = "upstander.sharing"


def warm_up() -> None:
    """Import what is slow."""
    for name in _HEAVY:
        importlib.import_module(name)


def survives_import(mutant: Mutant, tree: ast.Module, path: Path, module: str, tests: Sequence[str]) -> bool:
    """Whether the tests pass in a process that imports the changed module."""

    def trial() -> int:
        apply(mutant)
        sys.meta_path.insert(0, _Changed(module, path, tree))
        return int(pytest.main([*_OPTIONS, *tests]))

    return _forked(trial) == _SURVIVED


class _Changed(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Finds one module, and gives its changed code."""

    def __init__(self, module: str, path: Path, tree: ast.Module) -> None:
        super().__init__(module, str(path))
        self._tree = tree

    def find_spec(self, fullname: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def get_code(self, _: str) -> CodeType:
        return compile(self._tree, self.path, "exec")


def surviving_calls(paths: Sequence[Path], root: Path, tests: Sequence[str]) -> Iterator[tuple[Mutant, bool, bool]]:
    """The mutants inside functions: whether one survived, and whether it has to be tried again at import.

    It has to where the function was called to make the cases of a test, before the change was made, or where its
    code needs other names from outside than the loaded one. The answers come from a process in which the tests were
    collected, one JSON line each.
    """
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.close(reading)
        _quiet()
        with os.fdopen(writing, "w") as told:
            code = pytest.main([*_OPTIONS, *tests], plugins=[_Trials(paths, root, told)])
            told.flush()
        os._exit(int(code))
    os.close(writing)
    every = {one.name: one for path in paths for one in mutants_of(path, root)[1]}
    with os.fdopen(reading) as said:
        for line in said:
            name, survived, is_open = json.loads(line)
            yield every[tuple(name)], survived, is_open
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        sys.exit("The warm process ended early; its results are not whole.")


class _Trials:
    """In place of pytest's loop over the tests: one fork a mutant, which runs the tests that call its function."""

    def __init__(self, paths: Sequence[Path], root: Path, told: Any) -> None:
        self._paths, self._root, self._told = paths, root, told
        self._files = {str(path) for path in paths}
        self._early: set[tuple[str, str]] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Notes which functions are called while tests are collected."""
        with _noting(self._files, self._early):
            return (yield)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Called once, with the tests collected."""
        calls, seconds = _calls(session, self._files)
        functions = _functions(self._files)
        for path in self._paths:
            tree, mutants = mutants_of(path, self._root)
            kills: Counter[int] = Counter()
            for mutant in mutants:
                if mutant.at_import:
                    continue
                place = (str(path), mutant.function)
                # What has killed others before comes first, then what is quick.
                numbers = sorted(calls.get(place, ()), key=lambda number: (-kills[number], seconds[number]))
                before = apply(mutant)
                killer, is_elsewhere = _killer(session, numbers, functions.get(place, []), tree, place)
                _restore(mutant, before)
                kills.update([killer] if killer is not None else [])
                self._told.write(json.dumps([mutant.name, killer is None, is_elsewhere or place in self._early]) + "\n")
                self._told.flush()
        return True


def _restore(mutant: Mutant, before: ast.AST) -> None:
    parent, field, index = mutant.place
    if index is None:
        setattr(parent, field, before)
    else:
        getattr(parent, field)[index] = before


def _killer(
    session: pytest.Session, numbers: list[int], functions: list[FunctionType], tree: ast.Module,
    place: tuple[str, str],
) -> tuple[int | None, bool]:  # fmt: skip
    """The first of these tests that fails with the changed function in place of the loaded one; None if none does.

    Where a trial ends by itself (an endless loop, out of memory), the test that ran is not known: -1. Also whether the
    loaded function cannot take the changed code.
    """
    reading, writing = os.pipe()

    def trial() -> int:
        code = _code_of(compile(tree, place[0], "exec"), place[1])
        for function in functions:
            if function.__code__.co_freevars != code.co_freevars:
                return _ELSEWHERE
            function.__code__ = code
        for number in numbers:
            if not _passes(session, session.items[number]):
                os.write(writing, str(number).encode())
                return _KILLED
        return _SURVIVED

    code = _forked(trial)
    os.close(writing)
    with os.fdopen(reading) as told:
        said = told.read()
    return (None if code in (_SURVIVED, _ELSEWHERE) else int(said or -1)), code == _ELSEWHERE


def _forget() -> None:
    """Clear what functions of the room keep of earlier calls: a change has to be met by each test anew."""
    ours = [module for name, module in list(sys.modules.items()) if name.startswith(_ROOM)]
    for keeper in [value for module in ours for value in vars(module).values() if hasattr(value, "cache_clear")]:
        keeper.cache_clear()


def _passes(session: pytest.Session, item: pytest.Item) -> bool:
    _forget()
    failed: list[bool] = []

    class Watch:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            failed.append(report.failed)

    watch = Watch()
    session.config.pluginmanager.register(watch)
    try:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    except Exception:  # a change may break what runs the tests as well, for want of memory
        return False
    session.config.pluginmanager.unregister(watch)
    return not any(failed)


def _calls(session: pytest.Session, files: set[str]) -> tuple[dict[tuple[str, str], set[int]], dict[int, float]]:
    """Which tests call each function of these files, and how long each test takes; found out in a fork."""
    reading, writing = os.pipe()

    def trial() -> int:
        told = []
        for number, item in enumerate(session.items):
            seen: set[tuple[str, str]] = set()
            began = time.perf_counter()
            with _noting(files, seen):
                if not _passes(session, item):
                    return _KILLED
            told.append((number, time.perf_counter() - began, sorted(seen)))
        with os.fdopen(writing, "w") as out:
            json.dump(told, out)
        return _SURVIVED

    child = _start(trial, cpu_s=_WALL_S)  # all tests, each watched
    os.close(writing)
    with os.fdopen(reading) as said:
        content = said.read()
    if _end(child) != _SURVIVED:
        raise RuntimeError("the tests fail as the code stands")
    calls: dict[tuple[str, str], set[int]] = {}
    seconds = {}
    for number, took, seen in json.loads(content):
        seconds[number] = took
        for file, name in seen:
            calls.setdefault((file, name), set()).add(number)
    return calls, seconds


@contextmanager
def _noting(files: set[str], seen: set[tuple[str, str]]) -> Iterator[None]:
    """Within it, `seen` takes up (file, outermost function) of every call of a function of these files."""

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename in files:
            seen.add((frame.f_code.co_filename, frame.f_code.co_qualname.split(".<locals>")[0]))

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


def _functions(files: set[str]) -> dict[tuple[str, str], list[FunctionType]]:
    """The functions of these files as they are loaded, whoever holds them: a class, a validator, a table."""
    found: dict[tuple[str, str], list[FunctionType]] = {}
    for one in gc.get_objects():
        if type(one) is FunctionType and one.__code__.co_filename in files:
            found.setdefault((one.__code__.co_filename, one.__code__.co_qualname), []).append(one)
    return found


def _code_of(code: CodeType, name: str) -> CodeType:
    inner: Iterable[CodeType] = (const for const in code.co_consts if isinstance(const, CodeType))
    for one in inner:
        if one.co_qualname == name:
            return one
        if name.startswith(f"{one.co_qualname}."):
            return _code_of(one, name)
    raise LookupError(name)


# ── Forks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _forked(trial: Callable[[], int]) -> int:
    return _end(_start(trial))


def _start(trial: Callable[[], int], *, cpu_s: int = _CPU_S) -> int:
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = _BROKEN
    try:
        _quiet()
        os.setpgid(0, 0)
        signal.alarm(_WALL_S)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        code = int(trial())
    finally:
        os._exit(code)


def _end(child: int) -> int:
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == _BROKEN:
        raise RuntimeError("a trial broke down before its tests could say anything")
    return code


def _quiet() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
