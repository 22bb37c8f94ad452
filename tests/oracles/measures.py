"""Rates, process charts, costs and drift against what public health and its software publish."""

from collections.abc import Iterator

import polars as pl

from oracles.asking import answer
from oracles.comparing import Compared, labels, numbers
from oracles.reading import as_numbers, facts

_LIMITS = ("value", "lower95_0cl", "upper95_0cl", "lower99_8cl", "upper99_8cl")


def rates() -> Iterator[Compared]:
    folder = "rates_ci_byar_wilson_exact"
    for table, columns in (("crude_rate", _LIMITS), ("proportion", _LIMITS), ("byars_wilson", ("lowercl", "uppercl"))):
        found, wanted = answer(folder, {"counts": f"{folder}/{table}.csv"}).rows, as_numbers(f"{folder}/{table}.csv")
        for column in columns:
            yield numbers(f"{table}: {column}", found[column], wanted[column], within=1e-6, is_relative=True)
        if columns is _LIMITS:
            for column in ("method", "statistic"):
                yield labels(f"{table}: {column}", found[column], wanted[column])


def direct_rates() -> Iterator[Compared]:
    """The 99.8% limits of `testdata_1976` are on another multiplier in the source, and are left out."""
    esp2013, wanted = {"standard": "dsr_dobson/esp2013.csv"}, as_numbers("dsr_dobson/expected.csv")
    asked: tuple[tuple[str, int, dict[str, str]], ...] = (
        ("input_multiarea", 10_000, esp2013), ("input_multiarea", 100_000, esp2013),
        ("input_esp1976", 10_000, {}), ("input_esp1976", 100_000, {}),
        ("input_nonindependent_events", 100_000, esp2013),
    )  # fmt: skip
    for file, multiplier, standard in asked:
        inputs = {"events": f"dsr_dobson/{file}.csv", **standard}
        told = answer("dsr_dobson", inputs, {"multiplier": multiplier}).rows
        told = told.with_columns(pl.col("area").cast(pl.String).fill_null("testdata_1976"))
        # An area of fewer than ten events has no rate, and no multiplier.
        is_asked = pl.col("statistic").is_in([f"dsr per {multiplier}", "dsr NA for total count < 10"])
        pairs = told.join(wanted.filter(is_asked).unique("area"), "area", suffix="_theirs").sort("area")
        for column in ("area", "total_count", "method", "statistic"):
            theirs = pairs[f"{column}_theirs"] if column != "area" else told["area"].sort()
            yield labels(f"{file} per {multiplier}: {column}", pairs[column], theirs)
        for column in _LIMITS[:3] if file == "input_esp1976" else _LIMITS:
            theirs = pairs[f"{column}_theirs"]
            yield numbers(f"{file}: {column}", pairs[column], theirs, within=1e-6, is_relative=True)


def smoothing() -> Iterator[Compared]:
    folder = "empirical_bayes_smoothing"
    inputs = {"areas": f"{folder}/input_expected.csv", "neighbours": f"{folder}/queen_neighbours.csv"}
    told, wanted = answer(folder, inputs), as_numbers(f"{folder}/input_expected.csv")
    for column in ("raw", "eb_global", "eb_local"):
        yield numbers(column, told.rows[column], wanted[column], within=1e-10)
    parameters = facts(f"{folder}/parameters.json")
    yield numbers("a, b", [told.summary[name] for name in "ab"], [parameters[name] for name in "ab"], within=1e-12)
    yield labels("links", [told.summary["links"]], [490])


def process_charts() -> Iterator[Compared]:
    path = "spc_xmr_nhs_making_data_count/expected.csv"
    asked = (
        (("a_rnorm", "b_outlier_screened", "c_shift_trend", "d_two_of_three"), {}),
        (("b_outlier_unscreened",), {"screen_outliers": "false"}),
        (("c_fixed12",), {"baseline_points": 12}),
    )
    for cases, params in asked:
        is_asked = pl.col("case").is_in(cases)
        found = answer("spc_xmr_nhs_making_data_count", {"series": path}, params).rows.filter(is_asked)
        wanted = as_numbers(path).filter(is_asked)
        for column in ("mean", "lpl", "upl"):
            yield numbers(f"{', '.join(cases)}: {column}", found[column], wanted[column], within=1e-6)
        for column in ("case", "i", "special_cause", "point_type"):
            yield labels(f"{', '.join(cases)}: {column}", found[column], wanted[column])


def drift() -> Iterator[Compared]:
    wanted = facts("drift_psi_ks/expected.json")
    shares = {"p": wanted["cat"]["p"], "q": wanted["cat"]["q"]}
    inputs = {"reference": "drift_psi_ks/reference.csv", "current": "drift_psi_ks/current.csv", "shares": shares}
    told = answer("drift_psi_ks", inputs).summary
    names = ("psi", "ks", "ks_p_asymp")
    yield numbers(", ".join(names), [told[name] for name in names], [wanted[name] for name in names], within=1e-9)
    yield numbers("edges of tenths", told["decile_edges"], wanted["decile_edges"], within=1e-9)
    yield numbers("psi of shares", [told["psi_of_shares"]], [wanted["cat"]["psi"]], within=1e-9)


def unit_costs() -> Iterator[Compared]:
    """Homicide stands in the source as a sentence ("approx"): the method reads its number and says that it is loose."""
    path = "cost_benefit_unit_costs/unit_costs_2015_16_prices.csv"
    told = answer("cost_benefit_unit_costs", {"costs": path})
    wanted = as_numbers(path).with_columns(
        pl.col("unit_cost_gbp_2015_16").cast(pl.String).str.extract(r"(\d+)").cast(pl.Float64)
    )
    yield labels("offences", told.rows["offence"], wanted["offence"])
    yield numbers("unit costs", told.rows["unit_cost"], wanted["unit_cost_gbp_2015_16"], within=0)
    yield labels("prices of", [told.summary["base_year"]], ["2015/16"])
    yield labels("the loose one is named", [any("homicide" in said for said in told.warnings)], [True])
