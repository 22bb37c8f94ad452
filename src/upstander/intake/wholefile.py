"""What only a whole file shows, without any other file: one person, one place or one code in most rows, references
shorter than they can be, points outside the area.

Plain counts and whole-number shares, so that any program gives the same answer; every threshold stands in LIMITS.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from upstander.contracts.dataset import DatasetContract, Shape
from upstander.contracts.profiles import Concern, Profile, ReferenceProfile
from upstander.intake.sentences import say
from upstander.intake.suppliers import Supplier

NAME_AND_BIRTH, POINT = "surname, forename, dob", "point"
ONE_PERSON, ONE_PLACE, ONE_LINE, ONE_CODE = "one person", "one place", "one line of points", "one code"
TOO_SHORT, OUTSIDE = "shorter than references are", "outside the area"


@dataclass(frozen=True)
class Step:
    """From so many rows on, what makes up more than `over` in `of` of them is looked at by a person."""

    rows: int
    over: int
    of: int


@dataclass(frozen=True)
class Limits:
    """Every threshold of the file-level rules. Steps rise in rows: the last one reached counts.

    A small file is lumpy: one child missing six times in a month of ten episodes is no mistake. codes: so many codes
    that say something a list needs before a file in one of them is strange.
    """

    person: tuple[Step, ...] = (Step(30, 1, 2), Step(100, 1, 5), Step(1_000, 1, 20))
    place: tuple[Step, ...] = (Step(30, 1, 2), Step(100, 1, 3), Step(1_000, 1, 4))
    line: tuple[Step, ...] = (Step(30, 1, 2),)
    code: tuple[Step, ...] = (Step(100, 9, 10),)
    codes: int = 3
    shortest_reference: int = 5  # characters, of digits alone: fewer name less than ten thousand people or incidents
    short: tuple[Step, ...] = (Step(30, 1, 2),)
    outside: tuple[Step, ...] = (Step(30, 1, 2), Step(100, 1, 4))
    same_town_km: int = 3  # a postcode this near to the middle of its rows' points agrees with them
    spread: Step = Step(100, 1, 2)  # points so many and so different are places of their own


LIMITS = Limits()
# An extract of victims only, or of one list of people, is as usual as any other.
MAY_BE_ONE = frozenset({"role"})
SAY_NOTHING = frozenset({"unknown", "not_asked", "withheld", "not_known", "not_stated", "(blank)"})
MAY_BE_MOST = SAY_NOTHING | {"none", "other", "no"}


def concerns_of(
    profile: Profile, contract: DatasetContract, supplier: Supplier, *, postcode_agrees: bool | None
) -> tuple[Concern, ...]:
    """Why a person must look first, by what the whole file is like.

    postcode_agrees: whether the commonest postcode lies where the points of the file do; None where nothing can say.
    """
    if contract.shape is Shape.INDICATORS:
        return ()
    return (
        *_one_person(profile, contract),
        *_one_place(profile, postcode_agrees=postcode_agrees),
        *_one_line(profile),
        *_one_code(profile, contract, supplier),
        *_too_short(profile),
        *_outside(profile),
    )


def step_of(steps: tuple[Step, ...], rows: int) -> Step | None:
    """The last step that so many rows reach; None below the first."""
    reached = [step for step in steps if rows >= step.rows]
    return reached[-1] if reached else None


def is_over(steps: tuple[Step, ...], part: int, rows: int) -> bool:
    """Whether a part of so many rows is more than their step lets pass."""
    step = step_of(steps, rows)
    return step is not None and part * step.of > step.over * rows


def _one_person(profile: Profile, contract: DatasetContract) -> Iterator[Concern]:
    persons = {c.name for c in contract.columns if "person_token" in c.becomes} | {NAME_AND_BIRTH}
    for one in profile.references:
        if one.column in persons and is_over(LIMITS.person, one.commonest, profile.sent):
            limit = _limit(LIMITS.person, profile.sent)
            said = say("one_person", count=one.commonest, rows=profile.sent, column=one.column, limit=limit)
            yield Concern(ONE_PERSON, one.column, one.commonest / profile.sent, said)


def _one_place(profile: Profile, *, postcode_agrees: bool | None) -> Iterator[Concern]:
    point, rows = profile.reference(POINT), profile.sent
    postcode = profile.reference("postcode")
    if (
        postcode is not None
        and is_over(LIMITS.place, postcode.commonest, rows)
        and not _stand_for_themselves(point, rows, postcode_agrees=postcode_agrees)
    ):
        yield _one_value(ONE_PLACE, postcode, rows, "one_postcode")
    if point is not None and is_over(LIMITS.place, point.commonest, rows):
        yield _one_value(ONE_PLACE, point, rows, "one_point")


def _stand_for_themselves(point: ReferenceProfile | None, rows: int, *, postcode_agrees: bool | None) -> bool:
    """Whether the rows have points of their own, which agree with the postcode or of which nothing else is known."""
    if point is None or postcode_agrees is False:
        return False
    is_spread = point.at_least or point.distinct * LIMITS.spread.of >= LIMITS.spread.over * rows
    return is_spread and (postcode_agrees is True or rows >= LIMITS.spread.rows)


def _one_line(profile: Profile) -> Iterator[Concern]:
    """One easting under many northings, or the other way: a column that was overwritten."""
    for pair in (("easting", "northing"), ("longitude", "latitude")):
        for name, other in (pair, pair[::-1]):
            one, across = profile.reference(name), profile.reference(other)
            if one is None or across is None or not is_over(LIMITS.line, one.commonest, profile.sent):
                continue
            if across.commonest * 2 <= one.commonest:
                said = say("one_line", count=one.commonest, rows=profile.sent, column=name, other=other)
                yield Concern(ONE_LINE, name, one.commonest / profile.sent, said)


def _one_code(profile: Profile, contract: DatasetContract, supplier: Supplier) -> Iterator[Concern]:
    chosen_by = {supplier.columns.get(rule.column) for rule in (supplier.filter,) if rule is not None}
    left_out = MAY_BE_ONE | set(supplier.constants) | chosen_by
    for column in contract.columns:
        counts = profile.code_counts().get(column.name)
        step = step_of(LIMITS.code, profile.sent)
        if not counts or column.codes is None or column.name in left_out or step is None:
            continue
        code, rows = min(counts.items(), key=lambda one: (-one[1], one[0]))
        telling = sum(1 for known in column.codes.meanings if known not in SAY_NOTHING)
        if code in MAY_BE_MOST or telling < LIMITS.codes:
            continue
        if is_over(LIMITS.code, rows, profile.sent):
            said = say(
                "one_code", column=column.name, which=f"'{code}'" if column.quotable else "one code", count=rows,
                rows=profile.sent, share=_percent(rows, profile.sent), codes=telling,
            )  # fmt: skip
            yield Concern(ONE_CODE, column.name, rows / profile.sent, said)


def _too_short(profile: Profile) -> Iterator[Concern]:
    for one in profile.references:
        cells = sum(count for _, count in one.lengths)
        if is_over(LIMITS.short, one.short, cells):
            least = LIMITS.shortest_reference
            said = say("too_short", count=one.short, cells=cells, column=one.column, least=least)
            yield Concern(TOO_SHORT, one.column, one.short / cells, said)


def _outside(profile: Profile) -> Iterator[Concern]:
    if not is_over(LIMITS.outside, profile.outside, profile.pointed):
        return
    name = "points_swapped" if profile.swapped * 2 > profile.outside else "points_outside"
    said = say(name, count=profile.outside, points=profile.pointed)
    yield Concern(OUTSIDE, POINT, profile.outside / profile.pointed, said)


def _one_value(rule: str, one: ReferenceProfile, rows: int, name: str) -> Concern:
    limit, share = _limit(LIMITS.place, rows), _percent(one.commonest, rows)
    said = say(name, count=one.commonest, rows=rows, share=share, limit=limit)
    return Concern(rule, one.column, one.commonest / rows, said)


def _limit(steps: tuple[Step, ...], rows: int) -> str:
    step = step_of(steps, rows)
    return "" if step is None else say("lets_pass", over=step.over, of=step.of)


def _percent(part: int, rows: int) -> str:
    """Whole per cent, halves up; never 100% for less than all."""
    whole = (200 * part + rows) // (2 * rows)
    return f"{min(whole, 99) if part < rows else whole}%"
