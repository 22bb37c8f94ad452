"""What waits to be settled, for a steward: one entry a phrase and site, with its candidates; every look is written
down.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from upstander.contracts.readings import Manifest
from upstander.errors import WrongUsage
from upstander.intake import suppliers
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.pipeline.settling.keeping import kept_phrases, readings_with_phrases
from upstander.places import Candidate, candidates_of, open_reference


@dataclass(frozen=True)
class WaitingPhrase:
    """One phrase at one site (empty: rows without a site), with the deliveries it is in and the places it may mean.

    `id` names it where the phrase itself should not stand: in the audit log, in a shell's history.
    """

    id: str
    phrase: str
    site: str
    rows: int
    deliveries: tuple[str, ...]
    candidates: tuple[Candidate, ...]


def waiting(desk: Desk) -> list[WaitingPhrase]:
    """Everything that waits, the commonest first. Raises WrongUsage where nobody says why they look."""
    if not desk.who.why.strip():
        raise WrongUsage("A look at phrases from records needs a reason.", expected="--why TEXT")
    found = list(_waiting(desk))
    note(desk, action="places waiting", answer="shown", dataset="", about="", rows=len(found))
    return found


def found_phrase(desk: Desk, asked: str) -> WaitingPhrase:
    """The waiting phrase of that id, or that is just this text. Raises WrongUsage for none, or for several sites'."""
    found = [one for one in _waiting(desk) if asked in {one.id, one.phrase}]
    if len(found) != 1:
        raise WrongUsage(
            "Several sites say the same phrase: name one by its id." if found else "No such phrase waits.",
            expected="an id that `upstander places waiting` lists",
        )  # fmt: skip
    return found[0]


def phrase_id(phrase: str, site: str) -> str:
    """Ten hex digits for a phrase at a site."""
    return hashlib.sha256(f"{site}\0{phrase}".encode()).hexdigest()[:10]


def _waiting(desk: Desk) -> Iterator[WaitingPhrase]:
    rows: dict[tuple[str, str], int] = defaultdict(int)
    deliveries: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for one in _newest(desk):
        for phrase in kept_phrases(desk, one.reading):
            rows[phrase.phrase, phrase.site] += phrase.rows
            deliveries[phrase.phrase, phrase.site][one.delivery] = one.supplier
    ordered = sorted(rows, key=lambda key: (-rows[key], key))
    for key, candidates in zip(ordered, _candidates(desk, ordered, deliveries), strict=True):
        held = tuple(sorted(deliveries[key]))
        yield WaitingPhrase(phrase_id(*key), key[0], key[1], rows[key], held, candidates)


def _newest(desk: Desk) -> list[Manifest]:
    """The newest reading of every delivery of which phrases are kept."""
    newest = {one.delivery: one for one in desk.warehouse.manifests()}
    kept = set(readings_with_phrases(desk))
    return [one for one in newest.values() if one.reading in kept]


def _candidates(
    desk: Desk, asked: Sequence[tuple[str, str]], deliveries: Mapping[tuple[str, str], Mapping[str, str]]
) -> list[tuple[Candidate, ...]]:
    """The candidates of each phrase, in the frame of the supplier that sent it."""
    frames = {name: suppliers.load(name, folders=[desk.home.suppliers]).places.metric_crs
              for held in deliveries.values() for name in held.values()}  # fmt: skip
    reference = open_reference(desk.home.reference)
    found: dict[tuple[str, str], tuple[Candidate, ...]] = {}
    for crs in sorted({*frames.values()}, key=str):
        mine = [key for key in asked if crs in {frames[name] for name in deliveries[key].values()}]
        table = pl.DataFrame(mine, schema={"text": pl.String, "site": pl.String}, orient="row")
        found |= dict(zip(mine, candidates_of(reference, table, metric_crs=crs), strict=True))
    return [found[key] for key in asked]
