"""A hospital that tells in words where people were hurt, and the village whose places it means."""

import csv
import io
from pathlib import Path
from typing import Any

from pipeline.homes import agreement, injury_schedule
from places.conftest import VILLAGE_CRS, block, geojson
from places.texts import write_gazetteers
from upstander.pipeline.home import Home
from upstander.places import load

MAP = """
based_on = "istv"
name = "village_ed"
version = "1"
dated = 2026-11-01
source = "Written for this test"
agency = "Fenmoor Hospital"

[places]
crs = "upstander:village"
metric_crs = "upstander:village"
layers = ["lsoa21"]
"""
HEADINGS = (
    "REPORTING PERIOD START DATE", "REPORTING PERIOD END DATE", "SITE CODE (OF TREATMENT)",
    "ARRIVAL DATE AND TIME AT ACCIDENT AND EMERGENCY DEPARTMENT", "ASSAULT DATE AND TIME", "ASSAULT METHOD",
    "ASSAULT LOCATION TYPE", "ASSAULT LOCATION DESCRIPTION", "ATTENDANCE REFERENCE", "POSTCODE",
)  # fmt: skip
NOWHERE = "ZZX99"  # a site that no list of sites has: every place is as near


def attendances(*texts: tuple[str, str] | str, kind: str = "unknown") -> bytes:
    """A month of the hospital's file: a row a text; a pair is a text and a site."""
    sheet = io.StringIO()
    out = csv.writer(sheet, lineterminator="\r\n")
    out.writerow(HEADINGS)
    for number, one in enumerate(texts):
        text, site = one if isinstance(one, tuple) else (one, "S1")
        moment = f"2026-07-{1 + number % 28:02d} 22:{number % 60:02d}"
        out.writerow(("2026-07-01", "2026-07-31", site, moment, moment, "sharp", kind, text, f"A{number}", NOWHERE))
    return sheet.getvalue().encode()


def ready(home: Home, folder: Path) -> None:
    """Give a home the village's outlines and gazetteers, and the hospital's map."""
    squares = {f"F{n + 1}": block(1000 * (n % 3 + 1), 1000 * (n // 3 + 1)) for n in range(6)}
    load(home.reference, kind="boundaries", source=[geojson(folder / "v.geojson", squares, crs=VILLAGE_CRS)])
    write_gazetteers(folder, home.reference)
    home.suppliers.mkdir(exist_ok=True)
    (home.suppliers / "village_ed.toml").write_text(MAP)


def terms(*, name: str = "pact", **changed: Any) -> bytes:
    """An agreement of this name that lets the hospital send."""
    fields = ["event_from_local", "place_class", "area_code"]
    sends = injury_schedule(suppliers=["village_ed"], dataset="ed_assaults", fields=fields, **changed)
    return agreement(sends, name=name)
