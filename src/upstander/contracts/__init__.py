"""The types that cross rooms, and one declaration per dataset.

Comes in: code lists, taxonomies and definitions as data files with source and date. Goes out: typed contracts,
templates, the data dictionary. Must never: read a delivery, count anything, or decide who may see what.
"""

from collections.abc import Mapping
from types import MappingProxyType

from upstander.contracts.ambulance_callouts import AMBULANCE_CALLOUTS
from upstander.contracts.codes import CodeList, CodeMap, Taxonomy, code_list, code_map, codes_version, taxonomy
from upstander.contracts.dataset import Column, DatasetContract, EventTime, Kind, WarehouseColumn
from upstander.contracts.ed_assaults import ED_ASSAULTS
from upstander.contracts.incidents import INCIDENT_COLUMNS
from upstander.contracts.police_incidents import POLICE_INCIDENTS

ALL: Mapping[str, DatasetContract] = MappingProxyType(
    {contract.name: contract for contract in (POLICE_INCIDENTS, AMBULANCE_CALLOUTS, ED_ASSAULTS)}
)


def warehouse_columns(contract: DatasetContract) -> tuple[WarehouseColumn, ...]:
    """Every column the dataset has in the warehouse, in order: the shared incident columns, then its own."""
    return INCIDENT_COLUMNS + contract.extra_columns


__all__ = [
    "ALL",
    "AMBULANCE_CALLOUTS",
    "ED_ASSAULTS",
    "INCIDENT_COLUMNS",
    "POLICE_INCIDENTS",
    "CodeList",
    "CodeMap",
    "Column",
    "DatasetContract",
    "EventTime",
    "Kind",
    "Taxonomy",
    "WarehouseColumn",
    "code_list",
    "code_map",
    "codes_version",
    "taxonomy",
    "warehouse_columns",
]
