"""What the API offers: each address with its parameters and the shape of its answer. Routes, the checks of what was
sent, and the OpenAPI document are all made from these declarations.
"""

from dataclasses import dataclass, field
from typing import Any

ROOT = "api/v1"
Schema = dict[str, Any]


@dataclass(frozen=True)
class Parameter:
    """One thing that may be asked. `many`: it may be given more than once, for any of several values."""

    name: str
    means: str
    example: str | int
    is_required: bool = False
    many: bool = False
    longest: int = 200
    number: tuple[int, int] | None = None  # the least and the most, for a whole number

    @property
    def schema(self) -> Schema:
        """Its shape in JSON Schema."""
        if self.number:
            return {"type": "integer", "minimum": self.number[0], "maximum": self.number[1]}
        one = {"type": "string", "minLength": 1, "maxLength": self.longest}
        return {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_VALUES} if self.many else one


@dataclass(frozen=True)
class Endpoint:
    """One address. `path` is under the root; a part in braces is of the release that is meant."""

    name: str
    path: str
    says: str
    shape: Schema
    parameters: tuple[Parameter, ...] = field(default=())

    @property
    def of_release(self) -> bool:
        """Whether it is about one release."""
        return self.path.startswith(_RELEASE)


MOST_VALUES = 100
LIMIT, DEFAULT_LIMIT = Parameter("limit", "How many cells at most.", 500, number=(1, 1_000)), 200
CURSOR = Parameter("cursor", "Where to go on: what the page before gave as `next_cursor`.", "", longest=1_000)
FIGURE_ID = Parameter("id", "The figure, by the id that its cell gives.", "", is_required=True, longest=1_000)
_RELEASE = "releases/{quarter}/{edition}"
FILTERS = (
    Parameter("measure", "Measures by name.", "police_violence", many=True),
    Parameter("dataset", "Datasets by name.", "police_incidents", many=True),
    Parameter("period", "Periods, such as a quarter.", "2026-Q3", many=True),
    Parameter("area", "Areas by key, or one of the release's own words for the whole and for remainders.",
              "ward24:F05000001", many=True),
    Parameter("layer", "Areas of a layer, such as wards.", "ward24", many=True),
    Parameter("age", "Age groups.", "all ages", many=True),
    Parameter("sex", "Sexes.", "all", many=True),
    Parameter("unit", "`count`, or what rates and shares are per.", "count", many=True),
)  # fmt: skip


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


_TEXT: Schema = {"type": "string"}
_WHOLE: Schema = {"type": "integer"}
_NUMBER: Schema = {"type": ["number", "null"]}
_STATUS: Schema = {
    "enum": ["shown", "suppressed", "missing", "not_applicable", "too_uncertain"],
    "description": "Five different things. Only shown and too_uncertain have a value; suppressed is not zero.",
}
_NAMED = _object(release=_TEXT, manifest_sha256=_TEXT)
_SHORT = _object(
    name=_TEXT, quarter=_TEXT, edition=_WHOLE, manifest_sha256=_TEXT, made=_TEXT, is_newest={"type": "boolean"}
)
_CELL = {
    "figure": _TEXT, "dataset": _TEXT, "measure": _TEXT, "period": _TEXT, "area": _TEXT, "age": _TEXT, "sex": _TEXT,
    "unit": {"type": "string", "description": "`count`; of a rate or share, what it is per."},
    "value": _NUMBER, "low": _NUMBER, "high": _NUMBER, "status": _STATUS,
}  # fmt: skip


def _with_release(**properties: Schema) -> Schema:
    return _object(**_NAMED["properties"], **properties)


ENDPOINTS = (
    Endpoint("releases", "releases", "The published releases, oldest quarter first.", _object(releases=_list(_SHORT))),
    Endpoint(
        "release", _RELEASE, "One release: what it tells, under which rules, and what is late or missing.",
        _with_release(
            quarter=_TEXT, edition=_WHOLE, made=_TEXT, is_newest={"type": "boolean"}, first_day=_TEXT, last_day=_TEXT,
            datasets=_list(_object(name=_TEXT, title=_TEXT, rules=_list(_TEXT), is_publishable={"type": "boolean"})),
            notes=_list(_TEXT),
        ),
    ),
    Endpoint(
        "measures", f"{_RELEASE}/measures", "What is counted, and what it cannot say.",
        _with_release(measures=_list(_object(
            name=_TEXT, title=_TEXT, says=_TEXT, dataset=_TEXT, source=_TEXT, one_is=_TEXT, better=_TEXT,
            caveats=_list(_TEXT),
        ))),
    ),
    Endpoint(
        "areas", f"{_RELEASE}/areas", "The places that figures are about, and which lies in which.",
        _with_release(areas=_list(_object(key=_TEXT, name=_TEXT, layer=_TEXT, within=_TEXT))),
    ),
    Endpoint(
        "periods", f"{_RELEASE}/periods", "The periods that figures are about.",
        _with_release(periods=_list(_object(name=_TEXT, title=_TEXT, kind=_TEXT, first_day=_TEXT, last_day=_TEXT))),
    ),
    Endpoint(
        "cells", f"{_RELEASE}/cells", "Figures, by filters: each cell as it was released, one page at a time.",
        _with_release(cells=_list(_object(**_CELL)), next_cursor={"type": ["string", "null"]}),
        (*FILTERS, CURSOR, LIMIT),
    ),
    Endpoint(
        "figure", f"{_RELEASE}/figure", "One figure, with how it was made.",
        _with_release(
            figure=_TEXT, value=_NUMBER, low=_NUMBER, high=_NUMBER, status=_STATUS, period=_TEXT, definition=_TEXT,
            method=_TEXT, how_made=_TEXT, caveats=_list(_TEXT), recording_changes=_list(_TEXT), rules=_list(_TEXT),
            readings=_list(_object(dataset=_TEXT, supplier=_TEXT, reading=_TEXT)),
        ),
        (FIGURE_ID,),
    ),
    Endpoint(
        "attribution", f"{_RELEASE}/attribution", "Whose reference data it rests on, and the words to carry.",
        _with_release(
            publisher=_TEXT, licence=_TEXT, licence_name=_TEXT,
            reference_data=_list(_object(name=_TEXT, id=_TEXT, layers=_list(_TEXT), words=_TEXT)),
        ),
    ),
)  # fmt: skip
