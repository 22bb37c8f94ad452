"""A picture as one reader is shown it: without what is hidden from them, marked with their name, freshly drawn."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import polars as pl

from upstander.contracts.releasing import Edition
from upstander.errors import WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.injuries.frozen import KIND, Card
from upstander.pipeline.injuries.hiding import hidden
from upstander.pipeline.outputs import OutputFacts, enter_ledger
from upstander.places import NoSuchLayer, NotNested, Reference, on_globe, open_reference
from upstander.publish.areas import areas_of
from upstander.publish.bulletin import sheet
from upstander.publish.facts import facts_of
from upstander.publish.model import Action, Bulletin
from upstander.publish.pdf import document
from upstander.publish.profile import profile
from upstander.publish.sections.common import pooled_words, window_words
from upstander.publish.sheet import Cell, Column, Numbers, Section, Sheet
from upstander.publish.tokens import PRINT, SCREEN
from upstander.values.areas import AreaKey

__all__ = [
    "Action", "Bulletin", "Cell", "Column", "Numbers", "Reader", "Section", "Sheet", "Standing", "area_json",
    "bulletin_pdf", "on_screen", "place_on_screen", "place_pdf", "places", "shown_to", "what_is_seen",
]  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """Who looks: their name as it stands on what they take away, and the areas hidden from them (keys)."""

    name: str
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Standing:
    """One named place, for a list that is taken away: in which sources it stands out, in their words."""

    area: str
    name: str
    sources: tuple[str, ...]


def shown_to(desk: Desk, picture: Bulletin, reader: Reader, done: tuple[Action, ...]) -> Bulletin:
    """The picture for one reader. done: what has been taken to tasking, and where.

    A layer of areas without the words that its owner asks for is not drawn.
    """
    label = f"{picture.period.last_day:%B %Y}, picture {picture.number}"
    marked = replace(picture, title="Injury surveillance", issue_label=label, recipients=reader.name, actions=done,
                     lists_actions=True)  # fmt: skip
    may_draw = not picture.shapes or picture.shapes[0].key.kind.startswith("square") or any(picture.attributions)
    drawn = marked if may_draw else replace(marked, shapes=())
    return hidden(drawn, reader.hidden, open_reference(desk.home.reference))


def on_screen(shown: Bulletin) -> Sheet:
    """The picture as figures of a page."""
    return _drawn(_Same(shown))[0]


def what_is_seen(shown: Bulletin) -> str:
    """`on Saturdays, 20:00 to 02:00, 12 months to 31 October 2026`."""
    return f"{window_words(shown)}, {pooled_words(shown)}"


def places(shown: Bulletin) -> tuple[Standing, ...]:
    """The places that the picture names, in its order."""
    return _drawn(_Same(shown))[1]


def area_json(shown: Bulletin) -> bytes:
    """The areas with their released classes, as GeoJSON."""
    told = areas_of(shown, partial(on_globe, crs=shown.frame))
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def bulletin_pdf(desk: Desk, card: Card, shown: Bulletin) -> bytes:
    """The picture as a bulletin on paper, marked with the reader's name; that it was taken is in the ledger."""
    _remember(desk, card, {"product": "bulletin"})
    return document(sheet(facts_of(shown), PRINT), shown.made_on)


def place_on_screen(desk: Desk, shown: Bulletin, area: str) -> Sheet:
    """One place of the picture as a page. Raises WrongUsage where the picture has no such place, or it is hidden."""
    return profile(facts_of(shown), _known(shown, area), _wider(desk, shown, area), SCREEN)


def place_pdf(desk: Desk, card: Card, shown: Bulletin, area: str) -> bytes:
    """One place as a page on paper, marked with the reader's name; that it was taken is in the ledger."""
    _remember(desk, card, {"product": "place profile", "area": _known(shown, area)})
    return document(profile(facts_of(shown), area, _wider(desk, shown, area), PRINT), shown.made_on)


class _Same:
    """A picture by identity of what it shows, so that it is drawn once for all readers who are shown the same."""

    def __init__(self, shown: Bulletin) -> None:
        self.shown = shown
        made_of = {table.about.readings for table in shown.tables.values()}
        self._key = (
            shown.number, shown.window, shown.period, frozenset(made_of), shown.recipients, shown.actions,
            frozenset(shown.area_names), len(shown.shapes),
        )  # fmt: skip

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._key == other._key


@lru_cache(maxsize=16)
def _drawn(same: _Same) -> tuple[Sheet, tuple[Standing, ...]]:
    facts = facts_of(same.shown)
    named = (Standing(one.area, one.name, tuple(source.name for source in one.stands_out)) for one in facts.places)
    return sheet(facts, SCREEN), tuple(named)


def _known(shown: Bulletin, area: str) -> str:
    if area not in {str(shape.key) for shape in shown.shapes}:
        raise WrongUsage("The picture has no such place.", where=KIND, expected="a place of the picture")
    return area


def _wider(desk: Desk, shown: Bulletin, area: str) -> str:
    """The area that the picture's weeks over years are told by and that holds this one; empty where none does."""
    table = shown.tables.get("past_weeks")
    if table is None or not table.about.area_layer:
        return ""
    layer, own = table.about.area_layer, AreaKey.parse(area)
    if own.layer == layer:
        return area
    parents = _parents(open_reference(desk.home.reference), own.layer, layer)
    return next((f"{layer}:{code}" for code in parents.filter(pl.col("code") == own.code)["parent"]), "")


def _parents(reference: Reference, layer: str, to: str) -> pl.DataFrame:
    try:
        return reference.parents(layer, to)
    except (NoSuchLayer, NotNested):
        return pl.DataFrame(schema={"code": pl.String, "parent": pl.String})


def _remember(desk: Desk, card: Card, shown: Mapping[str, Any]) -> None:
    facts = OutputFacts(
        kind="copy", edition=Edition.OPERATIONAL, recipients=(desk.who.person,), purpose=desk.who.purpose.value,
        person=desk.who.person, made=desk.now(), expires=card.expires,
    )  # fmt: skip
    enter_ledger(desk.home, facts, {KIND: f"{card.number:04d}", **shown})
