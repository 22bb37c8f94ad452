"""Retention ends on its day, to the second, everywhere; and a certificate says what went, when and why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from intake.desk import rms
from pipeline.homes import NOW, agreement, at, counted, injury_schedule, send, with_pact
from pipeline.keeping.test_flipped_bytes import NoDatabase
from sharing.county import handling
from upstander.errors import TryAgain
from upstander.pipeline.agreeing import sign
from upstander.pipeline.desk import Desk
from upstander.pipeline.doctor import examine
from upstander.pipeline.held import held_readings
from upstander.pipeline.keeping import purging
from upstander.pipeline.keeping.backups import backup
from upstander.pipeline.keeping.contents import check_backup
from upstander.pipeline.keeping.purging import certificates, due, purge
from upstander.warehouse import NothingHeld

DAYS = 30
LAST = datetime(2026, 12, 23, tzinfo=UTC)  # midnight in London, thirty days after 23 November
SECOND = timedelta(seconds=1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A feed that may be kept for thirty days, one row of it quarantined."""
    strict = injury_schedule(id="strict", handling=handling(retention_days=DAYS))
    made = with_pact(tmp_path, injury_schedule(), strict)
    send(made, tmp_path / "sent", rms(*[{}] * 20, {"offence_code": "no"}))
    return made


def _files(desk: Desk) -> set[str]:
    kept = [
        *desk.home.root.glob("warehouse/*/*"),
        *desk.home.root.glob("vault/raw/*"),
        *desk.home.root.glob("vault/q*/*"),
    ]
    return {path.name for path in kept}


def test_a_second_before_its_day_everything_is_there_and_at_midnight_it_goes(desk: Desk) -> None:
    before = _files(desk)
    assert purge(at(desk, LAST - SECOND)) == []
    assert _files(desk) == before != set()
    (certificate,) = purge(at(desk, LAST))
    assert _files(desk) == set()
    assert (certificate.rows, certificate.retention_days, certificate.due) == (20, DAYS, LAST.isoformat())
    assert certificate.because == "schedule strict of pact says 30 days"
    with pytest.raises(NothingHeld):
        counted(at(desk, LAST))


def test_the_certificate_stays_and_the_log_has_intent_and_outcome(desk: Desk) -> None:
    purge(at(desk, LAST))
    (kept,) = certificates(desk)
    assert (kept.done, kept.dataset, len(kept.raw_sha256)) == (LAST.isoformat(), "police_incidents", 64)
    told = [(entry.event.answer, entry.event.rows) for entry in desk.audit.entries() if "purge" in entry.event.action]
    assert told == [("intent", None), ("done", 20)]
    assert purge(at(desk, LAST + SECOND)) == []


def test_bytes_that_a_younger_reading_still_needs_stay(desk: Desk, tmp_path: Path) -> None:
    later = at(desk, NOW + timedelta(days=10))
    send(later, tmp_path / "sent", rms(*[{}] * 20, {"offence_code": "no"}), covers="2026-07")
    purge(at(desk, LAST))
    assert len(desk.warehouse.manifests()) == 1
    assert len(desk.vault.names("raw")) == 1
    purge(at(desk, LAST + timedelta(days=10)))
    assert _files(desk) == set()


def test_what_waits_for_a_person_does_not_wait_longer_than_it_may_be_kept(desk: Desk, tmp_path: Path) -> None:
    midnights = rms(*[{"occurred_from": "04/07/2026 00:00"}] * 20)
    send(desk, tmp_path / "sent", midnights, covers="2026-07")
    assert len(held_readings(desk)) == 1
    assert {one.what for one in purge(at(desk, LAST))} == {"reading", "held"}
    assert held_readings(desk) == []
    assert desk.vault.names("raw") == ()


def test_bytes_that_never_loaded_go_after_a_season(desk: Desk, tmp_path: Path) -> None:
    send(desk, tmp_path / "sent", b"%PDF-1.7 not rows")
    came = datetime.now(UTC)
    assert [one.what for one in purge(at(desk, came + timedelta(days=91)))] == ["reading"]
    (unread,) = purge(at(desk, came + timedelta(days=93)))
    assert (unread.what, unread.reading) == ("bytes", "")
    assert desk.vault.names("raw") == ()


def test_a_backup_loses_it_on_the_same_day_and_one_out_of_reach_stops_the_purge(desk: Desk, tmp_path: Path) -> None:
    source, _ = backup(desk, tmp_path / "disk", NoDatabase())
    gone = tmp_path / "elsewhere"
    source.rename(gone)
    with pytest.raises(TryAgain, match="cannot be reached"):
        purge(at(desk, LAST))
    assert len(desk.warehouse.manifests()) == 1
    gone.rename(source)
    purge(at(desk, LAST))
    assert not list(source.rglob("*.parquet"))
    assert not list(source.glob("home/vault/raw/*"))
    check_backup(desk.key, source)


def test_an_agreement_signed_later_with_less_time_brings_the_day_forward(desk: Desk) -> None:
    assert due(at(desk, NOW + timedelta(days=8))) == []
    sign(desk, agreement(injury_schedule(handling=handling(retention_days=7)), name="stricter"))
    assert len(due(at(desk, NOW + timedelta(days=8)))) == 1


def test_the_doctor_names_what_is_past_its_day(desk: Desk) -> None:
    states = {one.what: one.state for one in examine(at(desk, LAST))}
    assert (states["retention"], states["erasures"], states["backups"]) == ("wrong", "fine", "fine")
    purge(at(desk, LAST))
    assert {one.what: one.state for one in examine(at(desk, LAST))}["retention"] == "fine"


class _Stopped(Exception):
    pass


@pytest.mark.parametrize("after", range(1, 7))
def test_a_purge_stopped_at_any_step_is_finished_by_the_same_call(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    steps = 0

    def counting(function: Callable[..., object]) -> Callable[..., object]:
        def step(*words: object, **named: object) -> object:
            nonlocal steps
            steps += 1
            if steps == after:
                raise _Stopped
            return function(*words, **named)

        return step

    late = replace(desk, now=lambda: LAST)
    with monkeypatch.context() as patched:
        for name in ("_write", "_destroy", "note", "mirror"):
            patched.setattr(purging, name, counting(getattr(purging, name)))
        with pytest.raises(_Stopped):
            purge(late)
    (certificate,) = purge(late)
    assert certificate.done == LAST.isoformat()
    assert _files(desk) == set()
