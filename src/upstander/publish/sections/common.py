"""What several sections say or draw alike."""

from collections.abc import Iterable

from upstander.publish.charts.marks import key
from upstander.publish.facts import Facts
from upstander.publish.model import Bulletin
from upstander.publish.sheet import Panel
from upstander.publish.tokens import Source
from upstander.publish.windows import window
from upstander.publish.words import day

RECORDS = "Records, not people"  # the maps' note says it once, whatever the tables' caveats repeat
# What no map of public places shows, and what to call it.
LEFT_OUT = (
    ("home", "at home"), ("custody", "in custody"), ("hospital", "in hospital"), ("abroad", "abroad"),
    ("kind_unknown", "kind of place not known"), ("unsure", "place in words, not sure enough"),
)  # fmt: skip
_LAYERS = {
    "lsoa": "small area", "msoa": "middle-sized area", "ward": "ward", "ltla": "district", "square": "grid square",
}  # fmt: skip


def absent_panel(figure: str, source: Source, why: str = "") -> Panel:
    """A source's place in a row of a figure when there is nothing to draw: words stand where the picture would."""
    words = why or f"No {source.records} are in this bulletin."
    return Panel(key(source, f"{figure}-absent-{source.shape}"), source.name, words=words)


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
    size_m = layer.removeprefix(kind) if kind == "square" else ""
    return f"{size_m} m {_LAYERS[kind]}" if size_m else _LAYERS.get(kind, kind or "area")


def caveats_of(facts: Facts, *tables: str) -> str:
    """The caveats and recording changes of the tables a figure is made from, each once.

    What the maps' note already says is not said again under another figure.
    """
    said = dict.fromkeys(caveat for name in tables for caveat in _caveats(facts, name))
    before = () if "places" in tables else _caveats(facts, "places")
    return sentences(caveat for caveat in said if caveat not in before)


def _caveats(facts: Facts, table: str) -> tuple[str, ...]:
    if table not in facts.bulletin.tables:
        return ()
    about = facts.bulletin.tables[table].about
    every = (*about.caveats, *about.recording_changes)
    return tuple(caveat for caveat in every if not caveat.startswith(RECORDS))


def sentences(parts: Iterable[str]) -> str:
    """Parts as sentences, each ended by one full stop."""
    return " ".join(f"{part.strip().rstrip('.')}." for part in parts if part.strip())
