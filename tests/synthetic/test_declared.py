"""Datasets made from declarations alone: intake keeps back just the lines that were spoilt, by the stated rule."""

from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from upstander import contracts
from upstander.intake import ReadResult
from upstander.pipeline.checking import check
from upstander.pipeline.child import run_job
from upstander.synthetic import Summary, make
from upstander.synthetic.declared import DeclaredTruth, Layout, layouts, read_declared_truth
from upstander.synthetic.deliveries import DATASETS

ENDS = date(2026, 8, 1)
LAYOUTS = layouts()


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    return make(tmp_path_factory.mktemp("declared") / "county", years=1, seed=7, ends=ENDS)


def _read(county: Summary, layout: Layout) -> list[ReadResult]:
    files = [one for one in county.declared if one.supplier == layout.name]
    supplier = str(county.folder / "suppliers" / f"{layout.name}.toml")
    return [
        check(county.folder / "no home", county.folder / "deliveries" / one.path, dataset=one.dataset,
              supplier=supplier, covers="auto", runner=run_job).result
        for one in files
    ]  # fmt: skip


def _truth(county: Summary, layout: Layout) -> DeclaredTruth:
    return read_declared_truth(county.folder / "truth" / "declared", layout.name)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_intake_keeps_back_just_the_spoilt_lines_by_the_rule_that_was_broken(county: Summary, layout: Layout) -> None:
    results, truth = _read(county, layout), _truth(county, layout).lines
    assert sum(one.lines.records for one in results) == truth.height > 0
    kept_back: Counter[str] = Counter()
    for one in results:
        assert one.loads, one.message
        kept_back.update(dict(one.quarantined_by_rule))
    spoilt = truth.filter(pl.col("rule") != "")
    assert dict(kept_back) == dict(spoilt["rule"].value_counts().iter_rows())
    assert sum(one.lines.set_aside for one in results) == (truth["reason"] != "").sum()
    sound = truth.filter((pl.col("rule") == "") & (pl.col("reason") == ""))
    assert sum(one.lines.accepted for one in results) == sound.height


def test_every_declared_dataset_and_shape_has_files(county: Summary) -> None:
    made = {(one.contract.name, one.contract.shape) for one in LAYOUTS}
    wanted = {
        (name, shape) for name, one in contracts.ALL.items() if name not in DATASETS.values() for shape in one.shapes
    }
    assert made == wanted
    assert {one.dataset for one in county.declared} == set(contracts.ALL) - set(DATASETS.values())


def test_figures_are_withheld_by_their_marker_and_never_by_a_number(county: Summary) -> None:
    for layout in LAYOUTS:
        if layout.contract.shape is contracts.Shape.INDICATORS:
            markers: Counter[str] = Counter()
            for one in _read(county, layout):
                markers.update(dict(one.markers))
            assert {"shown", "suppressed"} <= set(markers), layout.name


def test_one_person_comes_up_in_more_than_one_dataset(county: Summary) -> None:
    seen = [set(_truth(county, one).lines["person_ref"]) - {""} for one in LAYOUTS]
    counted = Counter(person for people in seen for person in people)
    assert max(counted.values()) >= 4


def test_the_same_arguments_give_the_same_bytes(county: Summary, tmp_path: Path) -> None:
    again = make(tmp_path / "county", years=1, seed=7, ends=ENDS)
    for one in again.declared[::5]:
        assert (tmp_path / "county" / "deliveries" / one.path).read_bytes() == (
            county.folder / "deliveries" / one.path
        ).read_bytes()
