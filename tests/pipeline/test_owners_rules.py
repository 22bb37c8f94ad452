"""What a data owner's rule asks beyond its threshold holds in every table, indicator and bulletin."""

from pathlib import Path
from typing import Any

import pytest

from intake.desk import rms, varied
from pipeline.homes import ONE_ROW_FIELDS, agreement, counted, injury_schedule, numbers, send, total, with_pact
from pipeline.real import bulletin
from pipeline.village import END, START, deliver_village
from sharing.county import SEVEN_FIVE, handling
from upstander.contracts.asking import Purpose
from upstander.contracts.definitions import load_definition
from upstander.contracts.measures import find_measure
from upstander.contracts.releasing import Edition
from upstander.disclosure import PersonsNotCounted
from upstander.pipeline.agreeing import sign
from upstander.pipeline.desk import Desk
from upstander.pipeline.floors import TooFineAnArea
from upstander.pipeline.gate import NotGranted
from upstander.pipeline.indicators import compute
from upstander.pipeline.indicators.rows import FIGURES
from upstander.pipeline.injuries.sources import read_source
from upstander.pipeline.outputs import described
from upstander.pipeline.quality.scorecard import scorecard
from upstander.values.periods import Period

PEOPLE = [*ONE_ROW_FIELDS, "person_token", "sex"]


def ruled(*, floor: str = "lsoa21", fields: list[str] | None = None, **parts: Any) -> dict[str, Any]:
    """The force's schedule with more parts to its rule."""
    held = handling(geography_floor=floor, shareable={**SEVEN_FIVE, **parts})
    return injury_schedule(handling=held, fields=fields or PEOPLE)


def by_sex(desk: Desk, folder: Path, *, women: int, men: int, of_one: bool = False) -> None:
    """Deliver rows of that many women, or events of one woman, and of as many men."""
    told = [{"sex": "F"} | ({"person_ref": "P777777"} if of_one else {}) for _ in range(women)]
    rows = [*told, *[{"sex": "M"}] * men]
    send(desk, folder, rms(*[varied(number) | row for number, row in enumerate(rows)]))


# ── Who counts ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nine_events_of_one_victim_are_hidden_where_persons_count(tmp_path: Path, folder: Path) -> None:
    desk = with_pact(tmp_path, ruled(of_persons=True))
    by_sex(desk, folder, women=9, men=30, of_one=True)
    answer = counted(desk, "sex")
    assert numbers(answer.cells) == {"female": None, "male": 30.0}
    by_events = with_pact(tmp_path / "events", ruled())
    by_sex(by_events, folder / "events", women=9, men=30, of_one=True)
    assert numbers(counted(by_events, "sex").cells) == {"female": 10.0, "male": 30.0}


def test_the_token_is_asked_for_only_where_persons_count(tmp_path: Path, folder: Path) -> None:
    desk = with_pact(tmp_path, ruled(of_persons=True))
    by_sex(desk, folder, women=20, men=20)
    counted(desk, "sex")
    asked = [line for line in desk.audit.lines() if b'"action":"read"' in line]
    assert [b"person_token" in line for line in asked] == [False, True]


def test_a_total_of_few_persons_is_hidden_too(tmp_path: Path, folder: Path) -> None:
    desk = with_pact(tmp_path, ruled(of_persons=True))
    by_sex(desk, folder, women=20, men=2, of_one=True)
    assert total(counted(desk)) is None


def test_a_bulletin_leaves_out_a_source_whose_rule_is_about_persons(tmp_path: Path, folder: Path) -> None:
    desk = with_pact(tmp_path, ruled(of_persons=True))
    by_sex(desk, folder, women=20, men=20)
    definition = load_definition("all_violence")
    period = Period.parse("2026-07")
    why = read_source(desk, "police_incidents", definition, period, Edition.SHAREABLE)
    assert isinstance(why, PersonsNotCounted)
    assert "evidence, shareable of pact is about persons" in why.message
    with pytest.raises(PersonsNotCounted):
        scorecard(desk, "police_incidents", "rms")


def test_an_indicator_of_few_persons_is_hidden(tmp_path: Path, folder: Path) -> None:
    measure, period = find_measure("ho_2_knife_enabled"), Period.parse("2026-Q3")
    rows = [varied(n) | {"weapon": "knife", "offence_code": "8N", "person_ref": f"P77777{n % 3}"} for n in range(20)]
    for name, parts, shown in (("persons", {"of_persons": True}, None), ("events", {}, 20.0)):
        desk = with_pact(tmp_path / name, ruled(**parts))
        send(desk, folder / name, rms(*rows))
        assert compute(desk, measure, period).counts.cells["value"].to_list() == [shown]


# ── Groups ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_table_that_tells_that_all_of_a_weapon_are_women_hides_that_row(tmp_path: Path, folder: Path) -> None:
    desk = with_pact(tmp_path, ruled(no_group=True))
    bat, knife = {"weapon": "bat", "knife_flag": "N"}, {"weapon": "knife", "knife_flag": "Y"}
    rows = [knife | {"sex": "F"} for _ in range(20)] + [bat | {"sex": sex} for sex in "FM" * 20]
    send(desk, folder, rms(*[varied(number) | row for number, row in enumerate(rows)]))
    # All of the knife's are women, and so all of the men are of the bat.
    assert numbers(counted(desk, "sex", "weapon").cells) == {
        ("female", "sharp"): None, ("male", "sharp"): None, ("female", "blunt"): 20.0, ("male", "blunt"): None,
    }  # fmt: skip


# ── Areas ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def floored(tmp_path: Path) -> Desk:
    """The village, whose force lets no area below a ward leave."""
    desk = deliver_village(tmp_path)
    lowered = ruled(floor="ward22", fields=list(ONE_ROW_FIELDS)) | {"suppliers": ["village"]}
    assert numbers(counted(desk, "area").cells)["lsoa21:F01000001"] is not None
    sign(desk, agreement(lowered, version=2))
    return desk


@pytest.mark.parametrize("purpose", [Purpose.MONITORING, Purpose.OPERATIONAL])
@pytest.mark.parametrize("asked", [{"by": ("area",)}, {"by": (), "where": (("area", "lsoa21:F01000001"),)}])
def test_no_table_tells_of_an_area_below_the_owners_floor(
    floored: Desk, asked: dict[str, Any], purpose: Purpose
) -> None:
    desk = floored.asking(purpose=purpose)
    with pytest.raises(TooFineAnArea, match="lsoa21 are smaller than a ward, the smallest that the rule evidence"):
        counted(desk, *asked["by"], where=asked.get("where", ()))
    assert total(counted(desk)) is not None


@pytest.mark.parametrize("edition", list(Edition))
def test_a_bulletin_is_not_drawn_on_areas_below_the_floor(floored: Desk, edition: Edition) -> None:
    with pytest.raises(TooFineAnArea, match="lsoa21 are smaller than a ward"):
        bulletin(floored, edition, start=START, end=END)


# ── Rates ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def figures(desk: Desk, folder: Path, **changed: Any) -> None:
    rows = (
        "period,area_code,area_name,indicator,group,value,denominator\n"
        "FY2026,E23000021,Leicestershire,sharp_admissions,all,90,1100000\n"
    )
    supplier = "template_police_recorded_crime"
    send(desk, folder, rows.encode(), name="table.csv", supplier=supplier, dataset="police_recorded_crime")


def figures_schedule(**changed: Any) -> dict[str, Any]:
    told = {"dataset": "police_recorded_crime", "suppliers": ["template_police_recorded_crime"]}
    return injury_schedule(**told, purposes=["monitoring", "stewardship"], **changed)


@pytest.mark.parametrize(("rate_from", "status"), [(90, "shown"), (91, "too_uncertain")])
def test_no_rate_is_told_of_fewer_than_the_owners_rule_asks(
    tmp_path: Path, folder: Path, rate_from: int, status: str
) -> None:
    held = handling(shareable={**SEVEN_FIVE, "rate_from": rate_from})
    desk = with_pact(tmp_path, figures_schedule(fields=[*FIGURES, "area_kind"], handling=held))
    figures(desk, folder)
    found = compute(desk, find_measure("ho_1_sharp_admissions"), Period.parse("FY2026"))
    assert found.rates is not None
    assert found.rates.cells["status"].to_list() == [status]


def test_published_figures_of_an_area_below_the_floor_are_not_told(tmp_path: Path, folder: Path) -> None:
    measure, period = find_measure("ho_1_sharp_admissions"), Period.parse("FY2026")
    desk = with_pact(
        tmp_path, figures_schedule(fields=[*FIGURES, "area_kind"], handling=handling(geography_floor="region"))
    )
    figures(desk, folder)
    with pytest.raises(TooFineAnArea, match="pfa are smaller than a region"):
        compute(desk, measure, period)
    sign(desk, agreement(figures_schedule(fields=list(FIGURES)), version=2))
    with pytest.raises(NotGranted, match="does not share area_kind"):
        compute(desk, measure, period)


# ── What is told ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_table_tells_the_whole_rule_that_it_was_held_to(tmp_path: Path, folder: Path) -> None:
    desk = with_pact(tmp_path, ruled(of_persons=True, rate_from=12))
    by_sex(desk, folder, women=20, men=20)
    (rule,) = described(counted(desk, "sex").cells)["about"]["rules"]  # type: ignore[index]
    assert (rule["suppress_up_to"], rule["of_persons"], rule["finest"], rule["rate_from"]) == (7, True, "lsoa", 12)
    assert rule["says"] == (
        "1 to 7 hidden, others to the nearest 5; no area smaller than lsoa; hidden too where they are of 7 persons or "
        "fewer; no rate, mean or percentage of fewer than 12"
    )
