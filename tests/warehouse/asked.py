"""One home and what is asked of it on either engine, in a process of its own: `python asked.py ENGINE FOLDER`.

The home holds everything that two engines could read differently: readings of every kind, the edges of the clock,
text that sorts or quotes badly, and a missing value, a NaN and an empty text side by side.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import ibis
import numpy as np
import polars as pl

from pipeline.homes import agreement, counted, desk_at, injury_schedule
from upstander.analysis.clock import TIMED, day_of_week
from upstander.analysis.hotspots.sureness import is_sure
from upstander.analysis.hotspots.windows import Window, by_day_and_hour, in_window, without_hour
from upstander.analysis.measures.counting import DIMENSIONS, counts, meets, weekly_counts
from upstander.contracts.definitions import definition_names, load_definition
from upstander.contracts.incidents import INCIDENT_COLUMNS
from upstander.pipeline.agreeing import sign
from upstander.pipeline.home import open_home
from upstander.pipeline.outputs import described
from upstander.places import load, square_in_query
from upstander.values.durable import write_whole
from upstander.values.periods import Period
from upstander.warehouse import Warehouse
from warehouse.county import MASTER, allowed, deliver, person_tokens

START = date(2026, 1, 1)
AWKWARD = ("8N", "8N ", "", None, "o'x\\y", "É8", "e8", "\uff5e", "\U0001f600", "a\nb", '"q"', "%_", "null", "NaN")
EDGES = (
    "1850-06-01T23:59:59.999999", "1900-01-01T00:00:00", "1969-12-31T23:59:59.999999", "2020-12-31T23:30:00",
    "2021-01-03T23:59:59.999999", "2021-01-04T00:00:00", "2024-02-29T05:59:59.999999", "2024-12-30T06:00:00",
    "2026-03-29T01:30:00.000001", "2026-10-25T01:30:00", "2026-01-01T00:30:00", "2026-06-30T23:59:59.999999",
)  # fmt: skip
SATURDAY, ALL_WEEK = Window.parse("Sat 20:00-02:00"), Period.parse("2026-01")
_PRECISIONS = ("minute", "hour", "day", "month", "unknown")
_WORDS: dict[str, tuple[str | None, ...]] = {
    "event_precision": _PRECISIONS,
    "event_zone": ("Europe/London",),
    "area_kind": ("lsoa", "lsoa", "outside"),
    "area_vintage": ("11", "21", "21", ""),
    "area_code": ("A", "B", "B1", "M", "", None),
    "offence_code": AWKWARD,
    "weapon_class": ("sharp", None, "none"),
    "mechanism": ("sharp_force", "", None, "sexual", "gunshot"),
    "injury_severity": ("serious", None),
    "place_class": ("public", "home", "licensed", "not supplied", None),
    "place_method": ("text", "code", "partial", None),
    "age_band": ("15-17", "18-24", None),
    "sex": ("female", "male", "", None),
    "role": ("victim", "suspect"),
}
_NUMBERS = {
    "x_m": (0.0, -0.0, 249.999, 250.0, -0.001, -250.0, 459250.5, None),
    "y_m": (304500.0, None, 304749.99, 12.5, 1e6),
    "place_confidence": (0.8, 0.7999999, float("nan"), None, 1.0),
}


def mixed(rows: int, *, seed: int = 7) -> pl.DataFrame:
    """Incidents whose columns run through their values at paces of their own: edges of the clock first, then a year."""
    minutes = np.random.default_rng(seed).integers(0, 365 * 24 * 60, rows - len(EDGES))
    year = [datetime.combine(START, datetime.min.time()) + timedelta(minutes=int(minute)) for minute in minutes]
    words = {**_WORDS, **_NUMBERS}
    cycled = {
        name: [values[(n + n // len(values)) % len(values)] for n in range(rows)] for name, values in words.items()
    }
    people = [None, "", *person_tokens(["kim", "lee", "sam"])]
    made = pl.DataFrame({
        **cycled,
        "event_from_local": [datetime.fromisoformat(edge) for edge in EDGES] + year,
        "person_token": [people[n % len(people)] for n in range(rows)],
    })  # fmt: skip
    none = {one.name: pl.lit(None) for one in INCIDENT_COLUMNS if one.name not in made.columns}
    return made.with_columns(**none).select(
        pl.format("r:{}", pl.int_range(pl.len())).alias(one.name) if one.name == "row_id"
        else pl.col(one.name).cast(getattr(pl, one.dtype))
        for one in INCIDENT_COLUMNS
    )  # fmt: skip


def make(folder: Path) -> None:
    """A home with an agreement, two vintages of areas, and readings whole, by increment and as snapshots."""
    desk = desk_at(folder, layers=("lsoa21", "lsoa11"))
    sign(desk, agreement(injury_schedule()))
    lookup = folder / "lookup.csv"
    lookup.write_text("lsoa11_code,lsoa21_code\nA,A\nB,B1\nB,B2\nC,M\nD,M\n")
    load(desk.home.reference, kind="lookup", source=[lookup], attribution="Invented.")
    fill(desk.warehouse)


def fill(warehouse: Warehouse) -> None:
    """Readings of six suppliers; that of `rms` is the one an agreement is about."""
    deliver(warehouse, "rms", START, 365, frame=mixed(900), supplier="rms", agency="police")
    first, again, later = mixed(40), mixed(60, seed=8), mixed(50, seed=9)
    deliver(warehouse, "whole 1", START, 365, frame=first)
    deliver(warehouse, "whole 2", date(2026, 3, 1), 60, frame=again)
    deliver(warehouse, "increment 1", START, 365, frame=first, supplier="by_bits", delivers="increment")
    narrow = later.drop("place_confidence", "sex")
    deliver(warehouse, "increment 2", START, 365, frame=narrow, supplier="by_bits", delivers="increment")
    deliver(warehouse, "snapshot 1", START, 365, frame=first, supplier="as_it_is", delivers="snapshot")
    deliver(warehouse, "snapshot 2", START, 365, frame=later, supplier="as_it_is", delivers="snapshot")
    rekeyed = {name: person_tokens([name], epoch="2")[0] for name in ("kim", "lee")}
    other = first.with_columns(person_token=pl.Series([rekeyed["kim"], rekeyed["lee"]] * 20))
    deliver(warehouse, "epoch 2", date(2027, 1, 1), 30, frame=other.with_columns(_in_2027()), key_epoch="2")


def _in_2027() -> pl.Expr:
    return pl.datetime(2027, 1, 1, 12).alias("event_from_local")


_ALL = tuple(one.name for one in INCIDENT_COLUMNS if one.name != "incident_token")


def _read(warehouse: Warehouse, *suppliers: str, period: str = "", fields=_ALL, where=()) -> ibis.Table:
    days = Period.parse(period) if period else None
    return warehouse.read(allowed(*suppliers, fields=fields, where=where), secrets=lambda _: MASTER, period=days)


def _rms(warehouse: Warehouse) -> ibis.Table:
    return _read(warehouse, "rms")


def _definitions(warehouse: Warehouse) -> ibis.Table:
    rows = _rms(warehouse)
    shipped = {name: load_definition(name) for name in definition_names()}
    held = {name: meets(rows, "police_incidents", one) for name, one in shipped.items() if _serves(one)}
    return rows.select("row_id", **held)


def _serves(definition) -> bool:
    return "police_incidents" in definition.per_dataset


def _windowed(warehouse: Warehouse) -> ibis.Table:
    return in_window(_rms(warehouse), SATURDAY).select("row_id", "event_from_local", "night")


def _by_week(warehouse: Warehouse) -> ibis.Table:
    rows = _rms(warehouse)
    night = SATURDAY.night_of(rows.event_from_local)
    covered = [START + timedelta(days=ahead) for ahead in range(400) if ahead % 90]
    return weekly_counts(rows, night, SATURDAY.nights_within(covered), days=SATURDAY.days)


def _clock(warehouse: Warehouse) -> ibis.Table:
    rows = _rms(warehouse)
    local = rows.event_from_local
    return rows.select(
        "row_id", "event_from_local", week=local.truncate("W"), monday=local.date().truncate("W").cast("date"),
        month=local.date().truncate("M").cast("string"),
        day=day_of_week(local), minute=local.strftime("%H:%M"), hour=local.hour(), iso_year=local.iso_year(),
    )  # fmt: skip


def _missing(warehouse: Warehouse) -> ibis.Table:
    """Null, NaN and empty text; squares; what is sure; and a decimal brought to an integer."""
    rows = _rms(warehouse)
    placed = rows.filter(rows.x_m.notnull() & rows.y_m.notnull())
    kind = placed.place_class.fill_null("unknown").substitute({"public": "p", "home": "h"})
    return placed.select(
        "row_id", "x_m", "place_confidence", "sex", "offence_code",
        square=square_in_query(placed.x_m, placed.y_m, 250), sure=is_sure(placed), kind=kind,
        has_confidence=placed.place_confidence.notnull(), no_confidence=placed.place_confidence.isnull(),
        is_blank=placed.sex == "", nearest=(placed.y_m / 1000).cast("int64"),
        told=ibis.cases((placed.area_kind == "outside", "outside"), (placed.x_m > 0, "east"), else_="west"),
    )  # fmt: skip


def _beside(warehouse: Warehouse) -> ibis.Table:
    """Rows beside a small table in memory, which has gaps of its own."""
    weights = pl.DataFrame(
        {"sex": ["female", "male", ""], "weight": [None, float("nan"), 0.5], "n": [2**60 + 1, None, 3]}
    )
    rows = _rms(warehouse)
    return rows.left_join(ibis.memtable(weights), "sex").select("row_id", "weight", "n")


def _facts(warehouse: Warehouse) -> ibis.Table:
    rows = _rms(warehouse)
    return rows.agg(
        zone=rows.event_zone.max(), timed=rows.event_precision.isin(TIMED).sum(), rows=rows.count(),
        first=rows.event_from_local.min(), offences=rows.offence_code.nunique(),
        metres=rows.x_m.cast("decimal(38, 6)").sum(),
    )  # fmt: skip


_CONDITIONS = (("offence_code", ("8N", "o'x\\y", "\U0001f600", "")), ("role", ("victim",)))
QUESTIONS: dict[str, Callable[[Warehouse], ibis.Table]] = {
    "every field": _rms,
    "row conditions in a period": lambda held: _read(held, "rms", period="2026-Q2", where=_CONDITIONS),
    "whole deliveries and two key epochs": _read,
    "increments, one without a column": lambda held: _read(held, "by_bits"),
    "the newest snapshot of two suppliers": lambda held: _read(held, "as_it_is", "rms", fields=("sex", "row_id")),
    "every dimension": lambda held: counts(_rms(held), DIMENSIONS),
    "two dimensions": lambda held: counts(_rms(held), ["offence", "quarter"]),
    "the total": lambda held: counts(_rms(held), []),
    "definitions": _definitions,
    "a window across midnight": _windowed,
    "day and hour": lambda held: by_day_and_hour(_rms(held)),
    "without an hour": lambda held: without_hour(_rms(held)),
    "weeks": _by_week,
    "the clock": _clock,
    "missing values": _missing,
    "a small table beside them": _beside,
    "facts": _facts,
}
OF_OTHERS = (  # questions about suppliers beside rms
    "whole deliveries and two key epochs", "increments, one without a column", "the newest snapshot of two suppliers",
)  # fmt: skip
IN_ORDER = ("every dimension", "two dimensions", "day and hour", "without an hour", "weeks")


def answer(engine: str, folder: Path) -> None:
    """Every question, and `upstander table` on the home, answered on one engine into `FOLDER/ENGINE`."""
    home, told = folder / "home", folder / engine
    told.mkdir()
    settings = (home / "upstander.toml").read_text("utf-8")
    chosen = f'engine = "{engine}"\nspark_master = "local[2]"\n' + settings
    write_whole(home / "upstander.toml", chosen.encode())
    try:
        desk = desk_at(folder)
        desk = replace(desk, home=open_home(home))
        for number, (name, ask) in enumerate(QUESTIONS.items()):
            table = ask(desk.warehouse)
            table.to_polars().write_parquet(told / f"{number:02d}.parquet")
            (told / f"{number:02d}.schema").write_text(f"{name}\n{table.schema()}")
        asked = {"areas": ("area",), "months": ("month", "offence"), "total": ()}
        answers = {name: counted(desk, *by) for name, by in asked.items()}
        answers["joined"] = counted(desk, "area", "quarter", areas="joined", period="2026-01-01/2026-07-01")
        shown = {name: [described(one.cells), described(one.total)] for name, one in answers.items()}
        (told / "tables.json").write_text(json.dumps(shown, ensure_ascii=False, sort_keys=True, default=str))
    finally:
        write_whole(home / "upstander.toml", settings.encode())


if __name__ == "__main__":
    answer(sys.argv[1], Path(sys.argv[2]))
