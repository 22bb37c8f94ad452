"""Real tables of published figures, read in place: every line, every figure and every mark, counted twice."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import polars as pl
import pytest

from intake.desk import Tray, read_bytes
from real_files import PAGE, STATISTICS, content_of, page_of, read_all
from shared_data import needs_shared
from upstander.contracts.readings import Outcome
from upstander.intake import ReadResult

# Which of a table's headings are figures, by where they stand; the maps say it by name.
FIGURES: Mapping[str, Callable[[Sequence[str]], Sequence[str]]] = {
    "dfe_children_in_need": lambda head: head[head.index("category") + 1 :],
    "dfe_looked_after": lambda _: ["children_count"],
    "dfe_assessment_factors": lambda head: head[head.index("category") + 1 :],
    "dfe_exclusions": lambda head: head[3:],
    "dfe_attendance": lambda head: [
        *[name for name in head if name.startswith("reason_") and not name.startswith("reason_present")],
        *head[head.index("num_schools") : head.index("possible_sessions")],
        "pa_perc",
    ],
    "nhs_ae_monthly": lambda head: head[3:],
    "nhs_ae_trusts": lambda head: head[1:5],
    "imd_2019": lambda head: head[1:],
    "imd_2019_indicators": lambda head: [*head[1:8], *head[16:18]],
    "idaci_2019": lambda head: head[6:],
    "imd_2025": lambda head: head[1:],
}  # fmt: skip
MARKS = {"c": "suppressed", "z": "not_applicable", "x": "not_available", "u": "unreliable", "": "missing"}


@cache
def read(supplier: str) -> tuple[ReadResult, Tray]:
    """The file of that map, as intake reads it."""
    (path,) = (path for path, name in STATISTICS.items() if name == supplier)
    return read_bytes(content_of(path), supplier)


def counted_by_hand(supplier: str) -> tuple[int, int, dict[str, int]]:
    """Lines, records, and figures by what stands in their cells, with nothing but the csv module."""
    (path,) = (path for path, name in STATISTICS.items() if name == supplier)
    content = content_of(path)
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    named = FIGURES[supplier](list(rows[0]))
    marks = MARKS | ({"x": "suppressed"} if supplier == "dfe_exclusions" else {})
    cells = Counter(marks.get(row[name], "shown") for row in rows for name in named)
    for row in rows:
        for name in named:
            if row[name] not in marks:
                float(row[name])
    return len(content.splitlines()), len(rows), dict(cells)


@needs_shared
@pytest.mark.parametrize("supplier", FIGURES)
def test_a_real_table_loads_whole_with_every_mark_as_a_second_count_finds_it(supplier: str) -> None:
    result, tray = read(supplier)
    lines, records, cells = counted_by_hand(supplier)
    assert result.outcome in {Outcome.ACCEPT, Outcome.NORMALISE}
    assert (result.lines.physical, result.lines.records, result.lines.accepted) == (lines, records, records)
    assert result.lines.adds_up
    assert (result.lines.quarantined, result.quarantined_by_rule, result.mistakes) == (0, (), ())
    assert dict(result.markers) == cells
    assert result.figures == sum(cells.values()) == tray.accepted.height
    assert tray.accepted["value"].count() == cells["shown"]
    assert tray.accepted["row_id"].n_unique() == result.figures


def one_figure(supplier: str, **where: str) -> tuple[float | None, str, float | None, str]:
    """The figure with these dimensions, and its denominator; there is exactly one."""
    found = read(supplier)[1].accepted.filter(**{"group": "all", **where})
    return found.select("value", "marker", "denominator", "denominator_marker").row(by_predicate=pl.lit(value=True))


# Read off the files in an editor.
SPOT = {
    "children in need in England": (
        "dfe_children_in_need", {"area_code": "E92000001", "period": "FY2024", "indicator": "children_in_need"},
        (704_430.0, "shown", None, "not_available"),
    ),
    "looked-after children in Leicester": (
        "dfe_looked_after",
        {"area_code": "E06000016", "period": "FY2024", "indicator": "looked_after_31_march"},
        (595.0, "shown", 90_763.0, "shown"),
    ),
    "assessments in England that found gangs": (
        "dfe_assessment_factors",
        {"area_code": "E92000001", "period": "FY2024", "indicator": "factor_gangs"},
        (8860.0, "shown", 513_250.0, "shown"),
    ),
    "criminal exploitation in Leicester: a nought that was counted": (
        "dfe_assessment_factors",
        {"area_code": "E06000016", "period": "FY2024", "indicator": "factor_criminal_exploitation"},
        (0.0, "shown", 2445.0, "shown"),
    ),
    "and five years before, when nobody asked": (
        "dfe_assessment_factors",
        {"area_code": "E06000016", "period": "FY2019", "indicator": "factor_criminal_exploitation"},
        (None, "not_available", 2369.0, "shown"),
    ),
    "children excluded for good for an assault on a pupil": (
        "dfe_exclusions", {"area_name": "England", "period": "AY2016", "indicator": "permanent_assault_pupil"},
        (1025.0, "shown", None, "not_available"),
    ),
    "primary pupils excluded for good over drugs or alcohol": (
        "dfe_exclusions",
        {"area_name": "England", "period": "AY2016", "group": "primary", "indicator": "permanent_drugs_alcohol"},
        (None, "suppressed", None, "not_available"),
    ),
    "primary pupils excluded for good over theft: a true nought": (
        "dfe_exclusions",
        {"area_name": "England", "period": "AY2016", "group": "primary", "indicator": "permanent_theft"},
        (0.0, "shown", None, "not_available"),
    ),
    "sessions attended in England": (
        "dfe_attendance", {"area_code": "E92000001", "period": "AY2025", "indicator": "sessions_attended"},
        (2_277_095_382.0, "shown", 2_445_419_687.0, "shown"),
    ),
    "attendances at a large department": (
        "nhs_ae_monthly",
        {"area_code": "RF4", "period": "2017-03", "group": "type_1", "indicator": "ae_over_four_hours"},
        (2879.0, "shown", 21_289.0, "shown"),
    ),
    "a trust that does not say how long people waited": (
        "nhs_ae_trusts", {"area_code": "RC9", "period": "2021-04", "indicator": "ae_over_four_hours"},
        (None, "missing", 17_570.0, "shown"),
    ),
    "the deprivation of children in a part of Leicester": (
        "idaci_2019", {"area_code": "E01013600", "period": "2019", "indicator": "idaci_rank"},
        (785.0, "shown", None, "not_applicable"),
    ),
    "its children in income-deprived families": (
        "imd_2019_indicators", {"area_code": "E01013600", "period": "2019", "indicator": "idaci_children"},
        (245.0, "shown", None, "not_available"),
    ),
    "its rank six years later": (
        "imd_2025", {"area_code": "E01013600", "period": "2025", "indicator": "imd_rank"},
        (1320.0, "shown", None, "not_applicable"),
    ),
}  # fmt: skip


@needs_shared
@pytest.mark.parametrize(("supplier", "where", "right"), SPOT.values(), ids=SPOT)
def test_a_figure_read_off_the_file_is_the_figure_in_the_warehouse(
    supplier: str, where: dict[str, str], right: tuple[float | None, str, float | None, str]
) -> None:
    assert one_figure(supplier, **where) == right


@needs_shared
def test_forty_three_small_areas_of_the_county_are_in_the_worst_tenth_of_2019() -> None:
    worst = read("imd_2019")[1].accepted.filter(indicator="imd_decile", value=1.0)
    assert worst.height == 43
    assert worst.select("area_kind", "area_vintage", "period").unique().rows() == [("lsoa", "11", "2019")]


@needs_shared
def test_every_kind_of_area_in_the_tables_is_the_one_its_publisher_says() -> None:
    found = read("dfe_children_in_need")[1].accepted.filter(indicator="children_in_need")
    assert dict(found.group_by("area_kind").len().iter_rows()) == {"utla": 1976, "region": 143, "country": 13}
    trusts = read("nhs_ae_monthly")[1].accepted
    assert trusts["area_kind"].unique().to_list() == ["trust"]


@needs_shared
def test_a_rate_left_out_follows_from_the_count_and_the_population_beside_it() -> None:
    (path,) = (path for path, name in STATISTICS.items() if name == "dfe_looked_after")
    stated = [row["rate_per_10000"] for row in csv.DictReader(io.StringIO(content_of(path).decode("utf-8-sig")))]
    figures = read("dfe_looked_after")[1].accepted
    rates = (figures["value"] / figures["denominator"] * 10_000).round().to_list()
    shown = [(float(rate), made) for rate, made in zip(stated, rates, strict=True) if made is not None]
    assert len(shown) > 2000
    assert all(abs(rate - made) <= 1 for rate, made in shown)
    marks = dict(zip(stated, figures["marker"], strict=True))
    assert (marks["z"], marks["c"]) == ("not_applicable", "suppressed")


@needs_shared
def test_the_page_of_real_files_says_what_the_files_give() -> None:
    assert PAGE.read_text("utf-8") == page_of(list(read_all())), "run: python tests/real_files.py"
