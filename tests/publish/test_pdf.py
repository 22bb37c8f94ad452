"""The PDF holds to PDF/UA-1: what a screen reader needs is read back from the file, not believed."""

import dataclasses
import itertools
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from publish.wharram import county
from upstander.publish.bulletin import sheet
from upstander.publish.facts import facts_of
from upstander.publish.pdf import document
from upstander.publish.tokens import PRINT


@pytest.fixture(scope="module")
def made() -> bytes:
    bulletin = county()
    return document(sheet(facts_of(bulletin), PRINT), bulletin.made_on)


@pytest.fixture(scope="module")
def reader(made: bytes) -> PdfReader:
    return PdfReader(BytesIO(made))


def elements(node: Any) -> Iterator[Any]:
    """Every structure element below a node, in reading order."""
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from elements(child)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node["/K"])


def tags(reader: PdfReader) -> list[Any]:
    return list(elements(reader.trailer["/Root"]["/StructTreeRoot"]["/K"]))


def test_it_says_that_it_is_pdf_ua_1(made: bytes) -> None:
    assert b"pdfuaid:part" in made


def test_it_is_tagged_titled_and_names_its_language(reader: PdfReader) -> None:
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a pypdf value, not a bool
    assert root["/Lang"] == "en-GB"
    assert reader.metadata is not None
    assert reader.metadata.title == "Injury surveillance bulletin, September 2026, issue 9"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712


def test_every_figure_says_in_words_what_it_shows(reader: PdfReader) -> None:
    figures = [tag for tag in tags(reader) if tag["/S"] == "/Figure"]
    words = [str(figure["/Alt"]) for figure in figures]
    assert len(figures) >= 9
    assert all(len(each) > 10 for each in words), words
    assert any(each.startswith("Map of ambulance call-outs") and "Lanternside 58" in each for each in words)


def test_headings_descend_without_a_gap(reader: PdfReader) -> None:
    levels = [int(tag["/S"][2:]) for tag in tags(reader) if tag["/S"] in {"/H1", "/H2", "/H3", "/H4"}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_tables_have_header_cells(reader: PdfReader) -> None:
    kinds = [tag["/S"] for tag in tags(reader)]
    assert kinds.count("/Table") >= 6
    assert "/TH" in kinds


def test_every_page_bears_the_marking_and_when_to_destroy_it(reader: PdfReader) -> None:
    for page in reader.pages:
        text = page.extract_text()
        assert "OFFICIAL-SENSITIVE" in text
        assert "Operational edition, number 0009, for the tasking group" in text
        assert "Destroy by 20 January 2027" in text


def test_it_embeds_its_fonts(reader: PdfReader) -> None:
    fonts = {str(font["/BaseFont"]) for page in reader.pages for font in page["/Resources"]["/Font"].values()}
    assert fonts
    assert all("UpstanderSans" in font for font in fonts)


def test_the_same_bulletin_gives_the_same_bytes(made: bytes) -> None:
    bulletin = county()
    assert document(sheet(facts_of(bulletin), PRINT), bulletin.made_on) == made


def test_another_day_gives_other_bytes(made: bytes) -> None:
    bulletin = dataclasses.replace(county(), issue_label="October 2026, issue 10")
    assert document(sheet(facts_of(bulletin), PRINT), bulletin.made_on) != made
