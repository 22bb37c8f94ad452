"""A process that has imported everything and computed nothing: it forks a child for each delivery, and kills some.

    python -m pipeline.kills.server        one JSON order a line on standard input, one JSON answer a line

The engines' thread pools do not survive a fork, so this process must not have started one; each child starts its own.
An order is {"deliveries": [{home, file, supplier, said, mutant, runner, kill, trace}…]}; all are forked at once and
waited for. `kill` is null or {step, after_s}: SIGKILL `after_s` seconds after the child told that step; -1 is the fork.
`trace` is null or {calls, log, inject}: the system tracer holds the child before it begins, and meets its calls.
The answer is a list of {"signal": … or 0, "exit": …, "steps": […]}.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy.ma  # noqa: F401 - imported late by what a delivery calls; a child must not pay for it
import pyarrow.compute  # noqa: F401 - the same
from django.db.migrations.loader import MigrationLoader

from pipeline.kills import county, mutants, steps
from upstander.errors import UpstanderError
from upstander.pipeline.child import run_job
from upstander.pipeline.deliver import deliver
from upstander.pipeline.reading import ReadingProcess, read_in_child
from upstander.web.store import configure

configure()  # half a second, most of what a delivery took: a child must not pay for it either
MigrationLoader(None)  # brings in every migration; no database is asked


@dataclass
class _Child:
    """A forked delivery, the pipe that tells its steps, and when it has to die."""

    pid: int
    pipe: int
    kill: dict[str, Any] | None
    told: bytearray = field(default_factory=bytearray)
    dies_at: float | None = None
    is_open: bool = True

    def listen(self) -> None:
        content = os.read(self.pipe, 1 << 16)
        self.is_open = bool(content)
        self.told += content
        self.set_clock()

    def set_clock(self) -> None:
        if self.kill and self.dies_at is None and self.told.count(b"\n") > self.kill["step"]:
            self.dies_at = time.monotonic() + self.kill["after_s"]

    def kill_if_due(self) -> None:
        if self.dies_at is not None and time.monotonic() >= self.dies_at:
            os.kill(self.pid, signal.SIGKILL)  # not reaped yet, so the id is still this child's
            self.kill, self.dies_at = None, None

    def answer(self) -> dict[str, Any]:
        _, status = os.waitpid(self.pid, 0)
        os.close(self.pipe)
        steps = [json.loads(line) for line in bytes(self.told).split(b"\n")[:-1]]
        signalled = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        return {"signal": signalled, "exit": 0 if signalled else os.WEXITSTATUS(status), "steps": steps}


class _ToldProcess(ReadingProcess):
    """The real reading process; its id is written down, so that a test can see it go. It may be stopped at birth."""

    def __init__(self, said: Path, *, is_stopped: bool = False) -> None:
        super().__init__()
        self._said, self._is_stopped = said, is_stopped

    def _started(self) -> Any:
        child = super()._started()
        if self._is_stopped:
            child.send_signal(signal.SIGSTOP)
        self._said.with_suffix(".reader").write_text(str(child.pid), "utf-8")
        return child


def main() -> None:
    for line in sys.stdin:
        answers = _all([_forked(order) for order in json.loads(line)["deliveries"]])
        sys.stdout.write(json.dumps(answers) + "\n")
        sys.stdout.flush()


def _all(children: list[_Child]) -> list[dict[str, Any]]:
    while waiting := [child for child in children if child.is_open]:
        due = min((child.dies_at for child in waiting if child.dies_at is not None), default=None)
        patience = None if due is None else max(0.0, due - time.monotonic())
        ready, _, _ = select.select([child.pipe for child in waiting], [], [], patience)
        for child in waiting:
            if child.pipe in ready:
                child.listen()
            child.kill_if_due()
    return [child.answer() for child in children]


def _forked(order: dict[str, Any]) -> _Child:
    listening, telling = os.pipe()
    held, released = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(listening)
        os.close(released)
        os.read(held, 1)
        _work(order, telling)
    os.close(telling)
    os.close(held)
    if order["trace"]:
        _trace(pid, **order["trace"])
    os.close(released)
    child = _Child(pid, listening, order["kill"])
    child.set_clock()
    return child


def _trace(pid: int, *, calls: str, log: str, inject: str) -> None:
    """Put the tracer on a child that waits; it goes when the child does. Raises RuntimeError if it goes before."""
    wanted = ["-e", f"trace={calls}", *(["-e", f"inject={inject}"] if inject else [])]
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-p", str(pid), *wanted, "-o", log], stdin=subprocess.DEVNULL)
    while "TracerPid:\t0\n" in Path(f"/proc/{pid}/status").read_text("ascii"):
        if tracer.poll() is not None:
            raise RuntimeError(f"the tracer ended with {tracer.returncode} before it held the delivery")
        time.sleep(0.002)


def _work(order: dict[str, Any], telling: int) -> None:
    """Deliver, then acknowledge; the process ends here."""
    code = 1
    try:
        home, said = Path(order["home"]), Path(order["said"])

        def tell(step: dict[str, Any]) -> None:
            os.write(telling, json.dumps(step).encode() + b"\n")

        def acknowledge(answer: str) -> None:
            tell({"what": "acknowledge", "path": "", "at": time.monotonic()})
            with said.open("a", encoding="utf-8") as file:
                file.write(answer + "\n")
                file.flush()
                os.fsync(file.fileno())

        if not order["trace"]:
            steps.watch(home, tell)
        mutants.apply(order["mutant"], acknowledge)
        runner = {
            "here": run_job,
            "process": read_in_child,
            "told process": _ToldProcess(said),
            "stopped process": _ToldProcess(said, is_stopped=True),
        }[order["runner"]]
        report = deliver(
            county.desk(home, order["database"]),
            Path(order["file"]),
            dataset=county.DATASET,
            supplier=order["supplier"],
            runner=runner,
        )
        acknowledge(f"{report.result.outcome.value} {report.reading}")
        code = 0
    except (UpstanderError, OSError) as told:
        code = getattr(told, "exit_code", 5)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
