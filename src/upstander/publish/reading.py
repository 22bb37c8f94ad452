"""Reading released tables for a picture: what each cell holds, or which of the ways of having no number it is."""

from dataclasses import dataclass

from upstander.contracts.releasing import ReleasedTable, Status


@dataclass(frozen=True)
class Shown:
    """A cell as it may be shown. `value`, `low`, `high` are None where there is no number."""

    status: Status
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def has_number(self) -> bool:
        """Whether there is a number to draw, be it uncertain."""
        return self.value is not None and self.status in {Status.SHOWN, Status.TOO_UNCERTAIN}

    @property
    def number(self) -> float:
        """The number, 0.0 where there is none: for sorting and adding only, never for showing."""
        return self.value if self.value is not None and self.has_number else 0.0


ABSENT = Shown(Status.MISSING)
Cells = dict[tuple[str, ...], Shown]


def cells_of(table: ReleasedTable | None, *dimensions: str) -> Cells:
    """Every cell of a table by its dimensions, in the order asked; nothing where the table is absent.

    A row that is not there says nothing: it reads as missing, never as zero.
    """
    if table is None:
        return {}
    names = dimensions or table.dimensions
    rows = table.cells.select(*names, "status", "value", "low", "high").iter_rows()
    return {row[: len(names)]: _shown(*row[len(names) :]) for row in rows}


def _shown(status: str, value: float | None, low: float | None, high: float | None) -> Shown:
    return Shown(Status(status), value, low, high)


def as_text(cell: Shown) -> str:
    """A cell as it stands in a table. Source: Government Statistical Service symbols, with * for a withheld count."""
    if cell.status is Status.SUPPRESSED:
        return "*"
    if cell.status is Status.NOT_APPLICABLE:
        return "[z]"
    if not cell.has_number:
        return "[x]"
    return as_number(cell.number) + (" [u]" if cell.status is Status.TOO_UNCERTAIN else "")


def as_number(value: float) -> str:
    """A count with thousands commas; one decimal only where it is not whole."""
    return f"{value:,.0f}" if abs(value - round(value)) < 0.05 or value >= 100 else f"{value:,.1f}"
