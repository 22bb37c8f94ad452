"""The word lists of this package: data files beside it, each with a source and a date, and one id for them all."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from upstander.values.canonical import short_id


@cache
def word_list(name: str) -> Mapping[str, Any]:
    """One list: abbreviations, classes, abroad, names, layouts or confidence."""
    return MappingProxyType(tomllib.loads((_folder() / f"{name}.toml").read_text(encoding="utf-8")))


@cache
def words_id() -> str:
    """Names the exact lists and coefficients: equal files, equal id. It is part of the id of a reading with texts."""
    lists = sorted(path.name for path in _folder().iterdir() if path.name.endswith(".toml"))
    return short_id((_folder() / name).read_text(encoding="utf-8") for name in lists)


def _folder() -> Traversable:
    return files("upstander.places.texts") / "words"
