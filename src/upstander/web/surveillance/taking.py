"""Taking places to tasking: ticked in a picture, listed, printed, downloaded."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from upstander.pipeline.injuries.pictures import NotGranted
from upstander.pipeline.injuries.showing import places
from upstander.publish.exports.texts import plain_csv
from upstander.web import pages
from upstander.web.accounts.views.answering import person_of
from upstander.web.surveillance import actions
from upstander.web.surveillance.opening import desk_for, opened, taken_for
from upstander.web.templatetags.site import day

_HEADS = ("place", "area", "window", "period", "stands out in", "reason", "taken by", "taken on", "picture")
_LONGEST_REASON = 500


def take(request: HttpRequest, number: int) -> HttpResponse:
    """Put the ticked places of a picture on the list."""
    try:
        found = opened(request, number)
    except NotGranted:
        return pages.absent(request)
    named = {one.area: one for one in places(found.shown)}
    ticked = [named[area] for area in dict.fromkeys(request.POST.getlist("area")) if area in named]
    reason = request.POST.get("reason", "").strip()
    wrong = [words for is_wrong, words in (
        (not ticked, "Tick at least one place."),
        (not reason, "Say why, in a few words: tasking reads it."),
        (len(reason) > _LONGEST_REASON, f"Say why in at most {_LONGEST_REASON} signs."),
    ) if is_wrong]  # fmt: skip
    if wrong:
        told = {"wrong": wrong, "number": number, "named": named.values(), "reason": reason,
                "ticked": {one.area for one in ticked}}  # fmt: skip
        return render(request, "surveillance/take.html", told, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    actions.take(found.card, ticked, reason, person_of(request), timezone.now())
    return HttpResponseRedirect(reverse("taken"))


def taken(request: HttpRequest) -> HttpResponse:
    """What was taken to tasking, out of pictures that are theirs to see."""
    person = person_of(request)
    return render(request, "surveillance/tasking.html", {"taken": taken_for(desk_for(person), person)})


def taken_csv(request: HttpRequest) -> HttpResponse:
    """The same as a file."""
    person = person_of(request)
    lines = [
        (one.name, one.area, one.window or "all hours", one.period, one.sources or "no source", one.reason,
         f"{one.person.name}, {one.person.agency}", day(one.at), f"{one.picture:04d}")
        for one in taken_for(desk_for(person), person)
    ]  # fmt: skip
    response = HttpResponse(plain_csv([_HEADS, *lines]), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="taken-to-tasking.csv"'
    return response
