"""Numbered outputs: the released tables, the rendered files, and one line in the ledger for each."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from upstander.contracts.releasing import About, Edition, ReleasedTable
from upstander.contracts.rules import rule_in_words
from upstander.errors import UpstanderError
from upstander.pipeline.home import Home
from upstander.values.canonical import canonical_json
from upstander.values.durable import append_line, locked, make_folder, publish, sync_file, sync_folder, write_whole

_LEDGER = "ledger.jsonl"


class MixedGeographies(UpstanderError):
    """A shareable output would show two sets of areas, whose differences give small numbers away."""


@dataclass(frozen=True)
class OutputFacts:
    """What `output.json` says of an output. `made` is an aware UTC moment. `release` is the release its
    numbers are of, empty for an operational picture.
    """

    kind: str
    edition: Edition
    recipients: tuple[str, ...]
    purpose: str
    person: str
    made: datetime
    expires: date
    release: str = ""


@dataclass(frozen=True)
class Output:
    """One output on disk."""

    number: int
    folder: Path
    files: tuple[Path, ...]


def write_output(
    home: Home,
    facts: OutputFacts,
    tables: Sequence[ReleasedTable],
    render: Callable[[int, Path], Iterable[Path]],
) -> Output:
    """Give the output its number, write its tables, let `render(number, folder)` write its files, enter the ledger.

    The folder appears whole, by one rename. Raises MixedGeographies for a shareable output with two sets of areas.
    """
    _refuse_mixed(facts, tables)
    shelf = home.outputs / facts.kind
    with locked(home.outputs / ".lock"):
        number = 1 + max((int(folder.name) for folder in shelf.glob("[0-9]*")), default=0)
        building = shelf / f".{number:04d}.building"
        _clear(building)
        make_folder(building)
        _write_tables(building, tables)
        try:
            rendered = tuple(path.name for path in render(number, building))
        except BaseException:
            _clear(building)
            raise
        write_whole(building / "output.json", canonical_json(_described(number, facts, tables)))
        for path in building.iterdir():
            sync_file(path)
        sync_folder(building)
        folder = shelf / f"{number:04d}"
        publish(building, folder)
        append_line(ledger_path(home), canonical_json(_ledger_line(number, facts, tables)))
    return Output(number, folder, tuple(folder / name for name in rendered))


def ledger_path(home: Home) -> Path:
    """Where the ledger lies."""
    return home.outputs / _LEDGER


def enter_ledger(home: Home, facts: OutputFacts, shown: Mapping[str, object]) -> None:
    """A line for what was shown on a screen and not kept: who, when, for what, and which cells were asked for."""
    with locked(home.outputs / ".lock"):
        append_line(ledger_path(home), canonical_json(_ledger_line(None, facts, ()) | {"shown": shown}))


def append_ledger(home: Home, line: Mapping[str, object]) -> None:
    """A line of another kind: what became of an output since."""
    with locked(home.outputs / ".lock"):
        append_line(ledger_path(home), canonical_json(line))


def ledger_lines(home: Home) -> list[dict[str, Any]]:
    """The ledger, oldest line first; half a line that a crash left is passed over."""
    path = ledger_path(home)
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]


def output_values(home: Home, kind: str, number: int) -> dict[str, Any]:
    """What `output.json` says of a numbered output; empty where its folder is gone."""
    path = home.outputs / kind / f"{number:04d}" / "output.json"
    values: dict[str, Any] = json.loads(path.read_bytes()) if path.is_file() else {}
    return values


def _refuse_mixed(facts: OutputFacts, tables: Sequence[ReleasedTable]) -> None:
    layers = sorted({table.about.area_layer for table in tables if table.about.area_layer})
    if facts.edition is Edition.SHAREABLE and len(layers) > 1:
        raise MixedGeographies(
            "A shareable output shows one set of areas; this one would show two.",
            found=", ".join(layers), expected="one layer", state="Nothing was written.",
        )  # fmt: skip


def _clear(folder: Path) -> None:
    for path in folder.glob("*"):
        path.unlink()


def _write_tables(folder: Path, tables: Sequence[ReleasedTable]) -> None:
    for table in tables:
        table.cells.write_parquet(folder / f"{table.name}.parquet")
        write_whole(folder / f"{table.name}.json", canonical_json(described(table)))


def described(table: ReleasedTable) -> dict[str, object]:
    """A released table as JSON values: its name, dimensions, what it says of itself, and its cells."""
    return {
        "name": table.name,
        "dimensions": list(table.dimensions),
        "about": described_about(table.about),
        "cells": table.cells.rows(named=True),
    }


def described_about(about: About) -> dict[str, object]:
    """What a table says of itself, as JSON values."""
    return {
        "title": about.title,
        "measure": about.measure,
        "unit": about.unit,
        "edition": about.edition.value,
        "period": str(about.period),
        "area_layer": about.area_layer,
        "rules": [{**asdict(rule), "says": rule_in_words(rule)} for rule in about.rules],
        "readings": [list(reading) for reading in about.readings],
        "method": f"{about.method} {about.method_version}",
        "definition": about.definition,
        "source": about.source,
        "caveats": list(about.caveats),
        "recording_changes": list(about.recording_changes),
        "handling": about.handling,
        "expires": about.expires.isoformat() if about.expires else None,
    }


def _described(number: int, facts: OutputFacts, tables: Sequence[ReleasedTable]) -> dict[str, object]:
    abouts = [table.about for table in tables]
    return _ledger_line(number, facts, tables) | {
        "readings": _readings(abouts),
        "methods": sorted({f"{about.method} {about.method_version}" for about in abouts}),
        "definitions": sorted({about.definition for about in abouts}),
        "rules": sorted({f"{rule.name} ({rule.agreement})" for about in abouts for rule in about.rules}),
    }


def _readings(abouts: Iterable[About]) -> list[list[str]]:
    return [list(reading) for reading in sorted({reading for about in abouts for reading in about.readings})]


def _ledger_line(number: int | None, facts: OutputFacts, tables: Sequence[ReleasedTable]) -> dict[str, object]:
    line: dict[str, object] = {
        "number": number,
        "kind": facts.kind,
        "edition": facts.edition.value,
        "recipients": list(facts.recipients),
        "purpose": facts.purpose,
        "person": facts.person,
        "made": facts.made.isoformat(timespec="seconds"),
        "expires": facts.expires.isoformat(),
        "tables": sorted(table.name for table in tables),
    }
    return line | {"release": facts.release} if facts.release else line
