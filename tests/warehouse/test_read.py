"""Reading takes an Allowed, and gives what it grants: these suppliers, fields, rows and days, and no other."""

from datetime import date, timedelta

import duckdb
import polars as pl
import pytest

from upstander.contracts.asking import Purpose
from upstander.errors import WrongUsage
from upstander.values.canonical import short_id
from upstander.values.periods import Period
from upstander.warehouse import NothingHeld, SumsTwice, Warehouse
from upstander.warehouse.errors import GrantEnded
from warehouse.county import AT, FIELDS, MASTER, allowed, deliver, person_tokens, rows

JANUARY = date(2026, 1, 1)


@pytest.fixture
def warehouse(tmp_path):
    return Warehouse(tmp_path / "o'home a=b")


def _read(warehouse, answer, **other) -> pl.DataFrame:
    return warehouse.read(answer, secrets=lambda _: MASTER, **other).to_polars()


def _by_reading(frame):
    return dict(frame.group_by("reading").len().iter_rows())


def _with_people(name, people, **other):
    frame = rows(short_id([name]), JANUARY, len(people))
    made = [person_tokens([person], **other)[0] if person else person for person in people]
    return frame.with_columns(person_token=pl.Series(made, dtype=pl.String))


def test_only_the_granted_fields_come_out(warehouse):
    deliver(warehouse, "a", JANUARY, 3)
    assert _read(warehouse, allowed(fields=("offence_code",))).columns == ["offence_code", "supplier", "reading"]


def test_each_row_says_its_supplier_and_reading(warehouse):
    made = [deliver(warehouse, name, JANUARY + timedelta(days=10 * n), 3, each=2) for n, name in enumerate("ab")]
    frame = _read(warehouse, allowed())
    assert _by_reading(frame) == {manifest.reading: 6 for manifest in made}
    assert frame["supplier"].unique().to_list() == ["fenmoor_police"]


def test_only_granted_suppliers_are_read(warehouse):
    deliver(warehouse, "a", JANUARY, 3)
    deliver(warehouse, "b", JANUARY, 5, supplier="elsewhere_police")
    assert _read(warehouse, allowed("elsewhere_police")).height == 5
    assert _read(warehouse, allowed("elsewhere_police", "fenmoor_police")).height == 8


def test_a_grant_of_any_supplier_reads_all_that_are_held(warehouse):
    deliver(warehouse, "a", JANUARY, 3)
    deliver(warehouse, "b", JANUARY, 5, supplier="elsewhere_police")
    assert set(_read(warehouse, allowed("*"))["supplier"]) == {"fenmoor_police", "elsewhere_police"}


def test_row_conditions_are_met_by_every_row(warehouse):
    frame = rows("x", JANUARY, 4).with_columns(offence_code=pl.Series(["8N", "5D", None, "8N"]))
    deliver(warehouse, "a", JANUARY, 4, frame=frame)
    conditions = (("offence_code", ("8N",)), ("sex", ("female", "male")))
    assert _read(warehouse, allowed(where=conditions))["offence_code"].to_list() == ["8N", "8N"]
    assert _read(warehouse, allowed(where=(("sex", ("male",)),))).height == 0


def test_a_newer_delivery_takes_the_days_it_covers_and_no_others(warehouse):
    old = deliver(warehouse, "old", JANUARY, 31)
    new = deliver(warehouse, "new", date(2026, 1, 10), 5, each=3)
    frame = _read(warehouse, allowed())
    assert _by_reading(frame) == {old.reading: 26, new.reading: 15}
    kept = frame.filter(pl.col("reading") == old.reading)["event_from_local"].dt.date()
    assert not kept.is_between(date(2026, 1, 10), date(2026, 1, 14)).any()


def test_a_late_evening_belongs_to_its_own_local_day(warehouse):
    frame = rows("x", JANUARY, 1).with_columns(event_from_local=pl.lit("2026-01-09 23:59:59").str.to_datetime())
    deliver(warehouse, "old", JANUARY, 31, frame=frame)
    deliver(warehouse, "new", date(2026, 1, 10), 5)
    assert _read(warehouse, allowed()).height == 6


def test_a_period_keeps_its_days_only(warehouse):
    deliver(warehouse, "a", JANUARY, 31)
    frame = _read(warehouse, allowed(), period=Period.parse("2026-W02"))
    assert frame["event_from_local"].dt.date().unique().sort().to_list() == [
        date(2026, 1, 5) + timedelta(days=day) for day in range(7)
    ]


def test_the_counted_date_need_not_be_granted(warehouse):
    deliver(warehouse, "old", JANUARY, 31)
    deliver(warehouse, "new", date(2026, 1, 10), 5)
    frame = _read(warehouse, allowed(fields=("sex",)), period=Period.parse("2026-01"))
    assert (frame.height, frame.columns) == (31, ["sex", "supplier", "reading"])


def test_suppliers_that_report_the_same_events_are_never_summed(warehouse):
    deliver(warehouse, "a", JANUARY, 3)
    deliver(warehouse, "b", JANUARY, 3, supplier="police_uk", counts_same_events_as=("fenmoor_police",))
    with pytest.raises(SumsTwice, match="police_uk and fenmoor_police"):
        _read(warehouse, allowed("fenmoor_police", "police_uk"))
    assert _read(warehouse, allowed("police_uk")).height == 3


@pytest.mark.parametrize(("seconds", "is_read"), [(1, True), (0, False), (-1, False)])
def test_a_grant_that_has_ended_is_refused_again(warehouse, seconds, is_read):
    deliver(warehouse, "a", JANUARY, 3)
    answer = allowed(until=AT + timedelta(seconds=seconds))
    if is_read:
        assert _read(warehouse, answer).height == 3
    else:
        with pytest.raises(GrantEnded, match="ended at"):
            _read(warehouse, answer)


def test_a_grant_of_a_supplier_nobody_asked_for_is_refused(warehouse):
    deliver(warehouse, "a", JANUARY, 3)
    with pytest.raises(GrantEnded, match="does not fit"):
        _read(warehouse, allowed(asked=("police_uk",)))


def test_nothing_held_is_said_and_is_not_zero(warehouse):
    with pytest.raises(NothingHeld, match="fenmoor_police"):
        _read(warehouse, allowed())
    deliver(warehouse, "b", JANUARY, 5, supplier="elsewhere_police")
    with pytest.raises(NothingHeld):
        _read(warehouse, allowed())


def test_an_unknown_field_is_named(warehouse):
    deliver(warehouse, "a", JANUARY, 3)
    with pytest.raises(WrongUsage, match="no column surname"):
        _read(warehouse, allowed(fields=("surname",)))


def test_a_column_that_only_newer_readings_have_is_missing_in_the_older_ones(warehouse):
    deliver(warehouse, "a", JANUARY, 3)
    deliver(warehouse, "b", date(2026, 2, 1), 3, frame=rows("b", date(2026, 2, 1), 3, beat="F1"))
    assert _read(warehouse, allowed(fields=("beat",)))["beat"].null_count() == 3


def test_a_reader_never_sees_a_stored_token(warehouse):
    deliver(warehouse, "a", JANUARY, 3, frame=_with_people("a", ["kim", "lee", "kim"]))
    shown = _read(warehouse, allowed(fields=("person_token",)))["person_token"]
    assert shown[0] == shown[2] != shown[1]
    assert not set(shown) & set(person_tokens(["kim", "lee"]))
    assert all(token.startswith("u1.") for token in shown)


def test_two_readers_extracts_do_not_join(warehouse):
    deliver(warehouse, "a", JANUARY, 3, frame=_with_people("a", ["kim", "lee", "kim"]))
    views = [
        set(_read(warehouse, allowed(fields=("person_token",), agreement=agreement, purpose=purpose))["person_token"])
        for agreement in ("pact", "other")
        for purpose in (Purpose.STRATEGIC, Purpose.OPERATIONAL)
    ]
    assert len(set.union(*views)) == sum(map(len, views)) == 8


def test_the_same_reader_sees_the_same_tokens_again(warehouse):
    deliver(warehouse, "a", JANUARY, 2, frame=_with_people("a", ["kim", "lee"]))
    deliver(warehouse, "b", date(2026, 2, 1), 2, frame=_with_people("b", ["lee", "kim"]))
    first, second = (_read(warehouse, allowed(fields=("person_token",))) for _ in range(2))
    assert first.equals(second)
    assert first["person_token"].n_unique() == 2


def test_an_empty_token_stays_empty(warehouse):
    deliver(warehouse, "a", JANUARY, 3, frame=_with_people("a", ["kim", "", None]))
    shown = _read(warehouse, allowed(fields=("person_token",)))["person_token"].to_list()
    assert [token is None or token == "" for token in shown] == [False, True, True]
    assert shown[1:] == ["", None]


def test_a_new_key_epoch_gives_new_views(warehouse):
    deliver(warehouse, "a", JANUARY, 1, frame=_with_people("a", ["kim"], epoch="1"))
    deliver(warehouse, "b", date(2026, 2, 1), 1, frame=_with_people("b", ["kim"], epoch="2"), key_epoch="2")
    assert _read(warehouse, allowed(fields=("person_token",)))["person_token"].n_unique() == 2


def test_the_engine_opens_nothing_but_the_readings_it_was_given(warehouse, tmp_path):
    deliver(warehouse, "a", JANUARY, 3)
    other = deliver(warehouse, "b", JANUARY, 3, supplier="elsewhere_police")
    (tmp_path / "secret.csv").write_text("name\nKim\n")
    secret_part = warehouse.folder(other.dataset, other.reading) / "part-000.parquet"
    table = warehouse.read(allowed(), secrets=lambda _: MASTER)
    engine = table.get_backend()
    for attempt in (
        f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
        "SELECT * FROM read_parquet('" + str(secret_part).replace("'", "''") + "')",
        f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
        "SET enable_external_access = true",
        "SET allowed_paths = []",
        "INSTALL httpfs",
    ):
        with pytest.raises(duckdb.Error):
            engine.raw_sql(attempt)
    assert table.count().execute() == 3


def test_rows_come_in_the_same_order_every_time(warehouse):
    for n, name in enumerate("abcd"):
        deliver(warehouse, name, JANUARY + timedelta(days=7 * n), 10)
    assert _read(warehouse, allowed(fields=("row_id", *FIELDS))).equals(
        _read(warehouse, allowed(fields=("row_id", *FIELDS)))
    )
