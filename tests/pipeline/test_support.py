"""What sector, age band and sex support is computed through the gate, and no small number leaves with it."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from intake.desk import rms, varied
from pipeline.homes import desk_at, injury_schedule, send, with_pact
from upstander.contracts import ALL
from upstander.contracts.asking import Purpose
from upstander.contracts.blunt import does_not_apply
from upstander.errors import WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import NotGranted
from upstander.pipeline.quality.grains import Around, around, counts_by_grains
from upstander.pipeline.quality.scorecard import scorecard
from upstander.pipeline.quality.support import Linking, support
from upstander.places import load, open_reference
from upstander.publish.reading import ABSENT
from upstander.publish.support import Support, finding, least_that_serves, lines, section, sentences, shown_share
from upstander.publish.words import fits
from upstander.values.grains import BY_CODE, EVERY, USUAL

KNOWN = ("postcode_sector", "age_band", "sex", "ethnic_group")
CARD = ("event_from_local", "area_kind", "area_vintage", "area_code", "place_method")
STEWARDS = injury_schedule(fields=[*KNOWN, *CARD], purposes=["stewardship"], gateway="cda_1998_s115")  # fmt: skip
NOWHERE = Around((), {}, pl.DataFrame(schema={"place": pl.String, "postcodes": pl.Int64}), {})


def people(count: int) -> list[dict[str, str]]:
    """Records spread over ninety sectors, two sexes, three ethnic groups and twenty-eight days; all eighteen."""
    return [
        varied(n) | {
            "incident_ref": f"C{n:04d}", "occurred_from": f"{n % 28 + 1:02d}/07/2026 22:{n % 60:02d}",
            "recorded_at": "31/07/2026 23:59",
        } for n in range(count)
    ]  # fmt: skip


def told(found: Support, measure: str, grains: str = USUAL.code) -> float:
    return found.cells.get((grains, measure), ABSENT).number


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = with_pact(tmp_path, STEWARDS)
    places = tmp_path / "postcodes.csv"
    # LE1 to LE9, each sector half in one area and half in another but LE1 0, which lies wholly in one.
    units = [
        f"LE{n % 9 + 1} {n % 10}{letters},F{n % 9 + 1}{'a' if letters == 'AA' or n % 90 == 0 else 'b'}"
        for n in range(90)
        for letters in ("AA", "AB")
    ]
    places.write_text("postcode,lsoa21_code\n" + "\n".join(units) + "\n")
    load(made.home.reference, kind="postcodes", source=[places], vintage="2026-01")
    send(made, tmp_path / "sent", rms(*people(270)))
    return made


def test_a_toy_of_six_rows_is_counted_as_by_hand() -> None:
    rows = pl.DataFrame({
        "postcode_sector": ["ZZ1 1"] * 4 + ["ZZ1 2", ""], "age_band": ["15-17"] * 3 + ["20-24"] * 3,
        "sex": ["male"] * 5 + ["female"], "day": ["2026-07-01", "2026-07-02", "2026-07-09"] + ["2026-07-01"] * 3,
    }).with_columns(pl.col("day").str.to_date())  # fmt: skip
    counts = counts_by_grains(rows, NOWHERE, days=1)
    assert {what: count for (grains, what), count in counts.items() if grains == USUAL.code} == {
        "rows": 6, "told": 5, "groups": 4, "alone": 3, "below_5": 6, "below_10": 6, "smallest": 1, "pairs": 3,
        "pairs_near": 1,
    }  # fmt: skip
    # In broad ages the four of ZZ1 1 stay apart by age: three children, one young adult.
    assert counts["district+broad+sex", "pairs"] == 3 + 1
    assert ("unit+band+sex", "rows") not in counts


def test_rows_of_more_than_a_year_ago_are_left_out() -> None:
    rows = pl.DataFrame({
        "postcode_sector": ["ZZ1 1"] * 2, "age_band": ["15-17"] * 2, "sex": ["male"] * 2,
        "day": ["2025-07-01", "2026-07-02"],
    }).with_columns(pl.col("day").str.to_date())  # fmt: skip
    assert counts_by_grains(rows, NOWHERE, days=1)[USUAL.code, "rows"] == 1


def test_the_shares_are_worked_out_of_the_rows_in_force(desk: Desk) -> None:
    found = support(desk, "police_incidents")
    assert told(found, "told") == 100
    assert told(found, "right lsoa") == pytest.approx(50, abs=6)
    assert told(found, "reach lsoa") == pytest.approx(2, abs=0.1)
    assert told(found, "wrong") > told(found, "wrong_near")
    assert told(found, "alone", "area+broad+sex") == 0


def test_a_finer_grain_never_makes_more_wrong_links_and_never_hides_more_people(desk: Desk) -> None:
    found = support(desk, "police_incidents")
    for fine, blunt in (("unit+band+sex", USUAL.code), (USUAL.code, "sector+broad+sex"), (USUAL.code, "sector+band")):
        assert told(found, "wrong", fine) <= told(found, "wrong", blunt)
        assert told(found, "risk", fine) >= told(found, "risk", blunt)


def test_no_small_number_of_rows_can_be_read_off_any_share(desk: Desk) -> None:
    found = support(desk, "police_incidents")
    assert found.table is not None
    rows = 270
    for (grains, measure), cell in found.cells.items():
        if measure not in {"alone", "below_5", "below_10", "smallest"} or not cell.has_number or cell.low is not None:
            continue
        count = cell.number if measure == "smallest" else cell.number * rows / 100
        is_edge = cell.number in {0, 0.5, 99.5, 100} or BY_CODE[grains].is_finer_than_held
        assert is_edge or count > 7, (grains, measure, cell)


def test_what_is_withheld_is_said_as_a_bound(tmp_path: Path) -> None:
    lone = [varied(n) | {"incident_ref": f"X{n}", "dob": f"14/03/19{n}0"} for n in (5, 6, 7)]
    other = with_pact(tmp_path / "other", STEWARDS)
    send(other, tmp_path / "sent", rms(*people(270), *lone))
    found = support(other, "police_incidents")
    cell = found.cells[USUAL.code, "alone"]
    # Three rows of 273: withheld, so at most 7 of 275.
    assert (cell.low, shown_share(cell)) == (0.0, "at most 3%")


def test_a_larger_other_file_and_a_smaller_overlap_make_more_links_wrong(desk: Desk) -> None:
    usual = told(support(desk, "police_incidents"), "wrong")
    larger = told(support(desk, "police_incidents", linking=Linking(against=5_000)), "wrong")
    fewer = told(support(desk, "police_incidents", linking=Linking(overlap=0.05)), "wrong")
    assert larger > usual
    assert fewer > usual


def test_the_look_is_written_down_as_stewardship_of_only_the_fields_it_takes(desk: Desk) -> None:
    support(desk.asking(purpose=Purpose.MONITORING), "police_incidents")
    last = list(desk.audit.entries())[-1].event
    assert (last.action, last.purpose) == ("read", "stewardship")
    assert set(last.fields) == {*KNOWN, "event_from_local"}


def test_it_is_refused_to_who_may_not_look_after_the_feed(desk: Desk) -> None:
    with pytest.raises(NotGranted):
        support(desk.asking(agency="nobody"), "police_incidents")
    with pytest.raises(WrongUsage, match="no dataset"):
        support(desk, "police_accidents")


def test_of_too_few_rows_nothing_is_said(tmp_path: Path) -> None:
    desk = with_pact(tmp_path, STEWARDS)
    send(desk, tmp_path / "sent", rms(*[{}] * 12))
    found = support(desk, "police_incidents")
    assert (found.table, lines(found)) == (None, [])
    assert "Fewer than 50 rows" in found.because


def test_without_a_directory_of_postcodes_links_and_hiding_are_told_and_maps_are_not(tmp_path: Path) -> None:
    desk = with_pact(tmp_path, STEWARDS)
    send(desk, tmp_path / "sent", rms(*people(270)))
    found = support(desk, "police_incidents")
    said = dict(sentences(found))
    assert "load one" in said["To map."]
    assert "two different people" in said["To link."]
    assert not [one for one in lines(found, EVERY) if one.grains.place == "unit"]


APPLIES: Mapping[str, bool] = {
    name: name not in {
        "police_recorded_crime", "child_deprivation", "school_exclusions_national", "fire_incidents",
    } for name in ALL
}  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_every_dataset_either_has_the_question_or_says_why_not(name: str, tmp_path: Path) -> None:
    assert (not does_not_apply(ALL[name])) == APPLIES[name]
    if not APPLIES[name]:
        found = support(desk_at(tmp_path), name)
        assert found.because
        assert sentences(found) == (("It does not apply.", found.because),)


def test_residents_tell_what_an_outsider_could_guess_where_the_place_is_a_home(desk: Desk, tmp_path: Path) -> None:
    people_of = tmp_path / "people.csv"
    ages = [*map(str, range(90)), "90+"]
    areas = sorted({f"F{n}{letter}" for n in range(1, 10) for letter in "ab"})
    lines_of = [f"{area},{','.join(['10'] * 91)}" for area in areas]
    people_of.write_text(f"lsoa21_code,{','.join(ages)}\n" + "\n".join(lines_of) + "\n")
    load(desk.home.reference, kind="population", source=[people_of], vintage="2026")
    rows = pl.DataFrame({
        "postcode_sector": ["LE1 0"] * 60, "age_band": ["15-17"] * 60, "sex": ["male"] * 60,
        "day": ["2026-07-01"] * 60,
    }).with_columns(pl.col("day").str.to_date())  # fmt: skip
    known = around(open_reference(desk.home.reference), ("lsoa21",), is_home=True)
    counts = counts_by_grains(rows, known, days=1)
    # Sixty alike cannot have fewer than sixty residents: one guess in sixty is right, so one of the sixty.
    assert (counts[USUAL.code, "met"], counts[USUAL.code, "outsider"]) == (60, 1)
    assert not around(open_reference(desk.home.reference), ("lsoa21",), is_home=False).residents


def test_the_scorecard_says_it_in_one_sentence_a_small_table_and_the_least_that_serves(desk: Desk) -> None:
    made = scorecard(desk, "police_incidents", "rms")
    card = made.card
    assert card.support is not None
    assert f"support,{USUAL.code},alone" in made.csv.decode()
    drawn = section(card.support)
    assert drawn is not None
    assert drawn.figure == "partial"
    assert drawn.table is not None
    assert len(drawn.table.rows) <= 5
    assert drawn.finding == finding(card.support)
    assert fits(drawn.finding)
    assert next(purpose for purpose, _ in least_that_serves(card.support)).startswith("To link")


def test_a_scorecard_without_leave_to_read_ages_is_made_and_says_nothing_of_them(tmp_path: Path) -> None:
    desk = with_pact(tmp_path, injury_schedule())
    send(desk, tmp_path / "sent", rms(*people(60)))
    assert scorecard(desk, "police_incidents", "rms").card.support is None
