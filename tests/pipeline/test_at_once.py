"""What ends, ends at once: jobs that are running when an agreement expires or is ended keep nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from intake.desk import rms
from pipeline.homes import counted, injury_schedule, send, total, with_pact
from pipeline.village import END as VILLAGE_END
from pipeline.village import START as VILLAGE_START
from pipeline.village import deliver_village
from upstander.analysis.hotspots.windows import Window
from upstander.contracts.asking import Purpose
from upstander.contracts.releasing import Edition
from upstander.errors import NotAllowed
from upstander.pipeline import table as asking
from upstander.pipeline.agreeing import decide_about
from upstander.pipeline.child import run_job
from upstander.pipeline.desk import Desk
from upstander.pipeline.injuries import Asked, injuries, making
from upstander.sharing import ActKind
from upstander.values.periods import Period

LAST = datetime(2027, 3, 31, 23, tzinfo=UTC)  # midnight before 1 April 2027 on London's wall clock
SECOND = timedelta(seconds=1)
ROWS = rms(*[{}] * 12)


@dataclass
class Clock:
    """A clock that a test moves."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock(LAST - SECOND)


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Desk:
    """A desk one second before its only agreement expires."""
    return replace(with_pact(tmp_path, injury_schedule(end=date(2027, 4, 1))), now=clock)


def _then(clock: Clock, runner: Callable[..., Any] = run_job) -> Callable[..., Any]:
    """A reading during which two seconds pass."""

    def meanwhile(*job: Any, **named: Any) -> Any:
        result = runner(*job, **named)
        clock.moment = LAST + SECOND
        return result

    return meanwhile


def _last(desk: Desk) -> tuple[str, str]:
    event = list(desk.audit.entries())[-1].event
    return event.action.split()[0], event.answer.split(":")[0]


def test_one_second_before_the_end_a_file_comes_in_and_is_counted(desk: Desk, folder: Path) -> None:
    send(desk, folder, ROWS)
    assert total(counted(desk)) == 10


def test_one_second_after_the_end_nothing_comes_in_and_nothing_is_counted(
    desk: Desk, clock: Clock, folder: Path
) -> None:
    send(desk, folder, ROWS)
    clock.moment = LAST + SECOND
    with pytest.raises(NotAllowed, match="No agreement in force"):
        send(desk, folder, ROWS + rms({"incident_ref": "C99"}).splitlines(keepends=True)[1], name="rms_2026-08.csv")
    with pytest.raises(NotAllowed, match="expired at the end of 31 March 2027"):
        counted(desk)


def test_a_file_that_is_being_read_when_its_agreement_expires_is_not_loaded(
    desk: Desk, clock: Clock, folder: Path
) -> None:
    with pytest.raises(NotAllowed, match="Stopped: pact no longer carries police_incidents from rms") as told:
        send(desk, folder, ROWS, runner=_then(clock))
    assert "Nothing was loaded" in told.value.state
    assert desk.warehouse.manifests() == ()
    assert desk.warehouse.unfinished() == ()
    assert _last(desk) == ("load", "refused")


@pytest.mark.parametrize("kind", [ActKind.ENDED, ActKind.SUSPENDED])
def test_a_file_that_is_being_read_when_its_agreement_is_stopped_is_not_loaded(
    kind: ActKind, desk: Desk, folder: Path
) -> None:
    def stopped(*job: Any) -> Any:
        decide_about(desk.asking(why="a breach"), "pact", kind)
        return run_job(*job)

    with pytest.raises(NotAllowed, match="Stopped"):
        send(desk, folder, ROWS, runner=stopped)
    assert desk.warehouse.manifests() == ()


def test_a_count_that_is_being_made_when_its_agreement_expires_is_not_shown(
    desk: Desk, clock: Clock, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(desk, folder, ROWS)
    monkeypatch.setattr(asking, "counts", _then(clock, asking.counts))
    with pytest.raises(NotAllowed, match="Stopped: The schedule evidence of pact expired"):
        counted(desk)
    assert not (desk.home.outputs / "ledger.jsonl").exists()
    assert _last(desk) == ("read", "refused")


def test_a_bulletin_that_is_being_drawn_when_its_agreement_is_suspended_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = deliver_village(tmp_path)
    drawn = making.bulletin_of

    def suspended(*told: Any, **more: Any) -> Any:
        decide_about(desk.asking(why="a breach"), "pact", ActKind.SUSPENDED)
        return drawn(*told, **more)

    monkeypatch.setattr(making, "bulletin_of", suspended)
    asked = Asked(
        window=Window.parse("Sat 20:00-02:00"), period=Period.between(VILLAGE_START, VILLAGE_END),
        edition=Edition.OPERATIONAL, definition="all_violence", layer="", actions=None, recipients=("the group",),
        made_on=date(2026, 8, 10),
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="has been suspended since"):
        injuries(desk.asking(purpose=Purpose.OPERATIONAL), asked)
    assert [path for path in desk.home.outputs.rglob("*") if path.is_file() and path.name != ".lock"] == []
