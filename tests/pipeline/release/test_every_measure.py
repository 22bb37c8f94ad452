"""What a release tells beside the incidents: records, states, terms, sums, shares, years, published figures, rates."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.release.agencies import agencies_agreement, agencies_desk, figure, hand_in, record
from pipeline.release.town import published
from upstander.contracts.errors import BadChange
from upstander.pipeline.agreeing import sign
from upstander.pipeline.desk import Desk
from upstander.pipeline.recording import add_change
from upstander.pipeline.release import shelf
from upstander.pipeline.release.approving import NotApproved, approve, standing
from upstander.pipeline.release.covering import quarter_named
from upstander.pipeline.release.exporting import export
from upstander.pipeline.release.making import make_release
from upstander.pipeline.release.store import Store
from upstander.pipeline.release.verifying import verify
from upstander.values.periods import Period

QUARTER = "2026-Q3"
KNIVES, NEET, SCHOOLS, HES = "habitual_knife_carriers", "neet", "education_local", "hospital_episodes"
EXCLUSIONS = "school_exclusions_national"


def release(desk: Desk) -> shelf.Edition:
    return make_release(desk, quarter_named(QUARTER)).edition


def cells(edition: shelf.Edition, table: str, **where: str) -> dict[Any, Any]:
    """Value by (measure, period, area), of everybody unless told otherwise; the status where there is none."""
    frame = shelf.cells_of(edition, table).filter(**({"age": "all ages", "sex": "all"} | where))
    value = pl.coalesce(pl.col("value").cast(pl.String), "status")
    return {row[:-1]: row[-1] for row in frame.select("measure", "period", "area", value.alias("value")).rows()}


def spell(start: date, end: date | None = None, **own: Any) -> dict[str, Any]:
    ends = record(end)["event_from_local"] if end else None
    return record(start, **({"event_to_local": ends} | own))


def quarters(*labels: str) -> list[Period]:
    return [Period.parse(label) for label in labels]


def test_a_state_is_counted_out_of_the_snapshot_of_its_quarter_and_never_added_up(tmp_path: Path) -> None:
    desk = agencies_desk(tmp_path, KNIVES)
    listed = [spell(date(2025, 1, 10), area=area % 8) for area in range(20)]
    hand_in(desk, KNIVES, "2026-06-01/2026-07-01", *listed, delivers="snapshot")
    later = [*listed[:12], spell(date(2026, 8, 1), date(2026, 9, 20)), spell(date(2026, 9, 30), area=9)]
    hand_in(desk, KNIVES, "2026-09-01/2026-10-01", *later, delivers="snapshot")
    edition = release(desk)
    told = cells(edition, f"{KNIVES}_large")
    of = {period: value for (_, period, area), value in told.items() if area == "all areas"}
    assert of == {"2026-Q2": "20.0", "2026-Q3": "15.0"}
    exact = shelf.sealed_exact(desk, edition).filter(age="all ages", sex="all", area="all areas", period=QUARTER)
    assert exact["count"].to_list() == [13], "twelve who stayed and the one who came on the last day"
    assert {one.delivers for one in edition.plan.sources[0].readings} == {"snapshot"}
    assert len(edition.plan.sources[0].readings) == 2
    assert any("quarters are never added up" in text for text in Store(edition).frame["caveats"])
    assert verify(desk, QUARTER).is_rebuilt


def pupil(day: date, number: int, *, suspended: float = 0.0, exclusion: str = "none", **own: Any) -> dict[str, Any]:
    return record(day, area=number % 16, exclusion=exclusion, suspensions=suspended, **own)


def school_year(desk: Desk, **own: Any) -> None:
    """Autumn: 40 pupils, of whom 10 are suspended twice. Spring and summer: 20 of 40 once."""
    for day, covers, often in (
        (date(2025, 9, 2), "2025-09-01/2025-12-20", [2.0] * 10),
        (date(2026, 1, 6), "2026-01-05/2026-03-28", [1.0] * 20),
        (date(2026, 4, 14), "2026-04-13/2026-07-22", [1.0] * 20),
    ):  # fmt: skip
        suspended = [*often, *[0.0] * (40 - len(often))]
        rows = [pupil(day, number, suspended=times, **own) for number, times in enumerate(suspended)]
        hand_in(desk, SCHOOLS, covers, *rows)


def test_terms_add_up_to_a_school_year_and_suspensions_are_summed(tmp_path: Path) -> None:
    desk = agencies_desk(tmp_path, SCHOOLS)
    school_year(desk)
    edition = release(desk)
    told = cells(edition, f"{SCHOOLS}_large")
    of = {(measure, period): value for (measure, period, area), value in told.items() if area == "all areas"}
    terms = ("2025-09-01/2026-01-01", "2026-01-01/2026-04-01", "2026-04-01/2026-09-01")
    assert [of["local_suspensions", term] for term in terms] == ["20.0", "20.0", "20.0"]
    assert of["local_suspensions", "AY2025"] == "60.0"
    assert of["local_suspensions, out of", "AY2025"] == "120.0"
    assert not {period for _, period in of} & {str(one) for one in edition.plan.covering.periods}
    rates = cells(edition, f"{SCHOOLS}_rates", measure="local_suspensions", area="all areas")
    assert rates["local_suspensions", "AY2025", "all areas"] == "50.0"


def test_a_sum_that_one_person_makes_up_is_hidden_by_dominance_and_by_few_contributors(tmp_path: Path) -> None:
    rule = {"suppress_up_to": 7, "round_to": 5, "dominance": [1, 50.0]}
    desk = agencies_desk(tmp_path, SCHOOLS, rules={SCHOOLS: rule})
    day, covers = date(2025, 9, 2), "2025-09-01/2025-12-20"
    often = [30.0, *[1.0] * 20]
    hand_in(desk, SCHOOLS, covers, *(pupil(day, number, suspended=times) for number, times in enumerate(often)))
    hand_in(desk, SCHOOLS, "2026-01-05/2026-03-28", *(pupil(date(2026, 1, 6), at, suspended=9.0) for at in range(3)))
    edition = release(desk)
    assert "person_token" in edition.plan.sources[0].fields
    told = cells(edition, f"{SCHOOLS}_large", measure="local_suspensions", area="all areas")
    assert told["local_suspensions", "2025-09-01/2026-01-01", "all areas"] == "suppressed"
    assert told["local_suspensions", "2026-01-01/2026-04-01", "all areas"] == "suppressed"
    why = dict(shelf.sealed_exact(desk, edition).filter(
        measure="local_suspensions", area="all areas", age="all ages", sex="all"
    ).select("period", "why").rows())  # fmt: skip
    assert why["2025-09-01/2026-01-01"] == "dominance"
    assert why["2026-01-01/2026-04-01"] == "contributors"


def young(quarter: str, neither: int, known: int, **own: Any) -> list[dict[str, Any]]:
    start = Period.parse(quarter).start
    where = ["NEET"] * neither + ["EET"] * known
    return [record(start, area=at % 16, participation=one, **own) for at, one in enumerate(where)]


def test_a_share_is_worked_out_of_the_counts_that_are_shown_with_its_interval(tmp_path: Path) -> None:
    desk = agencies_desk(tmp_path, NEET)
    hand_in(desk, NEET, "2026-07-01/2026-10-01", *young(QUARTER, 33, 168))
    edition = release(desk)
    frame = shelf.cells_of(edition, f"{NEET}_rates").filter(measure="neet", area="all areas", period=QUARTER)
    assert frame["per"].to_list() == ["% of those followed"]
    assert frame["value"].to_list() == [pytest.approx(100 * 35 / 200)]
    assert frame["low"][0] < frame["value"][0] < frame["high"][0]
    assert cells(edition, f"{NEET}_large")["neet, out of", QUARTER, "all areas"] == "200.0"


def test_a_share_of_nobody_or_of_a_hidden_whole_has_no_number_and_every_table_goes_to_a_file(tmp_path: Path) -> None:
    desk = agencies_desk(tmp_path, SCHOOLS)
    hand_in(desk, SCHOOLS, "2026-01-05/2026-03-28", *(pupil(date(2026, 1, 6), 0, suspended=9.0) for _ in range(8)),
            *(pupil(date(2026, 1, 6), 9, suspended=20.0) for _ in range(3)))  # fmt: skip
    edition = release(desk)
    rates = shelf.cells_of(edition, f"{SCHOOLS}_rates")
    assert rates.filter((pl.col("status") == "shown") == pl.col("value").is_null()).height == 0
    assert "suppressed" in set(rates["status"])
    published(desk, edition)
    found = export(desk, QUARTER, tmp_path / "copy", recipient="vrn")
    assert f"{SCHOOLS}_rates.csv" in {path.name for path in found.files}


def test_a_rule_about_persons_hides_many_records_of_few_and_asks_for_their_tokens(tmp_path: Path) -> None:
    rule = {"suppress_up_to": 7, "round_to": 5, "of_persons": True}
    desk = agencies_desk(tmp_path, NEET, rules={NEET: rule})
    one_person = [row | {"person_token": f"p{at % 5}"} for at, row in enumerate(young(QUARTER, 30, 0))]
    hand_in(desk, NEET, "2026-07-01/2026-10-01", *one_person, *young(QUARTER, 0, 60))
    edition = release(desk)
    assert edition.plan.sources[0].rules[0].of_persons
    exact = shelf.sealed_exact(desk, edition).filter(
        measure="neet", area="all areas", age="all ages", sex="all", period=QUARTER
    )
    assert exact.select("count", "persons", "status", "why").row(0) == (30, 5, "suppressed", "persons")


def test_a_dataset_that_is_refused_or_not_held_is_a_sentence_with_the_measures_it_would_have_fed(
    tmp_path: Path,
) -> None:
    desk = agencies_desk(tmp_path, NEET, KNIVES)
    hand_in(desk, KNIVES, "2026-09-01/2026-10-01", spell(date(2025, 1, 10)), delivers="snapshot")
    edition = release(desk)
    assert [one.name for one in edition.plan.sources] == [KNIVES]
    said = {one.measures: one.says for one in edition.plan.missing}
    notes = (edition.folder / shelf.NOTES).read_text("utf-8").splitlines()
    title = "Without Young people not in education, employment or training, because: "
    assert said["neet", "neet_not_known"] == f"{title}No rows of neet are held from town_agency."
    assert said[("first_time_entrants",)].startswith(
        "Without Children in the youth justice system, because: No agreement"
    )
    assert set(said.values()) <= set(notes)


def test_what_is_worth_telling_by_the_year_is_told_by_the_year_only_and_by_under_25(tmp_path: Path) -> None:
    desk = agencies_desk(tmp_path, HES)
    day = record(date(2025, 6, 1))["event_from_local"]
    cut = {"episode_ended": day, "weapon_class": "sharp", "episode_order": 1.0, "admission_method": "21"}
    young_ones = [record(date(2025, 6, 1), area=at % 8, age="20-24", **cut) for at in range(12)]
    rest = [record(date(2025, 6, 1), area=at % 8, age="30-34", **cut) for at in range(18)]
    second = record(date(2025, 6, 1), **(cut | {"episode_order": 2.0}))
    hand_in(desk, HES, "FY2025", *young_ones, *rest, second)
    edition = release(desk)
    told = shelf.cells_of(edition, f"{HES}_large")
    assert set(told["period"]) == {"FY2025", "2025-10-01/2026-10-01"}
    whole = cells(edition, f"{HES}_large", area="all areas")
    assert whole["hes_sharp_admissions", "FY2025", "all areas"] == "30.0"
    assert whole["hes_sharp_admissions", "2025-10-01/2026-10-01", "all areas"] == "missing"
    under = cells(edition, f"{HES}_large", age="under 25", area="all areas")
    assert under["hes_sharp_admissions", "FY2025", "all areas"] == "10.0"
    rates = shelf.cells_of(edition, f"{HES}_rates").filter(area="all areas", period="FY2025")
    years = Period.parse("FY2025").days / 365.25
    assert dict(rates.select("age", "value").rows()) == {
        "all ages": pytest.approx(30 * 100_000 / (16 * 300 * years)),
        "under 25": pytest.approx(10 * 100_000 / (16 * 200 * years)),
    }
    assert rates.filter(age="under 25")["per"].to_list() == ["per 100,000 people under 25 a year"]


def test_figures_that_were_published_keep_their_own_areas_and_periods_and_are_added_to_nothing(tmp_path: Path) -> None:
    opened = {"suppress_up_to": 0, "round_to": 1, "open_data": True}
    desk = agencies_desk(tmp_path, EXCLUSIONS, rules={EXCLUSIONS: opened})
    years = [Period.parse(f"AY{year}") for year in (2019, 2024, 2025)]
    rows = [figure(year, area, value, 10_000.0) for year in years for area, value in (("F10", 3.0), ("F11", 41.0))]
    rows[-1] |= {"value": None, "marker": "suppressed"}
    hand_in(desk, EXCLUSIONS, "2019-09-01/2026-10-01", *rows, counts_by="period_start")
    edition = release(desk)
    told = cells(edition, f"{EXCLUSIONS}_figures_published")
    assert told == {
        ("permanent_exclusions", "AY2024", "utla:F10"): "3.0", ("permanent_exclusions", "AY2024", "utla:F11"): "41.0",
        ("permanent_exclusions", "AY2025", "utla:F10"): "3.0",
        ("permanent_exclusions", "AY2025", "utla:F11"): "missing",
    }  # fmt: skip
    rates = cells(edition, f"{EXCLUSIONS}_figures_rates")
    assert rates["permanent_exclusions", "AY2024", "utla:F11"] == "41.0"
    assert rates["permanent_exclusions", "AY2024", "utla:F10"] == "too_uncertain"
    assert shelf.publications_of(desk, edition)[f"{EXCLUSIONS}_figures"].hierarchies == {}
    assert verify(desk, QUARTER).is_rebuilt


def test_a_change_of_recording_that_was_written_down_stands_on_every_figure_since(tmp_path: Path) -> None:
    desk = agencies_desk(tmp_path, NEET)
    for quarter in quarters("2026-Q2", "2026-Q3"):
        hand_in(desk, NEET, f"{quarter.start}/{quarter.end}", *young(str(quarter), 30, 60))
    add_change(desk, NEET, date(2026, 7, 20), "a new return counts apprentices")
    add_change(desk, "police_incidents", date(2026, 7, 20), "another form")
    with pytest.raises(BadChange, match="written down already"):
        add_change(desk, NEET, date(2026, 7, 20), "a new return counts apprentices")
    with pytest.raises(BadChange, match="no dataset 'neat'"):
        add_change(desk, "neat", date(2026, 7, 20), "a new return")
    store = Store(release(desk))
    cell = {"measure": "neet", "period": QUARTER, "area": "all areas", "age": "all ages", "sex": "all"}
    said = "Recording changed in July 2026: a new return counts apprentices."
    assert store.figure(f"{NEET}_large", cell).recording_changes == (said,)
    assert said in store.figure(f"{NEET}_large", cell).how_made
    assert store.figure(f"{NEET}_large", cell | {"period": "2026-Q2"}).recording_changes == ()


def test_a_rule_that_became_stricter_after_the_first_approval_stops_the_second(tmp_path: Path) -> None:
    desk = agencies_desk(tmp_path, NEET)
    hand_in(desk, NEET, "2026-07-01/2026-10-01", *young(QUARTER, 30, 60))
    release(desk)
    approve(desk.asking(person="B. Checker"), QUARTER)
    sign(desk, agencies_agreement(NEET, rules={NEET: {"suppress_up_to": 9, "round_to": 10}}, version=2))
    with pytest.raises(NotApproved, match=r"neet: an agreement in it asks for more now"):
        approve(desk.asking(person="C. Checker"), QUARTER)
    assert not standing(desk, shelf.find_edition(desk.home, QUARTER)).is_published
    again = release(desk)
    assert again.number == 2
    assert published(desk, again).is_published


def test_a_rule_that_became_milder_stops_no_approval(tmp_path: Path) -> None:
    desk = agencies_desk(tmp_path, NEET)
    hand_in(desk, NEET, "2026-07-01/2026-10-01", *young(QUARTER, 30, 60))
    edition = release(desk)
    sign(desk, agencies_agreement(NEET, rules={NEET: {"suppress_up_to": 4, "round_to": 5}}, version=2))
    assert published(desk, edition).is_published


def test_an_edition_of_the_first_format_is_read_attacked_and_not_built_again(tmp_path: Path) -> None:
    from upstander.pipeline.release.plan import plan_of, plan_values

    desk = agencies_desk(tmp_path, NEET)
    hand_in(desk, NEET, "2026-07-01/2026-10-01", *young(QUARTER, 30, 60))
    plan = release(desk).plan
    values = plan_values(plan) | {"format": 1, "missing": ["Police: not in this release."]}
    for added in ("people",):
        del values[added]
    for source in values["sources"]:
        for added in ("kind", "terms", "states", "changes"):
            del source[added]
        for reading in source["readings"]:
            del reading["delivers"]
    old = plan_of(values)
    assert old.notes[0] == "Police: not in this release."
    assert [one.name for one in old.sources] == [NEET]
    assert replace(old, format=2, missing=plan.missing, people=plan.people) == replace(
        plan, sources=tuple(replace(one, terms=(), states=(), changes=()) for one in plan.sources)
    )
    from upstander.pipeline.release.building import build
    from upstander.pipeline.release.pinned import CannotRebuild

    with pytest.raises(CannotRebuild, match="in another format; build it again with that version"):
        build(desk, old, [])
