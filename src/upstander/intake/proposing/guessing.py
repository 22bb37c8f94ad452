"""Which heading is which column: names and values weighed together, each heading and each column used once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import linear_sum_assignment

from upstander import contracts
from upstander.contracts.dataset import Column, DatasetContract, Kind
from upstander.contracts.dataset import Shape as RowShape
from upstander.intake.proposing.fitting import fit, looks_coded, says_share
from upstander.intake.proposing.headings import likeness, names_of, unwanted, without_common_words
from upstander.intake.proposing.orders import DateOrder, date_order
from upstander.intake.proposing.sampling import Sample
from upstander.intake.proposing.shapes import Shape
from upstander.intake.suppliers.loading import load, shipped
from upstander.intake.suppliers.model import Supplier

FIGURE = "figure:"
SURE = 0.8
_NOT_SURE = SURE - 0.05
_A_LIKELY_NAME = 0.4
_MAY_BE = 0.25
_WANTED = 0.4
_CONTRADICTED = 0.3  # so few cells fit that the name must be meant otherwise
_CLOSE = 0.08
_A_FEW_ROWS = 20
_OF_STATISTICS = (
    "period: how is it written (`form`, `formats.period`), and is a year named by the one it begins or ends in?",
    "areas: what kind of area is a row about, and if a heading says it, which?",
    "markers: what does each mark that stands in the place of a number mean? None of them is nought.",
)


@dataclass(frozen=True)
class Guess:
    """What a heading seems to be: a contract column, `figure:<indicator>`, or nothing the dataset wants (empty).

    `confidence` 0 to 1; `reasons` for people; `order` where it is a date; `unknown_codes` counts the rows of a code
    column whose text no list knows.
    """

    heading: str
    column: str
    confidence: float
    reasons: tuple[str, ...]
    order: DateOrder | None = None
    unknown_codes: int = 0


@dataclass(frozen=True)
class Proposal:
    """Guesses in the order of the headings. `others` are (dataset, score) of what else the file might be."""

    dataset: str
    shape: RowShape
    guesses: tuple[Guess, ...]
    others: tuple[tuple[str, float], ...]
    decisions: tuple[str, ...]

    @property
    def columns(self) -> Mapping[str, str]:
        """Heading -> column, without the headings that are left out."""
        return {guess.heading: guess.column for guess in self.guesses if guess.column}


def propose(sample: Sample, *, dataset: str | None = None) -> Proposal:
    """Guesses for every heading, for the dataset that was named or the one the file fits best."""
    said = without_common_words(sample.headings)
    shapes = [Shape(heading, said[heading], sample.cells[heading]) for heading in sample.headings]
    names = [dataset] if dataset else list(contracts.ALL)
    tried = [
        _for_contract(shapes, contracts.in_shape(name, shape)) for name in names for shape in contracts.ALL[name].shapes
    ]
    ranked = sorted(tried, key=lambda one: -one[1])
    (contract, score, guesses), *others = ranked
    rest = tuple((other.name, round(its, 2)) for other, its, _ in others[:3] if its > 0.6 * score)
    return Proposal(
        contract.name, contract.shape, guesses, rest, _decisions(contract, guesses, rest, named=bool(dataset))
    )


def _for_contract(
    shapes: Sequence[Shape], contract: DatasetContract
) -> tuple[DatasetContract, float, tuple[Guess, ...]]:
    columns, known = _columns(contract), _known_headings(contract)
    evidence = [[_weighed(shape, column, known.get(column.name, ())) for column in columns] for shape in shapes]
    left_out = [
        _left_out(shape, shapes, max((one.confidence for one in row), default=0.0))
        for shape, row in zip(shapes, evidence, strict=True)
    ]
    wanted = [_WANTED if column.required else 0.0 for column in columns]
    chosen = _assigned(evidence, [confidence for confidence, _ in left_out], wanted)
    free = sorted(set(range(len(columns))) - set(chosen.values()))
    guesses: list[Guess] = []
    for place, shape in enumerate(shapes):
        row, at = evidence[place], chosen.get(place)
        rival = max((row[index].confidence for index in free if row[index].by_name > _A_LIKELY_NAME), default=0.0)
        known_as = None if at is None else (columns[at], row[at])
        guesses.append(_left(shape, *left_out[place], rival) if known_as is None else _guess(shape, *known_as, rival))
    return contract, _score(contract, guesses), tuple(guesses)


def _columns(contract: DatasetContract) -> list[Column]:
    """The contract's columns; of a file of indicators, one more for each figure a wide file may hold."""
    figures = [
        Column(FIGURE + one.code, Kind.FIGURE, one.means, unit=one.unit, also_called=(one.code, one.means))
        for one in contract.indicators
        if contract.shape is RowShape.INDICATORS
    ]
    return [*contract.columns, *figures]


def _known_headings(contract: DatasetContract) -> Mapping[str, list[str]]:
    """Column -> the headings that shipped maps of this dataset give it."""
    known: dict[str, list[str]] = {}
    for supplier in _shipped_maps():
        if supplier.dataset == contract.name and (supplier.shape or contract.shape) is contract.shape:
            for heading, column in supplier.columns.items():
                known.setdefault(column, []).append(heading)
            for heading, figure in supplier.figures.items():
                known.setdefault(FIGURE + figure.indicator, []).append(heading)
    return known


@cache
def _shipped_maps() -> tuple[Supplier, ...]:
    return tuple(load(name) for name in shipped())


@dataclass(frozen=True)
class _Evidence:
    """How sure name and values together make one pair of heading and column; `by_name` is the name's part alone."""

    confidence: float
    by_name: float
    reasons: tuple[str, ...]


def _weighed(shape: Shape, column: Column, mapped: Sequence[str]) -> _Evidence:
    named, name = likeness(shape.said, names_of(column, tuple(mapped)))
    by_name, values = _by_name(named), fit(shape, column)
    is_contradicted = len(shape.filled) > 0 and values.share < _CONTRADICTED
    if is_contradicted and column.codes is not None and looks_coded(shape):
        return _Evidence(by_name, by_name, (f"its name is like '{name}', but its codes are the sender's own",))
    if is_contradicted:
        return _Evidence(0.2 * named, by_name, (f"its name is like '{name}', but {values.reason}",))
    reasons = [f"its name is like '{name}'"] if by_name > _A_LIKELY_NAME else []
    both = 1 - (1 - by_name) * (1 - values.tells * values.share)
    return _Evidence(both, by_name, (*reasons, values.reason))


def _by_name(named: float) -> float:
    """What a likeness is worth: the same words are nearly proof, half the letters next to nothing."""
    return float(np.interp(named, [0.0, 0.5, 0.7, 0.85, 0.95, 1.0], [0.0, 0.05, 0.35, 0.65, 0.82, 0.86]))


def _left_out(shape: Shape, others: Sequence[Shape], best: float) -> tuple[float, str]:
    """How sure it is that the dataset has no place for a heading, and why."""
    if not len(shape.filled):
        return 0.93, "the column is empty"
    why, named = max(
        ((why, likeness(shape.said, names)[0]) for why, names in unwanted().items()), key=lambda pair: pair[1]
    )
    found = [(_by_name(named), why)]
    if len(shape.cells) > _A_FEW_ROWS and shape.distinct == 1:
        found.append((0.88, "every cell says the same"))
    if shape.shares["point"] > 0.9:
        found.append((0.9, "a point in one cell: ask for two columns"))
    if says_share(shape):
        found.append((0.86, "a share, which follows from the figures it is of"))
    if _follows_from_code(shape, others):
        found.append((0.86, "it follows from the area's code"))
    found.append(
        (float(np.interp(best, [0.0, 0.25, 0.5, 0.8], [0.88, 0.82, 0.45, 0.0])), "nothing in the dataset is like it")
    )
    return max(found)


def _follows_from_code(shape: Shape, others: Sequence[Shape]) -> bool:
    """Whether each official code in another column always comes with one text here, and the texts are names."""
    if shape.shares["words"] < 0.9 or len(shape.cells) <= _A_FEW_ROWS:
        return False
    for other in others:
        if other is not shape and other.shares["official_code"] > 0.9 and other.distinct > 5:
            pairs = other.cells.to_frame("code").with_columns(name=shape.cells).unique()
            return pairs.height <= 1.02 * max(other.distinct, shape.distinct) and shape.distinct > 0.5 * other.distinct
    return False


def _assigned(
    evidence: Sequence[Sequence[_Evidence]], left_out: Sequence[float], wanted: Sequence[float]
) -> dict[int, int]:
    """Heading -> column so that the sum of confidences is greatest; each column once, any heading left out.

    wanted: how much more a column is worth that every row needs; it decides a doubt and adds nothing to confidence.
    """
    weights = np.array([[one.confidence for one in row] for row in evidence])
    weights = weights + np.where(weights > _MAY_BE, np.asarray(wanted), 0.0)
    beside = np.full((len(weights), len(weights)), -1.0)
    np.fill_diagonal(beside, left_out)
    rows, columns = linear_sum_assignment(np.hstack([weights, beside]), maximize=True)
    return {int(row): int(column) for row, column in zip(rows, columns, strict=True) if column < weights.shape[1]}


def _left(shape: Shape, confidence: float, why: str, rival: float) -> Guess:
    is_contested = rival > confidence - _CLOSE
    return Guess(shape.heading, "", round(min(confidence, _NOT_SURE) if is_contested else confidence, 2), (why,))


def _guess(shape: Shape, column: Column, evidence: _Evidence, rival: float) -> Guess:
    confidence, reasons = evidence.confidence, evidence.reasons
    if rival > confidence - _CLOSE:
        confidence, reasons = min(confidence, _NOT_SURE), (*reasons, "another column of the dataset is as likely")
    order = date_order(shape) if column.kind in (Kind.TIMESTAMP, Kind.DATE) else None
    return Guess(shape.heading, column.name, round(confidence, 2), reasons, order, _unknown(shape, column))


def _unknown(shape: Shape, column: Column) -> int:
    if column.codes is None:
        return 0
    return sum(shape.weights.values()) - shape.known_by(column.codes)[0]


def _score(contract: DatasetContract, guesses: Sequence[Guess]) -> float:
    """How well a file fits a dataset: how much of it is wanted, and whether what is required is there."""
    filled = {guess.column: guess.confidence for guess in guesses if guess.column}
    required = [filled.get(column.name, 0.0) for column in contract.columns if column.required]
    has_figures = contract.shape is not RowShape.INDICATORS or any(
        name.startswith(FIGURE) or name == "value" for name in filled
    )
    needed = sum(required) / len(required) if required else 0.5
    return (needed + sum(filled.values()) / len(guesses)) * (1.0 if has_figures else 0.3)


def _decisions(
    contract: DatasetContract, guesses: Sequence[Guess], others: Sequence[tuple[str, float]], *, named: bool
) -> tuple[str, ...]:
    """What a person must settle before the draft can be used; in the order of the map."""
    asked = [
        "name, agency and source: whose system is it, and where does this layout come from?",
        "delivers: does a file speak for whole days, add to what was sent, or show how things stand?",
        "ids: does the same number mean the same record in every file?",
        *(_OF_STATISTICS if contract.shape is RowShape.INDICATORS else ("zone: on which wall clock are the times?",)),
    ]
    if others and not named:
        asked.append(f"dataset: it could also be {', '.join(name for name, _ in others)}.")
    for guess in guesses:
        if guess.order is not None and guess.order.open_question:
            asked.append(f"{guess.heading}: {guess.order.open_question}")
        if guess.confidence < SURE:
            asked.append(f"{guess.heading}: is it {guess.column or 'really not wanted'}? ({guess.confidence:.0%} sure)")
        if guess.unknown_codes:
            asked.append(f"{guess.heading}: {guess.unknown_codes:,} rows hold text that no code list knows; map each.")
    filled = {guess.column for guess in guesses}
    missing = [column.name for column in contract.columns if column.required and column.name not in filled]
    asked += [f"{name}: nothing seems to fill it, and every row needs it." for name in missing]
    return tuple(asked)
