"""What part of a postcode, age band and sex let partners do with one dataset, and what they do not, in plain words.

Takes a released table: grains, measure -> value. Shares are whole per cent; a value with a `low` of its own is a bound
("at most"). Measures: told, wrong, wrong_near, alone, below_5, below_10, risk, outsider (per cent); others (rows);
smallest (rows); and for each kind of area `right KIND`, `wholly KIND` (per cent), `reach KIND` (areas).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from upstander.contracts.releasing import ReleasedTable, Status
from upstander.publish.reading import ABSENT, Cells, Shown, as_number, cells_of
from upstander.publish.sheet import Cell, Column, Numbers, RichTable, Section
from upstander.publish.words import capital, counted, first_that_fits, listed, per_cent
from upstander.values.grains import BY_CODE, SHOWN, USUAL, Grains

AREA_WORDS = {
    "lsoa": "small areas (LSOA)", "msoa": "middle-sized areas (MSOA)", "ward": "wards", "ltla": "council districts",
}  # fmt: skip
_ON_PAGE = ("unit+band+sex", "sector+band+sex+ethnic group+week", "sector+band+sex", "sector+broad+sex",
            "district+broad+sex")  # fmt: skip


@dataclass(frozen=True)
class Served:
    """What is good enough: shares of 1, and the days within which two records of one event lie. `against` is how many
    rows a year the file has that is linked to, 0 for as many as this one.
    """

    wrong_links: float
    sure: float
    easily_found: float
    overlap: float
    days: int
    against: int = 0


@dataclass(frozen=True)
class Support:
    """What the blunt fields of one dataset support. `because` says why nothing is computed; then there is no table.

    kinds: kinds of area that are known, finest first.
    """

    dataset: str
    because: str = ""
    table: ReleasedTable | None = None
    kinds: tuple[str, ...] = ()
    served: Served | None = None

    @property
    def cells(self) -> Cells:
        """Every measure by grains."""
        return cells_of(self.table, "grains", "measure")


@dataclass(frozen=True)
class Line:
    """One choice of grains and what it supports. The cells are in per cent, but `smallest` in rows.

    draws: the finest kind of area that may be mapped, empty for none. links, hides: whether it serves well enough;
    None where that is not known.
    """

    grains: Grains
    wrong: Shown
    wrong_near: Shown
    right: Shown
    alone: Shown
    below_5: Shown
    smallest: Shown
    risk: Shown
    draws: str
    links: bool | None
    hides: bool | None
    sentence: str


def lines(support: Support, chosen: Sequence[Grains] = SHOWN) -> list[Line]:
    """The choices that were computed, finest first."""
    cells, served = support.cells, support.served
    if served is None:
        return []
    return [_line(one, support, cells, served) for one in chosen if (one.code, "told") in cells]


def _line(grains: Grains, support: Support, cells: Cells, served: Served) -> Line:
    def get(measure: str) -> Shown:
        return cells.get((grains.code, measure), ABSENT)

    links, hides = _within(get("wrong_near"), served.wrong_links), _within(get("below_5"), served.easily_found)
    draws = next((kind for kind in support.kinds if get(f"right {kind}").number >= 100 * served.sure), "")
    return Line(
        grains=grains, wrong=get("wrong"), wrong_near=get("wrong_near"),
        right=get(f"right {support.kinds[0]}") if support.kinds else ABSENT, alone=get("alone"),
        below_5=get("below_5"), smallest=get("smallest"), risk=get("risk"), draws=draws,
        links=links, hides=hides,
        sentence=_sentence(links, hides, draws, support.kinds),
    )  # fmt: skip


def _within(cell: Shown, limit: float) -> bool | None:
    return cell.number <= 100 * limit if cell.has_number else None


def _sentence(links: bool | None, hides: bool | None, draws: str, kinds: Sequence[str]) -> str:  # noqa: FBT001
    can = [
        *(["link records of the same event in such a file"] if links else []),
        *([f"draw maps of {AREA_WORDS.get(draws, draws)}"] if draws else []),
        *(["let nearly all hide"] if hides else []),
    ]
    cannot = [
        *(["link records"] if links is False else []),
        *(["draw small areas"] if kinds and draws != kinds[0] else []),
        *(["hide people"] if hides is False else []),
    ]
    first = f"Can {listed(can)}." if can else "Serves none of the three."
    return f"{first} Cannot {listed(cannot, 'or')}." if can and cannot else first


def least_that_serves(support: Support) -> list[tuple[str, str]]:
    """(purpose, the least that serves it in words): linkage, a map of each kind of area, and letting people hide."""
    served = support.served
    if served is None:
        return []
    told = lines(support, tuple(BY_CODE.values()))
    linking = [one for one in told if one.links and not one.grains.more]
    hiding = [one for one in told if one.hides and not one.grains.is_finer_than_held and not one.grains.more]
    by_risk = [(one.risk.number, _named(one.grains)) for one in linking]
    said = [(
        "To link records of one event",
        min(by_risk)[1] if by_risk
        else "None of these: a keyed reference, under a signed linking clause",
    )]  # fmt: skip
    said += [(f"To map {AREA_WORDS.get(kind, kind)}", _least_place(kind, support, told)) for kind in support.kinds]
    finest = max(((one.risk.number, one.grains.in_words) for one in hiding), default=(0.0, ""))
    said.append((
        "For nearly all to hide, at the most", capital(finest[1]) or "None of these: counts, not rows",
    ))  # fmt: skip
    return said


def _least_place(kind: str, support: Support, told: Sequence[Line]) -> str:
    cells, served = support.cells, support.served
    sure = 100 * served.sure if served else 100.0
    good = [one.grains.place for one in told if cells.get((one.grains.code, f"right {kind}"), ABSENT).number >= sure]
    blunt = next((place for place in ("area", "district", "sector") if place in good), "")
    if blunt:
        return {"area": "The postcode area", "district": "The postcode district", "sector": "The postcode sector"}[
            blunt
        ]
    return f"The code of the {_one(kind)} itself and no postcode"


def sentences(support: Support) -> tuple[tuple[str, str], ...]:
    """(lead, sentence) for linking, maps and privacy, of sector, age band and sex; why not, where they do not apply."""
    if support.because:
        return (("It does not apply.", support.because),)
    usual, served = _usual(support), support.served
    if usual is None or served is None:
        return ()
    return (
        ("To link.", _on_linking(usual, served)),
        ("To map.", _on_maps(usual, support)),
        ("To hide.", _on_hiding(usual, support.cells.get((USUAL.code, "outsider"), ABSENT))),
    )


def brief(support: Support) -> str:
    """What sector, age band and sex support, in two short sentences for a page that has no room for more."""
    usual = _usual(support)
    if support.because or usual is None:
        return support.because
    area = f"the right {_one(support.kinds[0])} for {shown_share(usual.right)}, " if support.kinds else ""
    return (
        f"in the rows held, {area}{shown_share(usual.wrong_near)} of links wrong, {shown_share(usual.alone)} of rows "
        "alone. An LSOA code maps more."
    )


def _usual(support: Support) -> Line | None:
    return next(iter(lines(support, (USUAL,))), None)


def _on_linking(usual: Line, served: Served) -> str:
    verdict = _verdict(usual.links, "Good enough for such a file, not for a larger one", "Do not link people by it")
    return capital(
        f"{shown_share(usual.wrong_near)} of links to {_other_file(served)}, of records {span(served.days)}, would "
        f"join two different people; of links at any time of the year, {shown_share(usual.wrong)}. {verdict}."
    )


def _on_maps(usual: Line, support: Support) -> str:
    cells = [(kind, support.cells.get((USUAL.code, f"right {kind}"), ABSENT)) for kind in support.kinds]
    known = [f"{_one(kind)} for {shown_share(cell)}" for kind, cell in cells if cell.has_number]
    if not known:
        return "No directory of postcodes is held that tells areas: load one with `upstander places load`."
    draws = f"It draws {AREA_WORDS.get(usual.draws, usual.draws)}, nothing finer" if usual.draws else "It draws no map"
    reach = support.cells.get((USUAL.code, f"reach {support.kinds[0]}"), ABSENT)
    return (
        f"A sector reaches into {as_number(reach.number)} {_plain(support.kinds[0])}. Taking the likeliest, it gives "
        f"the right {listed(known)} of rows. {draws}."
    )


def _on_hiding(usual: Line, outsider: Shown) -> str:
    """`outsider`: rows whose person would be named rightly by a guess among the residents who are alike."""
    verdict = _verdict(usual.hides, "Nearly all hide; it is personal data still", "Treat it as if it named people")
    guess = (
        f"A guess among the residents who are alike would name {shown_share(outsider)} of people. "
        if outsider.has_number else ""
    )  # fmt: skip
    return capital(
        f"{shown_share(usual.alone)} of rows are the only ones of their kind in a year; {shown_share(usual.below_5)} "
        f"share it with fewer than four others. {guess}{verdict}."
    )


def _linked(support: Support) -> str:
    return "link a file as large" if support.served is None or not support.served.against else "link that file"


def _other_file(served: Served) -> str:
    return f"a file of {served.against:,} rows a year" if served.against else "a file as large"


def span(days: int) -> str:
    """How far apart two records of one event lie, in words."""
    if days == 0:
        return "of the same day"
    return f"at most {counted(days)} day{'' if days == 1 else 's'} apart"


def finding(support: Support) -> str:
    """The one sentence."""
    if support.because:
        return "Postcode sector, age band and sex are no question here."
    usual = _usual(support)
    if usual is None:
        return "Too little is told to say what sector, age band and sex support."
    does = [
        *([_linked(support)] if usual.links else []),
        *([f"map {_plain(usual.draws)}"] if usual.draws else []),
        *(["let nearly all hide"] if usual.hides else []),
    ]
    people = [*(["link"] if usual.links is False else []), *(["hide"] if usual.hides is False else [])]
    areas = [f"map {_plain(support.kinds[0])}"] if support.kinds and usual.draws != support.kinds[0] else []
    lacks = [*areas, *([f"{listed(people, 'or')} people"] if people else [])]
    if not does:
        return f"Sector, age band and sex do not {listed(lacks, 'or')}."
    can = listed(does)
    if not lacks:
        return first_that_fits([f"Sector, age band and sex {can}.", f"These fields {can}."])
    return first_that_fits([
        f"Sector, age band and sex {can}; they do not {listed(lacks, 'or')}.",
        f"Sector, age and sex {can}; they do not {lacks[-1]}.",
        f"These fields {can}; they do not {lacks[-1]}.",
        f"These fields {can}.",
    ])  # fmt: skip


def section(support: Support | None) -> Section | None:
    """The scorecard's section: a small table and three sentences."""
    if support is None:
        return None
    if support.because:
        return Section(figure="partial", finding=finding(support), paragraphs=sentences(support))
    shown = lines(support, tuple(BY_CODE[code] for code in _ON_PAGE if code in BY_CODE))
    heads = (
        Column("If a row says", share=1.5), Column("Wrong links", is_number=True),
        Column(_right_area(support), is_number=True), Column("Rows alone", is_number=True),
        Column("In groups under five", is_number=True),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(_named(one.grains), is_strong=one.grains == USUAL),
            *(Cell(shown_share(cell)) for cell in (one.wrong_near, one.right, one.alone, one.below_5)),
        )
        for one in shown
    )
    least = tuple(least_that_serves(support))
    return Section(
        figure="partial", finding=finding(support),
        sub="What postcode sector, age band and sex let partners do, and what not. Over the last twelve months held; "
        f"{shown_share(support.cells.get((USUAL.code, 'told'), ABSENT))} of rows tell all three.",
        table=RichTable(heads, rows), paragraphs=(*sentences(support), _least(least)), note=_note(support),
        numbers=(Numbers("The least that serves", ("To do this", "Send this"), least, words_in=(0, 1)),),
    )  # fmt: skip


def _least(least: Sequence[tuple[str, str]]) -> tuple[str, str]:
    told = [f"{purpose}: {words[0].lower()}{words[1:]}." for purpose, words in least]
    return "The least that serves.", " ".join(told)


def _right_area(support: Support) -> str:
    kind = support.kinds[0] if support.kinds else "lsoa"
    return {"lsoa": "Right small area", "ltla": "Right council district"}.get(kind, f"Right {kind}")


def shown_share(cell: Shown) -> str:
    """A per cent as it is said: `12%`, `at most 1%`, `under 1%`, `not known`."""
    if not cell.has_number:
        return "not known"
    if cell.low is not None:
        return f"at most {max(round(cell.number), 1)}%"
    return per_cent(cell.number / 100)


def shown_smallest(support: Support, cell: Shown) -> str:
    """The smallest group as it is said: `15`, `under 8` where the rule withholds it."""
    if cell.has_number:
        return as_number(cell.number)
    if cell.status is Status.SUPPRESSED and support.table is not None:
        return f"under {max(rule.suppress_up_to for rule in support.table.about.rules) + 1}"
    return "not estimated"


def _note(support: Support) -> str:
    served = support.served
    if served is None:
        return ""
    guess = " (e) is estimated by spreading rows evenly: only sectors and age bands are kept." if any(
        BY_CODE[grains].is_finer_than_held for grains, _ in support.cells
    ) else ""  # fmt: skip
    return (
        f"Wrong links: of all that agree {span(served.days)}, if {served.overlap:.0%} of rows have a counterpart in "
        f"{_other_file(served)}. Alone: the only row of its kind in the year. Rows, not people.{guess}"
    )


def _named(grains: Grains) -> str:
    return capital(grains.in_words) + (" (e)" if grains.is_finer_than_held else "")


def _verdict(serves: bool | None, good: str, bad: str) -> str:  # noqa: FBT001
    return "Too few rows to judge" if serves is None else good if serves else bad


def _one(kind: str) -> str:
    return {"lsoa": "small area (LSOA)", "msoa": "MSOA", "ltla": "council district"}.get(kind, kind)


def _plain(kind: str) -> str:
    return {"lsoa": "small areas", "msoa": "MSOAs", "ltla": "council districts"}.get(kind, f"{kind}s")
