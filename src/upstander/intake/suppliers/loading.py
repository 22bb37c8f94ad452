"""Reading supplier maps. An error says which file, which key, what is there and what would be right."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from upstander import contracts
from upstander.contracts.dataset import Column, DatasetContract, Kind, Shape
from upstander.errors import WrongUsage
from upstander.intake.errors import MapNotUsable
from upstander.intake.suppliers.model import Supplier
from upstander.intake.suppliers.statistics import fits
from upstander.intake.suppliers.templating import template_map, template_names

_BASE = "based_on"


def shipped() -> tuple[str, ...]:
    """Names of the maps that come with the product."""
    found = files("upstander.intake.suppliers").iterdir()
    return tuple(sorted(item.name.removesuffix(".toml") for item in found if item.name.endswith(".toml")))


def load(name_or_path: str | Path, *, folders: Sequence[Path] = ()) -> Supplier:
    """The map of that name, from `folders` first, then from those shipped; or the map in that file.

    A map may start from another (`based_on = "cad"`): its keys win, tables are merged key by key. Raises MapNotUsable
    for a file that is not a map, WrongUsage for a name nobody knows.
    """
    raw, where = _layered(str(name_or_path), folders, ())
    try:
        supplier = Supplier.model_validate(raw)
    except ValidationError as why:
        raise MapNotUsable(where, _first_fault(why)) from why
    _fits_contract(supplier, where)
    return supplier


def _layered(name: str, folders: Sequence[Path], seen: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    text, where = _find(name, folders)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as why:
        raise MapNotUsable(where, f"it is not TOML: {why}") from why
    base_name = raw.pop(_BASE, None)
    if base_name is None:
        return raw, where
    if base_name in seen:
        raise MapNotUsable(where, f"`based_on` goes in a circle through {base_name}")
    base, _ = _layered(str(base_name), folders, (*seen, name))
    return _merged(base, raw), where


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for key, value in over.items():
        is_table = isinstance(value, dict) and isinstance(both.get(key), dict)
        both[key] = _merged(both[key], value) if is_table else value
    return both


def _find(name: str, folders: Sequence[Path]) -> tuple[str, str]:
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise WrongUsage(f"There is no supplier map at {name}.", where=name, expected="a path to a .toml file")
        return path.read_text(encoding="utf-8"), name
    for folder in folders:
        path = folder / f"{name}.toml"
        if path.is_file():
            return path.read_text(encoding="utf-8"), str(path)
    if name in shipped():
        text = files("upstander.intake.suppliers").joinpath(f"{name}.toml").read_text(encoding="utf-8")
        return text, f"{name}.toml (shipped)"
    if name in template_names():
        return template_map(name), f"{name} (made from the contract)"
    known = sorted({*shipped(), *_names_in(folders)})
    raise WrongUsage(
        f"No supplier map is called '{name}'. Known: {', '.join(known)}.",
        found=name, expected=f"one of {', '.join(known)}, template_<dataset>, or a path to a .toml file",
    )  # fmt: skip


def names(folders: Sequence[Path]) -> tuple[str, ...]:
    """Names of every map there is: the shipped ones, those in the folders, and those of our own templates."""
    return tuple(sorted({*shipped(), *_names_in(folders), *template_names()}))


def _names_in(folders: Iterable[Path]) -> list[str]:
    return [path.stem for folder in folders if folder.is_dir() for path in folder.glob("*.toml")]


def _first_fault(why: ValidationError) -> str:
    fault = why.errors(include_url=False)[0]
    key = ".".join(str(part) for part in fault["loc"]) or "the map as a whole"
    others = f" (and {why.error_count() - 1} more)" if why.error_count() > 1 else ""
    return f"{key}: {fault['msg']}{others}"


def contract_of(supplier: Supplier) -> DatasetContract:
    """The contract by which this layout's files are read: its dataset's, in the shape the map states.

    Of a wide file of figures each heading of figures is a column of its own, in the place of indicator, value and
    denominator.
    """
    own = contracts.ALL[supplier.dataset].shape
    contract = contracts.in_shape(supplier.dataset, supplier.shape or own)
    return _widened(contract, supplier) if supplier.figures else contract


def _widened(contract: DatasetContract, supplier: Supplier) -> DatasetContract:
    means = {one.code: one.means for one in contract.indicators}
    figures = [
        Column(
            heading, Kind.FIGURE, means.get(supplier.figures[heading].indicator, "") if heading in supplier.figures
            else "what figures are out of", quotable=True, becomes=("value", "marker"), example="125",
        )
        for heading in supplier.figure_headings
    ]  # fmt: skip
    by_row = ("indicator", "value", "denominator")
    return replace(contract, columns=(*(one for one in contract.columns if one.name not in by_row), *figures))


def _fits_contract(supplier: Supplier, where: str) -> None:
    if supplier.dataset not in contracts.ALL:
        raise MapNotUsable(where, f"dataset '{supplier.dataset}' is not one of {', '.join(contracts.ALL)}")
    contract = contract_of(supplier)
    if contract.shape is not Shape.INDICATORS and (supplier.figures or supplier.markers):
        raise MapNotUsable(where, 'figures and markers need shape = "indicators"')
    known = {column.name for column in contract.columns}
    strange = sorted(set(supplier.contract_columns) - known)
    if strange:
        raise MapNotUsable(
            where, f"{supplier.dataset} has no column {', '.join(strange)}; it has {', '.join(sorted(known))}"
        )
    if contract.shape is Shape.INDICATORS:
        _fits_figures(supplier, contract, where)
    missing = [
        column.name for column in contract.columns if column.required and column.name not in supplier.contract_columns
    ]
    if missing:
        raise MapNotUsable(where, f"nothing fills the required {', '.join(missing)}")


def _fits_figures(supplier: Supplier, contract: DatasetContract, where: str) -> None:
    indicators = [one.code for one in contract.indicators]
    groups = {contracts.ALL_GROUP, *contract.groups}
    if fault := fits(supplier.figures, supplier.areas, indicators, groups):
        raise MapNotUsable(where, f"figures: {fault}")
    clash = sorted(set(supplier.figure_headings) & {"period", "area_code", "area_name", "group"})
    if clash:
        raise MapNotUsable(where, f"a heading of figures is called {clash[0]}, like a column; give it by `columns`")
    by_row = {"indicator", "value"}
    if not supplier.figures and not by_row <= set(supplier.contract_columns):
        raise MapNotUsable(where, "nothing says what is counted: `figures`, or the columns indicator and value")
    if not {"area_code", "area_name"} & set(supplier.contract_columns):
        raise MapNotUsable(where, "nothing says where a figure is about: area_code or area_name")
