"""Whose feeds are whose: what agreements in force say an agency provides, and what of it has come."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from upstander import contracts
from upstander.contracts.readings import Manifest
from upstander.pipeline.home import Home
from upstander.pipeline.quality.calendar import Entry, feed_calendar
from upstander.sharing import AgreementRegister
from upstander.sharing.terms import ANY_SUPPLIER
from upstander.warehouse import Warehouse, engine_maker

AHEAD = timedelta(days=60)  # how early pages tell that something falls due


@dataclass(frozen=True, order=True)
class OwnFeed:
    """One dataset from one supplier, and the agency that provides it, by the short name that agreements use."""

    dataset: str
    supplier: str
    provider: str

    @property
    def title(self) -> str:
        """The dataset in words."""
        return contracts.ALL[self.dataset].title

    @property
    def key(self) -> tuple[str, str]:
        """Dataset and supplier: what a reading names."""
        return self.dataset, self.supplier


def feeds_in_force(register: AgreementRegister, at: datetime, provider: str | None = None) -> tuple[OwnFeed, ...]:
    """Every feed that an agreement in force names at a moment; of one provider, where one is given.

    Who provides a feed is what the agreement that was signed says, not what a supplier map calls its agency.
    """
    found = {
        OwnFeed(schedule.dataset, supplier, schedule.provider)
        for agreement in register.agreements(at)
        for schedule in agreement.schedules
        if agreement.stands(schedule, at) and provider in (None, schedule.provider)
        for supplier in schedule.suppliers
        if supplier != ANY_SUPPLIER
    }
    return tuple(sorted(found))


def feeds_due(home: Home, feeds: Collection[OwnFeed], today: date) -> tuple[Entry, ...]:
    """What came, is due (within AHEAD) and is late of these feeds, for their owner or a steward. Only manifests are
    read.
    """
    keys = {feed.key for feed in feeds}
    found = (one for dataset in sorted({one.dataset for one in feeds}) for one in _manifests(home, dataset))
    return feed_calendar((one for one in found if (one.dataset, one.supplier) in keys), today=today, ahead=AHEAD)


def reading_of(home: Home, reading: str) -> Manifest | None:
    """The manifest of a reading; None where there is none."""
    return next((one for one in _manifests(home) if one.reading == reading), None)


def _manifests(home: Home, dataset: str | None = None) -> tuple[Manifest, ...]:
    settings = home.settings
    return Warehouse(home.root, engine_maker(settings.engine, spark_master=settings.spark_master)).manifests(dataset)
