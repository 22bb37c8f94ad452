"""Reading survives what nobody thought of: inputs grown from the corpus, and tables of nasty text written and read."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.desk import read_bytes, variant
from shared_data import SHARED, needs_shared
from upstander.contracts.readings import Outcome
from upstander.intake import suppliers

pytest.importorskip("atheris", reason="atheris is not installed here: it has no wheel for this system")
TESTS = Path(__file__).parents[1]
LONGEST = 20_000
SEED = 20261127
_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


def _begin(folder: Path) -> Path:
    """Inputs to begin from: the corpus of bad deliveries for its own map, and a filled template for each other map."""
    made = folder / "made"
    subprocess.run([sys.executable, str(SHARED / "hostile" / "gen.py"), str(made)], check=True, capture_output=True)
    seeds = folder / "seeds"
    seeds.mkdir()
    for case in json.loads((made / "manifest.json").read_text()):
        for file in case["files"]:
            path = made / file["path"]
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= LONGEST:
                (seeds / f"{case['name']}-{len(list(seeds.iterdir()))}").write_bytes(b"\0\7" + path.read_bytes())
    for which, name in enumerate(("istv", "missing", "dfe_looked_after"), start=1):
        (seeds / name).write_bytes(bytes([which, 7]) + _filled(name))
    return seeds


def _filled(name: str) -> bytes:
    """A few rows of a map's own layout, made of its contract's examples."""
    layout = suppliers.load(name)
    contract = suppliers.contract_of(layout)
    headings = list(layout.headings_read)
    cells = []
    for heading in headings:
        column = contract.column(layout.columns.get(heading, heading))
        cells.append(column.example if column else "")
    lines = [",".join(f'"{cell}"' for cell in one) for one in (headings, cells, cells, cells)]
    return "\r\n".join(lines).encode() + b"\r\n"


def _fuzz(folder: Path, seconds: int, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "intake.fuzzing", str(seconds), str(SEED), str(folder), *words],
        cwd=TESTS, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(TESTS), "POLARS_MAX_THREADS": "1"},
    )  # fmt: skip


def _found(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "found").iterdir())


@needs_shared
def test_a_planted_slip_in_the_count_of_lines_is_found(tmp_path: Path) -> None:
    ran = _fuzz(_begin(tmp_path), 60, "--plant")
    assert ran.returncode != 0
    assert "lines do not add up" in ran.stderr or "do not add up" in ran.stdout + ran.stderr


@needs_shared
@pytest.mark.parametrize("seconds", [5, pytest.param(240, marks=pytest.mark.prove)])
def test_no_input_breaks_reading_or_its_account_of_lines(
    seconds: int, tmp_path: Path, proof: Callable[..., None]
) -> None:
    seeds = _begin(tmp_path)
    ran = _fuzz(seeds, seconds)
    assert (ran.returncode, _found(seeds)) == (0, []), ran.stderr[-2_000:]
    runs = _RUNS.search(ran.stderr)
    assert runs is not None
    assert int(runs[1]) >= 50
    if seconds > 5:
        proof("inputs grown from the corpus that broke reading or its account of lines",
              figure=f"0 of {int(runs[1]):,}", goal="0", seed=SEED)  # fmt: skip


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
MAP = variant("rms", optional=[*variant("rms").optional, "recorded_at"])


def _round_trip(notes: list[str], end: str, *, quoting: int) -> None:
    # The writer quotes its own line ending only, and any of them ends a line where it stands without quotes.
    quoting = csv.QUOTE_ALL if any(set(text) & {"\r", "\n"} for text in notes) else quoting
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["incident_ref", "occurred_from", "offence_code", "notes"])
    writer.writerows([f"C{number}", "04/07/2026 22:40", "8N", text] for number, text in enumerate(notes))
    result, tray = read_bytes(out.getvalue().encode(), MAP)
    assert result.lines.adds_up
    assert result.outcome is not Outcome.REFUSE
    if result.outcome is not Outcome.FILEQ:
        kept = sum(batch.height for batch in tray.kept)
        assert result.lines.accepted + kept == len(notes)


@given(notes=st.lists(CELL, min_size=1, max_size=12), end=st.sampled_from(["\n", "\r\n", "\r"]),
       quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))  # fmt: skip
def test_whatever_text_is_written_its_rows_are_all_accounted_for(notes: list[str], end: str, quoting: int) -> None:
    _round_trip(notes, end, quoting=quoting)


@pytest.mark.prove
@settings(max_examples=1_500)
@given(notes=st.lists(CELL, min_size=1, max_size=12), end=st.sampled_from(["\n", "\r\n", "\r"]),
       quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))  # fmt: skip
def test_whatever_text_is_written_its_rows_are_all_accounted_for_at_length(
    notes: list[str], end: str, quoting: int
) -> None:
    _round_trip(notes, end, quoting=quoting)
