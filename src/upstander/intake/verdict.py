"""What a whole file adds up to: its outcome, and the sentences its sender and the steward read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from upstander.contracts.profiles import Concern
from upstander.contracts.readings import LineAccount, Outcome
from upstander.intake import words
from upstander.intake.header import Header
from upstander.intake.limits import LIMITS
from upstander.intake.rules import SPREADSHEET_RULE
from upstander.intake.sentences import say, stop
from upstander.intake.sources import Decoder
from upstander.intake.suppliers.model import Agreed
from upstander.intake.tally import Tally
from upstander.intake.typed import Reader

_TIME_REPAIRS = (("24:00", "midnight_24"), ("offset", "offset"), ("serial", "serial"))
_POSTCODE_REPAIRS = (("repaired", "postcode_repaired"), ("partial", "postcode_partial"), ("not one", "postcode_none"))


@dataclass(frozen=True)
class Verdict:
    """Outcome and message, and their parts: what was mended, what should be known, why a person must look.

    `otherwise` is the outcome if nobody had to look.
    """

    outcome: Outcome
    otherwise: Outcome
    message: str
    repairs: tuple[str, ...]
    notes: tuple[str, ...]
    holds: tuple[str, ...]


def refuse_untrustworthy(tally: Tally, reader: Reader) -> None:
    """Raises FileStopped for what only the whole file shows: that none of its dates or references can be trusted."""
    if _is_more_than_slips(reader.swapped, tally):
        raise stop("day_month_mixed", count=reader.swapped)
    lost = tally.failures[SPREADSHEET_RULE]
    if _is_more_than_slips(lost, tally):
        raise stop("digits_lost", count=lost)


def verdict_on(
    lines: LineAccount, tally: Tally, reader: Reader, header: Header, decoder: Decoder, concerns: Sequence[Concern]
) -> Verdict:
    """The verdict on a file that was read to its end."""
    repairs = (*decoder.notes, *header.notes, *_repairs(tally, reader))
    notes = tuple(_notes(tally))
    holds = (*header.holds, *decoder.holds, *_holds(lines, tally, reader), *(one.says for one in concerns))
    said = [words.opening(lines, holds)]
    said.extend([words.set_aside(tally)] if tally.set_aside else [])
    said.extend([words.kept_back(tally)] if lines.quarantined else [])
    otherwise = _outcome(lines, repairs)
    outcome = Outcome.HOLD if holds else otherwise
    return Verdict(outcome, otherwise, " ".join([*said, *repairs, *notes]), repairs, notes, holds)


def _outcome(lines: LineAccount, repairs: Sequence[str]) -> Outcome:
    if lines.quarantined:
        return Outcome.ROWQ
    return Outcome.NORMALISE if repairs else Outcome.ACCEPT


def _repairs(tally: Tally, reader: Reader) -> list[str]:
    """What was mended, each in a sentence: with any, the outcome is at least NORMALISE."""
    said = []
    if tally.endings.kinds > 1:
        said.append(say("line_endings"))
    if tally.blank > LIMITS.many_blank:
        said.append(say("blank_lines", count=tally.blank))
    if nothings := tally.null_spellings + reader.code_nothings:
        said.append(say("nothings", count=nothings))
    said.extend(_time_repairs(reader))
    said.extend(_postcode_repairs(reader.postcodes.counts))
    if tally.ambiguous:
        said.append(say("ambiguous", count=tally.ambiguous))
    return said


def _time_repairs(reader: Reader) -> list[str]:
    said = [say(name, count=count) for repair, name in _TIME_REPAIRS if (count := reader.repairs[repair])]
    mixed = [name for name, used in sorted(reader.formats_used.items()) if len(used) > 1]
    return [*said, *(say("formats", column=name) for name in mixed)]


def _postcode_repairs(counts: Mapping[str, int]) -> list[str]:
    return [say(name, count=count) for repair, name in _POSTCODE_REPAIRS if (count := counts.get(repair, 0))]


def _notes(tally: Tally) -> list[str]:
    """What a reader of the numbers should know, though nothing was mended."""
    said = [words.figures(tally)] if tally.figures else []
    if tally.default_times:
        said.append(say("default_times", count=tally.default_times, timed=tally.timed))
    if tally.formula_like:
        said.append(say("formulas", count=tally.formula_like))
    if tally.early_together:
        said.append(say("early_together", count=tally.early_together))
    if tally.repeated:
        said.append(say("repeated", count=tally.repeated))
    return said


def _holds(lines: LineAccount, tally: Tally, reader: Reader) -> list[str]:
    """Why a person must look first."""
    said = []
    if lines.records == 0:
        said.append(say("no_rows"))
    if _is_more_than_slips(reader.two_digit, tally):
        said.append(say("two_digit_years", count=reader.two_digit))
    if tally.timed >= LIMITS.enough and tally.default_times >= LIMITS.nearly_all * tally.timed:
        said.append(say("all_midnight", count=tally.default_times, timed=tally.timed))
    said.extend(_about_people(tally, reader.supplier.agreed))
    if tally.records >= LIMITS.enough and tally.long_past * 2 > tally.records:
        said.append(say("long_past", count=tally.long_past, rows=lines.records))
    return said


def _about_people(tally: Tally, agreed: Agreed) -> list[str]:
    """What is told of people that nobody agreed to; whatever it is, none of it reaches the warehouse."""
    said = []
    if tally.told_details and tally.told_details >= LIMITS.slips * tally.records and not agreed.details_in_text:
        said.append(say("details_in_text", count=tally.told_details))
    if tally.named_victims and not agreed.names_with_sexual_offences:
        said.append(say("named_victims", count=tally.named_victims))
    return said


def _is_more_than_slips(count: int, tally: Tally) -> bool:
    return count >= max(LIMITS.a_few, LIMITS.slips * tally.records)
