"""Files of figures: a record is checked by its line, then becomes one row a figure; no marker becomes a number."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.desk import Tray, read_bytes, wall
from real_files import STATISTICS
from upstander.contracts import INDICATOR_COLUMNS, MARKERS
from upstander.contracts.dataset import Shape
from upstander.contracts.readings import Outcome
from upstander.intake import ReadResult, suppliers
from upstander.intake.errors import MapNotUsable
from upstander.intake.suppliers import Supplier

WIDE = {
    "name": "brackenshire_care", "version": "1", "dated": "2026-11-24", "source": "invented for these tests",
    "agency": "Brackenshire", "dataset": "children_in_care", "shape": "indicators", "delivers": "whole",
    "columns": {}, "ignored": {"note": "nothing is made of it"},
    "figures": {
        "in_care": {"indicator": "looked_after_31_march", "out_of": "children"},
        "started": {"indicator": "looked_after_started", "out_of": "children"},
        "in_need": "children_in_need_started",
    },
    "markers": {"c": "suppressed", "z": "not_applicable", "x": "not_available", "u": "unreliable", "k": "low"},
    "areas": {
        "level": "level",
        "levels": {
            "National": {"kind": "country", "code": "country"},
            "Council": {"kind": "utla", "code": "council", "name": "council_name"},
        },
    },
    "period": {"identifier": "which", "forms": {"Reporting year": "fy_ending", "Academic year": "ay_starting"}},
}  # fmt: skip
HEADER = "year,which,level,country,council,council_name,in_care,started,in_need,children,note"
COUNCIL = "2025,Reporting year,Council,F92000001,F06000001,Tavenholt"


def table(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def wide(*rows: str, **changes: object) -> tuple[ReadResult, Tray]:
    stated = WIDE | {"columns": {"year": "period"}} | changes
    return read_bytes(table(*rows), Supplier.model_validate(stated))


def test_each_figure_of_a_line_becomes_a_row_with_its_denominator_beside_it() -> None:
    result, tray = wide(f'{COUNCIL},120,30,45.5,"10,400",')
    assert (result.lines.accepted, result.figures, result.outcome) == (1, 3, Outcome.ACCEPT)
    assert tray.accepted.columns == [column.name for column in INDICATOR_COLUMNS]
    assert tray.accepted.select("indicator", "value", "denominator", "denominator_marker", "unit").rows() == [
        ("looked_after_31_march", 120.0, 10400.0, "shown", "children"),
        ("looked_after_started", 30.0, 10400.0, "shown", "children"),
        ("children_in_need_started", 45.5, None, "not_applicable", "children"),
    ]
    assert tray.accepted["row_id"].to_list() == [f"{'r' * 20}:2:{number}" for number in (1, 2, 3)]


def test_what_stands_for_a_number_is_neither_nought_nor_null_nor_another_of_its_kind() -> None:
    cells = ("0", "c", "z", "x", "u", "k", "", "K")
    result, tray = wide(*(f"{COUNCIL},{cell},5,5,100,{line}" for line, cell in enumerate(cells)))
    found = tray.accepted.filter(pl.col("indicator") == "looked_after_31_march").select("value", "marker").rows()
    assert found == [
        (0.0, "shown"), (None, "suppressed"), (None, "not_applicable"), (None, "not_available"),
        (None, "unreliable"), (None, "low"), (None, "missing"), (None, "low"),
    ]  # fmt: skip
    assert {marker for _, marker in found} == set(MARKERS)
    assert dict(result.markers) == {
        "shown": 17, "low": 2, "suppressed": 1, "not_applicable": 1, "not_available": 1, "unreliable": 1, "missing": 1,
    }  # fmt: skip


def test_a_marker_in_the_denominator_is_kept_apart_from_that_of_the_figure() -> None:
    _, tray = wide(f"{COUNCIL},120,c,3,x,")
    assert tray.accepted.select("marker", "denominator", "denominator_marker").rows()[:2] == [
        ("shown", None, "not_available"),
        ("suppressed", None, "not_available"),
    ]


BROKEN = {
    "a mark that nobody agreed": (f"{COUNCIL},q,1,1,9,", "not a figure", "in_care"),
    "a mark in the denominator": (f"{COUNCIL},1,1,1,about ten,", "not a figure", "children"),
    "two numbers in one cell": (f"{COUNCIL},1-2,1,1,9,", "not a figure", "in_care"),
    "no period": (f"{COUNCIL.replace('2025', '')},1,1,1,9,", "required and missing", "period"),
    "a period that is none": (f"{COUNCIL.replace('2025', '202527')},1,1,1,9,", "not a period", "period"),
    "a kind of period nobody agreed": (f"{COUNCIL.replace('Reporting', 'Lunar')},1,1,1,9,", "not a period", "period"),
    "a period to come": (f"{COUNCIL.replace('2025', '2031')},1,1,1,9,", "in the future", "period"),
    "a level nobody knows": (f"{COUNCIL.replace('Council', 'Parish')},1,1,1,9,", "area of no agreed kind", "area_code"),
    "no area": ("2025,Reporting year,Council,F92000001,,,1,1,1,9,", "no area at all", "area_code"),
    "a code that is none": (f"{COUNCIL.replace('F06', 'F0 6')},1,1,1,9,", "not an area code", "area_code"),
}  # fmt: skip


@pytest.mark.parametrize(("row", "rule", "column"), BROKEN.values(), ids=BROKEN)
def test_a_record_that_breaks_a_rule_is_kept_back_whole_with_its_line(row: str, rule: str, column: str) -> None:
    result, tray = wide(f"{COUNCIL},1,1,1,9,", row, f"{COUNCIL},2,2,2,9,")
    assert (result.lines.accepted, result.lines.quarantined, result.figures) == (2, 1, 6)
    assert result.lines.adds_up
    assert tray.quarantined.select("line", "rule", "column").rows() == [(3, rule, column)]
    assert set(tray.accepted["row_id"].str.split(":").list.get(1)) == {"2", "4"}


def test_a_mistake_quotes_the_cell_and_says_which_marks_are_agreed() -> None:
    result, _ = wide(f"{COUNCIL},q,1,1,9,")
    (mistake,) = result.mistakes
    assert (mistake.line, mistake.column, mistake.value) == (2, "in_care", "q")
    assert "c, z, x, u, k" in mistake.expected


PERIODS = {
    ("fy_ending", "2025"): ("FY", "FY2024", wall(2024, 4, 1), wall(2025, 4, 1)),
    ("fy_ending", "202425"): ("FY", "FY2024", wall(2024, 4, 1), wall(2025, 4, 1)),
    ("fy_starting", "2025"): ("FY", "FY2025", wall(2025, 4, 1), wall(2026, 4, 1)),
    ("ay_starting", "202324"): ("AY", "AY2023", wall(2023, 9, 1), wall(2024, 9, 1)),
    ("ay_starting", "2023/24"): ("AY", "AY2023", wall(2023, 9, 1), wall(2024, 9, 1)),
    ("ay_starting", "2023-2024"): ("AY", "AY2023", wall(2023, 9, 1), wall(2024, 9, 1)),
    ("ay_starting", "199900"): ("AY", "AY1999", wall(1999, 9, 1), wall(2000, 9, 1)),
    ("ay_ending", "2024"): ("AY", "AY2023", wall(2023, 9, 1), wall(2024, 9, 1)),
    ("year", "2019"): ("year", "2019", wall(2019, 1, 1), wall(2020, 1, 1)),
    ("ours", "2019"): ("year", "2019", wall(2019, 1, 1), wall(2020, 1, 1)),
    ("ours", "2026-Q3"): ("quarter", "2026-Q3", wall(2026, 7, 1), wall(2026, 10, 1)),
    ("ours", "2026-W31"): ("week", "2026-W31", wall(2026, 7, 27), wall(2026, 8, 3)),
    ("ours", "2026-07-04"): ("day", "2026-07-04", wall(2026, 7, 4), wall(2026, 7, 5)),
    ("month", "March 2024"): ("month", "2024-03", wall(2024, 3, 1), wall(2024, 4, 1)),
    ("year_ending", "March 2024"): ("FY", "FY2023", wall(2023, 4, 1), wall(2024, 4, 1)),
    ("year_ending", "June 2024"): ("rolling_year", "2023-07-01/2024-07-01", wall(2023, 7, 1), wall(2024, 7, 1)),
    ("year_ending", "December 2023"): ("year", "2023", wall(2023, 1, 1), wall(2024, 1, 1)),
    ("months", "April 2023 to March 2024"): ("FY", "FY2023", wall(2023, 4, 1), wall(2024, 4, 1)),
    ("months", "July 2024 - September 2024"): ("quarter", "2024-Q3", wall(2024, 7, 1), wall(2024, 10, 1)),
    ("months", "May 2024 to June 2024"): ("span", "2024-05-01/2024-07-01", wall(2024, 5, 1), wall(2024, 7, 1)),
}  # fmt: skip
LONG = WIDE | {
    "figures": {}, "areas": {}, "period": {},
    "columns": {"when": "period", "where": "area_code", "what": "indicator", "who": "group", "how_many": "value"},
    "ignored": {}, "codes": {"indicator": {"Looked after": "looked_after_31_march"}, "group": {"Total": "all"}},
}  # fmt: skip


def long(*rows: str, **changes: object) -> tuple[ReadResult, Tray]:
    made = Supplier.model_validate(LONG | changes)
    return read_bytes(table(*rows, header="when,where,what,who,how_many"), made)


@pytest.mark.parametrize(("stated", "right"), PERIODS.items(), ids=[" ".join(one) for one in PERIODS])
def test_a_period_is_read_as_the_map_says_and_ends_where_the_next_begins(
    stated: tuple[str, str], right: tuple[object, ...]
) -> None:
    form, text = stated
    result, tray = long(f"{text},F06000001,Looked after,Total,5", period={"form": form}, formats={"period": ("%B %Y",)})
    assert result.lines.accepted == 1, result.message
    assert tray.accepted.select("period_kind", "period", "period_start", "period_end").row(0) == right


@pytest.mark.parametrize(
    ("form", "text"),
    [("ay_starting", "202326"), ("ay_starting", "2023/23"), ("year", "23"), ("month", "Marzo 2024"),
     ("ours", "2023/24"), ("months", "June 2024 to May 2024"), ("months", "June 2024"), ("fy_ending", "FY2024"),
     ("year", "0000")],
)  # fmt: skip
def test_a_text_that_is_no_such_period_is_never_guessed_at(form: str, text: str) -> None:
    result, _ = long(f"{text},F06000001,Looked after,Total,5", period={"form": form}, formats={"period": ("%B %Y",)})
    assert dict(result.quarantined_by_rule) == {"not a period": 1}


def test_a_long_file_names_the_figure_in_each_row_and_a_row_without_a_group_is_about_everybody() -> None:
    result, tray = long(
        "FY2024,F06000001,Looked after,female,12",
        "FY2024,F06000001,Looked after,,c",
        "FY2024,F06000001,children_in_need,Total,7",
        "FY2024,F06000001,knives,Total,7",
        "FY2024,F06000001,,Total,7",
        "FY2024,F06000001,Looked after,left-handed,7",
    )
    assert tray.accepted.select("indicator", "group", "value", "marker").rows() == [
        ("looked_after_31_march", "female", 12.0, "shown"),
        ("looked_after_31_march", "all", None, "suppressed"),
        ("children_in_need", "all", 7.0, "shown"),
    ]
    assert dict(result.quarantined_by_rule) == {"code not in the codelist": 2, "required and missing": 1}


def test_our_own_words_for_what_is_not_there_are_read_in_every_file() -> None:
    words = [word for word in MARKERS if word not in ("shown", "missing")]
    _, tray = long(*(f"FY{2010 + n},F06000001,Looked after,Total,{word}" for n, word in enumerate(words)), markers={})
    assert tray.accepted["marker"].to_list() == words


KINDS = {
    "F92000001": "country", "E12000004": "region", "E13000002": "region", "E06000016": "utla", "E10000018": "utla",
    "E07000130": "ltla", "E23000021": "pfa", "E05000100": "ward", "E02000100": "msoa", "E01013600": "lsoa",
    "W01000001": "lsoa", "K04000001": "country", "RWE": "unknown", "123456": "unknown",
}  # fmt: skip


def test_an_official_code_says_what_kind_of_area_it_is_of_and_no_other_code_does() -> None:
    _, tray = long(*(f"FY2024,{code},Looked after,Total,5" for code in KINDS))
    assert dict(tray.accepted.select("area_code", "area_kind").iter_rows()) == KINDS


def test_the_vintage_of_small_areas_is_the_one_layer_that_the_map_names() -> None:
    rows = ("FY2024,E01013600,Looked after,Total,5", "FY2024,E06000016,Looked after,Total,5")
    _, one = long(*rows, places={"layers": ["lsoa11"]})
    _, two = long(*rows, places={"layers": ["lsoa11", "lsoa21"]})
    assert one.accepted["area_vintage"].to_list() == ["11", ""]
    assert two.accepted["area_vintage"].to_list() == ["", ""]


def test_names_without_codes_are_of_the_kind_that_the_map_gives_them() -> None:
    named = LONG["columns"] | {"where": "area_name"}
    _, tray = long(
        "FY2024,Bracken Isles,Looked after,Total,5", "FY2024,Tavenholt,Looked after,Total,5",
        columns=named, areas={"named": {"Bracken Isles": "country", "*": "utla"}},
    )  # fmt: skip
    assert tray.accepted.select("area_kind", "area_code", "area_name").rows() == [
        ("country", "", "Bracken Isles"), ("utla", "", "Tavenholt"),
    ]  # fmt: skip


def test_a_file_of_figures_speaks_for_every_day_of_its_periods() -> None:
    result, _ = long("FY2022,F06000001,Looked after,Total,5", "FY2024,F06000001,Looked after,Total,5")
    assert result.covers is not None
    assert (result.covers.start, result.covers.end + timedelta(0)) == (wall(2022, 4, 1).date(), wall(2025, 4, 1).date())
    assert result.covers.inferred


def test_old_figures_are_not_held_for_being_old() -> None:
    result, _ = long(*(f"{year},F06000001,Looked after,Total,5" for year in range(1981, 2002)))
    assert result.outcome is Outcome.ACCEPT


@given(
    cells=st.lists(
        st.lists(st.sampled_from(["0", "7", "1,250", "12.5", "c", "z", "x", "", "q"]), min_size=3, max_size=3),
        min_size=1, max_size=20,
    )
)  # fmt: skip
def test_lines_add_up_and_every_cell_of_an_accepted_line_is_one_figure(cells: list[list[str]]) -> None:
    quoted = [",".join(f'"{cell}"' for cell in row) for row in cells]
    result, tray = wide(
        *(f"{COUNCIL},{row},100,{line}" for line, row in enumerate(quoted)), ignored={"note": "a number"}
    )
    good = [row for row in cells if "q" not in row]
    assert result.lines.adds_up
    assert (result.lines.accepted, result.lines.quarantined) == (len(good), len(cells) - len(good))
    assert result.figures == 3 * len(good) == sum(count for _, count in result.markers)
    shown = sum(cell[:1].isdigit() for row in good for cell in row)
    assert dict(result.markers).get("shown", 0) == shown
    if good:
        assert tray.accepted["value"].count() == shown


MAPS = {
    "an indicator the dataset lacks": ({"figures": {"in_care": "knives"}}, "no such indicator"),
    "a group the dataset lacks": ({"figures": {"in_care": {"indicator": "children_in_need", "group": "x"}}}, "group"),
    "figures and a value column": ({"columns": {"year": "period", "note": "value"}, "ignored": {}}, "either `figures`"),
    "a marker that is a number": ({"markers": {"0": "suppressed"}}, "a marker is no number"),
    "figures that come as an increment": ({"delivers": "increment"}, "whole or as a snapshot"),
    "levels without their heading": ({"areas": {"levels": {"National": {"kind": "country"}}}}, "go together"),
    "a form without its heading": ({"period": {"forms": {"Reporting year": "year"}}}, "go together"),
    "no area": ({"areas": {}}, "where a figure is about"),
    "the shape of records": ({"shape": None}, "indicators"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "says"), MAPS.values(), ids=MAPS)
def test_a_map_of_figures_that_does_not_hang_together_is_refused(
    tmp_path: Path, changes: dict[str, object], says: str
) -> None:
    import tomli_w

    stated = WIDE | {"columns": {"year": "period"}} | changes
    path = tmp_path / "faulty.toml"
    path.write_text(tomli_w.dumps({key: value for key, value in stated.items() if value is not None}))
    with pytest.raises(MapNotUsable, match=says):
        suppliers.load(path)


OF_FIGURES = [
    name for name in suppliers.shipped() if suppliers.contract_of(suppliers.load(name)).shape is Shape.INDICATORS
]
WRITTEN = {
    "ours": "FY2024", "month": "", "year_ending": "", "fy_ending": "2025", "ay_starting": "202425", "year": "2024",
}  # fmt: skip


def in_its_own_headings(supplier: Supplier) -> bytes:
    """A line as this map's sender would send it, with the number 5 in every cell of figures."""
    form = next(iter(supplier.period.forms.values()), supplier.period.form)
    formats = supplier.formats.get("period", ("",))
    period = wall(2025, 3, 1).strftime(formats[0]) if formats[0] else WRITTEN[form]
    contract = suppliers.contract_of(supplier)
    coded = {name: next(iter(table)) for name, table in supplier.codes.items()}
    own = {"period": period, "area_code": "F06000001", "area_name": "Tavenholt", "value": "5", "denominator": "100"}
    cells = {heading: (own | coded)[name] for heading, name in supplier.columns.items()}
    cells |= dict.fromkeys(supplier.figure_headings, "5")
    if supplier.areas.level:
        level, stated = next(iter(supplier.areas.levels.items()))
        cells |= {supplier.areas.level: level, stated.code: "F92000001", stated.name: "Bracken Isles"}
        others = [one for one in supplier.areas.headings if one not in cells]
        cells |= dict.fromkeys(others, "")
    if supplier.period.identifier:
        cells[supplier.period.identifier] = next(iter(supplier.period.forms))
    assert {column.name for column in contract.columns if column.required} <= set(supplier.contract_columns)
    out = io.StringIO()
    csv.writer(out).writerows([cells.keys(), cells.values()])
    return out.getvalue().encode()


@pytest.mark.parametrize("name", OF_FIGURES)
def test_every_shipped_map_of_figures_reads_a_line_in_its_own_headings(name: str) -> None:
    supplier = suppliers.load(name)
    result, tray = read_bytes(in_its_own_headings(supplier), supplier)
    assert (result.lines.accepted, result.figures) == (1, len(supplier.figures) or 1), (result.message, result.mistakes)
    assert tray.accepted["value"].unique().to_list() == [5.0]
    assert tray.accepted["unit"].min() != ""
    assert "unknown" not in tray.accepted["area_kind"].to_list() or "named" in supplier.areas.model_fields_set
    assert tray.accepted.height == tray.accepted.unique(["indicator", "group"]).height


def test_the_layouts_that_no_real_file_was_read_by_say_so() -> None:
    untested = [name for name in OF_FIGURES if name not in STATISTICS.values()]
    assert sorted(untested) == ["csew_violence", "ons_recorded_crime"]
    assert all("Untested on a real file" in suppliers.load(name).source for name in untested)


def test_the_footnotes_under_a_recorded_crime_table_are_no_rows() -> None:
    content = in_its_own_headings(suppliers.load("ons_recorded_crime"))
    result, tray = read_bytes(content + b"Source: Home Office\r\n1. Not the same as before.\r\n", "ons_recorded_crime")
    assert (result.lines.accepted, result.lines.footer, result.lines.quarantined) == (1, 2, 0)
    assert tray.accepted.select("period_kind", "period", "area_kind").unique().rows() == [("FY", "FY2024", "utla")]
