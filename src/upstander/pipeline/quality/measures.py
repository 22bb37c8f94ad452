"""The dimensions of quality of one delivery, from its manifest: shares of 1, days from event to receipt.

Source of the dimensions: DAMA UK, The Six Primary Dimensions for Data Quality Assessment (2013); Government Data
Quality Framework (2020).
"""

from collections.abc import Collection
from dataclasses import dataclass

from upstander.contracts.readings import Manifest

_INCONSISTENT = ("recorded before it happened", "ends before it starts", "born after it happened", "outside the period")
_TWICE = ("exact duplicate of an earlier row", "two different rows with the same key")
_FINE = ("point", "unit postcode", "area")


@dataclass(frozen=True)
class Measures:
    """One delivery. A measure is None where it does not apply or an older manifest does not say.

    completeness: filled cells of the columns looked at. validity: filled cells that no rule of their column refused.
    uniqueness, consistency: rows not kept back as repeats, and not for contradicting themselves. granularity: rows that
    say their place as finely as a small area. delay_days: median and 95th percentile from event to receipt.
    """

    completeness: float | None
    validity: float | None
    uniqueness: float | None
    consistency: float | None
    granularity: float | None
    delay_days: tuple[int, int] | None


def measures_of(manifest: Manifest, columns: Collection[str]) -> Measures:
    """The measures of a delivery, over these contract columns."""
    profile, rows = manifest.profile, manifest.lines.records - manifest.lines.set_aside
    kept_back = dict(manifest.quarantined_by_rule)
    cells = [] if profile is None else [one for one in profile.columns if one.name in columns]
    filled, sent = sum(one.filled for one in cells), len(columns) * (profile.sent if profile else 0)
    grains = dict(profile.granularity) if profile else {}
    delays = profile.delay_days if profile else ()
    return Measures(
        completeness=filled / sent if sent else None,
        validity=sum(one.valid for one in cells) / filled if filled else None,
        uniqueness=1 - sum(kept_back.get(rule, 0) for rule in _TWICE) / rows if rows else None,
        consistency=1 - sum(kept_back.get(rule, 0) for rule in _INCONSISTENT) / rows if rows else None,
        granularity=sum(grains.get(kind, 0) for kind in _FINE) / sum(grains.values()) if grains else None,
        delay_days=(delays[1], delays[2]) if delays else None,
    )
