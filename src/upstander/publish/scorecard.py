"""The scorecard of one feed: what its owner sent, how complete it is, what to change in the extract, what that gives.

Takes released tables (values are floats, dimensions text):
columns      column, what             sent, filled or valid: cells of the newest deliveries
shifts       site, shift, what        rows, or the name of a column: its filled cells
trend        measure, delivery        rows, completeness (per cent) or days (median from event to receipt); a delivery
                                      is the first day it covers, ISO
usual        measure                  mean, with the process limits as low and high
signals      measure, delivery, direction    1 for each signal; direction is higher or lower
dimensions   delivery, measure        shares in per cent, days as they are; a delivery is newest or before (the median)
kept_back    rule                     rows kept back
and what part of a postcode, age band and sex support, see `publish/support.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from upstander.contracts.releasing import ReleasedTable, Status
from upstander.publish.charts.marks import key, standing_figure
from upstander.publish.charts.quality import known_bar
from upstander.publish.charts.weeks import Weeks, highest, xmr
from upstander.publish.html import page
from upstander.publish.reading import Cells, Shown, as_number, as_text, cells_of
from upstander.publish.sheet import Cell, Column, Numbers, Panel, RichTable, Section, Sheet
from upstander.publish.support import Support
from upstander.publish.support import section as support_section
from upstander.publish.svg import Drawing
from upstander.publish.tokens import SCREEN, SOURCES
from upstander.publish.words import capital, counted, day, first_that_fits, listed, per_cent

_WORST = 5
_GOOD = 0.95
_MEASURES = (
    ("completeness", "Cells filled, per cent"),
    ("rows", "Rows in a delivery"),
    ("days", "Days from event to receipt, median"),
)
_WITHHELD = "*"
_FALL = 2.0  # points of a per cent
_DIMENSIONS = (
    ("completeness", "Completeness", "%", "cells that hold something"),
    ("validity", "Validity", "%", "filled cells that keep to what was agreed"),
    ("uniqueness", "Uniqueness", "%", "rows that are not a repeat of another"),
    ("consistency", "Consistency", "%", "rows that do not contradict themselves"),
    ("granularity", "Granularity", "%", "rows whose place is a point, a whole postcode or a small area"),
    ("median_days", "Timeliness", "days", "from the event to the receipt, median"),
    ("slow_days", "Timeliness, slowest", "days", "95 of 100 rows came within"),
)


@dataclass(frozen=True)
class Heading:
    """A column as its owner knows it: the heading in the extract, what it means, what to change."""

    column: str
    heading: str
    means: str
    change: str


@dataclass(frozen=True)
class Grain:
    """What a finer place would let partners see: areas whose count may be shown now, and with every place as an area.

    rows_coarse: share of rows that say no more than a sector, a district or nothing. area_words: what people call the
    areas, and what their code is called.
    """

    areas_now: int
    areas_then: int
    areas: int
    rows_coarse: float
    area_words: str
    code: str


@dataclass(frozen=True)
class Scorecard:
    """One feed's scorecard, complete. `calendar` is (period, words, is_amiss), oldest first; `owner` an agency."""

    network: str
    title: str
    owner: str
    dataset: str
    supplier: str
    records: str
    made_on: date
    expires: date
    handling: str
    tables: Mapping[str, ReleasedTable]
    headings: Mapping[str, Heading]
    never_sent: tuple[str, ...]
    grain: Grain | None
    support: Support | None
    calendar: tuple[tuple[str, str, bool], ...]
    due: str
    rule_words: str
    agreements: tuple[str, ...]


@dataclass(frozen=True)
class _Known:
    """How much of one column is there."""

    heading: Heading
    filled: float
    valid: float
    sent: Shown

    @property
    def is_empty_most(self) -> bool:
        return 1 - self.filled >= 1 - self.valid

    @property
    def good(self) -> float:
        return self.filled * self.valid


def write_page(scorecard: Scorecard) -> bytes:
    """The scorecard as one web page that stands alone; it prints."""
    return page(sheet(scorecard))


def sheet(card: Scorecard) -> Sheet:
    """The scorecard laid out."""
    worst = worst_columns(card)
    sections = [
        _columns(card, worst),
        _grain(card),
        support_section(card.support),
        _shifts(card, worst),
        _dimensions(card),
        _trend(card),
        _kept_back(card),
        _calendar(card),
    ]
    return Sheet(
        title="Data quality scorecard",
        network=card.network,
        label=f"{card.title}, {day(card.made_on)}",
        handling=card.handling,
        edition=f"For {card.owner}, whose records these are",
        expires=f"Destroy by {day(card.expires)}",
        headline=headline(card),
        brief=(
            ("What to change first", _change(worst)),
            ("What it would give", _gives(card)),
            ("How it came", _came(card)),
        ),
        not_known=_not_known(card),
        mark=standing_figure("mark"),
        first=tuple(one for one in sections if one is not None),
        second=(),
        detail=(_made(card),),
        footer=f"{card.rule_words.rstrip('.')}. By agreement {listed(card.agreements)}.",
    )


def headline(card: Scorecard) -> str:
    """The one sentence: the worst column, or that all are good."""
    worst = worst_columns(card)
    if not worst or worst[0].good >= _GOOD:
        return f"Every column from {card.owner} is filled in nearly every row."
    one = worst[0]
    name = _plain(one.heading.column)
    if one.is_empty_most:
        share = per_cent(1 - one.filled)
        return first_that_fits([
            f"{capital(name)} is empty in {share} of {card.records} from {card.owner}.",
            f"{capital(name)} is empty in {share} of {card.records}.",
        ], [name, card.owner])  # fmt: skip
    return f"{capital(name)} cannot be read in {per_cent(1 - one.valid)} of {card.records}."


def worst_columns(card: Scorecard) -> list[_Known]:
    """The five columns with the smallest share of cells that are filled and right."""
    return sorted(_known(card).values(), key=lambda one: (one.good, one.heading.column))[:_WORST]


def _known(card: Scorecard) -> dict[str, _Known]:
    cells = cells_of(card.tables.get("columns"), "column", "what")
    found = {}
    for name, heading in card.headings.items():
        sent, filled, valid = (cells.get((name, what)) for what in ("sent", "filled", "valid"))
        if sent is None or not sent.number or filled is None or valid is None or not _may_be_told(sent, filled):
            continue
        share = min(filled.number / sent.number, 1.0)
        right = min(valid.number / filled.number, 1.0) if filled.number and _may_be_told(filled, valid) else 1.0
        found[name] = _Known(heading, share, right, sent)
    return found


def _may_be_told(whole: Shown, part: Shown) -> bool:
    return whole.has_number and part.has_number


def _columns(card: Scorecard, worst: Sequence[_Known]) -> Section:
    heads = (
        Column("Column"),
        Column("Filled"),
        Column("Right where filled"),
        Column("What to change in the extract", share=1.6),
    )
    rows = tuple(
        (
            Cell(_plain(one.heading.column), is_strong=True),
            _bar(f"filled-{place}", one.filled, "filled"),
            _bar(f"right-{place}", one.valid, "right"),
            Cell(one.heading.change if one.good < _GOOD else "Nothing: keep it as it is."),
        )
        for place, one in enumerate(worst)
    )
    good = [one for one in _known(card).values() if one.good >= _GOOD]
    found = f"{len(good)} of {len(_known(card))} columns are filled and right in at least {per_cent(_GOOD)} of rows."
    every = sorted(_known(card).values(), key=lambda one: one.heading.column)
    numbers = Numbers(
        "Every column", ("Column", "Heading in the extract", "Rows", "Filled", "Right where filled"),
        tuple((_plain(one.heading.column), one.heading.heading, as_text(one.sent), per_cent(one.filled),
               per_cent(one.valid)) for one in every),
        words_in=(0, 1),
    )  # fmt: skip
    missing = f" Not sent at all: {listed([_plain(name) for name in card.never_sent])}." if card.never_sent else ""
    return Section(
        figure="columns", finding=found,
        sub="The five worst columns of the newest deliveries, worst first. Rows, not people.",
        table=RichTable(heads, rows), note=f"Bars: black is there, white is not.{missing}", numbers=(numbers,),
    )  # fmt: skip


def _grain(card: Scorecard) -> Section | None:
    grain = card.grain
    if grain is None:
        return None
    more = grain.areas_then - grain.areas_now
    coarse = (
        f"{capital(per_cent(grain.rows_coarse))} of the rows say no more than a postcode sector or district, or no "
        f"place. Partners can be shown a count for {grain.areas_now} of {grain.areas} {grain.area_words}."
    )
    then = (
        f"Were each row sent with its {grain.code} code, it would be about {grain.areas_then}: an estimate, by placing "
        "the coarse rows as the others lie. The code names about 1,500 people, not a home."
    )
    finding = (
        f"With the {grain.code} of each place, partners would see {more} more {grain.area_words}." if more > 0
        else f"Places come finely enough for {grain.area_words}."
    )  # fmt: skip
    return Section(
        figure="grain", finding=finding,
        sub="What a finer place would let partners see, over the last twelve months held.",
        paragraphs=(("Now.", coarse), ("Then.", then)),
    )  # fmt: skip


def _shifts(card: Scorecard, worst: Sequence[_Known]) -> Section | None:
    cells = cells_of(card.tables.get("shifts"), "site", "shift", "what")
    places = sorted({(site, shift) for site, shift, _ in cells})
    names = [one.heading.column for one in worst][:3]
    if not places or not names:
        return None
    heads = (
        Column("Site and shift"),
        Column("Rows", is_number=True),
        *(Column(capital(_plain(name))) for name in names),
    )
    rows = tuple(
        (
            Cell(f"{site}, {_shift(shift)}", is_strong=True),
            Cell(as_text(cells[site, shift, "rows"])),
            *(_share_cell(cells, site, shift, name, f"shift-{number}-{at}") for at, name in enumerate(names)),
        )
        for number, (site, shift) in enumerate(places)
    )
    return Section(
        figure="shifts", finding=_shift_finding(cells, places, names[0]),
        sub="How much of the worst columns is filled, by treating site and shift of arrival.",
        table=RichTable(heads, rows), note="* too few rows to be told. It is about a shift, never about one person.",
    )  # fmt: skip


def _share(cells: Cells, site: str, shift: str, name: str) -> float | None:
    rows, filled = cells.get((site, shift, "rows")), cells.get((site, shift, name))
    if rows is None or filled is None or not rows.number or not _may_be_told(rows, filled):
        return None
    return min(filled.number / rows.number, 1.0)


def _share_cell(cells: Cells, site: str, shift: str, name: str, drawn: str) -> Cell:
    share = _share(cells, site, shift, name)
    return Cell(_WITHHELD) if share is None else _bar(drawn, share, "filled")


def _shift_finding(cells: Cells, places: Sequence[tuple[str, str]], name: str) -> str:
    known = [(share, site, shift) for site, shift in places if (share := _share(cells, site, shift, name)) is not None]
    if len(known) < 2 or max(known)[0] - min(known)[0] < 0.05:
        return f"{capital(_plain(name))} is filled about as often at every site and shift."
    share, site, shift = min(known)
    return first_that_fits([
        f"{capital(_plain(name))} is filled least at {site}, {_shift(shift)}: {per_cent(share)}.",
        f"It is filled least at {site}, {_shift(shift)}: {per_cent(share)}.",
    ], [site, _shift(shift), _plain(name)])  # fmt: skip


def _shift(shift: str) -> str:
    """`06-14` as `06:00 to 14:00`."""
    start, _, end = shift.partition("-")
    return f"{start}:00 to {end}:00"


def _trend(card: Scorecard) -> Section | None:
    cells = cells_of(card.tables.get("trend"), "measure", "delivery")
    usual = cells_of(card.tables.get("usual"), "measure")
    signals = cells_of(card.tables.get("signals"), "measure", "delivery", "direction")
    panels, numbers, said = [], [], []
    mark = _mark(card)
    for measure, words in _MEASURES:
        days = tuple(date.fromisoformat(told) for name, told in sorted(cells) if name == measure)
        if len(days) < 2:
            continue
        named = {date.fromisoformat(on): way == "higher" for name, on, way in signals if name == measure}
        shown = tuple(cells[measure, one.isoformat()] for one in days)
        weeks = Weeks(days, shown, usual.get((measure,)), named, 7)
        now = named.get(days[-1])
        tag = "Noise" if now is None else f"Signal: {'higher' if now else 'lower'}"
        said.append((words, now))
        alt = f"{words}, delivery by delivery. {tag}."
        picture = xmr(f"trend-{measure}", weeks, highest([weeks]), SCREEN, alt)
        panels.append(Panel(mark, words, "", tag, now is not None, picture))
        rows = tuple((day(one), as_text(cell)) for one, cell in zip(days, shown, strict=True))
        numbers.append(Numbers(words, ("Delivery from", words), rows))
    if not panels:
        return None
    changed = [words.partition(",")[0].lower() for words, now in said if now is not None]
    finding = (
        f"{capital(listed(changed))}: the newest delivery is a signal." if changed
        else "The newest delivery is like those before it."
    )  # fmt: skip
    return Section(
        figure="trend", finding=finding,
        sub="Delivery by delivery, against the feed’s own usual range (grey band). Triangles are signals.",
        panels=tuple(panels), note="Limits: XmR chart, Making Data Count rules.", numbers=tuple(numbers),
    )  # fmt: skip


def _mark(card: Scorecard) -> Drawing:
    source = next((one for one in SOURCES if one.dataset == card.dataset), None)
    return key(source, "trend-key") if source else standing_figure("trend-key", 13)


def _dimensions(card: Scorecard) -> Section | None:
    cells = cells_of(card.tables.get("dimensions"), "delivery", "measure")
    rows = tuple(
        (Cell(name, is_strong=True), Cell(_of(now, unit)), Cell(_of(cells.get(("before", measure)), unit)), Cell(means))
        for measure, name, unit, means in _DIMENSIONS
        if (now := cells.get(("newest", measure))) is not None
    )
    if not rows:
        return None
    heads = (
        Column("Dimension"), Column("Newest", is_number=True), Column("Before", is_number=True),
        Column("What it says", share=1.6),
    )  # fmt: skip
    return Section(
        figure="dimensions", finding=_dimension_finding(cells),
        sub="The newest delivery beside the median of those before it.", table=RichTable(heads, rows),
    )  # fmt: skip


def _dimension_finding(cells: Cells) -> str:
    falls = [
        (before.number - now.number, name)
        for measure, name, unit, _ in _DIMENSIONS
        if unit == "%"
        and (now := cells.get(("newest", measure))) is not None
        and (before := cells.get(("before", measure))) is not None
    ]
    worst = max(falls, default=(0.0, ""))
    if worst[0] >= _FALL:
        return f"{worst[1]} fell by {round(worst[0])} points in the newest delivery."
    return "The newest delivery is as good as those before it."


def _of(cell: Shown | None, unit: str) -> str:
    if cell is None or not cell.has_number:
        return "[z]"
    if unit == "%":
        return per_cent(cell.number / 100)
    return f"{as_number(cell.number)} {'day' if cell.number == 1 else 'days'}"


def _kept_back(card: Scorecard) -> Section | None:
    cells = cells_of(card.tables.get("kept_back"), "rule")
    if not cells:
        return None
    ordered = sorted(cells.items(), key=lambda one: (-one[1].number, one[0]))
    rows = tuple((Cell(capital(rule)), Cell(as_text(cell))) for (rule,), cell in ordered)
    first = ordered[0][0][0]
    return Section(
        figure="kept-back", finding=f"Most rows that are kept back break one rule: {first}." if len(ordered) > 1
        else f"Rows are kept back for one rule only: {first}.",
        sub="Rows kept back in the newest deliveries, by rule. They are not lost: mend and resend only those.",
        table=RichTable((Column("Rule"), Column("Rows", is_number=True)), rows),
        note="* 1 to 7 rows: number withheld. Lines and columns are in each delivery’s own report.",
    )  # fmt: skip


def _calendar(card: Scorecard) -> Section | None:
    if not card.calendar:
        return None
    rows = tuple((Cell(period), Cell(words, is_strong=is_amiss)) for period, words, is_amiss in card.calendar)
    return Section(
        figure="calendar", finding=_calendar_finding(card.calendar),
        sub="What came, period by period. A period in which nothing happened is not a period that is missing.",
        table=RichTable((Column("Period"), Column("How it stands")), rows), note=card.due,
    )  # fmt: skip


def _calendar_finding(calendar: Sequence[tuple[str, str, bool]]) -> str:
    missing = [period for period, words, _ in calendar if words.startswith(("missing", "short"))]
    late = sum(1 for _, _, is_amiss in calendar if is_amiss) - len(missing)
    if missing:
        return f"{listed(missing[-2:])} {'are' if len(missing) > 1 else 'is'} missing or short."
    if late:
        return f"{capital(counted(late))} of the last deliveries came late, and all came."
    return "Every delivery came, whole and in time."


def _made(card: Scorecard) -> Section:
    parts = (
        (
            "Counted",
            "Rows as the agency sent them; of each column, cells that hold something and that no rule refused.",
        ),
        ("Small numbers", card.rule_words),
        ("Agreements", f"{listed(card.agreements)}."),
        ("Signs", "0 none recorded. * withheld. [x] not received. [z] does not apply."),
        ("Made on", f"{day(card.made_on)}, from {card.supplier}."),
    )
    return Section(figure="made", finding="How this was made", paragraphs=parts)


def _change(worst: Sequence[_Known]) -> tuple[str, ...]:
    return tuple(one.heading.change for one in worst if one.good < _GOOD)[:2] or ("Nothing: keep it as it is.",)


def _gives(card: Scorecard) -> tuple[str, ...]:
    grain = card.grain
    if grain is not None and grain.areas_then > grain.areas_now:
        then = f"{grain.areas_then} of {grain.areas} {grain.area_words}"
        return (f"With {grain.code} codes, a count for {then}, instead of {grain.areas_now}.",)
    return ("Fewer records that partners must leave out of maps and hours.",)


def _came(card: Scorecard) -> tuple[str, ...]:
    if not card.calendar:
        return ("No delivery states the days it speaks for.",)
    period, words, _ = card.calendar[-1]
    return (f"{period}: {words}.", card.due)


def _not_known(card: Scorecard) -> str:
    cells = [cell for table in card.tables.values() for cell in cells_of(table).values()]
    hidden = sum(1 for cell in cells if cell.status is Status.SUPPRESSED)
    if not hidden:
        return "No number was withheld."
    rule = card.rule_words[0].lower() + card.rule_words[1:]
    return f"{as_number(hidden)} of {as_number(len(cells))} numbers are withheld: {rule}"


def _bar(name: str, share: float, what: str) -> Cell:
    words = per_cent(share)
    return Cell(words, (known_bar(f"bar-{name}", share, 0, f"{words} {what}"),))


def _plain(column: str) -> str:
    return column.replace("_", " ")
