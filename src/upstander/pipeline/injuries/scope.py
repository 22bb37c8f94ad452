"""What all tables of one bulletin share, and what each of them must be able to say of itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from upstander.analysis.hotspots.windows import Window
from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import About, Edition
from upstander.pipeline.injuries.ground import Ground
from upstander.pipeline.injuries.sources import Source
from upstander.values.periods import Period


@dataclass(frozen=True)
class Scope:
    """What all tables of one bulletin share."""

    edition: Edition
    period: Period
    window: Window | None
    definition: str
    expires: date
    seed: int
    weeks_a_point: int
    release: str = ""
    newer: tuple[str, ...] = ()  # that a newer release has replaced it


def about_of(
    scope: Scope,
    sources: Sequence[Source],
    ground: Ground,
    title: str,
    method: str,
    source: str,
    *,
    layer: bool = False,
    caveats: tuple[str, ...] = (),
) -> About:
    """What a table made from these sources says of itself. method: its name and version; source: who published it."""
    rules: tuple[CountRule, ...] = tuple(dict.fromkeys(rule for one in sources for rule in one.rules))
    name, _, version = method.partition(" ")
    return About(
        title=title,
        measure="records",
        unit="records",
        edition=scope.edition,
        period=scope.period,
        area_layer=ground.layer if layer else "",
        rules=rules,
        readings=tuple(reading for one in sources for reading in one.readings),
        method=name,
        method_version=version,
        definition=scope.definition,
        source=source,
        caveats=(
            *([f"Of the readings of release {scope.release}."] if scope.release else []),
            *scope.newer,
            *caveats,
        ),
        handling="OFFICIAL" if all(rule.open_data for rule in rules) else "OFFICIAL-SENSITIVE",
        expires=scope.expires,
    )
