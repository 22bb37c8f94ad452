"""The sentences of sentences.toml, filled in. The checker page carries the same file and fills it in the same way."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from upstander.contracts.readings import Outcome
from upstander.intake.errors import FileStopped

_FACT = re.compile(r"\{(\w+)(?::([^|}]*)\|([^}]*))?\}")


def say(name: str, **facts: object) -> str:
    """The sentence of that name."""
    return _filled(catalogue()["says"][name], facts)


def expected(rule: str, **facts: object) -> str:
    """What would be right where a row breaks this rule."""
    return _filled(catalogue()["expected"][rule], facts)


def stop(name: str, *, outcome: Outcome | None = None, line: int | None = None, **facts: object) -> FileStopped:
    """Why a file as a whole goes no further, to be raised. outcome: where the catalogue leaves it open."""
    stated = catalogue()["stops"][name]
    is_what = outcome or Outcome(stated["outcome"])
    return FileStopped(is_what, _filled(stated["says"], facts), rule=stated["rule"], line=line)


def counted(count: int, one: str, many: str) -> str:
    """`1 row`, `1,204 rows`."""
    return f"{count:,} {one if count == 1 else many}"


@cache
def catalogue() -> dict[str, Any]:
    """Every sentence: `stops`, `says` and `expected`, each by name."""
    return tomllib.loads(files("upstander.intake").joinpath("sentences.toml").read_text(encoding="utf-8"))


def _filled(template: str, facts: dict[str, object]) -> str:
    def fill(found: re.Match[str]) -> str:
        fact, one, many = facts[found[1]], found[2], found[3]
        if not isinstance(fact, int):
            return str(fact)
        return f"{fact:,}" if one is None else counted(fact, one, many)

    return _FACT.sub(fill, template)
