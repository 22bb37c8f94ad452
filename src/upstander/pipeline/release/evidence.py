"""An attack as evidence: how many hidden counts were attacked, the narrowest first, and the tables to blame."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from upstander.disclosure import Attack

NARROWEST = 50


@dataclass(frozen=True)
class Attacked:
    """Attacks by dataset. `tables` are those that give an exposed cell away, as `dataset: dimension of total`."""

    release: str
    against: tuple[str, ...]
    attacks: Mapping[str, Attack]

    @property
    def passed(self) -> bool:
        """Whether no hidden count is narrower than its rule says."""
        return all(one.is_clean for one in self.attacks.values())

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """Dataset, cell, what it can be: the narrowest first."""
        found = [
            (values, dataset, cell, told)
            for dataset, one in self.attacks.items()
            for cell, told, values in _narrowest(one)
        ]
        return [row[1:] for row in sorted(found, key=lambda row: (row[0] is None, row[0] or 0, row[1:]))][:NARROWEST]

    @property
    def tables(self) -> tuple[str, ...]:
        """What gives an exposed cell away."""
        blamed = (
            (dataset, row) for dataset, one in self.attacks.items() for row in one.sums.drop("target").unique().rows()
        )
        return tuple(sorted({f"{dataset}: {', '.join(map(str, row))}" for dataset, row in blamed}))

    @property
    def in_words(self) -> str:
        """What a person reads of it."""
        attacked = sum(one.cells.height for one in self.attacks.values())
        exposed = sum(one.exposed.height for one in self.attacks.values())
        beside = f"beside {len(self.against)} earlier publications" if self.against else "on its own"
        if exposed:
            told = f"{exposed} of {attacked} hidden counts can be worked out more closely than their rule allows"
            return f"{told}, {beside}: {'; '.join(self.tables[:5])}."
        return f"{attacked} hidden counts attacked, {beside}; none can be worked out more closely than its rule allows."

    @property
    def values(self) -> dict[str, Any]:
        """All of it as JSON values: bounds an attacker finds, never a count."""
        return {"release": self.release, "against": list(self.against), "passed": self.passed,
                "datasets": attack_values(self.attacks)}  # fmt: skip


def attack_values(attacks: Mapping[str, Attack]) -> dict[str, Any]:
    """Attacks by dataset, as JSON values."""
    return {dataset: _values(one) for dataset, one in sorted(attacks.items())}


def _values(found: Attack) -> dict[str, Any]:
    return {
        "attacked": found.cells.height, "exposed": found.exposed.height, "programmes": found.programmes,
        "narrowest": found.cells.head(NARROWEST).rows(named=True),
        "blamed": found.sums.head(NARROWEST).rows(named=True),
    }  # fmt: skip


def _narrowest(found: Attack) -> list[tuple[str, str, int | None]]:
    """Cell, what it can be, how many numbers that is."""
    facts = ("vintage", "since", "low", "high", "values", "wanted", "is_exact", "is_exposed")
    dimensions = [name for name in found.cells.columns if name not in facts]
    cell = pl.concat_str(dimensions, separator=", ")
    change = pl.when(pl.col("since").is_not_null()).then(pl.lit(" (what was revised)")).otherwise(pl.lit(""))
    low, high = (pl.col(name).cast(pl.String).fill_null("any") for name in ("low", "high"))
    words = pl.concat_str([
        pl.format("{} to {}", low, high),
        pl.when("is_exact").then(pl.lit("")).otherwise(pl.lit(" at least")),
        pl.when("is_exposed").then(pl.lit(", TOO NARROW")).otherwise(pl.lit("")),
    ])  # fmt: skip
    told = found.cells.head(NARROWEST).select(
        pl.concat_str([cell, change]).alias("cell"), words.alias("told"), "values"
    )
    return [(str(row[0]), str(row[1]), row[2]) for row in told.rows()]
