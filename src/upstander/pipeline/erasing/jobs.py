"""What the process that looks through raw files is asked, and what it answers.

It gets one file's key at a time, like the process that reads deliveries, and the same bounds on memory and time. Names
travel through its pipes only.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from upstander.intake.mentions import Mentions
from upstander.pipeline.reading import JobProcess, Quarantine

FIND, TELL, REWRITE = "find", "tell", "rewrite"


@dataclass(frozen=True)
class FindJob:
    """One pass over one raw file; plain text only, so that it travels as JSON on standard input.

    `do` is find (frames of traces come back), tell (how the people on `lines` are written) or rewrite (frames of the
    file's new bytes). `suppliers` are the maps to try, in order; the first that reads the file to its end counts.
    `keys` are erasure keys in hexadecimal, by kind; person_ref takes the supplier's name after a bar.
    """

    do: str
    source: str
    data_key: str
    raw_bytes: int
    suppliers: tuple[str, ...]
    supplier_folders: tuple[str, ...]
    keys: dict[str, str]
    lines: tuple[int, ...] = ()
    mentions: dict[str, list[Any]] | None = None
    parent: int = 0


@dataclass(frozen=True)
class FindAnswer:
    """What came of a job.

    `read_by` is the map that read the file to its end, empty where none did. `is_opaque`: no text could be made out,
    as in a PDF. `mentions` answers tell; the others answer rewrite: lines left empty, those among them found by their
    text, and records whose text was written over.
    """

    read_by: str = ""
    is_opaque: bool = False
    mentions: dict[str, list[Any]] | None = None
    emptied: int = 0
    by_text: tuple[int, ...] = ()
    changed: dict[int, str] | None = None


FindRunner = Callable[[FindJob, Quarantine], FindAnswer]


class FindingProcess(JobProcess[FindJob, FindAnswer]):
    """A process that looks through one raw file after another."""

    def __init__(self) -> None:
        super().__init__("upstander.pipeline.erasing.child", answer_of)


def answer_of(content: bytes) -> FindAnswer:
    """The answer that a last frame holds."""
    plain = json.loads(content)
    changed = {int(line): text for line, text in (plain.pop("changed") or {}).items()}
    return FindAnswer(**plain | {"changed": changed, "by_text": tuple(plain["by_text"])})


def plain_mentions(mentions: Mentions) -> dict[str, list[Any]]:
    """Mentions as they travel."""
    return {
        "names": [list(pair) for pair in sorted(mentions.names)],
        "numbers": sorted(mentions.numbers),
        "references": sorted(mentions.references),
    }


def mentions_of(plain: dict[str, list[Any]] | None) -> Mentions:
    """Mentions as they came."""
    plain = plain or {"names": [], "numbers": [], "references": []}
    names = frozenset((forename, surname) for forename, surname in plain["names"])
    return Mentions(names, frozenset(plain["numbers"]), frozenset(plain["references"]))
