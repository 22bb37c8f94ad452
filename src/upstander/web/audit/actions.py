"""What is done with the audit log on the site. Looking into it is itself written in it, before anything is shown."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction

from upstander.contracts.asking import Purpose
from upstander.sharing import AuditEntry, AuditEvent, AuditSearch, entry_of
from upstander.web.accounts import trail
from upstander.web.accounts.models import Conflict, Person
from upstander.web.audit.copies import as_csv, marking
from upstander.web.audit.models import Line, Review, Week
from upstander.web.opened import opened

if TYPE_CHECKING:
    from upstander.pipeline.trail import Checked

MOST_OUT = 20_000
_HERE = ZoneInfo("Europe/London")


def found(wanted: AuditSearch, asked: str, by: Person, at: datetime, *, most: int) -> list[AuditEntry]:
    """The newest entries like these. `asked` says in words what was looked for."""
    trail.note("search audit", by, at, why=asked)
    return list(islice(opened().audit.search(wanted), most))


def copy_of(wanted: AuditSearch, asked: str, by: Person, at: datetime) -> tuple[int, bytes]:
    """A numbered copy of what is found: its number, which is that of the entry recording it, and its bytes."""
    here = opened()
    event = AuditEvent(
        at, by.handle, by.agency_id or "", Purpose.STEWARDSHIP, "", (), (), "export audit", "done", asked, ""
    )
    number = here.audit.append(event).seq
    before = number if wanted.before is None else min(number, wanted.before)
    entries = list(islice(here.audit.search(replace(wanted, before=before)), MOST_OUT))
    mark = marking(
        number, here.home.settings.network, by.name, at, asked, len(entries), is_whole=len(entries) < MOST_OUT
    )
    return number, as_csv(mark, entries)


def last_whole_week(at: datetime) -> date:
    """The Monday of the last week that was over at a moment, on the wall calendar of the partnership."""
    today = at.astimezone(_HERE).date()
    return today - timedelta(days=today.weekday() + 7)


def go_through(first: date, by: Person, at: datetime) -> Week:
    """Go through a week's looking and put what stands out on the list; a second time changes nothing."""
    from upstander.pipeline.unusual import Declared, week_of_looking

    held = Week.objects.filter(first=first).first()
    if held is not None:
        return held
    roles = {one.handle: ", ".join(one.role_titles) for one in Person.objects.all()}
    declared = [
        Declared(one.person.handle, one.value, one.declared_at, one.ended_at)
        for one in Conflict.objects.select_related("person")
    ]
    week = week_of_looking(opened().audit, first, roles, declared)
    with transaction.atomic():
        made = Week.objects.create(first=first, looks=week.looks, people=week.people, made_at=at, made_by=by.handle)
        Review.objects.bulk_create(
            Review(week=made, kind=one.kind, person=one.person, said=one.said, entries=list(one.seqs))
            for one in week.found
        )
        trail.note("go through looking", by, at, why=f"week of {first}")
    return made


def settle(review: Review, state: Review.State, note: str, by: Person, at: datetime) -> None:
    """Say what became of something that stood out."""
    with transaction.atomic():
        review.state, review.note, review.by, review.at = state, note, by.handle, at
        review.save(update_fields=["state", "note", "by", "at"])
        trail.note("review looking", by, at, answer=str(state), why=f"{review.pk} of the week of {review.week.first}")


def entries_of(places: Sequence[int]) -> list[AuditEntry]:
    """The entries at these places, oldest first."""
    lines = Line.objects.filter(seq__in=places).order_by("seq").values_list("content", flat=True)
    return [entry for line in lines if (entry := entry_of(bytes(line))) is not None]


def checked() -> "Checked":
    """The whole chain against itself and against the heads kept outside."""
    from upstander.pipeline.trail import check_chain

    here = opened()
    return check_chain(here.audit, here.home.audit_anchors)
