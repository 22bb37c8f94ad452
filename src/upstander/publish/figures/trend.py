"""A measure over time: signal or noise, by the rules that fired."""

from collections.abc import Sequence

from upstander.contracts.releasing import ReleasedTable, Status
from upstander.publish.charts.steps import Steps, steps_chart
from upstander.publish.figures.model import Figure, Picture, nothing
from upstander.publish.figures.words import Subject, how_made, rule_words
from upstander.publish.reading import ABSENT, as_number, as_text, cells_of
from upstander.publish.sheet import Numbers
from upstander.publish.tokens import SCREEN, WIDE
from upstander.publish.words import capital, first_that_fits

_FEW = 13  # points under which limits are provisional; analysis/measures/spc.py
Named = tuple[str, str, str]  # of a period: as the release writes it, in full, short


def trend(
    name: str, subject: Subject, step: str, periods: Sequence[Named], counts: ReleasedTable, usual: ReleasedTable,
    signals: ReleasedTable, release: str,
) -> Figure:  # fmt: skip
    """The figure. step: what one period is called. periods: in order. usual: what: `usual`. signals: period, direction,
    1 for each that is one.
    """
    steps = _steps(periods, counts, usual, signals)
    known = [at for at, cell in enumerate(steps.cells) if cell.has_number]
    if not known:
        return nothing(name, f"No number of {subject.short}{subject.somewhere} can be shown.", subject.sub, _why(steps))
    now = _now(steps)
    span = f"by {step} from {periods[0][1]} to {periods[-1][1]}"
    alt = f"{subject.sub}, {span}. {finding(subject, steps, step)} {beside(periods, steps)}"
    rows = tuple(
        (long, as_text(cell), _said(steps, at))
        for at, ((_, long, _), cell) in enumerate(zip(periods, steps.cells, strict=True))
    )
    tag = "" if not _is_judged(steps) else "Noise" if now is None else f"Signal: {'higher' if now else 'lower'}"
    picture = Picture(
        steps_chart(f"{name}-wide", steps, WIDE, alt), steps_chart(f"{name}-narrow", steps, SCREEN, alt),
        heading=subject.source, tag=tag, is_signal=now is not None,
    )  # fmt: skip
    provisional = f" Limits rest on fewer than {_FEW} {step}s and are provisional." if len(known) < _FEW else ""
    note = f"{beside(periods, steps)} {subject.counted} {rule_words(counts)}{provisional}{_gaps(steps)}"
    return Figure(
        name, finding(subject, steps, step), f"{subject.sub}, by {step}",
        Numbers(f"{subject.sub}, by {step}", (capital(step), "Count", "Read as"), rows, words_in=(0, 2)),
        (picture,), note=note, made=how_made((counts, usual), release),
    )  # fmt: skip


def finding(subject: Subject, steps: Steps, step: str) -> str:
    """The sentence above."""
    if not _is_judged(steps):
        return first_that_fits([
            f"{subject.starts}: too few {step}s have a number to tell signal from noise.",
            f"{subject.starts}: too few {step}s to tell signal from noise.",
        ], [subject.title])  # fmt: skip
    now = _now(steps)
    if now is None:
        return first_that_fits([
            f"{subject.starts}{subject.somewhere} cannot be told apart from usual.",
            f"{subject.starts} cannot be told apart from usual.", f"The latest {step} cannot be told apart from usual.",
        ], [subject.place, subject.title])  # fmt: skip
    side = "higher" if now else "lower"
    return first_that_fits([
        f"{subject.starts}{subject.somewhere} is {side} than usual, and that is a signal.",
        f"{subject.starts} is {side} than usual: a signal.", f"The latest {step} is {side} than usual: a signal.",
    ], [subject.place, subject.title])  # fmt: skip


def beside(periods: Sequence[Named], steps: Steps) -> str:
    """The last number, and the usual range where there is one."""
    known = [at for at, cell in enumerate(steps.cells) if cell.has_number]
    if not known:
        return ""
    said = f"{periods[known[-1]][1]}: {as_number(steps.cells[known[-1]].number)}"
    if not _is_judged(steps) or steps.usual is None:
        return f"{said}."
    low, high = max(steps.usual.low or 0.0, 0.0), steps.usual.high or 0.0
    return f"{said}; usual is {as_number(round(low))} to {as_number(round(high))}."


def _steps(periods: Sequence[Named], counts: ReleasedTable, usual: ReleasedTable, signals: ReleasedTable) -> Steps:
    held, fired = cells_of(counts, "period"), cells_of(signals, "period", "direction")
    place = {period: at for at, (period, _, _) in enumerate(periods)}
    rule = max((one.suppress_up_to for one in counts.about.rules), default=0)
    return Steps(
        labels=tuple((long, short) for _, long, short in periods),
        cells=tuple(held.get((period,), ABSENT) for period, _, _ in periods),
        usual=cells_of(usual, "what").get(("usual",)),
        signals={place[period]: direction == "higher" for period, direction in fired},
        withheld_up_to=rule,
    )


def _is_judged(steps: Steps) -> bool:
    """Whether there is a usual range, and the last period has a number to compare with it."""
    return steps.usual is not None and steps.usual.has_number and steps.cells[-1].has_number


def _now(steps: Steps) -> bool | None:
    return steps.signals.get(len(steps.cells) - 1)


def _said(steps: Steps, at: int) -> str:
    if at in steps.signals:
        return "signal: higher" if steps.signals[at] else "signal: lower"
    return {Status.SUPPRESSED: "withheld", Status.MISSING: "not received"}.get(steps.cells[at].status, "")


def _gaps(steps: Steps) -> str:
    said = {Status.SUPPRESSED: "hatched: withheld", Status.MISSING: "grey with crosses: not received whole"}
    found = [words for status, words in said.items() if any(cell.status is status for cell in steps.cells)]
    return f" {capital('; '.join(found))}." if found else ""


def _why(steps: Steps) -> str:
    if all(cell.status is Status.MISSING for cell in steps.cells):
        return "None of it was received whole."
    return "Every count is small or would give a small one away, so each is withheld. Choose a larger area."
