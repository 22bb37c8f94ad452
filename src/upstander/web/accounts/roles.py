"""The roles that a person may have, in the words of the partnership."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody is here to do. `PUBLIC` is everybody, signed in or not; it is never given to a person."""

    DATA_OWNER = "data_owner"
    ANALYST = "analyst"
    PROFESSIONAL = "professional"
    TASKING = "tasking"
    PANEL = "panel"
    PROGRAMMES = "programmes"
    DIRECTOR = "director"
    GOVERNANCE = "governance"
    ADMINISTRATOR = "administrator"
    PUBLIC = "public"

    @property
    def called(self) -> str:
        """The role in the words of a page."""
        return _TITLES[self]

    @property
    def comes_for(self) -> str:
        """What somebody with this role comes to do."""
        return _COMES_FOR[self]


_TITLES = {
    Role.DATA_OWNER: "Data owner",
    Role.ANALYST: "Analyst of the network",
    Role.PROFESSIONAL: "Professional in a partner agency",
    Role.TASKING: "Member of the tasking group",
    Role.PANEL: "Member of a panel",
    Role.PROGRAMMES: "Programme manager",
    Role.DIRECTOR: "Director",
    Role.GOVERNANCE: "Information-governance officer",
    Role.ADMINISTRATOR: "Administrator",
    Role.PUBLIC: "Public",
}
_COMES_FOR = {
    Role.DATA_OWNER: "sends an agency's data, and sees what it is used for",
    Role.ANALYST: "loads deliveries and makes the quarter's figures",
    Role.PROFESSIONAL: "reads the dashboard for their own patch",
    Role.TASKING: "reads the month's places and times, and takes actions away",
    Role.PANEL: "reads the few people of a panel, for its purpose, each look recorded",
    Role.PROGRAMMES: "follows referrals, engagement and outcomes",
    Role.DIRECTOR: "takes the board paper and the statutory evidence from the same figures",
    Role.GOVERNANCE: "sees who saw what, and ends what has to end",
    Role.ADMINISTRATOR: "invites people and closes accounts; sees no data",
    Role.PUBLIC: "finds help and reads what is published",
}
GIVEN = tuple(role for role in Role if role is not Role.PUBLIC)
