"""Where: the maps side by side, one scale and one key."""

from upstander.contracts.releasing import ReleasedTable, Status
from upstander.publish.charts.keys import count_key
from upstander.publish.charts.marks import key
from upstander.publish.classes import ladder
from upstander.publish.facts import Facts
from upstander.publish.findings import gaps, place
from upstander.publish.maps import map_sheet
from upstander.publish.reading import ABSENT, Cells, Shown, as_number, as_text, cells_of
from upstander.publish.sections.common import (
    LEFT_OUT,
    RECORDS,
    absent_panel,
    caveats_of,
    layer_words,
    pooled_words,
    sentences,
    window_words,
)
from upstander.publish.sheet import Numbers, Panel, Section
from upstander.publish.tokens import SOURCES, Medium, Source
from upstander.publish.words import listed

_UNCLASSIFIED = "Kind of place not supplied: homes cannot be told apart and are among these."


def section(facts: Facts, medium: Medium) -> Section:
    """The maps, or in words why there are none."""
    table = facts.bulletin.tables.get("places")
    if table is None or not facts.bulletin.shapes or not facts.bulletin.in_window:
        return Section(figure="where", finding="There is no window map.", paragraphs=(("Why", _why_not(facts, table)),))
    cells = cells_of(table, "source", "area")
    steps = ladder(cells.values(), table.about.rules)
    medium = medium.for_pictures(len(facts.bulletin.in_window))
    sheet = map_sheet(facts.bulletin.shapes, facts.bulletin.place_labels, facts.places, medium)
    panels = []
    for source in SOURCES:
        if source not in facts.bulletin.in_window:
            panels.append(absent_panel("where", source, facts.bulletin.window_refused.get(source.dataset, "")))
            continue
        own = {area: cells.get((source.dataset, area), ABSENT) for area in sheet.shapes}
        picture = sheet.drawn_for(f"map-{source.shape}", own, steps, _alt(facts, source, own))
        words = _UNCLASSIFIED if source.dataset in facts.bulletin.unclassified else ""
        panels.append(
            Panel(key(source, f"map-key-{source.shape}"), source.name, _aside(own), drawing=picture, words=words)
        )
    drawn = [
        cell for (dataset, area), cell in cells.items() if area in sheet.shapes and dataset in facts.bulletin.sources
    ]
    return Section(
        figure="where", finding=place.maps(facts), sub=_sub(facts, table),
        key_title=f"Recorded in {facts.bulletin.months_pooled} months",
        key=count_key("map", drawn, steps, medium.small * 1.25), panels=tuple(panels),
        pins=tuple((named.number, named.name) for named in facts.places),
        note=_note(facts, has_borders=sheet.has_borders),
        numbers=(_numbers(facts, cells),),
    )  # fmt: skip


def _why_not(facts: Facts, table: ReleasedTable | None) -> str:
    if facts.bulletin.window_refused:
        return _reasons(facts)
    if table is None:
        return "No count of places in the window was released for this bulletin."
    return "No outlines of areas are loaded, so places are listed below and not drawn."


def _reasons(facts: Facts) -> str:
    """Each source's reason for having no window picture, sources with the same reason together."""
    refused = facts.bulletin.window_refused
    return sentences(
        f"{listed(source.name for source in SOURCES if refused.get(source.dataset) == why)}: {why}"
        for why in dict.fromkeys(refused.values())
    )


def _sub(facts: Facts, table: ReleasedTable) -> str:
    layer = layer_words(table.about.area_layer)
    return (
        f"Records {window_words(facts.bulletin)}, by {layer}, {pooled_words(facts.bulletin)}. One scale for all maps."
    )


def _note(facts: Facts, *, has_borders: bool) -> str:
    parts = [f"{RECORDS}: one assault can be in every source. Hospital means emergency departments"]
    if facts.bulletin.window is None and facts.bulletin.window_refused:
        parts.insert(0, f"There is no window map. {_reasons(facts)}")
    unknown = gaps.unknown_shares([(source, facts.known[source.dataset].place) for source in facts.bulletin.in_window])
    if unknown:
        parts.append(f"Place not known, so not mapped: {unknown}")
    if left_out := _left_out(facts):
        parts.append(f"Left out of these maps, at all hours: {left_out}")
    if not has_borders:
        parts.append("No boundaries are loaded: squares by arithmetic; where no square is drawn none was recorded")
    parts += [caveats_of(facts, "places"), "North is up", *facts.bulletin.attributions]
    return sentences(parts)


def _left_out(facts: Facts) -> str:
    """`of hospital attendances 312 at home and 45 in custody`, by source: what no map of public places shows, and
    why.
    """
    cells = cells_of(facts.bulletin.tables.get("unknown"), "source", "what")
    said = []
    for source in facts.bulletin.in_window:
        found = [(cells.get((source.dataset, what), ABSENT), words) for what, words in LEFT_OUT]
        told = [f"{as_text(cell)} {words}" for cell, words in found if cell.number > 0]
        told += [f"a withheld number {words}" for cell, words in found if cell.status is Status.SUPPRESSED]
        if told:
            said.append(f"of {source.records} {listed(told)}")
    return "; ".join(said)


def _aside(cells: dict[str, Shown]) -> str:
    """How many records are drawn; where numbers are withheld, how many areas that concerns."""
    withheld = sum(cell.status is Status.SUPPRESSED for cell in cells.values())
    if withheld:
        return f"withheld in {withheld} of {len(cells)} areas"
    return f"{as_number(round(sum(cell.number for cell in cells.values())))} records"


def _alt(facts: Facts, source: Source, cells: dict[str, Shown]) -> str:
    most = sorted((area for area in cells if cells[area].number > 0), key=lambda area: (-cells[area].number, area))[:5]
    named = listed(f"{facts.bulletin.name_of(area)} {as_text(cells[area])}" for area in most) or "nowhere shown"
    about = f"Map of {source.records} {window_words(facts.bulletin)}, {pooled_words(facts.bulletin)}."
    return f"{about} Most in: {named}. {_aside(cells)}."


def _numbers(facts: Facts, cells: Cells) -> Numbers:
    sources = facts.bulletin.in_window
    areas = sorted({area for _, area in cells})
    rows = {area: tuple(cells.get((source.dataset, area), ABSENT) for source in sources) for area in areas}
    order = sorted(areas, key=lambda area: (-max((cell.number for cell in rows[area]), default=0), area))
    return Numbers(
        "Records in the window, by place",
        ("Place", *(source.name for source in sources)),
        tuple((facts.bulletin.name_of(area), *(as_text(cell) for cell in rows[area])) for area in order),
    )
