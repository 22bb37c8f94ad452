"""The town with two published releases, behind a site: what pages and the API of published figures are tried on."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from django.db import connections

from pipeline.homes import made_once
from pipeline.release.town import AREAS, WARD_OF, deliver_quarter, on, released_on, rows_of, town_desk, usual
from places.conftest import VILLAGE_CRS, block, geojson
from upstander.places import load
from web.sites import Site

QUARTERS = ("2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1")
RELEASES = {"2025-Q4": date(2026, 2, 20), "2026-Q1": date(2026, 5, 20)}


def town_site(factory: pytest.TempPathFactory, folder: Path) -> Site:
    """A site of the town in a folder of its own. Its agreement gives `vrn` monitoring and operational use."""
    connections.close_all()
    shutil.copytree(made_once(factory, "released_town", _make), folder, dirs_exist_ok=True)
    return Site(folder, {})


def _peopled(reference: Path, folder: Path) -> None:
    """Outlines of the wards, and 9,100 residents in each area."""
    ages, people = [*map(str, range(90)), "90+"], folder / "people.csv"
    rows = [",".join(["lsoa21_code", *ages]), *(",".join([area, *["100"] * 91]) for area in AREAS)]
    people.write_text("".join(f"{row}\n" for row in rows))
    load(reference, kind="population", source=[people], vintage="2026")
    wards = {ward: block(1000, 1000 * (place + 1)) for place, ward in enumerate(sorted(set(WARD_OF.values())))}
    drawn = geojson(folder / "wards.geojson", wards, crs=VILLAGE_CRS, code="WD24CD", name="WD24NM")
    load(reference, kind="boundaries", source=[drawn], attribution="Invented.")


def _make(folder: Path) -> None:
    desk = town_desk(folder)
    _peopled(desk.home.reference, folder)
    for quarter in QUARTERS:
        ends = [day for name, day in RELEASES.items() if quarter <= name]
        deliver_quarter(on(desk, ends[0]), folder, quarter, rows_of(quarter, usual(quarter)))
        if quarter in RELEASES:
            released_on(desk, quarter, RELEASES[quarter])
