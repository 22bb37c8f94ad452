"""Whose reference data a release rests on, and the words that whoever shows it has to carry."""

from dataclasses import dataclass

from upstander.pipeline.home import Home
from upstander.pipeline.release import shelf
from upstander.places import open_reference


@dataclass(frozen=True)
class Attribution:
    """One set of reference data: `name` is kind/vintage, `layers` what it draws or looks up.

    `words` are empty where its publisher asks for none, or where the data has been taken away since.
    """

    name: str
    id: str
    layers: tuple[str, ...]
    words: str


def attributions_of(home: Home, edition: shelf.Edition) -> tuple[Attribution, ...]:
    """What an edition pins of places, in the order of its plan."""
    held = {one.id: one for one in open_reference(home.reference).held}
    return tuple(
        Attribution(name, id_, held[id_].layers if id_ in held else (), held[id_].attribution if id_ in held else "")
        for name, id_ in edition.plan.reference
    )
