"""Single readings of the checker page's scripts, beside those of the Python modules of the same names."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Page

from intake.browser import chromium
from upstander.contracts.spellings import SPELLINGS
from upstander.intake.checker.bundling import bundled
from upstander.intake.periods import PeriodReader
from upstander.intake.postcodes import PostcodeReader
from upstander.intake.suppliers.statistics import Periods
from upstander.intake.times import precision_of, read_times, utc_readings
from upstander.values.identifiers import NHS_FILLERS, is_wrong_nhs_number

ROUNDS = [pytest.param(1), *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(2, 12))]
FORMATS = (
    ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y"),
    ("%d/%m/%Y", "%Y-%m-%d"), ("%Y-%m",), ("%B %Y", "%b %Y"), ("%d %b %Y",), ("%Y%m%d",), ("%d/%m/%Y %I:%M %p",),
    ("%F %T",), ("%Y-%j",), ("%d/%m/%y", "%d-%b-%y"),
)  # fmt: skip
ALSO_SENT = ("%Y-%m-%d %H:%MZ", "%Y-%m-%dT%H:%M:%S+01:00", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%d/%m/%Y 24:00", "4541%d.5")
PERIODS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    ("ours", ()), ("month", ("%Y-%m", "%B %Y", "%b %Y")), ("months", ("%B %Y", "%b %Y")), ("year", ()),
    ("fy_starting", ()), ("fy_ending", ()), ("ay_starting", ()), ("ay_ending", ()), ("year_ending", ("%b %Y", "%B %Y")),
)  # fmt: skip
SAID = (
    "2024", "FY2024", "AY2025", "2026-Q3", "2026-W31", "2020-W53", "2026-07", "2026-07-04", "2026-07-01/2026-10-01",
    "202425", "2024/25", "2024-2025", "Jan 2024", "April 2024 to March 2025", "January 2024 - March 2024", "1999/00",
)  # fmt: skip
FAR = 4e9  # seconds: in the year 2096
START = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock
Asked = Callable[[str, Any], Any]


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    """What the scripts answer: what to do with `given`, and what is given."""
    with chromium() as browser:
        page: Page = browser.new_page()

        def answer(words: str, given: Any) -> Any:
            return page.evaluate(f"(given) => {{ {bundled('reading')} {words} }}", given)

        yield answer


def mistyped(text: str, chance: random.Random) -> str:
    signs = list(text)
    for _ in range(chance.choice((0, 0, 1, 2, 3))):
        at = chance.randrange(len(signs) + 1)
        signs[at : at + chance.choice((0, 1))] = chance.choice(("", *"0123456789/- :TZ+.amJ\u00a0\t"))
    return "".join(signs)


def seconds(moment: datetime | None) -> float | None:
    return None if moment is None else (moment - START).total_seconds()


@pytest.mark.parametrize("seed", ROUNDS)
@pytest.mark.parametrize("formats", FORMATS)
def test_times_are_read_alike(formats: tuple[str, ...], seed: int, asked: Asked) -> None:
    chance = random.Random(f"{formats}{seed}")
    texts = []
    for _ in range(600):
        year = chance.choice((999, 1000, 1900, 1985, 2024, 2026))
        moment = START.replace(year=year) + timedelta(minutes=chance.randrange(525_000))
        texts.append(mistyped(moment.strftime(chance.choice((*formats, *ALSO_SENT))), chance))
    read = read_times(pl.Series(texts), formats, "Europe/London")
    # Years beyond Python's calendar are read too, as numbers.
    ours = [
        None if us is None else [us / 1e6, fine]
        for us, fine in zip(read.values.dt.timestamp("us"), read.precision, strict=True)
    ]
    words = """const reader = new timesModule.TimeReader(given.formats, new zonesModule.Zone("Europe/London"));
        const read = given.texts.map((text) => reader.read(text));
        return {read: read.map(({at, fine}) => (at === null ? null : [at, fine])), repairs: reader.repairs,
                swapped: reader.swapped, twoDigit: reader.twoDigit};"""
    stated = [{"pattern": pattern, "precision": precision_of(pattern)} for pattern in formats]
    theirs = asked(words, {"formats": stated, "texts": texts})
    # Whether there will be summer time a century from now, two sets of data may differ.
    told = [one for one in zip(texts, ours, theirs["read"], strict=True) if not one[1] or one[1][0] < FAR]
    assert [one for one in told if one[1] != one[2]] == []
    assert {name: count for name, count in theirs["repairs"].items() if count} == read.repairs
    assert (theirs["swapped"], theirs["twoDigit"]) == (read.swapped, read.two_digit)


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe"])
def test_wall_clocks_are_brought_to_utc_alike(zone: str, asked: Asked) -> None:
    days = [(month, day) for month in (3, 4, 10, 11) for day in (*range(1, 11), *range(24, 31))]
    minutes = [(hour, minute) for hour in range(4) for minute in (0, 30, 59)]
    locals_ = [START.replace(year=year, month=month, day=day, hour=hour, minute=minute)
               for year in (1996, 2024, 2026) for month, day in days for hour, minute in minutes]  # fmt: skip
    earliest, latest = utc_readings(pl.Series(locals_), zone)
    ours = [
        None if one is None else [seconds(one), seconds(other)] for one, other in zip(earliest, latest, strict=True)
    ]
    words = "const zone = new zonesModule.Zone(given.zone); return given.locals.map((local) => zone.readings(local));"
    theirs = asked(words, {"zone": zone, "locals": [seconds(one) for one in locals_]})
    assert [one for one in zip(locals_, ours, theirs, strict=True) if one[1] != one[2]] == []


@pytest.mark.parametrize("seed", ROUNDS)
def test_postcodes_are_tidied_alike(seed: int, asked: Asked) -> None:
    chance = random.Random(seed)
    sent = ("LE1 1AA", "le27fq", "LE3 5", "LE3", "EC1A 1BB", "W1A 0AX", "ZZ99 3VZ", "L1O 1AA", "S10 2BX", "L E 2 7 F Q")
    texts = [mistyped(chance.choice(sent), chance) for _ in range(2_000)]
    reader = PostcodeReader()
    ours = reader.read(pl.Series(texts)).to_list()
    words = """const reader = new postcodesModule.PostcodeReader();
        return {read: given.map((text) => reader.read(text)), counts: reader.counts};"""
    theirs = asked(words, texts)
    assert [one for one in zip(texts, ours, theirs["read"], strict=True) if one[1] != one[2]] == []
    assert {name: count for name, count in theirs["counts"].items() if count} == dict(reader.counts)


@pytest.mark.parametrize("name", SPELLINGS)
def test_codes_are_spelt_alike(name: str, asked: Asked) -> None:
    chance = random.Random(name)
    sent = ("04D02A", "4-D-2A", "X99.4-", "x994", "08N", "4.1", "004/01", "Other theft", "policeuk:other theft", " 8n ")
    texts = [mistyped(chance.choice(sent), chance) for _ in range(1_000)]
    theirs = asked(f"return given.map(spellingsModule.SPELLINGS.{name});", texts)
    assert theirs == [SPELLINGS[name](text) for text in texts]


@pytest.mark.parametrize(("form", "formats"), PERIODS)
def test_periods_are_read_alike(form: Any, formats: tuple[str, ...], asked: Asked) -> None:
    chance = random.Random(form)
    texts = [mistyped(chance.choice(SAID), chance) for _ in range(600)]
    read = PeriodReader(Periods(form=form), formats).read(pl.Series(texts), None)
    ours = [
        None if start is None else [seconds(start), seconds(end)]
        for start, end in zip(read["period.at"], read["period.end"], strict=True)
    ]
    words = """const reader = new periodsModule.PeriodReader({form: given.form, forms: {}}, given.formats);
        return given.texts.map((text) => reader.read(text, null)).map((one) => one && [one.start, one.end]);"""
    theirs = asked(words, {"form": form, "formats": list(formats), "texts": texts})
    assert [one for one in zip(texts, ours, theirs, strict=True) if one[1] != one[2]] == []


def test_nhs_numbers_are_told_alike(asked: Asked) -> None:
    chance = random.Random(9)
    sent = ("9434765919", "943 476 5919", "943-476-5918", "１２３", "0123456789", "5555555555", "4010232137")
    texts = [mistyped(chance.choice(sent), chance) for _ in range(1_000)]
    wrong = pl.DataFrame({"sent": texts}).select(is_wrong_nhs_number(pl.col("sent"))).to_series().to_list()
    words = "return given.texts.map((text) => !identifiersModule.isIssued(text, given.fillers));"
    assert asked(words, {"texts": texts, "fillers": list(NHS_FILLERS)}) == wrong


def test_a_sign_is_no_second_digit_of_a_year() -> None:
    read = read_times(pl.Series(["01/02/24", "01/02/2Z", "17/12/0/"]), ["%d/%m/%y"], "Europe/London")
    assert read.is_unreadable.to_list() == [False, True, True]
