"""One person's answer to a waiting phrase: an alias for good, and the deliveries that say it read again."""

from dataclasses import dataclass

from upstander.contracts.codes import taxonomy
from upstander.errors import WrongUsage
from upstander.intake import DeliveryReport
from upstander.pipeline.deliver import reread
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.pipeline.reading import Runner, read_in_child
from upstander.pipeline.settling.waiting import WaitingPhrase, found_phrase
from upstander.places import add_alias, open_reference
from upstander.values.durable import locked


@dataclass(frozen=True)
class Answer:
    """What a phrase means: an entry of the gazetteer (its id), a class of place, or nowhere that can be told.

    `everywhere`: at every site, and not only where it was said.
    """

    entry: str = ""
    place_class: str = ""
    nowhere: bool = False
    everywhere: bool = False

    @property
    def becomes(self) -> tuple[str, str]:
        """What the alias becomes, and its target. Raises WrongUsage unless just one is said."""
        said = [("entry", self.entry)] * bool(self.entry) + [("class", self.place_class)] * bool(self.place_class)
        said += [("nowhere", "")] * self.nowhere
        if len(said) != 1:
            raise WrongUsage(
                "A phrase is settled as one thing.", found=f"{len(said)} answers",
                expected="--entry ID, --class CLASS or --nowhere",
            )  # fmt: skip
        return said[0]


def settle(desk: Desk, asked: str, answer: Answer, *, runner: Runner = read_in_child) -> list[DeliveryReport]:
    """Make the answer an alias, then read again every delivery that says the phrase; their reports.

    The intent is in the audit log before the alias is held. Killed in between, the same command finds the phrase still
    waiting, holds the same alias (or finds it held) and goes on. Raises WrongUsage for a phrase that does not wait,
    for an answer that is none, and where nobody says why.
    """
    if not desk.who.why.strip():
        raise WrongUsage("Settling a phrase needs a reason.", expected="--why TEXT")
    becomes, target = answer.becomes
    phrase = found_phrase(desk, asked)
    _is_there(desk, phrase, becomes, target)
    note(desk, action="places settle", answer="intent", dataset="", about=phrase.id)
    with locked(desk.home.root / "locks" / "settling", patience_s=60):
        _hold_alias(desk, phrase, becomes, target, everywhere=answer.everywhere)
    reports = [reread(desk, delivery, runner=runner) for delivery in phrase.deliveries]
    note(desk, action="places settle", answer="done", dataset="", about=phrase.id, rows=phrase.rows)
    return reports


def _is_there(desk: Desk, phrase: WaitingPhrase, becomes: str, target: str) -> None:
    """Raise WrongUsage for an entry that no gazetteer has, or a class that there is not."""
    classes = tuple(taxonomy("place_class").classes)
    if becomes == "class" and target not in classes:
        raise WrongUsage(f"There is no class of place '{target}'.", found=target, expected=", ".join(classes))
    known = {one.id for one in phrase.candidates}
    if becomes == "entry" and target not in known and not open_reference(desk.home.reference).has_entry(target):
        raise WrongUsage(
            f"There is no entry {target} in the gazetteers held.", found=target,
            expected="an id that `upstander places locate` shows",
        )  # fmt: skip


def _hold_alias(desk: Desk, phrase: WaitingPhrase, becomes: str, target: str, *, everywhere: bool) -> None:
    add_alias(
        desk.home.reference,
        phrase=phrase.phrase,
        site="" if everywhere else phrase.site,
        becomes=becomes,
        target=target,
        since=desk.now().date(),
    )
