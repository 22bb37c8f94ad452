"""The extract guide of a dataset, on one printed page: for the person in an agency who makes the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from upstander.contracts.blunt import does_not_apply
from upstander.contracts.dataset import Column, DatasetContract, Kind, Shape
from upstander.contracts.fates import fate
from upstander.contracts.pages import page
from upstander.contracts.your_data import PURPOSES

_MISTAKES = 5
_WHAT = "what it was"
# What a useful row says, in the order of the page, and the warehouse columns of which one at least is wanted for it.
_QUESTIONS = {
    "when it was": ("event_from_local", "period"),
    "where": ("area_code",),
    _WHAT: ("offence_code", "weapon_class", "mechanism", "value"),
    "which row is the same record": ("incident_token",),
    "how old": ("age_band",),
    "sex": ("sex",),
    "whose figure": ("group", "indicator"),
}


@dataclass(frozen=True)
class Advice:
    """One of the commonest mistakes, and how it is avoided."""

    mistake: str
    instead: str


@dataclass(frozen=True)
class _Case:
    is_met: Callable[[DatasetContract], bool]
    advice: Advice


def _has_kind(*kinds: Kind) -> Callable[[DatasetContract], bool]:
    return lambda contract: any(column.kind in kinds for column in contract.columns)


def _has(*names: str) -> Callable[[DatasetContract], bool]:
    return lambda contract: any(contract.column(name) is not None for name in names)


_CASES: Sequence[_Case] = (
    _Case(
        _has_kind(Kind.TIMESTAMP),
        Advice(
            "Times lost or turned round on the way through a spreadsheet.",
            "Export straight from the system. If you must open it, import the columns as text; write 2026-07-04 22:40.",
        ),
    ),
    _Case(
        lambda contract: any(c.identifies and not c.free_text and c.kind is Kind.TEXT for c in contract.columns),
        Advice(
            "Leading noughts and long numbers lost (000123 became 123; 1.70E+12).",
            "Export numbers of records and people as text. Never save a CSV file that a spreadsheet opened by itself.",
        ),
    ),
    _Case(
        lambda contract: contract.shape is Shape.INDICATORS,
        Advice(
            "A withheld or missing figure sent as 0 or as a blank.",
            "Leave the publisher's own mark in the cell (c, x, z, low): nought is a count, and a mark is not.",
        ),
    ),
    _Case(
        _has_kind(Kind.CODE),
        Advice(
            "Codes in words of one's own, or of an older list.",
            "Send the system's codes as they are and tell us the list: a map brings them to ours.",
        ),
    ),
    _Case(
        lambda contract: contract.shape is Shape.INDICATORS,
        Advice(
            "Areas by their names only, or by codes of another year.",
            "Send the official code of each area, and tell us of which year the codes are.",
        ),
    ),
    _Case(
        _has("dob"),
        Advice(
            "01/01/1900 and the like where the date of birth is not known.",
            "Leave the cell empty. The same for NHS numbers and postcodes typed only to get past a form.",
        ),
    ),
    _Case(
        lambda _: True,
        Advice(
            "Titles above the headings, totals below the rows, blank lines between.",
            "One line of headings, then one row a line, and nothing else.",
        ),
    ),
    _Case(
        lambda _: True,
        Advice(
            "A file of part of the period, or a second header where two extracts were put together.",
            "Say the days it covers in its name, such as extract_2026-07.csv, and run one query for the whole period.",
        ),
    ),
)


_BLUNT = (
    "they map council districts, not small areas, and hide nobody. An LSOA code maps more and tells less of a home."
)


def guide_html(contract: DatasetContract, *, support: str = "") -> str:
    """One printed A4 page, self-contained HTML.

    support: what part of a postcode, age band and sex support in the rows that are held; in general if left out.
    """
    return page(
        "guide.html.j2",
        {
            "contract": contract,
            "useful": smallest_useful(contract),
            "fates": _by_fate(contract),
            "unwanted": [column for column in contract.columns if not column.becomes],
            "mistakes": [case.advice for case in _CASES if case.is_met(contract)][:_MISTAKES],
            "timed": next((c.name for c in contract.columns if c.kind is Kind.TIMESTAMP), ""),
            "dated": next((c.name for c in contract.columns if c.kind is Kind.DATE), ""),
            "purposes": [PURPOSES[purpose] for purpose in contract.purposes],
            "blunt": "" if does_not_apply(contract) else support or _BLUNT,
            "are_figures": contract.shape is Shape.INDICATORS,
        },
    )


def smallest_useful(contract: DatasetContract) -> list[tuple[str, Column]]:
    """(what it answers, column) of the fewest columns worth sending: those every row needs, then one for each question
    that a column can answer, the least telling one first.
    """
    found = {column.name: ("every row needs it", column) for column in contract.columns if column.required}
    own = [column.name for column in contract.extra_columns if column.name != "postcode_sector"]
    for question, stated in _QUESTIONS.items():
        targets = {*stated, *own} if question == _WHAT else {*stated}
        answers = [c for c in contract.columns if not c.free_text and targets & {*c.becomes}]
        if answers and not any(c.name in found for c in answers):
            least = min(answers, key=lambda c: (c.identifies, c.kind is not Kind.CODE))
            found[least.name] = (question, least)
    return list(found.values())


def _by_fate(contract: DatasetContract) -> list[tuple[str, list[str]]]:
    named: dict[str, list[str]] = {}
    for column in contract.columns:
        named.setdefault(fate(column), []).append(column.name)
    return list(named.items())
