"""Supplier maps: strict, versioned, and clear about what is wrong with them."""

import csv
import io
from datetime import datetime
from pathlib import Path

import pytest

from intake.desk import HERE, read_bytes
from upstander import contracts
from upstander.contracts.dataset import Kind, Shape
from upstander.errors import WrongUsage
from upstander.intake import suppliers
from upstander.intake.errors import MapNotUsable
from upstander.intake.suppliers import Supplier

OF_ROWS = [
    name
    for name in suppliers.shipped()
    if suppliers.contract_of(suppliers.load(name)).shape is not Shape.INDICATORS  # a line of those holds many figures
]


@pytest.mark.parametrize("name", suppliers.shipped())
def test_every_shipped_map_fits_its_contract_and_says_its_source(name: str) -> None:
    supplier = suppliers.load(name)
    assert supplier.name == name
    assert supplier.dataset in contracts.ALL
    assert len(supplier.source) > 20


def test_each_dataset_has_a_shipped_map() -> None:
    assert {suppliers.load(name).dataset for name in suppliers.shipped()} == set(contracts.ALL)


@pytest.mark.parametrize("name", OF_ROWS)
def test_every_shipped_map_reads_the_example_of_its_contract_in_its_own_headings(name: str) -> None:
    supplier = suppliers.load(name)
    cells = {heading: _as_sent(supplier, column) for heading, column in supplier.columns.items()}
    for column, (first, *others) in supplier.split.items():
        day, _, time = _as_sent(supplier, column).partition(" ")
        cells |= {first: day, **dict.fromkeys(others, time)}
    if supplier.filter is not None:
        cells[supplier.filter.column] = supplier.filter.keep[0]
    out = io.StringIO()
    csv.writer(out).writerows([cells.keys(), cells.values()])
    result, _ = read_bytes(out.getvalue().encode(), name)
    assert result.lines.accepted == 1, (result.message, result.mistakes)


def _as_sent(supplier: Supplier, name: str) -> str:
    """The contract's example of a column, its date in the first format of the map."""
    column = contracts.ALL[supplier.dataset].column(name)
    assert column is not None
    if column.kind not in (Kind.TIMESTAMP, Kind.DATE):
        return column.example
    return datetime.fromisoformat(column.example).strftime(supplier.formats[name][0])


def test_a_fingerprint_follows_the_meaning_not_the_comments(tmp_path: Path) -> None:
    text = (HERE / "montgomery.toml").read_text()
    (tmp_path / "same.toml").write_text("# a remark\n" + text)
    (tmp_path / "other.toml").write_text(text.replace("America/New_York", "America/Chicago"))
    plain, same, other = (
        suppliers.load(name, folders=[HERE, tmp_path]).fingerprint() for name in ("montgomery", "same", "other")
    )
    assert plain == same != other


def test_a_map_may_start_from_another_and_change_some_keys(tmp_path: Path) -> None:
    (tmp_path / "ostrey.toml").write_text(
        'name = "ostrey"\nbased_on = "cad"\nagency = "Ostrey Ambulance"\n[places]\ncrs = "OSTREY:1"\n'
    )
    base, made = suppliers.load("cad"), suppliers.load("ostrey", folders=[tmp_path])
    assert (made.agency, made.places.crs, made.places.layers) == ("Ostrey Ambulance", "OSTREY:1", base.places.layers)
    assert made.columns == base.columns


FAULTS = {
    "a key nobody knows": ('zone = "America/New_York"', 'zzone = "x"', "zzone"),
    "a zone that is none": ("America/New_York", "America/Old_York", "zone"),
    "a column the contract lacks": ('"nature_code"\n', '"nature"\n', "nature"),
    "an open pattern": ("[filter]", '[file]\nfooter = "("\n[filter]', "footer"),
    "a filter on an unknown heading": ('[filter]\ncolumn = "title"', '[filter]\ncolumn = "titel"', "titel"),
    "stable without a key": ('"not_stable"', '"stable"', "key"),
    "nothing for a required column": ('timeStamp = "called_at"\n', "", "called_at"),
    "no TOML": ("[columns]", "[columns", "TOML"),
}


@pytest.mark.parametrize(("old", "new", "says"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_map_is_refused_with_the_place_of_the_fault(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = (HERE / "montgomery.toml").read_text()
    assert old in text
    (tmp_path / "faulty.toml").write_text(text.replace(old, new))
    with pytest.raises(MapNotUsable, match=says) as caught:
        suppliers.load("faulty", folders=[tmp_path])
    assert "faulty.toml" in caught.value.where


def test_an_unknown_name_answers_with_the_known_ones() -> None:
    with pytest.raises(WrongUsage, match=r"cad.*istv.*police_uk.*rms"):
        suppliers.load("nobody")


def test_a_file_without_the_heading_that_its_rows_are_chosen_by_is_answered() -> None:
    supplier = suppliers.load("hes")
    assert supplier.filter is not None
    assert supplier.filter.column in supplier.headings_needed
    headings = [heading for heading in supplier.headings_needed if heading != supplier.filter.column]
    result, _ = read_bytes(",".join(headings).encode() + b"\n", "hes")
    assert result.outcome == "FILEQ"
    assert f"missing column: {supplier.filter.column}" in result.message
