"""Every dataset that is declared. An eighteenth is one more line here, its declaration and a supplier map."""

from collections.abc import Mapping
from types import MappingProxyType

from upstander.contracts.ambulance_callouts import AMBULANCE_CALLOUTS
from upstander.contracts.dataset import DatasetContract, WarehouseColumn
from upstander.contracts.ed_assaults import ED_ASSAULTS
from upstander.contracts.incidents import INCIDENT_COLUMNS
from upstander.contracts.police_incidents import POLICE_INCIDENTS

ALL: Mapping[str, DatasetContract] = MappingProxyType(
    {contract.name: contract for contract in (POLICE_INCIDENTS, AMBULANCE_CALLOUTS, ED_ASSAULTS)}
)


def warehouse_columns(contract: DatasetContract) -> tuple[WarehouseColumn, ...]:
    """Every column the dataset has in the warehouse, in order: the shared incident columns, then its own."""
    return INCIDENT_COLUMNS + contract.extra_columns
