"""Eight quarters, each told otherwise three times, each released: all come out the same when built again."""

from datetime import timedelta

import polars as pl
import pytest

from pipeline.release.town import deliver_quarter, on, released_on, restated, rows_of, town_desk, usual
from upstander.pipeline.desk import Desk
from upstander.pipeline.release import shelf
from upstander.pipeline.release.approving import approved
from upstander.pipeline.release.attacking import attack_everything
from upstander.pipeline.release.revising import revisions
from upstander.pipeline.release.verifying import verify
from upstander.values.periods import Period

QUARTERS = tuple(f"{year}-Q{quarter}" for year in (2024, 2025) for quarter in (1, 2, 3, 4))
RESTATED = 3


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Each quarter is delivered, released when it is due, and told otherwise with the next three quarters' files."""
    folder = tmp_path_factory.mktemp("history")
    desk = town_desk(folder, shares_persons=False, release={"quarters": 5})
    last = Period.parse(QUARTERS[-1]).end
    for number, quarter in enumerate(QUARTERS):
        day = Period.parse(quarter).end + timedelta(days=20)
        at_work = on(desk, day)
        deliver_quarter(at_work, folder / "sent", quarter, rows_of(quarter, usual(quarter)))
        for back in range(1, min(RESTATED, number) + 1):
            old = QUARTERS[number - back]
            told = restated(rows_of(old, usual(old)), back)
            deliver_quarter(at_work, folder / "sent", old, told, name=f"{old}-told-{back + 1}")
        released_on(desk, quarter, day + timedelta(days=20))
    return on(desk, last + timedelta(days=60))


@pytest.mark.parametrize("quarter", QUARTERS)
def test_every_release_comes_out_the_same_byte_for_byte_whatever_came_since(history: Desk, quarter: str) -> None:
    found = verify(history, quarter)
    assert (found.faults, found.differs, found.why) == ((), (), ())
    assert found.is_rebuilt


def test_no_hidden_count_is_narrower_than_its_rule_beside_everything_ever_released(history: Desk) -> None:
    everything = approved(history)
    found = attack_everything(history, everything[-1], everything)
    assert found.passed, found.tables
    assert len(found.against) == len(QUARTERS) - 1
    attacked = found.attacks["police_incidents"].cells
    assert attacked.height > 100
    own = attacked.filter(pl.col("since").is_null() & ~pl.col("is_exact"))
    assert own["values"].drop_nulls().min() >= 5  # type: ignore[operator]


def test_the_revisions_report_names_each_reading_and_touches_only_what_was_recounted(history: Desk) -> None:
    found = revisions(history, QUARTERS[-1])
    changes = dict(found.readings.group_by("change").len().iter_rows())
    assert changes["new"] == 1 + RESTATED
    assert changes["superseded or withdrawn"] == RESTATED
    assert found.counts.height
    told = {row["period"] for row in (_cell(text) for text in found.counts["cell"])}
    assert "2024-Q4" not in told, "nothing of that quarter came anew"
    assert found.figures[0].startswith(f"{QUARTERS[-2]}/0001/police_incidents_")


def test_no_exact_count_lies_outside_the_vault(history: Desk) -> None:
    edition = shelf.find_edition(history.home, QUARTERS[-1])
    exact = shelf.sealed_exact(history, edition)
    hidden = exact.filter((pl.col("status") == "suppressed") & pl.col("told"))
    assert hidden.height
    assert hidden["count"].is_not_null().all()
    for path in edition.folder.glob("*.parquet"):
        frame = pl.read_parquet(path)
        assert "count" not in frame.columns
        assert (
            frame.filter(pl.col("status") == "suppressed")["value"].null_count()
            == (frame["status"] == "suppressed").sum()
        )
        assert {value % 5 for value in frame["value"].drop_nulls()} <= {0.0}


def _cell(text: str) -> dict[str, str]:
    return dict(part.split("=") for part in text.split(";"))
