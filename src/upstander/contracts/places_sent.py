"""The columns that say where, as every incident dataset takes them."""

from dataclasses import replace

from upstander.contracts.dataset import Column, Kind, WarehouseColumn

POSTCODE_SECTOR = WarehouseColumn(
    "postcode_sector",
    "String",
    "first part of the postcode and one digit, such as LE1 1; empty where there was no postcode",
)

_LOCATED = ("area_kind", "area_vintage", "area_code", "place_method", "place_confidence", "place_precision_m")
_POINT = ("x_m", "y_m", "crs", *_LOCATED)

POSTCODE = Column(
    "postcode",
    Kind.TEXT,
    "postcode of the place, whole or in part",
    identifies=True,
    becomes=("postcode_sector", *_LOCATED),
    example="ZZ1 1AA",
)
AREA_CODE = Column(
    "area_code",
    Kind.TEXT,
    "official code of the small area (LSOA); the supplier map says of which year",
    quotable=True,
    becomes=_LOCATED,
    example="E01000000",
    also_called=("LSOA code",),
)
LOCATION_TEXT = Column(
    "location_text",
    Kind.TEXT,
    "the place in words; may name people or a home",
    identifies=True,
    free_text=True,
    dropped_because="It may name people or a home. The area comes from a code, a postcode or coordinates.",
    example="High Street, outside the market",
)

# What words about a place become: a class and a place, told by the gazetteers held. Never the words.
PLACE_IN_WORDS = ("place_class", *_POINT)

PLACE_COLUMNS = (
    POSTCODE,
    Column(
        "easting",
        Kind.DECIMAL,
        "east of the British National Grid's origin",
        unit="metres",
        identifies=True,
        becomes=_POINT,
        example="450000",
    ),
    Column(
        "northing",
        Kind.DECIMAL,
        "north of the British National Grid's origin",
        unit="metres",
        identifies=True,
        becomes=_POINT,
        example="300000",
    ),
    Column(
        "longitude",
        Kind.DECIMAL,
        "east of Greenwich (WGS 84), where there is no easting",
        unit="degrees",
        identifies=True,
        becomes=_POINT,
        example="-1.25",
    ),
    Column(
        "latitude",
        Kind.DECIMAL,
        "north of the equator (WGS 84), where there is no northing",
        unit="degrees",
        identifies=True,
        becomes=_POINT,
        example="52.6",
    ),
    AREA_CODE,
    LOCATION_TEXT,
)
# The same, from a source whose rows are also placed by their words.
PLACE_COLUMNS_AND_WORDS = (*PLACE_COLUMNS[:-1], replace(LOCATION_TEXT, becomes=PLACE_IN_WORDS, dropped_because=""))
