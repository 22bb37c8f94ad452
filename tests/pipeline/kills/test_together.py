"""Several deliveries at once: one reading each, and nobody who looks meanwhile sees a half."""

import random
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.kills import county
from pipeline.kills.forks import Forks
from pipeline.kills.trial import Trial, faults_at_any_moment, faults_in_the_end


@pytest.fixture
def crowd(template: Trial, tmp_path: Path) -> Trial:
    """July comes in with August and September."""
    others = tuple(county.month_file(tmp_path, month, rows=200 + month) for month in (8, 9))
    return replace(template.copy(tmp_path / "crowd"), others=others)


def watched(forks: Forks, trial: Trial, orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run the orders at once, and look at the home again and again until all have ended."""
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(forks.run, orders)
        while not running.done():
            assert faults_at_any_moment(trial) == []
        return running.result()


def test_the_same_bytes_sent_twice_at_once_are_one_delivery(forks: Forks, crowd: Trial) -> None:
    answers = watched(forks, crowd, [crowd.order(), crowd.order(), crowd.order()])
    assert [answer["exit"] for answer in answers] == [0, 0, 0]
    said = sorted(crowd.acknowledged()[-3:])
    assert said == [f"NOOP {crowd.reading}", f"NOOP {crowd.reading}", f"ROWQ {crowd.reading}"]
    assert faults_in_the_end(crowd) == []


def test_different_files_sent_at_once_all_come_in_once(forks: Forks, crowd: Trial) -> None:
    files = [crowd.sent, *crowd.others]
    answers = watched(forks, crowd, [crowd.order(file=str(one.file)) for one in files])
    assert [answer["exit"] for answer in answers] == [0, 0, 0]
    assert sorted(one.sequence for one in crowd.desk.warehouse.manifests()) == [1, 2, 3, 4]
    assert faults_in_the_end(crowd) == []


def test_one_killed_among_several_leaves_the_others_whole(forks: Forks, crowd: Trial) -> None:
    dice = random.Random(3)
    killed = crowd.order(kill={"step": dice.randrange(8, 20), "after_s": 0.0})
    answers = watched(forks, crowd, [killed, *(crowd.order(file=str(one.file)) for one in crowd.others)])
    assert [answer["signal"] for answer in answers] == [signal.SIGKILL, 0, 0]
    assert [answer["exit"] for answer in answers[1:]] == [0, 0]
    assert forks.one(crowd.order())["exit"] == 0
    assert faults_in_the_end(crowd) == []
