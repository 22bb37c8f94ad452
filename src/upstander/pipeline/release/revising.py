"""What a release changes in what was published before: readings, counts as they are shown, figures touched."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from upstander.contracts.releasing import Edition as Editions
from upstander.contracts.releasing import Status
from upstander.errors import WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.outputs import OutputFacts, enter_ledger
from upstander.pipeline.release import shelf
from upstander.pipeline.release.approving import approved
from upstander.pipeline.release.naming import names_of
from upstander.pipeline.release.plan import DIMENSIONS_TOLD
from upstander.publish.exports.texts import neutralised, plain_text

TOO_SMALL = "recounted; too small to say whether it changed"
_TABLE = ["table", "cell"]


@dataclass(frozen=True)
class Revisions:
    """`readings`: dataset, supplier, reading, change (new, superseded, withdrawn), in order. `counts`: table, cell,
    before, after, change: one row a figure told in both that is not as it was; nothing published is changed in place.
    """

    before: str
    after: str
    readings: pl.DataFrame
    counts: pl.DataFrame

    @property
    def figures(self) -> list[str]:
        """The published figures that are touched."""
        return [f"{self.before}/{table}/{cell}" for table, cell in self.counts.select(_TABLE).rows()]


def revisions(desk: Desk, quarter: str, number: int | None = None) -> Revisions:
    """A release beside the last one published before it. Raises WrongUsage where none was.

    A figure is touched where it is shown otherwise, or where it is hidden and rests on other readings now; whether a
    hidden count changed is never told.
    """
    edition = shelf.find_edition(desk.home, quarter, number)
    shelf.check_seals(edition)
    before = _earlier(desk, edition)
    if not before:
        raise WrongUsage(
            f"No release was published before {edition.name}.",
            found=edition.name,
            expected="an earlier published release",
        )
    last = before[-1]
    return Revisions(last.name, edition.name, _readings(last, edition), _counts(desk, last, edition))


def revisions_file(desk: Desk, edition: shelf.Edition) -> bytes | None:
    """The touched figures as CSV, with what areas are called; the ledger says who took it. None where there are none
    because nothing was published before.
    """
    if not has_earlier(desk, edition):
        return None
    found = revisions(desk, edition.quarter, edition.number)
    parts = {name: pl.col("cell").str.extract(rf"(?:^|;){name}=([^;]*)") for name in DIMENSIONS_TOLD}
    areas = names_of(desk.home, shelf.layers_of(edition)).areas
    told = found.counts.select(
        pl.format(f"{found.before}/{{}}/{{}}", "table", "cell").alias("figure"), "table", **parts,
        area_name=parts["area"].replace_strict(areas, default="", return_dtype=pl.String),
        before="before", after="after", change="change",
    )  # fmt: skip
    content = told.select(neutralised(plain_text(pl.col(pl.String)))).write_csv(line_terminator="\r\n").encode()
    facts = OutputFacts(
        kind="download", edition=Editions.SHAREABLE, recipients=(desk.who.person,), purpose=desk.who.purpose.value,
        person=desk.who.person, made=desk.now(), expires=min(source.until for source in edition.plan.sources),
    )  # fmt: skip
    said = {"release": edition.name, "file": "revisions.csv", "sha256": hashlib.sha256(content).hexdigest()}
    enter_ledger(desk.home, facts, said)
    return content


def has_earlier(desk: Desk, edition: shelf.Edition) -> bool:
    """Whether a release was published before it."""
    return bool(_earlier(desk, edition))


def _earlier(desk: Desk, edition: shelf.Edition) -> list[shelf.Edition]:
    return [one for one in approved(desk) if one.name < edition.name]


def _readings(before: shelf.Edition, after: shelf.Edition) -> pl.DataFrame:
    old, new = _pinned(before), _pinned(after)
    both = old.join(new, on=["dataset", "supplier", "reading"], how="full", coalesce=True, suffix="_after")
    change = (
        pl.when(pl.col("days").is_null()).then(pl.lit("new"))
        .when(pl.col("days_after").is_null()).then(pl.lit("superseded or withdrawn"))
        .when(pl.col("days") != pl.col("days_after")).then(pl.lit("superseded in part"))
    )  # fmt: skip
    return (
        both.with_columns(change=change)
        .filter(pl.col("change").is_not_null())
        .select("dataset", "supplier", "reading", "change")
        .sort("dataset", "supplier", "reading")
    )


def _pinned(edition: shelf.Edition) -> pl.DataFrame:
    rows = [
        (source.name, one.supplier, one.reading, str(one.days))
        for source in edition.plan.sources
        for one in source.readings
    ]
    schema = dict.fromkeys(("dataset", "supplier", "reading", "days"), pl.String)
    return pl.DataFrame(rows, schema, orient="row")


def _counts(desk: Desk, before: shelf.Edition, after: shelf.Edition) -> pl.DataFrame:
    old, new = (_figures(one) for one in (before, after))
    vintages = _cells_of(shelf.sealed_exact(desk, before)).join(
        _cells_of(shelf.sealed_exact(desk, after)), on=["dataset", "cell"], suffix="_after"
    )
    recounted = vintages.filter(pl.col("vintage") != pl.col("vintage_after")).select("dataset", "cell")
    both = old.join(new, on=_TABLE, suffix="_after")
    is_hidden = (pl.col("status") == _HIDDEN) | (pl.col("status_after") == _HIDDEN)
    shown = pl.col("value").ne_missing(pl.col("value_after")) | (pl.col("status") != pl.col("status_after"))
    was_told = pl.col("status") != pl.col("status_after")
    told = pl.format("{} to {}", _as_shown("value", "status"), _as_shown("value_after", "status_after"))
    changed = both.filter(shown | is_hidden)
    # A rate is touched where its count is.
    touched = changed.join(recounted, left_on=["dataset", "counted"], right_on=["dataset", "cell"], how="semi")
    return touched.select(
        *_TABLE, before=_as_shown("value", "status"), after=_as_shown("value_after", "status_after"),
        change=pl.when(is_hidden & ~was_told).then(pl.lit(TOO_SMALL)).otherwise(told),
    ).sort(_TABLE)  # fmt: skip


_HIDDEN = Status.SUPPRESSED.value
_PER = r";per=.*$"


def _figures(edition: shelf.Edition) -> pl.DataFrame:
    frame = shelf.cells_of(edition, shelf.FIGURES_TABLE)
    source = pl.col("table").str.replace(r"_[a-z]+$", "")
    return frame.select(*_TABLE, "value", "status", dataset=source, counted=pl.col("cell").str.replace(_PER, ""))


def _cells_of(exact: pl.DataFrame) -> pl.DataFrame:
    cell = pl.concat_str([pl.format(f"{name}={{}}", name) for name in DIMENSIONS_TOLD], separator=";")
    return exact.select("dataset", "vintage", cell=cell)


def _as_shown(value: str, status: str) -> pl.Expr:
    whole = pl.col(value).cast(pl.Int64).cast(pl.String)
    number = pl.when(pl.col("cell").str.contains(_PER)).then(pl.col(value).round(1).cast(pl.String)).otherwise(whole)
    return pl.when(pl.col(status) == Status.SHOWN.value).then(number).otherwise(pl.col(status))


def revisions_text(found: Revisions) -> Iterable[str]:
    """The report in lines."""
    yield f"{found.after} beside {found.before}: nothing that was published is changed in place."
    yield from (" ".join(row) for row in found.readings.rows()) if found.readings.height else ("No reading changed.",)
    yield f"{found.counts.height} published figures are touched."
    yield from (f"{table} {cell}: {change}" for table, cell, change in _lines(found.counts))


def _lines(counts: pl.DataFrame) -> Sequence[tuple[str, str, str]]:
    return counts.select("table", "cell", "change").rows()
