"""What else was given out of published releases: the counts by place of shareable bulletins, beside a release's own.

A bulletin's count is a release's cell where it counts the same records of the same days in the same area; counts of
smaller areas, or of more quarters, add up to such cells. Where the exact counts say that it is so, an attacker is taken
to know it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import About, Edition, ReleasedTable, Status
from upstander.disclosure import Publication, strictest
from upstander.errors import NotAcceptable
from upstander.pipeline.desk import Desk
from upstander.pipeline.outputs import ledger_lines
from upstander.pipeline.release import shelf
from upstander.pipeline.release.covering import Covering
from upstander.pipeline.release.ground import WHOLE, ground_of
from upstander.pipeline.release.plan import ALL_AGES, ALL_SEXES, DIMENSIONS_TOLD, PinnedSource, Plan
from upstander.places import pinned_reference
from upstander.values.periods import Period

KIND, _EXACT = "bulletin", "exact"
INSIDE, OUTSIDE = " in the hours ", " outside the hours "
_PLACES, _TOTALS, _RECORDS = "places", "unknown", "records"


@dataclass(frozen=True)
class Given:
    """What one bulletin tells by place of the readings of a release, of some hours of the week (`window`).

    cells: source, area (a key, or WHOLE), value, status, and the exact count, which is in the vault and nowhere else.
    """

    name: str
    release: str
    period: Period
    definition: str
    window: str
    rules: tuple[CountRule, ...]
    cells: pl.DataFrame


Publications = Mapping[str, Publication]


def given(name: str, release: str, tables: Mapping[str, ReleasedTable], exact: pl.DataFrame) -> Given | None:
    """What a bulletin in the making tells; exact: source, area, count, window. None where it tells nothing by place."""
    if _PLACES not in tables:
        return None
    frames = {name: tables[name].cells for name in (_PLACES, _TOTALS) if name in tables}
    about: About = tables[_PLACES].about
    cells = _joined(frames, exact)
    return Given(name, release, about.period, about.definition, _window(exact), about.rules, cells)


def _window(exact: pl.DataFrame) -> str:
    return str(exact["window"][0]) if exact.height else ""


def _joined(tables: Mapping[str, pl.DataFrame], exact: pl.DataFrame) -> pl.DataFrame:
    told = [tables[_PLACES].select("source", "area", "value", "status")]
    if _TOTALS in tables:
        totals = tables[_TOTALS].filter(what=_RECORDS)
        told.append(totals.select("source", pl.lit(WHOLE).alias("area"), "value", "status"))
    return pl.concat(told).join(exact, on=["source", "area"], how="inner", maintain_order="left")


def seal(desk: Desk, number: int, exact: pl.DataFrame) -> None:
    """Seal the exact counts of a bulletin; those of one that never came to exist are replaced."""
    name = f"{KIND}-{number:04d}"
    put = desk.vault.put_anew if desk.vault.holds(_EXACT, name) else desk.vault.seal
    put(_EXACT, name, shelf.parquet(exact))


def given_out(desk: Desk) -> list[Given]:
    """What every shareable bulletin of the ledger tells, oldest first, recalled or not: people have it."""
    lines = [line for line in ledger_lines(desk.home) if line["kind"] == KIND and line.get("release")]
    shareable = [line for line in lines if line["edition"] == Edition.SHAREABLE.value]
    found = (_held(desk, f"{line['number']:04d}", line["release"]) for line in shareable)
    return [one for one in found if one is not None]


def _held(desk: Desk, number: str, release: str) -> Given | None:
    """One bulletin as it lies on disk; None where it tells nothing by place."""
    folder, name = desk.home.outputs / KIND / number, f"{KIND}-{number}"
    if not (folder / f"{_PLACES}.json").is_file() or not desk.vault.holds(_EXACT, name):
        return None
    with desk.vault.open_sealed(_EXACT, name) as source:
        exact = shelf.frame_of(source.read())
    tables = {one: shelf.frame_of((folder / f"{one}.parquet").read_bytes()) for one in (_PLACES, _TOTALS)
              if (folder / f"{one}.parquet").is_file()}  # fmt: skip
    about = json.loads((folder / f"{_PLACES}.json").read_bytes())["about"]
    return Given(
        f"{KIND} {number}", release, Period.parse(about["period"]), about["definition"], _window(exact),
        tuple(_rule(one) for one in about["rules"]), _joined(tables, exact),
    )  # fmt: skip


def _rule(said: Mapping[str, Any]) -> CountRule:
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in said.items() if name != "says"
    }
    return CountRule(**plain)


def pinned_given(desk: Desk) -> tuple[tuple[str, str], ...]:
    """What a plan says of them: (name, hash of what it tells)."""
    return tuple((one.name, _sha256(one)) for one in given_out(desk))


def _sha256(one: Given) -> str:
    return hashlib.sha256(shelf.parquet(one.cells.select("source", "area", "value", "status"))).hexdigest()


def publications_given(
    desk: Desk, plan: Plan, published: Sequence[shelf.Edition]
) -> list[Publications]:  # fmt: skip
    """What the bulletins tell that a plan pins. Raises NotAcceptable where one is not as it was."""
    held = {(one.name, _sha256(one)): one for one in given_out(desk)}
    by_name = {one.name: one for one in published}
    found = []
    for name, sha256 in plan.given:
        one = held.get((name, sha256))
        if one is None or one.release not in by_name:
            raise NotAcceptable(
                f"The {name}, which a release of {plan.quarter} is protected with, is not held as it was.",
                where=name, expected="its folder and its sealed counts from a backup", state="Nothing was changed.",
            )  # fmt: skip
        found.append(publications_of_given(desk, by_name[one.release], one))
    return found


def publications_of_given(desk: Desk, edition: shelf.Edition, one: Given) -> Publications:
    """What a bulletin tells in the cells of the release it was made of, by dataset; nothing where none is the same."""
    exact = shelf.sealed_exact(desk, edition).filter(age=ALL_AGES, sex=ALL_SEXES)
    pooled = _tiled(edition.plan.covering, one.period)
    found = {}
    for source in edition.plan.sources:
        cells = one.cells.filter(source=source.dataset)
        measures = [m.name for m in source.measures if f"{m.definition} {m.definition_version}" == one.definition]
        if pooled is None or not measures or cells.is_empty():
            continue
        made = [_told(desk, edition, source, _Same(name, *pooled, one.window), exact, cells) for name in measures]
        rule, told = strictest(one.rules), pl.concat([frame for frame, _ in made])
        if told.height:
            sums = [each for _, found_sums in made for each in found_sums]
            above = {name: pl.concat([each.rows for each in sums if each.dimension == name]).unique(maintain_order=True)
                     for name in ("measure", "area", "period")}  # fmt: skip
            found[source.dataset] = Publication(DIMENSIONS_TOLD, _why(told, rule), above, rule)
    return found


@dataclass(frozen=True)
class _Same:
    """A measure and a period as a release would write it, with the quarters that it adds up where it is none of its."""

    measure: str
    period: str
    quarters: tuple[str, ...]
    window: str


def _tiled(covering: Covering, period: Period) -> tuple[str, tuple[str, ...]] | None:
    """How a release writes the period, or which of its quarters it is made of; None where it is of neither."""
    for one in covering.periods:
        if (one.start, one.end) == (period.start, period.end):
            return str(one), ()
    inside = [one for one in covering.quarters if period.start <= one.start and one.end <= period.end]
    if not inside or (inside[0].start, inside[-1].end) != (period.start, period.end):
        return None
    return f"{period.start}/{period.end}", tuple(map(str, inside))


@dataclass(frozen=True)
class _Sum:
    """How cells of one dimension add up: parent, child, split."""

    dimension: str
    rows: pl.DataFrame


def _told(
    desk: Desk, edition: shelf.Edition, source: PinnedSource, same: _Same, exact: pl.DataFrame, cells: pl.DataFrame
) -> tuple[pl.DataFrame, list[_Sum]]:
    """The cells of one measure (dimensions, vintage, told, value, status, count), and how they add up.

    Counts inside the bulletin's hours are a part of the release's; where they are all of it, they are the same cells.
    """
    held = exact.filter(dataset=source.dataset, measure=same.measure)
    held = held.filter(pl.col("period").is_in(same.quarters or [same.period])).sort("period")
    sums = held.group_by("area", maintain_order=True).agg(
        total=pl.when(pl.col("count").is_null().any()).then(None).otherwise(pl.col("count").sum()),
        vintage=pl.col("vintage").str.join("+"),
    )
    inside, outside = (f"{same.measure}{where}{same.window}" for where in (INSIDE, OUTSIDE))
    records = cells.filter(area=WHOLE).join(sums, on="area").filter(pl.col("count") == pl.col("total"))
    placed = _placed(desk, edition, cells.filter(pl.col("area") != WHOLE), sums)
    whole = placed.group_by("parent", maintain_order=True).agg(
        pl.col("count").sum(), pl.col("total", "vintage").first()
    ).rename({"parent": "area"})  # fmt: skip
    is_all = whole["count"].sum() == whole["total"].sum()
    named = same.measure if is_all else inside
    parts = whole.join(placed, on="area", how="anti")
    made = [
        _cells(records, same.measure), _cells(placed, named), _cells(parts, named, is_told=False),
        _cells(whole.with_columns(count="total").join(placed if is_all else placed.clear(), on="area", how="anti"),
               same.measure, is_told=False),
        *([] if is_all else [_cells(whole.with_columns(count=pl.col("total") - pl.col("count")), outside,
                                    is_told=False)]),
    ]  # fmt: skip
    now = pl.concat(made).unique(["measure", "area"], keep="first", maintain_order=True)
    now = now.with_columns(period=pl.lit(same.period))
    quarters = held.join(now.filter(measure=same.measure), on="area", how="semi")
    told = pl.concat([now, _cells(quarters, same.measure, is_told=False).with_columns(quarters["period"])]
                     if same.quarters else [now])  # fmt: skip
    fine = placed.filter(pl.col("area") != pl.col("parent")).select("parent", child="area", split=pl.lit(KIND))
    hours = [] if is_all else [(same.measure, one, same.window) for one in (inside, outside)]
    return told.with_columns(age=pl.lit(ALL_AGES), sex=pl.lit(ALL_SEXES)), [
        _Sum("area", fine), _Sum("measure", _tree(hours)),
        _Sum("period", _tree([(same.period, quarter, "quarters") for quarter in same.quarters])),
    ]  # fmt: skip


def _tree(rows: Sequence[tuple[str, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, dict.fromkeys(("parent", "child", "split"), pl.String), orient="row")


def _cells(frame: pl.DataFrame, measure: str, *, is_told: bool = True) -> pl.DataFrame:
    """measure, area, vintage, value, status, count, told; a cell that is not told has no value."""
    blank = {} if is_told else {"value": pl.lit(None, pl.Float64), "status": pl.lit(Status.MISSING.value)}
    return frame.with_columns(measure=pl.lit(measure), told=pl.lit(is_told), **blank).select(
        "measure", "area", "vintage", "value", "status", pl.col("count").cast(pl.Int64), "told"
    )


def _placed(desk: Desk, edition: shelf.Edition, cells: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
    """The cells with the area of the release they are, or are a part of: `parent`, its `total` and `vintage`. Only
    where all parts of it are there, and are no more than it is.
    """
    lies = pl.concat([cells.select("area", parent="area"), _within(desk, edition, cells)]).unique()
    lies = lies.join(sums, left_on="parent", right_on="area", how="semi")
    both = lies.join(cells, on="area", how="left").join(sums, left_on="parent", right_on="area")
    whole = both.group_by("parent").agg(
        parts=pl.when(pl.col("count").is_null().any()).then(None).otherwise(pl.col("count").sum()),
        total=pl.col("total").first(),
    )
    fit = whole.filter(pl.col("parts") <= pl.col("total")).select("parent")
    return both.join(fit, on="parent", how="semi").sort("parent", "area")


def _within(desk: Desk, edition: shelf.Edition, cells: pl.DataFrame) -> pl.DataFrame:
    """area, parent: the small area of the release in which each area of the layers of these cells lies."""
    reference = pinned_reference(desk.home.reference, edition.plan.reference)
    layers = cells["area"].str.extract(r"^([^:]+):").unique().drop_nulls().to_list()
    if reference is None or not layers:
        return pl.DataFrame(schema={"area": pl.String, "parent": pl.String})
    return ground_of(reference, edition.plan.settings, layers).of.select(area="key", parent="small").drop_nulls()


def _why(cells: pl.DataFrame, rule: CountRule) -> pl.DataFrame:
    """With what the strongest attacker knows: whether a cell is hidden for itself or for others."""
    is_hidden = pl.col("told") & (pl.col("status") == Status.SUPPRESSED.value)
    is_small = pl.col("count") <= rule.width
    why = pl.when(is_hidden & is_small).then(pl.lit("count")).when(is_hidden).then(pl.lit("others"))
    return cells.select(*DIMENSIONS_TOLD, "vintage", "told", "value", "status", why=why)
