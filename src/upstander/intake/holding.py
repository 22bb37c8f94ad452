"""A result told again once more is known than its file: further reasons to hold it, or reasons that no longer stand."""

from collections.abc import Sequence
from dataclasses import replace

from upstander.contracts.profiles import Concern
from upstander.contracts.readings import Outcome
from upstander.intake.plan import ReadResult
from upstander.intake.words import opening


def with_concerns(result: ReadResult, concerns: Sequence[Concern], *, notes: Sequence[str] = ()) -> ReadResult:
    """The result with these concerns in the place of its own, and with these notes after its other ones.

    A file that was stopped stays as it is: nothing of it could load.
    """
    if result.outcome not in {Outcome.ACCEPT, Outcome.NORMALISE, Outcome.ROWQ, Outcome.HOLD}:
        return result
    own = {one.says for one in result.concerns}
    holds = (*(said for said in result.holds if said not in own), *(one.says for one in concerns))
    before, after = opening(result.lines, result.holds), opening(result.lines, holds)
    return replace(
        result,
        outcome=Outcome.HOLD if holds else result.otherwise,
        message=" ".join([after + result.message.removeprefix(before), *notes]),
        holds=holds,
        concerns=tuple(concerns),
        notes=(*result.notes, *notes),
    )
