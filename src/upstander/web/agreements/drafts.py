"""What signing a version would change, in words, before anybody signs it."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from upstander.sharing import Agreement, Terms, canonical_terms, explain, read_terms

_UNSIGNED = "Not signed here yet."


@dataclass(frozen=True)
class Draft:
    """A version to be signed: its terms, its canonical text, and what it says that the version before did not."""

    terms: Terms
    content: str
    before: int | None
    added: tuple[str, ...]
    taken_away: tuple[str, ...]


def draft_of(content: bytes, agreements: Sequence[Agreement]) -> Draft:
    """What these bytes would put in force beside the version that governs now. Raises BadAgreement."""
    terms = read_terms(content)
    before = next((one for one in agreements if one.name == terms.name and one.terms), None)
    new, old = _sentences(terms), _sentences(before.terms) if before and before.terms else []
    lines = list(difflib.ndiff(old, new))
    return Draft(
        terms, canonical_terms(terms).decode(), before.version if before else None,
        tuple(line[2:] for line in lines if line.startswith("+ ")),
        tuple(line[2:] for line in lines if line.startswith("- ")),
    )  # fmt: skip


def _sentences(terms: Terms) -> list[str]:
    """What terms say, each sentence beside the schedule it belongs to."""
    told, about = [], ""
    for line in explain(Agreement(terms.name, terms.version, terms, None, fault=_UNSIGNED)).splitlines():
        if line.startswith("  "):
            told.append(f"{about}: {line.strip()}")
        elif line and line != _UNSIGNED:
            about = line.partition(":")[0]
            told.append(line)
    return told
