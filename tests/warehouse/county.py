"""Small real readings for the tests of this room."""

from datetime import UTC, date, datetime, timedelta

import polars as pl

from upstander.contracts.asking import Allowed, CountRule, Grant, Purpose, Request
from upstander.contracts.readings import Covers, LineAccount, Outcome
from upstander.values.canonical import short_id
from upstander.values.tokens import stored_token_key, tokens
from upstander.warehouse import ReadingFacts

MASTER = bytes(range(32))
AT = datetime(2026, 11, 1, 9, tzinfo=UTC)
RULE = CountRule("seven and five", "pact", 7, 5)
FIELDS = ("event_from_local", "offence_code")


def facts(rows: int, *, reading: str, delivery: str = "", start: date, end: date, **other) -> ReadingFacts:
    lines = LineAccount(rows + 1, 1, 0, 0, 0, 0, rows, rows, 0, 0, 0)
    known = {
        "dataset": "police_incidents", "supplier": "fenmoor_police", "agency": "fenmoor_police",
        "contract_version": "1", "supplier_version": "1", "vintages": (("lookup", "2021"),), "key_epoch": "1",
        "raw_sha256": "ab" * 32, "raw_bytes": 10, "covers_asked": "auto", "delivers": "whole",
        "counts_by": "event_from_local", "counts_same_events_as": (), "received": AT, "extracted_at": None,
        "outcome": Outcome.ACCEPT, "lines": lines,
    }  # fmt: skip
    return ReadingFacts(
        reading=reading, delivery=delivery or reading, covers=Covers(start, end, inferred=False), **{**known, **other}
    )


def rows(reading: str, start: date, days: int, *, each: int = 1, **columns) -> pl.DataFrame:
    """`each` rows at noon on each of `days` local days from `start`."""
    noon = datetime.combine(start, datetime.min.time()) + timedelta(hours=12)
    moments = [noon + timedelta(days=day) for day in range(days) for _ in range(each)]
    frame = pl.DataFrame({"event_from_local": moments}).with_row_index("line", 2)
    made = {
        "offence_code": pl.lit("8N"),
        "sex": pl.lit("female"),
        **{name: pl.lit(one) for name, one in columns.items()},
    }
    return frame.with_columns(row_id=pl.format("{}:{}", pl.lit(reading), "line"), **made).drop("line")


def person_tokens(names, *, domain="fenmoor_police|police_incidents", epoch="1"):
    return tokens(stored_token_key(MASTER, domain=domain, kind="person_ref", epoch=epoch), names)


def deliver(warehouse, name: str, start: date, days: int, *, frame: pl.DataFrame | None = None, each=1, **other):
    """Stage and commit a reading called `name` of `days` days."""
    reading = short_id([name])
    frame = rows(reading, start, days, each=each) if frame is None else frame
    dataset = other.get("dataset", "police_incidents")
    folder = warehouse.stage(dataset, reading)
    frame.write_parquet(folder / "part-000.parquet")
    end = start + timedelta(days=days)
    return warehouse.commit(facts(frame.height, reading=reading, start=start, end=end, **other))


def allowed(
    *suppliers: str, fields=FIELDS, where=(), agreement="pact", purpose=Purpose.STRATEGIC, until=None, asked=()
):
    request = Request("A. Analyst", "fenmoor_vrn", purpose, "police_incidents", asked, fields, "board paper", AT)
    until = until or AT + timedelta(days=1)
    grants = [
        Grant(supplier, agreement, "schedule", fields, where, RULE, until)
        for supplier in suppliers or ("fenmoor_police",)
    ]
    return Allowed(request, tuple(grants))
