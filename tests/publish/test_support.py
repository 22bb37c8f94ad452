"""What is said of sector, age band and sex follows from the numbers, in words that fit a page."""

from datetime import date

import polars as pl
import pytest

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import About, Edition, ReleasedTable
from upstander.publish.support import Served, Support, finding, least_that_serves, lines, section, sentences
from upstander.publish.words import fits
from upstander.values.grains import BY_CODE, USUAL
from upstander.values.periods import Period

SERVED = Served(wrong_links=0.05, sure=0.85, easily_found=0.05, overlap=0.4, days=1)
GOOD = {"told": 100.0, "wrong": 50.0, "wrong_near": 2.0, "alone": 1.0, "below_5": 3.0, "risk": 5.0}


def support(*, kinds: tuple[str, ...] = ("lsoa", "ward"), **by_grains: dict[str, float]) -> Support:
    """A support of these measures by grains; `usual` stands for sector, band and sex."""
    rows = [
        (USUAL.code if grains == "usual" else grains.replace("_", "+"), measure, value, None, None, "shown")
        for grains, measures in by_grains.items()
        for measure, value in measures.items()
    ]
    kinds_of = dict.fromkeys(("grains", "measure"), pl.String()) | dict.fromkeys(("value", "low", "high"), pl.Float64())
    cells = pl.DataFrame(rows, schema={**kinds_of, "status": pl.String()}, orient="row")
    about = About(
        title="", measure="rows", unit="per cent", edition=Edition.SHAREABLE,
        period=Period.between(date(2026, 1, 1), date(2027, 1, 1)), area_layer="",
        rules=(CountRule("r", "a", 7, 5),), readings=(), method="granularity", method_version="1", definition="",
        source="",
    )  # fmt: skip
    return Support("x", table=ReleasedTable("support", ("grains", "measure"), cells, about), kinds=kinds, served=SERVED)


@pytest.mark.parametrize("wrong", [2.0, 30.0])
@pytest.mark.parametrize("right", [(20.0, 50.0), (20.0, 95.0), (95.0, 99.0)])
@pytest.mark.parametrize("below", [3.0, 40.0])
def test_every_finding_fits_and_claims_what_the_numbers_bear(
    wrong: float, right: tuple[float, float], below: float
) -> None:
    told = support(usual=GOOD | {"wrong_near": wrong, "right lsoa": right[0], "right ward": right[1], "below_5": below})
    said = finding(told)
    assert fits(said), said
    does, _, lacks = said.partition("do not")
    assert ("link" in does) == (wrong <= 5)
    assert ("map small areas" in does) == (right[0] >= 85)
    assert ("map wards" in does) == (right[0] < 85 <= right[1])
    assert ("hide" in lacks) == (below > 5)


def test_the_least_that_links_is_the_one_that_tells_least_of_a_person() -> None:
    told = support(usual=GOOD, sector_band=GOOD | {"risk": 2.0}, district_band_sex=GOOD | {"wrong_near": 60.0})
    assert least_that_serves(told)[0] == ("To link records of one event", "Sector, age band")


def test_where_nothing_links_a_keyed_reference_is_named() -> None:
    told = support(usual=GOOD | {"wrong_near": 60.0})
    assert "keyed reference" in least_that_serves(told)[0][1]


def test_a_map_that_no_part_of_a_postcode_can_draw_asks_for_the_code_of_the_area() -> None:
    told = support(usual=GOOD | {"right lsoa": 20.0, "right ward": 90.0})
    assert least_that_serves(told)[1:3] == [
        ("To map small areas (LSOA)", "The code of the small area (LSOA) itself and no postcode"),
        ("To map wards", "The postcode sector"),
    ]


def test_what_is_not_known_is_never_taken_for_good() -> None:
    told = support(usual={"told": 100.0, "alone": 1.0})
    (line,) = lines(told, (USUAL,))
    assert (line.links, line.hides, line.draws) == (None, None, "")
    assert "Too few rows to judge" in dict(sentences(told))["To link."]


def test_a_page_has_the_usual_choice_in_strong_type_and_no_more_than_five() -> None:
    drawn = section(support(usual=GOOD, **{code.replace("+", "_"): GOOD for code in BY_CODE if " " not in code}))
    assert drawn is not None
    assert drawn.table is not None
    assert len(drawn.table.rows) <= 5
    assert [row[0].words for row in drawn.table.rows if row[0].is_strong] == ["Sector, age band, sex"]


def test_a_dataset_to_which_it_does_not_apply_says_why_on_its_page() -> None:
    drawn = section(Support("x", because="Its rows are figures."))
    assert drawn is not None
    assert drawn.paragraphs == (("It does not apply.", "Its rows are figures."),)
    assert section(None) is None
