"""The real public files, which map reads each, and the page that says what became of every line of them.

`python tests/real_files.py` writes docs/real-files.md anew; a test holds that the page says what the files give.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from intake.desk import read_bytes
from shared_data import SHARED
from upstander.contracts.indicators import MARKERS
from upstander.intake import ReadResult
from upstander.intake.suppliers import load

PAGE = Path(__file__).resolve().parents[1] / "docs" / "real-files.md"
POLICE_MONTHS = (
    "2018-10", "2018-11", "2018-12", "2019-01", "2019-02", "2025-01", "2025-02", "2025-03", "2025-04", "2025-05",
    "2025-06",
)  # fmt: skip
STATISTICS = {
    "children/b1_children_in_need_2013_to_2025.csv": "dfe_children_in_need",
    "children/cla_number_and_rate_per_10k_children.csv": "dfe_looked_after",
    "children/c3_factors_identified_at_end_of_assessment_2018_to_2025.csv": "dfe_assessment_factors",
    "children/exclusions-clean_la_exclusions_data.csv": "dfe_exclusions",
    "children/attendance-EES_ytd_data.csv": "dfe_attendance",
    "ed/ae_attendances.csv": "nhs_ae_monthly",
    "ed/england_trust_accidents_emergency.csv": "nhs_ae_trusts",
    "deprivation/imd2019_lsoa11_llr.csv": "imd_2019",
    "deprivation/imd2019_lsoa11_indicators_llr.csv": "imd_2019_indicators",
    "deprivation/idaci_2019_lsoa11_llr.csv": "idaci_2019",
    "deprivation/imd2025_lsoa21_llr.csv": "imd_2025",
}
_ZIP = "ambulance/montgomery-pa-911.zip"
_LOGS = {f"police/{month}-leicestershire-street.csv": "police_uk" for month in POLICE_MONTHS} | {_ZIP: "montgomery"}
_INTRO = """# Real files: what became of every line

Public files, read in place by the shipped maps and never copied. The physical lines of a file are its header, what
comes before it, and its records. Each record is accepted, held back (quarantined) or set aside by the filter that its
map states. A record of figures holds many: each cell is a number (*shown*) or the mark that stands in its place, and
no mark is nought, or another mark.

This page is written by `python tests/real_files.py`; a test reads the files again and holds that it is true.
"""
_SETTLED = """
Two maps of `police_recorded_crime`, `ons_recorded_crime` and `csew_violence`, were written from the published layout.
No real file of theirs was at hand, and they say so.
"""


@dataclass(frozen=True)
class RealFile:
    """One file and what reading it gave."""

    path: str
    supplier: str
    dataset: str
    result: ReadResult


def content_of(path: str) -> bytes:
    """The bytes of a file, out of its archive where it lies in one."""
    whole = SHARED / "data" / path
    if whole.suffix != ".zip":
        return whole.read_bytes()
    with zipfile.ZipFile(whole) as archive:
        return archive.read("911.csv")


def read_all() -> Iterator[RealFile]:
    """Every file, read by its map."""
    for path, supplier in (STATISTICS | _LOGS).items():
        result, _ = read_bytes(content_of(path), supplier, file_name=Path(path).name)
        dataset = load(supplier, folders=[Path(__file__).parent / "intake"]).dataset
        yield RealFile(path, supplier, dataset, result)


def page_of(files: list[RealFile]) -> str:
    """The page as Markdown: lines of every file, then the figures of those that hold some."""
    figures = [one for one in files if one.result.figures is not None]
    return "\n".join([
        _INTRO,
        "## Lines", "",
        *_table(
            ("file", "map", "dataset", "lines", "header", "before it", "blank", "records", "accepted", "held back",
             "set aside"),
            [_lines_of(one) for one in files], words=3,
        ),
        "", "## Figures and marks", "",
        *_table(("file", "figures", *MARKERS), [_figures_of(one) for one in figures], words=1),
        _SETTLED,
    ])  # fmt: skip


def _lines_of(one: RealFile) -> tuple[str | int, ...]:
    told = one.result.lines
    return (
        one.path, f"`{one.supplier}`", f"`{one.dataset}`", told.physical, told.header, told.preamble, told.blank,
        told.records, told.accepted, told.quarantined, told.set_aside,
    )  # fmt: skip


def _figures_of(one: RealFile) -> tuple[str | int, ...]:
    counts = dict(one.result.markers)
    return (one.path, one.result.figures or 0, *(counts.get(name, 0) for name in MARKERS))


def _table(headings: tuple[str, ...], rows: list[tuple[str | int, ...]], *, words: int) -> list[str]:
    """A Markdown table whose first `words` columns are words and the others numbers, with their sums below."""
    numbers = len(headings) - words
    sums = [sum(int(row[place]) for row in rows) for place in range(words, len(headings))]
    last = ("all", *[""] * (words - 1), *sums)
    lines = [[cell if isinstance(cell, str) else f"{cell:,}" for cell in row] for row in [*rows, last]]
    rule = [*["---"] * words, *["--:"] * numbers]
    return [f"| {' | '.join(line)} |" for line in (headings, rule, *lines)]


if __name__ == "__main__":
    PAGE.write_text(page_of(list(read_all())), "utf-8")
