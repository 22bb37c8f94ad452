"""Linkage of records by keyed tokens and what stands beside them, by Splink on DuckDB.

Only for records that one grant lets stand together. A value that is missing says nothing for or against a link.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from upstander.analysis.errors import TooFewPoints, UnfitNumbers

FIELDS = ("token", "age_band", "sex", "sector", "date")
_FEWEST = 20
_ROUNDS = 25  # where links always agree, each round shrinks the chance that they do not, until no number can hold it
_RARE = ("token", "sector", "age_band")  # agreement on a rare value counts for more
_BLOCKS: tuple[tuple[str, ...], ...] = (("token",), ("date", "sector"), ("date", "age_band", "sex"))
_TRAINED_IN: tuple[tuple[str, ...], ...] = (("date",), ("sector", "sex"))


@dataclass(frozen=True)
class Linkage:
    """Pairs with a probability, who belongs together, and the parameters that say why.

    pairs: `first_source`, `first_id`, `second_source`, `second_id`, `probability`, `weight` (log2 odds), `cluster`
    (numbered from 1 in the order of the pairs). parameters: `column`, `level`, `m`, `u`; null where the records could
    not teach it. share: probability that two records drawn at random are a link.
    """

    pairs: pl.DataFrame
    parameters: pl.DataFrame
    share: float


def link(
    records: pl.DataFrame, *, within_source: bool = False, least: float = 0.9, recall: float = 0.7, seed: int = 0
) -> Linkage:
    """Link records that may be of one person and one event.

    records: `source`, `id` (unique in its source), and any of token, age_band, sex, sector (text) and date (Date), each
    with gaps. within_source: whether two records of one source may be links. least: probability from which a pair is
    given. recall: share of true links that share a token, from which the first guess of their number is made.
    u by random sampling, m by EM in two passes with different blocking, rare values counted for more. One thread,
    sorted tables, and the seed make the same answer every time.
    Raises TooFewPoints under 20 records, UnfitNumbers where fewer than three fields are given, an id repeats or the
    records cannot teach what a link looks like.
    Sources: Fellegi and Sunter 1969; Winkler 1988; Linacre and others, International J. Population Data Science 7(3),
    2022 (Splink).
    """
    fields = _checked(records)
    table = _sorted(records, fields)
    linker = _linker(table, fields, within_source=within_source)
    _train(linker, fields, recall=recall, seed=seed)
    found = linker.inference.predict(threshold_match_probability=least).as_duckdbpyrelation().pl()
    return Linkage(_pairs(found, table), _parameters(linker), _share(linker))


def _checked(records: pl.DataFrame) -> list[str]:
    fields = [name for name in FIELDS if name in records.columns and records[name].null_count() < records.height]
    if records.height < _FEWEST:
        raise TooFewPoints(where="records", found=records.height, needed=_FEWEST)
    if len(fields) < 3:
        raise UnfitNumbers(
            "Linkage needs three fields or more to tell links from chance.",
            where="records", found=", ".join(fields) or "no field", expected=f"three of {', '.join(FIELDS)}",
        )  # fmt: skip
    if records.select("source", "id").is_duplicated().any():
        raise UnfitNumbers("An id stands twice in its source.", where="records, column id", expected="each id once")
    return fields


def _sorted(records: pl.DataFrame, fields: Sequence[str]) -> pl.DataFrame:
    """Rows in one order whatever the file's; dates as days, so that near ones can be told."""
    ordered = records.sort("source", "id").select("source", "id", *fields).with_row_index("record")
    if "date" in fields:
        ordered = ordered.with_columns(pl.col("date").cast(pl.Date).dt.epoch("d"))
    return ordered.with_columns(pl.col("record").cast(pl.Int64))


def _linker(table: pl.DataFrame, fields: Sequence[str], *, within_source: bool) -> Any:
    from splink import Linker, SettingsCreator, block_on

    api = _database()
    names = [f"{name}_s" for name in table["source"].unique().sort().to_list()]
    parts = table.partition_by("source", maintain_order=True)
    frames = [table] if within_source else parts
    sets = [
        api.register(frame.to_arrow(), dataset_display_name=name) for frame, name in zip(frames, names, strict=False)
    ]
    settings = SettingsCreator(
        link_type="dedupe_only" if within_source or len(parts) == 1 else "link_only",
        unique_id_column_name="record",
        comparisons=[_comparison(name) for name in fields],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in _usable(_BLOCKS, fields)],
        retain_matching_columns=False,
        em_convergence=1e-6,
        max_iterations=_ROUNDS,
    )
    return Linker(sets, settings, log_level="ERROR")


def _database() -> Any:
    """A database in memory whose every table lies in one order.

    DuckDB hands on the rows of a join in an order that is not always the same, even on one thread; sums over them then
    differ in their last digits, and a sample takes other rows.
    """
    from splink import DuckDBAPI

    class InOneOrder(DuckDBAPI):
        def _setup_for_execute_sql(self, sql: str, physical_name: str) -> str:
            ordered = f"FROM ({sql}) ORDER BY ALL"
            return str(super()._setup_for_execute_sql(ordered, physical_name))

    api = InOneOrder(":memory:")
    api.duckdb_con.execute("SET threads = 1")
    return api


def _comparison(name: str) -> Any:
    import splink.comparison_library as library
    from splink.internals import comparison_level_library as levels

    if name == "date":
        return library.CustomComparison(
            output_column_name="date",
            comparison_levels=[
                levels.NullLevel("date"), levels.ExactMatchLevel("date"),
                levels.CustomLevel("abs(date_l - date_r) <= 1", "a day apart"), levels.ElseLevel(),
            ],
        )  # fmt: skip
    return library.ExactMatch(name).configure(term_frequency_adjustments=name in _RARE)


def _usable(rules: Sequence[tuple[str, ...]], fields: Sequence[str]) -> list[tuple[str, ...]]:
    """The rules whose fields are there; where none is, each field by itself."""
    return [rule for rule in rules if set(rule) <= set(fields)] or [(name,) for name in fields]


def _train(linker: Any, fields: Sequence[str], *, recall: float, seed: int) -> None:
    from splink import block_on

    sure = [block_on("token")] if "token" in fields else [block_on(*fields)]
    training = linker.training
    training.estimate_probability_two_random_records_match(sure, recall=recall)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=seed + 1, num_chunks=1)
    for rule in _usable(_TRAINED_IN, fields)[:2]:
        try:
            training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
        except ValueError as why:  # a chance below 1e-300, which Splink refuses
            raise UnfitNumbers(
                "These records cannot teach what a link looks like.", where=f"records alike in {', '.join(rule)}",
                found="a field in which links would never differ", expected="another choice of fields",
            ) from why  # fmt: skip


def _pairs(found: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ordered = found.select(
        first=pl.min_horizontal("record_l", "record_r"), second=pl.max_horizontal("record_l", "record_r"),
        probability="match_probability", weight="match_weight",
    ).sort("first", "second")  # fmt: skip
    one, other = (ordered[name].to_numpy() for name in ("first", "second"))
    graph = coo_array((np.ones(one.size), (one, other)), shape=(table.height, table.height))
    _, component = connected_components(graph, directed=False)
    _, first_at, number = np.unique(component[one], return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first_at)) + 1
    return pl.DataFrame({
        "first_source": table["source"].gather(one), "first_id": table["id"].gather(one),
        "second_source": table["source"].gather(other), "second_id": table["id"].gather(other),
        "probability": ordered["probability"], "weight": ordered["weight"],
        "cluster": pl.Series(rank[number] if one.size else [], dtype=pl.Int64),
    })  # fmt: skip


def _model(linker: Any) -> Mapping[str, Any]:
    made: Mapping[str, Any] = linker.misc.save_model_to_json()
    return made


def _parameters(linker: Any) -> pl.DataFrame:
    rows = [
        {"column": comparison["output_column_name"], "level": level.get("label_for_charts", ""),
         "m": level.get("m_probability"), "u": level.get("u_probability")}
        for comparison in _model(linker)["comparisons"] for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
    ]  # fmt: skip
    return pl.DataFrame(rows, schema={"column": pl.String, "level": pl.String, "m": pl.Float64, "u": pl.Float64})


def _share(linker: Any) -> float:
    return float(_model(linker)["probability_two_random_records_match"])
