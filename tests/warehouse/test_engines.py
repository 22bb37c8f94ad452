"""Two engines, one meaning: what DuckDB answers, Spark answers, to the type, the last bit and the released byte.

Each engine answers every question of `asked.py` once, in a process of its own, so that Java is gone when other tests
run. Without PySpark or Java its half is skipped; a strict run fails instead.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from datetime import date, datetime
from functools import partial
from pathlib import Path
from time import sleep

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.homes import made_once
from upstander.errors import WrongUsage
from upstander.pipeline.home import Settings, make_home, open_home
from upstander.warehouse import Warehouse, engine_maker
from upstander.warehouse.embedded import Embedded
from warehouse.asked import EDGES, IN_ORDER, OF_OTHERS, QUESTIONS, START, make, mixed
from warehouse.county import MASTER, allowed, deliver

ODD = "o'county offence_code=8N %41\\x"  # a path is a path: no quote, no column, no escape
STRICT = os.environ.get("UPSTANDER_STRICT") == "1"
_MISSING = [
    *([] if importlib.util.find_spec("pyspark") else ["PySpark"]),
    *([] if shutil.which("java") else ["Java"]),
]
# Only so many words are asked of Java that its second compiler costs more than it saves.
_ASKING = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1", "PYTHONWARNINGS": "ignore", "TZ": "Pacific/Auckland"}


def _answer(engine: str, folder: Path) -> None:
    """One engine's answers, and beside them what it printed, what it left behind, and whether Java ended."""
    nowhere = folder / f"beside {engine}"
    nowhere.mkdir()
    with subprocess.Popen(
        [sys.executable, Path(__file__).with_name("asked.py"), engine, folder],
        env={**os.environ, **_ASKING, "PYTHONPATH": os.pathsep.join(sys.path)}, cwd=nowhere,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    ) as ran:  # fmt: skip
        said, _ = ran.communicate()
    assert ran.returncode == 0, said
    beside = {"said": said, "left": [path.name for path in nowhere.iterdir()], "has_ended": _ends(ran.pid)}
    (folder / engine / "beside.json").write_text(json.dumps(beside))


def _ends(group: int) -> bool:
    """Whether every process of the group goes, with a minute's patience."""
    for _ in range(600):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        sleep(0.1)
    return False


def _both(made: Path) -> None:
    folder = made / ODD
    folder.mkdir()
    make(folder)
    _answer("duckdb", folder)
    if not _MISSING:
        _answer("spark", folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return made_once(tmp_path_factory, "engines", _both) / ODD


@pytest.fixture(params=["duckdb", "spark"])
def told(request, folder) -> Path:
    """What one engine answered."""
    if request.param == "spark":
        _need_spark()
    return folder / request.param


@pytest.fixture
def both(folder) -> tuple[Path, Path]:
    _need_spark()
    return folder / "duckdb", folder / "spark"


def _need_spark() -> None:
    if _MISSING and STRICT:
        pytest.fail(f"{' and '.join(_MISSING)} not installed, and strict tests want both engines")
    if _MISSING:
        pytest.skip(f"{' and '.join(_MISSING)} not installed here: the Spark half of the engine suite")


def _frame(told: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(told / f"{list(QUESTIONS).index(name):02d}.parquet")


def _types(told: Path, name: str) -> str:
    return (told / f"{list(QUESTIONS).index(name):02d}.schema").read_text()


def _same(one: pl.DataFrame, other: pl.DataFrame, *, in_order: bool) -> None:
    if not in_order:
        one, other = one.sort(pl.all()), other.sort(pl.all())
    assert_frame_equal(one, other, check_exact=True)


@pytest.mark.parametrize("name", QUESTIONS)
def test_both_engines_give_the_same_rows_and_types(both, name):
    one, other = (_frame(told, name) for told in both)
    assert one.height
    _same(one, other, in_order=name in IN_ORDER)
    assert _types(both[0], name) == _types(both[1], name)


@pytest.mark.parametrize(
    "change",
    [
        pl.col("hour").cast(pl.Int64),
        pl.col("event_from_local").cast(pl.Datetime("ns")),
        pl.col("minute").replace("00:00", "00:01"),
        pl.col("event_from_local") + pl.duration(microseconds=1),
        pl.col("minute").replace("00:00", None),
    ],
)
def test_a_difference_in_one_type_or_one_value_would_be_seen(folder, change):
    one = _frame(folder / "duckdb", "the clock")
    with pytest.raises(AssertionError):
        _same(one, one.with_columns(change), in_order=False)


def test_tables_that_are_released_are_the_same_bytes(both):
    one, other = ((told / "tables.json").read_bytes() for told in both)
    assert one == other
    shown = json.loads(one)
    assert {"areas", "months", "total", "joined"} == set(shown)
    assert all(cells["cells"] for cells, _ in shown.values())


def test_every_row_comes_out_as_it_was_stored(told):
    stored = mixed(900)
    found = _frame(told, "every field")
    same = [name for name in stored.columns if name not in ("incident_token", "person_token")]
    _same(found.select(same), stored.select(same), in_order=False)
    is_empty = pl.col("person_token").fill_null("") == ""
    assert found.filter(is_empty).select("row_id", "person_token").sort("row_id").equals(
        stored.filter(is_empty).select("row_id", "person_token").sort("row_id")
    )  # fmt: skip


def test_rows_are_those_of_the_readings_in_force(told):
    whole = _frame(told, "whole deliveries and two key epochs")
    day = pl.col("event_from_local").dt.date()
    is_left = (day.dt.year() == 2026) & ~day.is_between(date(2026, 3, 1), date(2026, 4, 29))
    left, later, epoch = mixed(40).filter(is_left).height, 60, 40
    assert 0 < left < 40
    assert whole.height == left + later + epoch
    increments = _frame(told, "increments, one without a column")
    assert (increments.height, increments["sex"].is_null().sum() >= 50) == (90, True)
    snapshots = _frame(told, "the newest snapshot of two suppliers")
    assert dict(snapshots.group_by("supplier").len().rows()) == {"as_it_is": 50, "rms": 900}


def test_tokens_of_two_epochs_never_meet_and_none_is_a_stored_one(told):
    whole = _frame(told, "whole deliveries and two key epochs").filter(pl.col("person_token").fill_null("") != "")
    by_epoch = whole.group_by(pl.col("event_from_local").dt.year() == 2027).agg(pl.col("person_token").unique())
    one, other = (set(tokens) for tokens in by_epoch["person_token"])
    assert {len(one), len(other)} == {2, 3}
    assert not one & other
    assert not (one | other) & set(mixed(40)["person_token"])


def test_row_conditions_and_the_period_are_met_by_every_row(told):
    found = _frame(told, "row conditions in a period")
    wanted = mixed(900).filter(
        pl.col("offence_code").is_in(["8N", "o'x\\y", "\U0001f600", ""]),
        pl.col("role") == "victim",
        pl.col("event_from_local").dt.date().is_between(date(2026, 4, 1), date(2026, 6, 30)),
    )
    assert sorted(found["row_id"]) == sorted(wanted["row_id"])


def test_dimensions_are_what_polars_makes_of_the_same_rows(told):
    found, stored = _frame(told, "every dimension"), mixed(900)
    assert found["incidents"].sum() == stored.height
    local, precision = pl.col("event_from_local"), pl.col("event_precision")
    dated, timed = precision.is_in(["minute", "hour", "day"]), precision.is_in(["minute", "hour"])
    labels = {
        "week": pl.when(dated).then(pl.format("{}-W{}", local.dt.iso_year(), local.dt.strftime("%V"))),
        "night": pl.when(timed).then((local - pl.duration(hours=6)).dt.date().cast(pl.String)),
        "month": pl.when(dated | (precision == "month")).then(local.dt.strftime("%Y-%m")),
        "hour": pl.when(timed).then(local.dt.strftime("%H")),
        "offence": pl.col("offence_code"),
    }
    for name, label in labels.items():
        wanted = stored.group_by(label.fill_null("not known").alias(name)).agg(incidents=pl.len().cast(pl.Int64))
        got = found.group_by(name).agg(pl.col("incidents").sum())
        _same(got, wanted, in_order=False)


def test_a_missing_value_a_nan_and_an_empty_text_are_three_things(told):
    found = _frame(told, "missing values")
    confidence = found["place_confidence"]
    assert found["has_confidence"].equals(confidence.is_not_null().alias("has_confidence"))
    assert found.filter(pl.col("place_confidence").is_nan())["has_confidence"].all()
    assert confidence.is_nan().sum() > 0
    assert found.filter(pl.col("sex") == "")["is_blank"].all()
    assert found.filter(pl.col("sex").is_null())["is_blank"].is_null().all()


def test_a_decimal_goes_to_the_nearest_integer_and_a_half_to_the_even_one(told):
    found = _frame(told, "missing values").join(mixed(900).select("row_id", "y_m"), on="row_id")
    nearest = dict(found.select("y_m", "nearest").unique().rows())
    assert nearest == {304500.0: 304, 304749.99: 305, 12.5: 0, 1e6: 1000}


def test_a_night_across_midnight_is_that_of_the_day_before(told):
    found = _frame(told, "a window across midnight")
    assert found["night"].dt.weekday().unique().to_list() == [6]
    after = found.filter(pl.col("event_from_local").dt.hour() < 2)
    assert after.height
    assert after.filter(pl.col("night") != pl.col("event_from_local").dt.date().dt.offset_by("-1d")).is_empty()


def test_clocks_that_are_put_back_or_forward_change_no_wall_clock(told):
    found = _frame(told, "the clock")
    held = set(found["event_from_local"])
    assert {datetime.fromisoformat(edge) for edge in EDGES} <= held


def test_more_threads_change_no_row_and_no_count_nor_the_order_of_counts(tmp_path):
    for number in range(24):
        deliver(
            Warehouse(tmp_path), f"bit {number}", START, 365, frame=mixed(2_000, seed=number),
            supplier="rms", delivers="increment",
        )  # fmt: skip
    asked = [name for name in QUESTIONS if name not in OF_OTHERS]
    one, four = (Warehouse(tmp_path, partial(Embedded, threads=threads)) for threads in (1, 4))
    for name in asked:
        _same(QUESTIONS[name](one).to_polars(), QUESTIONS[name](four).to_polars(), in_order=name in IN_ORDER)
    assert len(asked) == len(QUESTIONS) - len(OF_OTHERS)


def test_an_engine_prints_nothing_leaves_nothing_and_ends_with_the_program(told):
    beside = json.loads((told / "beside.json").read_text())
    beside["said"] = beside["said"].replace("Picked up JAVA_TOOL_OPTIONS: -XX:TieredStopAtLevel=1\n", "")
    assert beside == {"said": "", "left": [], "has_ended": True}


def test_a_home_without_pyspark_is_told_what_to_install(monkeypatch, folder):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.delitem(sys.modules, "upstander.warehouse.spark", raising=False)
    warehouse = Warehouse(folder / "home", engine_maker("spark", spark_master="local[1]"))
    with pytest.raises(WrongUsage, match="PySpark is not installed") as refused:
        warehouse.read(allowed("rms"), secrets=lambda _: MASTER)
    assert "upstander[spark]" in refused.value.expected


def test_a_home_without_java_is_told_so(monkeypatch, tmp_path):
    _need_spark()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(WrongUsage, match="Spark did not start") as refused:
        engine_maker("spark", spark_master="local[1]")()
    assert "Java 17" in refused.value.expected


def test_only_the_settings_of_a_home_choose_and_duckdb_is_what_they_say_unasked(tmp_path):
    assert make_home(tmp_path / "plain").settings.engine == "duckdb"
    chosen = make_home(tmp_path / "other", Settings(engine="spark", spark_master="spark://head:7077"))
    assert (chosen.settings.engine, chosen.settings.spark_master) == ("spark", "spark://head:7077")
    (tmp_path / "other" / "upstander.toml").write_text('engine = "sqlite"\n')
    with pytest.raises(WrongUsage, match="'duckdb' or 'spark'"):
        open_home(tmp_path / "other")
