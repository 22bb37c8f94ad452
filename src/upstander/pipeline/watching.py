"""A drop folder, looked at again and again: what has arrived whole is delivered, what is still arriving is left alone.

    drop/<dataset>/<supplier>/file.csv

Nothing in the folder is believed: not a name, not a link, not a file that still grows. A file is delivered once for
each state it is found in; sending it again changes nothing, since the same bytes are already held.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from upstander import contracts
from upstander.contracts.readings import Outcome
from upstander.errors import UpstanderError, WrongUsage
from upstander.intake import DeliveryReport
from upstander.pipeline.arriving import CONTROL_ENDING, is_unfinished
from upstander.pipeline.deliver import deliver
from upstander.pipeline.desk import Desk
from upstander.pipeline.reading import Runner, read_in_child
from upstander.values.system import is_plain_file

_HELD = {Outcome.ACCEPT, Outcome.NORMALISE, Outcome.ROWQ, Outcome.RESTATE, Outcome.NOOP}
State = tuple[int, int]


@dataclass(frozen=True)
class Seen:
    """What became of one thing in a drop folder: a report on it, or why it could not be delivered."""

    path: Path
    report: DeliveryReport | None
    told: str


@dataclass
class DropFolder:
    """One drop folder between two looks at it. `removes`: a file whose bytes are held is taken out of the folder."""

    folder: Path
    removes: bool = False
    _before: dict[Path, State] = field(default_factory=dict)
    _done: dict[Path, State] = field(default_factory=dict)

    def look(self, desk: Desk, *, runner: Runner = read_in_child) -> Iterator[Seen]:
        """Deliver what has not changed since the look before, oldest first. Raises WrongUsage without such a folder."""
        if not self.folder.is_dir() or self.folder.is_symlink():
            raise WrongUsage(f"{self.folder} is no folder.", found=str(self.folder), expected="a drop folder")
        found = {path: _state(path) for path in self._files()}
        settled = [path for path, state in found.items() if self._before.get(path) == state != self._done.get(path)]
        self._before = found
        for path in sorted(settled, key=lambda path: (found[path][1], path)):
            self._done[path] = found[path]
            yield self._deliver(desk, path, runner)

    def _files(self) -> Iterator[Path]:
        """Everything that may be a delivery. Unfinished files wait for their own name, control files for theirs."""
        for path in sorted(self.folder.glob("*/*/*")):
            if not is_unfinished(path) and not path.name.endswith(CONTROL_ENDING):
                yield path

    def _deliver(self, desk: Desk, path: Path, runner: Runner) -> Seen:
        dataset, supplier = path.parent.parent.name, path.parent.name
        if dataset not in contracts.ALL:
            return Seen(path, None, f"{dataset} is no dataset; `upstander contract list` names them.")
        try:
            report = deliver(desk, path, dataset=dataset, supplier=supplier, runner=runner)
        except UpstanderError as why:
            if why.exit_code == UpstanderError.exit_code:
                raise
            return Seen(path, None, why.message)
        if self.removes and report.result.outcome in _HELD and is_plain_file(path):
            path.unlink()
        return Seen(path, report, report.result.message)


def _state(path: Path) -> State:
    """Size and time of change of what lies at a path itself; a link is not followed."""
    try:
        told = path.lstat()
    except OSError:  # gone since it was listed
        return -1, -1
    return told.st_size, told.st_mtime_ns
