"""The years behind a bulletin: its sources read again, through the same gate, over all that is needed to compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from upstander.contracts.definitions import ViolenceDefinition
from upstander.contracts.releasing import Edition
from upstander.errors import UpstanderError
from upstander.pipeline.desk import Desk
from upstander.pipeline.injuries import exact
from upstander.pipeline.injuries.ground import Ground, area_ground
from upstander.pipeline.injuries.sources import Source, read_source
from upstander.places import Reference
from upstander.values.areas import split_layer
from upstander.values.periods import Period

YEARS = 6  # five to compare with, and the one that is judged
OFFENCES_OF, OFFENCE = "police_incidents", "offence_code"
# Weekly counts of a small area are mostly none: a rise there cannot be told from chance.
_KINDS: Mapping[Edition, tuple[str, ...]] = {Edition.OPERATIONAL: ("ward", "ltla"), Edition.SHAREABLE: ("ltla",)}


@dataclass(frozen=True)
class Past:
    """The sources over years, and the ground that rises are looked for on; None where no outlines of large enough
    areas are loaded.
    """

    sources: tuple[Source, ...]
    ground: Ground | None

    def by_week(self) -> pl.DataFrame:
        """source, area, week, count, exact: on their way to protection."""
        ground = self.ground
        parts = [] if ground is None else [exact.by_area_and_week(source, ground) for source in self.sources]
        blank = {"source": pl.String, "area": pl.String, "week": pl.String, "count": pl.Int64}
        return pl.concat([pl.DataFrame(schema=blank), *parts])

    def by_week_in_all(self) -> pl.DataFrame:
        """source, week, what, count, exact: the whole of each source, and of what kind its records are."""
        blank = {"source": pl.String, "week": pl.String, "what": pl.String, "count": pl.Int64}
        return pl.concat([pl.DataFrame(schema=blank), *(exact.by_week_in_all(source) for source in self.sources)])

    def by_offence(self, period: Period) -> pl.DataFrame:
        """source, span (before, now), offence, count, exact: the period, and as long before it."""
        parts = [
            exact.by_offence(one, period) for one in self.sources if OFFENCE in one.table.columns
        ]  # fmt: skip
        blank = {"source": pl.String, "span": pl.String, "offence": pl.String, "count": pl.Int64}
        return pl.concat([pl.DataFrame(schema=blank), *parts])


def past_of(
    desk: Desk, sources: Sequence[Source], definition: ViolenceDefinition, period: Period, edition: Edition,
    reference: Reference, layers: Sequence[str], up_to: int | None,
) -> Past:  # fmt: skip
    """The years before and with the period, of the sources that the bulletin has."""
    fit = [layer for layer in layers if split_layer(layer)[0] in _KINDS[edition]]
    years = Period.between(_earlier(period.end), period.end)
    again = (_read(desk, one.dataset, definition, years, edition, up_to) for one in sources)
    return Past(tuple(one for one in again if isinstance(one, Source)), area_ground(reference, fit[0]) if fit else None)


def _read(
    desk: Desk, dataset: str, definition: ViolenceDefinition, years: Period, edition: Edition, up_to: int | None
) -> Source | UpstanderError:
    """The source with the offence of each record, where it has one and an agreement gives it; else without."""
    if dataset == OFFENCES_OF:
        told = read_source(desk, dataset, definition, years, edition, more=(OFFENCE,), up_to=up_to)
        if isinstance(told, Source):
            return told
    return read_source(desk, dataset, definition, years, edition, up_to=up_to)


def _earlier(day: date) -> date:
    return day.replace(year=day.year - YEARS, day=min(day.day, 28))
