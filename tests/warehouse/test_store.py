"""A reading is whole or absent, whatever the moment a run is killed."""

import hashlib
import json
from datetime import date, timedelta

import polars as pl
import pytest

from upstander.contracts.readings import Outcome
from upstander.errors import UpstanderError, WrongUsage
from upstander.values import durable
from upstander.values.canonical import short_id
from upstander.warehouse import BrokenReading, Warehouse, store
from warehouse.county import deliver, facts, rows

JANUARY = date(2026, 1, 1)


@pytest.fixture
def warehouse(tmp_path):
    return Warehouse(tmp_path)


def _staged(warehouse, name="first"):
    reading = short_id([name])
    folder = warehouse.stage("police_incidents", reading)
    rows(reading, JANUARY, 31).write_parquet(folder / "part-000.parquet")
    return facts(31, reading=reading, start=JANUARY, end=JANUARY + timedelta(days=31))


def test_an_empty_home_holds_no_reading(warehouse):
    assert warehouse.manifests() == ()
    assert warehouse.unfinished() == ()


def test_a_committed_reading_is_found_with_its_parts(warehouse, tmp_path):
    made = warehouse.commit(_staged(warehouse))
    assert warehouse.manifests() == (made,)
    assert warehouse.find("police_incidents", made.reading) == made
    (part,) = made.parts
    path = tmp_path / "warehouse" / "police_incidents" / made.reading / "part-000.parquet"
    assert (part.name, part.rows, part.size_bytes) == ("part-000.parquet", 31, path.stat().st_size)
    assert part.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_staged_reading_does_not_exist_yet(warehouse):
    made = _staged(warehouse)
    with warehouse.register() as register:
        manifest = register.prepare(made)
        assert warehouse.manifests() == ()
        assert warehouse.find(made.dataset, made.reading) is None
        assert warehouse.unfinished() == ((made.dataset, made.reading),)
        register.publish(manifest)
    assert warehouse.manifests() == (manifest,)
    assert warehouse.unfinished() == ()


def test_sequence_numbers_rise_across_datasets(warehouse):
    numbers = [
        deliver(warehouse, name, JANUARY, 3, dataset=dataset).sequence
        for name, dataset in (("a", "police_incidents"), ("b", "ed_assaults"), ("c", "police_incidents"))
    ]
    assert numbers == [1, 2, 3]
    assert [manifest.sequence for manifest in warehouse.manifests("police_incidents")] == [1, 3]


def test_a_reading_prepared_before_another_was_published_is_refused(warehouse):
    first, second = _staged(warehouse, "first"), _staged(warehouse, "second")
    with warehouse.register() as register:
        early = register.prepare(first)
        register.publish(register.prepare(second))
        with pytest.raises(UpstanderError, match="prepare it again"):
            register.publish(early)


def test_manifests_can_be_asked_for_by_supplier(warehouse):
    deliver(warehouse, "a", JANUARY, 3)
    deliver(warehouse, "b", JANUARY, 3, supplier="police_uk")
    assert [manifest.supplier for manifest in warehouse.manifests(supplier="police_uk")] == ["police_uk"]


STEPS = ("sync_file", "sync_folder", "part_of", "write_whole")


@pytest.mark.parametrize("step", STEPS)
def test_a_run_killed_at_any_step_shows_nothing_and_runs_again(warehouse, monkeypatch, step):
    def killed(*_, **__):
        raise SystemExit("killed")

    before = deliver(warehouse, "before", JANUARY, 2)
    made = _staged(warehouse)
    with monkeypatch.context() as patch:
        patch.setattr(store, step, killed)
        with pytest.raises(SystemExit):
            warehouse.commit(made)
    assert warehouse.manifests() == (before,)
    assert warehouse.unfinished() == ((made.dataset, made.reading),)
    assert warehouse.commit(_staged(warehouse)) in warehouse.manifests()
    assert [manifest.sequence for manifest in warehouse.manifests()] == [1, 2]


def test_a_run_killed_inside_the_writing_of_the_manifest_shows_nothing(warehouse, monkeypatch):
    def killed(*_):
        raise SystemExit("killed")

    made = _staged(warehouse)
    with monkeypatch.context() as patch:
        patch.setattr(durable, "publish", killed)
        with pytest.raises(SystemExit):
            warehouse.commit(made)
    assert warehouse.manifests() == ()
    assert len(list(warehouse.folder(made.dataset, made.reading).iterdir())) == 2  # the part, and a temporary file
    assert warehouse.commit(_staged(warehouse)) in warehouse.manifests()


def test_staging_again_removes_what_a_killed_run_left(warehouse):
    made = _staged(warehouse)
    (warehouse.folder(made.dataset, made.reading) / "part-001.parquet").write_bytes(b"half")
    assert list(warehouse.stage(made.dataset, made.reading).iterdir()) == []


def test_a_reading_that_exists_can_be_neither_staged_nor_discarded(warehouse):
    made = warehouse.commit(_staged(warehouse))
    for change in (warehouse.stage, warehouse.discard):
        with pytest.raises(UpstanderError, match="exists"):
            change(made.dataset, made.reading)
    assert warehouse.manifests() == (made,)


def test_rows_that_do_not_add_up_are_never_published(warehouse):
    made = _staged(warehouse)
    pl.DataFrame({"x": [1]}).write_parquet(warehouse.folder(made.dataset, made.reading) / "part-001.parquet")
    with pytest.raises(UpstanderError, match="32 rows lie in its parts"):
        warehouse.commit(made)
    assert warehouse.manifests() == ()


def test_anything_but_parts_in_a_staged_folder_is_refused(warehouse):
    made = _staged(warehouse)
    (warehouse.folder(made.dataset, made.reading) / "names.csv").write_text("x")
    with pytest.raises(UpstanderError, match=r"names\.csv"):
        warehouse.commit(made)


def test_a_reading_without_accepted_rows_exists_all_the_same(warehouse):
    reading = short_id(["empty"])
    warehouse.stage("police_incidents", reading)
    made = warehouse.commit(facts(0, reading=reading, start=JANUARY, end=date(2026, 2, 1), outcome=Outcome.ROWQ))
    assert warehouse.manifests() == (made,)


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest | {"sequence": 7, "extra": 1},
        lambda manifest: {name: value for name, value in manifest.items() if name != "supplier"},
        lambda manifest: manifest | {"sequence": "1"},
        lambda manifest: manifest | {"delivers": None},
        lambda manifest: manifest | {"reading": "0" * 20},
    ],
)
def test_a_changed_manifest_is_refused(warehouse, change):
    made = warehouse.commit(_staged(warehouse))
    path = warehouse.folder(made.dataset, made.reading) / "manifest.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(BrokenReading, match=made.reading):
        warehouse.manifests()


@pytest.mark.parametrize("spoil", [lambda p: p.unlink(), lambda p: p.write_bytes(p.read_bytes()[:-1])])
def test_a_missing_or_short_part_is_named(warehouse, spoil):
    made = warehouse.commit(_staged(warehouse))
    spoil(warehouse.folder(made.dataset, made.reading) / "part-000.parquet")
    with pytest.raises(BrokenReading, match=r"part-000\.parquet"):
        warehouse.manifests()


def test_a_part_that_the_manifest_does_not_name_is_noticed(warehouse):
    made = warehouse.commit(_staged(warehouse))
    pl.DataFrame({"x": [1]}).write_parquet(warehouse.folder(made.dataset, made.reading) / "part-009.parquet")
    with pytest.raises(BrokenReading, match=r"part-009\.parquet"):
        warehouse.manifests()


def test_every_damaged_reading_is_listed_and_a_sound_one_is_not(warehouse):
    sound, flipped, short = (deliver(warehouse, name, JANUARY, 3) for name in ("a", "b", "c"))
    assert warehouse.damaged() == ()
    path = warehouse.folder(flipped.dataset, flipped.reading) / "part-000.parquet"
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)  # the size stays as it was
    (warehouse.folder(short.dataset, short.reading) / "part-000.parquet").unlink()
    told = " ".join(str(fault) for fault in warehouse.damaged())
    assert flipped.reading in told
    assert short.reading in told
    assert sound.reading not in told


def test_a_home_whose_path_is_a_pattern_is_refused(tmp_path):
    with pytest.raises(WrongUsage, match="pattern"):
        Warehouse(tmp_path / "home[1]")


@pytest.mark.parametrize("name", ["../x", "a/b", "", "A"])
def test_a_name_cannot_lead_out_of_the_warehouse(warehouse, name):
    with pytest.raises(UpstanderError, match="cannot name"):
        warehouse.stage("police_incidents", name)
