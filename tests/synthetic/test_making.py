"""The county is the same county every time, and all of it is on disk."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from upstander.errors import WrongUsage
from upstander.synthetic import make

ENDS = date(2026, 8, 1)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_arguments_give_the_same_bytes(county, tmp_path):
    make(tmp_path, years=1, seed=7, ends=ENDS)
    assert _hashes(tmp_path) == _hashes(county.folder)


def test_another_seed_moves_the_violence_but_not_the_land(county, tmp_path):
    make(tmp_path, years=1, seed=8, ends=ENDS)
    ours, theirs = _hashes(county.folder), _hashes(tmp_path)
    places = [name for name in ours if name.startswith("places/")]
    assert places
    assert [name for name in places if ours[name] != theirs[name]] == []
    assert [name for name in ours if name.startswith("deliveries/") and ours[name] == theirs[name]] == []


def test_every_month_of_every_agency_is_there_but_the_late_one(county):
    sent = {(one.agency, one.month) for one in county.summary.deliveries}
    months = [f"2025-{month:02d}" for month in range(8, 13)] + [f"2026-{month:02d}" for month in range(1, 8)]
    expected = {(agency, month) for agency in ("police", "ambulance", "ed") for month in months}
    assert expected - sent == {("ed", "2026-07")}
    assert county.truth.summary["late"] == {"agency": "ed", "supplier": "brackenshire_ed", "month": "2026-07"}


@pytest.mark.parametrize(("years", "ends"), [(0, ENDS), (1, date(2026, 8, 2))])
def test_half_a_month_and_no_years_are_refused(tmp_path, years, ends):
    with pytest.raises(WrongUsage):
        make(tmp_path, years=years, seed=1, ends=ends)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_another_county_is_left_as_it_is(county):
    before = _hashes(county.folder)
    with pytest.raises(WrongUsage, match="seed 7"):
        make(county.folder, years=1, seed=9, ends=ENDS)
    assert _hashes(county.folder) == before
