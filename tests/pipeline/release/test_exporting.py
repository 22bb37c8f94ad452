"""What people may take away of a published release, and who."""

import csv
from datetime import date
from pathlib import Path

import pytest

from pipeline.release.town import deliver_quarter, on, released_on, rows_of, town_desk, usual
from upstander.pipeline.desk import Desk
from upstander.pipeline.outputs import ledger_lines
from upstander.pipeline.release import shelf
from upstander.pipeline.release.exporting import NothingToPublish, export
from upstander.pipeline.release.published import NoRelease

QUARTER, DAY = "2026-Q1", date(2026, 5, 15)


def made(folder: Path, *, publishable: bool) -> Desk:
    desk = on(town_desk(folder, shares_persons=False, publishable=publishable, release={"quarters": 2}), DAY)
    deliver_quarter(desk, folder / "sent", QUARTER, rows_of(QUARTER, usual(QUARTER)))
    released_on(desk, QUARTER, DAY)
    return desk


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A published release whose owner lets nothing be published to everyone."""
    return made(tmp_path_factory.mktemp("closed"), publishable=False)


def shown(desk: Desk, table: str) -> list[tuple[str, str]]:
    cells = shelf.cells_of(shelf.find_edition(desk.home, QUARTER), table)
    return [
        ("" if value is None else f"{value:.0f}", status) for value, status in cells.select("value", "status").rows()
    ]


def test_what_an_owner_lets_be_published_is_what_was_released(tmp_path: Path) -> None:
    desk = made(tmp_path, publishable=True)
    found = export(desk, QUARTER, tmp_path / "open")
    assert (found.number, found.left_out) == ("", ())
    rows = list(csv.DictReader((tmp_path / "open" / "police_incidents_small.csv").open(encoding="utf-8", newline="")))
    assert sorted((row["value"], row["status"]) for row in rows) == sorted(shown(desk, "police_incidents_small"))
    assert {"csv-metadata.json", "README.txt"} <= {path.name for path in found.files}
    assert ledger_lines(desk.home)[-1]["kind"] == "open data"


def test_nothing_is_published_without_its_owners_word(closed: Desk, tmp_path: Path) -> None:
    with pytest.raises(NothingToPublish, match="may go to everyone"):
        export(closed, QUARTER, tmp_path / "open")
    assert not (tmp_path / "open").exists()


def test_an_agency_of_the_agreement_gets_a_numbered_copy_and_another_none(closed: Desk, tmp_path: Path) -> None:
    first = export(closed, QUARTER, tmp_path / "one", recipient="vrn")
    second = export(closed, QUARTER, tmp_path / "two", recipient="vrn")
    assert (first.number, second.number) == ("0001", "0002")
    line = ledger_lines(closed.home)[-1]
    assert (line["kind"], line["recipients"], line["shown"]["number"]) == ("release copy", ["vrn"], "0002")
    with pytest.raises(NothingToPublish, match="may go to a_stranger"):
        export(closed, QUARTER, tmp_path / "three", recipient="a_stranger")
    assert not (tmp_path / "three").exists()


def test_what_is_not_published_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(NoRelease):
        export(town_desk(tmp_path), QUARTER, tmp_path / "open")
