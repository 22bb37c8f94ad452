"""Reading a sealed file in another process: that one may be killed, run out of memory or time, and nothing is lost.

The parent hands the child one file's data key and the token keys; the master key never leaves the parent. Accepted
rows lie in a staging folder that no reader looks into until the parent publishes it; quarantined rows come back
through a pipe, and the parent seals them.
"""

import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Generic, Protocol, Self, TypeVar

from pydantic import TypeAdapter

from upstander.errors import NotAcceptable, NotAllowed, TryAgain, UpstanderError, WrongUsage
from upstander.intake import ReadResult
from upstander.values.durable import locked

MEMORY_EXIT = 77
ORPHAN_EXIT = 78
QUARANTINED, RESULT, TOLD, FAULT = b"Q", b"R", b"T", b"F"
_RESULT = TypeAdapter(ReadResult)
_FRAME = struct.Struct(">cQ")
_BASE_S = 30.0
_BYTES_PER_S = 2_000_000
# The reading process has four threads of its own: more of polars would take turns with them, and a heap for each thread
# and library would hold a quarter more memory. A system that does not know one of these words goes without.
_FRUGAL = {"POLARS_MAX_THREADS": "1", "MALLOC_ARENA_MAX": "1", "ARROW_DEFAULT_MEMORY_POOL": "jemalloc"}
_ERRORS = {error.exit_code: error for error in (UpstanderError, WrongUsage, NotAcceptable, NotAllowed, TryAgain)}


@dataclass(frozen=True)
class ReadJob:
    """All that a child needs to read one delivery; plain text only, so that it travels as JSON on standard input.

    Keys are hexadecimal; without `data_key` the source is a plain file. Without `staging` nothing is stored, which is
    what `check` wants; `sample` then names the warehouse columns to hand over instead. `covers` is as stated, "auto"
    included. `received` is an ISO moment in UTC. `control_rows` is how many rows its sender says there are, and
    `control_fault` why the file is not the one that was described. `parent` is the id of the process that waits for the
    answer, 0 where that process reads the job itself.
    """

    source: str
    data_key: str
    raw_bytes: int
    staging: str
    lock: str
    reference: str
    dataset: str
    supplier: str
    supplier_folders: tuple[str, ...]
    reading: str
    covers: str
    file_name: str
    received: str
    token_keys: Mapping[str, str]
    layers: tuple[str, ...]
    postcode_level: str
    held_keys: str
    control_rows: int | None = None
    control_fault: str = ""
    parent: int = 0
    sample: tuple[str, ...] = ()


class OutOfBounds(NotAcceptable):
    """A file needed more memory or time than a file may."""


class ChildFailed(UpstanderError):
    """The reading process died of something that is not the file's fault."""


def no_reader(home: Path) -> AbstractContextManager[None]:
    """In this `with` no process reads: an orphan of a killed run has been waited for. The caller holds the home's lock.

    A folder may only be emptied or removed then; the orphan might else be making a file in it.
    """
    return locked(reading_lock(home))


def reading_lock(home: Path) -> Path:
    """The file that a process locks while it writes the parts of a reading."""
    return home / "locks" / "reading"


Quarantine = Callable[[bytes], None]
Runner = Callable[[ReadJob, Quarantine], ReadResult]


class AnyJob(Protocol):
    """A job for such a process: plain text in a dataclass, and how many bytes there are to read."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def raw_bytes(self) -> int:
        """The size of the source, which its time is measured by."""


JobT = TypeVar("JobT", bound=AnyJob)
AnswerT = TypeVar("AnswerT")


class JobProcess(Generic[JobT, AnswerT]):
    """A process that does one job after another, in a module of its own. It starts when the first job comes, and anew
    if it died. `answer` makes what the last frame of a job says into a value.
    """

    def __init__(self, module: str, answer: Callable[[bytes], AnswerT]) -> None:
        self._module, self._answer = module, answer
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __call__(self, job: JobT, quarantine: Quarantine) -> AnswerT:
        """Run the job and return what became of the file.

        `quarantine` gets each batch of quarantined rows as Arrow IPC bytes. Raises OutOfBounds where the file needs
        more than its share of memory or time, ChildFailed where the process died of anything else, and what the
        reading itself raised (a map that names a frame nobody knows).
        """
        child = self._child or self._started()
        patience_s = _BASE_S + job.raw_bytes / _BYTES_PER_S
        timer = threading.Timer(patience_s, child.kill)
        timer.start()
        try:
            result = _asked(child, job, quarantine, self._answer)
        except BaseException:
            self.close()  # what it still has to say belongs to a job that nobody waits for
            raise
        finally:
            is_late = not timer.is_alive()
            timer.cancel()
        if result is not None:
            return result
        raise self._fault(child, f"more than {patience_s:.0f} seconds" if is_late else "")

    def close(self) -> None:
        """End the process; it has nothing unfinished between jobs."""
        if self._child is not None:
            with suppress(BrokenPipeError):  # a job it died before reading is still on its way
                _pipe(self._child.stdin).close()
            self._child.kill()
            self._child.wait()
            _pipe(self._child.stdout).close()
            self._child = None

    def _started(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", self._module]
        # Standard input stays open between jobs: its end tells an orphan that its parent was killed.
        self._child = subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | _FRUGAL
        )
        return self._child

    def _fault(self, child: "subprocess.Popen[bytes]", late: str) -> UpstanderError:
        self.close()
        if late:
            return _too_much(late)
        if child.returncode == MEMORY_EXIT:
            return _too_much("more than 1 GiB of memory")
        return ChildFailed(
            f"The reading process stopped with code {child.returncode}.", state="Nothing was loaded; the file is kept."
        )


class ReadingProcess(JobProcess[ReadJob, ReadResult]):
    """A process that reads one delivery after another."""

    def __init__(self) -> None:
        super().__init__("upstander.pipeline.child", _RESULT.validate_json)


def read_in_child(job: ReadJob, quarantine: Quarantine) -> ReadResult:
    """Run one job in a process of its own; see ReadingProcess."""
    with ReadingProcess() as process:
        return process(job, quarantine)


def _asked(
    child: "subprocess.Popen[bytes]", job: AnyJob, quarantine: Quarantine, answer: Callable[[bytes], AnswerT]
) -> AnswerT | None:  # fmt: skip
    """The result of the job, or None where the process ended first."""
    try:
        _pipe(child.stdin).write(json.dumps(asdict(job) | {"parent": os.getpid()}).encode() + b"\n")
        _pipe(child.stdin).flush()
    except BrokenPipeError:
        child.wait()
        return None
    result = _listen(_pipe(child.stdout), quarantine, answer)
    if result is None:
        child.wait()
    return result


def send_result(pipe: BinaryIO, result: ReadResult) -> None:
    """The last frame of a job that came to its end."""
    send_frame(pipe, RESULT, _RESULT.dump_json(result))


def send_error(pipe: BinaryIO, error: UpstanderError) -> None:
    """The last frame of a job that somebody can mend, in the error's own words."""
    send_frame(pipe, TOLD, json.dumps({"exit_code": error.exit_code, **error.facts()}).encode())


def send_frame(pipe: BinaryIO, tag: bytes, content: bytes) -> None:
    """One frame of the child's answer."""
    pipe.write(_FRAME.pack(tag, len(content)) + content)
    pipe.flush()


def _listen(pipe: BinaryIO, quarantine: Quarantine, answer: Callable[[bytes], AnswerT]) -> AnswerT | None:
    while len(head := pipe.read(_FRAME.size)) == _FRAME.size:
        tag, size = _FRAME.unpack(head)
        content = pipe.read(size)
        if len(content) != size:
            return None
        if tag == FAULT:
            raise ChildFailed(
                "This is a defect of Upstander, not of your file. Please report the place named here.",
                where=content.decode(), state="Nothing was loaded; the file is kept.",
            )  # fmt: skip
        if tag == TOLD:
            raise _as_told(json.loads(content))
        if tag == RESULT:
            return answer(content)
        quarantine(content)
    return None


def _as_told(facts: dict[str, Any]) -> UpstanderError:
    return _ERRORS[facts.pop("exit_code")](facts.pop("message"), **facts)


def _pipe(pipe: Any) -> BinaryIO:
    if pipe is None:
        raise ChildFailed("The reading process has no pipe.")
    return pipe  # type: ignore[no-any-return]


def _too_much(what: str) -> OutOfBounds:
    return OutOfBounds(
        f"Nothing was loaded. Reading the file took {what}, which is more than one file may take. Your file is kept.",
        found=what, expected="a file that one reading can hold; split it by month", state="Nothing was loaded.",
    )  # fmt: skip
