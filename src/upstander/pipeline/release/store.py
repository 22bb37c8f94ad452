"""The indicator store: every published figure with all it needs to explain itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from upstander.errors import WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.release import shelf
from upstander.pipeline.release.published import newer_words, newest_published


@dataclass(frozen=True)
class Figure:
    """One figure as published. `id` is quarter/table/cell; `release` names the edition it stands in; `newer` says that
    another has replaced it, if one has.
    """

    id: str
    release: str
    value: float | None
    low: float | None
    high: float | None
    status: str
    period: str
    definition: str
    datasets: tuple[tuple[str, str, str], ...]
    method: str
    caveats: tuple[str, ...]
    recording_changes: tuple[str, ...]
    rules: tuple[str, ...]
    newer: tuple[str, ...] = ()

    @property
    def how_made(self) -> str:
        """How this was made, in sentences."""
        read = ", ".join(sorted({f"{dataset} from {supplier}" for dataset, supplier, _ in self.datasets}))
        parts = [
            f"{self.period}, from release {self.release}: {read} ({len(self.datasets)} readings).",
            f"Definition: {self.definition}. Method: {self.method}. Rule: {'; '.join(self.rules)}.",
            *self.caveats, *self.recording_changes, *self.newer,
        ]  # fmt: skip
        return " ".join(parts)


@dataclass(frozen=True)
class Store:
    """The figures of one published edition. newer: the sentence that a newer one has replaced them, if one has."""

    edition: shelf.Edition
    newer: tuple[str, ...] = ()

    @cached_property
    def frame(self) -> pl.DataFrame:
        """Every figure, in order (see figures.SCHEMA)."""
        return shelf.cells_of(self.edition, shelf.FIGURES_TABLE)

    def figure(self, table: str, cell: Mapping[str, str]) -> Figure:
        """One figure. Raises WrongUsage where there is none."""
        named = ";".join(f"{name}={value}" for name, value in cell.items())
        found = self.frame.filter(table=table, cell=named)
        if found.height != 1:
            raise WrongUsage(
                f"{self.edition.name} has no figure {table}/{named}.",
                found=named,
                expected="a cell of one of its tables",
            )
        row = found.row(0, named=True)
        rules = (f"{one['name']} ({one['agreement']})" for one in json.loads(row["rules"]))
        return Figure(
            row["figure"], self.edition.name, row["value"], row["low"], row["high"], row["status"], row["period"],
            row["definition"], tuple((one[0], one[1], one[2]) for one in json.loads(row["datasets"])), row["method"],
            tuple(json.loads(row["caveats"])), tuple(json.loads(row["recording_changes"])), tuple(rules),
            self.newer,
        )  # fmt: skip


def published_store(desk: Desk, quarter: str = "") -> Store:
    """The store of the newest published release, of one quarter if it is named. Raises NoRelease."""
    edition = newest_published(desk, quarter)
    return Store(edition, newer_words(desk, edition.name))
