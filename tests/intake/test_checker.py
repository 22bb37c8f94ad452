"""The checker page in Chromium says of a file what the program says: outcome, words, lines and mistakes."""

import json
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from intake.browser import Checker, both, chromium
from intake.desk import HERE, RMS_HEADER, rms, variant
from intake.mutations import good_rows, spoiled, written
from shared_data import SHARED, needs_shared
from upstander.errors import WrongUsage
from upstander.intake import suppliers
from upstander.intake.checker import checker_html
from upstander.intake.checker.bundling import source
from upstander.intake.checker.patterns import as_javascript

KINDS_MUTATED = ("rms", "cad", "hes", "ssda903", "dfe_attendance", "police_uk")
Opened = Callable[[str], Checker]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """The page of a map, opened once."""
    pages: dict[str, Checker] = {}

    def page_of(name: str) -> Checker:
        if name not in pages:
            pages[name] = Checker(browser, suppliers.load(name, folders=[HERE]), tmp_path_factory.mktemp(name))
        return pages[name]

    return page_of


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Path]]:
    """Every case of the bad deliveries that is one file and, by its content or its name, no workbook or archive."""
    folder = tmp_path_factory.mktemp("hostile")
    command = [sys.executable, str(SHARED / "hostile" / "gen.py"), str(folder), "--bomb-mb", "1"]
    subprocess.run(command, check=True, capture_output=True)
    cases = json.loads((folder / "manifest.json").read_text())
    sent = [(case["name"], folder / case["files"][0]["path"]) for case in cases if len(case["files"]) == 1]
    return [(name, path) for name, path in sent if _is_for_the_page(path)]


def _is_for_the_page(path: Path) -> bool:
    is_file = path.is_file() and not path.is_symlink()
    return is_file and not path.read_bytes().startswith(b"PK\x03\x04") and path.suffix != ".filepart"


@needs_shared
def test_every_bad_csv_file_gets_the_same_verdict_and_words(
    corpus: list[tuple[str, Path]], opened: Opened, proof: Callable[..., None]
) -> None:
    checker, supplier = opened("hostile"), suppliers.load("hostile", folders=[HERE])
    verdicts = {name: both(checker, supplier, path.read_bytes(), path.name) for name, path in corpus}
    same = [name for name, (ours, theirs) in verdicts.items() if ours == theirs]
    print(f"the checker page and upstander check agree on {len(same)} of {len(verdicts)}")
    proof("checker page agrees with check", figure=f"{len(same)} of {len(verdicts)}", goal="all")
    assert {name: both for name, both in verdicts.items() if name not in same} == {}
    assert len(verdicts) > 70


@pytest.mark.parametrize("name", suppliers.shipped())
def test_a_good_file_of_every_shipped_map_gets_the_same_verdict(name: str, opened: Opened) -> None:
    supplier = suppliers.load(name)
    content = written(good_rows(supplier, random.Random(name), 5))
    ours, theirs = both(opened(name), supplier, content)
    assert ours == theirs


@pytest.mark.parametrize("name", KINDS_MUTATED)
def test_spoiled_files_get_the_same_verdict(name: str, opened: Opened) -> None:
    assert _differences(name, opened, seeds=range(6)) == {}


@pytest.mark.prove
@pytest.mark.parametrize("name", suppliers.shipped())
def test_many_spoiled_files_of_every_map_get_the_same_verdict(
    name: str, opened: Opened, proof: Callable[..., None]
) -> None:
    seeds = range(1_000, 1_060)
    differ = _differences(name, opened, seeds)
    proof(f"checker page agrees with check: {name}", figure=f"{len(seeds) - len(differ)} of {len(seeds)}", goal="all")
    assert differ == {}


def _differences(name: str, opened: Opened, seeds: range) -> dict[int, Any]:
    supplier, found = suppliers.load(name), {}
    for seed in seeds:
        chance = random.Random(f"{name}{seed}")
        ours, theirs = both(
            opened(name), supplier, spoiled(good_rows(supplier, chance, chance.choice((1, 4, 30, 130))), chance)
        )
        if ours != theirs:
            found[seed] = (ours, theirs)
    return found


@pytest.mark.parametrize("metres", ["21000000", "21000001", "9" * 89, "4" * 400])
def test_metres_beyond_any_map_are_nowhere_alike(metres: str, opened: Opened) -> None:
    ours, theirs = both(opened("rms"), suppliers.load("rms"), rms({}, {"northing": metres}))
    assert ours == theirs
    assert ("location is nowhere" in str(ours)) is (metres != "21000000")


def test_what_is_told_of_people_and_times_that_many_share_are_seen_alike(opened: Opened) -> None:
    shared = [{"recorded_at": "03/07/2026 09:00"}] * 12 + [{"occurred_from": "03/06/2026 24:00"}]
    told = [
        {"notes": "mob 07700 900123", "offence_code": "19E"},
        {"offence_code": "19E", "surname": "", "forename": ""},
    ]
    ours, theirs = both(opened("rms"), suppliers.load("rms"), rms(*shared, *told))
    assert ours == theirs
    for words in ("personal details in free text", "1 row names somebody", "by a time that many rows share", "24:00"):
        assert words in ours["message"]


def test_blocks_cut_anywhere_change_no_verdict(browser: Browser, tmp_path: Path) -> None:
    supplier = suppliers.load("rms")
    checker = Checker(browser, supplier, tmp_path, block_bytes=700)
    rows = [{"notes": '"two\r\nlines, ""quoted"""'}, {"occurred_from": "29/02/2026 10:00"}, {"surname": "Zoë"}] * 4
    ours, theirs = both(checker, supplier, rms(*rows), block_bytes=700)
    assert ours == theirs
    assert ours["lines"]["continuation"] == 4


def test_the_page_asks_for_nothing_and_breaks_no_rule_of_its_policy(opened: Opened) -> None:
    checker = opened("rms")
    checker.judged(rms({}))
    asked = [url for url in checker.requests if not url.startswith(("file:", "blob:null/"))]
    assert (asked, checker.page.evaluate("() => window.violations")) == ([], [])
    with pytest.raises(Exception, match="Failed to fetch"):
        checker.page.evaluate("() => fetch('http://127.0.0.1:9/')")
    assert checker.page.evaluate("() => window.violations") == ["connect-src"]


def test_the_page_shows_no_value_of_a_person(opened: Opened) -> None:
    checker = opened("rms")
    secret = {"surname": "ZZTEST", "person_ref": "P\u200b0000417", "dob": "01/01/1900", "postcode": "LE1 1AA"}
    checker.judged(rms(secret, {"weapon": "knief"}))
    shown = checker.page.inner_text("#result")
    assert "knief" in shown
    assert not [word for word in ("ZZTEST", "0000417", "01/01/1900", "LE1 1AA") if word in shown]


def test_focus_and_the_live_region_tell_that_the_check_is_done(opened: Opened) -> None:
    page = opened("rms").page
    opened("rms").judged(rms({}))
    assert page.evaluate("() => document.activeElement.id") == "verdict"
    assert page.inner_text("[role=status]") == "The check is done."


def test_a_check_without_a_file_says_what_to_do(browser: Browser, tmp_path: Path) -> None:
    page = Checker(browser, suppliers.load("rms"), tmp_path).page
    page.focus("#file")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.inner_text("#fault") == "Error: Choose a file first."
    assert page.get_attribute("#file", "aria-invalid") == "true"


def test_a_workbook_is_turned_away_with_what_to_do_instead(browser: Browser, tmp_path: Path) -> None:
    checker = Checker(browser, suppliers.load("rms"), tmp_path)
    answer = checker.answer(b"PK\x03\x04" + b"\0" * 20, "f.xlsx")
    assert answer["notForThisPage"] == "workbook"
    assert "CSV UTF-8" in checker.page.inner_text("#fault")


def test_without_a_worker_the_page_checks_by_itself(browser: Browser, tmp_path: Path) -> None:
    checker = Checker(browser, suppliers.load("rms"), tmp_path)
    checker.page.evaluate("() => { window.Worker = class { constructor() { throw new Error('none here'); } }; }")
    assert checker.judged(rms({}))["outcome"] == "ACCEPT"


def test_nothing_is_wider_than_a_small_phone(browser: Browser, tmp_path: Path) -> None:
    checker = Checker(browser, suppliers.load("rms"), tmp_path)
    checker.page.set_viewport_size({"width": 320, "height": 640})
    checker.judged(rms({"weapon": "knief"}, {"occurred_from": "x"}))
    assert checker.page.evaluate("() => document.documentElement.scrollWidth") == 320


def test_without_javascript_the_page_says_what_to_do(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(checker_html(suppliers.load("rms")), "utf-8")
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(path.as_uri())
    assert "needs JavaScript" in page.inner_text("main")
    assert not page.is_visible("#file")


def test_equal_maps_give_equal_pages() -> None:
    assert checker_html(suppliers.load("cad")) == checker_html(suppliers.load("cad"))


def test_the_page_names_no_address_but_its_own_parts() -> None:
    addresses = re.findall(
        r"""(?:src|href|action)=["']?([^"'\s>]+)|(https?://[^\s"'<\\]+)""", checker_html(suppliers.load("rms"))
    )
    assert addresses == [("#main", "")]


@pytest.mark.parametrize(
    "script", sorted(path.stem for path in (HERE.parents[1] / "src/upstander/intake/checker").glob("*.js"))
)
def test_every_script_uses_no_address_and_no_made_up_code(script: str) -> None:
    text = source(script)
    assert not re.findall(r"\beval\b|new Function|fetch\(|XMLHttpRequest|WebSocket|innerHTML|https?:", text)
    assert text.startswith("//")


def test_a_pattern_means_the_same_in_a_page() -> None:
    assert as_javascript(r"(?i)^\d+\-x\b") == {
        "source": r"^[\p{Nd}]+-x(?:(?<=[W])(?![W])|(?<![W])(?=[W]))".replace(
            "W", r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d"
        ),
        "flags": "iu",
    }
    with pytest.raises(WrongUsage, match="cannot be taken into a page"):
        as_javascript(r"a(?i)b")


def test_a_map_with_dates_that_the_page_cannot_read_is_turned_away() -> None:
    with pytest.raises(WrongUsage, match=r"no %Z"):
        checker_html(variant("rms", formats={"occurred_from": ("%d/%m/%Y %H:%M %Z",)}))


def test_a_header_with_an_open_quote_still_adds_up(opened: Opened) -> None:
    supplier = suppliers.load("rms")
    ours, theirs = both(opened("rms"), supplier, ('"' + RMS_HEADER + "\na,b\nc").encode())
    assert ours == theirs
    assert ours["lines"]["physical"] == 3
