"""The page on Leicestershire's open police files says what the files give, and claims no more than they can carry."""

import importlib.util
from types import ModuleType

import pytest

from checkout import ROOT
from pipeline.real import PLACES, figures_of_the_readme, police_files
from shared_data import needs_shared

pytestmark = needs_shared
AREAS = PLACES / "lsoa21_llr_buc.geojson"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("leicestershire", ROOT / "tools" / "leicestershire.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.oracle
def test_rows_and_violence_of_every_month_are_the_published_ones(tool: ModuleType) -> None:
    found = {one.month: (one.rows, one.violence) for one in map(tool.month_of, police_files())}
    assert found == figures_of_the_readme()


@pytest.mark.oracle
def test_the_busiest_small_area_of_that_winter_has_its_published_count(tool: ModuleType) -> None:
    import polars as pl

    rows = pl.concat([tool.read(path) for path in police_files() if path.name < "2020"])
    violent = rows.filter(pl.col("Crime type") == tool.VIOLENCE)
    busiest = violent.drop_nulls("LSOA code")["LSOA code"].value_counts(sort=True).row(0)
    assert busiest == ("E01032867", 624)


def test_five_or_six_months_get_no_limits(tool: ModuleType) -> None:
    months = [tool.month_of(path) for path in police_files()]
    for stretch in (months[:5], months[5:]):
        chart = tool.chart_of(stretch)
        assert str(chart.choice.chart) == "run"
        assert chart.points["ucl"].null_count() == len(stretch)
        assert not chart.runs.can_tell


def test_the_page_says_what_the_files_give(tool: ModuleType) -> None:
    assert tool.PAGE.read_text("utf-8") == tool.page_of(police_files(), AREAS), "run: python tools/leicestershire.py"


def test_the_page_claims_no_rise_and_says_what_cannot_be_told(tool: ModuleType) -> None:
    page = " ".join(tool.PAGE.read_text("utf-8").split())
    for said in ("no rise is claimed", "too few for limits", "one category", "A month, not a day", "could rank"):
        assert said in page
