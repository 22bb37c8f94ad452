"""A place profile: one area on one page. What, when, which way it goes, who sees it, what is already being done."""

from datetime import date

from upstander.publish.charts.marks import key, standing_figure
from upstander.publish.charts.ranks import rank_axis, rank_strip, rank_words
from upstander.publish.charts.weeks import Weeks, highest, xmr
from upstander.publish.facts import WEEKS_DRAWN, Facts
from upstander.publish.findings.gaps import not_known
from upstander.publish.findings.time import peak_words
from upstander.publish.findings.unusual import rises
from upstander.publish.model import EVERYWHERE
from upstander.publish.reading import ABSENT, Shown, as_number, as_text, cells_of
from upstander.publish.sections.common import layer_words, pooled_words, window_words
from upstander.publish.sections.ranked import done_at
from upstander.publish.sheet import Cell, Column, Numbers, Panel, RichTable, Section, Sheet
from upstander.publish.tokens import PRINT, Medium, Source
from upstander.publish.words import capital, counted, day, listed, short_day


def profile(facts: Facts, area: str, wider: str, medium: Medium) -> Sheet:
    """One area of a picture as a page. wider: the larger area that its weeks are told by; empty where there is none."""
    bulletin = facts.bulletin
    name = bulletin.name_of(area)
    return Sheet(
        title=f"Place profile: {name}",
        network=bulletin.network,
        label=f"{bulletin.issue_label}, {area}",
        handling=bulletin.handling,
        edition=f"Of operational picture {bulletin.number}, for {bulletin.recipients}",
        expires=f"Destroy by {day(bulletin.expires)}",
        headline=_headline(facts, area),
        brief=(
            ("What", _what(facts, area)),
            ("When", _when(facts)),
            ("Who sees it", (_seen(facts, area),)),
        ),
        not_known=not_known(facts),
        mark=standing_figure("mark"),
        # Together, so that on paper it stays one page; the weeks stand as a table on the screen only.
        first=(
            _counts(facts, area, medium),
            _trend(facts, wider, medium),
            _rises(facts, wider),
            _done(facts, area),
        ),
        second=(),
        detail=(),
        footer=f"{bulletin.rule_words.rstrip('.')}. By agreement {listed(bulletin.agreements)}.",
    )


def _cell(facts: Facts, table: str, source: Source, area: str) -> Shown:
    return cells_of(facts.bulletin.tables.get(table), "source", "area").get((source.dataset, area), ABSENT)


def _seers(facts: Facts, area: str) -> list[Source]:
    """The sources in which the place stands out."""
    named = cells_of(facts.bulletin.tables.get("stands_out"), "source", "area")
    return [source for source in facts.bulletin.present if (source.dataset, area) in named]


def _headline(facts: Facts, area: str) -> str:
    name, seers = facts.bulletin.name_of(area), _seers(facts, area)
    if not seers:
        return f"{name} does not stand out from the places round it."
    if len(seers) == len(facts.bulletin.in_window) > 1:
        return f"{name} stands out in every source."
    return f"{name} stands out in {listed(source.records for source in seers)}."


def _what(facts: Facts, area: str) -> tuple[str, ...]:
    told = [f"{as_text(_cell(facts, 'places', source, area))} {source.records}" for source in facts.bulletin.in_window]
    return (f"{capital(listed(told))}, {window_words(facts.bulletin)}, {pooled_words(facts.bulletin)}.",)


def _when(facts: Facts) -> tuple[str, ...]:
    """Hours are counted for whole sources only: of one small place they would be a handful."""
    peaks = [(source, facts.peaks[source.dataset]) for source in facts.bulletin.present]
    said = [f"{source.name}: {peak_words(peak)}" for source, peak in peaks if peak is not None]
    return (
        (f"Of the whole county, busiest: {'; '.join(said)}.",) if said else ("No hours stand out in the whole county.",)
    )


def _seen(facts: Facts, area: str) -> str:
    seers = _seers(facts, area)
    if not seers:
        return "No source names it after allowing for chance."
    rest = [source for source in facts.bulletin.in_window if source not in seers]
    blind = f" {capital(listed(source.records for source in rest))} do not show it." if rest else ""
    return f"{capital(listed(source.records for source in seers))} show it.{blind}"


def _counts(facts: Facts, area: str, medium: Medium) -> Section:
    sources = facts.bulletin.in_window
    ranks = {source.dataset: _cell(facts, "ranks", source, area) for source in sources}
    words = listed(f"{source.name} {rank_words(ranks[source.dataset])}" for source in sources)
    strip = rank_strip("rank-place", ranks, sources, medium, f"Rank: {words}.")
    columns = (
        *(Column(source.name, is_number=True) for source in sources),
        Column("Rank, 95% interval", axis=rank_axis("rank-axis", medium)),
    )
    row = (
        *(Cell(as_text(_cell(facts, "places", source, area))) for source in sources),
        Cell("", (strip,), narrow=words),
    )
    best = [source.name for source in sources if (ranks[source.dataset].high or 99.0) <= 12]
    finding = f"Surely among the first 12 in {listed(best)}." if best else "It is not surely among the first 12."
    return Section(
        figure="place-counts", finding=finding,
        sub=f"Records {window_words(facts.bulletin)}, {pooled_words(facts.bulletin)}. Bars: where the rank could lie.",
        table=RichTable(columns, (row,)), note="Records, not people. * is a number withheld. [x] is not received.",
    )  # fmt: skip


def _trend(facts: Facts, wider: str, medium: Medium) -> Section:
    weeks = _weeks(facts, wider)
    if not weeks:
        why = "Weekly counts are told by ward or district, and none is loaded that holds this place."
        return Section(figure="place-trend", finding="Its weeks cannot be told.", paragraphs=(("Why", why),))
    medium, top = medium.for_pictures(len(weeks)), highest(list(weeks.values()))
    kind = layer_words(wider.partition(":")[0])
    name = facts.bulletin.name_of(wider)
    panels = tuple(
        Panel(
            key(source, f"place-key-{source.shape}"), source.name,
            drawing=xmr(f"place-weeks-{source.shape}", one, top, medium, f"Weekly {source.records} in {name}."),
        )
        for source, one in weeks.items()
    )  # fmt: skip
    return Section(
        figure="place-trend", finding=f"Week by week in {name}.",
        sub=f"Records at public places at all hours in its {kind}, the last {WEEKS_DRAWN} weeks. One scale.",
        panels=panels, numbers=() if medium.name == PRINT.name else (_numbers(weeks),),
    )  # fmt: skip


def _weeks(facts: Facts, wider: str) -> dict[Source, Weeks]:
    cells = cells_of(facts.bulletin.tables.get("past_weeks"), "source", "area", "week")
    found = {}
    for source in facts.bulletin.present:
        own = {date.fromisoformat(week): cell for (dataset, area, week), cell in cells.items()
               if (dataset, area) == (source.dataset, wider)}  # fmt: skip
        days = tuple(sorted(own)[-WEEKS_DRAWN:])
        told = facts.bulletin.coming_in.get(source.dataset)
        coming = frozenset(week for week in days if told is not None and told.holds(week))
        if days:
            found[source] = Weeks(days, tuple(own[week] for week in days), None, {}, 0, coming)
    return found


def _numbers(weeks: dict[Source, Weeks]) -> Numbers:
    days = sorted({week for one in weeks.values() for week in one.days})
    held = [dict(zip(one.days, one.cells, strict=True)) for one in weeks.values()]
    rows = tuple(
        (f"{short_day(week)} {week.year}", *(as_text(found.get(week, ABSENT)) for found in held)) for week in days
    )
    return Numbers("Records a week", ("Week from", *(source.name for source in weeks)), rows)


def _rises(facts: Facts, wider: str) -> Section:
    found = [one for one in rises(facts) if one.area == wider]
    everywhere = [one for one in rises(facts) if one.area == EVERYWHERE]
    if not found:
        also = " Whole sources are: see the picture." if everywhere else ""
        return Section(figure="place-rises", finding=f"It is not above what its earlier years lead to expect.{also}")
    said = tuple(
        (f"{one.source.name}, week from {short_day(one.week)}",
         f"{as_text(one.count)} where {as_number(one.count.low or 0.0)} were expected. {one.reading}")
        for one in found
    )  # fmt: skip
    number = capital(counted(len(found)))
    plural = "source is" if len(found) == 1 else "sources are"
    return Section(figure="place-rises", finding=f"{number} {plural} above the earlier years.", paragraphs=said)


def _done(facts: Facts, area: str) -> Section:
    actions = done_at(facts, area)
    if not actions:
        return Section(figure="place-done", finding="Nothing has been taken to tasking here yet.")
    said = tuple((one.owner, f"{one.what}{f', since {day(one.since)}' if one.since else ''}.") for one in actions)
    return Section(figure="place-done", finding="Already being done here.", paragraphs=said)
