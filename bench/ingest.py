"""A whole delivery against parsing the same file, and against pandas with pandera doing the same checks, in one run.

Ours is the whole command as a person types it, start-up included: bytes sealed in the vault, every line accounted for,
rows checked, identities hashed, places located, parts written and synced, manifest, audit. The rivals time themselves
from the first byte. Runs are interleaved, and each starts from a home that holds nothing. Processor seconds are of the
whole process, imports included; they tell what the clock cannot while others use the same cores.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from police_file import OUT, police_file, small_areas
from running import Ran, run

HERE = Path(__file__).parent
COMMAND = Path(sys.executable).parent / "upstander"
SIZES = (100_000, 3_000_000)
JUDGED_FROM = 1_000_000  # below this, starting up decides
OURS, PARSE, PEER = "upstander deliver", "DuckDB, parse into text", "pandas and pandera, checks"
GOAL_RATIO, GOAL_MB = 6.0, 1000.0


@dataclass(frozen=True)
class Measured:
    """One rival at one size: median seconds by the clock and on the processors, largest peak in MB, rows it let through
    (None if it lets all).
    """

    name: str
    seconds: float
    cpu_s: float
    peak_mb: float
    rows_loaded: int | None


def fresh_home() -> Path:
    """A home with places, an agreement and a supplier map, and no delivery. Made once, then copied for each run."""
    made = OUT / "home"
    if not (made / "ready").is_file():
        shutil.rmtree(made, ignore_errors=True)
        prepare(made)
        (made / "ready").touch()
    home = Path(tempfile.mkdtemp(prefix="home-", dir=OUT))
    shutil.copytree(made, home, dirs_exist_ok=True)
    return home


def prepare(home: Path) -> None:
    """Load the invented areas, put the agreement in force, and lay the supplier map where the home looks for it."""
    home.mkdir(parents=True)
    areas = small_areas(OUT / "lsoa21.geojson")
    run([COMMAND, "places", "load", areas, "--kind", "boundaries", "--attribution", "invented"], env=settings(home))
    run([COMMAND, "agreement", "sign", HERE / "agreement.toml", "--as", "the benchmark"], env=settings(home))
    (home / "suppliers").mkdir(exist_ok=True)
    shutil.copy(HERE / "bench_police.toml", home / "suppliers")


def settings(home: Path) -> dict[str, str]:
    """Where the home and its key are. The key of an invented county may lie beside it."""
    return {"UPSTANDER_HOME": str(home), "UPSTANDER_KEY_FILE": str(OUT / "bench.key")}


def deliver(file: Path) -> tuple[Ran, int]:
    """One whole delivery into an empty home, and how many rows it let through."""
    home = fresh_home()
    try:
        words = ["deliver", file, "--dataset", "police_incidents", "--supplier", "bench_police", "--json"]
        ran = run([COMMAND, *words], env=settings(home))
    finally:
        shutil.rmtree(home)
    return ran, json.loads(ran.said.strip().splitlines()[-1])["rows_loaded"]


def rival(name: str, file: Path) -> tuple[Ran, int | None]:
    """One run of a rival, its seconds as it says them itself."""
    ran = run([sys.executable, HERE / "rivals.py", name, file])
    said = json.loads(ran.said)
    return replace(ran, seconds=said["seconds"]), said.get("rows_loaded")


def compare(rows: int, repeats: int) -> list[Measured]:
    """All three at one size, interleaved, so that a busy minute hits them alike."""
    file = police_file(rows)
    runs: dict[str, list[tuple[Ran, int | None]]] = {PARSE: [], OURS: [], PEER: []}
    for number in range(repeats):
        load = os.getloadavg()[0]
        print(f"  {rows:,} rows, round {number + 1} of {repeats}, load {load:.1f}", file=sys.stderr)
        runs[PARSE].append(rival("duckdb_parse", file))
        runs[OURS].append(deliver(file))
        runs[PEER].append(rival("pandas_pandera", file))
    return [
        Measured(
            name,
            median(ran.seconds for ran, _ in all_),
            median(ran.cpu_s for ran, _ in all_),
            max(ran.peak_mb for ran, _ in all_),
            all_[-1][1],
        )
        for name, all_ in runs.items()
    ]


def table(rows: int, measured: list[Measured]) -> str:
    """One size as a Markdown table; the ratio is to the parse."""
    parse = next(one.seconds for one in measured if one.name == PARSE)
    lines = [
        f"| {one.name} | {one.seconds:.1f} | {one.seconds / parse:.1f} | {one.cpu_s:.1f} | {one.peak_mb:.0f} | "
        f"{'all' if one.rows_loaded is None else f'{one.rows_loaded:,}'} |"
        for one in measured
    ]
    head = ["| what | seconds | × the parse | processor s | peak MB | rows let through |", "|---|---|---|---|---|---|"]
    return "\n".join([f"### {rows:,} rows of 17 columns", "", *head, *lines, "", verdict(rows, measured), ""])


def verdict(rows: int, measured: list[Measured]) -> str:
    """Whether the goals are met, in a sentence; no verdict on a file so small that starting up decides."""
    if rows < JUDGED_FROM:
        return "Too small to judge by: starting up decides here."
    parse, ours, peer = (next(one for one in measured if one.name == name) for name in (PARSE, OURS, PEER))
    goals = {
        f"at most {GOAL_RATIO:.0f} times the parse": ours.seconds <= GOAL_RATIO * parse.seconds,
        "ahead of pandas and pandera": ours.seconds < peer.seconds,
        f"at most {GOAL_MB / 1000:.0f} GB": ours.peak_mb <= GOAL_MB,
        "the same rows let through as pandas and pandera": ours.rows_loaded == peer.rows_loaded,
    }
    return "; ".join(f"{goal}: {'met' if is_met else 'NOT met'}" for goal, is_met in goals.items()) + "."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, action="append", help="sizes to measure; default 100,000 and 3,000,000")
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    print(f"## A whole delivery\n\n{(__doc__ or '').partition(chr(10) * 2)[2]}")
    print(f"Load average before the first round: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n")
    for rows in asked.rows or SIZES:
        print(table(rows, compare(rows, asked.repeats)))


if __name__ == "__main__":
    main()
