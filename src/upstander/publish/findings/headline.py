"""The headline: what changed and where, in one breath."""

from upstander.publish.facts import Facts
from upstander.publish.findings.change import movement
from upstander.publish.findings.common import are
from upstander.publish.findings.place import leading
from upstander.publish.words import capital, counted, first_that_fits, listed


def headline(facts: Facts) -> str:
    """Movement, then up to three places; the places are counted where their names are too long."""
    moved, named = movement(facts.trends), leading(facts)
    where = [""]
    if named:
        verb, noun = are(len(named), "stands out", "stand out"), are(len(named), "place", "places")
        where = [f"{listed(place.name for place in named)} {verb}.", capital(f"{counted(len(named))} {noun} {verb}.")]
    elif facts.places_compared:
        where = ["No place stands out."]
    said = [f"{capital(moved)}. {part}".strip() if moved else part for part in where]
    return first_that_fits([*said, where[-1]], facts.names) or "These records cannot say what changed, where or when."
