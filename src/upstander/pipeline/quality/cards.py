"""A feed's scorecard, kept sealed until the next one: its page, its numbers, and what a list shows of it.

vault/scorecards/<dataset>.<supplier>.sealed
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from upstander.pipeline.desk import Desk
from upstander.pipeline.quality.scorecard import scorecard
from upstander.publish.scorecard import headline
from upstander.values.canonical import canonical_json

_KIND = "scorecards"
_MEASURES = ("rows", "completeness", "days")
_NO_NUMBER = {"suppressed": "withheld", "missing": "not known"}


@dataclass(frozen=True)
class Delivered:
    """One delivery on the trend: the first day it covers, and what is shown of it, as text."""

    covers_from: str
    rows: str
    completeness: str
    days: str


@dataclass(frozen=True)
class KeptCard:
    """A scorecard that was made before, of released tables alone. `changes` are (heading, what to change)."""

    made: datetime
    headline: str
    trend: tuple[Delivered, ...]
    changes: tuple[tuple[str, str], ...]
    html: bytes
    csv: bytes


def make_card(desk: Desk, dataset: str, supplier: str) -> str:
    """Make a feed's scorecard anew and keep it; its headline. Raises NotGranted, WrongUsage, as `scorecard` does."""
    made = scorecard(desk, dataset, supplier)
    told = {
        "made": desk.now().isoformat(), "headline": headline(made.card), "html": made.html.decode(),
        "csv": made.csv.decode(),
    }  # fmt: skip
    desk.vault.seal(_KIND, f"{dataset}.{supplier}", canonical_json(told))
    return str(told["headline"])


def kept_card(desk: Desk, dataset: str, supplier: str) -> KeptCard | None:
    """The feed's scorecard as it was last made; None where it never was."""
    if not desk.vault.holds(_KIND, f"{dataset}.{supplier}"):
        return None
    with desk.vault.open_sealed(_KIND, f"{dataset}.{supplier}") as source:
        told: dict[str, Any] = json.loads(source.read())
    lines = list(csv.DictReader(io.StringIO(told["csv"])))
    changes = [(line["dimension 2"], line["dimension 3"]) for line in lines if line["table"] == "change"]
    return KeptCard(
        datetime.fromisoformat(told["made"]), told["headline"], tuple(_trend(lines)),
        tuple((heading, change) for heading, change in changes if change), told["html"].encode(), told["csv"].encode(),
    )  # fmt: skip


def _trend(lines: list[dict[str, str]]) -> Iterator[Delivered]:
    """The deliveries of the table `trend`, newest first."""
    found: dict[str, dict[str, str]] = {}
    for line in lines:
        if line["table"] == "trend" and line["dimension 1"] in _MEASURES:
            found.setdefault(line["dimension 2"], {})[line["dimension 1"]] = _shown(line)
    for day in sorted(found, reverse=True):
        of = found[day]
        yield Delivered(day, *(of.get(measure, "not known") for measure in _MEASURES))


def _shown(line: Mapping[str, str]) -> str:
    """A released value as text; why there is none, in a word."""
    return f"{float(line['value']):,.0f}" if line["value"] else _NO_NUMBER.get(line["status"], "withheld")
