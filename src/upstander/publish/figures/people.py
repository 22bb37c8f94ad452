"""Who is hurt, as far as age and sex are recorded."""

from collections.abc import Sequence

from upstander.contracts.releasing import ReleasedTable
from upstander.publish.charts.pyramid import pyramid
from upstander.publish.figures.model import Figure, Picture, nothing
from upstander.publish.figures.words import Subject, how_made, rule_words
from upstander.publish.reading import ABSENT, Cells, as_text, cells_of
from upstander.publish.sheet import Numbers
from upstander.publish.tokens import SCREEN, WIDE
from upstander.publish.words import capital, per_cent

_SEXES = ("male", "female")


def people(
    name: str, subject: Subject, ages: Sequence[str], sexes: Sequence[str], counts: ReleasedTable, release: str
) -> Figure:
    """The figure. ages: those told, the whole first, then from the youngest, then not known; sexes: the whole first."""
    cells, known = cells_of(counts, "age", "sex"), [age for age in ages[1:] if "not known" not in age]
    if not any(cells.get((age, sex), ABSENT).has_number for age in known for sex in _SEXES):
        said = f"Ages and sexes of {subject.short} are withheld or not known."
        return nothing(
            name, said, subject.sub, "Every count by age and sex is small or not told. Choose a larger area."
        )
    said = finding(subject, known, sexes[0], cells)
    alt = f"{subject.sub}, {subject.period}, by age and sex. {said} The table gives every number."
    most = max((one.suppress_up_to for one in counts.about.rules), default=0)
    drawn = Picture(
        pyramid(f"{name}-wide", known, cells, WIDE, alt, withheld_up_to=most),
        pyramid(f"{name}-narrow", known, cells, SCREEN, alt, withheld_up_to=most),
    )
    rows = tuple((capital(age), *(as_text(cells.get((age, sex), ABSENT)) for sex in sexes)) for age in ages)
    heads = ("Age", *(capital(sex) for sex in sexes))
    note = (
        f"Hatched: withheld. Ages and sexes that are not known are in the table. {subject.counted} {rule_words(counts)}"
    )
    return Figure(
        name, said, f"{subject.sub}, by age and sex, {subject.period}",
        Numbers(f"{subject.sub}, by age and sex, {subject.period}", heads, rows), (drawn,), note=note,
        made=how_made((counts,), release),
    )  # fmt: skip


def finding(subject: Subject, ages: Sequence[str], everybody: str, cells: Cells) -> str:
    """The share of the youngest among those whose age is known, where all of them have a number."""
    held = [cells.get((age, everybody), ABSENT) for age in ages]
    total = sum(cell.number for cell in held)
    if not all(cell.has_number for cell in held) or total <= 0:
        return f"How old people in {subject.short} are cannot be told in full."
    return f"{per_cent(held[0].number / total)} of records of {subject.short} with a known age are {ages[0]}."
