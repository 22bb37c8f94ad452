"""Headings become the contract's columns: joined, trimmed, constants added, spellings of nothing made empty."""

from collections.abc import Sequence

import polars as pl

from upstander.contracts.dataset import Column, DatasetContract
from upstander.intake.cells import LINE
from upstander.intake.suppliers import Supplier

_NAME_COLUMNS = ("surname", "forename")  # people are called Null and None


def in_contract_columns(rows: pl.DataFrame, contract: DatasetContract, supplier: Supplier) -> tuple[pl.DataFrame, int]:
    """`line` and, as trimmed text or null, every contract column that this file fills; and how many cells said in words
    that nothing is there.
    """
    present = set(rows.columns)
    made = [pl.col(heading).alias(name) for heading, name in supplier.columns.items() if heading in present]
    made.extend(_joined(parts, present).alias(name) for name, parts in supplier.split.items() if present & set(parts))
    rows = rows.select(LINE, *made).with_columns(pl.lit(text).alias(name) for name, text in supplier.constants.items())
    trimmed = rows.with_columns(_trimmed(name) for name in rows.columns if name != LINE)
    spelt = _spellings(supplier.nulls)
    may_be_null = [c.name for c in contract.columns if c.name in trimmed.columns and _spells_nothing(c)]
    made_empty = trimmed.with_columns(
        pl.when(~pl.col(name).is_in(spelt)).then(pl.col(name)).alias(name) for name in may_be_null
    )
    return made_empty, _empty_cells(made_empty) - _empty_cells(trimmed)


def _empty_cells(rows: pl.DataFrame) -> int:
    return sum(column.null_count() for column in rows.get_columns())


def _joined(parts: Sequence[str], present: set[str]) -> pl.Expr:
    texts = [pl.col(part).str.strip_chars() for part in parts if part in present]
    return pl.concat_str([pl.when(text != "").then(text) for text in texts], separator=" ", ignore_nulls=True)


def _trimmed(name: str) -> pl.Expr:
    text = pl.col(name).str.strip_chars(" \t\u00a0\r\n")
    return pl.when(text != "").then(text).alias(name)


def _spells_nothing(column: Column) -> bool:
    return not column.free_text and column.name not in _NAME_COLUMNS and column.codes is None


def _spellings(nulls: Sequence[str]) -> list[str]:
    return sorted({spelt for text in nulls for spelt in (text, text.upper(), text.lower(), text.title())})
