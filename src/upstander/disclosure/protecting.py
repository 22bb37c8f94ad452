"""A cube becomes a publication: hidden for itself, hidden for others, attacked, and hidden further until clean."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import Status
from upstander.disclosure.attack import exposed
from upstander.disclosure.bounds import Reach, rates, reach
from upstander.disclosure.cubes import Cube, Linked, Publication, link, named, tidy
from upstander.disclosure.differences import few_left
from upstander.disclosure.errors import TooFine, UnfitTables
from upstander.disclosure.knowledge import OTHERS, SMALL, UNSTATED, WITHDRAWN, Knowledge, at_risk, knowledge, own_range
from upstander.disclosure.primary import why_hidden
from upstander.disclosure.suppression import Problem, complementary
from upstander.disclosure.types import Ints

_LSOA = r"^(lsoa\d*:.*|[EW]01\d{6})$"
_MONTH_OR_LESS = r"^\d{4}-(\d{2}|W\d{2}|\d{2}-\d{2})$"


def protect_cube(
    cube: Cube, rule: CountRule, *, earlier: Sequence[Publication] = (), known: pl.DataFrame | None = None
) -> Publication:
    """The cube as it may be published under the rule, beside everything published earlier.

    Small counts are hidden for themselves; then the cheapest further cells (small ones first, zeros never), so that
    every hidden count can still be as many numbers as the rule asks, whatever was published earlier and is known
    outside. What was published already is not hidden again. At last the attack runs, and what it finds is hidden too.
    known: as `attack` takes it. Raises UnfitTables where counts do not add up, TooFine for LSOAs by month unrounded.
    """
    cells = tidy(cube.dimensions, cube.cells)
    _refuse_too_fine(cube.dimensions, cells, rule)
    cells = cells.with_columns(
        why_hidden(cells, rule, cube.dimensions, cube.hierarchies), pl.col("count").cast(pl.Int64)
    )
    earlier = [replace(each, cells=tidy(each.dimensions, each.cells)) for each in earlier]
    linked = link([*earlier, Cube(cube.dimensions, cells, cube.hierarchies)])
    _refuse_wrong_sums(linked, cells)
    draft = _Draft(cube, cells, rule, tuple(earlier), known, linked)
    draft = draft.because(draft.is_sum & (draft.why == SMALL), UNSTATED)
    watched: frozenset[int] = frozenset()
    while True:
        hidden = draft.because(draft.complement(watched), OTHERS)
        facts, found, unsafe = hidden.attacked()
        new = frozenset(unsafe.tolist()) - watched - facts.hidden_for_themselves
        wider = draft.widened(facts, found, unsafe) if len(unsafe) and not new else None
        if not new and wider is None:
            apart = hidden.few_left()
            if not apart:
                return hidden.publication()
            new = frozenset(range(len(facts.low), len(facts.low) + len(apart)))
            wider = replace(hidden, remainders=(*hidden.remainders, *apart))
        # What is hidden stays hidden: choosing anew for each new target takes ten times as long and spares few cells.
        watched, draft = watched | new, wider or hidden


def _refuse_too_fine(dimensions: Sequence[str], cells: pl.DataFrame, rule: CountRule) -> None:
    if rule.round_to > 1 or not rule.suppress_up_to:
        return
    lsoa = pl.any_horizontal(pl.col(dimensions).str.contains(_LSOA))
    month = pl.any_horizontal(pl.col(dimensions).str.contains(_MONTH_OR_LESS))
    fine = cells.filter(pl.col("told") & lsoa & month)
    if fine.height:
        where = named(dimensions, fine.row(0, named=True))
        raise TooFine(
            f"{where}: counts of LSOAs by month or less are not released under a rule that only hides ({rule.name}).",
            where=where, found=f"{fine.height} such cells", expected="quarters, wards, or a rule that rounds",
            state="Nothing was released.",
        )  # fmt: skip


def _refuse_wrong_sums(linked: Linked, cells: pl.DataFrame) -> None:
    counts = np.full(linked.keys.height, np.nan)
    counts[linked.at[-1]] = cells["count"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    over = linked.sums @ counts
    wrong = np.flatnonzero(np.abs(np.nan_to_num(over)) > 0.5)
    if len(wrong):
        says = linked.says.row(int(wrong[0]), named=True)
        where = named(linked.dimensions, linked.keys.row(says["total"], named=True))
        total = counts[says["total"]]
        raise UnfitTables(
            f"{where} is not the sum of its parts by {says['dimension']}.",
            where=where, found=f"{total:.0f}", expected=f"{total + over[wrong[0]]:.0f}", state="Nothing was released.",
        )  # fmt: skip


@dataclass(frozen=True)
class _Draft:
    """A publication in the making. cells: as `tidy` gives them, with `count` and `why`; linked.at[-1] is theirs."""

    cube: Cube
    cells: pl.DataFrame
    rule: CountRule
    earlier: tuple[Publication, ...]
    known: pl.DataFrame | None
    linked: Linked
    remainders: tuple[tuple[Ints, Ints], ...] = ()

    @property
    def at(self) -> Ints:
        """The variable of each cell."""
        return self.linked.at[-1]

    @property
    def why(self) -> pl.Series:
        return self.cells["why"].fill_null("")

    @property
    def is_sum(self) -> pl.Series:
        """Whether a cell is a sum of two parts or more that are not zero."""
        counts = np.zeros(self.linked.keys.height)
        counts[self.at] = self.cells["count"].fill_null(0).to_numpy()
        parts = (self.linked.sums > 0).astype(np.int64) @ (counts > 0).astype(np.int64)
        sums = self.linked.says["total"].to_numpy()[parts > 1]
        return pl.Series(np.isin(self.at, sums))

    def because(self, rows: pl.Series, why: str) -> "_Draft":
        """The same with these rows hidden, and why."""
        marked = pl.when(rows).then(pl.lit(why)).otherwise("why").alias("why")
        return replace(self, cells=self.cells.with_columns(marked))

    def publication(self) -> Publication:
        """As it would be published."""
        value = (pl.col("count") + self.rule.round_to // 2) // self.rule.round_to * self.rule.round_to
        status = (
            pl.when(~pl.col("told")).then(pl.lit(Status.NOT_APPLICABLE.value))
            .when(pl.col("count").is_null()).then(pl.lit(Status.MISSING.value))
            .when(pl.col("why").is_not_null()).then(pl.lit(Status.SUPPRESSED.value))
            .otherwise(pl.lit(Status.SHOWN.value))
        )  # fmt: skip
        shown = self.cells.with_columns(status=status).with_columns(
            value=pl.when(pl.col("status") == Status.SHOWN.value).then(value).cast(pl.Float64),
            why=pl.when(pl.col("status") == Status.SUPPRESSED.value).then("why"),
        )
        told = shown.select(*self.cube.dimensions, "vintage", "told", "value", "status", "why")
        return Publication(self.cube.dimensions, told, self.cube.hierarchies, self.rule)

    def knowledge(self) -> Knowledge:
        return knowledge(self.linked, [*self.earlier, self.publication()], self.known, self.remainders)

    def complement(self, watched: frozenset[int]) -> pl.Series:
        """The rows to hide so that others are protected: the targets hidden for themselves, and those watched."""
        could = self.cells["told"] & (self.cells["count"].fill_null(0) > 0) & (self.why == "")
        shown, hidden = self.knowledge(), self.because(could, OTHERS).knowledge()
        least, most = shown.low.copy(), np.where(shown.high >= shown.limit, hidden.high, shown.high)
        changes = slice(self.linked.keys.height, None)  # as wide as their cells, which the sums say
        least[changes], most[changes] = hidden.low[changes], hidden.high[changes]
        may, cost = np.zeros(len(shown.low), np.bool_), np.zeros(len(shown.low))
        may[self.at] = could.to_numpy()
        # What was published already stays known, and hiding it again would hide nothing.
        may &= (hidden.low < least) | (hidden.high > most)
        cost[self.at] = 1.0 + self.cells["count"].fill_null(0).to_numpy()
        kept = ~shown.is_open | np.isin(shown.wanted.cells, np.array(sorted(watched), np.int64))
        choice = complementary(
            Problem(shown.sums, (least, most), (hidden.low, hidden.high), cost, may, shown.wanted.part(kept))
        )
        return pl.Series(choice.hide[self.at])

    def attacked(self) -> tuple[Knowledge, Reach, Ints]:
        """What an attacker knows, what follows, and the targets (variables) that are exposed."""
        facts = self.knowledge()
        risked = at_risk(facts)
        found = reach(facts.sums, facts.low, facts.high, facts.wanted.part(risked))
        return facts, found, facts.wanted.cells[risked][exposed(facts, risked, found)]

    def few_left(self) -> list[tuple[Ints, Ints]]:
        """What is left of told regions without others, is no cell and tells of few: variables to add and to take away.

        Only what is not a target yet.
        """
        if not self.rule.width:
            return []
        dimensions = self.cube.dimensions
        told = self.publication().cells.with_columns(pl.Series("variable", self.at)).filter("told")
        ranged = told.select(*dimensions, "variable", *own_range(self.rule))
        found = few_left(dimensions, ranged.drop("variable"), self.cube.hierarchies, self.rule.width)
        sides = [self._variables(found, side, ranged) for side in ("plus", "minus")]
        held = {(tuple(plus.tolist()), tuple(minus.tolist())) for plus, minus in self.remainders}
        return [
            (np.array(plus, np.int64), np.array(minus, np.int64))
            for plus, minus in zip(*sides, strict=True)
            if (tuple(plus), tuple(minus)) not in held
        ]

    def _variables(self, found: pl.DataFrame, side: str, told: pl.DataFrame) -> list[list[int]]:
        """The variables of the values on one side of each remainder."""
        dimensions = self.cube.dimensions
        each = found.select("dimension", *dimensions, side).with_row_index("remainder").explode(side)
        filled = each.with_columns(pl.coalesce(name, side).alias(name) for name in dimensions)
        joined = filled.join(told.select(*dimensions, "variable"), on=dimensions, how="left", maintain_order="left")
        return joined.group_by("remainder", maintain_order=True).agg("variable")["variable"].to_list()

    def widened(self, facts: Knowledge, found: Reach, unsafe: Ints) -> "_Draft | None":
        """Less told of the cells that still bind an exposed one: of small sums first, then of small cells, then of any.

        They are left without a word on whether they are small, zero or neither. None where nothing is left to withdraw.
        """
        binding = np.zeros(len(facts.low), np.bool_)
        binding[unsafe] = True
        for target in unsafe.tolist():
            proofs = found.proofs.get(target, ())
            for proof, sign in zip(proofs, (-1, 1), strict=False):
                binding[rates(facts.sums, target, proof, sign)[0]] = True
            if target >= self.linked.keys.height and not any(len(proof.sums) for proof in proofs):
                binding[facts.sums[facts.sums[:, [target]].nonzero()[0]].indices] = True  # what it is the difference of
        bind = pl.Series(binding[self.at]) & self.cells["told"] & self.cells["count"].is_not_null()
        small = bind & (self.why == SMALL)
        for rows, why in (
            (small & self.is_sum, UNSTATED),
            (small, UNSTATED),
            (bind & self.why.is_in(["", OTHERS]), WITHDRAWN),
        ):
            if rows.any():
                return self.because(rows, why)
        return None
