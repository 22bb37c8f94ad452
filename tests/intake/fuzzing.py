"""Coverage-guided fuzzing of sniff, decode and parse. `python -m intake.fuzzing SECONDS SEED FOLDER [--plant]`.

FOLDER holds files to begin from and gets what was found. An input fails where reading raises, where its lines do not
add up, or where the rows that came out are not as many as were counted. `--plant` breaks the count of lines on purpose,
so that the search is seen to find.
"""

import io
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["upstander.intake"]):
    from upstander.intake import ReadPlan, read, reading, suppliers
    from upstander.intake.sources import Source

import polars as pl

from intake.desk import HERE, KEYS, RECEIVED, Tray, locate_by_code
from upstander.contracts.readings import Outcome

MAPS = [suppliers.load(name, folders=[HERE]) for name in ("hostile", "istv", "missing", "dfe_looked_after")]
LONGEST = 20_000


def judge(content: bytes) -> None:
    """Read an input: its first byte chooses the map, its second how small the blocks are. Raises what is wrong."""
    supplier = MAPS[content[0] % len(MAPS)] if content else MAPS[0]
    small = 64 << (content[1] % 8) if len(content) > 1 else 64
    sent, tray = content[2:], Tray()
    plan = ReadPlan(
        reading="f" * 20, contract=suppliers.contract_of(supplier), supplier=supplier, file_name="extract.csv",
        received=RECEIVED, token_keys=KEYS, block_bytes=small,
    )  # fmt: skip
    result = read(io.BytesIO(sent), plan, locate=locate_by_code, sink=tray)
    assert result.lines.adds_up, f"lines do not add up: {result.lines}"
    assert result.byte_count == len(sent), f"{result.byte_count} bytes were read of {len(sent)}"
    if result.outcome in {Outcome.FILEQ, Outcome.REFUSE}:
        return
    stored = sum(batch.height for batch in tray.batches)
    assert stored == (result.lines.accepted if result.figures is None else result.figures), "rows that nobody counted"
    kept = pl.concat(tray.kept).height if tray.kept else 0
    assert kept == result.lines.quarantined, "rows were kept back that nobody counted"


def _plant() -> None:
    """Count a line too few where a file has more than five: the kind of slip that this search is for."""
    honest = Source.drain

    def careless(source: Source, size: int = 1 << 20) -> int:
        lines = honest(source, size)
        return lines - (lines > 5)

    reading.Source.drain = careless  # type: ignore[method-assign]


def main() -> None:
    """Fuzz for some seconds; libFuzzer ends the process, with 0 where nothing was found."""
    seconds, seed, folder = sys.argv[1:4]
    if "--plant" in sys.argv:
        _plant()
    (Path(folder) / "found").mkdir(exist_ok=True)
    words = [
        sys.argv[0], folder, f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={LONGEST}", "-timeout=120",
        "-report_slow_units=120", "-rss_limit_mb=4096", f"-artifact_prefix={folder}/found/", "-print_final_stats=1",
    ]  # fmt: skip
    atheris.Setup(words, judge)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
