"""How well people hide is told to a steward through the gate, to whoever is about to sign, and of a sample."""

from pathlib import Path

import pytest

from intake.desk import rms
from pipeline.homes import agreement, injury_schedule, send, with_pact
from upstander.contracts.asking import Purpose
from upstander.pipeline.anonymity import anonymity_of_sample, anonymity_report, before_signing
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import NotGranted
from upstander.sharing import read_terms

KNOWN = ("postcode_sector", "age_band", "sex", "ethnic_group")
STEWARDS = injury_schedule(
    fields=[*KNOWN, "event_from_local"], purposes=["stewardship"], gateway="cda_1998_s115"
)  # fmt: skip
BOYS = [{"incident_ref": f"C{n}", "sex": "M"} for n in range(26)]
GIRL = {"incident_ref": "C99", "sex": "F"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Twenty-six boys who are alike, and one girl."""
    made = with_pact(tmp_path, STEWARDS)
    send(made, tmp_path / "sent", rms(*BOYS, GIRL))
    return made.asking(purpose=Purpose.STEWARDSHIP)


def test_that_few_are_alone_is_told_and_how_few_is_withheld(desk: Desk) -> None:
    report = anonymity_report(desk, "police_incidents")
    whole = report.lines[0]
    assert (whole.columns, whole.rows, whole.k, whole.unique, whole.below_5) == (KNOWN, 25, None, None, None)
    assert report.number(whole.unique) == "1 to 7"


def test_without_the_column_that_tells_her_apart_all_hide_together_in_rounded_numbers(desk: Desk) -> None:
    told = {line.columns: line for line in anonymity_report(desk, "police_incidents").lines}
    together = told["postcode_sector", "age_band", "ethnic_group"]
    assert (together.k, together.unique, told["sex",].unique) == (25, 0, None)


def test_the_look_is_written_down_as_stewardship_whatever_else_the_person_is_at(desk: Desk) -> None:
    anonymity_report(desk.asking(purpose=Purpose.MONITORING), "police_incidents")
    last = list(desk.audit.entries())[-1].event
    assert (last.action, last.purpose, last.fields) == ("read", "stewardship", KNOWN)


def test_no_schedule_for_stewards_means_no_report(tmp_path: Path) -> None:
    desk = with_pact(tmp_path, injury_schedule())
    with pytest.raises(NotGranted):
        anonymity_report(desk, "police_incidents")


def test_whoever_is_about_to_sign_is_told_of_every_dataset_in_the_terms(desk: Desk) -> None:
    (said,) = before_signing(desk, read_terms(agreement(STEWARDS)))
    assert said == (
        "police_incidents: 1 to 7 of 25 rows are the only ones with their postcode sector, age band, sex and ethnic "
        "group; 1 to 7 share them with fewer than four others."
    )


def test_of_a_dataset_that_nobody_has_sent_a_sample_can_tell(tmp_path: Path) -> None:
    desk = with_pact(tmp_path, STEWARDS)
    (said,) = before_signing(desk, read_terms(agreement(STEWARDS)))
    assert "nothing is held yet" in said
    assert "check FILE --anonymity" in said


def test_a_sample_is_told_without_a_home_and_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "rms_2026-07.csv"
    file.write_bytes(rms(*BOYS, GIRL))
    report = anonymity_of_sample(
        tmp_path / "none", file, dataset="police_incidents", supplier="rms", covers="auto"
    )  # fmt: skip
    assert (report.lines[0].rows, report.lines[0].unique) == (27, 1)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
