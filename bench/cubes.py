"""The cubes of a release out of thirty million incidents: area × quarter × measure × source × age, and one quarter by
month, on DuckDB with one thread and with two, and on Spark; and the last quarter of each supplier released: wards,
districts and the whole by measure, protected as one cube under a hospital's rule, and attacked.

The incidents are invented: 20 quarters of four suppliers in 35,000 areas, more of them in the middle of towns. Every
rival runs in a process of its own and builds the same Ibis expressions through the warehouse's one way in; memory is of
its whole process tree, processor seconds leave Java's out. The limit is pyarrow decoding the columns that are needed,
once for each measure, and nothing else, on two cores. Spark is asked of a smaller home, and of the larger one by
`--spark-too`; where PySpark or Java is missing it is left out.
"""

import argparse
import hashlib
import itertools
import json
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl
from police_file import OUT
from running import Ran, run

from upstander.analysis.measures.counting import counts, meets
from upstander.contracts.asking import Allowed, CountRule, Grant, Purpose, Request
from upstander.contracts.definitions import load_definition
from upstander.contracts.incidents import INCIDENT_COLUMNS
from upstander.contracts.readings import Covers, LineAccount, Outcome
from upstander.disclosure import Cube, Publication, attack, protect_cube
from upstander.values.periods import Period
from upstander.warehouse import ReadingFacts, Warehouse, engine_maker
from upstander.warehouse.embedded import Embedded

ROWS, FEWER = 30_000_000, 3_000_000
FIRST, QUARTERS, SUPPLIERS, AREAS = 2021, 20, ("north", "east", "south", "west"), 35_000
AT = datetime(2026, 1, 9, tzinfo=UTC)
MEASURES = ("all_violence", "knife_enabled", "network_own")
LAST = "2025-Q4"
GOAL_MB = 8000.0
RULE = CountRule("seven and five", "bench", 7, 5)
ENGINES = {
    "DuckDB, one thread": partial(Embedded, threads=1),
    "DuckDB, two threads": partial(Embedded, threads=2),
    "Spark, local[2]": engine_maker("spark", spark_master="local[2]"),
}
DECODE = "pyarrow, decode"
NEEDED = (
    "event_from_local", "event_precision", "area_kind", "area_vintage", "area_code", "offence_code", "weapon_class",
    "mechanism", "place_class", "age_band", "role",
)  # fmt: skip


# ── A home with that many rows ──────────────────────────────────────────────────────────────────────────────────────


def home_of(rows: int, *, seed: int = 6) -> Path:
    """A home with this many incidents; made once, a reading at a time, so that memory stays small."""
    home = OUT / f"cubes-{rows}"
    if not (home / "ready").is_file():
        shutil.rmtree(home, ignore_errors=True)
        warehouse, each = Warehouse(home), rows // (QUARTERS * len(SUPPLIERS))
        for number in range(QUARTERS * len(SUPPLIERS)):
            print(f"  reading {number + 1} of {QUARTERS * len(SUPPLIERS)}, {each:,} rows", file=sys.stderr)
            commit(warehouse, number, each, seed)
        (home / "ready").touch()
    return home


def commit(warehouse: Warehouse, number: int, rows: int, seed: int) -> None:
    """One quarter of one supplier, as one reading."""
    quarter, supplier = divmod(number, len(SUPPLIERS))
    period = Period.parse(f"{FIRST + quarter // 4}-Q{quarter % 4 + 1}")
    name = f"{SUPPLIERS[supplier]}_{number:03d}"
    frame = incidents(np.random.default_rng([seed, number]), rows, name, supplier, period)
    frame.write_parquet(warehouse.stage("police_incidents", name) / "part-000.parquet")
    warehouse.commit(facts(name, SUPPLIERS[supplier], rows, period))


def incidents(rng: np.random.Generator, rows: int, name: str, supplier: int, period: Period) -> pl.DataFrame:
    """Rows of the contract; columns that no cube reads hold nothing."""
    own = AREAS // len(SUPPLIERS)
    area = supplier * own + np.minimum(rng.pareto(1.2, rows) * own / 20, rng.integers(0, own, rows)).astype(np.int64)
    minutes = rng.integers(0, period.days * 1440, rows)
    start = np.datetime64(period.start, "us")
    made = pl.DataFrame({
        "row_id": pl.select(pl.format("{}:{}", pl.lit(name), pl.int_range(rows))).to_series(),
        "event_from_local": start + minutes.astype("timedelta64[m]"),
        "event_precision": drawn(rng, rows, ("minute", "hour", "day", "month"), (0.8, 0.1, 0.07, 0.03)),
        "area_code": pl.select(pl.format("E01{}", pl.lit(area).cast(pl.String).str.zfill(6))).to_series(),
        "offence_code": drawn(rng, rows, ("8N", "105A", "5D", "8P", "49A"), (0.3, 0.3, 0.1, 0.1, 0.2)),
        "weapon_class": drawn(rng, rows, ("sharp", "blunt", "not supplied"), (0.2, 0.3, 0.5)),
        "mechanism": drawn(rng, rows, ("blunt_force", "sharp_force", "unknown"), (0.6, 0.1, 0.3)),
        "age_band": drawn(rng, rows, ("10-14", "15-17", "18-19", "20-24", "25-34", "35-44", "45-54"), (1 / 7,) * 7),
        "place_class": drawn(rng, rows, ("public", "home", "licensed"), (0.5, 0.4, 0.1)),
        "role": drawn(rng, rows, ("victim", "suspect"), (0.9, 0.1)),
    }).with_columns(area_kind=pl.lit("lsoa"), area_vintage=pl.lit("21"))  # fmt: skip
    none = [pl.lit(None).alias(one.name) for one in INCIDENT_COLUMNS if one.name not in made.columns]
    whole = made.with_columns(none)
    return whole.select(pl.col(one.name).cast(getattr(pl, one.dtype)) for one in INCIDENT_COLUMNS)


def drawn(rng: np.random.Generator, rows: int, words: tuple[str, ...], chances: tuple[float, ...]) -> pl.Series:
    """Words by their chances."""
    return pl.Series(words).gather(np.searchsorted(np.cumsum(chances)[:-1], rng.random(rows)))


def facts(name: str, supplier: str, rows: int, period: Period) -> ReadingFacts:
    """What intake would say of it."""
    return ReadingFacts(
        reading=name, delivery=name, dataset="police_incidents", supplier=supplier, agency=supplier,
        contract_version="1", supplier_version="1", vintages=(), key_epoch="1", raw_sha256="00" * 32, raw_bytes=rows,
        covers_asked="auto", covers=Covers(period.start, period.end, inferred=False), delivers="whole",
        counts_by="event_from_local", counts_same_events_as=(), received=AT, extracted_at=None,
        outcome=Outcome.ACCEPT, lines=LineAccount(rows + 1, 1, 0, 0, 0, 0, rows, rows, 0, 0, 0),
    )  # fmt: skip


# ── What each process does ──────────────────────────────────────────────────────────────────────────────────────────


def build(home: Path, engine: str) -> dict[str, object]:
    """Every cube on one engine, and the last quarter released: seconds of each, cells, and the hash of all bytes."""
    warehouse, took = Warehouse(home, ENGINES[engine]), perf_counter()
    cells = incidents_counted = 0
    digest, last = hashlib.sha256(), []
    for measure, by, cube in cubes(warehouse):
        cells, incidents_counted = cells + cube.height, incidents_counted + int(cube["incidents"].sum())
        for part in cube.iter_slices(500_000):
            digest.update(part.write_csv().encode())
        if by == "month":
            last.append(cube.group_by("supplier", "area").agg(count=pl.col("incidents").sum()).with_columns(
                measure=pl.lit(measure)))  # fmt: skip
    built = perf_counter() - took
    for publication in released(pl.concat(last)):
        digest.update(publication.cells.write_csv().encode())
    seconds = perf_counter() - took
    return {"seconds": seconds, "built": built, "cells": cells, "incidents": incidents_counted,
            "sha256": digest.hexdigest()}  # fmt: skip


def cubes(warehouse: Warehouse) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Of each measure: all quarters, and the last one by month. Measure, how time is told, and the counts."""
    for name in MEASURES:
        for period, by in ((None, "quarter"), (Period.parse(LAST), "month")):
            rows = warehouse.read(allowed(), secrets=lambda _: b"", period=period)
            counted = rows.filter(meets(rows, "police_incidents", load_definition(name)))
            yield name, by, counts(counted, ("area", by, "supplier", "age_band")).to_polars()


def released(last: pl.DataFrame) -> Iterator[Publication]:
    """The last quarter of each supplier as it may be published; the attack must find nothing in it."""
    number = pl.col("area").str.extract(r"(\d{6})$").cast(pl.Int64)
    placed = last.with_columns(
        ward=pl.format("ward{}", number // 10), district=pl.format("district{}", number // 100), whole=pl.lit("whole")
    )
    layers = ("ward", "district", "whole")
    above = pl.concat([
        placed.select(parent=pl.col(up), child=pl.col(down)).unique() for down, up in itertools.pairwise(layers)
    ]).sort("parent", "child")  # fmt: skip
    for supplier, own in placed.sort("supplier").group_by("supplier", maintain_order=True):
        cells = pl.concat([
            own.group_by("measure", area=layer).agg(pl.col("count").sum()) for layer in layers
        ])  # fmt: skip
        every = cells.select("measure").unique().join(cells.select("area").unique(), how="cross")
        full = every.join(cells, on=["measure", "area"], how="left").with_columns(pl.col("count").fill_null(0))
        held = pl.col("child").is_in(full["area"].implode()) & pl.col("parent").is_in(full["area"].implode())
        publication = protect_cube(Cube(("measure", "area"), full, {"area": above.filter(held)}), RULE)
        if not attack([publication]).is_clean:
            raise RuntimeError(f"{supplier}: a hidden count can be worked out")
        yield publication


def allowed() -> Allowed:
    """The gate's answer, as it would be for a release."""
    request = Request("The bench", "vrn", Purpose.MONITORING, "police_incidents", (), NEEDED, "a release", AT)
    until = AT + timedelta(days=1)
    return Allowed(request, tuple(Grant(one, "bench", "s", NEEDED, (), RULE, until) for one in SUPPLIERS))


def decode(home: Path) -> dict[str, object]:
    """The limit: the columns that the cubes need, decoded once for each measure, and counted."""
    import pyarrow.parquet as pq

    took, rows = perf_counter(), 0
    for _ in MEASURES:
        for path in sorted(home.glob("warehouse/police_incidents/*/*.parquet")):
            rows += pq.read_table(path, columns=list(NEEDED), use_threads=True, partitioning=None).num_rows
    return {"seconds": perf_counter() - took, "incidents": rows}


# ── The page ────────────────────────────────────────────────────────────────────────────────────────────────────────


def measured(home: Path, what: str) -> tuple[Ran, dict[str, object]]:
    """One rival in a process of its own."""
    print(f"  {what}", file=sys.stderr)
    ran = run([sys.executable, Path(__file__), "--one", what, "--home", home])
    return ran, json.loads(ran.said)


def section(rows: int, engines: list[str]) -> Iterator[str]:
    """One size as a Markdown table, and the verdict."""
    home = home_of(rows)
    found = {what: measured(home, what) for what in (DECODE, *engines)}
    limit = float(found[DECODE][1]["seconds"])
    yield f"### {rows:,} incidents\n"
    yield "| what | seconds | of it to release | × the decode | processor s | peak MB | cells | SHA-256 of all |"
    yield "|---|---|---|---|---|---|---|---|"
    for what, (ran, said) in found.items():
        seconds = float(said["seconds"])
        yield (
            f"| {what} | {seconds:.1f} | {seconds - float(said.get('built', seconds)):.1f} | {seconds / limit:.1f} "
            f"| {ran.cpu_s:.0f} | {ran.peak_mb:.0f} | {said.get('cells', '')} | {str(said.get('sha256', ''))[:12]} |"
        )
    hashes = {said["sha256"] for what, (_, said) in found.items() if what != DECODE}
    peak = max(ran.peak_mb for what, (ran, _) in found.items() if what.startswith("DuckDB"))
    same, small = len(hashes) == 1, peak <= GOAL_MB
    yield f"\nThe same bytes from each: {'yes' if same else 'NO'}."
    yield f"At most {GOAL_MB / 1000:.0f} GB on DuckDB: {'met' if small else 'NOT met'}.\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--fewer", type=int, default=FEWER)
    parser.add_argument("--spark-too", action="store_true", help="ask Spark of the larger home as well")
    parser.add_argument("--one")
    parser.add_argument("--home", type=Path)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(decode(asked.home) if asked.one == DECODE else build(asked.home, asked.one)))
        return
    embedded = [name for name in ENGINES if name.startswith("DuckDB")]
    every = list(ENGINES) if find_spec("pyspark") and shutil.which("java") else embedded
    print(f"## The cubes of a release\n\n{__doc__}")
    for rows, engines in ((asked.fewer, every), (asked.rows, every if asked.spark_too else embedded)):
        print("\n".join(section(rows, engines)))


if __name__ == "__main__":
    main()
