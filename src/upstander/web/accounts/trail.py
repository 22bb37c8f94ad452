"""What happens to people and their sign-in, in the audit log that also keeps who read what."""

from datetime import datetime

from upstander.contracts.asking import Purpose
from upstander.sharing import AuditEvent
from upstander.web.accounts.models import Person
from upstander.web.opened import opened


def note(action: str, by: Person | str, at: datetime, *, answer: str = "done", why: str = "") -> None:
    """Write down that somebody did something, or that they were refused.

    `by` as words is whoever sits at the machine itself, or nobody known (empty). What a stranger typed is never
    written: it may be a password. Raises TryAgain, and whoever asked must not go on.
    """
    handle = by.handle if isinstance(by, Person) else by
    agency = by.agency_id or "" if isinstance(by, Person) else ""
    opened().audit.append(AuditEvent(at, handle, str(agency), Purpose.STEWARDSHIP, "", (), (), action, answer, why, ""))
