"""Results printed in papers and books, recomputed by `upstander method run`. Each says where it is printed."""

import polars as pl
import pytest

from oracles.asking import answer
from shared_data import SHARED, needs_shared

pytestmark = pytest.mark.oracle


@pytest.fixture(scope="module")
def california() -> pl.DataFrame:
    """Packs of cigarettes a head, 39 states, 1970 to 2000."""
    return pl.read_csv(SHARED / "data/evaluation/california_prop99.csv", separator=";", infer_schema=False)


@needs_shared
def test_california_without_its_tobacco_law_is_the_mix_of_the_literature(california: pl.DataFrame) -> None:
    # Arkhangelsky et al., American Economic Review 111(12), 2021, table 1: synthetic control -19.6 packs a head.
    headings = {"unit": "State", "time": "Year", "outcome": "PacksPerCapita"}
    found = answer("synthetic_control", {"panel": california}, headings).summary
    assert found["att"] == pytest.approx(-19.6, abs=0.2)
    assert {"Utah", "Montana", "Nevada", "Connecticut"} <= set(found["weights"])
    assert found["placebo_pvalue"] < 0.1


@needs_shared
def test_california_against_all_other_states_is_as_published(california: pl.DataFrame) -> None:
    # The same table: difference in differences -27.3 (17.7).
    headings = {"unit": "State", "time": "Year", "outcome": "PacksPerCapita"}
    (row,) = answer("difference_in_differences", {"panel": california}, headings).rows.rows(named=True)
    assert row["effect"] == pytest.approx(-27.35, abs=0.01)
    assert row["se"] == pytest.approx(17.7, abs=1.0)
