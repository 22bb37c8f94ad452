"""A rise in one source: has violence changed, or its recording? The evidence, piece by piece, and a reading of it all.

No single piece decides. A change in violence is read only where another source rose too; a change in recording only
where another source did not rise with it and a second piece says the same; with one source alone it cannot be told.
The idea: HM Inspectorate of Constabulary, Crime-recording: making the victim count, 2014 (police records rise when
recording improves); ambulance records as a check on police records: Sutherland and others, Cambridge Journal of
Evidence-Based Policing 5, 2021. The rules are ours, and their errors are in the simulations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints
from upstander.analysis.outbreaks.steps import Step, count_step, share_step

Numbers = NDArray[np.float64]
PointsTo = Literal["violence", "recording", "neither"]
Reading = Literal["violence", "recording", "cannot_tell", "no_rise"]
Kind = Literal["rise", "other_source", "severity", "completeness", "new_codes", "change_log"]
_LEAST_SHIFT = 0.05  # of a share, below which a significant change says little about how records are made


@dataclass(frozen=True)
class Source:
    """One source's weeks, NaN where not known. `severe`, `located`, `timed`: how many of the count, if known."""

    name: str
    counts: Numbers
    severe: Numbers | None = None
    located: Numbers | None = None
    timed: Numbers | None = None


@dataclass(frozen=True)
class Change:
    """An entry of the log of changes: from `day`, `what` changed in how `source` records."""

    day: date
    source: str
    what: str


@dataclass(frozen=True)
class Piece:
    """One piece of evidence. `own`: what the source named did; `beside`: how many times as much the rising source, or
    the minor part of it, changed as that. `points_to` what, and the sentence that says so with its numbers.
    """

    kind: Kind
    source: str
    own: Step | None
    beside: Step | None
    points_to: PointsTo
    sentence: str


@dataclass(frozen=True)
class Evidence:
    """All pieces about one rise, and what they come to."""

    source: str
    since: int
    pieces: tuple[Piece, ...]
    reading: Reading
    sentence: str


def evidence(
    rising: Source, others: Sequence[Source], since: int, *, starts: Sequence[date] | None = None,
    new_codes: Mapping[str, Numbers] | None = None, changes: Sequence[Change] = (), log_days: int = 42,
    confidence: float = 0.95,
) -> Evidence:  # fmt: skip
    """What speaks for a change in violence and what for one in recording, for the rise of `rising` at week `since`.

    others: other sources for the same area and weeks. starts: days the weeks begin with, needed for `changes`.
    new_codes: counts a week of codes, sites or systems that the source did not use before. log_days: how near to the
    start a change must be to speak of it.
    """
    own = count_step(rising.counts, since, confidence=confidence)
    near = _near(changes, since, starts, log_days)
    pieces = [_rise(rising.name, own)]
    pieces += [_other(rising, own, other, since, near, confidence) for other in others]
    pieces += _severity(rising, since, confidence)
    pieces += _completeness(rising, since, confidence)
    pieces += _codes(rising, own, new_codes or {}, since, confidence)
    pieces += [_logged(change) for change in near if change.source == rising.name]
    reading, sentence = _read(rising.name, own, pieces, len(others))
    return Evidence(rising.name, since, tuple(pieces), reading, sentence)


def _near(changes: Sequence[Change], since: int, starts: Sequence[date] | None, log_days: int) -> list[Change]:
    if starts is None:
        return []
    return [change for change in changes if abs((change.day - starts[since]).days) <= log_days]


def _rise(name: str, own: Step) -> Piece:
    return Piece("rise", name, own, None, "neither", f"{name}: {_moved(own)}.")


def _other(rising: Source, own: Step, other: Source, since: int, near: Sequence[Change], confidence: float) -> Piece:
    """Did another source rise too, or did the rising one rise more than it?"""
    try:
        step = count_step(other.counts, since, confidence=confidence)
        beside = share_step(rising.counts, rising.counts + other.counts, since, confidence=confidence)
    except TooFewPoints:
        return _piece("other_source", other.name, None, None, "neither", "too few weeks with a number to say")
    said = f"{_moved(step)}; {rising.name} changed {_times(beside)} as much"
    own_change = next((change for change in near if change.source == other.name), None)
    if own_change is not None:
        why = f"its own recording changed on {own_change.day} ({own_change.what}), so it is no witness"
        return _piece("other_source", other.name, step, beside, "neither", f"{said}; {why}")
    if step.is_up:
        return _piece("other_source", other.name, step, beside, "violence", f"{said}. It rose too")
    # Less than half of the way, on the scale of ratios, from no change to the rise.
    if beside.is_up and step.log < own.log / 2:
        return _piece("other_source", other.name, step, beside, "recording", f"{said}. It did not rise with it")
    return _piece("other_source", other.name, step, beside, "neither", f"{said}. Its weeks vary too much to say")


def _severity(rising: Source, since: int, confidence: float) -> list[Piece]:
    """A change in recording adds minor records; more violence adds severe ones too."""
    if rising.severe is None:
        return []
    try:
        severe = count_step(rising.severe, since, confidence=confidence)
        beside = share_step(rising.counts - rising.severe, rising.counts, since, confidence=confidence)
    except TooFewPoints:
        return []
    said = f"severe ones {_moved(severe)}; the odds of a minor one changed {_times(beside)}"
    if severe.is_up:
        return [_piece("severity", rising.name, severe, beside, "violence", f"{said}. Severe ones rose too")]
    if beside.is_up:
        return [_piece("severity", rising.name, severe, beside, "recording", f"{said}. Only minor ones rose")]
    return [_piece("severity", rising.name, severe, beside, "neither", f"{said}. That tells neither")]


def _completeness(rising: Source, since: int, confidence: float) -> list[Piece]:
    """When the way records are made changes, how often place or time are known often changes with it."""
    known = {"a place": rising.located, "a time": rising.timed}
    found = [_known(rising, what, part, since, confidence) for what, part in known.items() if part is not None]
    return [piece for piece in found if piece is not None]


def _known(rising: Source, what: str, part: Numbers, since: int, confidence: float) -> Piece | None:
    try:
        step = share_step(part, rising.counts, since, confidence=confidence)
    except TooFewPoints:
        return None
    said = f"{step.before:.0%} of records had {what} before, {step.after:.0%} since, odds {_times(step)}"
    if step.is_changed and abs(step.after - step.before) >= _LEAST_SHIFT:
        ends = "Records are made in another way"
        return _piece("completeness", rising.name, step, None, "recording", f"{said}. {ends}")
    return _piece("completeness", rising.name, step, None, "neither", f"{said}. That tells neither")


def _codes(rising: Source, own: Step, new_codes: Mapping[str, Numbers], since: int, confidence: float) -> list[Piece]:
    """Without what the source did not use before, is there still a rise?"""
    used = {name: weeks for name, weeks in new_codes.items() if np.nansum(weeks[since:]) > 0}
    if not used:
        return []
    added = np.sum([np.nan_to_num(weeks) for weeks in used.values()], axis=0)
    step = count_step(np.maximum(rising.counts - added, 0.0), since, confidence=confidence)
    said = (
        f"{added[since:].sum():,.0f} records since carry what was not used before ({', '.join(sorted(used))}); without "
        f"them {_moved(step)}"
    )
    if own.is_up and not step.is_up:
        return [_piece("new_codes", rising.name, step, None, "recording", f"{said}. The rise lies in them")]
    return [_piece("new_codes", rising.name, step, None, "neither", f"{said}. The rise does not lie in them")]


def _logged(change: Change) -> Piece:
    said = f"the log of changes has, for {change.day}, {change.what}"
    return _piece("change_log", change.source, None, None, "recording", said)


_ENDS: Mapping[PointsTo, str] = {
    "violence": ": that speaks for more violence.",
    "recording": ": that speaks for a change in recording.",
    "neither": ".",
}


def _piece(kind: Kind, source: str, own: Step | None, beside: Step | None, points_to: PointsTo, said: str) -> Piece:
    return Piece(kind, source, own, beside, points_to, f"{source}: {said}{_ENDS[points_to]}")


def _read(name: str, own: Step, pieces: Sequence[Piece], others: int) -> tuple[Reading, str]:
    """What the pieces come to, as a word and a sentence."""
    if not own.is_up:
        return "no_rise", f"{name} has not risen more than chance allows: {_moved(own)}."
    elsewhere = [piece for piece in pieces if piece.kind == "other_source"]
    within = [piece for piece in pieces if piece.kind not in ("rise", "other_source")]
    up, flat = _named(elsewhere, "violence"), _named(elsewhere, "recording")
    violent, recorded = _named(within, "violence"), _named(within, "recording")
    if not others:
        return "cannot_tell", (
            f"{name} rose, but it is the only source: from one source it cannot be told whether violence changed or "
            "its recording."
        )
    if up and (not flat or violent) and not (recorded and not violent and flat):
        also = f"; {_list(flat)} did not" if flat else ""
        caution = f" Recording may have changed as well ({_kinds(recorded)})." if recorded else ""
        return "violence", f"{name} rose and so did {_list(up)}{also}: read as a change in violence.{caution}"
    if flat and not up and not violent and len(flat) + len({piece.kind for piece in recorded}) >= 2:
        more = f", and {_kinds(recorded)} changed with it" if recorded else ""
        return "recording", f"{name} rose and {_list(flat)} did not{more}: read as a change in recording."
    return "cannot_tell", (
        f"{name} rose; for violence: {_list(up + violent) or 'nothing'}; for recording: "
        f"{_list(flat + recorded) or 'nothing'}. That is not enough to tell."
    )


def _named(pieces: Sequence[Piece], points_to: PointsTo) -> list[Piece]:
    return [piece for piece in pieces if piece.points_to == points_to]


_WORDS: Mapping[str, str] = {
    "severity": "the share of severe records", "completeness": "how complete records are",
    "new_codes": "codes or sites", "change_log": "an entry in the log of changes",
}  # fmt: skip


def _kinds(pieces: Sequence[Piece]) -> str:
    return _joined(list(dict.fromkeys(_WORDS[piece.kind] for piece in pieces)))


def _list(pieces: Sequence[Piece]) -> str:
    return _joined(list(dict.fromkeys(_WORDS.get(piece.kind, piece.source) for piece in pieces)))


def _joined(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _moved(step: Step) -> str:
    return f"{step.before:,.1f} a week before, {step.after:,.1f} since, {_times(step)} what was expected"


def _times(step: Step) -> str:
    return f"{step.ratio:.2f} times ({step.low:.2f} to {step.high:.2f})"
