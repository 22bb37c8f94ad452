"""Kill deliveries at drawn moments, run each again, and say what was found."""

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.kills.forks import Forks
from pipeline.kills.moments import Moment, drawn, usual_gaps
from pipeline.kills.trial import PHASES, Trial, faults_at_any_moment, faults_in_the_end, phase

_REHEARSALS = 3


@dataclass
class Account:
    """How many deliveries were killed, in which phase, and what was wrong after which moment."""

    phases: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        return self.phases.total()

    def histogram(self) -> str:
        """One line a phase, in order."""
        return "\n".join(f"{self.phases[name]:5d}  {name}" for name in PHASES)


def rehearsed(forks: Forks, template: Trial, folder: Path, mutant: str = "", *, times: int) -> list[float]:
    """Seconds between the steps of a delivery that nobody disturbs. Of a whole build it must be right."""
    runs = []
    for number in range(times):
        trial = template.copy(folder / f"rehearsal-{number}")
        runs.append(forks.one(trial.order(mutant=mutant))["steps"])
        assert mutant or faults_in_the_end(trial) == []
    return usual_gaps(runs)


def kill_often(forks: Forks, template: Trial, folder: Path, *, kills: int, seed: int, mutant: str = "") -> Account:
    """`kills` deliveries killed at drawn moments, each on a home of its own, and run again without a person.

    A mutant is killed until it is caught.
    """
    dice = random.Random(seed)
    gaps = rehearsed(forks, template, folder, mutant, times=_REHEARSALS)
    # A delivery that ended before its moment came is not a kill, so more may be drawn than are wanted.
    moments = (drawn(dice, gaps) for _ in range(2 * kills))
    return _account(forks, template, folder, moments, kills=kills, mutant=mutant)


def kill_at_every_step(forks: Forks, template: Trial, folder: Path, *, mutant: str = "") -> Account:
    """One delivery killed at each step in which files change, last step first. A mutant only until it is caught."""
    steps = len(rehearsed(forks, template, folder, mutant, times=1))
    moments = (Moment(step, 0.0) for step in reversed(range(steps)))
    return _account(forks, template, folder, moments, kills=steps, mutant=mutant)


def _account(
    forks: Forks, template: Trial, folder: Path, moments: Iterator[Moment], *, kills: int, mutant: str
) -> Account:
    account = Account()
    for number, moment in enumerate(moments):
        trial = template.copy(folder / str(number))
        reached, faults = _killed_and_run_again(forks, trial, moment, mutant)
        if reached:
            account.phases[reached] += 1
        account.faults += [f"{moment} ({reached or 'not killed'}): {fault}" for fault in faults]
        shutil.rmtree(trial.folder)
        if account.kills == kills or (mutant and account.faults):
            break
    return account


def _killed_and_run_again(forks: Forks, trial: Trial, moment: Moment, mutant: str) -> tuple[str, list[str]]:
    """The phase in which the delivery was killed (empty if it was not), and all that was wrong then or later."""
    answer = forks.one(trial.order(mutant=mutant, kill={"step": moment.step, "after_s": moment.after_s}))
    reached = phase(trial) if answer["signal"] else ""
    faults = faults_at_any_moment(trial)
    for expected in ({"ROWQ", "NOOP"}, {"NOOP"}):
        again = forks.one(trial.order(mutant=mutant))
        outcome = trial.acknowledged()[-1].split()[0] if again["exit"] == 0 else f"exit {again['exit']}"
        if outcome not in expected:
            faults.append(f"run again: {outcome}, not {' or '.join(sorted(expected))}")
    return reached, faults + (faults_at_any_moment(trial) if faults else faults_in_the_end(trial))
