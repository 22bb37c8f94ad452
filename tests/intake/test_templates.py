"""The XLSX template: what it offers to who fills it, and that our own intake takes it filled."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from intake.desk import read_bytes
from upstander import contracts
from upstander.contracts.dataset import Column, DatasetContract, Kind, Shape
from upstander.contracts.template_sheets import template_xlsx
from upstander.intake import suppliers
from upstander.intake.suppliers import contract_of, template_names
from upstander.intake.suppliers.loading import load

SHAPED = [contracts.in_shape(name, shape) for name, one in contracts.ALL.items() for shape in one.shapes]
NAMES = [f"{one.name}-{one.shape}" for one in SHAPED]


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def as_typed(column: Column) -> Any:
    """The example of a column as a person would have it in a cell."""
    if column.kind in (Kind.DATE, Kind.TIMESTAMP):
        return datetime.fromisoformat(column.example)
    return float(column.example) if column.kind in (Kind.INTEGER, Kind.DECIMAL) else column.example


def filled(contract: DatasetContract) -> bytes:
    book = opened(template_xlsx(contract))
    for index, column in enumerate(contract.columns, 1):
        book["Rows"].cell(2, index).value = as_typed(column)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("name", template_names())
def test_a_filled_template_is_taken_by_its_own_map(name: str) -> None:
    supplier = suppliers.load(name)
    result, _ = read_bytes(filled(contract_of(supplier)), supplier, file_name="template.xlsx")
    assert (result.lines.records, result.lines.accepted, result.holds) == (1, 1, ()), (result.message, result.mistakes)


def test_its_sheet_saved_as_csv_is_taken_too() -> None:
    supplier = suppliers.load("template_police_incidents")
    columns = contract_of(supplier).columns
    text = "\n".join(
        ",".join(f'"{word}"' for word in words) for words in zip(*((c.name, c.example) for c in columns), strict=True)
    )
    result, _ = read_bytes(text.encode(), supplier)
    assert result.lines.accepted == 1, result.message


@pytest.mark.parametrize("contract", SHAPED, ids=NAMES)
def test_nothing_in_it_is_hidden_and_nothing_runs(contract: DatasetContract) -> None:
    book = opened(template_xlsx(contract))
    assert book.sheetnames == ["Rows", "Codes", "Read me"]
    assert [sheet.sheet_state for sheet in book] == ["visible"] * 3
    assert not [one for sheet in book for one in sheet.column_dimensions.values() if one.hidden]
    assert not [
        cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.comment or cell.data_type == "f"
    ]
    assert not book.defined_names


@pytest.mark.parametrize("contract", SHAPED, ids=NAMES)
def test_each_column_says_what_it_means_and_offers_its_codes(contract: DatasetContract) -> None:
    book = opened(template_xlsx(contract))
    rules = {str(one.sqref).split(":")[0]: one for one in book["Rows"].data_validations.dataValidation}
    for index, column in enumerate(contract.columns, 1):
        cell = book["Rows"].cell(2, index)
        rule = rules[cell.coordinate]
        assert column.means[1:40] in rule.prompt
        assert len(rule.prompt) <= 255
        if column.codes is not None:
            assert rule.type == "list"
            area = book["Codes"][rule.formula1.partition("!")[2].replace("$", "")]
            assert [one[0].value for one in area] == list(column.codes.meanings)


def test_cells_that_a_spreadsheet_would_spoil_are_text() -> None:
    contract = contracts.ALL["police_incidents"]
    sheet = opened(template_xlsx(contract))["Rows"]
    formats = {
        column.name: sheet.column_dimensions[sheet.cell(1, at).column_letter].number_format
        for at, column in enumerate(contract.columns, 1)
    }
    assert {formats[name] for name in ("incident_ref", "person_ref", "postcode", "offence_code")} == {"@"}
    assert formats["occurred_from"] == "yyyy-mm-dd hh:mm"


def test_equal_contracts_give_equal_bytes() -> None:
    contract = contracts.ALL["ed_assaults"]
    assert template_xlsx(contract) == template_xlsx(contract)


def test_a_map_may_be_based_on_a_template(tmp_path: Path) -> None:
    (tmp_path / "ostrey.toml").write_text(
        'name = "ostrey"\nbased_on = "template_ed_assaults"\nagency = "Ostrey Hospital"\n'
    )
    made = load("ostrey", folders=[tmp_path])
    assert (made.agency, made.file.sheet) == ("Ostrey Hospital", "Rows")


def test_there_is_a_template_map_for_every_shape_of_every_dataset() -> None:
    found = {(one.dataset, contract_of(one).shape) for one in map(suppliers.load, template_names())}
    assert found == {(contract.name, shape) for contract in contracts.ALL.values() for shape in contract.shapes}
    assert suppliers.load("template_habitual_knife_carriers").delivers == "snapshot"
    assert contract_of(suppliers.load("template_neet")).shape is Shape.RECORDS
