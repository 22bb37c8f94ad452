"""Each record of a block to its one fate: accepted, quarantined, repeated or set aside."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from upstander.contracts.dataset import DatasetContract, Shape
from upstander.intake.blocks import Block
from upstander.intake.cells import LINE, QUARANTINE_SCHEMA, Cells, raw_texts
from upstander.intake.columns import in_contract_columns
from upstander.intake.derive import Deriver
from upstander.intake.details import rows_with_details
from upstander.intake.figures import FigureMaker
from upstander.intake.limits import LIMITS
from upstander.intake.plan import HELD_KEY, ReadPlan, Sink
from upstander.intake.profiling import Profiler
from upstander.intake.rules import Rule, counted_by, early_together, failing, rules_for
from upstander.intake.seen import Seen
from upstander.intake.sentences import expected
from upstander.intake.tally import Tally
from upstander.intake.typed import Reader
from upstander.values.alongside import Behind
from upstander.values.periods import Period

_WHICH = "record.index"
FORMULA = r"^[=+\-@＝]"
MIDNIGHT = r"\b24:00"
NAMES, SEXUAL = ("surname", "forename"), "sexual"
DUPLICATE, SAME_KEY = "exact duplicate of an earlier row", "two different rows with the same key"


@dataclass
class Sorter:
    """Sorts the rows of one file. `covers` is the period the file was stated to cover, if it was."""

    plan: ReadPlan
    covers: Period | None
    deriver: Deriver | FigureMaker
    sink: Sink
    tally: Tally
    reader: Reader
    rules: tuple[Rule, ...]
    profiler: Profiler
    _rows_seen: Seen = field(default_factory=Seen)
    _keys_seen: Seen = field(default_factory=Seen)

    @classmethod
    def of(
        cls, plan: ReadPlan, covers: Period | None, deriver: Deriver | FigureMaker, sink: Sink, tally: Tally
    ) -> "Sorter":
        """A sorter for a file whose columns the deriver knows."""
        received = plan.received.astimezone(ZoneInfo(plan.supplier.zone)).replace(tzinfo=None)
        rules = rules_for(plan.contract, plan.supplier, set(deriver.columns), received=received, covers=covers)
        reader, profiler = Reader(plan.contract, plan.supplier), Profiler(plan, frozenset(deriver.columns))
        return cls(plan, covers, deriver, sink, tally, reader, rules, profiler)

    def sort(self, block: Block, cells: Cells, behind: Behind) -> None:
        """Give every row of the block its fate. What is left of them reaches the sink by a job left behind."""
        self.keep_back(cells.kept_back)
        if cells.rows.is_empty():
            return
        is_for_person, is_wanted = self._chosen(cells.rows)
        chosen = (is_wanted & ~is_for_person).to_numpy()
        self._hand_to_person(block, cells, is_for_person)
        self._set_aside(int((~is_wanted & ~is_for_person).sum()))
        sent = cells.rows.filter(chosen)
        rows, nothings = in_contract_columns(sent, self.plan.contract, self.plan.supplier, padded=cells.padded)
        self.tally.null_spellings += nothings
        self._count_cells(rows)
        self.profiler.count_sent(rows)
        typed = self.reader.typed(rows.with_columns(pl.Series(_WHICH, cells.which[chosen])))
        if self._are_events:
            self.tally.long_past += int((typed["event.from"] < self._long_ago()).sum())
            self._count_early(typed)
        typed = self._without_mistakes(block, typed)
        typed = self._without_excluded(typed)
        typed = self._without_duplicates(block, typed)
        behind.do(partial(self._accept, typed))

    def keep_back(self, kept: pl.DataFrame) -> None:
        """Quarantine records that never became rows."""
        if kept.is_empty():
            return
        self.tally.keep_back(kept)
        self.tally.note_mistakes(kept.select("line", "column", "rule", "expected", value=pl.lit(None, pl.String)))
        self.sink.quarantine(kept)

    @property
    def _are_events(self) -> bool:
        """Whether a row is something that happened, and not a figure about a period."""
        return self.plan.contract.shape is not Shape.INDICATORS

    def _long_ago(self) -> datetime:
        return self.plan.received.replace(tzinfo=None) - timedelta(days=LIMITS.long_ago_days)

    def _chosen(self, rows: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        """Which rows need a person, and which are about this dataset."""
        nobody = pl.Series([False]).new_from_index(0, rows.height)
        needs, wants = self.plan.supplier.needs_person, self.plan.supplier.filter
        is_for_person = nobody if needs is None else rows[needs.column].str.strip_chars().is_in(list(needs.values))
        if wants is None:
            return is_for_person, ~nobody
        cell = rows[wants.column].str.strip_chars()
        is_wanted = cell.str.contains(wants.pattern) if wants.pattern is not None else cell.is_in(list(wants.keep))
        return is_for_person, is_wanted

    def _hand_to_person(self, block: Block, cells: Cells, is_for_person: pl.Series) -> None:
        needs = self.plan.supplier.needs_person
        if needs is None or not is_for_person.any():
            return
        which = cells.which[is_for_person.to_numpy()]
        column = self.plan.supplier.columns.get(needs.column, needs.column)
        kept = pl.DataFrame(
            {"line": cells.rows[LINE].filter(is_for_person), "record": raw_texts(block, which)}
        ).with_columns(
            column=pl.lit(column),
            rule=pl.lit("needs a person"),
            expected=pl.lit(expected("needs a person", reason=needs.reason)),
        )
        self.keep_back(kept.select(*QUARANTINE_SCHEMA))

    def _set_aside(self, count: int) -> None:
        wants = self.plan.supplier.filter
        if wants is not None and count:
            self.tally.set_aside[wants.reason] += count

    def _count_cells(self, rows: pl.DataFrame) -> None:
        counted = [name for name in rows.columns if name in self.deriver.columns]
        self.tally.filled.update({name: rows.height - rows[name].null_count() for name in counted})
        texts = [c.name for c in self.plan.contract.columns if c.free_text and c.name in rows.columns]
        if texts:
            starts = rows.select(pl.col(name).str.contains(FORMULA).sum() for name in texts)
            self.tally.formula_like += int(starts.sum_horizontal().item())
            self.tally.told_details += rows_with_details(rows.select(texts))

    def _count_early(self, typed: pl.DataFrame) -> None:
        early = early_together(self.plan.contract, set(self.deriver.columns))
        if early is not None:
            self.tally.early_together += int(typed.select(early.fill_null(value=False).sum()).item())

    def _count_named_victims(self, typed: pl.DataFrame, made: pl.DataFrame) -> None:
        """Rows about a sexual offence that name somebody: whose anonymity lasts for life."""
        names = [name for name in NAMES if name in typed.columns]
        if names and "mechanism" in made.columns:
            named = typed.select(pl.any_horizontal(pl.col(name).is_not_null() for name in names)).to_series()
            self.tally.named_victims += int((named & (made["mechanism"] == SEXUAL)).sum())

    def _without_mistakes(self, block: Block, typed: pl.DataFrame) -> pl.DataFrame:
        failed = failing(typed, self.rules, is_ascii=block.content.isascii())
        is_wrong = failed.select(pl.any_horizontal(pl.all())).to_series()
        if not is_wrong.any():
            return typed
        bad, reasons = typed.filter(is_wrong), failed.filter(is_wrong)
        self.profiler.count_refused(self.rules, reasons, bad)
        first = reasons.select(
            pl.coalesce(pl.when(pl.col(name)).then(pl.lit(int(name))) for name in reasons.columns).alias("first")
        ).to_series()
        self._quarantine(block, bad, [rule.name for rule in self.rules], first)
        self.tally.note_mistakes(self._mistakes(bad, reasons))
        return typed.filter(~is_wrong)

    def _quarantine(self, block: Block, bad: pl.DataFrame, names: Sequence[str], first: pl.Series) -> None:
        """Keep rows back, each under the first rule it fails (a position in `self.rules`)."""
        positions = list(range(len(names)))
        texts = {
            "column": [rule.column for rule in self.rules],
            "rule": list(names),
            "expected": [r.expected for r in self.rules],
        }
        kept = pl.DataFrame({"line": bad[LINE], "record": raw_texts(block, bad[_WHICH].to_numpy())}).with_columns(
            first.replace_strict(positions, words, return_dtype=pl.String).alias(name) for name, words in texts.items()
        )
        self.tally.keep_back(kept)
        self.sink.quarantine(kept)

    def _mistakes(self, bad: pl.DataFrame, reasons: pl.DataFrame) -> pl.DataFrame:
        """Every rule that each row fails, with the cell where its column may be quoted."""
        parts = []
        failures = reasons.sum().row(0)
        for position, rule in enumerate(self.rules):
            if not failures[position]:
                continue
            rows = bad.filter(reasons[str(position)])
            is_quotable = _is_quotable(self.plan.contract, rule.column)
            value = pl.col(rule.column).str.slice(0, LIMITS.value_shown) if is_quotable else pl.lit(None, pl.String)
            parts.append(rows.select(pl.col(LINE), column=pl.lit(rule.column), rule=pl.lit(rule.name),
                                     expected=pl.lit(rule.expected), value=value))  # fmt: skip
        return pl.concat(parts).sort(LINE, maintain_order=True)

    def _without_excluded(self, typed: pl.DataFrame) -> pl.DataFrame:
        reasons = self.deriver.excluded(typed)
        if reasons.null_count() == len(reasons):
            return typed
        self.tally.set_aside.update(_counts_in_order(reasons.drop_nulls()))
        return typed.filter(reasons.is_null())

    def _without_duplicates(self, block: Block, typed: pl.DataFrame) -> pl.DataFrame:
        if self.plan.supplier.repeats.are == "mistakes":
            hashes = raw_texts(block, typed[_WHICH].to_numpy()).hash().to_numpy()
            typed = self._keep_first(block, typed, self._rows_seen.add(hashes), DUPLICATE)
        key = [name for name in self.plan.supplier.key if name in typed.columns]
        if self.plan.supplier.ids != "stable" or not key:
            return typed
        has_key = typed.select(pl.all_horizontal(pl.col(name).is_not_null() for name in key)).to_series()
        is_again = np.zeros(typed.height, bool)
        is_again[has_key.to_numpy()] = self._keys_seen.add(typed.filter(has_key).select(key).hash_rows().to_numpy())
        return self._keep_first(block, typed, is_again, SAME_KEY, key=" + ".join(key))

    def _keep_first(
        self,
        block: Block,
        typed: pl.DataFrame,
        is_again: np.ndarray[tuple[int], np.dtype[np.bool_]],
        rule: str,
        **facts: str,
    ) -> pl.DataFrame:
        if not is_again.any():
            return typed
        bad = typed.filter(is_again)
        column = self.plan.supplier.key[0] if self.plan.supplier.key else ""
        kept = pl.DataFrame({"line": bad[LINE], "record": raw_texts(block, bad[_WHICH].to_numpy())}).with_columns(
            column=pl.lit(column), rule=pl.lit(rule), expected=pl.lit(expected(rule, **facts))
        )
        self.keep_back(kept)
        return typed.filter(~is_again)

    def _without_held(self, typed: pl.DataFrame) -> pl.DataFrame:
        held = self.plan.already_held
        if held is None or self.plan.supplier.delivers != "increment" or typed.is_empty():
            return typed
        keys = self.deriver.incident_keys(typed).with_row_index("at")
        shared = [name for name in HELD_KEY if name in held.columns]
        known = keys.filter(pl.col("incident_token").is_not_null()).join(
            held.select(shared).unique(), on=shared, how="semi", nulls_equal=True
        )
        self.tally.repeated += known.height
        return typed.filter(~pl.int_range(pl.len()).is_in(known["at"].to_list()))

    def _accept(self, typed: pl.DataFrame) -> None:
        self.profiler.count_good(typed)
        typed = self._without_held(typed)
        if typed.is_empty():
            return
        self.tally.accepted += typed.height
        self.tally.ambiguous += int((typed["event.utc_min"] != typed["event.utc_max"]).sum())
        self.tally.timed += int((typed["event.fine"] == "minute").sum())
        starts = [when.starts for when in self.plan.contract.event_times if when.starts in typed.columns]
        self.tally.default_times += _default_times(typed, starts)
        counted = typed[counted_by(self.plan.contract)]
        made = self.deriver.warehouse_rows(typed)
        self.profiler.count_stored(made)
        self._count_named_victims(typed, made)
        if not self._are_events:
            # A figure speaks for every day of its period, up to the last.
            counted = pl.concat([counted, typed["event.to"].dt.offset_by("-1d").alias(counted.name)])
            self.tally.figures += made.height
            self.tally.markers.update(_counts_in_order(made["marker"]))
        self.tally.widen(typed["event.from"], counted)
        self.sink.accept(made)


def _counts_in_order(texts: pl.Series) -> dict[str, int]:
    """How often each text occurs, in the order of the file, so that equal counts are told in the same order."""
    return dict(zip(texts.unique(maintain_order=True), texts.unique_counts(), strict=True))


def _is_quotable(contract: DatasetContract, name: str) -> bool:
    column = contract.column(name)
    return column is not None and column.quotable


def _default_times(typed: pl.DataFrame, starts: Sequence[str]) -> int:
    """Rows timed to the minute whose time is exactly 00:00 or 12:00, as a clerk or a form would fill it in.

    Who writes 24:00 means midnight.
    """
    at = pl.col("event.from").dt
    is_default = (at.minute() == 0) & (at.second() == 0) & at.hour().is_in([0, 12]) & (pl.col("event.fine") == "minute")
    meant = (pl.col(name).str.contains(MIDNIGHT).fill_null(value=False) for name in starts)
    return int(typed.select((is_default & ~pl.any_horizontal(pl.lit(value=False), *meant)).sum()).item())
