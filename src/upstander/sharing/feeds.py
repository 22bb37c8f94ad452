"""Whether a supplier's feed rests on an agreement, and how it must be handled, asked before a file is parsed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from upstander.sharing.agreement import Agreement
from upstander.sharing.terms import Handling, Schedule


def schedules_in_force(
    agreements: Iterable[Agreement], *, dataset: str, supplier: str, at: datetime
) -> tuple[tuple[Agreement, Schedule], ...]:
    """Every schedule that shares this supplier's dataset at a moment, for whatever purpose; none means no feed."""
    return tuple(
        (agreement, schedule)
        for agreement in agreements
        for schedule in agreement.schedules
        if schedule.dataset == dataset and schedule.covers_supplier(supplier) and agreement.stands(schedule, at)
    )


def linkage_domain(found: Iterable[tuple[Agreement, Schedule]], *, dataset: str, supplier: str) -> str:
    """The shared domain that a signed clause in force gives a feed's tokens; empty where none does.

    found: the schedules in force that carry the feed. Where two agreements name one each, the first by name governs.
    """
    clauses = sorted(
        (agreement.name, clause.domain)
        for agreement in {one.name: one for one, _ in found}.values()
        if agreement.terms and (clause := agreement.terms.linkage_of(dataset, supplier))
    )
    return clauses[0][1] if clauses else ""


def strictest_handling(schedules: Sequence[Schedule]) -> tuple[str, int]:
    """Postcode level and retention in days that satisfy every schedule: the coarsest, the shortest."""
    handlings: list[Handling] = [schedule.handling for schedule in schedules]
    levels = {handling.postcode_level for handling in handlings}
    return "district" if "district" in levels else "sector", min(handling.retention_days for handling in handlings)
