"""Which readings are in force, and for which local days. A pure function of the manifests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from upstander.contracts.readings import Manifest

Days = tuple[tuple[date, date], ...]
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class InForce:
    """A reading in force. `days` are the half-open runs of local days it speaks for; None means all of its rows."""

    manifest: Manifest
    days: Days | None


def in_force(manifests: Iterable[Manifest], dataset: str) -> tuple[InForce, ...]:
    """The readings of a dataset in force, by supplier, then in the order in which their deliveries were first read.

    Each supplier stands alone. Of one delivery the newest reading counts, in the place its first reading had: a
    corrected map mends what was delivered then and does not undo what was delivered since. How a supplier delivers is
    what its newest reading says:
    whole: for each local day the newest delivery that covers it; increment: all; snapshot: the newest.
    A delivery is newer than another if it was extracted later. One that does not say when is taken to be no older
    than any that came before it; equals are ordered by arrival, which is a number given under a lock.
    """
    mine = [manifest for manifest in manifests if manifest.dataset == dataset]
    suppliers = sorted({manifest.supplier for manifest in mine})
    return tuple(
        one
        for supplier in suppliers
        for one in _of_supplier([manifest for manifest in mine if manifest.supplier == supplier])
    )


def _of_supplier(manifests: Sequence[Manifest]) -> list[InForce]:
    by_arrival = _deliveries(manifests)
    delivers = max(manifests, key=lambda manifest: manifest.sequence).delivers
    if delivers == "increment":
        return [InForce(manifest, None) for manifest in by_arrival]
    newest_first = _newest_first(by_arrival)
    chosen = [InForce(newest_first[0], None)] if delivers == "snapshot" else _by_day(newest_first)
    return sorted(chosen, key=lambda one: by_arrival.index(one.manifest))


def _deliveries(manifests: Sequence[Manifest]) -> list[Manifest]:
    """The newest reading of each delivery, in the order of first readings."""
    newest: dict[str, Manifest] = {}
    for manifest in sorted(manifests, key=lambda manifest: manifest.sequence):
        newest[manifest.delivery] = manifest  # a name that is there already keeps its place
    return list(newest.values())


def _newest_first(by_arrival: Sequence[Manifest]) -> list[Manifest]:
    keys: list[tuple[datetime, int]] = []
    latest = _NEVER
    for place, manifest in enumerate(by_arrival):
        extracted = manifest.extracted_at or latest
        latest = max(latest, extracted)
        keys.append((extracted, place))
    return [by_arrival[place] for _, place in sorted(keys, reverse=True)]


def _by_day(newest_first: Sequence[Manifest]) -> list[InForce]:
    chosen: list[InForce] = []
    taken: Days = ()
    for manifest in newest_first:
        whole = (manifest.covers.start, manifest.covers.end)
        left = _without(whole, taken)
        if left:
            chosen.append(InForce(manifest, None if left == (whole,) else left))
            taken = tuple(sorted((*taken, *left)))
    return chosen


def _without(whole: tuple[date, date], taken: Days) -> Days:
    """The runs of days in `whole` that no run of `taken` (sorted, apart) holds."""
    left: list[tuple[date, date]] = []
    start, end = whole
    for begun, ended in taken:
        if start < min(begun, end):
            left.append((start, min(begun, end)))
        start = max(start, ended)
    if start < end:
        left.append((start, end))
    return tuple(left)
