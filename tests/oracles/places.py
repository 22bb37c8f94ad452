"""Where and when: windows, aoristic hours, Gi*, concentration, accuracy, near-repeats."""

from collections.abc import Iterator

import polars as pl

from oracles.asking import answer
from oracles.comparing import Compared, labels, numbers
from oracles.reading import as_numbers


def windows() -> Iterator[Compared]:
    path = "temporal_windows/input_expected.csv"
    found, wanted = answer("temporal_windows", {"events": path}).rows, as_numbers(path)
    for column in ("calendar_dow", "hour", "night_of"):
        yield labels(column, found[column], wanted[column])
    yield labels("20:00 to 02:00", found["in_hours"].cast(pl.Int64), wanted["in_20_02"])
    yield labels("Saturday 20:00 to 02:00", found["in_window"].cast(pl.Int64), wanted["saturday_2000_0200"])


def aoristic() -> Iterator[Compared]:
    found = answer("aoristic", {"events": "aoristic/input.csv"}).rows.with_columns(pl.col("id").cast(pl.Int64))
    wanted = as_numbers("aoristic/expected_weights.csv")
    key = ("id", "hour_of_week_sun0")
    yield labels("event and hour of the week", found.select(key).rows(), wanted.select(key).rows())
    yield numbers("weight", found["weight"], wanted["weight"], within=1e-9)
    sums = found.group_by("id").agg(pl.col("weight").sum())["weight"]
    yield numbers("sum of an event", sums, [1.0] * len(sums), within=1e-9)


def gi_star() -> Iterator[Compared]:
    inputs = {"values": "gi_star/input.csv", "neighbours": "gi_star/queen_neighbours.csv"}
    wanted = as_numbers("gi_star/expected.csv")
    told = answer("gi_star", inputs, {"value": "rate74"})
    for column in ("gi_star_z", "gi_z", "p_two_sided", "p_fdr_bh", "p_bonf"):
        yield numbers(column, told.rows[column], wanted[column], within=1e-10)
    yield labels("counties", told.rows["i"].cast(pl.Int64), wanted["i"])
    yield labels("links", [told.summary["links"]], [490])
    permuted = answer("gi_star_permutations", inputs, {"value": "rate74"}).rows
    for column in ("gi_star_z", "gi_z"):
        yield numbers(f"gi_star_permutations: {column}", permuted[column], wanted[column], within=1e-10)


def concentration() -> Iterator[Compared]:
    found = answer("gini_generalised", {"places": "gini_generalised/input.json"}).rows
    wanted = as_numbers("gini_generalised/expected.csv")
    for column in wanted.columns[1:]:
        yield numbers(column, found[column], wanted[column], within=1e-12)
    yield labels("case", found["case"], wanted["case"])


def accuracy() -> Iterator[Compared]:
    for case in "ab":
        wanted = as_numbers(f"pai_pei/expected_{case}.csv")
        found = answer("pai_pei", {"places": f"pai_pei/input_{case}.csv"}).rows
        yield labels(f"{case}: order of places", found["id"].cast(pl.Int64), wanted["id"])
        for column in wanted.drop("id").columns:
            yield numbers(f"{case}: {column}", found[column], wanted[column], within=1e-9)


def knox() -> Iterator[Compared]:
    """A share of 999 permutations of another random stream is some 0.01 away by chance alone."""
    found = answer("knox", {"events": "knox/input.csv"}, {"eps_s": "10,25,50", "eps_t": "7,14,30"}).rows
    wanted = as_numbers("knox/expected.csv")
    key = ("eps_s", "eps_t", "observed")
    yield labels("pairs observed", found.select(key).rows(), wanted.select(key).rows())
    yield numbers("expected", found["expected"], wanted["expected"], within=1e-9)
    yield numbers("p_poisson", found["p_poisson"], wanted["p_poisson"], within=1e-6)
    yield numbers("p_perm", found["p_perm"], wanted["p_perm999"], within=0.02)
