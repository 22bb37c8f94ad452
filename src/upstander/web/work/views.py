"""Work that is going on: one's own, and for the analyst everybody's."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from upstander.web import pages
from upstander.web.accounts import permissions as may
from upstander.web.accounts.permissions import is_given
from upstander.web.accounts.views.answering import person_of
from upstander.web.work import claiming
from upstander.web.work.models import Job, is_worker_alive

_SHOWN = 50
_LOOK_AGAIN_S = 5  # without JavaScript
_FAULTS = {"where": "Where", "found": "Found", "expected": "Expected", "state": "As it is now"}


def own_work(request: HttpRequest) -> HttpResponse:
    """What whoever asks has asked for."""
    return _listed(request, Job.objects.filter(person=person_of(request)), is_all=False)


def all_work(request: HttpRequest) -> HttpResponse:
    """What anybody has asked for."""
    return _listed(request, Job.objects.all(), is_all=True)


def one_job(request: HttpRequest, number: int) -> HttpResponse:
    """One job: how far it is, or how it ended."""
    job = _found(request, number)
    if job is None:
        return pages.absent(request)
    return render(request, "work/job.html", {
        "job": job, "is_own": job.person_id == person_of(request).pk, "look_again": _LOOK_AGAIN_S,
        "faults": [(heading, job.fault[name]) for name, heading in _FAULTS.items() if job.fault.get(name)],
        "is_worker_missing": not job.is_over and not is_worker_alive(timezone.now()),
    })  # fmt: skip


def job_state(request: HttpRequest, number: int) -> HttpResponse:
    """The same for a script: state, percent, message."""
    job = _found(request, number)
    if job is None:
        return pages.absent(request)
    return JsonResponse({"state": job.state, "percent": job.percent, "message": job.message, "is_over": job.is_over})


def stop(request: HttpRequest, number: int) -> HttpResponse:
    """Ask a job to stop."""
    job = _found(request, number)
    if job is None:
        return pages.absent(request)
    claiming.cancel(job, person_of(request), timezone.now())
    return HttpResponseRedirect(reverse("job", args=[number]))


def _found(request: HttpRequest, number: int) -> Job | None:
    """The job, if it is theirs or they see everybody's; None also where there is none."""
    sees_all = is_given(may.ALL_WORK, request.standing)  # type: ignore[attr-defined]  # put there by door.py
    theirs = Job.objects.select_related("person__agency").filter(pk=number)
    return (theirs if sees_all else theirs.filter(person=person_of(request))).first()


def _listed(request: HttpRequest, jobs: QuerySet[Job], *, is_all: bool) -> HttpResponse:
    found = list(jobs.select_related("person__agency")[:_SHOWN])
    return render(request, "work/work.html", {
        "going_on": [one for one in found if not one.is_over], "over": [one for one in found if one.is_over],
        "is_all": is_all, "sees_all": is_given(may.ALL_WORK, request.standing),  # type: ignore[attr-defined]
        "is_worker_missing": not is_worker_alive(timezone.now()),
    })  # fmt: skip
