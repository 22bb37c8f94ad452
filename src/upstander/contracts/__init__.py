"""The types that cross rooms, and one declaration per dataset.

Comes in: code lists, taxonomies and definitions as data files with source and date. Goes out: typed contracts,
templates, the data dictionary. Must never: read a delivery, count anything, or decide who may see what.
"""

from upstander.contracts.catalogue import ALL, warehouse_columns
from upstander.contracts.codes import CodeList, CodeMap, Taxonomy, code_list, code_map, codes_version, taxonomy
from upstander.contracts.dataset import Column, DatasetContract, EventTime, Kind, WarehouseColumn
from upstander.contracts.definitions import Criteria, ViolenceDefinition, definition_names, load_definition
from upstander.contracts.incidents import INCIDENT_COLUMNS

__all__ = [
    "ALL",
    "INCIDENT_COLUMNS",
    "CodeList",
    "CodeMap",
    "Column",
    "Criteria",
    "DatasetContract",
    "EventTime",
    "Kind",
    "Taxonomy",
    "ViolenceDefinition",
    "WarehouseColumn",
    "code_list",
    "code_map",
    "codes_version",
    "definition_names",
    "load_definition",
    "taxonomy",
    "warehouse_columns",
]
