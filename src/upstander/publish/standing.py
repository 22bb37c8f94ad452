"""Which places are named and numbered, and in what order. One order for pins, ranked rows and sentences."""

from collections.abc import Mapping
from dataclasses import dataclass

from upstander.publish.model import Bulletin
from upstander.publish.reading import ABSENT, Cells, Shown, cells_of
from upstander.publish.tokens import Source

MOST_NAMED = 8
LAST_RANK = 12  # ranks below this are drawn as "below 12th"


@dataclass(frozen=True)
class Place:
    """One named place: its number on every map, what each source counts there, and where its rank could lie."""

    number: int
    area: str
    name: str
    stands_out: tuple[Source, ...]
    only: Source | None
    counts: Mapping[str, Shown]
    ranks: Mapping[str, Shown]


def named_places(bulletin: Bulletin, most: int = MOST_NAMED) -> tuple[Place, ...]:
    """The places that stand out, by the highest rank that a source they stand out in gives them.

    A place that one agency alone sees may so come first: that is what several sources are for. This is an order for
    reading, not a score: whether two places can be told apart is said beside it.
    """
    counts, ranks = cells_of(bulletin.tables.get("places")), cells_of(bulletin.tables.get("ranks"))
    named = cells_of(bulletin.tables.get("stands_out"), "source", "area")
    sees = {area: _seers(bulletin, named, ranks, area) for area in _candidates(bulletin, counts, ranks)}
    ordered = sorted(sees, key=lambda area: (
        not sees[area], _best_rank(sees[area] or bulletin.present, ranks, area), -len(sees[area]),
        -_most(bulletin, counts, area), area,
    ))  # fmt: skip
    chosen = [area for area in ordered if sees[area] or _most(bulletin, counts, area) > 0][:most]
    only = _only_seers(bulletin)
    return tuple(
        Place(
            number, area, bulletin.name_of(area), sees[area], only.get(area),
            {source.dataset: counts.get((source.dataset, area), ABSENT) for source in bulletin.present},
            {source.dataset: ranks.get((source.dataset, area), ABSENT) for source in bulletin.present},
        )
        for number, area in enumerate(chosen, start=1)
    )  # fmt: skip


def told_apart(first: Shown, second: Shown) -> bool:
    """Whether two rank intervals do not overlap."""
    ends = (first.low, first.high, second.low, second.high)
    if None in ends:
        return False
    return (first.high or 0) < (second.low or 0) or (second.high or 0) < (first.low or 0)


def _candidates(bulletin: Bulletin, counts: Cells, ranks: Cells) -> set[str]:
    seen = set(bulletin.sources)
    outs = cells_of(bulletin.tables.get("stands_out"), "source", "area")
    return {area for source, area in (*counts, *ranks, *outs) if source in seen}


def _seers(bulletin: Bulletin, named: Cells, ranks: Cells, area: str) -> tuple[Source, ...]:
    """The sources a place stands out in: named by Gi* if that was released, else surely among the first.

    The first are a tenth of the places, twelve at most: of seven districts, every one is among the first twelve.
    """
    if "stands_out" in bulletin.tables:
        return tuple(source for source in bulletin.present if (source.dataset, area) in named)
    first = min(LAST_RANK, max(1, len({place for _, place in ranks}) // 10))
    sure = [ranks.get((source.dataset, area), ABSENT) for source in bulletin.present]
    return tuple(
        source for source, rank in zip(bulletin.present, sure, strict=True)
        if rank.high is not None and rank.high <= first
    )  # fmt: skip


def _best_rank(sources: tuple[Source, ...], ranks: Cells, area: str) -> float:
    found = [ranks.get((source.dataset, area), ABSENT) for source in sources]
    return min((rank.number for rank in found if rank.has_number), default=float("inf"))


def _most(bulletin: Bulletin, counts: Cells, area: str) -> float:
    return max((counts.get((source.dataset, area), ABSENT).number for source in bulletin.present), default=0.0)


def _only_seers(bulletin: Bulletin) -> dict[str, Source]:
    by_dataset = {source.dataset: source for source in bulletin.present}
    cells = cells_of(bulletin.tables.get("one_agency"), "area", "source")
    return {area: by_dataset[source] for area, source in cells if source in by_dataset}
