"""What several sections say or draw alike."""

from collections.abc import Iterable

from upstander.publish.charts.marks import key
from upstander.publish.facts import Facts
from upstander.publish.model import Bulletin
from upstander.publish.sheet import Panel
from upstander.publish.tokens import Source
from upstander.publish.windows import window
from upstander.publish.words import day

_LAYERS = {
    "lsoa": "small area", "msoa": "middle-sized area", "ward": "ward", "ltla": "district", "square": "grid square",
}  # fmt: skip


def absent_panel(source: Source, why: str = "") -> Panel:
    """A source's place in a row when there is nothing to draw: the words stand where the picture would."""
    words = why or f"No {source.records} are in this bulletin."
    return Panel(key(source, f"absent-{source.shape}"), source.name, words=words)


def window_words(bulletin: Bulletin) -> str:
    """`on Saturdays, 20:00 to 02:00` or `at all hours`."""
    return f"on {window(bulletin.window).words}" if bulletin.window else "at all hours"


def pooled_words(bulletin: Bulletin) -> str:
    """`12 months to 30 September 2026`."""
    months = "1 month" if bulletin.months_pooled == 1 else f"{bulletin.months_pooled} months"
    return f"{months} to {day(bulletin.period.last_day)}"


def layer_words(layer: str) -> str:
    """What people call a layer of areas."""
    kind = layer.rstrip("0123456789")
    return _LAYERS.get(kind, kind or "area")


def caveats_of(facts: Facts, *tables: str) -> str:
    """The caveats and recording changes of the tables a figure is made from, each once."""
    abouts = [facts.bulletin.tables[name].about for name in tables if name in facts.bulletin.tables]
    said: dict[str, None] = {}
    for about in abouts:
        said.update(dict.fromkeys((*about.caveats, *about.recording_changes)))
    return sentences(said)


def sentences(parts: Iterable[str]) -> str:
    """Parts as sentences, each ended by one full stop."""
    return " ".join(f"{part.strip().rstrip('.')}." for part in parts if part.strip())
