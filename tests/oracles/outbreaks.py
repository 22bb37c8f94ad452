"""Is it rising: Farrington, EARS and the space–time scan against their reference implementations."""

from collections.abc import Iterator

import polars as pl

from oracles.asking import answer
from oracles.comparing import Compared, labels, numbers
from oracles.reading import as_numbers, facts

_SETTINGS: dict[str, dict[str, object]] = {
    "A_noufaily": {},
    "B_muan": {"threshold_method": "muan"},
    "C_original1996": {
        "threshold_method": "delta", "no_periods": 1, "weights_threshold": 1, "past_weeks_not_included": 3,
        "p_threshold_trend": 0.05, "alpha": 0.05,
    },
}  # fmt: skip


def farrington() -> Iterator[Compared]:
    series = {"series": "farrington_flexible/input_salmonella_agona.csv"}
    for setting, params in _SETTINGS.items():
        found = answer("farrington_flexible", series, {"b": 4, "range_from": 282, **params}).rows
        found = found.filter(pl.col("i") <= 312)
        wanted = as_numbers("farrington_flexible/expected.csv").filter(setting=setting)
        is_delta = setting.startswith("C")
        for column in ("i", "observed"):
            yield labels(f"{setting}: {column}", found[column], wanted[column])
        yield labels(f"{setting}: alarm", found["alarm"].cast(pl.Int64), wanted["alarm"])
        yield labels(f"{setting}: has a trend", found["trend"].is_null(), wanted["trend"].is_null())
        bound = "upperbound"
        yield numbers(f"{setting}: {bound}", found[bound], wanted[bound], within=1e-3 if is_delta else 0)
        for column in ("expected", "phi", "pvalue", *(() if is_delta else ("mu0",))):
            yield numbers(f"{setting}: {column}", found[column], wanted[column], within=1e-4)


def ears() -> Iterator[Compared]:
    for variant in ("C1", "C2", "C3"):
        for alpha in (0.05, 0.001):
            wanted = as_numbers("ears_c1c2c3/expected.csv").filter(method=variant, alpha=alpha)
            asked = {"method": variant, "alpha": alpha}
            found = answer("ears_c1c2c3", {"series": "ears_c1c2c3/input.csv"}, asked).rows.join(wanted.select("i"), "i")
            name = f"{variant} at {alpha}"
            yield numbers(f"{name}: upperbound", found["upperbound"], wanted["upperbound"], within=1e-6)
            yield labels(f"{name}: alarm", found["alarm"].cast(pl.Int64), wanted["alarm"])


def scan() -> Iterator[Compared]:
    """Twice: with the expected counts as given, and with our own adjustment of single cases for age and sex."""
    analyses = {
        "retrospective": "retrospective", "prospective": "prospective_end_1991", "spatial": "purely_spatial",
    }  # fmt: skip
    adjusted = {"counts": "county_year_counts.csv", "expected": "county_year_expected.csv"}
    for given, files in (("expected counts given", adjusted), ("single cases", {"cases": "cases.csv"})):
        inputs = {"geo": "geo.csv", "population": "population.csv", **files}
        inputs = {role: f"scan_poisson/{name}" for role, name in inputs.items()}
        for analysis, expected in analyses.items():
            first = answer("scan_poisson", inputs, {"analysis": analysis}).rows.row(0, named=True)
            wanted = facts("scan_poisson/expected.json")[expected]
            name = f"{analysis}, {given}"
            yield numbers(f"{name}: llr", [first["llr"]], [wanted["llr"]], within=1e-6)
            yield labels(f"{name}: places", sorted(first["locations"].split("; ")), wanted["locations"])
            for column in ("start", "end", "centre", "observed"):
                yield labels(f"{name}: {column}", [first[column]], [wanted[column]])
            for column in ("expected", "rr"):
                yield numbers(f"{name}: {column}", [first[column]], [wanted[column]], within=1e-6)
            yield numbers(f"{name}: radius in km", [first["radius_km"]], [wanted["radius_km"]], within=1e-3)
