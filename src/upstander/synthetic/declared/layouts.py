"""How the county's agency sends a dataset: the supplier map in `suppliers/` that names it, else our own template.

A map is found by looking for one whose `dataset` it is. Where there is none, the agency fills in our template, whose
headings are the contract's column names, and the map is written from the declaration.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

import tomli_w

from upstander import contracts
from upstander.contracts.dataset import Column, DatasetContract, Kind, Shape
from upstander.synthetic.deliveries import DATASETS
from upstander.synthetic.land import FRAME
from upstander.synthetic.names import COUNTY

_DATED = date(2026, 8, 1)
_PATTERNS = {"minute": "%Y-%m-%d %H:%M", "day": "%Y-%m-%d", "month": "%Y-%m-%d"}
# The county lies on no globe: its places have metres, and no degrees.
_NOT_OF_THE_COUNTY = ("longitude", "latitude")


@dataclass(frozen=True)
class Layout:
    """One agency's files of one dataset. `headings` is contract column -> heading, `formats` how its times are written.

    `content` is the supplier map as a file. `delivers` is as in a map: whole or snapshot.
    """

    name: str
    contract: DatasetContract
    delivers: str
    headings: Mapping[str, str]
    formats: Mapping[str, str]
    content: bytes

    @property
    def columns(self) -> tuple[Column, ...]:
        """The contract's columns that its files have, in the contract's order."""
        return tuple(column for column in self.contract.columns if column.name in self.headings)


def layouts(declared: Mapping[str, DatasetContract] = contracts.ALL) -> tuple[Layout, ...]:
    """A layout for each shape of each dataset that has no maker of its own, in the order of the datasets."""
    stated = _stated()
    wanted = (contract for contract in declared.values() if contract.name not in DATASETS.values())
    return tuple(
        _read(stated.get((contract.name, shape)) or tomli_w.dumps(_template(contract, shape)).encode(), contract, shape)
        for contract in wanted
        for shape in contract.shapes
    )


def precision(column: Column) -> str:
    """How fine a time is, as the declaration's unit says: minute, month, else day."""
    return next((fine for fine in ("minute", "month") if fine in column.unit), "day")


def _stated() -> dict[tuple[str, Shape], bytes]:
    """The maps in `suppliers/` by dataset and shape."""
    found: dict[tuple[str, Shape], bytes] = {}
    for item in files("upstander.synthetic.suppliers").iterdir():
        if item.name.endswith(".toml"):
            content = item.read_bytes()
            raw = tomllib.loads(content.decode("utf-8"))
            if dataset := raw.get("dataset"):
                found[dataset, Shape(raw.get("shape", contracts.ALL[dataset].shape))] = content
    return found


def _read(content: bytes, contract: DatasetContract, shape: Shape) -> Layout:
    raw: dict[str, Any] = tomllib.loads(content.decode("utf-8"))
    return Layout(
        name=raw["name"],
        contract=contracts.in_shape(contract.name, shape),
        delivers=raw["delivers"],
        headings={column: heading for heading, column in raw["columns"].items()},
        formats={column: patterns[0] for column, patterns in raw.get("formats", {}).items()},
        content=content,
    )


def _template(contract: DatasetContract, shape: Shape) -> dict[str, Any]:
    """The map of an agency that fills in our template: a month, quarter or year a file, named after it."""
    is_own = shape is contract.shape
    asked = contracts.in_shape(contract.name, shape)
    names = [column.name for column in asked.columns if column.name not in _NOT_OF_THE_COUNTY]
    stated: dict[str, Any] = {
        "name": f"{COUNTY.lower()}_{contract.name}" + ("" if is_own else f"_{shape}"),
        "version": "2026.1",
        "dated": _DATED,
        "source": f"Invented with the fictional county of {COUNTY}, in the contract's own layout",
        "agency": f"{COUNTY}: {contract.sent_by}",
        "dataset": contract.name,
        "shape": str(shape),
        "delivers": "whole",
        **({} if shape is Shape.INDICATORS else {"event_precision": _finest(asked)}),
        "covers_from_file_name": r"_(\d{4}(?:-\d{2}|-Q\d)?|[FA]Y\d{4})\.csv$",
        "columns": {name: name for name in names},
    }
    formats = dict(_formats(asked))
    if shape is Shape.INDICATORS:
        return stated | {"areas": {"kind": "ltla"}}
    places = {"crs": FRAME, "metric_crs": FRAME, "layers": ["lsoa21"]}
    return stated | ({"formats": formats} if formats else {}) | {"places": places}


def _finest(contract: DatasetContract) -> str:
    start = contract.column(contract.event_times[0].starts) if contract.event_times else None
    return precision(start) if start is not None else "day"


def _formats(contract: DatasetContract) -> Iterator[tuple[str, list[str]]]:
    for column in contract.columns:
        if column.kind in (Kind.TIMESTAMP, Kind.DATE):
            yield column.name, [_PATTERNS[precision(column)]]
