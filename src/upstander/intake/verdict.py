"""What a whole file adds up to: its outcome, and the sentences its sender and the steward read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from upstander.contracts.profiles import Concern
from upstander.contracts.readings import LineAccount, Outcome
from upstander.intake import words
from upstander.intake.errors import FileStopped
from upstander.intake.header import Header
from upstander.intake.rules import SPREADSHEET_RULE
from upstander.intake.sources import Decoder
from upstander.intake.tally import Tally
from upstander.intake.typed import Reader
from upstander.intake.words import counted

_MANY_BLANK = 100
_A_FEW = 3
_SHARE = 0.01
_ENOUGH = 10
_NEARLY_ALL = 0.9


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
        raise FileStopped(
            Outcome.FILEQ,
            f"Nothing was loaded. {reader.swapped:,} dates read only with day and month the other way round, so no "
            "date in the file can be trusted: day/month or month/day? Please export again with one order.",
            rule="day/month mixed",
        )
    lost = tally.failures[SPREADSHEET_RULE]
    if _is_more_than_slips(lost, tally):
        raise FileStopped(
            Outcome.FILEQ,
            f"Nothing was loaded. {lost:,} reference numbers have been rounded by a spreadsheet (such as 1.70E+12). "
            "Please export again without opening the file in one.",
            rule=SPREADSHEET_RULE,
        )


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
        said.append("Lines end in more than one way; every line ending was read as one.")
    if tally.blank > _MANY_BLANK:
        said.append(f"{counted(tally.blank, 'blank line', 'blank lines')} left out.")
    if nothings := tally.null_spellings + reader.code_nothings:
        said.append(f"{counted(nothings, 'cell says', 'cells say')} in words that the value is missing; read as empty.")
    said.extend(_time_repairs(reader))
    said.extend(_postcode_repairs(reader.postcodes.counts))
    if tally.ambiguous:
        said.append(
            f"{counted(tally.ambiguous, 'time is', 'times are')} ambiguous: in the hour that happens twice when the "
            "clocks go back. Loaded with both readings."
        )
    return said


def _time_repairs(reader: Reader) -> list[str]:
    said = []
    if count := reader.repairs["24:00"]:
        said.append(f"{counted(count, 'time is', 'times are')} written 24:00; read as 00:00 of the next day.")
    if count := reader.repairs["offset"]:
        said.append(f"{counted(count, 'time states', 'times state')} an offset from UTC; brought to the wall clock.")
    if count := reader.repairs["serial"]:
        said.append(f"{counted(count, 'date is', 'dates are')} a spreadsheet serial number; read as the day meant.")
    said.extend(
        f"The dates of {name} come in more than one agreed format; each was read by its own."
        for name, used in sorted(reader.formats_used.items())
        if len(used) > 1
    )
    return said


def _postcode_repairs(counts: Mapping[str, int]) -> list[str]:
    said = []
    if count := counts.get("repaired", 0):
        said.append(f"{counted(count, 'postcode was', 'postcodes were')} brought to the one spelling possible.")
    if count := counts.get("partial", 0):
        said.append(f"{counted(count, 'postcode is', 'postcodes are')} partial: a set of areas, never a point.")
    if count := counts.get("not one", 0):
        said.append(f"{counted(count, 'postcode cell holds', 'postcode cells hold')} no postcode; read as none.")
    return said


def _notes(tally: Tally) -> list[str]:
    """What a reader of the numbers should know, though nothing was mended."""
    said = [words.figures(tally)] if tally.figures else []
    if tally.default_times:
        said.append(
            f"{tally.default_times:,} of {counted(tally.timed, 'time is', 'times are')} exactly 00:00 or 12:00, "
            "which may stand for a time nobody knew. They were left as sent."
        )
    if tally.formula_like:
        said.append(
            f"{counted(tally.formula_like, 'text starts', 'texts start')} like a formula; it is only text here."
        )
    if tally.repeated:
        said.append(f"{counted(tally.repeated, 'row was', 'rows were')} already held and counted once.")
    return said


def _holds(lines: LineAccount, tally: Tally, reader: Reader) -> list[str]:
    """Why a person must look first."""
    said = []
    if lines.records == 0:
        said.append("There is a header and no rows. If nothing happened, say so; if the extract failed, send it again.")
    if _is_more_than_slips(reader.two_digit, tally):
        said.append(
            f"{reader.two_digit:,} dates have a two-digit year, whose century nobody can tell. Please send four digits."
        )
    if tally.timed >= _ENOUGH and tally.default_times >= _NEARLY_ALL * tally.timed:
        said.append(
            f"{tally.default_times:,} of {tally.timed:,} times are exactly midnight or noon: the extract may have lost "
            "them."
        )
    if tally.records >= _ENOUGH and tally.long_past * 2 > tally.records:
        said.append(f"{tally.long_past:,} of {lines.records:,} rows happened more than 20 years before they were sent.")
    return said


def _is_more_than_slips(count: int, tally: Tally) -> bool:
    return count >= max(_A_FEW, _SHARE * tally.records)
