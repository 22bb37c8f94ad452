"""A delivery beside the rows already held of its feed: references used again, rows that are gone, older periods."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from upstander.contracts.profiles import Concern
from upstander.contracts.readings import Covers, Manifest
from upstander.intake import ReadResult
from upstander.intake.suppliers import Supplier
from upstander.pipeline.quality.limits import HELD
from upstander.publish.words import day
from upstander.warehouse import Warehouse
from upstander.warehouse.inforce import in_force


def recycled(warehouse: Warehouse, supplier: Supplier, reading: str, *, but_of: str) -> Concern | None:
    """Whether references name other incidents than they did: the same tokens, at wholly different times.

    Compared are the first moments of each incident, here and in what is in force; only where the map says that the
    references are stable. A corrected date moves one incident; a number that starts anew moves them all.
    """
    if supplier.ids != "stable":
        return None
    apart = timedelta(days=HELD.recycled_days)
    shared, other = warehouse.references_again(supplier.dataset, supplier.name, reading, but_of=but_of, apart=apart)
    if other < HELD.recycled or other < HELD.recycled_share * shared:
        return None
    said = (
        f"{other:,} of {shared:,} incident references that are already held are re-used here for incidents "
        f"more than {HELD.recycled_days} days apart from those they named before. Numbers that start anew would join "
        "what does not belong together. Please ask the sender whether the numbering has changed."
    )
    return Concern("re-used references", "incident_ref", other / shared, said)


def shrunk(supplier: Supplier, result: ReadResult, manifests: Sequence[Manifest]) -> Concern | None:
    """Whether a file brings less than half of the rows that are already held for what it speaks for.

    A list that stands for a day is compared with the list before it; a file of days with what is in force for those
    days; a file of additions only where nearly all of it is already held, since it is then no addition.
    """
    profile, covers = result.profile, result.covers or _span(result)
    if profile is None or covers is None:
        return None
    if supplier.delivers == "snapshot":
        held = in_force(manifests, supplier.dataset)[-1].manifest
        before, now, where = held.lines.accepted, result.lines.accepted, f"the list of {day(held.covers.start)}"
    else:
        if supplier.delivers == "increment" and result.lines.repeated < HELD.repeated_share * profile.sent:
            return None
        before, now = rows_held(manifests, supplier.dataset, covers), profile.rows
        where = f"the deliveries that cover {day(covers.start)} to {day(covers.end - timedelta(days=1))}"
    if now >= HELD.fewer * before or before - now < HELD.fewer_rows:
        return None
    said = (
        f"There are fewer rows than before: {now:,} here, {before:,} in {where}. Nothing that is held was removed. "
        "Please confirm that the extract is complete."
    )
    return Concern("fewer rows", "rows", 1 - now / before, said)


def rows_held(manifests: Iterable[Manifest], dataset: str, covers: Covers) -> int:
    """Rows of what is in force of one feed, on the local days of this period.

    The days of a delivery are told of all its good rows, also those that were held already or were erased since: it
    brings at most the rows that it holds.
    """
    found = 0
    for one in in_force(manifests, dataset):
        if one.manifest.profile is None:
            continue
        runs = one.days if one.days is not None else ((date.min, date.max),)
        told = sum(
            rows for on, rows in one.manifest.profile.rows_by_day()
            if covers.start <= on < covers.end and any(start <= on < end for start, end in runs)
        )  # fmt: skip
        found += min(told, one.manifest.rows)
    return found


def older_period(result: ReadResult, manifests: Iterable[Manifest]) -> str:
    """A sentence where the file speaks for days before all that is held; else nothing."""
    newest = max((one.covers.start for one in manifests), default=None)
    if newest is None or result.covers is None or result.covers.end > newest:
        return ""
    begins = day(newest)
    return f"It is about an older period than the newest held, which begins on {begins}; each stands for its own days."


def _span(result: ReadResult) -> Covers | None:
    """The days of all good rows, for a file of which nothing was new."""
    if result.profile is None or not result.profile.by_day:
        return None
    first, last = (date.fromisoformat(result.profile.by_day[at][0]) for at in (0, -1))
    return Covers(first, last + timedelta(days=1), inferred=True)
