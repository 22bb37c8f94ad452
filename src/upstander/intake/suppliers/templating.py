"""The map of a dataset's own template, made from its contract: headings are the columns, codes are the contract's."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import tomli_w

from upstander import contracts
from upstander.contracts.dataset import DatasetContract, Kind, Shape
from upstander.contracts.template_sheets import DATA_SHEET

PREFIX = "template_"
_FIRST = "2026-11-27"
_TYPED = {  # ISO 8601 first; day-first is what a British spreadsheet makes of a date that was typed as text
    Kind.TIMESTAMP: [
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d",
        "%d/%m/%Y %H:%M",
        "%d/%m/%Y",
    ],
    Kind.DATE: ["%Y-%m-%d", "%d/%m/%Y"],
}


def template_names() -> tuple[str, ...]:
    """`template_<dataset>` for each dataset, and `template_<dataset>_<shape>` where it comes in another shape too."""
    return tuple(f"{PREFIX}{dataset}{_suffix(dataset, shape)}" for dataset, shape in _shaped())


@cache
def template_map(name: str) -> str:
    """The map of that name as TOML. A map may be based on it, to say which agency sends the filled template."""
    dataset, shape = next(pair for pair in _shaped() if name == f"{PREFIX}{pair[0]}{_suffix(*pair)}")
    return tomli_w.dumps(_stated(name, contracts.in_shape(dataset, shape)))


def _shaped() -> list[tuple[str, Shape]]:
    return [(contract.name, shape) for contract in contracts.ALL.values() for shape in contract.shapes]


def _suffix(dataset: str, shape: Shape) -> str:
    return "" if shape is contracts.ALL[dataset].shape else f"_{shape}"


def _stated(name: str, contract: DatasetContract) -> dict[str, Any]:
    timed = [column for column in contract.columns if column.kind in _TYPED]
    return {
        "name": name,
        "version": contract.version,
        "dated": tomllib.loads(f"d = {_FIRST}")["d"],
        "source": "Upstander's own template of the dataset, made from its contract",
        "agency": contract.sent_by,
        "dataset": contract.name,
        "shape": str(contract.shape),
        "delivers": _delivers(contract),
        "optional": [column.name for column in contract.columns if not column.required],
        "file": {"sheet": DATA_SHEET},
        "columns": {column.name: column.name for column in contract.columns},
        "formats": {column.name: _TYPED[column.kind] for column in timed},
    }


def _delivers(contract: DatasetContract) -> str:
    """As the shipped maps of the dataset have it: what stands on a day is a snapshot, what happened is whole."""
    folder = files("upstander.intake.suppliers")
    maps = [tomllib.loads(item.read_text("utf-8")) for item in folder.iterdir() if item.name.endswith(".toml")]
    is_figures = contract.shape is Shape.INDICATORS
    theirs = [one for one in maps if one["dataset"] == contract.name]
    ways = {one["delivers"] for one in theirs if (one.get("shape") == Shape.INDICATORS) == is_figures}
    return "snapshot" if ways == {"snapshot"} else "whole"
