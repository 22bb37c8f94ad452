"""A feed's scorecard for its owner: counts of manifests and rows, through the gate and disclosure, to a page."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from upstander import contracts
from upstander.analysis.measures.spc import xmr
from upstander.contracts.asking import Allowed, Purpose
from upstander.contracts.dataset import Column, DatasetContract, Kind
from upstander.contracts.readings import Manifest
from upstander.contracts.releasing import About, Edition, ReleasedTable
from upstander.disclosure import Exact, derive, protect, strictest
from upstander.errors import WrongUsage
from upstander.intake import suppliers
from upstander.intake.suppliers import Supplier
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import ask, still
from upstander.pipeline.outputs import OutputFacts, enter_ledger
from upstander.pipeline.quality.calendar import State, feed_calendar
from upstander.pipeline.quality.measures import measures_of
from upstander.pipeline.quality.support import Linking, fields_offered, fields_wanted, support_of
from upstander.places import open_reference
from upstander.publish.exports.texts import plain_csv
from upstander.publish.scorecard import Grain, Heading, Scorecard, write_page
from upstander.publish.support import Support
from upstander.publish.words import day
from upstander.values.periods import Period, month_of

_NEWEST = 3  # deliveries whose columns are told together
_DELIVERIES = 24  # on the trend
_KEPT_DAYS = 90
_FEW = 2  # points that a chart needs
_FIELDS = ("event_from_local", "area_kind", "area_vintage", "area_code", "place_method", "site_code")
_COARSE = ("partial", "none")
_BY_NATURE = ("blank where", "where there is no")
_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Made:
    """A scorecard, its page and its numbers as CSV."""

    card: Scorecard
    html: bytes
    csv: bytes


def scorecard(desk: Desk, dataset: str, supplier: str) -> Made:
    """The scorecard of one feed, asked of the gate for stewardship, under the agreement's rule on small numbers.

    Raises WrongUsage where nothing of the feed is held with a profile, NotGranted.
    """
    if dataset not in contracts.ALL:
        raise WrongUsage(f"There is no dataset '{dataset}'.", found=dataset, expected=", ".join(contracts.ALL))
    layout = suppliers.load(supplier, folders=[desk.home.suppliers])
    held = [one for one in desk.warehouse.manifests(dataset, layout.name) if one.profile is not None]
    if not held:
        raise WrongUsage(
            f"Nothing of {dataset} from {layout.name} is held that was counted when it was read.",
            found=layout.name, expected="a delivery; `upstander reread` counts older ones",
        )  # fmt: skip
    contract = suppliers.contract_of(layout)
    stored = {column.name for column in contracts.warehouse_columns(contract)}
    at = desk.asking(purpose=Purpose.STEWARDSHIP, why=desk.who.why or "how good this feed is, for its owner")
    fields = tuple(name for name in _FIELDS if name in stored)
    further = tuple(name for name in fields_offered(at, contract, layout.name, fields) if name not in fields)
    allowed = ask(at, dataset, (*fields, *further), Edition.SHAREABLE, suppliers=(layout.name,))
    rows = at.warehouse.read(allowed, secrets=at.keyring.secret).to_polars()
    card = _card(at, layout, contract, held, allowed, rows)
    still(at, allowed, Edition.SHAREABLE)
    _remember(at, card, allowed)
    return Made(card, write_page(card), _as_csv(card))


def _card(
    desk: Desk,
    layout: Supplier,
    contract: DatasetContract,
    held: Sequence[Manifest],
    allowed: Allowed,
    rows: pl.DataFrame,
) -> Scorecard:
    today = desk.now().date()
    about = _about(contract, held, allowed, today)
    wanted = _wanted(contract, layout, held[-1])
    rule = strictest([grant.rule for grant in allowed.grants])
    calendar = feed_calendar(held, today=today)[-12:]
    due = (
        f"Due {contract.due_within_days} days after each period ends ({contract.arrives.split(',')[0].split(';')[0]})."
    )
    return Scorecard(
        network=desk.home.settings.network,
        title=contract.title,
        owner=layout.agency,
        dataset=contract.name,
        supplier=layout.name,
        records="rows",
        made_on=today,
        expires=about.expires or today,
        handling=about.handling,
        tables=_tables(held, [column.name for column in wanted], about),
        headings={column.name: _heading(column, layout, held) for column in wanted},
        never_sent=_never_sent(contract, held[-1]),
        grain=_grain(desk, layout, rows, rule.suppress_up_to),
        support=_support(desk, layout, contract, allowed, rows),
        calendar=tuple(
            (_named(one.period), one.in_words, one.state in _AMISS or one.late_days > 0) for one in calendar
        ),
        due=due,
        rule_words=_rule_words(rule.suppress_up_to, rule.round_to),
        agreements=tuple(sorted({grant.agreement for grant in allowed.grants})),
    )


_AMISS = (State.LATE, State.SHORT)


def _named(period: Period) -> str:
    """July 2026 for a calendar month, else as it is written."""
    is_month = period.start.day == 1 and month_of(period.start).end == period.end
    return day(period.start).partition(" ")[2] if is_month else period.label


def _tables(held: Sequence[Manifest], wanted: Sequence[str], about: About) -> dict[str, ReleasedTable]:
    newest = held[-_NEWEST:]
    exact = {
        "columns": (("column", "what"), _by_column(newest, wanted)),
        "shifts": (("site", "shift", "what"), _by_shift(newest, wanted)),
        "deliveries": (("delivery", "what"), _by_delivery(held[-_DELIVERIES:], wanted)),
        "kept_back": (("rule",), _by_rule(newest)),
    }
    tables = {
        name: protect(Exact(name, dimensions, _frame(dimensions, counts), about))
        for name, (dimensions, counts) in exact.items()
        if counts
    }
    tables["dimensions"] = _dimensions(held[-_DELIVERIES:], wanted, about)
    return tables | _trends(tables["deliveries"], held[-_DELIVERIES:], wanted, about)


def _frame(dimensions: tuple[str, ...], counts: Mapping[tuple[str, ...], int]) -> pl.DataFrame:
    rows = [(*key, count) for key, count in sorted(counts.items())]
    schema = dict.fromkeys(dimensions, pl.String()) | {"count": pl.Int64()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _by_column(held: Sequence[Manifest], wanted: Sequence[str]) -> Counter[tuple[str, ...]]:
    counts: Counter[tuple[str, ...]] = Counter()
    for manifest in held:
        profile = manifest.profile
        for name in wanted if profile else ():
            one = profile.column(name) if profile else None
            counts[name, "sent"] += profile.sent if profile else 0
            counts[name, "filled"] += one.filled if one else 0
            counts[name, "valid"] += one.valid if one else 0
    return counts


def _by_shift(held: Sequence[Manifest], wanted: Sequence[str]) -> Counter[tuple[str, ...]]:
    counts: Counter[tuple[str, ...]] = Counter()
    for one in (shift for manifest in held if manifest.profile for shift in manifest.profile.shifts):
        counts[one.site, one.shift, "rows"] += one.rows
        filled = dict(one.filled)
        counts.update({(one.site, one.shift, name): filled.get(name, 0) for name in wanted})
    return counts


def _by_delivery(held: Sequence[Manifest], wanted: Sequence[str]) -> dict[tuple[str, ...], int]:
    counts: dict[tuple[str, ...], int] = {}
    for manifest in held:
        profile, start = manifest.profile, manifest.covers.start.isoformat()
        if profile is None:
            continue
        cells = [profile.column(name) for name in wanted]
        counts[start, "rows"] = profile.rows
        counts[start, "cells"] = profile.sent * len(wanted)
        counts[start, "filled"] = sum(one.filled for one in cells if one is not None)
    return counts


def _by_rule(held: Sequence[Manifest]) -> dict[tuple[str, ...], int]:
    counts: Counter[str] = Counter()
    for manifest in held:
        counts.update(dict(manifest.quarantined_by_rule))
    return {(rule,): rows for rule, rows in counts.items() if rows}


def _trends(
    deliveries: ReleasedTable, held: Sequence[Manifest], wanted: Sequence[str], about: About
) -> dict[str, ReleasedTable]:
    """Rows, completeness and days to receipt of each delivery, with their usual range and signals: worked out from the
    released counts; the days are no count of people.
    """
    days = {
        manifest.covers.start.isoformat(): float(measures.delay_days[0])
        for manifest in held
        if (measures := measures_of(manifest, wanted)).delay_days is not None
    }

    def trend(cells: pl.DataFrame) -> pl.DataFrame:
        wide = cells.pivot("what", index="delivery", values="value").sort("delivery")
        told = wide.select(
            "delivery", "rows", completeness=(100 * pl.col("filled") / pl.col("cells")).clip(upper_bound=100).round(1)
        ).with_columns(days=pl.col("delivery").replace_strict(days, default=None, return_dtype=pl.Float64))
        long = told.unpivot(index="delivery", variable_name="measure", value_name="value").drop_nulls("value")
        return long.select("measure", "delivery", "value")

    told = derive("trend", ("measure", "delivery"), about, [deliveries], trend)
    charts = {
        str(name[0]): xmr(part["value"].to_numpy(), better="neutral").points.with_columns(part["delivery"])
        for name, part in told.cells.sort("measure", "delivery").partition_by("measure", as_dict=True).items()
        if part.height >= _FEW
    }
    usual = [(name, points["mean"][0], points["lpl"][0], points["upl"][0]) for name, points in charts.items()]
    named = [
        (name, delivery, "higher" if kind.endswith("high") else "lower", 1.0)
        for name, points in charts.items()
        for delivery, kind in points.select("delivery", "point_type").rows()
        if kind != "common_cause"
    ]
    kinds = {"measure": pl.String(), "value": pl.Float64(), "low": pl.Float64(), "high": pl.Float64()}
    marks = {"measure": pl.String(), "delivery": pl.String(), "direction": pl.String(), "value": pl.Float64()}
    return {
        "trend": told,
        "usual": derive("usual", ("measure",), about, [], lambda: pl.DataFrame(usual, schema=kinds, orient="row")),
        "signals": derive(
            "signals", ("measure", "delivery", "direction"), about, [],
            lambda: pl.DataFrame(named, schema=marks, orient="row"),
        ),
    }  # fmt: skip


def _dimensions(held: Sequence[Manifest], wanted: Sequence[str], about: About) -> ReleasedTable:
    """The newest delivery's measures, and the median of those before it; shares to the whole per cent."""
    told = [_measures(one, wanted) for one in held]
    parts = (("newest", told[-1:]), ("before", told[:-1]))
    rows = [(delivery, name, value) for delivery, ones in parts for one in ones for name, value in one.items()]
    schema = {"delivery": pl.String(), "measure": pl.String(), "value": pl.Float64()}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    middle = frame.group_by("delivery", "measure").agg(pl.col("value").median()).drop_nulls("value")
    return derive(
        "dimensions", ("delivery", "measure"), about, [], lambda: middle.with_columns(pl.col("value").round(0))
    )


def _measures(manifest: Manifest, wanted: Sequence[str]) -> dict[str, float]:
    told = measures_of(manifest, wanted)
    shares = {
        "completeness": told.completeness, "validity": told.validity, "uniqueness": told.uniqueness,
        "consistency": told.consistency, "granularity": told.granularity,
    }  # fmt: skip
    found = {name: 100 * share for name, share in shares.items() if share is not None}
    days = told.delay_days or ()
    return found | {name: float(count) for name, count in zip(("median_days", "slow_days"), days, strict=False)}


def _wanted(contract: DatasetContract, layout: Supplier, newest: Manifest) -> list[Column]:
    """The columns that are judged: sent by this feed, made into something, and not blank by their nature."""
    sent = {one.name for one in newest.profile.columns} if newest.profile else set()
    return [
        column
        for column in contract.columns
        if column.name in sent - set(layout.constants)
        and column.becomes
        and not any(said in column.means for said in _BY_NATURE)
    ]


def _never_sent(contract: DatasetContract, newest: Manifest) -> tuple[str, ...]:
    sent = {one.name for one in newest.profile.columns} if newest.profile else set()
    return tuple(
        column.name
        for column in contract.columns
        if column.name not in sent and column.becomes and not column.identifies and not column.free_text
    )


def _heading(column: Column, layout: Supplier, held: Sequence[Manifest]) -> Heading:
    found = [heading for heading, name in layout.columns.items() if name == column.name]
    heading = (found or list(layout.split.get(column.name, ())) or [column.name])[0]
    counts = _by_column(held[-_NEWEST:], [column.name])
    sent, filled, valid = (counts[column.name, what] for what in ("sent", "filled", "valid"))
    return Heading(
        column.name, heading, column.means, _change(column, heading, is_empty=sent - filled >= filled - valid)
    )


def _change(column: Column, heading: str, *, is_empty: bool) -> str:
    """What to change in the extract, in the words of the contract and the map."""
    if is_empty:
        return f"Fill “{heading}”: {column.means.partition(';')[0]}. Leave it empty only where nobody knows."
    if column.codes is not None:
        return f"Use the agreed codes in “{heading}” ({', '.join(list(column.codes.meanings)[:3])} and so on)."
    if column.kind in (Kind.TIMESTAMP, Kind.DATE):
        example = column.example or "2026-07-04 22:40"
        return f"Write “{heading}” as agreed, such as {example}, with the time where it is known."
    return f"Export “{heading}” as it is, as text: {column.means}."


def _grain(desk: Desk, layout: Supplier, rows: pl.DataFrame, withheld_up_to: int) -> Grain | None:
    """Areas whose count may be shown now, and were each row placed in one as those already are."""
    reference = open_reference(desk.home.reference)
    layers = [layer for layer in layout.places.layers or desk.home.settings.layers if layer in reference.layers()]
    if not layers or rows.is_empty() or not {"area_kind", "event_from_local", "place_method"} <= set(rows.columns):
        return None
    layer = layers[0]
    newest = rows["event_from_local"].max()
    year = rows.filter(pl.col("event_from_local") > pl.lit(newest) - _YEAR)
    kind = layer.rstrip("0123456789")
    placed = year.filter(pl.col("area_kind") == kind)
    coarse = year.filter(pl.col("place_method").is_in(_COARSE)).height
    if placed.is_empty():
        return None
    counts = placed.group_by("area_code").len()["len"]
    grown = counts * (1 + coarse / placed.height)
    areas = reference.codes(layer).height
    words = {"lsoa": "small areas", "msoa": "middle-sized areas"}.get(kind, f"{kind}s")
    return Grain(
        areas_now=int((counts > withheld_up_to).sum()), areas_then=int((grown > withheld_up_to).sum()), areas=areas,
        rows_coarse=coarse / year.height, area_words=words, code=kind.upper(),
    )  # fmt: skip


def _support(
    desk: Desk, layout: Supplier, contract: DatasetContract, allowed: Allowed, rows: pl.DataFrame
) -> Support | None:
    """What sector, age band and sex support; None where no schedule lets stewards read them."""
    if not set(fields_wanted(contract)) <= set(rows.columns):
        return None
    return support_of(desk, contract, allowed, rows, linking=Linking(), layers=layout.places.layers)


def _rule_words(suppress_up_to: int, round_to: int) -> str:
    if not suppress_up_to:
        return "Counts are shown as they are."
    rounding = f", others to the nearest {round_to}" if round_to > 1 else ""
    return f"Counts of 1 to {suppress_up_to} are withheld{rounding}."


def _about(contract: DatasetContract, held: Sequence[Manifest], allowed: Allowed, today: date) -> About:
    start, end = min(one.covers.start for one in held), max(one.covers.end for one in held)
    return About(
        title=f"{contract.title}: data quality", measure="rows", unit="rows", edition=Edition.SHAREABLE,
        period=Period.between(start, max(end, start + timedelta(days=1))), area_layer="",
        rules=tuple(dict.fromkeys(grant.rule for grant in allowed.grants)),
        readings=tuple((one.dataset, one.supplier, one.reading) for one in held),
        method="counts", method_version="1.0", definition="every row of the feed",
        source="Counts of each delivery’s rows when it was read", expires=today + timedelta(days=_KEPT_DAYS),
    )  # fmt: skip


def _remember(desk: Desk, card: Scorecard, allowed: Allowed) -> None:
    facts = OutputFacts(
        kind="scorecard", edition=Edition.SHAREABLE, recipients=(card.owner,),
        purpose=allowed.request.purpose.value, person=desk.who.person, made=desk.now(), expires=card.expires,
    )  # fmt: skip
    enter_ledger(desk.home, facts, {"dataset": card.dataset, "supplier": card.supplier})


def _as_csv(card: Scorecard) -> bytes:
    """Every released number, one a line: table, its dimensions, value, status. Text cells cannot start a formula."""
    support = {"support": card.support.table} if card.support and card.support.table else {}
    lines = [
        [name, *told, *[""] * (3 - len(told)), *(row[one] for one in ("value", "low", "high", "status"))]
        for name, table in sorted({**card.tables, **support}.items())
        for row in table.cells.iter_rows(named=True)
        for told in [[row[one] for one in table.dimensions]]
    ]
    lines += [
        ["change", name, heading.heading, heading.change, "", "", "", ""]
        for name, heading in sorted(card.headings.items())
    ]
    heads = ["table", "dimension 1", "dimension 2", "dimension 3", "value", "low", "high", "status"]
    return plain_csv([heads, *lines])
