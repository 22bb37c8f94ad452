"""Jobs, and the workers that are alive. Both are of the moment: no backup holds them."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models

from upstander.web.accounts.models import Person
from upstander.web.work.kinds import title_of

SILENT_FOR = timedelta(seconds=30)  # a worker that did not say a word for so long is dead
BEAT_S = 5.0  # how often it says one


class State(models.TextChoices):
    """How a job stands."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Not done"
    CANCELLED = "cancelled", "Stopped"


class Job(models.Model):
    """One piece of work. Moments are aware UTC.

    `message` is what it is at while it runs, and how it ended afterwards; `url` leads to its result. `fault` holds
    where, found, expected and state of what went wrong; `reference` names a defect of ours in the log. `attempt` counts
    the workers that began it; `worker` is the one that has it.
    """

    kind = models.CharField(max_length=80)
    arguments = models.JSONField(default=dict)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="jobs")
    purpose = models.CharField(max_length=40)
    why = models.TextField(blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    progress = models.FloatField(default=0.0)
    message = models.TextField(blank=True, default="")
    url = models.CharField(max_length=400, blank=True, default="")
    fault: Any = models.JSONField(default=dict)
    reference = models.CharField(max_length=20, blank=True, default="")
    is_cancel_asked = models.BooleanField(default=False)
    attempt = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=80, blank=True, default="")
    heartbeat = models.DateTimeField(null=True, blank=True)
    made = models.DateTimeField()
    started = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-made", "-pk"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "made"], name="job_by_state")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What it is called on a page."""
        return title_of(self.kind, self.arguments)

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state not in {State.WAITING, State.RUNNING}

    @property
    def percent(self) -> int:
        """How far it is, of 100."""
        return round(100 * self.progress)


class Worker(models.Model):
    """A process that does jobs, and when it last said a word."""

    name = models.CharField(primary_key=True, max_length=80)
    heartbeat = models.DateTimeField(db_index=True)


def is_worker_alive(at: datetime) -> bool:
    """Whether some worker said a word lately."""
    return Worker.objects.filter(heartbeat__gte=at - SILENT_FOR).exists()
