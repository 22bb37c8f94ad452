"""The matrix: every permission, once, and the one function that answers from it.

A page names one of these in its route (web/routes.py); navigation and pages ask here, and so will an API. A new page
that needs a new permission adds it here and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from upstander.contracts.asking import Purpose
from upstander.web.accounts.roles import GIVEN, Role

_EVERY_ROLE = frozenset(GIVEN)


@dataclass(frozen=True)
class Permission:
    """What may be done, and by whom.

    `purpose`: an agreement in force must give the person's agency this purpose. `is_sensitive`: the second factor was
    shown within the last 15 minutes of use. `in_set_up`: also for somebody who is choosing their first factor.
    """

    name: str
    means: str
    roles: frozenset[Role]
    purpose: Purpose | None = None
    is_sensitive: bool = False
    in_set_up: bool = False

    @property
    def is_public(self) -> bool:
        """Whether everybody has it, signed in or not."""
        return Role.PUBLIC in self.roles


READ_PUBLIC = Permission("site.public", "read what anybody may read, and sign in", frozenset(Role))
OWN_ACCOUNT = Permission("account.own", "see your own home page and account", _EVERY_ROLE)
SIGN_OUT = Permission("account.sign_out", "sign out", _EVERY_ROLE, in_set_up=True)
FIRST_FACTOR = Permission("account.first_factor", "choose a first way to prove it is you", frozenset(), in_set_up=True)
OWN_FACTORS = Permission("account.factors", "change how you prove it is you", _EVERY_ROLE, is_sensitive=True)
READ_PEOPLE = Permission("people.read", "see who has an account", frozenset({Role.ADMINISTRATOR}))
CHANGE_PEOPLE = Permission(
    "people.change", "invite people, give roles, close accounts", frozenset({Role.ADMINISTRATOR}), is_sensitive=True
)
READ_CONFLICTS = Permission("conflicts.read", "see declared conflicts of interest", frozenset({Role.GOVERNANCE}))
END_CONFLICTS = Permission(
    "conflicts.end", "end a declared conflict of interest", frozenset({Role.GOVERNANCE}), is_sensitive=True
)
OWN_WORK = Permission("work.own", "see and stop the work that you asked for", _EVERY_ROLE)
ALL_WORK = Permission("work.all", "see and stop everybody's work", frozenset({Role.ANALYST}))
READ_DELIVERIES = Permission(
    "deliveries.read", "see what your agency sends, what is due, and what it is used for",
    frozenset({Role.DATA_OWNER, Role.ANALYST}),
)  # fmt: skip
SEND_DELIVERIES = Permission("deliveries.send", "send your agency's data", frozenset({Role.DATA_OWNER, Role.ANALYST}))
ALL_DELIVERIES = Permission("deliveries.all", "see every agency's deliveries", frozenset({Role.ANALYST}))
DECIDE_HELD = Permission(
    "deliveries.decide", "accept or refuse a delivery that is held", frozenset({Role.ANALYST}), is_sensitive=True
)
ALL: tuple[Permission, ...] = tuple(found for found in vars().values() if isinstance(found, Permission))


@dataclass(frozen=True)
class Basis:
    """Why something may be seen: the agreements that give a purpose, and the moment (aware UTC) when the last ends."""

    agreements: tuple[str, ...]
    until: datetime


@dataclass(frozen=True)
class Standing:
    """How whoever asks stands at this moment. `purposes` holds those that an agreement in force gives."""

    is_signed_in: bool = False
    is_setting_up: bool = False
    is_stepped_up: bool = False
    roles: frozenset[Role] = frozenset()
    purposes: Mapping[Purpose, Basis] = field(default_factory=dict)


class Answer(StrEnum):
    """What the door does: open, or lead somewhere first, or say that nothing is there."""

    OPEN = "open"
    SIGN_IN = "sign in"
    SET_UP = "set up"
    STEP_UP = "step up"
    ABSENT = "absent"


def judge(needed: Permission | None, standing: Standing) -> Answer:
    """The answer of the matrix. `needed` is None where there is no page: that must look like one that is forbidden."""
    if needed is not None and needed.is_public:
        return Answer.OPEN
    if not standing.is_signed_in:
        return Answer.SIGN_IN
    if standing.is_setting_up:
        return Answer.OPEN if needed is not None and needed.in_set_up else Answer.SET_UP
    if needed is None or not is_given(needed, standing):
        return Answer.ABSENT
    return Answer.STEP_UP if needed.is_sensitive and not standing.is_stepped_up else Answer.OPEN


def is_given(needed: Permission, standing: Standing) -> bool:
    """Whether somebody has a permission, apart from showing the second factor once more."""
    has_purpose = needed.purpose is None or needed.purpose in standing.purposes
    return needed.is_public or (bool(needed.roles & standing.roles) and has_purpose)
