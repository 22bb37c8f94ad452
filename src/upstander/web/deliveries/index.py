"""The index of deliveries over the database, made from the manifests."""

from collections.abc import Iterable

from django.db import transaction

from upstander.contracts.readings import Manifest
from upstander.web.deliveries.models import Reading
from upstander.web.reaching import reaching

_COPIED = tuple(field.name for field in Reading._meta.fields)  # noqa: SLF001 - Django's public name


class DeliveryIndex:
    """The index in one database."""

    def __init__(self, alias: str) -> None:
        self._alias = alias

    def follow(self, manifests: Iterable[Manifest], in_force: Iterable[str]) -> int:
        """Make the index say what the manifests say; how many rows were not so before. in_force: readings."""
        meant = {one.reading: one for one in _rows(manifests, frozenset(in_force))}
        with reaching(self._alias), transaction.atomic(using=self._alias):
            held = {one.reading: one for one in Reading.objects.using(self._alias).all()}
            gone = held.keys() - meant.keys()
            changed = [
                one for reading, one in meant.items() if reading not in held or _told(held[reading]) != _told(one)
            ]
            Reading.objects.using(self._alias).filter(reading__in=gone).delete()
            Reading.objects.using(self._alias).bulk_create(
                changed, update_conflicts=True, unique_fields=["reading"],
                update_fields=[name for name in _COPIED if name != "reading"],
            )  # fmt: skip
        return len(changed) + len(gone)

    def rows(self) -> list[Reading]:
        """Every row, oldest first."""
        with reaching(self._alias):
            return list(Reading.objects.using(self._alias).all())


def _rows(manifests: Iterable[Manifest], in_force: frozenset[str]) -> Iterable[Reading]:
    for one in manifests:
        yield Reading(
            reading=one.reading, delivery=one.delivery, sequence=one.sequence, dataset=one.dataset,
            supplier=one.supplier, agency=one.agency, covers_start=one.covers.start, covers_end=one.covers.end,
            is_inferred=one.covers.inferred, received=one.received, outcome=one.outcome.value,
            records=one.lines.records, accepted=one.lines.accepted, quarantined=one.lines.quarantined,
            repeated=one.lines.repeated, set_aside=one.lines.set_aside, is_in_force=one.reading in in_force,
        )  # fmt: skip


def _told(row: Reading) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _COPIED)
