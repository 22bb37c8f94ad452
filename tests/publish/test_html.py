"""The web page stands alone: it fetches nothing, runs nothing, and its pictures survive a strict content policy."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from publish.wharram import county
from upstander.publish.bulletin import sheet
from upstander.publish.facts import facts_of
from upstander.publish.html import page
from upstander.publish.tokens import SCREEN

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def text() -> str:
    return page(sheet(facts_of(county()), SCREEN)).decode()


@pytest.fixture(scope="module")
def pictures(text: str) -> list[ET.Element]:
    return [ET.fromstring(found) for found in re.findall(r"<svg.*?</svg>", text, re.DOTALL)]


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_it_runs_no_script_and_fetches_nothing(text: str) -> None:
    tags = Tags(text).found
    assert {tag for tag, _ in tags} & {"script", "link", "iframe", "img", "object", "embed", "form", "base"} == set()
    assert [attrs for _, attrs in tags if any(name.startswith("on") for name in attrs)] == []
    addresses = set(re.findall(r"https?://[^\s\"'<)]+", text))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a name space, never fetched
    assert set(re.findall(r"url\((?!#|data:font/woff2)", text)) == set()
    assert "@import" not in text


def test_its_policy_names_the_hash_of_its_one_style_sheet(text: str) -> None:
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(style) == 1
    hashed = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{hashed}'" in text


def test_no_element_carries_a_style_attribute(text: str) -> None:
    assert [tag for tag, attrs in Tags(text).found if "style" in attrs] == []


def test_pictures_need_nothing_from_the_page(pictures: list[ET.Element]) -> None:
    assert len(pictures) > 20
    for picture in pictures:
        assert not [part.tag for part in picture.iter() if "class" in part.attrib or "style" in part.attrib]
        own = {part.get("id") for part in picture.iter()}
        values = [value for part in picture.iter() for value in part.attrib.values()]
        used = {ref for value in values for ref in re.findall(r"^url\(#(.+)\)$|^#([a-z].*-all)$", value)}
        used_ids = {one or other for one, other in used}
        assert used_ids <= own
        assert {part.tag.removeprefix(SVG) for part in picture.iter()} <= {
            "svg", "desc", "defs", "clipPath", "g", "path", "rect", "line", "circle", "text", "use",
        }  # fmt: skip


def test_ids_are_unique_in_the_page(text: str) -> None:
    ids = [attrs["id"] for _, attrs in Tags(text).found if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_every_picture_has_words(pictures: list[ET.Element]) -> None:
    for picture in pictures:
        words = {part.get("id"): part.text for part in picture.iter(f"{SVG}desc")}
        assert words.get(picture.get("aria-labelledby"))


def test_no_text_in_a_picture_is_smaller_than_twelve_px(pictures: list[ET.Element]) -> None:
    sizes = [float(part.get("font-size", "0")) for picture in pictures for part in picture.iter(f"{SVG}text")]
    assert min(sizes) >= 12


def test_pictures_fit_a_phone(pictures: list[ET.Element]) -> None:
    assert max(float(picture.get("width", "0")) for picture in pictures) <= 290


def test_every_chart_has_its_numbers_as_a_table(text: str) -> None:
    assert text.count("<summary>Show as a table</summary>") >= 5
    assert "<td>Lanternside</td><td class=n>58</td><td class=n>92</td><td class=n>76</td>" in text


def test_fonts_are_within_and_only_those_needed(text: str) -> None:
    fonts = text.count("url(data:font/woff2;base64,")
    assert fonts == 4
    polish = page(sheet(facts_of(county(network="Łódź Violence Reduction Network")), SCREEN)).decode()
    assert polish.count("url(data:font/woff2;base64,") == 8


def test_what_people_typed_cannot_become_markup() -> None:
    told = page(sheet(facts_of(county(network="<script>alert(1)</script>", recipients='a & b "c"')), SCREEN)).decode()
    assert "<script" not in told
    assert "&lt;script&gt;" in told
    assert "a &amp; b" in told


def test_the_same_bulletin_gives_the_same_page(text: str) -> None:
    assert page(sheet(facts_of(county()), SCREEN)).decode() == text
