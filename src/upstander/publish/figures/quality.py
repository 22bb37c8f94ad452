"""What each source of a release can and cannot say: what was received, what is known of its records, how to read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from upstander.contracts.releasing import ReleasedTable
from upstander.publish.figures.model import Figure
from upstander.publish.figures.words import how_made
from upstander.publish.reading import cells_of
from upstander.publish.sheet import Numbers
from upstander.publish.words import capital, counted, first_that_fits, per_cent

_WELL = 0.9


@dataclass(frozen=True)
class Received:
    """One source. `whole` of `asked` quarters came whole; `late` are the release's own sentences about the others."""

    dataset: str
    title: str
    whole: int
    asked: int
    readings: int
    late: tuple[str, ...]


def quality(
    name: str, sources: Sequence[Received], known: Mapping[str, ReleasedTable], period: str, release: str
) -> Figure:
    """The figure. known: by dataset: what (area, age, sex), the share of its records of which that is known."""
    rows, partial = [], 0
    for one in sources:
        shares = (
            {
                what: cell.number if cell.has_number else None
                for (what,), cell in cells_of(known.get(one.dataset), "what").items()
            }
            if one.dataset in known
            else {}
        )
        partial += any(share is not None and share < _WELL for share in shares.values()) or one.whole < one.asked
        told = (_share(shares.get(what)) for what in ("area", "age", "sex"))
        rows.append((one.title, f"{one.whole} of {one.asked}", str(one.readings), *told, _read_as(shares, one)))
    heads = ("Source", "Quarters received whole", "Readings", "Area known", "Age known", "Sex known", "So read it as")
    sub = f"Sources of this release; what is known, of records in {period}"
    late = tuple(dict.fromkeys(line for one in sources for line in one.late))
    tables = [known[one.dataset] for one in sources if one.dataset in known]
    return Figure(
        name, finding(len(sources), partial), sub, Numbers(sub, heads, tuple(rows), words_in=(0, 6)),
        note=" ".join(late), made=how_made(tables, release) if tables else (), shows_numbers=True,
    )  # fmt: skip


def finding(sources: int, partial: int) -> str:
    """How many sources know less than nine in ten of anything that is asked of them, or have a quarter missing."""
    if partial == 0:
        return "Every source came whole, and knows most of its areas, ages and sexes."
    many = capital(counted(partial))
    return first_that_fits([
        f"{many} of {counted(sources)} sources {'is' if partial == 1 else 'are'} to be read with care.",
        "Some sources are to be read with care.",
    ])  # fmt: skip


def _share(share: float | None) -> str:
    return "[x]" if share is None else per_cent(share)


def _read_as(shares: Mapping[str, float | None], one: Received) -> str:
    said = []
    if one.whole < one.asked:
        said.append("a shorter history")
    weak = [what for what, share in shares.items() if share is not None and share < _WELL]
    if weak:
        said.append(f"too low by {' and '.join(sorted(weak))}")
    return capital("; ".join(said)) if said else "Whole"
