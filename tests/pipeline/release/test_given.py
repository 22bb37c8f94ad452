"""A bulletin beside a release: what either hides must not follow from the other."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.release import town
from pipeline.release.town import (
    AREAS,
    WARD_OF,
    deliver_quarter,
    on,
    public_rows,
    published,
    released_on,
    town_desk,
)
from upstander.analysis.hotspots.windows import Window
from upstander.contracts.asking import CountRule, Purpose
from upstander.contracts.releasing import Edition
from upstander.errors import NotAcceptable
from upstander.pipeline.desk import Desk
from upstander.pipeline.injuries import Asked, injuries, making
from upstander.pipeline.outputs import ledger_lines
from upstander.pipeline.release import shelf
from upstander.pipeline.release.approving import ever_published
from upstander.pipeline.release.attacking import attack_everything, attack_given
from upstander.pipeline.release.covering import quarter_named
from upstander.pipeline.release.given import Given, given_out, pinned_given
from upstander.pipeline.release.ground import WHOLE
from upstander.pipeline.release.making import make_release
from upstander.pipeline.release.verifying import verify
from upstander.values.periods import Period

QUARTER, DAY = "2026-Q1", date(2026, 5, 15)
# The first ward has five records, and its district seventeen: the release hides the second ward's twelve for its sake.
TELLING = (5, 0, 0, 0, 12, 0, 0, 0, 20, 31, 17, 22, 40, 12, 17, 31)
EXACT_RULE = {"suppress_up_to": 7, "round_to": 1}
ALWAYS, SATURDAY = "daily 00:00-24:00", "Sat 20:00-02:00"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A published release of the quarter under a rule that hides 1 to 7 and rounds nothing."""
    monkeypatch.setattr(town, "SEVEN_FIVE", EXACT_RULE)
    desk = on(town_desk(tmp_path, shares_persons=False, release={"quarters": 1, "beside": []}), DAY)
    rows = [row | {"location_type": ("street", "park")[n % 2]} for n, row in enumerate(public_rows(QUARTER, TELLING))]
    deliver_quarter(
        desk, tmp_path / "sent", QUARTER, [one for one in rows if "29/03/2026 01:" not in one["occurred_from"]]
    )
    released_on(desk, QUARTER, DAY)
    return desk


def bulletin(desk: Desk, window: str) -> Path:
    asked = Asked(
        Window.parse(window), Period.parse(QUARTER), Edition.SHAREABLE, "all_violence", "", None, ("the group",), DAY
    )
    return injuries(desk.asking(purpose=Purpose.MONITORING), asked).folder


def shown_otherwise(desk: Desk, cells: dict[str, int], *, window: str = ALWAYS) -> Given:
    """A bulletin that shows these counts by area as they are."""
    frame = pl.DataFrame({"source": "police_incidents", "area": list(cells), "value": list(cells.values())})
    told = frame.with_columns(pl.col("value").cast(pl.Float64), status=pl.lit("shown"), count=pl.col("value"))
    rule = CountRule("told", "pact", 7, 1)
    return Given(
        "this bulletin", f"{QUARTER}/0001", Period.parse(QUARTER), "all_violence 2026.1", window, (rule,), told
    )


def test_the_release_alone_hides_both_wards(desk: Desk) -> None:
    small = shelf.cells_of(shelf.find_edition(desk.home, QUARTER), "police_incidents_small")
    wards = [f"ward24:{WARD_OF[AREAS[at]]}" for at in (0, 4)]
    told = small.filter(pl.col("area").is_in(wards), measure="police_violence", period=QUARTER)
    assert told["status"].to_list() == ["suppressed", "suppressed"]


def test_a_count_that_gives_a_hidden_one_away_is_found_and_one_of_other_records_is_not(desk: Desk) -> None:
    ward = f"ward24:{WARD_OF[AREAS[4]]}"
    found = attack_given(desk, shown_otherwise(desk, {ward: 12}), ever_published(desk))
    assert not found.passed
    assert "can be worked out more closely than their rule allows, beside 1 earlier publications" in found.in_words
    assert attack_given(desk, shown_otherwise(desk, {ward: 30}), ever_published(desk)).passed  # no part of the release
    assert attack_given(desk, shown_otherwise(desk, {WHOLE: 207}), ever_published(desk)).passed


def test_small_areas_that_add_up_to_a_hidden_ward_are_found(desk: Desk) -> None:
    cells = {f"lsoa21:{area}": count for area, count in zip(AREAS[4:8], TELLING[4:8], strict=True)}
    assert not attack_given(desk, shown_otherwise(desk, cells), ever_published(desk)).passed
    without = dict(list(cells.items())[1:])  # the one that has any is not told
    assert attack_given(desk, shown_otherwise(desk, without), ever_published(desk)).passed


def test_a_part_of_the_hours_that_leaves_too_few_numbers_is_found(desk: Desk) -> None:
    ward = f"ward24:{WARD_OF[AREAS[4]]}"  # eleven of its twelve, so that the other ward has six at most
    found = attack_given(desk, shown_otherwise(desk, {ward: 11}, window=SATURDAY), ever_published(desk))
    assert not found.passed


def test_a_bulletin_that_would_give_a_release_away_is_not_written(desk: Desk) -> None:
    with pytest.raises(NotAcceptable, match="would give hidden counts away"):
        bulletin(desk, ALWAYS)
    assert list((desk.home.outputs / "bulletin").glob("[0-9]*")) == []
    assert [line["kind"] for line in ledger_lines(desk.home)] == ["release"]


def test_what_was_given_out_all_the_same_blocks_the_approval_of_a_release_that_it_gives_away(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as careless:
        careless.setattr(making, "_refuse_exposing", lambda *_: None)
        bulletin(desk, ALWAYS)
    (one,) = given_out(desk)
    assert (one.name, one.release) == ("bulletin 0001", f"{QUARTER}/0001")
    edition = shelf.find_edition(desk.home, QUARTER)
    found = attack_everything(desk, edition, ever_published(desk))
    assert "bulletin 0001" in found.against
    assert not found.passed


def test_a_safe_bulletin_is_pinned_by_the_next_edition_which_comes_out_the_same_again(
    desk: Desk, tmp_path: Path
) -> None:
    bulletin(desk, SATURDAY)
    assert make_release(desk, quarter_named(QUARTER)).already_made
    more = public_rows(QUARTER, (*TELLING[:-1], TELLING[-1] + 30))
    deliver_quarter(desk, tmp_path / "sent", QUARTER, more, name="again")
    edition = make_release(desk, quarter_named(QUARTER)).edition
    assert edition.plan.given == pinned_given(desk) != ()
    assert published(desk, edition).is_published
    assert verify(desk, QUARTER).is_rebuilt
    assert verify(desk, QUARTER, 1).holds
