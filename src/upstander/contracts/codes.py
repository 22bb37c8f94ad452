"""Code lists, taxonomies and the maps between them: data files beside this one, each with a source and a date."""

import itertools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, TypeVar

from upstander.contracts.spellings import SPELLINGS, plain
from upstander.errors import WrongUsage
from upstander.values.canonical import short_id

_CHOICE = re.compile(r"\[([^\]]+)\]")
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class CodeList:
    """Codes and what they mean, with the source and the date they were true.

    `families` are the patterns as the file writes them, such as `27-[A-E]-[0-9]S`. `meanings` already holds every code
    of every family, and of every list that this one `joins`. `to_verify` says what the provider should confirm before
    the list is relied on; empty if nothing. `aliases` are short forms that are read as one of the codes.
    """

    name: str
    version: str
    dated: date
    source: str
    meanings: Mapping[str, str]
    families: tuple[tuple[str, str], ...] = ()
    joins: tuple[str, ...] = ()
    to_verify: str = ""
    spellings: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)

    def __contains__(self, code: str) -> bool:
        return code in self.meanings

    def canonical(self, text: str) -> str | None:
        """The code that `text` spells, or None where the list has none. Made for a column's distinct values."""
        tidy = plain(text)
        short = self.aliases.get(tidy.lower(), tidy)
        spelt = (tidy, short, tidy.lower(), tidy.upper(), *(SPELLINGS[spelling](text) for spelling in self.spellings))
        return next((code for code in spelt if code in self.meanings), None)


@dataclass(frozen=True)
class Taxonomy:
    """The one set of classes that every source's codes are brought to. The last resort of each is `unknown`."""

    name: str
    version: str
    dated: date
    source: str
    classes: Mapping[str, str]


@dataclass(frozen=True)
class CodeMap:
    """What each code of the list of the same name means in the taxonomies.

    `rows` is code -> taxonomy -> class. `excluded` is code -> reason: a row with such a code is set aside with that
    reason and never counted as violence. `into` is empty where a list says nothing about any class.
    """

    name: str
    version: str
    dated: date
    source: str
    into: tuple[str, ...]
    rows: Mapping[str, Mapping[str, str]]
    excluded: Mapping[str, str]


@cache
def code_list(name: str) -> CodeList:
    """A shipped code list. A file may join others (`joins`), which then stay lists of their own."""
    raw = _read("codelists", name)
    joined = [code_list(part) for part in raw.get("joins", ())]
    families: dict[str, str] = raw.get("families", {})
    meanings: dict[str, str] = raw.get("meanings", {}) | _expanded(families)
    for part in joined:
        meanings |= part.meanings
    return CodeList(
        name=name,
        version="; ".join([raw["version"], *(f"{part.name} {part.version}" for part in joined)]),
        dated=raw["dated"],
        source="; ".join([raw["source"], *(part.source for part in joined)]),
        meanings=MappingProxyType(meanings),
        families=(*families.items(), *(family for part in joined for family in part.families)),
        joins=tuple(raw.get("joins", ())),
        to_verify=" ".join(filter(None, [raw.get("to_verify", ""), *(part.to_verify for part in joined)])),
        aliases=MappingProxyType(dict(raw.get("aliases", {}))),
        spellings=tuple(dict.fromkeys([*raw.get("spellings", ()), *(s for part in joined for s in part.spellings)])),
    )


@cache
def taxonomy(name: str) -> Taxonomy:
    """A shipped taxonomy: weapon_class, mechanism, injury_severity, place_class, role, sex or ethnic_group."""
    raw = _read("taxonomies", name)
    return Taxonomy(name, raw["version"], raw["dated"], raw["source"], MappingProxyType(raw["classes"]))


@cache
def code_map(name: str) -> CodeMap:
    """The map of the code list of that name into the taxonomies."""
    raw = _read("codemaps", name)
    joined = [code_map(part) for part in raw.get("joins", ())]
    rows: dict[str, Mapping[str, str]] = _expanded(raw.get("families", {})) | raw.get("rows", {})
    excluded = _expanded(raw.get("excluded_families", {})) | raw.get("excluded", {})
    for part in joined:
        rows |= part.rows
        excluded |= part.excluded
    return CodeMap(
        name=name,
        version="; ".join([raw["version"], *(f"{part.name} {part.version}" for part in joined)]),
        dated=raw["dated"],
        source="; ".join([raw["source"], *(part.source for part in joined)]),
        into=tuple(raw["into"]),
        rows=MappingProxyType(rows),
        excluded=MappingProxyType(excluded),
    )


def map_of(codes: CodeList) -> CodeMap:
    """The map of a list; of one that is declared and not shipped, such as a dataset's indicators, an empty map."""
    if codes.name in shipped("codemaps"):
        return code_map(codes.name)
    return CodeMap(codes.name, codes.version, codes.dated, codes.source, (), MappingProxyType({}), MappingProxyType({}))


def shipped(kind: str) -> tuple[str, ...]:
    """Names of the shipped files of a kind: codelists, taxonomies or codemaps."""
    return tuple(
        sorted(path.name.removesuffix(".toml") for path in _folder(kind).iterdir() if path.name.endswith(".toml"))
    )


@cache
def codes_version(*lists: str) -> str:
    """Eight hex digits that name the exact code lists, maps and taxonomies behind a row: equal files, equal name.

    lists: names of code lists; every shipped one if none is given.
    """
    wanted = sorted({part for name in lists or shipped("codelists") for part in _with_joined(name)})
    paths = [_folder(kind) / f"{name}.toml" for name in wanted for kind in ("codelists", "codemaps")]
    paths += [_folder("taxonomies") / f"{name}.toml" for name in shipped("taxonomies")]
    return short_id(path.read_text(encoding="utf-8") for path in paths if path.is_file())[:8]


def codes_of_family(pattern: str) -> list[str]:
    """Every code that a family such as `27-[A-E]-[0-9]S` stands for."""
    pieces = _CHOICE.split(pattern)  # plain text and the insides of brackets in turn
    choices = [_characters(piece) if place % 2 else [piece] for place, piece in enumerate(pieces)]
    return ["".join(picked) for picked in itertools.product(*choices)]


def _with_joined(name: str) -> set[str]:
    return {name}.union(*(_with_joined(part) for part in _read("codelists", name).get("joins", ())))


def _expanded(families: Mapping[str, _Value]) -> dict[str, _Value]:
    return {code: value for pattern, value in families.items() for code in codes_of_family(pattern)}


def _characters(inside: str) -> list[str]:
    """The characters that `A-E` or `GS` stands for."""
    first, dash, last = inside.partition("-")
    return [chr(point) for point in range(ord(first), ord(last) + 1)] if dash else list(inside)


def _folder(kind: str) -> Traversable:
    return files("upstander.contracts") / kind


def _read(kind: str, name: str) -> dict[str, Any]:
    path = _folder(kind) / f"{name}.toml"
    if not path.is_file():
        raise WrongUsage(f"There is no '{name}' in {kind}.", found=name, expected=", ".join(shipped(kind)))
    return tomllib.loads(path.read_text(encoding="utf-8"))
