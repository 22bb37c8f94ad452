"""The method runner: what each method declares, what it refuses, and its published results."""

import json

import numpy as np
import polars as pl
import pytest

from upstander.analysis import methods
from upstander.analysis.errors import MissingColumn, TooFewPoints, UnfitNumbers, WrongOrder, WrongType
from upstander.analysis.methods import Result, describe
from upstander.contracts.methods import OTHERS
from upstander.errors import NotAcceptable, WrongUsage
from upstander.pipeline.methods import ALL

WEEKS = {"y": ["12", "14", "11", "13"]}
EVENTS = {"local": ["2024-04-06T21:15", "2024-04-07 01:59:30"]}


def run(name: str, params: dict | None = None, **inputs: dict | pl.DataFrame) -> Result:
    frames = {role: pl.DataFrame(frame) for role, frame in inputs.items()}
    return methods.run(ALL[name], frames, params or {}, seed=1)


def rows_of(result: Result) -> pl.DataFrame:
    return pl.DataFrame(list(result.rows), infer_schema_length=None)


@pytest.mark.parametrize("method", ALL.values(), ids=ALL)
def test_every_method_says_its_source_and_what_each_column_means(method):
    assert method.source
    columns = [column for role in method.inputs.values() for column in role]
    assert [each for each in (*columns, *method.params, *method.outputs) if not each.means] == []


@pytest.mark.parametrize("method", ALL.values(), ids=ALL)
def test_every_description_is_plain_json_of_the_agreed_shape(method):
    shown = json.loads(json.dumps(describe(method)))
    assert list(shown) == ["name", "version", "source", "inputs", "params", "output"]
    assert all(list(param) == ["name", "type", "unit", "default", "min", "max"] for param in shown["params"])
    assert all(
        list(each) == ["column", "type", "unit", "required"] for role in shown["inputs"].values() for each in role
    )


@pytest.mark.parametrize("method", ALL.values(), ids=ALL)
def test_every_default_lies_within_its_own_bounds(method):
    for param in method.params:
        assert param.least is None or param.least <= param.default <= param.most
        assert not param.choices or param.default in param.choices


def test_a_result_is_json_with_absent_as_null_and_dates_as_iso():
    shown = run("temporal_windows", events={"local": ["2024-04-07T12:00"]}).as_json()
    assert json.loads(json.dumps(shown, allow_nan=False))["rows"] == [
        {"local": "2024-04-07T12:00:00", "calendar_dow": "Sunday", "hour": 12, "in_hours": False, "night_of": None,
         "night": None, "in_window": False}
    ]  # fmt: skip
    assert shown["parameters"] == {"window": "Sat 20:00-02:00"}


def test_a_value_that_does_not_exist_is_null_not_nan():
    cells = {"i": range(9), "value": [1] * 9, "column": [0, 1, 2] * 3, "row": [0, 0, 0, 1, 1, 1, 2, 2, 2]}
    assert run("gi_star", values=cells).as_json()["rows"][0]["gi_star_z"] is None


def test_seconds_blanks_and_other_columns_are_no_obstacle():
    result = run("temporal_windows", events={"note": ["x", "y"], **EVENTS})
    assert [row["in_window"] for row in result.rows] == [True, True]


@pytest.mark.parametrize(
    ("wrong", "inputs", "where"),
    [
        (MissingColumn, {"events": {"when": ["2024-04-06T21:15"]}}, "events, column local"),
        (WrongType, {"events": {"local": ["2024-04-06T21:15", "2024-04-06T24:05"]}}, "events, row 2, column local"),
        (WrongType, {"events": {"local": ["2024-04-06"]}}, "events, row 1, column local"),
        (NotAcceptable, {"events": {"local": ["2024-04-06T21:15", "NA"]}}, "events, row 2, column local"),
    ],
)
def test_an_input_that_does_not_fit_is_refused_with_the_place(wrong, inputs, where):
    with pytest.raises(wrong) as refused:
        run("temporal_windows", **inputs)
    assert refused.value.where == where
    assert refused.value.expected
    assert refused.value.exit_code == 3


def test_a_value_that_cannot_be_read_is_not_quoted():
    with pytest.raises(WrongType) as refused:
        run("spc_xmr_nhs_making_data_count", series={"y": ["12", "Jane Doe"]})
    assert "Jane" not in str(refused.value.facts())


def test_counts_that_are_not_whole_are_refused():
    with pytest.raises(WrongType, match="row 2: count is not a whole number"):
        run("rank_intervals", counts={"place": ["a", "b", "c"], "count": ["1", "2.5", "3"]})


def test_too_few_points_are_refused_with_how_many_are_needed():
    with pytest.raises(TooFewPoints) as refused:
        run("rank_intervals", counts={"place": ["a", "b"], "count": ["1", "2"]})
    assert refused.value.expected == "3 points or more"


@pytest.mark.parametrize(
    ("name", "values"),
    [("i", ["1", "3", "2", "4"]), ("date", ["2025-01-06", "2025-01-20", "2025-01-13", "2025-01-27"])],
)
def test_a_series_out_of_order_is_refused_with_the_point(name, values):
    with pytest.raises(WrongOrder) as refused:
        run("spc_xmr_nhs_making_data_count", series={**WEEKS, name: values})
    assert refused.value.where.endswith("point 3")


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"windows": "Sat 20:00-02:00"}, "no parameter 'windows'"),
        ({"window": "Sat"}, "not a window"),
    ],
)
def test_a_parameter_that_is_not_there_or_off_is_wrong_usage(params, says):
    with pytest.raises(WrongUsage, match=says) as refused:
        run("temporal_windows", params, events=EVENTS)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("baseline_points", "-1", "0 to 1000"), ("baseline_points", "twelve", "a whole number"),
        ("screen_outliers", "perhaps", "true or false"), ("better", "sideways", "down, up, neutral"),
        ("rebase", "2025-01-06", "2025-04-01 new recording system; …"),
    ],
)  # fmt: skip
def test_a_parameter_out_of_bounds_is_refused_with_its_bounds(name, text, expected):
    with pytest.raises(WrongUsage) as refused:
        run("spc_xmr_nhs_making_data_count", {name: text}, series=WEEKS)
    assert refused.value.expected == expected


def test_a_role_that_is_missing_or_unknown_is_wrong_usage():
    with pytest.raises(WrongUsage, match="needs an input for 'events'"):
        run("temporal_windows")
    with pytest.raises(WrongUsage, match="no input 'victims'"):
        run("temporal_windows", victims=EVENTS)


def test_new_limits_are_asked_for_with_date_and_reason():
    dates = ["2025-01-06", "2025-01-13", "2025-01-20", "2025-01-27"]
    result = run(
        "spc_xmr_nhs_making_data_count",
        {"rebase": "2025-01-20 second site"},
        series={"y": [1, 2, 31, 32], "date": dates},
    )
    assert [row["baseline"] for row in result.rows] == [1, 1, 2, 2]
    assert "New limits from 2025-01-20: second site." in result.warnings


def test_squares_need_no_list_of_neighbours():
    column, row = (axis.ravel() for axis in np.indices((10, 10)))
    value = np.where((abs(column - 5) <= 1) & (abs(row - 5) <= 1), 9, 1)
    result = run("gi_star", values={"i": range(100), "value": value, "column": column, "row": row})
    assert result.summary["places"] == 1
    assert result.summary["p_hot_is"] == "exact"
    assert {row["place"] for row in result.rows if row["is_hot"]} == {1}


def test_a_neighbour_that_is_no_cell_is_refused_with_its_row():
    values = {"i": [str(cell) for cell in range(9)], "value": range(9)}
    with pytest.raises(UnfitNumbers) as refused:
        run("gi_star", values=values, neighbours={"i": ["0", "1"], "j": ["1", "99"]})
    assert refused.value.where == "neighbours, row 2"
    with pytest.raises(MissingColumn, match="column and row of each square"):
        run("gi_star", values=values)


def test_places_come_back_in_order_of_rank_under_their_own_names():
    result = run("rank_intervals", counts={"place": ["quiet", "busy", "middling"], "count": ["5", "500", "50"]})
    assert [(row["place"], row["rank"]) for row in result.rows] == [("busy", 1), ("middling", 2), ("quiet", 3)]


def test_default_times_are_found_in_a_list_of_times():
    times = [f"2024-04-06T{minute // 60:02d}:{minute % 60:02d}" for minute in range(0, 1440, 3)]
    result = run("default_time_spikes", events={"local": times + ["2024-04-06T00:00"] * 80})
    assert [(row["at"], row["kind"]) for row in result.rows] == [("00:00", "default")]
    assert result.summary["share_defaulted"] == pytest.approx(80 / 560, abs=0.02)


@pytest.mark.parametrize("name", ["gi_star", "rank_intervals"])
def test_the_same_seed_gives_the_same_bytes(name):
    values = np.random.default_rng(5).gamma(2, 2, 36)
    column, row = (axis.ravel() for axis in np.indices((6, 6)))
    inputs = {
        "gi_star": {"values": {"i": range(36), "value": values, "column": column, "row": row}},
        "rank_intervals": {"counts": {"place": range(36), "count": values.astype(int)}},
    }
    assert json.dumps(run(name, **inputs[name]).as_json()) == json.dumps(run(name, **inputs[name]).as_json())


def test_columns_that_only_a_parameter_names_are_kept_as_they_are_and_said_to_be():
    people = {
        "week": [5, 9, 3, 8],
        "arrest": [1, 0, 1, 1],
        "age": ["19", "31", "22", "40"],
        "note": ["a", "b", "", "d"],
    }
    result = run("survival_recidivism", {"covariates": "age", "table": "cox"}, cohort=people)
    assert [row["term"] for row in result.rows] == ["age"]
    shown = {each["column"]: each["type"] for each in describe(ALL["survival_recidivism"])["inputs"]["cohort"]}
    assert shown["*"] == "any"


@pytest.mark.parametrize("method", ALL.values(), ids=ALL)
def test_the_columns_that_no_other_names_stand_last(method):
    for columns in method.inputs.values():
        assert OTHERS not in [column.name for column in columns[:-1]]
