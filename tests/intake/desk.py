"""A desk to read files at: bytes in, everything that came of them out."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from upstander.intake import ReadPlan, ReadResult, read, suppliers
from upstander.intake.cells import QUARANTINE_SCHEMA
from upstander.intake.suppliers import Supplier
from upstander.values.tokens import TOKEN_KINDS

HERE = Path(__file__).parent
RECEIVED = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEYS = {kind: kind.encode().ljust(32, b"k") for kind in TOKEN_KINDS}
RMS_ROW = {
    "incident_ref": "C1", "occurred_from": "04/07/2026 22:40", "offence_code": "8N", "recorded_at": "05/07/2026 00:05",
    "knife_flag": "N", "weapon": "knife", "injury": "minor", "location_type": "street", "postcode": "LE1 1AA",
    "easting": "458000", "northing": "304000", "area_code": "E01010001", "person_ref": "P000001", "surname": "Adeyemi",
    "forename": "Sam", "dob": "14/03/2008", "sex": "F", "ethnicity": "A1", "role": "victim", "notes": "Outside a shop.",
}  # fmt: skip

RMS_HEADER = ",".join(RMS_ROW)


@dataclass
class Tray:
    """A sink that keeps what it is given."""

    batches: list[pl.DataFrame] = field(default_factory=list)
    kept: list[pl.DataFrame] = field(default_factory=list)

    def accept(self, batch: pl.DataFrame) -> None:
        self.batches.append(batch)

    def quarantine(self, batch: pl.DataFrame) -> None:
        self.kept.append(batch)

    @property
    def accepted(self) -> pl.DataFrame:
        return pl.concat(self.batches)

    @property
    def quarantined(self) -> pl.DataFrame:
        return pl.concat(self.kept) if self.kept else pl.DataFrame(schema=QUARANTINE_SCHEMA)


def wall(*parts: int) -> datetime:
    """A moment on somebody's wall clock: no zone, as the warehouse keeps it."""
    return datetime(*parts)  # type: ignore[arg-type] # noqa: DTZ001


def locate_by_code(asked: pl.DataFrame) -> pl.DataFrame:
    """The area that was stated, the point that was stated, nothing else."""
    code = pl.col("stated_code").fill_null("")
    return asked.select(
        pl.when(code != "").then(pl.lit("lsoa")).otherwise(pl.lit("")).alias("area_kind"),
        pl.lit("21").alias("area_vintage"),
        code.alias("area_code"),
        pl.col("x").alias("x_m"),
        pl.col("y").alias("y_m"),
        pl.lit("EPSG:27700").alias("crs"),
        pl.lit("stated").alias("place_method"),
        pl.lit(1.0).alias("place_confidence"),
        pl.lit(100.0).alias("place_precision_m"),
    )


def read_bytes(content: bytes, supplier: Supplier | str = "rms", **plan: Any) -> tuple[ReadResult, Tray]:
    """Read a file's bytes with a supplier map."""
    made = supplier if isinstance(supplier, Supplier) else suppliers.load(supplier, folders=[HERE])
    asked = {"file_name": "extract.csv", "received": RECEIVED, "token_keys": KEYS} | plan
    tray = Tray()
    whole = ReadPlan(reading="r" * 20, contract=suppliers.contract_of(made), supplier=made, **asked)
    return read(io.BytesIO(content), whole, locate=locate_by_code, sink=tray), tray


def varied(number: int) -> dict[str, str]:
    """Cells that differ from row to row as those of a real extract do; a file of one code in every row is held."""
    turn = (number + number // 3) % 3  # every third row differs from the third after it, too
    return {
        "weapon": ("knife", "none", "bat")[turn], "injury": ("minor", "serious", "none")[turn],
        "location_type": ("street", "park", "shop")[turn], "ethnicity": ("A1", "W1", "B1")[turn],
        "sex": "FM"[number % 2], "offence_code": ("8N", "5D", "8N")[turn], "knife_flag": "YN"[number % 2],
        "postcode": f"LE{number % 9 + 1} {number % 10}AA",
        "easting": f"{450_000 + number * 37 % 9_000}", "northing": f"{300_000 + number * 41 % 9_000}",
    }  # fmt: skip


def rms(*rows: Mapping[str, str], end: str = "\r\n") -> bytes:
    """A police extract in the shipped `rms` layout: each row is RMS_ROW with these cells instead."""
    lines = [RMS_HEADER]
    for number, row in enumerate(rows, 1):
        cells = RMS_ROW | {"incident_ref": f"C{number}", "person_ref": f"P{number:06d}"} | dict(row)
        lines.append(",".join(cells[name] for name in RMS_HEADER.split(",")))
    return (end.join(lines) + end).encode()


def variant(name: str, **changes: Any) -> Supplier:
    """A shipped map with some keys changed."""
    return Supplier.model_validate(suppliers.load(name, folders=[HERE]).model_dump() | changes)
