"""A reading beside the earlier deliveries of its feed, before it loads: what a person must look at, what they have
looked at already, and what the sender should know.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from upstander.contracts.dataset import Shape
from upstander.contracts.profiles import Concern
from upstander.contracts.readings import Manifest
from upstander.intake import ReadResult, suppliers, with_concerns
from upstander.intake.suppliers import Supplier
from upstander.pipeline.desk import Desk
from upstander.pipeline.quality.drift import Past, drifted
from upstander.pipeline.quality.earlier import older_period, recycled, shrunk
from upstander.pipeline.quality.limits import DRIFT


@dataclass(frozen=True)
class Arrived:
    """A delivery that was read and has not loaded: by which map, its id, and the reading whose rows are staged."""

    supplier: Supplier
    delivery: str
    reading: str


def weigh(desk: Desk, arrived: Arrived, result: ReadResult) -> ReadResult:
    """The result, with the reasons that the feed's history gives to hold it, and without those a person has settled.

    A delivery that is read again was settled when it first came: no rule about the whole of it holds it anew.
    """
    if result.profile is None:
        return result
    manifests = desk.warehouse.manifests(arrived.supplier.dataset, arrived.supplier.name)
    if any(one.delivery == arrived.delivery for one in manifests):
        return with_concerns(result, ())
    if suppliers.contract_of(arrived.supplier).shape is Shape.INDICATORS or not manifests:
        return result
    own = tuple(one for one in result.concerns if not _is_settled(one, manifests))
    concerns = (*own, *_against_rows(desk, arrived, result, manifests))
    if not concerns:
        # One reason is enough: what is recycled or cut short is unlike its predecessors in every way.
        concerns = _against_profiles(arrived.supplier, result, manifests)
    note = older_period(result, manifests)
    return with_concerns(result, concerns, notes=[note] if note else [])


def _against_rows(
    desk: Desk, arrived: Arrived, result: ReadResult, manifests: Sequence[Manifest]
) -> tuple[Concern, ...]:
    fewer = shrunk(arrived.supplier, result, manifests)
    again = recycled(desk.warehouse, arrived.supplier, arrived.reading, but_of=arrived.delivery)
    return tuple(one for one in (fewer, again) if one is not None and not _is_settled(one, manifests))


def _against_profiles(supplier: Supplier, result: ReadResult, manifests: Sequence[Manifest]) -> tuple[Concern, ...]:
    """Drift from the earlier deliveries that is also drift from the last one that was accepted in spite of it."""
    if result.profile is None or result.covers is None:
        return ()
    past = [
        (one, Past(one.profile, one.covers, one.lines.set_aside))
        for one in _newest_of_each(manifests)
        if one.profile is not None
    ]
    now, has_days = Past(result.profile, result.covers, result.lines.set_aside), supplier.delivers != "snapshot"
    found = drifted(now, [told for _, told in past], has_days=has_days)
    return tuple(one for one in found if not _is_accustomed(one, now, past, has_days=has_days))


def _is_accustomed(concern: Concern, now: Past, past: Sequence[tuple[Manifest, Past]], *, has_days: bool) -> bool:
    """Whether a person accepted the same drift before, and this delivery is like what came since."""
    accepted = [at for at, (manifest, _) in enumerate(past) if _named(concern) in map(_named, manifest.concerns)]
    if not accepted:
        return False
    since = [told for _, told in past[accepted[-1] :]]
    return _named(concern) not in map(_named, drifted(now, since, least=1, has_days=has_days))


def _is_settled(concern: Concern, manifests: Iterable[Manifest]) -> bool:
    """Whether a person accepted as much of the same from this feed before."""
    same = (one for manifest in manifests for one in manifest.concerns if _named(one) == _named(concern))
    return any(concern.size <= one.size + DRIFT.waived_within for one in same)


def _named(concern: Concern) -> tuple[str, str]:
    return concern.rule, concern.column


def _newest_of_each(manifests: Iterable[Manifest]) -> list[Manifest]:
    """The newest reading of each delivery, in the order in which deliveries first came."""
    newest: dict[str, Manifest] = {}
    for manifest in manifests:
        newest[manifest.delivery] = manifest  # a name that is there already keeps its place
    return list(newest.values())
