"""What is wrong with the rows, one thing a row, and the rule by which intake should keep each of them back."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from upstander.contracts.codes import code_map
from upstander.contracts.dataset import Column, Kind
from upstander.synthetic.chance import Indices, stream
from upstander.synthetic.declared.layouts import Layout, precision
from upstander.synthetic.declared.pool import wrong_check_digit

REPEATED = "exact duplicate of an earlier row"
EXCLUDED_RATE = 0.02
RATES = {
    "code not in the codelist": 0.004,
    "required and missing": 0.003,
    "not a date": 0.003,
    "ends before it starts": 0.002,
    "not an NHS number": 0.003,
    "placeholder NHS number": 0.001,
    "placeholder date of birth": 0.002,
    "test record": 0.001,
    REPEATED: 0.003,
}
_STRANGE_CODE = "zz-unlisted"


@dataclass(frozen=True)
class _Slip:
    """A column and what is written into it; every slip of the same rule is equally likely."""

    rule: str
    column: str
    text: pl.Expr


def with_slips(layout: Layout, rows: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """The rows, some spoilt and some sent twice, with the truth columns rule (empty where nothing is wrong) and reason
    (why a row is set aside by its code; empty where it is not). At least one row bears each fault that is possible.
    """
    rng = stream(seed, f"slips of {layout.name}")
    order = rng.permutation(rows.height)
    spoilt = rows.with_columns(rule=pl.lit(""), reason=pl.lit(""))
    possible = list(_possible(layout))
    for rule, rate in RATES.items():
        slips = [slip for slip in possible if slip.rule == rule]
        size = max(1, round(rate * rows.height))
        if slips:
            chosen, order = order[:size], order[size:]
            spoilt = _spoil(spoilt, chosen, slips, rng)
    spoilt, order = _set_aside(layout, spoilt, order, rng)
    return _twice(spoilt, order[: max(1, round(RATES[REPEATED] * rows.height))])


def _possible(layout: Layout) -> Iterator[_Slip]:
    for column in layout.columns:
        if column.codes is not None:
            yield _Slip("code not in the codelist", column.name, pl.lit(_STRANGE_CODE))
        if column.required:
            yield _Slip("required and missing", column.name, pl.lit(None, pl.String))
        if column.kind in (Kind.TIMESTAMP, Kind.DATE):
            yield _Slip("not a date", column.name, pl.lit(_no_day(layout, column)))
    yield from _of_spells(layout)
    yield from _of_people(layout)


def _of_spells(layout: Layout) -> Iterator[_Slip]:
    for when in layout.contract.event_times:
        if when.starts != when.ends and when.ends in layout.headings:
            column = layout.contract.column(when.ends)
            if column is not None:
                pattern = layout.formats.get(when.ends) or _pattern(column)
                earlier = pl.col(when.starts).dt.offset_by("-3d").dt.strftime(pattern)
                yield _Slip("ends before it starts", when.ends, earlier)


def _of_people(layout: Layout) -> Iterator[_Slip]:
    if "nhs_number" in layout.headings:
        number = pl.col("nhs_number_true")
        yield _Slip("not an NHS number", "nhs_number", wrong_check_digit(number))
        yield _Slip("placeholder NHS number", "nhs_number", pl.lit("0000000000"))
    if "dob" in layout.headings:
        column = layout.contract.column("dob")
        pattern = layout.formats.get("dob") or (_pattern(column) if column is not None else "")
        yield _Slip("placeholder date of birth", "dob", pl.date(1900, 1, 1).dt.strftime(pattern))
    if "surname" in layout.headings:
        yield _Slip("test record", "surname", pl.lit("ZZTEST"))


def _pattern(column: Column) -> str:
    return "%Y-%m-%d %H:%M" if precision(column) == "minute" else "%Y-%m-%d"


def _no_day(layout: Layout, column: Column) -> str:
    """The thirtieth of February, as this column is written."""
    words = {"%Y": "2026", "%m": "02", "%d": "30", "%H": "10", "%M": "15", "%S": "00"}
    pattern = layout.formats.get(column.name) or _pattern(column)
    for mark, word in words.items():
        pattern = pattern.replace(mark, word)
    return pattern


def _spoil(rows: pl.DataFrame, chosen: Indices, slips: list[_Slip], rng: np.random.Generator) -> pl.DataFrame:
    which = np.full(rows.height, -1)
    which[chosen] = rng.integers(0, len(slips), len(chosen))
    at = pl.Series("at", which)
    by_column: dict[str, pl.Expr] = {"rule": pl.when(at >= 0).then(pl.lit(slips[0].rule)).otherwise("rule")}
    for position, slip in enumerate(slips):
        name = f"sent.{slip.column}"
        by_column[name] = pl.when(at == position).then(slip.text).otherwise(by_column.get(name, pl.col(name)))
    return rows.with_columns(**by_column)


def _set_aside(
    layout: Layout, rows: pl.DataFrame, order: Indices, rng: np.random.Generator
) -> tuple[pl.DataFrame, Indices]:
    """Some rows are of a kind that its code list leaves out of the dataset, such as a fire that was an accident."""
    for column in layout.columns:
        excluded = code_map(column.codes.name).excluded if column.codes is not None else {}
        if not excluded:
            continue
        size = max(1, round(EXCLUDED_RATE * rows.height))
        chosen, order = order[:size], order[size:]
        codes = pl.Series(list(excluded)).gather(rng.integers(0, len(excluded), size))
        reasons = codes.replace_strict(list(excluded), list(excluded.values()))
        changed = pl.DataFrame({"at": chosen, f"sent.{column.name}": codes, "reason": reasons})
        rows = rows.with_row_index("at").cast({"at": pl.Int64}).update(changed, on="at").drop("at")
    return rows, order


def _twice(rows: pl.DataFrame, chosen: Indices) -> pl.DataFrame:
    """The chosen rows are sent again right after themselves."""
    times = np.ones(rows.height, np.int64)
    times[chosen] = 2
    position = np.repeat(np.arange(rows.height), times)
    is_again = np.concatenate([[False], position[1:] == position[:-1]])
    return rows[position].with_columns(rule=pl.when(pl.Series(is_again)).then(pl.lit(REPEATED)).otherwise("rule"))
