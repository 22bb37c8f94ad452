"""The attack on everything ever released: what can be worked out about each hidden cell, and from which sums.

Source: Fischetti and Salazar, Solving the cell suppression problem (Management Science 47, 2001), attacker's problems.
It takes no notice of how a pattern was made.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from upstander.disclosure.bounds import Reach, reach, whole_numbers
from upstander.disclosure.cubes import Linked, Publication, link, tidy
from upstander.disclosure.knowledge import Knowledge, at_risk, knowledge, tells_of_few
from upstander.disclosure.programmes import SLACK
from upstander.disclosure.types import Flags, Ints


@dataclass(frozen=True)
class Attack:
    """What the strongest attacker can work out, narrowest first.

    cells: one row a target: the dimensions, `vintage`, `since` (an older vintage, where the target is the difference
    of the two; else null), `low` and `high` (whole numbers; null: no limit), `values` (how many it can still be; null:
    no limit), `wanted`, `is_exact` (else at least so wide), `is_exposed`. sums: for each exposed cell (`target`, its
    row in cells) the sums that give it away: dimension, split, then the dimensions and vintage of the total.
    programmes: how many were solved.
    """

    cells: pl.DataFrame
    sums: pl.DataFrame
    programmes: int

    @property
    def exposed(self) -> pl.DataFrame:
        """The cells that can be worked out more closely than their rule allows."""
        return self.cells.filter("is_exposed")

    @property
    def is_clean(self) -> bool:
        """Whether no cell is exposed."""
        return not self.cells["is_exposed"].any()


def attack(publications: Sequence[Publication], *, known: pl.DataFrame | None = None, tight: bool = False) -> Attack:
    """Attack everything published, in the order in which it was.

    known: what outsiders know besides: dimensions, low, high (and vintage, if one is meant). Without `tight`, a cell
    that keeps its rule's width is not searched further. Raises UnfitTables where the numbers contradict one another.
    """
    publications = [replace(each, cells=tidy(each.dimensions, each.cells)) for each in publications]
    linked = link(publications)
    facts = knowledge(linked, publications, known)
    risked = at_risk(facts)
    wanted = facts.wanted.part(risked)
    if tight:
        wanted = replace(wanted, width=np.full(len(risked), np.inf))
    found = reach(facts.sums, facts.low, facts.high, wanted)
    return _told(linked, facts, risked, found, is_tight=tight)


def exposed(facts: Knowledge, targets: Ints, found: Reach) -> Flags:
    """Of these targets (places among all), the ones that are exposed."""
    wanted = facts.wanted.part(targets)
    least, most = found.least[wanted.cells], found.most[wanted.cells]
    few = tells_of_few(least, most, facts.few)
    flags: Flags = ~wanted.met(least, most) & (~facts.is_open[targets] | few)
    return flags


def _told(linked: Linked, facts: Knowledge, targets: Ints, found: Reach, *, is_tight: bool) -> Attack:
    size = linked.keys.height
    wanted = facts.wanted.part(targets)
    low, high = found.least[wanted.cells], found.most[wanted.cells]
    change = wanted.cells - size
    newer = facts.pairs["newer"].to_numpy()[change.clip(min=0)] if facts.pairs.height else change
    older = facts.pairs["older"].to_numpy()[change.clip(min=0)] if facts.pairs.height else change
    variable = np.where(change >= 0, newer, wanted.cells)
    is_limited = (low > -facts.limit / 2) & (high < facts.limit / 2)
    since = pl.Series("since", np.where(change >= 0, older, -1))
    cells = linked.keys[variable].with_columns(
        since=pl.when(since >= 0).then(linked.keys["vintage"].gather(since.clip(lower_bound=0))),
        low=_whole(np.ceil(low - SLACK), low > -facts.limit / 2),
        high=_whole(np.floor(high + SLACK), high < facts.limit / 2),
        values=_whole(whole_numbers(low, high), is_limited),
        wanted=pl.Series(wanted.width).cast(pl.Int64),
        is_exact=pl.Series(~found.met | is_tight),
        is_exposed=pl.Series(exposed(facts, targets, found)),
        variable=pl.Series(wanted.cells),
    )
    cells = cells.sort(["is_exposed", "values", *linked.dimensions, "vintage", "since"], descending=[True, *[False] * (
        len(linked.dimensions) + 3)], nulls_last=True)  # fmt: skip
    return Attack(cells.drop("variable"), _blamed(linked, cells, found), found.programmes)


def _whole(values: np.ndarray[tuple[int], np.dtype[np.float64]], is_limited: Flags) -> pl.Series:
    """Whole numbers, null where there is no limit."""
    kept = pl.Series(np.where(is_limited, values, 0.0)).cast(pl.Int64)
    return kept.to_frame("kept").select(pl.when(pl.Series(is_limited)).then("kept")).to_series()


def _blamed(linked: Linked, cells: pl.DataFrame, found: Reach) -> pl.DataFrame:
    """The sums in the proofs of each exposed cell."""
    rows = cells.with_row_index("target").filter("is_exposed").select("target", "variable").rows()
    pairs = [
        (target, number)
        for target, variable in rows
        for number in sorted({one for proof in found.proofs.get(variable, ()) for one in proof.sums.tolist()})
        if number < linked.says.height
    ]
    listed = pl.DataFrame(pairs, schema={"target": pl.Int64, "sum": pl.Int64}, orient="row")
    says = linked.says[listed["sum"]]
    return pl.concat([listed.drop("sum"), says.drop("total"), linked.keys[says["total"]]], how="horizontal")
