"""The types that cross rooms, and one declaration per dataset.

Comes in: code lists, taxonomies and definitions as data files with source and date. Goes out: typed contracts,
templates, the data dictionary. Must never: read a delivery, count anything, or decide who may see what.
"""

from upstander.contracts.catalogue import ALL, all_warehouse_columns, in_shape, warehouse_columns
from upstander.contracts.codes import CodeList, CodeMap, Taxonomy, code_list, code_map, codes_version, taxonomy
from upstander.contracts.dataset import (
    Column,
    DatasetContract,
    EventTime,
    Indicator,
    Kind,
    Shape,
    WarehouseColumn,
)
from upstander.contracts.definitions import Criteria, ViolenceDefinition, definition_names, load_definition
from upstander.contracts.incidents import INCIDENT_COLUMNS
from upstander.contracts.indicators import ALL_GROUP, INDICATOR_COLUMNS, MARKERS
from upstander.contracts.records import RECORD_COLUMNS

__all__ = [
    "ALL",
    "ALL_GROUP",
    "INCIDENT_COLUMNS",
    "INDICATOR_COLUMNS",
    "MARKERS",
    "RECORD_COLUMNS",
    "CodeList",
    "CodeMap",
    "Column",
    "Criteria",
    "DatasetContract",
    "EventTime",
    "Indicator",
    "Kind",
    "Shape",
    "Taxonomy",
    "ViolenceDefinition",
    "WarehouseColumn",
    "all_warehouse_columns",
    "code_list",
    "code_map",
    "codes_version",
    "definition_names",
    "in_shape",
    "load_definition",
    "taxonomy",
    "warehouse_columns",
]
