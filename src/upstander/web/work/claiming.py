"""Who has a job: taking one, keeping it, giving it back, ending it. Each is one statement or one transaction.

Two workers never hold one job. SQLite lets one writer in at a time (each transaction begins as IMMEDIATE); PostgreSQL
locks the row and lets others skip it. Whoever lost a job to another worker can change it no more.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from upstander.web.accounts.models import Person
from upstander.web.accounts.trail import note
from upstander.web.work.kinds import Cancelled
from upstander.web.work.models import SILENT_FOR, Job, State, Worker

MOST_ATTEMPTS = 3
_GAVE_UP = (
    f"Stopped: it was begun {MOST_ATTEMPTS} times, and each time the worker died before it was done. "
    "What was stored before is as it was."
)


class Lost(Exception):
    """Another worker has the job by now: this one was taken for dead. Nothing more is to be done here."""


@dataclass(frozen=True)
class Ending:
    """How a job ended. `answer` is the audit log's word for it."""

    state: State
    message: str
    url: str = ""
    fault: dict[str, str] = field(default_factory=dict)
    reference: str = ""
    answer: str = "done"


def claim(worker: str, at: datetime) -> Job | None:
    """The oldest job that waits, or whose worker fell silent, now this worker's; None where there is none.

    A job begun too often already is ended as failed on the way.
    """
    silent = Q(state=State.RUNNING, heartbeat__lt=at - SILENT_FOR)
    free = Job.objects.filter(Q(state=State.WAITING) | silent).order_by("made", "pk")
    while free.exists():  # asked first, so that a worker with nothing to do keeps nobody from writing
        with transaction.atomic():
            job = free.select_for_update(skip_locked=True, of=("self",)).first()
            if job is None:
                return None
            if job.attempt < MOST_ATTEMPTS:
                job.state, job.worker, job.attempt = State.RUNNING, worker, job.attempt + 1
                job.heartbeat, job.started, job.progress, job.message = at, at, 0.0, ""
                job.save()
                return job
            _end(job, Ending(State.FAILED, _GAVE_UP, answer="failed"), at)
    return None


def beat(worker: str, job: Job | None, at: datetime) -> None:
    """The worker is alive, and so is the job that it has in hand."""
    Worker.objects.update_or_create(name=worker, defaults={"heartbeat": at})
    if job is not None:
        _held(job).update(heartbeat=at)


def leave(worker: str) -> None:
    """The worker ends in good order."""
    Worker.objects.filter(name=worker).delete()


def tell_progress(job: Job, share: float, words: str, at: datetime) -> None:
    """How far a job is. Raises Cancelled where it is to stop, Lost where another worker has it."""
    told = _held(job).update(progress=min(max(share, 0.0), 1.0), message=words, heartbeat=at)
    if not told:
        raise Lost
    if Job.objects.filter(pk=job.pk, is_cancel_asked=True).exists():
        raise Cancelled


def hand_back(job: Job) -> None:
    """A worker that has to go gives a job back as if it had never begun it."""
    _held(job).update(state=State.WAITING, worker="", heartbeat=None, attempt=job.attempt - 1, progress=0.0, message="")


def finish(job: Job, ending: Ending, at: datetime) -> bool:
    """End a job that this worker has, with a line in the audit log; False where another worker has it."""
    with transaction.atomic():
        held = _held(job).select_for_update(of=("self",)).first()
        if held is None:
            return False
        _end(held, ending, at)
    return True


def cancel(job: Job, by: Person, at: datetime) -> bool:
    """Stop a job: at once if it waits, else at its next step. False where it had ended already."""
    with transaction.atomic():
        held = Job.objects.select_for_update(of=("self",)).filter(pk=job.pk).first()
        if held is None or held.is_over:
            return False
        note("cancel work", by, at, why=f"{held.kind} {held.pk}")
        if held.state == State.WAITING:
            _end(held, Ending(State.CANCELLED, f"Stopped by {by.name} before it began.", answer="cancelled"), at)
        else:
            held.is_cancel_asked = True
            held.save(update_fields=["is_cancel_asked"])
    return True


def _held(job: Job) -> QuerySet[Job]:
    """The job, as long as this worker has it in this attempt."""
    return Job.objects.filter(pk=job.pk, worker=job.worker, attempt=job.attempt, state=State.RUNNING)


def _end(job: Job, ending: Ending, at: datetime) -> None:
    changed: dict[str, Any] = {
        "state": ending.state, "message": ending.message, "url": ending.url, "fault": ending.fault,
        "reference": ending.reference, "ended": at,
    }  # fmt: skip
    if ending.state is State.DONE:
        changed["progress"] = 1.0
    Job.objects.filter(pk=job.pk).update(**changed)
    note(f"end work {job.kind}", job.person, at, answer=ending.answer, why=f"{job.pk}: {job.why}")
