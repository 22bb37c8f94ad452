"""Record datasets through the whole: what is in force, by which day, and who may read it."""

from pathlib import Path

import polars as pl
import pytest

from intake.records import HES, LISTED, csv_of
from pipeline.homes import injury_schedule, send, with_pact
from upstander.contracts.asking import Purpose
from upstander.contracts.releasing import Edition
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import NotGranted, ask

EPISODES = ("event_from_local", "event_to_local", "episode_ended", "cause_code", "episode_order")
ON_THE_LIST = ("event_from_local", "event_to_local", "role", "criterion_version", "person_token")


def rows(desk: Desk, dataset: str, fields: tuple[str, ...]) -> pl.DataFrame:
    """The rows in force, through the gate."""
    allowed = ask(desk, dataset, fields, Edition.SHAREABLE)
    return desk.warehouse.read(allowed, secrets=desk.keyring.secret).to_polars()


@pytest.fixture
def hospital(tmp_path: Path) -> Desk:
    shared = injury_schedule(
        dataset="hospital_episodes", suppliers=["hes"], fields=list(EPISODES), purposes=["strategic", "monitoring"]
    )
    return with_pact(tmp_path, shared).asking(purpose=Purpose.STRATEGIC)


@pytest.fixture
def force(tmp_path: Path) -> Desk:
    shared = injury_schedule(
        dataset="habitual_knife_carriers", suppliers=["knife_carriers"], fields=list(ON_THE_LIST),
        purposes=["monitoring"],
    )  # fmt: skip
    return with_pact(tmp_path, shared)


def test_a_years_episodes_replace_that_years_and_leave_the_year_before(hospital: Desk, folder: Path) -> None:
    last_year = HES | {"EPIKEY": "1", "EPISTART": "2026-03-01", "EPIEND": "2026-03-31"}
    this_year, mended = HES | {"EPIKEY": "2"}, HES | {"EPIKEY": "2", "CAUSE": "Y00.4"}
    for name, row in (("FY2025", last_year), ("FY2026", this_year), ("FY2026", mended)):
        send(hospital, folder, csv_of(row), name=f"hes_{name}.csv", supplier="hes", dataset="hospital_episodes")
    assert sorted(rows(hospital, "hospital_episodes", EPISODES)["cause_code"]) == ["X994", "Y004"]


def test_the_paper_does_not_tick_monitoring_of_hospital_episodes_and_no_signature_adds_it(hospital: Desk) -> None:
    with pytest.raises(NotGranted):
        rows(hospital.asking(purpose=Purpose.MONITORING), "hospital_episodes", EPISODES)


def test_whoever_the_newest_list_leaves_out_is_read_no_longer(force: Desk, folder: Path) -> None:
    other = LISTED | {"person_ref": "P2"}
    for name, listed in (("july", [LISTED, other]), ("august", [other])):
        send(
            force, folder, csv_of(*listed), name=f"{name}.csv", supplier="knife_carriers",
            dataset="habitual_knife_carriers",
        )  # fmt: skip
    kept = rows(force, "habitual_knife_carriers", ON_THE_LIST)
    assert kept.select("role", "criterion_version", "event_to_local").rows() == [("suspect", "2026-04", None)]
