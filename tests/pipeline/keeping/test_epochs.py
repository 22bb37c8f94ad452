"""A new epoch of tokens: everything is read into it, a sealed bridge joins old and new, and the old one can end."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from intake.desk import rms
from pipeline.homes import agreement, injury_schedule, send, with_pact
from upstander.contracts.asking import Purpose
from upstander.contracts.releasing import Edition
from upstander.errors import TryAgain, WrongUsage
from upstander.intake import ReadResult
from upstander.pipeline.agreeing import end, sign
from upstander.pipeline.child import run_job
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import ask
from upstander.pipeline.keeping.copies import register_backup
from upstander.pipeline.keeping.epochs import build_bridge, destroy_epoch, new_epoch, open_bridge
from upstander.pipeline.reading import Quarantine, ReadJob
from upstander.vault import EpochDestroyed, MasterKey, Vault, WrongKey
from upstander.vault.rotating import begin_in_file, finish, rewrap_all

SHARED = injury_schedule(
    suppliers=["rms", "daily"], fields=["person_token", "incident_token", "event_from_local"],
    gateway="cda_1998_s115", purposes=["strategic", "stewardship"],
)  # fmt: skip
DAILY = 'based_on = "rms"\nname = "daily"\nversion = "1"\ndated = 2026-11-01\nsource = "a test"\nagency = "Another"\n'
JUNE = rms(
    *[{"incident_ref": f"J{n}", "person_ref": f"P{n % 5}", "occurred_from": "04/06/2026 22:40"} for n in range(9)]
)
JULY = rms(*[{"incident_ref": f"C{n}", "person_ref": f"P{n % 5}"} for n in range(7)])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A home with June and July of one force."""
    made = with_pact(tmp_path, SHARED).asking(purpose=Purpose.STRATEGIC, why="the yearly change")
    for month, content in (("06", JUNE), ("07", JULY)):
        send(made, tmp_path / "sent", content, name=f"rms_2026-{month}.csv", covers=f"2026-{month}")
    return made


def changed(desk: Desk) -> Desk:
    new_epoch(desk, runner=run_job)
    return desk


def apart(desk: Desk) -> Desk:
    """The same home after a change of its key: the first epoch's secret is no longer the home's key."""
    desk.keyring.keep(desk.now())
    file = desk.home.key_file
    assert file
    new = begin_in_file(desk.home.root, file, desk.key)
    assert list(rewrap_all(desk.vault.files(), new))
    return replace(desk, key=finish(desk.home.root, new, file=file))


def seen(desk: Desk, *fields: str) -> pl.DataFrame:
    allowed = ask(desk, "police_incidents", fields, Edition.SHAREABLE)
    return desk.warehouse.read(allowed, secrets=desk.keyring.secret).to_polars()


def stored(desk: Desk, epoch: str) -> pl.DataFrame:
    """line, person_token and incident_token of every row stored in an epoch, by delivery."""
    parts = [
        pl.read_parquet(desk.warehouse.folder(one.dataset, one.reading) / part.name)
        .with_columns(delivery=pl.lit(one.delivery))
        for one in desk.warehouse.manifests() for part in one.parts if one.key_epoch == epoch
    ]  # fmt: skip
    line = pl.col("row_id").str.split(":").list.last().alias("line")
    return pl.concat(parts).select("delivery", line, "person_token", "incident_token").sort("delivery", "line")


def test_every_delivery_is_read_into_the_new_epoch_and_the_rows_stay_the_same(desk: Desk) -> None:
    before = seen(desk, "event_from_local")["event_from_local"].sort().to_list()
    change = new_epoch(desk, runner=run_job)
    assert (change.epoch, change.read, change.left) == ("2", 2, ())
    assert seen(desk, "event_from_local")["event_from_local"].sort().to_list() == before
    assert {one.key_epoch for one in desk.warehouse.manifests()[2:]} == {"2"}


def test_no_token_of_the_new_epoch_was_there_before(desk: Desk) -> None:
    changed(desk)
    old, new = stored(desk, "1"), stored(desk, "2")
    assert old.height == new.height == 16
    for column in ("person_token", "incident_token"):
        assert not set(old[column]) & set(new[column])


class Stopped(Exception):
    """The person at the keyboard had enough."""


def test_a_change_that_was_stopped_goes_on_where_it_was(desk: Desk) -> None:
    taken: list[str] = []

    def stops_at_the_second(job: ReadJob, quarantine: Quarantine) -> ReadResult:
        taken.append(job.reading)
        if len(taken) == 2:
            raise Stopped
        return run_job(job, quarantine)

    with pytest.raises(Stopped):
        new_epoch(desk, runner=stops_at_the_second)
    assert not desk.keyring.is_settled
    change = new_epoch(desk, runner=run_job)
    assert (change.epoch, change.read) == ("2", 2)
    assert len(desk.warehouse.manifests()) == 4
    assert desk.keyring.is_settled


def test_the_next_change_begins_a_third_epoch(desk: Desk) -> None:
    changed(desk)
    assert new_epoch(desk, runner=run_job).epoch == "3"


def test_an_increment_waits_until_every_delivery_is_in_one_epoch(desk: Desk, folder: Path) -> None:
    desk.home.suppliers.mkdir(exist_ok=True)
    (desk.home.suppliers / "daily.toml").write_text(DAILY + 'delivers = "increment"\n')
    desk.keyring.new_epoch(desk.now(), why="begun, and not finished")
    with pytest.raises(TryAgain, match="not finished"):
        send(desk, folder, JULY, supplier="daily")
    changed(desk)
    assert send(desk, folder, JULY, supplier="daily").result.lines.accepted == 7


def test_what_no_agreement_carries_any_more_keeps_its_tokens_and_is_named(desk: Desk) -> None:
    end(desk, "pact")
    change = new_epoch(desk, runner=run_job)
    assert (change.read, len(change.left)) == (0, 2)
    assert "No agreement in force" in change.left[0][1]


def test_the_bridge_names_for_each_old_token_the_new_one_of_the_same_line(desk: Desk) -> None:
    changed(desk)
    made = build_bridge(desk, "1", "2")
    assert (made.deliveries, made.tokens, made.ambiguous) == (2, 5 + 16, 0)
    bridge = open_bridge(desk, "1", "2")
    for column in ("person_token", "incident_token"):
        old, new = stored(desk, "1"), stored(desk, "2")
        assert old.select("delivery", "line").equals(new.select("delivery", "line"))
        wanted = dict(zip(old[column], new[column], strict=True))
        assert dict(bridge.filter(column=column).select("before", "after").iter_rows()) == wanted


def test_no_file_but_the_sealed_bridge_holds_an_old_and_a_new_token_together(desk: Desk) -> None:
    changed(desk)
    build_bridge(desk, "1", "2")
    old, new = ({token.encode() for token in stored(desk, epoch)["person_token"]} for epoch in ("1", "2"))
    for path in (one for one in desk.home.root.rglob("*") if one.is_file()):
        content = path.read_bytes()
        assert not (any(token in content for token in old) and any(token in content for token in new)), path
        if path.suffix == ".parquet":
            tokens = {token.encode() for token in pl.read_parquet(path)["person_token"]}
            assert not (tokens & old and tokens & new), path


def test_without_the_homes_key_the_bridge_stays_shut(desk: Desk) -> None:
    changed(desk)
    build_bridge(desk, "1", "2")
    other = Vault(desk.home.root, MasterKey.of(bytes(32)))
    with pytest.raises(WrongKey, match="was sealed with key"):
        other.open_sealed("bridges", "1-2")


def test_a_bridge_needs_a_delivery_that_was_read_in_both_epochs(desk: Desk) -> None:
    end(desk, "pact")
    changed(desk)
    with pytest.raises(WrongUsage, match="No delivery was read in epoch 1 and in epoch 2"):
        build_bridge(desk, "1", "2")


def test_an_epoch_whose_tokens_are_in_force_is_not_destroyed(desk: Desk) -> None:
    desk = apart(desk)
    with pytest.raises(WrongUsage, match="2 readings in force or waiting have tokens of epoch 1"):
        destroy_epoch(desk, "1")
    assert desk.keyring.secret("1")


def test_an_epoch_whose_secret_is_the_homes_key_is_not_called_destroyed(desk: Desk) -> None:
    changed(desk)
    with pytest.raises(WrongUsage, match="is the home's key itself"):
        destroy_epoch(desk, "1")


def test_a_destroyed_epoch_can_be_counted_but_its_tokens_are_refused_with_day_and_reason(desk: Desk) -> None:
    desk = apart(desk)
    changed(desk)
    destroy_epoch(desk, "1")
    # The newer readings go as their retention ends; what they superseded is in force again.
    for one in desk.warehouse.manifests()[2:]:
        desk.warehouse.retire(one.dataset, one.reading)
    assert seen(desk, "event_from_local").height == 16
    with pytest.raises(EpochDestroyed, match="epoch 1 was destroyed on 2026-11-23: the yearly change"):
        seen(desk, "person_token")


def test_with_an_epoch_its_bridges_and_their_copies_in_backups_are_destroyed(desk: Desk, tmp_path: Path) -> None:
    desk = apart(desk)
    changed(desk)
    build_bridge(desk, "1", "2")
    for source in (desk.home.root / "vault").rglob("*.sealed"):
        copy = tmp_path / "backup" / source.relative_to(desk.home.root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())
    register_backup(desk.home, tmp_path / "backup")
    said = destroy_epoch(desk, "1")
    assert "1 bridges and 2 copies" in said
    for root in (desk.home.root, tmp_path / "backup"):
        left = {path.relative_to(root / "vault").as_posix() for path in (root / "vault").rglob("*.sealed")}
        assert not left & {"epochs/1.sealed", "bridges/1-2.sealed"}
        assert "epochs/2.sealed" in left


def test_an_unreachable_backup_stops_a_destruction_before_anything_is_gone(desk: Desk, tmp_path: Path) -> None:
    desk = apart(desk)
    changed(desk)
    register_backup(desk.home, tmp_path / "a disk that is elsewhere")
    with pytest.raises(TryAgain, match="cannot be reached"):
        destroy_epoch(desk, "1")
    assert desk.keyring.secret("1")


def test_changing_a_key_without_a_reason_is_refused(desk: Desk) -> None:
    silent = replace(desk, who=desk.who.model_copy(update={"why": " "}))
    with pytest.raises(WrongUsage, match="needs a reason"):
        new_epoch(silent, runner=run_job)
    assert desk.keyring.current().name == "1"


def test_a_signed_change_of_terms_is_followed_in_the_new_epoch(desk: Desk) -> None:
    stricter = {**SHARED, "handling": {**SHARED["handling"], "postcode_level": "district"}}
    sign(desk, agreement(stricter, version=2))
    assert new_epoch(desk, runner=run_job).read == 2
