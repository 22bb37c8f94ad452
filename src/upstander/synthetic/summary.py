"""The planted facts and the counts as one page of JSON. Areas are codes; days are ISO; periods are half-open."""

from datetime import date
from typing import Any

import polars as pl

from upstander.synthetic.deliveries import DATASETS, LATE_AGENCY, SUPPLIERS, Sent, months
from upstander.synthetic.dirt import RATES
from upstander.synthetic.hours import SETTINGS, Calendar
from upstander.synthetic.kinds import SEXUAL
from upstander.synthetic.land import CUSTODY, HOSPITAL, Land
from upstander.synthetic.names import COUNTY
from upstander.synthetic.planted import AGENCIES, HotSpot, Intervention, Outbreak, Planted, RecordingChange
from upstander.synthetic.truth import FAULTS
from upstander.synthetic.violence import AT_NIGHT_OUT, Risk


def planted_facts(planted: Planted, land: Land, risk: Risk, calendar: Calendar) -> dict[str, Any]:
    """What was planted, with each hot spot's relative risk."""
    codes = land.areas["code"].to_list()
    return {
        "hot_spots": [_hot_spot(spot, codes, risk, calendar) for spot in planted.hot_spots],
        "outbreak": _outbreak(planted.outbreak, codes, risk, calendar),
        "recording_change": _recording_change(planted.recording_change),
        "intervention": _intervention(planted.intervention, codes),
        "institutions": {"hospital": codes[HOSPITAL], "custody": codes[CUSTODY]},
        "sexual_offences": list(SEXUAL),
    }


def sent_facts(seen: pl.DataFrame, sent: list[Sent], *, start: date, ends: date, seed: int) -> dict[str, Any]:
    """What each agency wrote and delivered, the faults in it, and what is late."""
    late = months(start, ends)[-1]
    return {
        "county": COUNTY,
        "seed": seed,
        "start": start.isoformat(),
        "ends": ends.isoformat(),
        "late": {"agency": LATE_AGENCY, "supplier": SUPPLIERS[LATE_AGENCY], "month": late.strftime("%Y-%m")},
        "agencies": {agency: _agency(agency, seen.filter(pl.col("agency") == agency)) for agency in AGENCIES},
        "files": [
            {"agency": one.agency, "month": one.month, "path": f"deliveries/{one.path}", "rows": one.rows}
            for one in sent
        ],
    }


def _hot_spot(spot: HotSpot, codes: list[str], risk: Risk, calendar: Calendar) -> dict[str, Any]:
    """Its relative risk: acts expected there at those hours over those in as many average small areas of the county."""
    hours = calendar.at_night(spot.nights, spot.from_hour, spot.to_hour)
    there = risk.expected(AT_NIGHT_OUT, hours, spot.areas, calendar.years) / calendar.years + spot.extra_a_year
    everywhere = risk.expected(AT_NIGHT_OUT, hours, tuple(range(len(codes))), calendar.years) / calendar.years
    return {
        "name": spot.name,
        "areas": [codes[one] for one in spot.areas],
        "nights": list(spot.nights),
        "hours": [spot.from_hour, spot.to_hour],
        "extra_a_year": spot.extra_a_year,
        "relative_risk": round(there / (everywhere * len(spot.areas) / len(codes)), 1),
        "seen": spot.seen,
        "is_lesser": spot.is_lesser,
    }


def _outbreak(outbreak: Outbreak, codes: list[str], risk: Risk, calendar: Calendar) -> dict[str, Any]:
    """Its factor: acts expected in the street there in those weeks over those expected without it."""
    weeks = calendar.within(outbreak.start, outbreak.end)
    usual = risk.expected((SETTINGS.index("street"),), weeks, outbreak.areas, calendar.years)
    return {
        "name": outbreak.name,
        "areas": [codes[one] for one in outbreak.areas],
        "from": outbreak.start.isoformat(),
        "to": outbreak.end.isoformat(),
        "extra": outbreak.extra,
        "factor": round(1 + outbreak.extra / usual, 1),
        "of": "violence in the street",
    }


def _recording_change(change: RecordingChange) -> dict[str, Any]:
    return {"agency": change.agency, "from": change.start.isoformat(), "factor": change.factor, "what": change.what}


def _intervention(intervention: Intervention, codes: list[str]) -> dict[str, Any]:
    return {
        "name": intervention.name,
        "areas": [codes[one] for one in intervention.areas],
        "from": intervention.start.isoformat(),
        "effect": intervention.effect,
        "hours": [intervention.from_hour, intervention.to_hour],
        "of": "violence in streets and licensed premises, every night",
    }


def _agency(agency: str, lines: pl.DataFrame) -> dict[str, Any]:
    delivered = lines.filter("is_delivered")
    return {
        "supplier": SUPPLIERS[agency],
        "dataset": DATASETS[agency],
        "rates": vars(RATES[agency]),
        "rows_written": lines.height,
        "rows_delivered": delivered.height,
        "incidents_delivered": delivered.filter(pl.col("incident") > 0)["incident"].n_unique(),
        "not_violence": int((delivered["incident"] == 0).sum()),
        "places": {place: int((delivered["place"] == place).sum()) for place in ("whole", "part", "none")},
        "faults": {name: int(delivered[name].sum()) for name in FAULTS},
    }
