"""Disclosure control: what an attacker can work out of tables and of regions that overlap."""

from collections.abc import Iterator

from oracles.asking import answer
from oracles.comparing import Compared, numbers
from oracles.reading import facts

_BOUNDS = {"true": "true", "low": "lo", "high": "hi", "whole_low": "ilo", "whole_high": "ihi"}
_SCENARIOS = {
    "wards_only": {"published": "ward_"},
    "wards_plus_beats": {},
    "beat_X_withheld": {"withheld": "beat_X"},
}


def audit() -> Iterator[Compared]:
    """Five patterns over two tables, bounded by linear and by integer programmes."""
    folder = "sdc_audit_intervals"
    wanted = facts(f"{folder}/expected.json")["expected"]
    for table in ("table1", "table2"):
        inputs = {"table": f"{folder}/{table}.csv", "patterns": f"{folder}/expected.json"}
        rows = answer("sdc_audit_intervals", inputs).rows.rows(named=True)
        theirs = [wanted[row["pattern"]][row["cell"]] for row in rows]
        for ours, name in _BOUNDS.items():
            found, published = [row[ours] for row in rows], [each[name] for each in theirs]
            yield numbers(f"{table}: {name}", found, published, within=1e-6)


def differencing() -> Iterator[Compared]:
    """Wards, wards and beats, and with one beat withheld."""
    path = "sdc_differencing/expected.json"
    wanted = facts(path)["expected"]
    for scenario, params in _SCENARIOS.items():
        rows = answer("sdc_differencing", {"regions": path}, params).rows
        for column, end in (("low", 0), ("high", 1)):
            published = [bounds[end] for bounds in wanted[scenario]]
            yield numbers(f"{scenario}: {column}", rows[column].to_list(), published, within=1e-6)
