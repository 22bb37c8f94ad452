"""What an attacker knows of each cell on its own, and what of it has to stay uncertain.

The attacker is the strongest there is: one who knows the rule, every table and every sum, and of each hidden cell
whether it is hidden for itself or to protect others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix, hstack, identity, vstack

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import Status
from upstander.disclosure.bounds import Wanted, tightened
from upstander.disclosure.cubes import Linked, Publication
from upstander.disclosure.types import Flags, Ints, Numbers

# A small sum of several parts is hidden, but that it is small is not assumed known: from that alone, together with the
# zeros, its parts would follow, whatever else is hidden.
SMALL, GROUP, UNSTATED, OTHERS, WITHDRAWN = "count", "group", "unstated", "others", "withdrawn"
_ROOM = 1_000.0


def own_range(rule: CountRule) -> tuple[pl.Expr, pl.Expr]:
    """The least and the most that a cell can be, of its told, value, status and why; infinite where nothing says."""
    value, up_to = pl.col("value"), float(rule.width)
    below, above = float(rule.round_to // 2), float((rule.round_to - 1) // 2)
    is_shown = pl.col("told") & (pl.col("status") == Status.SHOWN.value)
    is_hidden = pl.col("told") & (pl.col("status") == Status.SUPPRESSED.value)
    is_zero, why = value == 0, pl.col("why")
    least = (
        pl.when(is_shown & is_zero).then(0.0)
        .when(is_shown).then(pl.max_horizontal(value - below, pl.lit(up_to + 1 if up_to else 0.0)))
        .when(is_hidden & (why == OTHERS)).then(up_to + 1)
        .when(is_hidden & ~why.is_in([UNSTATED, WITHDRAWN, GROUP]).fill_null(value=False)).then(1.0)
        .otherwise(0.0)
    )  # fmt: skip
    most = (
        pl.when(is_shown & is_zero).then(above if above > up_to else 0.0)
        .when(is_shown).then(value + above)
        .when(is_hidden & (why == SMALL)).then(up_to)
        .otherwise(np.inf)
    )  # fmt: skip
    return least.alias("low"), most.alias("high")


@dataclass(frozen=True)
class Knowledge:
    """Ranges, sums and targets: of the cells of `linked`, then of differences between two vintages of one, then others.

    pairs: older and newer variable of each difference. wanted: the targets. is_open: of each target, whether it is
    exposed only by telling of few people (an untold cell, a difference), not merely by being narrow. few: how many
    people are few.
    """

    sums: csr_matrix
    low: Numbers
    high: Numbers
    pairs: pl.DataFrame
    wanted: Wanted
    is_open: Flags
    limit: float
    few: int

    @property
    def hidden_for_themselves(self) -> frozenset[int]:
        """The targets that no attack has to find first."""
        return frozenset(self.wanted.cells[~self.is_open].tolist())


def knowledge(
    linked: Linked,
    publications: Sequence[Publication],
    outside: pl.DataFrame | None,
    remainders: Sequence[tuple[Ints, Ints]] = (),
) -> Knowledge:
    """Everything known from the publications, in the order in which they were made, and from outside.

    outside: dimensions, `low` and `high` (whole numbers), and `vintage` if only one is meant. remainders: further
    targets, each the variables to add and to take away.
    """
    size, width = linked.keys.height, np.zeros(linked.keys.height)
    low, high = _outside(linked, outside)
    room = np.where(np.isfinite(high), high - low + 1, np.inf)
    is_open, is_small, first = np.zeros(size, np.bool_), np.zeros(size, np.bool_), np.full(size, np.inf)
    for number, (publication, at) in enumerate(zip(publications, linked.at, strict=True)):
        own = publication.cells.select(
            *own_range(publication.rule), "told",
            hidden=pl.col("told") & (pl.col("status") == Status.SUPPRESSED.value)
            & ~pl.col("why").is_in([OTHERS, WITHDRAWN]).fill_null(value=False),
        )  # fmt: skip
        np.maximum.at(low, at, own["low"].to_numpy())
        np.minimum.at(high, at, own["high"].to_numpy())
        np.minimum.at(first, at, float(number))
        hidden, told = own["hidden"].to_numpy(), own["told"].to_numpy()
        width[at] = np.maximum(width[at], np.where(hidden | ~told, publication.rule.width, 0))
        is_small[at] |= hidden
        is_open[at] |= ~told
    few = max(publication.rule.width for publication in publications)
    limit = _limit(low, high)
    high = np.where(np.isfinite(high), high, limit)
    pairs = _pairs(linked, first)
    changes = [(np.array([newer]), np.array([older])) for older, newer in pairs.rows()]
    sums, low, high = _with_differences(linked.sums, low, high, [*changes, *remainders])
    targets = np.flatnonzero((width > 0) & (room > 1))
    apart = np.arange(size, len(low))
    cells = np.concatenate([targets, apart])
    asked = np.concatenate([np.minimum(width[targets], room[targets]), np.full(len(apart), float(few))])
    is_all = high[cells] - low[cells] + 1 == asked  # nothing of what it can be on its own may be ruled out
    wanted = Wanted(cells, asked, np.where(is_all, low[cells], np.inf), np.where(is_all, high[cells], -np.inf))
    open_ = np.concatenate([(is_open & ~is_small)[targets], np.ones(len(apart), np.bool_)])
    return Knowledge(sums, low, high, pairs, wanted, open_, limit, few)


def _outside(linked: Linked, outside: pl.DataFrame | None) -> tuple[Numbers, Numbers]:
    if outside is None:
        return np.zeros(linked.keys.height), np.full(linked.keys.height, np.inf)
    on = [*linked.dimensions, *(["vintage"] if "vintage" in outside.columns else [])]
    stated = outside.select(*on, pl.col("low").cast(pl.Float64), pl.col("high").cast(pl.Float64)).unique(on)
    joined = linked.keys.join(stated, on=on, how="left", maintain_order="left")
    return (
        joined["low"].fill_null(0.0).to_numpy().copy(),
        joined["high"].fill_null(np.inf).to_numpy().copy(),
    )


def _limit(low: Numbers, high: Numbers) -> float:
    """A number that stands for no limit: far above everything that the rest could add up to."""
    return 4 * float(high[np.isfinite(high)].sum() + low.sum() + _ROOM)


def _pairs(linked: Linked, first: Numbers) -> pl.DataFrame:
    """Each two vintages of one cell: older, newer (variables), by which was published first."""
    cells = linked.keys.with_columns(
        variable=pl.int_range(pl.len(), dtype=pl.Int64), first=pl.Series(first)
    ).sort("first", *linked.dimensions, "vintage").with_columns(order=pl.int_range(pl.len()))  # fmt: skip
    repeated = cells.filter(pl.len().over(linked.dimensions) > 1)
    both = repeated.join(repeated, on=linked.dimensions, suffix="_newer").filter(
        pl.col("order") < pl.col("order_newer")
    )
    return both.select(older="variable", newer="variable_newer").sort("older", "newer")


def _with_differences(
    sums: csr_matrix, low: Numbers, high: Numbers, apart: Sequence[tuple[Ints, Ints]]
) -> tuple[csr_matrix, Numbers, Numbers]:
    """A further variable for each difference: the cells to add less those to take away."""
    if not apart:
        return sums, low, high
    count = len(apart)
    rows = np.repeat(np.arange(count), [len(plus) + len(minus) for plus, minus in apart])
    columns = np.concatenate([np.concatenate([plus, minus]) for plus, minus in apart])
    signs = np.concatenate([np.repeat([1.0, -1.0], [len(plus), len(minus)]) for plus, minus in apart])
    cells = csr_matrix((signs, (rows, columns)), shape=(count, sums.shape[1]))
    least = np.bincount(rows, np.where(signs > 0, low[columns], -high[columns]), count)
    most = np.bincount(rows, np.where(signs > 0, high[columns], -low[columns]), count)
    made = hstack([cells, -identity(count)])
    wide = hstack([sums, csr_matrix((sums.shape[0], count))])
    return vstack([wide, made]).tocsr(), np.concatenate([low, least]), np.concatenate([high, most])


def tells_of_few(low: Numbers, high: Numbers, few: int) -> Flags:
    """Whether 1 to `few` people, more or fewer, lie within the bounds."""
    return ((low <= few) & (high >= 1)) | ((low <= -1) & (high >= -few))


def at_risk(knowledge: Knowledge) -> Ints:
    """The places, among the targets, of those that could be exposed at all."""
    low, high = tightened(knowledge.sums, knowledge.low, knowledge.high)
    cells = knowledge.wanted.cells
    return np.flatnonzero(~knowledge.is_open | tells_of_few(low[cells], high[cells], knowledge.few))
