"""A released table as tidy columns: keys, what they are called, numbers, status. Every file is made from these."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from upstander.contracts.releasing import About, ReleasedTable, Status
from upstander.publish.exports.errors import CannotBeWritten
from upstander.publish.exports.facts import ExportFacts
from upstander.publish.exports.texts import plain, plain_text
from upstander.publish.words import capital

NUMBERS = ("value", "low", "high")
_AREA = "area"
_LAYER = r"^[a-z]+[0-9]*:"
_FILE, _COLUMN = re.compile(r"[a-z0-9][a-z0-9_-]*"), re.compile(r"[a-z][a-z0-9_]*")
_WORDLESS = (Status.SUPPRESSED.value, Status.MISSING.value, Status.NOT_APPLICABLE.value)


@dataclass(frozen=True)
class Key:
    """A dimension: the name and title of its column, and the column of what its codes are called, if any."""

    dimension: str
    name: str
    title: str
    label: str = ""
    label_title: str = ""

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Name and title of its one or two columns."""
        return ((self.name, self.title), (self.label, self.label_title))[: 2 if self.label else 1]


@dataclass(frozen=True)
class Tidy:
    """A table ready to be written. `frame`: the columns of the keys (text), value, low, high (float), status (text).

    A row is a cell. A value is null unless the cell is shown; a withheld, missing or inapplicable one has no limits.
    """

    name: str
    about: About
    keys: tuple[Key, ...]
    frame: pl.DataFrame

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Name and title of each column of text, in order, the status left out."""
        return tuple(column for key in self.keys for column in key.columns)

    @property
    def limits(self) -> tuple[str, ...]:
        """`low` and `high` where any cell has one."""
        return tuple(name for name in ("low", "high") if self.frame[name].null_count() < self.frame.height)

    @property
    def value_title(self) -> str:
        """What the numbers are, with their unit."""
        measure, unit = plain(self.about.measure), plain(self.about.unit)
        return capital(measure if not unit or unit == measure else f"{measure} ({unit})")


def tidied(tables: Sequence[ReleasedTable], facts: ExportFacts) -> tuple[Tidy, ...]:
    """Every table, in the order given. Raises CannotBeWritten where one cannot be said truly, or two share a name."""
    made = tuple(tidy(table, facts.labels) for table in tables)
    names = [one.name for one in made]
    if not made or len(set(names)) < len(names):
        raise CannotBeWritten(
            "An export has at least one table, and each has a name of its own.",
            found=", ".join(names) or "no table", expected="names that differ", state="Nothing was written.",
        )  # fmt: skip
    return made


def tidy(table: ReleasedTable, labels: Mapping[str, Mapping[str, str]]) -> Tidy:
    """One table as plain text and numbers, with what its codes are called beside them.

    An area's key loses its layer, which the table tells once: `lsoa21:F01000001` is written F01000001.
    """
    _refuse_untrue(table)
    keys = tuple(_key(name, has_label=bool(labels.get(name))) for name in table.dimensions)
    texts = [column for key in keys for column in _columns(key, labels)]
    is_shown = pl.col("status") == Status.SHOWN.value
    numbers = [
        pl.when(is_shown).then("value").otherwise(None).cast(pl.Float64).alias("value"),
        pl.col("low", "high").cast(pl.Float64),
    ]
    # Adding zero makes a negative zero a plain one.
    frame = table.cells.select(*texts, *numbers, "status").with_columns(pl.col(NUMBERS) + 0.0)
    if frame.select(pl.struct(pl.lit(0), *(key.name for key in keys)).is_duplicated().any()).item():
        raise _untrue(table, "two rows whose keys read alike once they are plain text")
    return Tidy(table.name, table.about, keys, frame)


def _key(dimension: str, *, has_label: bool) -> Key:
    words = capital(dimension.replace("_", " "))
    name, title = (f"{dimension}_code", f"{words} code") if dimension == _AREA else (dimension, words)
    return Key(dimension, name, title, *((f"{dimension}_name", f"{words} name") if has_label else ()))


def _columns(key: Key, labels: Mapping[str, Mapping[str, str]]) -> list[pl.Expr]:
    code = pl.col(key.dimension)
    bare = code.str.replace(_LAYER, "") if key.dimension == _AREA else code
    columns = [plain_text(bare).alias(key.name)]
    if key.label:
        called = code.replace_strict(dict(labels[key.dimension]), default=bare, return_dtype=pl.String)
        columns.append(pl.coalesce(plain_text(called).replace("", None), plain_text(bare)).alias(key.label))
    return columns


def _refuse_untrue(table: ReleasedTable) -> None:
    """Defence in depth: `disclosure` makes no such table, and none leaves."""
    if not isinstance(table, ReleasedTable):
        raise TypeError(f"an export takes ReleasedTables only, not {type(table).__name__}")
    if not _FILE.fullmatch(table.name) or not all(map(_COLUMN.fullmatch, table.dimensions)):
        raise _untrue(table, "a name that no file or column can have")
    cells, status = table.cells, pl.col("status")
    is_keyless = [plain_text(pl.col(name)).fill_null("") == "" for name in table.dimensions]
    has_number = pl.any_horizontal(pl.col(NUMBERS).is_not_null())
    is_endless = [~pl.col(name).is_finite() for name in NUMBERS]
    wrong = {
        "a row without a key": pl.any_horizontal(pl.lit(value=False), *is_keyless),
        "a status that is none of the five": ~status.is_in([one.value for one in Status]).fill_null(value=False),
        "a number under a cell that is withheld, missing or not applicable": status.is_in(_WORDLESS) & has_number,
        "a shown cell that has no number": (status == Status.SHOWN.value) & pl.col("value").is_null(),
        "a number that is none": pl.any_horizontal(*is_endless),
    }
    for found, is_wrong in wrong.items():
        if cells.select(is_wrong.any()).item():
            raise _untrue(table, found)


def _untrue(table: ReleasedTable, found: str) -> CannotBeWritten:
    return CannotBeWritten(
        f"The table '{table.name}' cannot be written as it is: it has {found}.",
        where=table.name, found=found, expected="a table as disclosure makes it", state="Nothing was written.",
    )  # fmt: skip
