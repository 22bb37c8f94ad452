"""What every test session shares: how long loops are, what a skip means, and the closing sentence that says both."""

import json
import os
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from shared_data import SHARED

STRICT = os.environ.get("UPSTANDER_STRICT") == "1"
PROVE = os.environ.get("UPSTANDER_PROVE") == "1"
PROOF = Path(__file__).parents[1] / ".make" / "proof"

# No deadline: a busy machine is not a defect. `make test` draws the same examples each time, `make prove` by seed.
_COMMON = {"deadline": None, "suppress_health_check": (HealthCheck.too_slow,)}
settings.register_profile("test", derandomize=True, max_examples=60, **_COMMON)
settings.register_profile("prove", max_examples=1_000, print_blob=True, **_COMMON)
settings.load_profile("prove" if PROVE else "test")

Record = Callable[..., None]


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Record:
    """Record a figure for docs/proof.md: `proof("kills survived", figure=200, goal="200 of 200", seed=7)`.

    Only `make prove` keeps it. Assert the goal in the test as well: the page states, the test holds.
    """

    def record(name: str, *, figure: object, goal: str, seed: int | None = None) -> None:
        if not PROVE:
            return
        line = {"name": name, "figure": str(figure), "goal": goal, "seed": seed, "test": request.node.nodeid}
        PROOF.mkdir(parents=True, exist_ok=True)
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        with (PROOF / f"{worker}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    return record


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped oracle into a failure where the published results are here and the run is strict."""
    report = yield
    if report.skipped and _must_not_skip(item):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, though {SHARED.name}/ is here and this run is strict"
    return report


def _must_not_skip(item: pytest.Item) -> bool:
    return STRICT and SHARED.is_dir() and item.get_closest_marker("oracle") is not None


class Closing:
    """Counts what was left for `make prove`, across workers, and writes the closing sentence."""

    def __init__(self) -> None:
        self.left = 0

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self.left += len(items)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        workeroutput = getattr(session.config, "workeroutput", None)
        if workeroutput is not None:
            workeroutput["left"] = self.left

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        # Every worker collects everything, so each reports the same number.
        self.left = max(self.left, getattr(node, "workeroutput", {}).get("left", 0))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.ensure_newline()
        terminalreporter.write_line(closing_sentence(terminalreporter.stats, self.left))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Closing(), "upstander-closing")


def closing_sentence(stats: dict[str, list[Any]], left: int) -> str:
    """How many tests ran, how many did not, and why: `ran 12, skipped 3, because: no browser here (3)`."""
    ran = sum(len(stats.get(outcome, ())) for outcome in ("passed", "failed", "xfailed", "xpassed"))
    reasons = Counter(_reason(report) for report in stats.get("skipped", ()))
    if left:
        reasons["left for `make prove`, or not asked for"] = left
    because = "; ".join(f"{reason} ({count})" for reason, count in sorted(reasons.items()))
    return f"ran {ran}, skipped {reasons.total()}" + (f", because: {because}" if because else "")


def _reason(report: pytest.TestReport) -> str:
    found = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return found.removeprefix("Skipped: ")
