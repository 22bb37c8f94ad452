"""The columns that police_incidents, ambulance_callouts and ed_assaults share in the warehouse, in this order."""

from upstander.contracts.dataset import WarehouseColumn as _Column

INCIDENT_COLUMNS: tuple[_Column, ...] = (
    _Column("row_id", "String", "reading:line, the physical line where the record starts"),
    _Column("event_from_local", "Datetime", "start of the event on the supplier's wall clock"),
    _Column("event_to_local", "Datetime", "end of the event; equal to the start for a moment"),
    _Column("event_zone", "String", "IANA name of that wall clock's zone"),
    _Column("event_from_utc_min", "Datetime", "earliest UTC reading of the start"),
    _Column("event_from_utc_max", "Datetime", "latest UTC reading; differs only in the hour that happens twice"),
    _Column("event_precision", "String", "minute, hour, day, month or unknown"),
    _Column("event_is", "String", "occurred, called, arrived or recorded"),
    _Column("recorded_local", "Datetime", "when the agency wrote it down, its wall clock"),
    _Column("area_kind", "String", "kind of area, such as lsoa; empty where not located"),
    _Column("area_vintage", "String", "two digits, such as 21"),
    _Column("area_code", "String", "official code"),
    _Column("x_m", "Float64", "easting in metres in `crs`"),
    _Column("y_m", "Float64", "northing in metres in `crs`"),
    _Column("crs", "String", "coordinate reference system, such as EPSG:27700"),
    _Column("place_method", "String", "stated, postcode, partial, point, text or none"),
    _Column("place_confidence", "Float64", "0 to 1"),
    _Column("place_precision_m", "Float64", "radius in metres within which the place lies"),
    _Column("place_class", "String", "the place-class taxonomy, or `not supplied` where a source never classifies"),
    _Column("offence_code", "String", "Home Office offence code or the open data's category; empty for health"),
    _Column("mechanism", "String", "one taxonomy for every source"),
    _Column("weapon_class", "String", "one taxonomy for every source"),
    _Column("injury_severity", "String", "one taxonomy for every source"),
    _Column("role", "String", "victim, suspect, witness, patient or unknown"),
    _Column("person_token", "String", "keyed hash; never a name"),
    _Column("incident_token", "String", "keyed hash"),
    _Column("age_band", "String", "one of values.agebands, unknown, not_asked or withheld"),
    _Column("sex", "String", "female, male, other, unknown, not_asked or withheld"),
    _Column("ethnic_group", "String", "ONS five groups, unknown, not_asked or withheld"),
    _Column("codes_version", "String", "versions of the code maps that made this row"),
)
# `role` is not among them: it says what a row stands for, and is needed to count a crime once.
PERSON_ATTRIBUTES = ("person_token", "age_band", "sex", "ethnic_group")
