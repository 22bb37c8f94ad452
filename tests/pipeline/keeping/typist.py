"""A process that has imported the command and computed nothing: it forks a child that types, and may kill it.

    python -m pipeline.keeping.typist      one JSON order a line on standard input, one JSON answer a line

An order is {words, env, kill_after_s, trace}; `kill_after_s` is null or seconds after the fork; `trace` is null or
{calls, log, inject}, see pipeline.kills.server. The answer is {signal, exit, seconds, said}.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

TESTS = Path(__file__).parents[2]


class Typist:
    """Starts the server with a fresh interpreter; `types` gives it an order and waits."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.keeping.typist"], cwd=TESTS, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def types(
        self, words: Sequence[object], env: dict[str, str], *, kill_after_s: float | None = None, trace: Any = None
    ) -> dict[str, Any]:
        """Type `upstander words…` in a child; what became of it."""
        order = {"words": [str(word) for word in words], "env": env, "kill_after_s": kill_after_s, "trace": trace}
        orders_in, answers_out = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        orders_in.write(json.dumps(order) + "\n")
        orders_in.flush()
        answer: dict[str, Any] = json.loads(answers_out.readline())
        return answer

    def close(self) -> None:
        """End the server, which has no child left between orders."""
        cast("IO[str]", self._process.stdin).close()
        self._process.wait(timeout=30)
        cast("IO[str]", self._process.stdout).close()


def main() -> None:
    from pipeline.kills.server import _trace  # brings in all that a command needs, and starts no thread
    from upstander.pipeline.keeping import epochs, rotating  # noqa: F401 - a child must not pay for them
    from upstander.web.store import configure

    configure()
    for late in ("cli", "web.agreements.register", "web.audit.log", "web.deliveries.index"):
        importlib.import_module(f"upstander.{late}")

    for line in sys.stdin:
        order = json.loads(line)
        sys.stdout.write(json.dumps(_typed(order, _trace)) + "\n")
        sys.stdout.flush()


def _typed(order: dict[str, Any], trace: Any) -> dict[str, Any]:
    heard, said = os.pipe()
    held, released = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(heard)
        os.close(released)
        os.read(held, 1)
        _type(order, said)
    os.close(said)
    os.close(held)
    if order["trace"]:
        trace(pid, **order["trace"])
    begun = time.monotonic()
    os.close(released)
    if order["kill_after_s"] is not None:
        time.sleep(order["kill_after_s"])
        os.kill(pid, signal.SIGKILL)  # not reaped yet, so the id is still this child's
    told = b"".join(iter(lambda: os.read(heard, 1 << 16), b""))
    _, status = os.waitpid(pid, 0)
    os.close(heard)
    seconds = time.monotonic() - begun
    signalled = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    code = 0 if signalled else os.WEXITSTATUS(status)
    return {"signal": signalled, "exit": code, "seconds": seconds, "said": told.decode("utf-8", "replace")}


def _type(order: dict[str, Any], said: int) -> None:
    """Type the command, then end the process."""
    code: object = 1
    try:
        os.dup2(said, 1)
        os.dup2(said, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.update(order["env"])
        sys.argv = ["upstander", *order["words"]]
        from upstander import cli

        cli.main()
        code = 0
    except SystemExit as end:
        code = 0 if end.code is None else end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    main()
