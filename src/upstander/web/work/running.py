"""Running one job: is its person still allowed to, then the job itself, then how it ended, in words."""

import json
import logging
import secrets
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from upstander.errors import UpstanderError, place_of_defect
from upstander.web.accounts.permissions import Answer, judge
from upstander.web.accounts.trail import note
from upstander.web.desks import desk_of
from upstander.web.standing import standing_away
from upstander.web.work.claiming import Ending, Lost, finish, hand_back, tell_progress
from upstander.web.work.kinds import Cancelled, Done, Kind, kind_named
from upstander.web.work.models import Job, State

_log = logging.getLogger("upstander.web")
_NOT_ANY_MORE = Ending(
    State.FAILED,
    "Refused: whoever asked for this may not do it at present. Their account, their vetting, or the agreement that it "
    "rested on has ended. It does not mean that they did anything wrong.",
    answer="refused",
)
_DEFECT = (
    "Something went wrong on our side. It is a defect of Upstander, and nothing you did. Tell us this reference: {}."
)


class HandBack(Exception):
    """The worker has to go, and the job can be begun anew by another."""


def run(job: Job, *, must_go: Callable[[], bool]) -> None:
    """Run a job that was claimed, to its end, or until `must_go` says so at one of its steps."""
    begun = timezone.now()
    note(f"begin work {job.kind}", job.person, begun, why=f"{job.pk}: {job.why}")
    try:
        ending = _ending(job, begun, must_go)
    except HandBack:
        hand_back(job)
    except Lost:
        return
    else:
        if finish(job, ending, timezone.now()):
            tidy(job)


def tidy(job: Job) -> None:
    """Let the job's kind take away what it was given. What cannot be tidied now is tidied by that kind's next job."""
    try:
        kind = kind_named(job.kind)
        if kind.tidy is not None:
            kind.tidy(desk_of(job.person, purpose=kind.purpose, why=job.why), job.arguments)
    except (UpstanderError, OSError) as why:
        _tell(job, why, "")


def _ending(job: Job, at: datetime, must_go: Callable[[], bool]) -> Ending:
    try:
        kind = kind_named(job.kind)
        if not _is_allowed(job, kind, at):
            return _NOT_ANY_MORE
        done = _result(job, kind, must_go)
    except (HandBack, Lost):
        raise
    except Cancelled:
        return Ending(State.CANCELLED, "Stopped, as was asked. Nothing half done was kept.", answer="cancelled")
    except UpstanderError as why:
        facts = why.facts()
        return Ending(State.FAILED, facts.pop("message", ""), fault=facts, answer="failed")
    except Exception as why:
        reference = secrets.token_hex(4)
        _tell(job, why, reference)
        return Ending(State.FAILED, _DEFECT.format(reference), reference=reference, answer="failed")
    return Ending(State.DONE, done.message, done.url)


def _is_allowed(job: Job, kind: Kind, at: datetime) -> bool:
    """The matrix, asked again: an account, vetting or agreement may have ended since the job was asked for."""
    return judge(kind.needs, standing_away(job.person, kind.needs, at)) is Answer.OPEN


def _result(job: Job, kind: Kind, must_go: Callable[[], bool]) -> Done:
    def progress(share: float, words: str) -> None:
        if must_go():
            raise HandBack
        tell_progress(job, share, words, timezone.now())

    progress(0.0, "Beginning")
    return kind.run(desk_of(job.person, purpose=kind.purpose, why=job.why), job.arguments, progress)


def _tell(job: Job, why: Exception, reference: str) -> None:
    """A line in the log: where in our code it arose, without its message, which might quote a value."""
    told = {"at": timezone.now().isoformat(), "job": job.pk, "kind": job.kind, "defect": place_of_defect(why)}
    _log.error(json.dumps(told | ({"reference": reference} if reference else {}), sort_keys=True))
