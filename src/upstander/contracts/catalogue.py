"""Every dataset that is declared. An eighteenth is a module in `datasets/` and a supplier map; no list names it."""

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType

from upstander.contracts import datasets
from upstander.contracts.dataset import DatasetContract, Shape, WarehouseColumn
from upstander.contracts.incidents import INCIDENT_COLUMNS
from upstander.contracts.indicators import INDICATOR_COLUMNS, as_indicators
from upstander.contracts.records import RECORD_COLUMNS
from upstander.errors import WrongUsage

_SHARED: Mapping[Shape, tuple[WarehouseColumn, ...]] = {
    Shape.INCIDENTS: INCIDENT_COLUMNS,
    Shape.RECORDS: RECORD_COLUMNS,
    Shape.INDICATORS: INDICATOR_COLUMNS,
}


def _declared() -> Iterator[DatasetContract]:
    for module in pkgutil.iter_modules(datasets.__path__):
        found = vars(import_module(f"{datasets.__name__}.{module.name}")).values()
        yield from (one for one in found if isinstance(one, DatasetContract))


ALL: Mapping[str, DatasetContract] = MappingProxyType(
    {contract.name: contract for contract in sorted(_declared(), key=lambda one: (one.number, one.name))}
)


def in_shape(dataset: str, shape: Shape) -> DatasetContract:
    """The contract of a dataset as files of that shape are read. Raises WrongUsage where it has no such shape."""
    contract = ALL[dataset]
    if shape not in contract.shapes:
        raise WrongUsage(f"{dataset} does not come as {shape}.", found=str(shape), expected=", ".join(contract.shapes))
    return as_indicators(contract) if shape is Shape.INDICATORS else contract


def warehouse_columns(contract: DatasetContract) -> tuple[WarehouseColumn, ...]:
    """Every column that a contract's rows have in the warehouse, in order: those its shape shares, then its own."""
    return _SHARED[contract.shape] + contract.extra_columns


def all_warehouse_columns(contract: DatasetContract) -> tuple[WarehouseColumn, ...]:
    """The columns of every shape the dataset comes in: what a schedule may name."""
    shaped = [in_shape(contract.name, shape) for shape in contract.shapes]
    columns = [column for one in shaped for column in warehouse_columns(one)]
    return tuple({column.name: column for column in columns}.values())
