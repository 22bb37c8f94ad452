"""A dataset contract as other tools know contracts: Open Data Contract Standard, version 3.0, as YAML.

Source: Bitol (LF AI & Data), Open Data Contract Standard 3.0.2. What the standard has no word for (what becomes of a
column, whose purposes it may serve) stands in its custom properties.
"""

from typing import Any

from upstander.contracts.dataset import Column, DatasetContract, Kind
from upstander.contracts.fates import fate

API_VERSION = "v3.0.2"
_TYPES = {
    Kind.TEXT: "string", Kind.CODE: "string", Kind.TIMESTAMP: "date", Kind.DATE: "date", Kind.INTEGER: "integer",
    Kind.DECIMAL: "number", Kind.FIGURE: "string",
}  # fmt: skip
_FORMATS = {Kind.TIMESTAMP: "yyyy-MM-dd HH:mm", Kind.DATE: "yyyy-MM-dd"}


def as_open_standard(contract: DatasetContract) -> str:
    """The contract as YAML: one schema object of the columns that are sent."""
    import yaml

    return str(yaml.safe_dump(_document(contract), sort_keys=False, allow_unicode=True, width=110))


def _document(contract: DatasetContract) -> dict[str, Any]:
    purposes = [{"name": purpose.value, "note": note} for purpose, note in contract.purposes.items()]
    limits = " ".join(contract.notes)
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"upstander:{contract.name}:{contract.shape}",
        "name": contract.title,
        "version": contract.version,
        "status": "active",
        "domain": "violence prevention",
        "description": {
            "purpose": f"One row is {contract.one_row_is}. Standard: {contract.standard}.",
            **({"limitations": limits} if limits else {}),
            "usage": f"Sent by {contract.sent_by}; {contract.arrives}.",
        },
        "schema": [{
            "name": contract.name,
            "logicalType": "object",
            "physicalType": "file",
            "description": f"One row is {contract.one_row_is}.",
            "dataGranularityDescription": contract.one_row_is,
            "properties": [_property(column) for column in contract.columns],
        }],
        "slaProperties": [
            {"property": "retention", "value": contract.retention_days, "unit": "d"},
            {"property": "latency", "value": contract.due_within_days, "unit": "d"},
        ],
        "customProperties": [
            {"property": "purposes", "value": purposes},
            {"property": "countsBy", "value": contract.counts_by},
            {"property": "shape", "value": str(contract.shape)},
        ],
    }  # fmt: skip


def _property(column: Column) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": column.name,
        "logicalType": _TYPES[column.kind],
        "physicalType": "text",
        "description": column.means,
        "required": column.required,
        "classification": "restricted" if column.identifies or column.free_text else "internal",
        "transformDescription": fate(column),
    }
    if column.kind in _FORMATS:
        told["logicalTypeOptions"] = {"format": _FORMATS[column.kind]}
    if column.example and not column.free_text:
        told["examples"] = [column.example]
    custom = {"unit": column.unit, "codes": column.codes.name if column.codes else "", "freeText": column.free_text}
    told["customProperties"] = [{"property": name, "value": value} for name, value in custom.items() if value]
    return {name: value for name, value in told.items() if value != []}
