"""Indicators through the gate: the count as it may be shown, its rate and interval, and what the gate refuses."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from intake.desk import rms
from intake.records import HES, LISTED, ROWS, csv_of
from pipeline.homes import agreement, injury_schedule, publisher_agreement, send, with_pact
from upstander.contracts.asking import Purpose
from upstander.contracts.measures import find_measure
from upstander.errors import WrongUsage
from upstander.pipeline.agreeing import sign
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import NotGranted
from upstander.pipeline.indicators import Computed, compute, sentences
from upstander.pipeline.indicators.rates import rates_of
from upstander.pipeline.indicators.rows import FIGURES
from upstander.places import load
from upstander.values.periods import Period

YEAR = Period.parse("FY2026")
FEED = find_measure("hes_sharp_admissions")
TABLE = find_measure("ho_1_sharp_admissions")
HES_FIELDS = ("weapon_class", "admission_method", "episode_order", "episode_ended", "event_from_local")
DECISION = {
    "purpose": "monitoring", "decided_by": "the partnership board", "decided_on": date(2026, 9, 1),
    "minute": "minute 7: measure 1 is to be followed by the month",
}  # fmt: skip


def hes_schedule(**changed: Any) -> dict[str, Any]:
    told = {"dataset": "hospital_episodes", "suppliers": ["hes"], "fields": list(HES_FIELDS), "purposes": ["strategic"]}
    return injury_schedule(**(told | changed))


def stay(number: int, **changed: str) -> dict[str, str]:
    """One episode of a patient without an NHS number."""
    return {**HES, "EPIKEY": f"{500000000001 + number}", "NEWNHSNO": "", **changed}


def episodes(count: int, **changed: str) -> bytes:
    return csv_of(*[stay(number, **changed) for number in range(count)])


@pytest.fixture
def hospital(tmp_path: Path, folder: Path) -> Desk:
    """A strategic feed of HES with 40 emergency admissions, and the public table of the same measure."""
    desk = with_pact(tmp_path, hes_schedule())
    send(desk, folder, episodes(40), name="hes_FY2026.csv", supplier="hes", dataset="hospital_episodes")
    supplier = "template_police_recorded_crime"
    sign(desk, publisher_agreement("open", dataset="police_recorded_crime", supplier=supplier, fields=FIGURES))
    rows = (
        "period,area_code,area_name,indicator,group,value,denominator\n"
        "FY2026,E23000021,Leicestershire,sharp_admissions,all,90,1100000\n"
        "FY2026,E23000021,Leicestershire,sharp_admissions,under_25,30,330000\n"
    )
    send(desk, folder, rows.encode(), name="table.csv", supplier=supplier, dataset="police_recorded_crime")
    return desk


def value(found: Computed) -> float | None:
    cells = found.counts.cells
    if "what" in cells.columns:
        cells = cells.filter(cells["what"] == "counted")
    number: float | None = cells["value"].item()
    return number


def test_measure_1_is_monitored_by_the_public_table_and_hes_only_once_its_schedule_records_the_boards_decision(
    hospital: Desk,
) -> None:
    watched = compute(hospital, TABLE, YEAR)
    assert (hospital.who.purpose, value(watched)) == (Purpose.MONITORING, 90)
    assert value(compute(hospital.asking(purpose=Purpose.STRATEGIC), FEED, YEAR)) == 40

    with pytest.raises(NotGranted, match="no monitoring tick in the matrix") as refused:
        compute(hospital, FEED, YEAR)
    assert "partnership board" in refused.value.expected

    named = hes_schedule(purposes=["strategic", "monitoring"])
    sign(hospital, agreement(named, version=2))
    with pytest.raises(NotGranted, match="no monitoring tick"):  # a signature alone adds no purpose
        compute(hospital, FEED, YEAR)

    sign(hospital, agreement(named | {"beyond_matrix": DECISION}, version=3))
    assert value(compute(hospital, FEED, YEAR)) == 40


def test_the_board_cannot_decide_for_operational_use(hospital: Desk) -> None:
    from upstander.sharing.errors import BadAgreement

    wrong = hes_schedule(purposes=["strategic", "operational"], beyond_matrix=DECISION | {"purpose": "operational"})
    with pytest.raises(BadAgreement, match="purpose"):
        sign(hospital, agreement(wrong, version=2))
    with pytest.raises(BadAgreement, match="does not serve"):
        sign(hospital, agreement(hes_schedule(beyond_matrix=DECISION), version=2))


def test_a_published_figure_has_its_rate_and_byars_interval(hospital: Desk) -> None:
    found = compute(hospital, TABLE, YEAR)
    assert found.rates is not None
    # By hand, z = 1.96: 90(1 - 1/810 - z/(3·√90))³ and 91(1 - 1/819 + z/(3·√91))³.
    low, high = 72.3686, 110.6265
    row = found.rates.cells.row(0, named=True)
    assert (row["value"], row["low"], row["high"]) == pytest.approx((90 / 11, low / 11, high / 11), rel=1e-5)
    assert sentences(found)[1].endswith("90 (one finished episode in hospital each).")
    young = compute(hospital, find_measure("ho_1_sharp_admissions_under_25"), YEAR)
    assert value(young) == 30


def test_transfers_planned_admissions_and_later_episodes_are_not_counted(tmp_path: Path, folder: Path) -> None:
    desk = with_pact(tmp_path, hes_schedule()).asking(purpose=Purpose.STRATEGIC)
    lines = [
        stay(number, **changed)
        for number, changed in enumerate([{}] * 12 + [{"ADMIMETH": "11"}, {"EPIORDER": "2"}, {"CAUSE": "Y00.4"}])
    ]
    send(desk, folder, csv_of(*lines), name="hes_FY2026.csv", supplier="hes", dataset="hospital_episodes")
    assert value(compute(desk, FEED, YEAR)) == 10  # twelve, to the nearest five


def test_a_small_count_is_withheld_and_has_no_rate(tmp_path: Path, folder: Path) -> None:
    desk = with_pact(tmp_path, hes_schedule()).asking(purpose=Purpose.STRATEGIC)
    send(desk, folder, episodes(5), name="hes_FY2026.csv", supplier="hes", dataset="hospital_episodes")
    found = compute(desk, FEED, YEAR)
    assert value(found) is None
    assert "withheld, because it is small" in " ".join(sentences(found))


def test_what_the_gate_is_asked_for_is_what_the_indicator_needs(tmp_path: Path, folder: Path) -> None:
    desk = with_pact(tmp_path, injury_schedule(fields=["offence_code", "weapon_class", "role"]))
    send(desk, folder, rms(*[{"weapon": "knife", "offence_code": "8N"}] * 20))
    found = compute(desk, find_measure("ho_2_knife_enabled"), Period.parse("2026-Q3"))
    assert value(found) == 20
    with pytest.raises(NotGranted, match="does not share age_band"):
        compute(desk, find_measure("ho_2_knife_enabled_under_25"), Period.parse("2026-Q3"))


def test_every_number_is_in_the_ledger_and_every_answer_in_the_audit_log(hospital: Desk) -> None:
    compute(hospital, TABLE, YEAR)
    assert '"indicator":"ho_1_sharp_admissions"' in (hospital.home.outputs / "ledger.jsonl").read_text()
    assert [entry.event.dataset for entry in hospital.audit.entries()][-1] == "police_recorded_crime"


def test_neet_is_a_share_of_all_who_are_followed(tmp_path: Path, folder: Path) -> None:
    fields = ["participation", "event_from_local"]
    shared = injury_schedule(dataset="neet", suppliers=["nccis"], fields=fields, purposes=["monitoring"])
    desk = with_pact(tmp_path, shared)
    sample, _ = ROWS["nccis"]
    who = [sample | {"ClientId": f"N{number:05d}"} for number in range(200)]
    mixed = [{"Gender": "FM"[n % 2], "Ethnicity": "", "ActivityCode": ("210", "310", "")[n % 3]} for n in range(200)]
    lines = [
        one | mixed[number] | {"ActivityGroup": "NEET" if number < 20 else "EET"} for number, one in enumerate(who)
    ]
    send(desk, folder, csv_of(*lines), name="nccis_2026-07.csv", supplier="nccis", dataset="neet")
    found = compute(desk, find_measure("neet"), Period.parse("2026-07"))
    assert found.rates is not None
    assert (value(found), found.rates.cells["value"].item()) == (20, 10)
    assert "10.0% of those followed" in " ".join(sentences(found))


def test_a_list_is_counted_as_it_stands_on_the_last_day(tmp_path: Path, folder: Path) -> None:
    fields = ["event_from_local", "event_to_local"]
    shared = injury_schedule(
        dataset="habitual_knife_carriers", suppliers=["knife_carriers"], fields=fields, purposes=["monitoring"]
    )
    desk = with_pact(tmp_path, shared)
    lines = [LISTED | {"person_ref": f"P{number:05d}"} for number in range(30)]
    lines += [one | {"person_ref": f"Q{number:05d}", "left_on": "01/06/2026"} for number, one in enumerate(lines[:10])]
    send(
        desk, folder, csv_of(*lines), name="list.csv", supplier="knife_carriers", dataset="habitual_knife_carriers"
    )  # fmt: skip
    measure = find_measure("knife_carriers_listed")
    assert value(compute(desk, measure, Period.parse("2026-07"))) == 30
    assert value(compute(desk, measure, Period.parse("2026-05"))) == 40


def test_a_share_is_of_shown_counts_and_a_hidden_rest_hides_its_rate() -> None:
    import polars as pl
    from statsmodels.stats.proportion import proportion_confint

    total = pl.DataFrame({"what": ["out_of"], "value": [400.0], "low": [None], "high": [None], "status": ["shown"]})
    counts = total.with_columns(what=pl.lit("counted"), value=pl.lit(40.0))
    shown = rates_of((counts, total), None, per=100, rate_from=10, is_share=True).row(0, named=True)
    wilson = proportion_confint(40, 400, method="wilson")
    assert (shown["value"], shown["low"], shown["high"]) == pytest.approx((10, wilson[0] * 100, wilson[1] * 100))
    hidden = counts.with_columns(value=pl.lit(None, pl.Float64), status=pl.lit("suppressed"))
    gone = rates_of((hidden, total), None, per=100, rate_from=10, is_share=True).row(0, named=True)
    assert (gone["value"], gone["low"], gone["status"]) == (None, None, "suppressed")
    few = rates_of((counts.with_columns(value=pl.lit(8.0)), total), None, per=100, rate_from=10, is_share=True)
    assert few["status"].item() == "too_uncertain"


def test_an_indicator_that_is_not_there_is_wrong_usage() -> None:
    with pytest.raises(WrongUsage, match="no indicator 'happiness'"):
        find_measure("happiness")


def with_people(desk: Desk, folder: Path, *visitors: str) -> Desk:
    """Two areas with 9,100 residents each, and the visitors of these rows."""
    ages = [*map(str, range(90)), "90+"]
    people, present = folder / "people.csv", folder / "visitors.csv"
    people.write_text("".join(f"{row}\n" for row in [
        ",".join(["lsoa21_code", *ages]), *(",".join([area, *["100"] * 91]) for area in ("F1", "F2")),
    ]))  # fmt: skip
    present.write_text("lsoa21_code,when,persons,source,measured_on\n" + "".join(f"{row}\n" for row in visitors))
    load(desk.home.reference, kind="population", source=[people], vintage="2026")
    load(desk.home.reference, kind="visitors", source=[present], vintage="2026")
    return desk.asking(purpose=Purpose.STRATEGIC)


def test_a_rate_by_who_is_there_names_its_source_and_stands_beside_that_by_residents(
    hospital: Desk, folder: Path
) -> None:
    rows = ("F1,all hours,30000,Footfall counters,2026-06-30", "F2,all hours,10000,Footfall counters,2026-06-30")
    found = compute(with_people(hospital, folder, *rows), FEED, YEAR)
    years = 365 / 365.25
    assert found.by_visitors is not None
    assert found.rates is not None
    assert found.rates.cells["value"].to_list() == pytest.approx([40 / (18_200 * years) * 100_000])
    assert found.by_visitors.cells["value"].to_list() == pytest.approx([40 / (40_000 * years) * 100_000])
    (said,) = [one for one in sentences(found) if one.startswith("By people")]
    assert said.endswith("(Footfall counters, 30 June 2026).")
    assert "100.1 per 100,000 people present" in said


@pytest.mark.parametrize(
    "rows",
    [
        ("F1,all hours,30000,Footfall counters,2026-06-30",),
        ("F1,Saturday night,3,Footfall counters,2026-06-30", "F2,Saturday night,3,Footfall counters,2026-06-30"),
    ],
)
def test_visitors_of_some_areas_or_some_hours_are_no_denominator_of_a_whole(
    hospital: Desk, folder: Path, rows: tuple[str, ...]
) -> None:
    found = compute(with_people(hospital, folder, *rows), FEED, YEAR)
    assert found.by_visitors is None
    assert any(one.startswith("Not by people") and "None is held" in one for one in sentences(found))
