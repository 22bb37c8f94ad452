"""Is it rising: each source's weeks against its own usual range."""

from upstander.publish.charts.marks import key
from upstander.publish.charts.weeks import highest, xmr
from upstander.publish.facts import Facts, Trend
from upstander.publish.findings import change
from upstander.publish.reading import ABSENT, as_text
from upstander.publish.sections.common import absent_panel, caveats_of, sentences, window_words
from upstander.publish.sheet import Numbers, Panel, Section
from upstander.publish.tokens import SOURCES, Medium
from upstander.publish.words import short_day, span_words


def section(facts: Facts, medium: Medium) -> Section:
    """The three XmR charts on one scale."""
    trends = {trend.source: trend for trend in facts.trends if trend.weeks.days}
    if not trends:
        why = sentences(facts.bulletin.window_refused.values()) or "No weekly counts were released for this bulletin."
        return Section(figure="rising", finding="Whether it is rising cannot be said.", paragraphs=(("Why", why),))
    medium = medium.for_pictures(len(trends))
    top = highest([trend.weeks for trend in trends.values()])
    panels = tuple(
        _panel(trends[source], top, medium) if source in trends
        else absent_panel("rising", source, facts.bulletin.window_refused.get(source.dataset, ""))
        for source in SOURCES
    )  # fmt: skip
    point = span_words(facts.bulletin.weeks_a_point)
    sub = (
        f"Records each {point} {window_words(facts.bulletin)}, against each source’s own usual range (grey band). "
        f"Triangles are signals.{_hollow(list(trends.values()))} One scale."
    )
    note = caveats_of(facts, "weekly", "usual")
    return Section(
        figure="rising", finding=change.finding(facts), sub=sub, panels=panels, note=note,
        numbers=(_numbers(list(trends.values())),),
    )  # fmt: skip


def _hollow(trends: list[Trend]) -> str:
    return " Hollow: still coming in." if any(trend.weeks.coming for trend in trends) else ""


def _panel(trend: Trend, top: float, medium: Medium) -> Panel:
    words = change.under_weeks(trend)
    alt = f"Weekly {trend.source.records}. {tag(trend)}. {words}"
    picture = xmr(f"weeks-{trend.source.shape}", trend.weeks, top, medium, alt)
    mark = key(trend.source, f"weeks-key-{trend.source.shape}")
    return Panel(mark, trend.source.name, "", tag(trend), trend.now is not None, picture, words)


def tag(trend: Trend) -> str:
    """`Signal: higher`, `Signal: lower`, `Noise`, or that it cannot be told."""
    if not trend.is_known:
        return "Cannot be told"
    return "Noise" if trend.now is None else f"Signal: {'higher' if trend.now else 'lower'}"


def _numbers(trends: list[Trend]) -> Numbers:
    days = sorted({day for trend in trends for day in trend.weeks.days})
    cells = [dict(zip(trend.weeks.days, trend.weeks.cells, strict=True)) for trend in trends]
    rows = tuple(
        (f"{short_day(day)} {day.year}", *(as_text(found.get(day, ABSENT)) for found in cells)) for day in days
    )
    return Numbers("Records in the window", ("From", *(trend.source.name for trend in trends)), rows)
