"""Outputs called back: by a person, or because what they rest on was withdrawn. The ledger says so, for good."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from upstander.errors import WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.pipeline.home import Home
from upstander.pipeline.outputs import append_ledger, ledger_lines, output_values

RECALL = "recall"
RELEASE = "release"
Name = tuple[str, str]


@dataclass(frozen=True)
class Standing:
    """One numbered output: `state` is standing, expired or recalled; `why` is the reason of a recall."""

    kind: str
    number: str
    edition: str
    made: str
    expires: date
    recipients: tuple[str, ...]
    state: str
    why: str


def recalled(home: Home) -> dict[Name, str]:
    """(kind, number) of everything called back, with the reason. A release's number is quarter/edition."""
    lines = (line for line in ledger_lines(home) if line["kind"] == RECALL)
    return {(line["recalls"]["kind"], line["recalls"]["number"]): line["why"] for line in lines}


def standings(home: Home, today: date) -> list[Standing]:
    """Every numbered output, release and copy of one in the ledger, oldest first."""
    gone = recalled(home)
    return [_standing(line, gone, today) for line in ledger_lines(home) if name_of(line)]


def recall(desk: Desk, kind: str, number: str) -> Standing:
    """Call an output back, for the reason the person at the desk gives; a second time changes nothing.

    Raises WrongUsage where there is none of that number, or no reason.
    """
    if not desk.who.why.strip():
        raise WrongUsage("A recall needs a reason.", expected="--why TEXT")
    found = {(one.kind, one.number): one for one in standings(desk.home, desk.now().date())}
    wanted = (kind, number if kind == RELEASE else f"{int(number):04d}" if number.isdecimal() else number)
    if wanted not in found:
        raise WrongUsage(
            f"No {kind} has the number {number}.", found=number,
            expected=", ".join(name for of_kind, name in found if of_kind == kind) or "`upstander output list`",
        )  # fmt: skip
    _enter(desk, wanted, desk.who.why)
    return next(one for one in standings(desk.home, desk.now().date()) if (one.kind, one.number) == wanted)


def resting_on(home: Home, agreement: str, schedules: Collection[str]) -> list[Name]:
    """Every output that was made under these schedules of an agreement and is not called back; oldest first."""
    gone = recalled(home)
    return [
        name
        for line in ledger_lines(home)
        if (name := (line["kind"], name_of(line)))[1]
        and name not in gone
        and any(
            rule.endswith(f"({agreement})") and rule.partition(",")[0] in schedules for rule in _rules_of(home, line)
        )
    ]


def recall_resting_on(desk: Desk, agreement: str, schedules: Collection[str], why: str) -> list[Name]:
    """Call back every standing output that was made under these schedules of an agreement; their names."""
    found = resting_on(desk.home, agreement, schedules)
    for name in found:
        _enter(desk, name, why)
    return found


def _enter(desk: Desk, name: Name, why: str) -> None:
    if name in recalled(desk.home):
        return
    kind, number = name
    note(desk, action="recall", answer="done", dataset="", about=f"{kind} {number}")
    append_ledger(desk.home, {
        "kind": RECALL, "number": None, "recalls": {"kind": kind, "number": number}, "why": why,
        "person": desk.who.person, "made": desk.now().isoformat(timespec="seconds"),
    })  # fmt: skip


def _standing(line: dict[str, Any], gone: dict[Name, str], today: date) -> Standing:
    kind, number, expires = line["kind"], name_of(line), date.fromisoformat(line["expires"])
    state = "recalled" if (kind, number) in gone else "expired" if expires <= today else "standing"
    return Standing(
        kind, number, line["edition"], line["made"], expires, tuple(line["recipients"]), state,
        gone.get((kind, number), ""),
    )  # fmt: skip


def name_of(line: Mapping[str, Any]) -> str:
    """What a release, a copy or another output is called; empty for a table on a screen and for what is no output."""
    shown = line.get("shown", {})
    if line["kind"] == RELEASE:
        return str(shown["release"])
    return f"{line['number']:04d}" if line.get("number") else str(shown.get("number", ""))


def _rules_of(home: Home, line: dict[str, Any]) -> list[str]:
    """The rules of an output, as `schedule, edition (agreement)`."""
    if "shown" in line:
        return list(line["shown"].get("rules", ()))
    return list(output_values(home, line["kind"], int(line["number"] or 0)).get("rules", ()))
