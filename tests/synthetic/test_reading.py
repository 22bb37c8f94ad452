"""Read by the same intake and places as real files, the deliveries come out as the truth says."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

import upstander.synthetic
from upstander import contracts, intake, places
from upstander.synthetic.deliveries import DATASETS, SUPPLIERS

MAPS = Path(upstander.synthetic.__file__).parent / "suppliers"
MONTH = "2026-06"


class Kept:
    def __init__(self) -> None:
        self.accepted: list[pl.DataFrame] = []
        self.quarantined: list[pl.DataFrame] = []

    def accept(self, batch: pl.DataFrame) -> None:
        self.accepted.append(batch)

    def quarantine(self, batch: pl.DataFrame) -> None:
        self.quarantined.append(batch)


@pytest.fixture(scope="module")
def reference(county, tmp_path_factory):
    folder, sent = tmp_path_factory.mktemp("reference"), county.folder / "places"
    for layer in ("lsoa21", "ward24", "ltla24"):
        places.load(folder, kind="boundaries", source=[sent / f"{layer}.geojson"])
    for lookup in sorted(sent.glob("lookup_*.csv")):
        places.load(folder, kind="lookup", source=[lookup])
    places.load(folder, kind="population", source=[sent / "population_lsoa21.csv"], vintage="2025")
    places.load(folder, kind="postcodes", source=[sent / "nspl_brackenshire.csv"], vintage="2026")
    return places.open_reference(folder)


@pytest.fixture(scope="module", params=["police", "ambulance", "ed"])
def reading(request, county, reference):
    """(agency, what intake answered, the accepted rows, the truth's lines of that file)."""
    agency = request.param
    supplier = intake.suppliers.load(SUPPLIERS[agency], folders=[MAPS])
    path = county.folder / "deliveries" / supplier.name / f"{supplier.name}_{MONTH}.csv"
    where = supplier.places
    plan = intake.ReadPlan(
        "0" * 20, contracts.ALL[DATASETS[agency]], supplier, path.name, datetime(2026, 8, 20, tzinfo=UTC),
        token_keys=dict.fromkeys(("person_ref", "name_dob", "incident_ref", "nhs_number"), b"k" * 32),
    )  # fmt: skip
    kept = Kept()
    with path.open("rb") as stream:
        result = intake.read(
            stream, plan, sink=kept,
            locate=lambda asked: reference.locate(
                asked, crs=where.crs, layers=where.layers, metric_crs=where.metric_crs
            ),
        )  # fmt: skip
    lines = county.truth.seen.filter(
        (pl.col("agency") == agency) & (pl.col("month") == MONTH) & pl.col("is_delivered")
    ).join(county.truth.incidents.select("incident", "area_code"), on="incident", how="left", maintain_order="left")
    return agency, result, pl.concat(kept.accepted), lines


def _is_faulty() -> pl.Expr:
    return pl.col("is_repeat") | pl.col("has_bad_code") | pl.col("has_impossible_time")


def test_every_planted_fault_is_quarantined_and_nothing_else(reading):
    _, result, accepted, lines = reading
    violence = lines.filter(pl.col("incident") > 0)
    assert result.lines.adds_up
    assert result.lines.records == lines.height
    assert result.lines.quarantined == violence.filter(_is_faulty()).height
    assert result.lines.set_aside + result.lines.accepted == lines.height - result.lines.quarantined
    assert accepted.height == violence.filter(~_is_faulty()).height


def test_every_row_is_placed_as_well_as_what_was_sent_allows(reading):
    agency, _, accepted, lines = reading
    methods = dict(accepted["place_method"].value_counts().iter_rows())
    whole = "postcode" if agency == "ed" else "point"
    sent = lines.filter((pl.col("incident") > 0) & ~_is_faulty())["place"]
    expected = {"none": "none", "part": "partial", "whole": whole}
    assert methods == {expected[place]: count for place, count in sent.value_counts().iter_rows()}


def test_a_whole_place_is_found_in_the_small_area_where_it_happened(reading):
    _, _, accepted, lines = reading
    found = accepted.filter(pl.col("place_method").is_in(["point", "postcode"]))["area_code"]
    true = lines.filter((pl.col("incident") > 0) & ~_is_faulty() & (pl.col("place") == "whole"))["area_code"]
    assert found.sort().to_list() == true.sort().to_list()


def test_moments_are_those_in_the_truth(reading):
    _, _, accepted, lines = reading
    true = lines.filter((pl.col("incident") > 0) & ~_is_faulty())["event_local"].dt.truncate("1m")
    assert accepted["event_from_local"].sort().to_list() == true.sort().to_list()
