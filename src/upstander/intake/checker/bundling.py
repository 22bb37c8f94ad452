"""Our scripts as one: each module keeps its own names, and gets what it imports from those before it."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

_IMPORT = re.compile(r'^import (?:\{([^}]*)\}|\* as (\w+)) from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (async function|function|class|const) (\w+)", re.MULTILINE)


def bundled(start: str) -> str:
    """One script of the module `start` and all that it needs, in an order in which each finds what it imports."""
    return "".join(_wrapped(name) for name in _in_order(start))


def _in_order(start: str) -> list[str]:
    found: dict[str, None] = {}

    def add(name: str) -> None:
        for _, _, needed in _IMPORT.findall(source(name)):
            if needed not in found:
                add(needed)
        found[name] = None

    add(start)
    return list(found)


@cache
def source(name: str) -> str:
    """A module as it is written."""
    return files("upstander.intake.checker").joinpath(f"{name}.js").read_text(encoding="utf-8")


def _wrapped(name: str) -> str:
    text = source(name)
    exports = ", ".join(found[1] for found in _EXPORT.findall(text))
    body = _EXPORT.sub(r"\1 \2", _IMPORT.sub("", text))
    return f"const {name}Module = (() => {{\n{''.join(_taken(text))}{body}return {{ {exports} }};\n}})();\n"


def _taken(text: str) -> Iterator[str]:
    for names, whole, module in _IMPORT.findall(text):
        yield f"const {whole or f'{{ {names.strip()} }}'} = {module}Module;\n"
