"""Text columns read as what they are. Every reading keeps its text beside it, so that rules can say what was found."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from upstander.contracts.dataset import Column, DatasetContract, EventTime, Kind, Shape
from upstander.intake.codes import CodeReader
from upstander.intake.markers import markers_of, read_figures
from upstander.intake.periods import PeriodReader
from upstander.intake.postcodes import PostcodeReader
from upstander.intake.suppliers import Supplier
from upstander.intake.times import coarser, end_of, read_times, utc_readings

_NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?$"
_TIMED = (Kind.TIMESTAMP, Kind.DATE)
_COUNTED = (Kind.INTEGER, Kind.DECIMAL)
DEFAULT_FORMATS = {
    Kind.TIMESTAMP: ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"),
    Kind.DATE: ("%Y-%m-%d",),
}


@dataclass
class Reader:
    """Reads the columns of one file, batch by batch, and remembers what it mended."""

    contract: DatasetContract
    supplier: Supplier
    repairs: Counter[str] = field(default_factory=Counter)
    formats_used: dict[str, set[str]] = field(default_factory=dict)
    swapped: int = 0
    two_digit: int = 0
    postcodes: PostcodeReader = field(default_factory=PostcodeReader)
    _codes: dict[str, CodeReader] = field(default_factory=dict)

    def typed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with, for a column `c`: `c.at`, `c.fine`, `c.unread` (times), `c.number`, `c.unread` (numbers),
        `c.code`, `c.strange` (codes), `c.marker` (figures, with number and unread), `postcode.tidy`; and the event's
        times (see `_event`). Of figures, the event is the period they are for.
        """
        made: list[pl.Series] = []
        for column in self.contract.columns:
            if column.name in rows.columns:
                made.extend(self._read(column, rows[column.name]))
        frame = rows.with_columns(made)
        return self._period(frame) if self.contract.shape is Shape.INDICATORS else self._event(frame)

    def formats(self, column: Column) -> tuple[str, ...]:
        """The formats stated for a column; the contract's own (ISO 8601) where the map states none."""
        return self.supplier.formats.get(column.name) or DEFAULT_FORMATS[column.kind]

    @property
    def code_nothings(self) -> int:
        """How many code cells said in words that nothing is there."""
        return sum(reader.nothings for reader in self._codes.values())

    def _read(self, column: Column, text: pl.Series) -> list[pl.Series]:
        name = column.name
        if column.kind in _TIMED:
            return self._read_times(column, text)
        if column.kind in _COUNTED:
            return _numbers(name, text)
        if column.codes is not None:
            codes, is_strange = self._code_reader(column).read(text)
            return [codes.alias(f"{name}.code"), is_strange.alias(f"{name}.strange")]
        if column.kind is Kind.FIGURE:
            return read_figures(name, text, self._markers)
        return [self.postcodes.read(text).alias("postcode.tidy")] if name == "postcode" else []

    def _read_times(self, column: Column, text: pl.Series) -> list[pl.Series]:
        name, times = column.name, read_times(text, self.formats(column), self.supplier.zone)
        self.repairs.update(times.repairs)
        self.swapped += times.swapped
        self.two_digit += times.two_digit
        self.formats_used.setdefault(name, set()).update(times.used)
        read = [times.values.alias(f"{name}.at"), times.is_unreadable.alias(f"{name}.unread")]
        return read if column.kind == Kind.DATE else [*read, times.precision.alias(f"{name}.fine")]

    def _code_reader(self, column: Column) -> CodeReader:
        if column.name not in self._codes and column.codes is not None:
            nulls = frozenset(text.casefold() for text in self.supplier.nulls)
            self._codes[column.name] = CodeReader(column.codes, self.supplier.codes.get(column.name, {}), nulls)
        return self._codes[column.name]

    def _period(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Adds period.kind, period.label, period.at, period.end and period.unread, and the event's times from them."""
        identifier = frame["period.identifier"] if "period.identifier" in frame.columns else None
        read = frame.with_columns(self._periods.read(frame["period"], identifier).get_columns())
        start, end = pl.col("period.at"), pl.col("period.end")
        return read.with_columns(
            start.alias("event.from"), end.alias("event.to"), end.alias("event.ends"),
            start.alias("event.utc_min"), start.alias("event.utc_max"), pl.lit("unknown").alias("event.fine"),
        )  # fmt: skip

    @cached_property
    def _markers(self) -> dict[str, str]:
        return markers_of(self.supplier)

    @cached_property
    def _periods(self) -> PeriodReader:
        return PeriodReader(self.supplier.period, self.supplier.formats.get("period", ()))

    def _event(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Adds event.from, event.to, event.fine, event.is, event.ends (as sent), event.utc_min and event.utc_max."""
        whens = [when for when in self.contract.event_times if f"{when.starts}.at" in frame.columns]
        starts = [pl.col(f"{when.starts}.at") for when in whens]
        is_first = [
            start.is_not_null() & pl.all_horizontal(*(other.is_null() for other in starts[:index]), pl.lit(value=True))
            for index, start in enumerate(starts)
        ]
        ends = [self._end(when, frame) for when in whens]
        frame = frame.with_columns(
            pl.coalesce(starts).alias("event.from"),
            pl.coalesce(pl.when(is_it).then(end) for is_it, end in zip(is_first, ends, strict=True)).alias(
                "event.ends"
            ),
            pl.coalesce(
                pl.when(is_it).then(coarser(pl.col(f"{when.starts}.fine"), self.supplier.event_precision))
                for is_it, when in zip(is_first, whens, strict=True)
            ).alias("event.fine"),
            pl.coalesce(
                pl.when(is_it).then(pl.lit(self._is_what(index, when.event_is)))
                for index, (is_it, when) in enumerate(zip(is_first, whens, strict=True))
            ).alias("event.is"),
        )
        # An end equal to the start says no more than the start: the precision decides how far the event may reach.
        stated = pl.when(pl.col("event.ends") != pl.col("event.from")).then(pl.col("event.ends"))
        reaches = end_of(pl.col("event.from"), stated, pl.col("event.fine"))
        frame = frame.with_columns((pl.col("event.ends") if are_spells(self.contract) else reaches).alias("event.to"))
        earliest, latest = utc_readings(frame["event.from"], self.supplier.zone)
        return frame.with_columns(earliest.alias("event.utc_min"), latest.alias("event.utc_max"))

    def _end(self, when: EventTime, frame: pl.DataFrame) -> pl.Expr:
        """The end as sent. A spell that has none goes on; anything else ends where it started."""
        if f"{when.ends}.at" in frame.columns:
            return pl.col(f"{when.ends}.at")
        return pl.lit(None, pl.Datetime("us")) if are_spells(self.contract) else pl.col(f"{when.starts}.at")

    def _is_what(self, index: int, event_is: str) -> str:
        return self.supplier.event_is or event_is if index == 0 else event_is


def are_spells(contract: DatasetContract) -> bool:
    """Whether a row lasts until its end is stated, rather than happening some time before it."""
    return contract.shape is Shape.RECORDS and any(when.starts != when.ends for when in contract.event_times)


def _numbers(name: str, text: pl.Series) -> list[pl.Series]:
    sent = pl.col("sent")
    read = pl.DataFrame({"sent": text}).with_columns(
        number=pl.when(sent.str.contains(_NUMBER)).then(sent.cast(pl.Float64, strict=False))
    )
    is_unread = sent.is_not_null() & pl.col("number").is_null()
    return read.select(pl.col("number").alias(f"{name}.number"), is_unread.alias(f"{name}.unread")).get_columns()
