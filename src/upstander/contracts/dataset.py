"""How a dataset is declared: the single source of checks, templates, the data dictionary and synthetic rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from upstander.contracts.asking import Purpose


class Kind(StrEnum):
    """What a sent column holds."""

    TEXT = "text"
    CODE = "code"
    TIMESTAMP = "timestamp"
    DATE = "date"
    INTEGER = "integer"
    DECIMAL = "decimal"


@dataclass(frozen=True)
class CodeList:
    """Codes and what they mean, with the source and the date they were true."""

    name: str
    version: str
    dated: date
    source: str
    meanings: Mapping[str, str]

    def __contains__(self, code: str) -> bool:
        return code in self.meanings


@dataclass(frozen=True)
class Column:
    """One column as a sender sends it (after the supplier's map).

    `identifies` and `free_text` columns never reach the warehouse as they are, and their values are never quoted.
    `quotable` columns may be quoted in a message: codes are, names never. `becomes` names the warehouse columns made
    from it; empty means it is checked and dropped.
    """

    name: str
    kind: Kind
    means: str
    required: bool = False
    unit: str = ""
    codes: CodeList | None = None
    identifies: bool = False
    free_text: bool = False
    quotable: bool = False
    becomes: tuple[str, ...] = ()
    example: str = ""
    also_called: tuple[str, ...] = ()


@dataclass(frozen=True)
class DatasetContract:
    """What one dataset is, what to send, and what it may be used for."""

    name: str
    title: str
    version: str
    one_row_is: str
    sent_by: str
    arrives: str
    standard: str
    purposes: Mapping[Purpose, str]  # purpose -> the matrix's note, "" for a plain tick
    counts_by: str  # the warehouse date that `covers` counts by, such as event_from_local
    columns: tuple[Column, ...]
    extra_columns: tuple["WarehouseColumn", ...] = ()
    retention_days: int = 0
    notes: tuple[str, ...] = field(default=())

    def column(self, name: str) -> Column | None:
        """The sent column of that name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class WarehouseColumn:
    """One column as it lies in the warehouse. `dtype` is a polars type name: String, Datetime, Float64, Int32, Int8."""

    name: str
    dtype: str
    means: str
