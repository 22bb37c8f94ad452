"""The benchmark measures like with like: one file, the same bytes each time, and rivals that agree on what is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from checkout import ROOT
from upstander.intake import suppliers

BENCH = ROOT / "bench"


def said(script: str, *words: str, cwd: Path = BENCH) -> str:
    """What a line of Python says when it runs beside the benchmarks."""
    done = subprocess.run([sys.executable, "-c", script, *words], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "police.csv"
    said("import sys; from police_file import rows_from; rows_from(0, 2_000, seed=7).write_csv(sys.argv[1])", str(path))
    return path


def test_the_same_seed_gives_the_same_bytes(extract: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.csv"
    said(
        "import sys; from police_file import rows_from; rows_from(0, 2_000, seed=7).write_csv(sys.argv[1])", str(again)
    )
    assert again.read_bytes() == extract.read_bytes()


def test_the_invented_extract_is_what_its_supplier_map_expects(extract: Path) -> None:
    layout = suppliers.load(str(BENCH / "bench_police.toml"))
    assert tuple(pl.read_csv(extract, infer_schema=False).columns) == layout.headings
    assert len(layout.headings) == 17


def test_rivals_read_every_row_and_refuse_just_the_spoilt_ones(extract: Path) -> None:
    (BENCH / "out").mkdir(exist_ok=True)
    script = "import json, sys; from pathlib import Path; from rivals import RIVALS; "
    script += "print(json.dumps({name: rival(Path(sys.argv[1])) for name, rival in RIVALS.items()}))"
    found = json.loads(said(script, str(extract)))
    spoilt = pl.read_csv(extract, infer_schema=False).filter(pl.any_horizontal(pl.all() == "not this")).height
    assert found["duckdb_parse"]["rows_in"] == found["pandas_pandera"]["rows_in"] == 2_000
    assert found["pandas_pandera"]["rows_loaded"] == 2_000 - spoilt
    assert spoilt > 0


def test_memory_of_a_whole_process_tree_is_counted() -> None:
    child = "x = bytearray(60_000_000); import time; time.sleep(0.4)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    script = "import sys; from running import run; print(run([sys.executable, '-c', sys.argv[1]]).peak_mb)"
    assert float(said(script, parent)) > 60
