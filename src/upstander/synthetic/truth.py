"""The truth beside the deliveries: what happened, who saw it and when, what was planted, what was spoilt."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from upstander.synthetic.land import Land
from upstander.synthetic.planted import AGENCIES

FAULTS = ("is_repeat", "has_bad_code", "has_impossible_time", "is_default_time", "is_time_unknown")


@dataclass(frozen=True)
class Truth:
    """What `make` wrote under `truth/`.

    `incidents`: one row an act of violence: incident, at_local, area_code, ward_code, ltla_code, x_m, y_m, postcode,
    setting, offence_code, severity, weapon, person_ref, hot_spot (a name, or empty), is_outbreak.
    `seen`: one row a line an agency wrote: agency, incident (0: no violence by another), event_local (what the contract
    counts by, as stated), recorded_local, delay_min, role, place (whole, part, none), the faults, month, is_delivered.
    `summary`: the planted facts, the rates and the files.
    """

    incidents: pl.DataFrame
    seen: pl.DataFrame
    summary: dict[str, Any]


def read_truth(folder: Path) -> Truth:
    """The truth of the county that `make(folder, ...)` wrote."""
    truth = folder / "truth"
    return Truth(
        pl.read_parquet(truth / "incidents.parquet"),
        pl.read_parquet(truth / "seen.parquet"),
        json.loads((truth / "truth.json").read_text(encoding="utf-8")),
    )


def write_truth(folder: Path, truth: Truth) -> None:
    """Write what `read_truth` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    truth.incidents.write_parquet(folder / "incidents.parquet")
    truth.seen.write_parquet(folder / "seen.parquet")
    text = json.dumps(truth.summary, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")


def write_texts(folder: Path, rows: dict[str, pl.DataFrame]) -> None:
    """`texts.parquet`: what the words of each delivered line meant: agency, incident, text_class, text_level,
    text_id.
    """
    folder.mkdir(parents=True, exist_ok=True)
    columns = ("incident", "text_class", "text_level", "text_id")
    told = [
        lines.filter("is_delivered").select(pl.lit(agency).alias("agency"), *columns)
        for agency, lines in rows.items()
        if "text_level" in lines.columns
    ]
    pl.concat(told).write_parquet(folder / "texts.parquet")


def incidents_table(acts: pl.DataFrame, land: Land, people: pl.DataFrame) -> pl.DataFrame:
    """The acts with the codes of their ward and district, without the positions that only the generator needs."""
    here = land.areas[acts["area"].to_numpy()].select("ward_code", "ltla_code")
    person = people["person_ref"][acts["victim"].to_numpy()]
    return acts.hstack(here).with_columns(person).select(
        "incident", "at_local", "area_code", "ward_code", "ltla_code", "x_m", "y_m", "postcode", "setting",
        "offence_code", "severity", "weapon", "person_ref", "hot_spot", "is_outbreak",
    )  # fmt: skip


def seen_table(rows: dict[str, pl.DataFrame], seen: pl.DataFrame) -> pl.DataFrame:
    """Every line every agency wrote, delivered or not; a fault that an agency never makes is false."""
    columns = ("incident", "event_local", "recorded_local", "role", "place", *FAULTS, "month", "is_delivered")
    absent = {"role": "patient"} | dict.fromkeys(FAULTS, False)
    lines = []
    for agency in AGENCIES:
        theirs = rows[agency].columns
        values = [pl.col(name) if name in theirs else pl.lit(absent[name]).alias(name) for name in columns]
        lines.append(rows[agency].select(pl.lit(agency).alias("agency"), *values))
    return pl.concat(lines).join(seen, on=["agency", "incident"], how="left", maintain_order="left")
