"""A released table as it was written, read back from the folder of a numbered output."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import About, Edition, ReleasedTable
from upstander.values.periods import Period


def reopened(folder: Path, name: str) -> ReleasedTable:
    """The table that lies there as NAME.parquet and NAME.json. Whoever calls has checked that both are as written.

    It takes a folder and no cells, so that nothing can become a released table by this door but what left as one.
    """
    told = json.loads((folder / f"{name}.json").read_bytes())
    return ReleasedTable(name, tuple(told["dimensions"]), pl.read_parquet(folder / f"{name}.parquet"), _about(told))


def _about(told: dict[str, Any]) -> About:
    said = dict(told["about"])
    method, _, version = said.pop("method").partition(" ")
    plain = {name: tuple(said.pop(name)) for name in ("caveats", "recording_changes")}
    rules = tuple(_rule(one) for one in said.pop("rules"))
    readings = tuple((one[0], one[1], one[2]) for one in said.pop("readings"))
    expires = said.pop("expires")
    return About(
        **said | plain | {"edition": Edition(said["edition"]), "period": Period.parse(said["period"])},
        rules=rules, readings=readings, method=method, method_version=version,
        expires=date.fromisoformat(expires) if expires else None,
    )  # fmt: skip


def _rule(told: dict[str, Any]) -> CountRule:
    dominance = told["dominance"]
    held = {name: value for name, value in told.items() if name not in {"says", "dominance"}}
    return CountRule(**held, dominance=(dominance[0], dominance[1]) if dominance else None)
