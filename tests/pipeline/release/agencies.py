"""Agencies of the small town that send records, states and published figures: readings as intake leaves them."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from pipeline.homes import agreement
from pipeline.release.town import AREAS, on, town_desk
from sharing.county import SEVEN_FIVE, handling, schedule
from upstander.contracts.asking import Purpose
from upstander.contracts.catalogue import ALL
from upstander.contracts.readings import Covers, LineAccount, Outcome
from upstander.pipeline.agreeing import sign
from upstander.pipeline.desk import Desk
from upstander.pipeline.indicators.rows import FIGURES
from upstander.places import load
from upstander.values.canonical import short_id
from upstander.values.periods import Period
from upstander.warehouse import ReadingFacts

AREA, PERSON = ("area_kind", "area_vintage", "area_code"), ("age_band", "sex", "person_token")
OWN = {
    "habitual_knife_carriers": ("event_from_local", "event_to_local"),
    "education_local": ("event_from_local", "exclusion", "suspensions"),
    "neet": ("event_from_local", "participation"),
    "hospital_episodes": ("episode_ended", "weapon_class", "episode_order", "admission_method"),
    "school_exclusions_national": FIGURES,
}
DAY = date(2026, 11, 1)
Rules = Mapping[str, Mapping[str, Any]]
_NONE: Rules = MappingProxyType({})


def agencies_desk(
    folder: Path, *datasets: str, rules: Rules = _NONE
) -> Desk:  # fmt: skip
    """The town's desk, for the strategic purpose, with an agreement for these datasets; 100 people of 12, 20 and 40
    live in each area. rules: what is shared otherwise than by seven and five.
    """
    desk = town_desk(folder, release={"quarters": 8}, layers=("lsoa21",))
    peopled(desk, folder / "people.csv")
    sign(on(desk, date(2020, 1, 1)), agencies_agreement(*datasets, rules=rules))
    return on(desk.asking(purpose=Purpose.STRATEGIC), DAY)


def peopled(desk: Desk, file: Path, *, each: int = 100, vintage: str = "2026") -> None:
    """So many people of 12, 20 and 40 live in each area, by a file that is written for it."""
    ages = [*map(str, range(90)), "90+"]
    persons = ",".join(str(each) if age in {"12", "20", "40"} else "0" for age in ages)
    lines = [f"{area},{area},{3 * each},{persons}" for area in AREAS]
    file.write_text("\n".join([f"lsoa21_name,lsoa21_code,total_population,{','.join(ages)}", *lines]))
    load(desk.home.reference, kind="population", source=[file], vintage=vintage, layer="lsoa21")


def agencies_agreement(*datasets: str, rules: Rules = _NONE, version: int = 1) -> bytes:
    """What the agencies share."""
    shared = [
        schedule(
            id=dataset.replace("_", "-"), dataset=dataset, provider="police", suppliers=["town_agency"],
            gateway="open_data" if rules.get(dataset, {}).get("open_data") else "fictional",
            purposes=["strategic", "stewardship"], start=date(2010, 1, 1), end=date(2040, 1, 1),
            fields=list(dict.fromkeys((*OWN[dataset], *_more(dataset)))),
            handling=handling(retention_days=20_000, shareable=rules.get(dataset, SEVEN_FIVE)),
        )
        for dataset in datasets
    ]  # fmt: skip
    return agreement(*shared, name="agencies", version=version)


def _more(dataset: str) -> tuple[str, ...]:
    return (*AREA, *PERSON) if OWN[dataset] is not FIGURES else AREA


def record(day: date, *, area: int = 0, age: str = "15-17", sex: str = "male", **own: Any) -> dict[str, Any]:
    """One record on a day, in one of the areas."""
    return {
        "event_from_local": datetime(day.year, day.month, day.day), "event_to_local": None, "area_kind": "lsoa",  # noqa: DTZ001 - a wall clock
        "area_vintage": "21", "area_code": AREAS[area], "age_band": age, "sex": sex,
    } | own  # fmt: skip


def figure(period: Period, area: str, value: float, out_of: float, **own: Any) -> dict[str, Any]:
    """One published figure of permanent exclusions."""
    start, end = (datetime(day.year, day.month, day.day) for day in (period.start, period.end))  # noqa: DTZ001
    return {
        "period": str(period), "period_start": start, "period_end": end, "area_kind": "utla", "area_vintage": "",
        "area_code": area, "area_name": area, "indicator": "permanent", "group": "all", "value": value,
        "marker": "shown", "denominator": out_of, "denominator_marker": "shown",
    } | own  # fmt: skip


def hand_in(
    desk: Desk, dataset: str, covers: str, *rows: Mapping[str, Any], delivers: str = "whole", counts_by: str = ""
) -> None:
    """A reading of these days: a row's `person_token` is its own unless it has one."""
    name = f"{dataset} {covers} {delivers} {len(desk.warehouse.manifests())}"
    span, reading = Period.parse(covers), short_id([name])
    told = [{"row_id": f"{reading}:{line}", "person_token": f"{name}{line}", **row} for line, row in enumerate(rows, 2)]
    folder = desk.warehouse.stage(dataset, reading)
    overrides = {"event_to_local": pl.Datetime("us")} if any("event_to_local" in row for row in rows) else {}
    pl.DataFrame(told, schema_overrides=overrides, infer_schema_length=None).write_parquet(folder / "part-000.parquet")
    count = len(rows)
    desk.warehouse.commit(ReadingFacts(
        reading=reading, delivery=reading, dataset=dataset, supplier="town_agency", agency="police",
        contract_version="1", supplier_version="1", vintages=(), key_epoch="1", raw_sha256="ab" * 32, raw_bytes=1,
        covers_asked="stated", covers=Covers(span.start, span.end, inferred=False), delivers=delivers,
        counts_by=counts_by or ALL[dataset].counts_by, counts_same_events_as=(), received=desk.now(),
        extracted_at=None, outcome=Outcome.ACCEPT,
        lines=LineAccount(count + 1, 1, 0, 0, 0, 0, count, count, 0, 0, 0),
    ))  # fmt: skip
