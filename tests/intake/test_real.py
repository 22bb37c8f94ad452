"""Real files, read in place: the eleven Leicestershire months and the Montgomery County log."""

import hashlib
import zipfile

import polars as pl
import pytest

from intake.desk import read_bytes
from shared_data import SHARED, needs_shared

# Rows, and rows of violence and sexual offences, as ../shared/data/README.md counts them.
LEICESTERSHIRE = {
    "2018-10": (8956, 2409), "2018-11": (8880, 2430), "2018-12": (8380, 2499), "2019-01": (8503, 2537),
    "2019-02": (8136, 2468), "2025-01": (8448, 3065), "2025-02": (7867, 2914), "2025-03": (9341, 3319),
    "2025-04": (9186, 3186), "2025-05": (9891, 3398), "2025-06": (9295, 3241),
}  # fmt: skip
VIOLENCE = "policeuk:violence-and-sexual-offences"


@needs_shared
@pytest.mark.parametrize("month", LEICESTERSHIRE)
def test_no_row_of_a_police_uk_month_is_lost(month: str) -> None:
    name = f"{month}-leicestershire-street.csv"
    content = (SHARED / "data" / "police" / name).read_bytes()
    result, tray = read_bytes(content, "police_uk", file_name=name)
    rows, violent = LEICESTERSHIRE[month]
    assert (result.lines.records, result.lines.accepted) == (rows, rows)
    assert result.lines.physical == rows + 1
    assert tray.accepted.filter(offence_code=VIOLENCE).height == violent
    assert result.sha256 == hashlib.sha256(content).hexdigest()
    assert result.covers is not None
    assert result.covers.start.isoformat() == f"{month}-01"


@needs_shared
def test_the_montgomery_log_gives_its_violence_and_sets_the_rest_aside() -> None:
    with zipfile.ZipFile(SHARED / "data" / "ambulance" / "montgomery-pa-911.zip") as archive:
        result, tray = read_bytes(archive.read("911.csv"), "montgomery")
    assert (result.lines.accepted, result.lines.quarantined, result.lines.set_aside) == (728, 2, 98_762)
    assert dict(tray.accepted["nature_code"].value_counts().iter_rows()) == {
        "assault": 657,
        "shooting": 39,
        "stabbing": 32,
    }
    assert tray.quarantined["rule"].unique().to_list() == ["needs a person"]
    assert tray.accepted["place_class"].unique().to_list() == ["not supplied"]
    at = pl.col("event_from_local").dt
    is_saturday_night = ((at.weekday() == 6) & (at.hour() >= 20)) | ((at.weekday() == 7) & (at.hour() < 2))
    assert tray.accepted.filter(is_saturday_night).height == 48
