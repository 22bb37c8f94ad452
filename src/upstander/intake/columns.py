"""Headings become the contract's columns: joined, trimmed, constants added, spellings of nothing made empty."""

from collections.abc import Collection, Iterator, Sequence

import polars as pl

from upstander.contracts.dataset import Column, DatasetContract, Kind
from upstander.intake.cells import LINE
from upstander.intake.suppliers import Supplier

_BLANKS = " \t\u00a0\r\n"
_NAME_COLUMNS = ("surname", "forename")  # people are called Null and None


def in_contract_columns(
    rows: pl.DataFrame, contract: DatasetContract, supplier: Supplier, *, padded: Collection[str]
) -> tuple[pl.DataFrame, int]:
    """`line` and, as trimmed text or null, every contract column that this file fills; and how many cells said in words
    that nothing is there. padded: the headings that have a cell with blanks round its text.

    Of figures also `area.level` and `period.identifier`, where a heading says them.
    """
    present = set(rows.columns)
    made = [_trimmed(heading, padded).alias(name) for heading, name in supplier.columns.items() if heading in present]
    made.extend(_joined(parts, present).alias(name) for name, parts in supplier.split.items() if present & set(parts))
    made.extend(pl.lit(text.strip(_BLANKS)).alias(name) for name, text in supplier.constants.items())
    made.extend(pl.col(heading).str.strip_chars(_BLANKS) for heading in supplier.figure_headings if heading in present)
    made.extend(_words_of_figures(supplier))
    trimmed = rows.select(LINE, *made)
    filled = trimmed.with_columns(_unless_empty(name) for name in trimmed.columns if name != LINE)
    spelt = spellings(supplier.nulls)
    may_be_null = [c.name for c in contract.columns if c.name in filled.columns and spells_nothing(c)]
    made_empty = filled.with_columns(
        pl.when(~pl.col(name).is_in(spelt)).then(pl.col(name)).alias(name) for name in may_be_null
    )
    return made_empty, _empty_cells(made_empty) - _empty_cells(filled)


def _empty_cells(rows: pl.DataFrame) -> int:
    return sum(column.null_count() for column in rows.get_columns())


def _joined(parts: Sequence[str], present: set[str]) -> pl.Expr:
    texts = [pl.col(part).str.strip_chars() for part in parts if part in present]
    return pl.concat_str([pl.when(text != "").then(text) for text in texts], separator=" ", ignore_nulls=True)


def _words_of_figures(supplier: Supplier) -> Iterator[pl.Expr]:
    """The area by the level of the row, and what kind of period it is for."""
    areas, identifier = supplier.areas, supplier.period.identifier
    if identifier:
        yield pl.col(identifier).str.strip_chars(_BLANKS).alias("period.identifier")
    if not areas.level:
        return
    level = pl.col(areas.level).str.strip_chars(_BLANKS)
    yield level.alias("area.level")
    for name, part in (("area_code", "code"), ("area_name", "name")):
        if name in areas.fills:
            stated = [(said, heading) for said, one in areas.levels.items() if (heading := getattr(one, part))]
            yield pl.coalesce(
                pl.when(level == said).then(pl.col(heading).str.strip_chars(_BLANKS)) for said, heading in stated
            ).alias(name)


def _trimmed(heading: str, padded: Collection[str]) -> pl.Expr:
    text = pl.col(heading)
    return text.str.strip_chars(_BLANKS) if heading in padded else text


def _unless_empty(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)


def spells_nothing(column: Column) -> bool:
    """Whether a cell of the column may say in words that nothing is there."""
    if column.kind is Kind.FIGURE:  # a mark in the place of a number says more than that nothing is there
        return False
    return not column.free_text and column.name not in _NAME_COLUMNS and column.codes is None


def spellings(nulls: Sequence[str]) -> list[str]:
    """The words for nothing as people write them: in capitals, in small letters, as a title."""
    return sorted({spelt for text in nulls for spelt in (text, text.upper(), text.lower(), text.title())})
