"""Every declared dataset as files: rows from `spells`, cells from `values`, mistakes from `slips`, cut by period."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from upstander.contracts.dataset import Shape
from upstander.synthetic.declared.figures import figure_rows
from upstander.synthetic.declared.layouts import Layout, layouts
from upstander.synthetic.declared.pool import Pool
from upstander.synthetic.declared.slips import with_slips
from upstander.synthetic.declared.spells import Effect, files_of, spells_of
from upstander.synthetic.declared.truth import DeclaredTruth, write_declared_truth
from upstander.synthetic.declared.values import written
from upstander.values.periods import Period

_MADE_AFTER = timedelta(days=10)  # a file is made so long after its period has ended
_TOLD = ("area_code_true", "place", "rule", "reason")


@dataclass(frozen=True)
class DeclaredFile:
    """One file: its dataset, supplier, period (as in its name), path below the deliveries folder, rows."""

    dataset: str
    supplier: str
    period: str
    path: str
    rows: int


def make_declared(
    folder: Path, pool: Pool, *, years: int, seed: int, ends: date
) -> tuple[tuple[Layout, ...], tuple[DeclaredFile, ...]]:  # fmt: skip
    """Write `deliveries/<supplier>/`, `suppliers/<supplier>.toml` and `truth/declared/` below the folder.

    A layout for each dataset and shape that has no maker of its own; the same arguments give the same bytes.
    """
    found = layouts()
    sent = [one for layout in found for one in _make_one(folder, layout, pool, years=years, seed=seed, ends=ends)]
    (folder / "suppliers").mkdir(parents=True, exist_ok=True)
    for layout in found:
        (folder / "suppliers" / f"{layout.name}.toml").write_bytes(layout.content)
    return found, tuple(sent)


def _make_one(
    folder: Path, layout: Layout, pool: Pool, *, years: int, seed: int, ends: date
) -> list[DeclaredFile]:  # fmt: skip
    periods = files_of(layout.contract, years=years, ends=ends)
    if layout.contract.shape is Shape.INDICATORS:
        rows, effect = figure_rows(layout, pool, periods, seed=seed), None
    else:
        rows, effect = _record_rows(layout, pool, periods, seed=seed)
    files, lines = [], []
    for period in periods:
        part = rows.filter(pl.col("file") == str(period))
        if part.is_empty():
            continue  # no school term begins in the last quarter of a year
        path = f"{layout.name}/{layout.name}_{period}.csv"
        target = folder / "deliveries" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        sent = part.select(pl.col(f"sent.{name}").alias(heading) for name, heading in layout.headings.items())
        sent.write_csv(target, line_terminator="\n")
        files.append(DeclaredFile(layout.contract.name, layout.name, str(period), path, part.height))
        lines.append(_truth_of(part, path, pool))
    facts = {"dataset": layout.contract.name, "supplier": layout.name, "shape": str(layout.contract.shape)}
    told = {**facts, "effect": _plain(effect) if effect else None}
    write_declared_truth(folder / "truth" / "declared", layout.name, DeclaredTruth(pl.concat(lines), told))
    return files


def _record_rows(layout: Layout, pool: Pool, periods: list[Period], *, seed: int) -> tuple[pl.DataFrame, Effect]:
    spells, effect = spells_of(layout, pool, periods, seed=seed)
    counted = pl.col("counted").dt.date()
    labels = [pl.when((counted >= one.start) & (counted < one.end)).then(pl.lit(str(one))) for one in periods]
    made = [pl.when(pl.col("file") == str(one)).then(pl.lit(one.end + _MADE_AFTER)) for one in periods]
    dated = spells.with_columns(pl.coalesce(labels).alias("file")).with_columns(pl.coalesce(made).alias("seen_on"))
    is_somebody = pl.Series(dated["person"] >= 0)
    known = pool.nhs.gather(dated["person"].clip(lower_bound=0))
    told = dated.with_columns(nhs_number_true=pl.select(pl.when(is_somebody).then(known)).to_series())
    return with_slips(layout, written(layout, told, pool, seed=seed), seed=seed), effect


def _truth_of(part: pl.DataFrame, path: str, pool: Pool) -> pl.DataFrame:
    person = part["person"] if "person" in part.columns else pl.Series([-1]).new_from_index(0, part.height)
    names = pool.people["person_ref"].gather(person.clip(lower_bound=0))
    told = [pl.col(name) if name in part.columns else pl.lit("").alias(name) for name in _TOLD]
    return part.select(
        pl.lit(path).alias("path"),
        pl.int_range(2, pl.len() + 2).alias("line"),
        pl.when(person >= 0).then(names).otherwise(pl.lit("")).alias("person_ref"),
        *(column.cast(pl.String).fill_null("") for column in told),
    )


def _plain(effect: Effect) -> dict[str, object]:
    return asdict(effect) | {"start": effect.start.isoformat()}
