"""The places that a text may mean, for a person to choose among: what each is, where, and how sure it would be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from upstander.places.reference import Reference
from upstander.places.texts.choosing import weighed
from upstander.places.texts.gazetteer import Gazetteer
from upstander.places.texts.understanding import understood

_SHOWN = 6


@dataclass(frozen=True)
class Candidate:
    """One entry of a gazetteer that a text may mean. `town` is the nearest one; `distance_km` is from the site."""

    id: str
    title: str
    kind: str
    town: str
    distance_km: float | None
    confidence: float


def candidates_of(reference: Reference, asked: pl.DataFrame, *, metric_crs: str | None) -> list[tuple[Candidate, ...]]:
    """For each text (text, site) the likeliest places, best first; none where nothing fits."""
    known = reference.texts(metric_crs) if metric_crs else reference.texts()
    rows = weighed(understood(asked, known).candidates)
    entries = known.gazetteer.entries.select("entry", "id", "title")
    best = rows.sort("ask", "confidence", "worth", descending=[False, True, True]).with_columns(
        rank=pl.int_range(pl.len()).over("ask")
    ).filter(pl.col("rank") < _SHOWN).join(entries, on="entry")  # fmt: skip
    towns = _nearest_towns(best.select("entry", "x", "y").unique(), known.gazetteer)
    found: dict[int, list[Candidate]] = {}
    told = best.sort("ask", "rank").select("ask", "entry", "id", "title", "kind", "distance_km", "confidence")
    for ask, entry, name, title, kind, distance, confidence in told.iter_rows():
        candidate = Candidate(name, title, kind, towns.get(entry, ""), distance, round(confidence, 3))
        found.setdefault(ask, []).append(candidate)
    return [tuple(found.get(ask, ())) for ask in range(asked.height)]


def _nearest_towns(places: pl.DataFrame, gazetteer: Gazetteer) -> Mapping[int, str]:
    towns = gazetteer.entries.filter(pl.col("kind") == "town").select(t_x="x", t_y="y", town="title")
    apart = (pl.col("x") - pl.col("t_x")) ** 2 + (pl.col("y") - pl.col("t_y")) ** 2
    nearest = places.join(towns, how="cross").sort(apart).unique("entry", keep="first", maintain_order=True)
    named: Sequence[tuple[int, str]] = nearest.select("entry", "town").rows()
    return dict(named)
