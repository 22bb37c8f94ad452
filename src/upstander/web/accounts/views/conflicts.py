"""Declared conflicts of interest, for an information-governance officer."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from upstander.web.accounts import actions
from upstander.web.accounts.models import Conflict
from upstander.web.accounts.views.answering import person_of


def conflicts(request: HttpRequest) -> HttpResponse:
    """What is kept from whom, and what was."""
    found = Conflict.objects.select_related("person__agency")
    return render(request, "accounts/conflicts.html", {"conflicts": found})


def end(request: HttpRequest, number: int) -> HttpResponse:
    """End one: ask first. Nobody ends their own."""
    found = get_object_or_404(Conflict.objects.select_related("person").filter(ended_at=None), pk=number)
    is_own = found.person_id == person_of(request).pk
    if request.method == "POST" and not is_own:
        actions.end_conflict(found, person_of(request), timezone.now())
        return HttpResponseRedirect(reverse("conflicts"))
    return render(request, "accounts/end_conflict.html", {"conflict": found, "is_own": is_own})
