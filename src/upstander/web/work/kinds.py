"""The kinds of work there are. Each part of the site registers its own when its addresses are loaded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from upstander.contracts.asking import Purpose
from upstander.errors import WrongUsage
from upstander.web.accounts.permissions import Permission

if TYPE_CHECKING:
    from upstander.pipeline.desk import Desk

Progress = Callable[[float, str], None]


class Cancelled(Exception):
    """Raised by `progress` where somebody asked for the job to stop. Let it rise: nothing half done may be kept."""


@dataclass(frozen=True)
class Done:
    """What a job ends with: a sentence, and the address of its result on this site."""

    message: str
    url: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of work.

    `title` may name arguments in braces. `needs`: whoever asks must have it when they ask and when the job starts.
    `run` gets the desk of whoever asked, the arguments, and `progress(share from 0 to 1, words)`, to be called between
    steps, a few times a second at most. It may be run again after a worker died, so twice must be as good as once.
    `tidy` is called once the job has ended in any way, with what it was given; it may be called twice too.
    """

    name: str
    title: str
    needs: Permission
    run: "Callable[[Desk, Mapping[str, str], Progress], Done]"
    purpose: Purpose = Purpose.STEWARDSHIP
    tidy: "Callable[[Desk, Mapping[str, str]], None] | None" = None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """There is this kind of work. The last to register a name is the one that counts."""
    _kinds[kind.name] = kind


def kind_named(name: str) -> Kind:
    """The kind of that name. Raises WrongUsage: this version of Upstander does not know it."""
    if name not in _kinds:
        raise WrongUsage(
            f"There is no work called '{name}'.", where="work", found=name, expected=", ".join(_kinds),
            state="Nothing was begun.",
        )  # fmt: skip
    return _kinds[name]


def title_of(name: str, arguments: Mapping[str, str]) -> str:
    """What a job is called on a page; its plain name where nobody knows the kind, or an argument, any more."""
    try:
        return _kinds[name].title.format_map(arguments)
    except (KeyError, IndexError, ValueError):
        return name
