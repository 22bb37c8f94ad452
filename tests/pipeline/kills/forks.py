"""The forking process, as tests talk to it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

TESTS = Path(__file__).parents[2]


class Forks:
    """Starts the server with a fresh interpreter; `run` gives it orders and waits."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.kills.server"],
            cwd=TESTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, orders: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """What became of these deliveries, which run at the same time."""
        orders_in, answers_out = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        orders_in.write(json.dumps({"deliveries": list(orders)}) + "\n")
        orders_in.flush()
        answers: list[dict[str, Any]] = json.loads(answers_out.readline())
        return answers

    def one(self, order: dict[str, Any]) -> dict[str, Any]:
        """What became of this delivery."""
        return self.run([order])[0]

    def close(self) -> None:
        """End the server, which has no child left between orders."""
        cast("IO[str]", self._process.stdin).close()
        self._process.wait(timeout=30)
        cast("IO[str]", self._process.stdout).close()
