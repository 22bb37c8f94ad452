"""The tab: a picture, its window, its outlines and its papers."""

from http import HTTPStatus
from urllib.parse import quote

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from upstander.errors import UpstanderError, WrongUsage
from upstander.pipeline.injuries.pictures import MONTHS, NotGranted, Resting, find, resting
from upstander.pipeline.injuries.showing import (
    area_json,
    bulletin_pdf,
    on_screen,
    place_on_screen,
    place_pdf,
    places,
    what_is_seen,
)  # fmt: skip
from upstander.values.periods import Period
from upstander.web import pages
from upstander.web.accounts.permissions import TAKE_PLACES, is_given
from upstander.web.accounts.views.answering import person_of
from upstander.web.opened import opened as served
from upstander.web.surveillance.asking import Picker, arguments_of, picker_again, picker_for, wanted_of
from upstander.web.surveillance.figures import figure_of
from upstander.web.surveillance.opening import WHY, Opened, desk_for, opened
from upstander.web.surveillance.work import MAKE_PICTURE
from upstander.web.work import enqueue

# A browser draws the moving map in a worker of our own; the one policy lets that address through and no other.
_MOVING_MAP = {"worker-src": ["'self'"], "trusted-types": ["default"]}


@csp_replace(_MOVING_MAP)
def tab(request: HttpRequest) -> HttpResponse:
    """The picture of today's deliveries for a window; where it is not made yet, how to have it made."""
    try:
        wanted = wanted_of(request.GET)
    except WrongUsage as wrong:
        return _none(request, picker_again(request.GET, _words(wrong)), HTTPStatus.UNPROCESSABLE_ENTITY)
    desk = desk_for(person_of(request))
    rests_on = resting(desk, wanted)
    number = find(desk, rests_on)
    if number is not None:
        return _page(request, opened(request, number))
    picker = picker_for(str(wanted.window or ""), str(wanted.months))
    return _none(request, picker, rests_on=rests_on)


def make(request: HttpRequest) -> HttpResponse:
    """To the picture of a window; where there is none yet, to the work that makes it."""
    try:
        wanted = wanted_of(request.POST)
    except WrongUsage as wrong:
        return _none(request, picker_again(request.POST, _words(wrong)), HTTPStatus.UNPROCESSABLE_ENTITY)
    person = person_of(request)
    desk = desk_for(person)
    rests_on = resting(desk, wanted)
    number = find(desk, rests_on)
    if number is not None:
        return HttpResponseRedirect(reverse("picture_page", args=[number]))
    if not rests_on.is_possible:
        picker = picker_for(str(wanted.window or ""), str(wanted.months))
        return _none(request, picker, rests_on=rests_on)
    job = enqueue(MAKE_PICTURE, person, arguments_of(wanted), WHY)
    return HttpResponseRedirect(reverse("job", args=[job.pk]))


@csp_replace(_MOVING_MAP)  # type: ignore[arg-type]
def picture(request: HttpRequest, number: int) -> HttpResponse:
    """One picture, as long as it stands and is theirs."""
    try:
        return _page(request, opened(request, number))
    except NotGranted:
        return pages.absent(request)


def areas(request: HttpRequest, number: int) -> HttpResponse:
    """The outlines and released classes of one picture."""
    try:
        found = opened(request, number)
    except NotGranted:
        return pages.absent(request)
    return HttpResponse(area_json(found.shown), content_type="application/geo+json")


def bulletin(request: HttpRequest, number: int) -> HttpResponse:
    """One picture on paper."""
    try:
        found = opened(request, number)
    except NotGranted:
        return pages.absent(request)
    return _paper(bulletin_pdf(found.desk, found.card, found.shown), f"injury-surveillance-{number:04d}.pdf")


def place(request: HttpRequest, number: int, area: str) -> HttpResponse:
    """One place of a picture as a page."""
    try:
        found = opened(request, number)
        sheet = place_on_screen(found.desk, found.shown, area)
    except (NotGranted, WrongUsage):
        return pages.absent(request)
    told = {
        "sheet": sheet, "card": found.card, "area": area, "name": found.shown.name_of(area),
        "figures": [figure_of(section) for section in sheet.sections],
    }  # fmt: skip
    return render(request, "surveillance/place.html", told)


def place_paper(request: HttpRequest, number: int, area: str) -> HttpResponse:
    """One place of a picture on one sheet of paper."""
    try:
        found = opened(request, number)
        content = place_pdf(found.desk, found.card, found.shown, area)
    except (NotGranted, WrongUsage):
        return pages.absent(request)
    return _paper(content, f"place-{area.replace(':', '-')}-{number:04d}.pdf")


def _page(request: HttpRequest, found: Opened) -> HttpResponse:
    sheet = on_screen(found.shown)
    named = places(found.shown)
    period = Period.parse(found.card.period)
    standing = request.standing  # type: ignore[attr-defined]  # put there by door.py
    told = {
        "sheet": sheet,
        "card": found.card,
        "seen": what_is_seen(found.shown),
        "reader": found.shown.recipients,
        "is_less": found.is_less,
        "may_take": is_given(TAKE_PLACES, standing),
        "taken": found.taken,
        "figures": [figure_of(section, named) for section in sheet.sections if section.figure != "last-time"],
        "picker": picker_for(found.card.window, str(_months(period))),
        "basemap": served().home.settings.basemap if served().home.settings.basemap.may_be_drawn else None,
    }
    return render(request, "surveillance/picture.html", told)


def _months(period: Period) -> int:
    """The choice of months that a period is."""
    return min(MONTHS, key=lambda months: abs(period.days - months * 30.44))


def _none(
    request: HttpRequest, picker: Picker, status: int = HTTPStatus.OK, *, rests_on: Resting | None = None
) -> HttpResponse:
    """Why there is no picture, and how to have one made. rests_on: of the one asked for, if that could be read."""
    told = {
        "picker": picker,
        "asked": str(rests_on.wanted.window or "") if rests_on else "",
        "refusals": rests_on.refusals if rests_on else (),
        "is_possible": rests_on is None or rests_on.is_possible,
    }
    return render(request, "surveillance/none.html", told, status=status)


def _words(wrong: UpstanderError) -> str:
    return wrong.message if not wrong.expected else f"{wrong.message.rstrip('.')}. Expected: {wrong.expected}."


def _paper(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
