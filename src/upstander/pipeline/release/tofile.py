"""A table to a file: cells of a published release, as they stand there, and nothing else."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from upstander.contracts.catalogue import ALL
from upstander.contracts.releasing import Edition
from upstander.errors import WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import ask
from upstander.pipeline.outputs import OutputFacts, enter_ledger
from upstander.pipeline.release import shelf
from upstander.pipeline.release.ground import WHOLE
from upstander.pipeline.release.plan import ALL_AGES, ALL_SEXES, PinnedSource
from upstander.pipeline.release.published import newest_published
from upstander.values.durable import write_whole

_COLUMNS = {"area": "area", "quarter": "period", "age_band": "age", "sex": "sex"}
_MARGIN = {"area": WHOLE, "age": ALL_AGES, "sex": ALL_SEXES}
_PERSONS = {"age_band", "sex"}


@dataclass(frozen=True)
class Wanted:
    """Which cells go to the file. `by`: any of area, quarter, age_band, sex; `period`: as the release writes it."""

    dataset: str
    by: tuple[str, ...]
    definition: str
    period: str
    quarter: str = ""


def table_to_file(desk: Desk, wanted: Wanted, path: Path) -> str:
    """Write the cells as CSV: the columns asked for, count, status, release. The name of the release.

    Raises NoRelease where none is published, WrongUsage where it does not tell what is asked; NotGranted by the gate.
    """
    strange = [name for name in wanted.by if name not in _COLUMNS]
    if strange or wanted.dataset not in ALL:
        raise WrongUsage(
            f"A release does not tell {wanted.dataset} by {', '.join(strange) or 'anything'}.",
            found=", ".join(strange) or wanted.dataset, expected=f"by any of {', '.join(_COLUMNS)}",
            state="Nothing was written. On the screen more can be asked, without --to.",
        )  # fmt: skip
    allowed = ask(desk, wanted.dataset, (ALL[wanted.dataset].counts_by,), Edition.SHAREABLE)
    edition = newest_published(desk, wanted.quarter)
    cells = _cells(edition, wanted)
    content = cells.write_csv().encode()
    write_whole(path, content)
    source = _source_of(edition, wanted.dataset)
    facts = OutputFacts(
        kind="table file", edition=Edition.SHAREABLE, recipients=(desk.who.person,),
        purpose=allowed.request.purpose.value, person=desk.who.person, made=desk.now(), expires=source.until,
    )  # fmt: skip
    said = {"release": edition.name, "by": list(wanted.by), "dataset": wanted.dataset, "period": wanted.period}
    enter_ledger(desk.home, facts, said | {"sha256": hashlib.sha256(content).hexdigest()})
    return edition.name


def _source_of(edition: shelf.Edition, dataset: str) -> PinnedSource:
    for source in edition.plan.sources:
        if source.name == dataset:
            return source
    missing = " ".join(one.says for one in edition.plan.missing if one.dataset in ("", dataset))
    raise WrongUsage(
        f"The release {edition.name} does not tell {dataset}. {missing}".strip(), found=dataset,
        expected=", ".join(one.dataset for one in edition.plan.sources if one.kind == "rows"),
        state="Nothing was written.",
    )  # fmt: skip


def _cells(edition: shelf.Edition, wanted: Wanted) -> pl.DataFrame:
    measure = _measure(_source_of(edition, wanted.dataset), wanted.definition)
    tables = shelf.tables_in(edition)
    small = f"{wanted.dataset}_small"
    is_small = "area" in wanted.by and not _PERSONS & set(wanted.by) and small in tables
    name = small if is_small else f"{wanted.dataset}_large"
    frame = shelf.cells_of(edition, name).filter(measure=measure)
    known = set(frame["period"])
    for column, margin in _MARGIN.items():
        if column not in {_COLUMNS[one] for one in wanted.by}:
            frame = frame.filter(pl.col(column) == margin)
    quarters = [str(one) for one in edition.plan.covering.quarters if str(one) in known]
    periods = quarters if "quarter" in wanted.by else [wanted.period]
    if not set(periods) <= known:
        raise WrongUsage(
            f"The release {edition.name} does not tell {wanted.period or 'all its days as one'}.",
            found=wanted.period, expected=f"--period, one of {', '.join(sorted(known))}", state="Nothing was written.",
        )  # fmt: skip
    told = frame.filter(pl.col("period").is_in(periods))
    columns = {name: pl.col(_COLUMNS[name]) for name in wanted.by}
    return told.select(**columns, count=pl.col("value").cast(pl.Int64), status="status", release=pl.lit(edition.name))


def _measure(source: PinnedSource, definition: str) -> str:
    for one in source.measures:
        if definition in (one.definition, one.name):
            return one.name
    raise WrongUsage(
        f"The release does not count {source.dataset} by '{definition}'.", found=definition,
        expected=", ".join(one.definition for one in source.measures), state="Nothing was written.",
    )  # fmt: skip
