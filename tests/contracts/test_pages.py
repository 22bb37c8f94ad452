"""The pages made from the declarations say the whole of them, and nothing that no test holds."""

import csv
import io
import re
import shutil
import subprocess
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pypdf
import pytest

from upstander.contracts import ALL, code_list, taxonomy, warehouse_columns
from upstander.contracts.codes import shipped
from upstander.contracts.dictionary import code_lines, dictionary_html
from upstander.contracts.fates import fate
from upstander.contracts.templates import template_csv
from upstander.contracts.your_data import PROMISES, SharingFacts, your_data_html

CONTRACTS = [pytest.param(contract, id=contract.name) for contract in ALL.values()]
TESTS = Path(__file__).parents[1]
FACTS = SharingFacts(
    recipients=("Analysts of the network", "the tasking group named in schedule 2 <b>"),
    gateway="Crime and Disorder Act 1998, section 115, and section 16 of the Police, Crime, Sentencing and Courts Act "
    "2022 for what is not patient information; Data Protection Act 2018, section 35 and schedule 8",
    retention_days=365,
    rule_words="Counts of 1 to 7 are hidden and the others rounded to the nearest 5, totals included. In the "
    "operational edition, whose recipients are named, the tasking group sees the counts themselves, never a row.",
    until=date(2028, 3, 31),
)


class Outline(HTMLParser):
    """Tags in order with their attributes, the ids, the links, and tags left open."""

    def __init__(self, html):
        super().__init__()
        self.ids, self.links, self.headings, self.open, self.tags = [], [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append((tag, found))
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" else []
        self.headings += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.open += [tag] if tag not in {"meta", "br", "wbr", "link"} else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def dictionary():
    return dictionary_html(ALL.values())


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_template_is_the_contract_column_by_column(contract):
    header = next(csv.reader(io.StringIO(template_csv(contract).decode())))
    assert header == [column.name for column in contract.columns]
    assert template_csv(contract).count(b"\r\n") == 1


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_example_row_fills_every_column(contract):
    lines = list(csv.reader(io.StringIO(template_csv(contract, with_example=True).decode(), newline="")))
    assert lines[1] == [column.example for column in contract.columns]
    assert len(lines) == 2


def test_the_dictionary_names_every_column_sent_and_stored(dictionary):
    names = {column.name for contract in ALL.values() for column in (*contract.columns, *warehouse_columns(contract))}
    assert {name for name in names if f"<code>{name}</code>" not in dictionary} == set()


def test_the_dictionary_shows_every_list_with_its_source_and_what_is_to_be_verified(dictionary):
    for contract in ALL.values():
        for column in contract.columns:
            for part in (column.codes.joins or (column.codes.name,)) if column.codes else ():
                assert f'id="list-{part}"' in dictionary
                shown = code_list(part) if part in shipped("codelists") else column.codes
                assert shown.source.replace("'", "&#39;") in dictionary
                assert shown.to_verify.replace("'", "&#39;") in dictionary


def test_the_dictionary_names_every_figure_with_its_unit_and_what_it_is_out_of(dictionary):
    figures = [one for contract in ALL.values() for one in contract.indicators]
    assert len(figures) > 100
    for one in figures:
        assert f"<code>{one.code}</code>" in dictionary
        assert f"<td>{one.unit}</td><td>{one.out_of}</td>".replace("&", "&amp;") in dictionary


def test_the_dictionary_is_well_made_and_its_links_lead_somewhere(dictionary):
    page = Outline(dictionary)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert {link for link in page.links if link.removeprefix("#") not in page.ids} == set()
    assert page.headings[0] == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))


def test_the_dictionary_is_self_contained(dictionary):
    assert re.findall(r"(?:src|href)=\"(?!#)[^\"]*", dictionary) == []
    assert "url(" not in dictionary
    assert '"Source Sans 3"' in dictionary


def test_a_family_of_codes_is_one_line_of_the_dictionary():
    lines = {line.code: line for line in code_lines(code_list("ambulance_nature"))}
    assert lines["27-[A-E]-[0-9]S"].classes == ("sharp_force", "sharp")
    assert lines["27-[A-E]-[0-9][XY]"].excluded
    assert "27-D-3S" not in lines
    assert len(taxonomy("weapon_class").classes) == 9


@pytest.mark.parametrize("contract", CONTRACTS)
def test_your_data_says_what_becomes_of_every_field(contract):
    page = your_data_html(contract, FACTS)
    for column in contract.columns:
        assert re.search(rf"\b{column.name}\b", page)
        assert fate(column).replace("'", "&#39;") in page


@pytest.mark.parametrize("contract", CONTRACTS)
def test_your_data_says_who_why_by_which_law_how_long_and_by_which_rule(contract):
    page = your_data_html(contract, FACTS)
    assert "the tasking group named in schedule 2 &lt;b&gt;" in page
    assert FACTS.gateway in page
    assert FACTS.rule_words in page
    assert "365 days" in page
    assert "31 March 2028" in page


def test_the_shorter_of_two_retentions_is_promised():
    contract = ALL["ed_assaults"]
    longer = SharingFacts(FACTS.recipients, FACTS.gateway, 9999, FACTS.rule_words, FACTS.until)
    assert f"{contract.retention_days} days" in your_data_html(contract, longer)


def test_dropped_fields_say_they_are_dropped_and_why():
    dropped = [column for contract in ALL.values() for column in contract.columns if not column.becomes]
    assert {column.name for column in dropped} >= {
        "notes",
        "location_text",
        "assault_method_other",
        "reporting_period_start",
        "reporting_period_end",
    }
    assert all(fate(column) == f"Dropped. {column.dropped_because}" for column in dropped)


@pytest.mark.parametrize("promise", [pytest.param(promise, id=promise.test) for promise in PROMISES])
def test_every_promise_names_a_test_that_exists(promise):
    path, _, name = promise.test.partition("::")
    assert re.search(rf"^def {name}\(", (TESTS / path).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_your_data_is_well_made_html(contract):
    page = Outline(your_data_html(contract, FACTS))
    assert page.open == []
    assert page.headings[0] == 1
    assert all(attributes.get("scope") for tag, attributes in page.tags if tag == "th")


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not here, so nothing can be printed")
@pytest.mark.parametrize("contract", CONTRACTS)
def test_your_data_prints_on_two_pages(contract, tmp_path):
    page, pdf = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text(your_data_html(contract, FACTS), encoding="utf-8")
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-pdf-header-footer",
        f"--print-to-pdf={pdf}",
        str(page),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert len(pypdf.PdfReader(pdf).pages) == 2
