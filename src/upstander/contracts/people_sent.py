"""The columns that say who and when, as record datasets take them.

Where a record is about a person, the area is that of their home unless its dataset says otherwise.
"""

from dataclasses import replace

from upstander.contracts.codes import code_list
from upstander.contracts.dataset import Column, Kind
from upstander.contracts.places_sent import AREA_CODE, POSTCODE

WALL_CLOCK = "Europe/London wall clock, to the minute"
LOCAL_DAY = "local day"
STARTS = (
    "event_from_local", "event_zone", "event_from_utc_min", "event_from_utc_max", "event_precision", "event_is",
)  # fmt: skip
MOMENT = ("event_from_local", "event_to_local", *STARTS[1:])

NHS_NUMBER = Column(
    "nhs_number",
    Kind.TEXT,
    "NHS number; the same person has the same in every health service",
    identifies=True,
    becomes=("person_token",),
    example="943 476 5919",
)
PERSON_REF = Column(
    "person_ref",
    Kind.TEXT,
    "the sender's own number of this person, the same in every record",
    identifies=True,
    becomes=("person_token",),
    example="P000000",
)
SURNAME = Column(
    "surname",
    Kind.TEXT,
    "family name; used with forename and date of birth where there is no number",
    identifies=True,
    becomes=("person_token",),
    example="Example",
)
FORENAME = Column("forename", Kind.TEXT, "given name", identifies=True, becomes=("person_token",), example="Alex")
DOB = Column(
    "dob",
    Kind.DATE,
    "date of birth; gives the age on the day on which the record starts, and with the names stands for the person",
    identifies=True,
    becomes=("person_token", "age_band"),
    example="2010-03-14",
)
DOB_WITHOUT_NAME = replace(
    DOB, means="date of birth; gives the age on the day on which the record starts", becomes=("age_band",)
)
AGE = Column(
    "age",
    Kind.INTEGER,
    "age on the day on which the record starts, where there is no date of birth",
    unit="completed years",
    becomes=("age_band",),
    example="15",
)
SEX = Column(
    "sex",
    Kind.CODE,
    "sex of this person as recorded",
    codes=code_list("sex"),
    quotable=True,
    becomes=("sex",),
    example="female",
)
ETHNICITY_POLICE = Column(
    "ethnicity",
    Kind.CODE,
    "ethnicity as the person defined it",
    codes=code_list("ethnicity_police"),
    quotable=True,
    becomes=("ethnic_group",),
    example="A1",
)
ETHNICITY_HEALTH = Column(
    "ethnicity",
    Kind.CODE,
    "ethnic category of the person",
    codes=code_list("ethnicity_health"),
    quotable=True,
    becomes=("ethnic_group",),
    example="B",
)
ETHNICITY_CHILDREN = Column(
    "ethnicity",
    Kind.CODE,
    "ethnic group of the child, by the Department for Education's codes",
    codes=code_list("ethnicity_children"),
    quotable=True,
    becomes=("ethnic_group",),
    example="WBRI",
)
NAMED = (PERSON_REF, SURNAME, FORENAME, DOB, SEX)
HOME_POSTCODE = replace(POSTCODE, means="postcode of the person's home, whole or in part")
HOME = (HOME_POSTCODE, AREA_CODE)
