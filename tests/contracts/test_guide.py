"""The extract guide of every dataset says what to send, and fits on one printed page."""

from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Page

from intake.browser import chromium
from upstander.contracts import ALL
from upstander.contracts.dataset import DatasetContract
from upstander.contracts.guide import guide_html, smallest_useful

CONTRACTS = [pytest.param(contract, id=contract.name) for contract in ALL.values()]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_page()


@pytest.mark.parametrize("contract", CONTRACTS)
def test_it_prints_on_one_page(contract: DatasetContract, page: Page, tmp_path: Path) -> None:
    path, pdf = tmp_path / "guide.html", tmp_path / "guide.pdf"
    path.write_text(guide_html(contract), "utf-8")
    page.goto(path.as_uri())
    page.pdf(path=pdf, prefer_css_page_size=True)
    assert len(pypdf.PdfReader(pdf).pages) == 1


@pytest.mark.parametrize("name", ["police_incidents", "ed_assaults"])  # the two fullest pages
def test_it_prints_on_one_page_with_numbers_of_what_its_rows_support(name: str, page: Page, tmp_path: Path) -> None:
    said = (
        "in the rows held, the right small area (LSOA) for under 1%, over 99% of links wrong, at most 1% of rows "
        "alone. An LSOA code maps more."
    )
    path, pdf = tmp_path / "guide.html", tmp_path / "guide.pdf"
    path.write_text(guide_html(ALL[name], support=said), "utf-8")
    page.goto(path.as_uri())
    page.pdf(path=pdf, prefer_css_page_size=True)
    assert said in path.read_text("utf-8")
    assert len(pypdf.PdfReader(pdf).pages) == 1


@pytest.mark.parametrize("contract", CONTRACTS)
def test_what_sector_band_and_sex_support_is_said_where_rows_tell_them(contract: DatasetContract) -> None:
    tells = {name for column in contract.columns for name in column.becomes} >= {"postcode_sector", "age_band"}
    assert ("Postcode sector, age band and sex" in guide_html(contract)) == tells


@pytest.mark.parametrize("contract", CONTRACTS)
def test_it_names_every_column_and_five_mistakes(contract: DatasetContract) -> None:
    said = guide_html(contract).replace("<wbr>", "")
    assert [column.name for column in contract.columns if column.name not in said] == []
    assert said.count("<li><b>") == 5
    assert contract.arrives in said.replace("&#39;", "'")


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_least_that_is_useful_holds_what_every_row_needs_and_no_free_text(contract: DatasetContract) -> None:
    least = [column for _, column in smallest_useful(contract)]
    assert {column.name for column in contract.columns if column.required} <= {column.name for column in least}
    assert not [column.name for column in least if column.free_text]
    assert len(least) <= 9


def test_a_place_is_asked_for_by_the_column_that_tells_least_of_a_person() -> None:
    asked = dict(smallest_useful(ALL["ed_assaults"]))
    assert asked["where"].name == "area_code"
