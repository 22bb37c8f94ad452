"""One county of one year for every test here: making it takes a few seconds, reading it none."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from upstander.synthetic import Summary, Truth, make, read_truth

ENDS = date(2026, 8, 1)


@dataclass(frozen=True)
class County:
    folder: Path
    summary: Summary
    truth: Truth


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> County:
    folder = tmp_path_factory.mktemp("brackenshire")
    summary = make(folder, years=1, seed=7, ends=ENDS)
    return County(folder, summary, read_truth(folder))
