"""Looking ahead: how many records a week to staff for."""

from upstander.publish.charts.ahead import fan_chart, highest
from upstander.publish.charts.marks import key
from upstander.publish.facts import Facts
from upstander.publish.findings import ahead
from upstander.publish.findings.ahead import Outlook
from upstander.publish.reading import as_number
from upstander.publish.sections.common import absent_panel, caveats_of, sentences
from upstander.publish.sheet import Numbers, Panel, Section
from upstander.publish.tokens import SOURCES, Medium
from upstander.publish.words import short_day


def section(facts: Facts, medium: Medium) -> Section:
    """One fan a source, on one scale; a source that cannot be foreseen says why in its place."""
    every = ahead.outlooks(facts)
    found = {one.source: one for one in every if one.holds}
    refused = {
        **facts.bulletin.ahead_refused,
        **{one.source.dataset: ahead.failed(one) for one in every if not one.holds},
    }
    if not found:
        why = sentences(dict.fromkeys(refused.values())) or "It takes three years of weekly counts to look ahead."
        return Section(figure="ahead", finding=ahead.finding([]), paragraphs=(("Why", why),))
    medium = medium.for_pictures(len(found))
    top = highest([one.fan for one in found.values()])
    panels = tuple(
        _panel(found[source], top, medium)
        if source in found
        else absent_panel("ahead", source, refused.get(source.dataset, ""))
        for source in SOURCES
    )
    note = sentences([
        "For rosters and beds: whole sources only, never a place or a person",
        "Foreseen from the same weeks of last year and from season and trend; what is announced or closed is not known",
        ahead.tried(list(found.values())),
        caveats_of(facts, "ahead"),
    ])  # fmt: skip
    return Section(
        figure="ahead", finding=ahead.finding(list(found.values())),
        sub="All records of each source a week: what came (line), what is likely (dashed), where four weeks in five "
        "(dark) and 19 in 20 (pale) will lie. One scale.",
        panels=panels, note=note, numbers=tuple(_numbers(one) for one in found.values()),
    )  # fmt: skip


def _panel(one: Outlook, top: float, medium: Medium) -> Panel:
    words = ahead.under_fan(one)
    alt = f"{one.source.name}, the weeks ahead. {words}"
    picture = fan_chart(f"ahead-{one.source.shape}", one.fan, top, medium, alt)
    mark = key(one.source, f"ahead-key-{one.source.shape}")
    return Panel(mark, one.source.name, tag=f"Plan for {as_number(one.upper)} a week", drawing=picture, words=words)


def _numbers(one: Outlook) -> Numbers:
    rows = tuple(
        (f"{short_day(day)} {day.year}", as_number(round(week[2])), f"{as_number(week[1])} to {as_number(week[3])}",
         f"{as_number(week[0])} to {as_number(week[4])}")
        for day, week in one.fan.ahead
    )  # fmt: skip
    heads = ("Week from", "Likely", "Four weeks in five", "19 in 20")
    return Numbers(f"{one.source.name}: records a week, foreseen", heads, rows)
