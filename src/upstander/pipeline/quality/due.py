"""The feed calendar for a person who may see it: only feeds whose schedule lets them look after it."""

from datetime import date

from upstander import contracts
from upstander.contracts.asking import Purpose
from upstander.contracts.releasing import Edition
from upstander.errors import WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import NotGranted, ask
from upstander.pipeline.quality.calendar import Entry, feed_calendar


def calendar_for(desk: Desk, *, dataset: str | None, today: date) -> tuple[Entry, ...]:
    """The calendar of one dataset, or of all that the person may look after. No row is read, only manifests.

    Raises WrongUsage for no such dataset; NotGranted where one dataset was asked for and the gate says no.
    """
    if dataset is not None and dataset not in contracts.ALL:
        raise WrongUsage(f"There is no dataset '{dataset}'.", found=dataset, expected=", ".join(contracts.ALL))
    at = desk.asking(purpose=Purpose.STEWARDSHIP, why=desk.who.why or "what is due and late")
    held = [one for one in at.warehouse.manifests() if dataset in (None, one.dataset)]
    granted: set[tuple[str, str]] = set()
    for name in sorted({one.dataset for one in held}):
        try:
            allowed = ask(at, name, (contracts.ALL[name].counts_by,), Edition.SHAREABLE)
        except NotGranted:
            if dataset is not None:
                raise
            continue
        granted |= {(name, grant.supplier) for grant in allowed.grants}
    return feed_calendar((one for one in held if (one.dataset, one.supplier) in granted), today=today)
