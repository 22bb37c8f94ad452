"""The doctor ends what a crash left, and says what it found."""

from pathlib import Path

import pytest

from pipeline.kills.county import DATASET
from pipeline.kills.forks import Forks
from pipeline.kills.trial import Trial, phase
from upstander.pipeline.doctor import examine

HALF_MADE = (f"warehouse/{DATASET}/{'a' * 20}/part-0000.parquet", "vault/raw/.delivery.0.tmp",
             "locks/0.arrow", f"held/.{'b' * 20}.building/facts.sealed")  # fmt: skip


@pytest.fixture
def stopped_before_the_outcome(forks: Forks, template: Trial, tmp_path: Path) -> Trial:
    """A delivery killed between the reading's beginning and the outcome in the audit log."""
    steps = forks.one(template.copy(tmp_path / "rehearsal").order())["steps"]
    named = next(number for number, step in enumerate(steps) if step.get("to", "").endswith("manifest.json"))
    for number in range(20):
        trial = template.copy(tmp_path / str(number))
        forks.one(trial.order(kill={"step": named + 1, "after_s": 0.0}))
        if phase(trial) == "reading exists":
            return trial
    raise AssertionError("20 kills never fell between the manifest and the outcome")


def states(trial: Trial) -> dict[str, set[str]]:
    """What the doctor said of each thing."""
    told: dict[str, set[str]] = {}
    for finding in examine(trial.desk):
        told.setdefault(finding.what, set()).add(finding.state)
    return told


def test_an_intent_whose_reading_exists_gets_its_outcome(stopped_before_the_outcome: Trial) -> None:
    trial = stopped_before_the_outcome
    assert states(trial)["audit log"] == {"fine", "mended"}
    answers = [one.event.answer for one in trial.desk.audit.entries() if one.event.action == f"load {trial.reading}"]
    assert answers == ["intent", "done"]
    assert states(trial)["audit log"] == {"fine"}


def test_a_damaged_reading_with_an_open_intent_is_named_not_stumbled_over(stopped_before_the_outcome: Trial) -> None:
    trial = stopped_before_the_outcome
    (trial.home / "warehouse" / DATASET / trial.reading / "part-0000.parquet").write_bytes(b"cut")
    found = states(trial)
    assert (found["readings"], found["retention"]) == ({"wrong"}, {"wrong"})


def test_what_a_crash_left_half_made_is_removed(template: Trial, tmp_path: Path) -> None:
    trial = template.copy(tmp_path / "trial")
    for name in HALF_MADE:
        (trial.home / name).parent.mkdir(parents=True, exist_ok=True)
        (trial.home / name).write_bytes(b"half")
    told = states(trial)
    assert [what for what in ("warehouse", "vault", "home") if told[what] == {"mended"}] == [
        "warehouse",
        "vault",
        "home",
    ]
    assert [name for name in HALF_MADE if (trial.home / name).exists()] == []
    assert states(trial)["home"] == {"fine"}
