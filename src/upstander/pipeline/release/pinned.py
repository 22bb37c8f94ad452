"""What a plan pins, looked up: readings, snapshots, measures and the definitions they count by."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from upstander.contracts.definitions import ViolenceDefinition, load_definition
from upstander.contracts.measures import Measure, all_measures
from upstander.contracts.readings import Manifest
from upstander.errors import NotAcceptable
from upstander.pipeline.home import Home
from upstander.pipeline.release.plan import PinnedReading, PinnedSource
from upstander.pipeline.release.tallies import Tally, asked_sha256, tallies_of
from upstander.values.periods import Period
from upstander.warehouse import InForce, in_force

_ANY = "*"
_SNAPSHOT = "snapshot"


class CannotRebuild(NotAcceptable):
    """What a release was made from is not held, or not allowed, any more."""


def cannot(what: str, dataset: str) -> CannotRebuild:
    """The error of a plan that cannot be followed any more."""
    return CannotRebuild(f"The release cannot be built again: {what}.", where=dataset, found=what)


@dataclass(frozen=True)
class CountedAgain:
    """What a source counts: its measures by name, its counts, and for each share the count that it is out of."""

    measures: Mapping[str, Measure]
    tallies: Mapping[str, Tally]
    out_of: Mapping[str, str]


def counted_again(home: Home, source: PinnedSource) -> CountedAgain:
    """What the plan pins, as it is declared now. Raises CannotRebuild where it asks anything else than then."""
    declared = all_measures()
    if gone := [one.name for one in source.measures if one.name not in declared]:
        raise cannot(f"there is no measure {gone[0]} any more", source.dataset)
    measures = {one.name: declared[one.name] for one in source.measures}
    definitions: dict[str, ViolenceDefinition | None] = {}
    for one in source.measures:
        named = measures[one.name].numerator.definition
        definition = load_definition(one.definition, one.definition_version, home.reference / "definitions") if (
            named) else None  # fmt: skip
        if asked_sha256(measures[one.name], definition) != one.definition_sha256:
            raise cannot(f"the definition {one.definition} {one.definition_version} has been changed", source.dataset)
        definitions[one.name] = definition
    if source.kind == "figures":
        return CountedAgain(measures, {}, {})
    return CountedAgain(measures, *tallies_of(list(measures.values()), definitions))


def readings_of(
    manifests: Sequence[Manifest], dataset: str, suppliers: Collection[str], quarters: Sequence[Period]
) -> tuple[PinnedReading, ...]:
    """The readings in force of these suppliers, then the snapshots that stood at the end of these quarters (none where
    nothing is counted that stands).
    """
    held = [one for one in in_force(manifests, dataset) if _is_of(one.manifest, suppliers)]
    known = {one.manifest.reading for one in held}
    stood = {
        one.reading: one for quarter in quarters for one in snapshots_at(manifests, dataset, suppliers, quarter)
        if one.reading not in known
    }  # fmt: skip
    return tuple(_pinned(one) for one in (*held, *(InForce(one, None) for one in stood.values())))


def snapshots_at(
    manifests: Sequence[Manifest], dataset: str, suppliers: Collection[str], quarter: Period
) -> list[Manifest]:
    """Of each supplier that sends how things stand: the first delivery that speaks of the quarter's last day."""
    found: dict[str, Manifest] = {}
    mine = [one for one in manifests if one.dataset == dataset and _is_of(one, suppliers)]
    for one in sorted(mine, key=lambda one: (one.covers.end, -one.sequence), reverse=True):
        if one.delivers == _SNAPSHOT and one.covers.start < quarter.end <= one.covers.end:
            found[one.supplier] = one  # the later ones come first, and give way
    return [found[name] for name in sorted(found)]


def deliveries_at(
    manifests: Sequence[Manifest], dataset: str, suppliers: Collection[str], quarter: Period
) -> frozenset[str]:
    """The deliveries out of which it is counted what stood at the end of a quarter."""
    snapshots = snapshots_at(manifests, dataset, suppliers, quarter)
    others = [one for one in manifests if one.dataset == dataset and one.delivers != _SNAPSHOT]
    return frozenset(one.delivery for one in (*snapshots, *others))


def _is_of(manifest: Manifest, suppliers: Collection[str]) -> bool:
    return manifest.supplier in suppliers or _ANY in suppliers


def _pinned(one: InForce) -> PinnedReading:
    """A reading, as a release names it."""
    manifest = one.manifest
    parts = tuple((part.name, part.sha256) for part in manifest.parts)
    covers = manifest.covers
    return PinnedReading(
        manifest.supplier, manifest.reading, covers.start, covers.end, one.days or (), parts, manifest.delivers
    )
