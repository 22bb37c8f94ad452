"""The columns that record datasets share in the warehouse: a spell, a referral, an episode, or a person's standing.

Where such a record has a place it is mostly somebody's home, so no point is kept, only the area. A spell lasts until
its end is stated: an empty end means that it went on when the file was made, or that nobody has said.
"""

from dataclasses import replace

from upstander.contracts.dataset import WarehouseColumn
from upstander.contracts.incidents import INCIDENT_COLUMNS

_KEPT = (
    "row_id", "event_from_local", "event_to_local", "event_zone", "event_from_utc_min", "event_from_utc_max",
    "event_precision", "event_is", "recorded_local", "area_kind", "area_vintage", "area_code", "place_method",
    "place_confidence", "place_precision_m", "place_class", "person_token", "incident_token", "age_band", "sex",
    "ethnic_group", "codes_version",
)  # fmt: skip
_MEANS = {
    "event_from_local": "start of the spell, or when the record was made, on the supplier's wall clock",
    "event_to_local": "end of the spell as stated, empty where it goes on; without spells, as for an incident",
}
RECORD_COLUMNS: tuple[WarehouseColumn, ...] = tuple(
    replace(column, means=_MEANS.get(column.name, column.means)) for column in INCIDENT_COLUMNS if column.name in _KEPT
)
