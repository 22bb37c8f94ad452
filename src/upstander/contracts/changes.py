"""The log of changes of recording, as data: from a day on, a source records otherwise, so that its numbers step.

A step that a new form, a new crime code or an audit made is no step of violence. Who knows of one writes it down, and
every figure that it touches says so.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from upstander.contracts.catalogue import ALL
from upstander.contracts.errors import BadChange

_STRICT = {"extra": "forbid"}  # a misspelt part of a file is an error, not a change that says less
_LONGEST = 200


@dataclass(frozen=True)
class RecordingChange:
    """From `day` (local) on, `what` is otherwise in how a supplier of a dataset records; every one, where none is
    named.
    """

    __pydantic_config__ = _STRICT

    dataset: str
    day: date
    what: str
    supplier: str = ""
    entered_by: str = ""

    @property
    def in_words(self) -> str:
        """What a figure says of it."""
        whose = f" ({self.supplier})" if self.supplier else ""
        return f"Recording changed in {self.day:%B %Y}: {self.what.rstrip('.')}{whose}."


def checked_change(change: RecordingChange, *, where: str) -> RecordingChange:
    """The same change, held against the datasets. Raises BadChange."""
    if fault := next(_faults(change), ""):
        raise BadChange(f"{where}: {fault} Nothing was kept.", where=where, found=fault)
    return change


def _faults(change: RecordingChange) -> Iterator[str]:
    if change.dataset not in ALL:
        yield f"There is no dataset '{change.dataset}'."
    if not change.what.strip() or len(change.what) > _LONGEST or "\n" in change.what:
        yield f"Say in one line of up to {_LONGEST} letters what changed."
    if not change.entered_by.strip():
        yield "A change needs the name of who entered it."


def read_changes(folder: Path) -> tuple[RecordingChange, ...]:
    """Every change in a home's `reference/changes`, by dataset and day. Raises BadChange for a file that cannot be
    read.
    """
    found = [_parsed(path) for path in sorted(folder.glob("*.toml"))]
    return tuple(sorted(found, key=lambda one: (one.dataset, one.day, one.supplier, one.what)))


def _parsed(path: Path) -> RecordingChange:
    from pydantic import TypeAdapter, ValidationError

    try:
        change = TypeAdapter(RecordingChange).validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as why:
        raise BadChange(f"{path.name} is not a change of recording: {why}. Nothing was read.", where=path.name) from why
    return checked_change(change, where=path.name)


def change_toml(change: RecordingChange) -> str:
    """A change as a file, which `read_changes` reads back."""
    import tomli_w

    return tomli_w.dumps({
        "dataset": change.dataset, "supplier": change.supplier, "day": change.day, "what": change.what,
        "entered_by": change.entered_by,
    })  # fmt: skip


def changes_of(
    changes: Sequence[RecordingChange], dataset: str, suppliers: Sequence[str]
) -> tuple[RecordingChange, ...]:
    """Those that touch a dataset as these suppliers send it."""
    return tuple(one for one in changes if one.dataset == dataset and one.supplier in ("", *suppliers))
