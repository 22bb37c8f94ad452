"""The matrix: every permission, once, and the one function that answers from it.

A page and an address of the API name one of these in their route (web/routes.py), a command in cli/permitted.py;
navigation asks here too. A new page that needs a new permission adds it here and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from upstander.contracts.asking import Purpose
from upstander.web.accounts.roles import GIVEN, Role

_EVERY_ROLE = frozenset(GIVEN)
READERS = _EVERY_ROLE - {Role.ADMINISTRATOR, Role.PANEL}  # of published figures


@dataclass(frozen=True)
class Permission:
    """What may be done, and by whom.

    `purpose`: an agreement in force must give the person's agency this purpose. `is_sensitive`: the second factor was
    shown within the last 15 minutes of use. `in_set_up`: also for somebody who is choosing their first factor.
    `for_tokens`: also for a program that brings a token, whose own purpose an agreement in force must give.
    """

    name: str
    means: str
    roles: frozenset[Role]
    purpose: Purpose | None = None
    is_sensitive: bool = False
    in_set_up: bool = False
    for_tokens: bool = False

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
CHANGE_TOKENS = Permission(
    "tokens.change", "grant and revoke tokens for programs", frozenset({Role.ADMINISTRATOR}), is_sensitive=True
)
OWN_TOKENS = Permission("tokens.own", "see the tokens you answer for", READERS)
CHANGE_OWN_TOKENS = Permission(
    "tokens.own.change", "fetch and revoke a token you answer for", READERS, is_sensitive=True
)
READ_API = Permission(
    "api.read", "read published figures with a program", READERS, Purpose.MONITORING, for_tokens=True
)  # fmt: skip
DESCRIBE_API = Permission("api.describe", "read what the API offers", _EVERY_ROLE, for_tokens=True)
FINDINGS_READ = Permission(
    "findings.read", "read the dashboard, and take its figures away",
    READERS, Purpose.MONITORING,
)  # fmt: skip
_ANSWER_FOR_RELEASES = frozenset({Role.ANALYST, Role.DIRECTOR, Role.GOVERNANCE})
READ_RELEASES = Permission(
    "releases.read", "see releases, what they are made of, and the ledger of all that left", _ANSWER_FOR_RELEASES
)
READ_RELEASE_FIGURES = Permission(
    "releases.figures", "see a release's figures, its attack and its revisions", _ANSWER_FOR_RELEASES,
    Purpose.MONITORING,
)  # fmt: skip
PROVE_RELEASES = Permission(
    "releases.prove", "build a release again and attack it again", _ANSWER_FOR_RELEASES, Purpose.MONITORING
)
MAKE_RELEASES = Permission(
    "releases.make", "make a quarter's release", frozenset({Role.ANALYST}), Purpose.MONITORING, is_sensitive=True
)
APPROVE_RELEASES = Permission(
    "releases.approve", "approve a release that somebody else made", _ANSWER_FOR_RELEASES, Purpose.MONITORING,
    is_sensitive=True,
)  # fmt: skip
EXPORT_RELEASES = Permission(
    "releases.export", "write a published release as files, and give out numbered copies",
    frozenset({Role.ANALYST, Role.DIRECTOR}), Purpose.MONITORING, is_sensitive=True,
)  # fmt: skip
RECALL_OUTPUTS = Permission(
    "outputs.recall", "call back a release or another output", _ANSWER_FOR_RELEASES, is_sensitive=True
)
_PICTURE = frozenset({Role.ANALYST, Role.PROFESSIONAL, Role.TASKING, Role.DIRECTOR})
SEE_PICTURE = Permission("surveillance.see", "see the operational picture of injuries", _PICTURE, Purpose.OPERATIONAL)
TAKE_PLACES = Permission(
    "surveillance.take", "take places to tasking", frozenset({Role.ANALYST, Role.TASKING}), Purpose.OPERATIONAL
)
OWN_WORK = Permission("work.own", "see and stop the work that you asked for", _EVERY_ROLE)
ALL_WORK = Permission("work.all", "see and stop everybody's work", frozenset({Role.ANALYST}))
READ_AGREEMENTS = Permission(
    "agreements.read", "read the agreements of your own agency", _EVERY_ROLE - {Role.ADMINISTRATOR}
)
GOVERN_AGREEMENTS = Permission(
    "agreements.govern", "read every agreement, who may see what, and what was refused", frozenset({Role.GOVERNANCE})
)
DECIDE_AGREEMENTS = Permission(
    "agreements.decide", "end, suspend, resume or withdraw", frozenset({Role.GOVERNANCE}), is_sensitive=True
)
SIGN_AGREEMENTS = Permission(
    "agreements.sign", "put a version of an agreement in force", frozenset({Role.GOVERNANCE}), is_sensitive=True
)
READ_AUDIT = Permission("audit.read", "see who looked at what", frozenset({Role.GOVERNANCE}))
EXPORT_AUDIT = Permission(
    "audit.export", "take entries of the audit log out", frozenset({Role.GOVERNANCE}), is_sensitive=True
)
SEARCH_PEOPLE = Permission(
    "audit.person", "find who looked at one person", frozenset({Role.GOVERNANCE}), is_sensitive=True
)
REVIEW_LOOKING = Permission("audit.review", "review unusual looking", frozenset({Role.GOVERNANCE}))
OWN_USE = Permission("audit.own", "see how often your agency's data is read", frozenset({Role.DATA_OWNER}))
READ_DELIVERIES = Permission(
    "deliveries.read", "see what your agency sends, what is due, and what it is used for",
    frozenset({Role.DATA_OWNER, Role.ANALYST}),
)  # fmt: skip
SEND_DELIVERIES = Permission("deliveries.send", "send your agency's data", frozenset({Role.DATA_OWNER, Role.ANALYST}))
ALL_DELIVERIES = Permission("deliveries.all", "see every agency's deliveries", frozenset({Role.ANALYST}))
DECIDE_HELD = Permission(
    "deliveries.decide", "accept or refuse a delivery that is held", frozenset({Role.ANALYST}), is_sensitive=True
)
# Of commands that have no page.
COUNT_DATA = Permission("command.count", "count behind the gate, and make products of it", frozenset({Role.ANALYST}))
KEEP_HOME = Permission("command.keep", "back up and restore the home", frozenset({Role.ANALYST, Role.GOVERNANCE}))
HOLD_KEYS = Permission("command.keys", "hold the keys of identity and of the vault", frozenset({Role.GOVERNANCE}))
ERASE_PEOPLE = Permission(
    "command.erase", "erase a person, and what is past its retention", frozenset({Role.GOVERNANCE})
)
ALL: tuple[Permission, ...] = tuple(found for found in vars().values() if isinstance(found, Permission))


@dataclass(frozen=True)
class Basis:
    """Why something may be seen: the agreements that give a purpose, and the moment (aware UTC) when the last ends.

    `titles` are what pages call the same agreements.
    """

    agreements: tuple[str, ...]
    titles: tuple[str, ...]
    until: datetime


@dataclass(frozen=True)
class Standing:
    """How whoever asks stands at this moment. `purposes` holds those that an agreement in force gives.

    `is_token`: a program asks, which has no role and at most its token's one purpose.
    """

    is_signed_in: bool = False
    is_token: bool = False
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
    if standing.is_token:
        return needed.is_public or (needed.for_tokens and (needed.purpose is None or bool(standing.purposes)))
    has_purpose = needed.purpose is None or needed.purpose in standing.purposes
    return needed.is_public or (bool(needed.roles & standing.roles) and has_purpose)
