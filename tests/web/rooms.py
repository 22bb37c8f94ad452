"""The site's addresses, and two rooms that later parts will bring: a picture for tasking, and the room of a panel."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from upstander.contracts.asking import Purpose
from upstander.web import urls
from upstander.web.accounts.permissions import Permission
from upstander.web.accounts.roles import Role
from upstander.web.routes import route

handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500

PICTURE = Permission("picture.read", "see the picture", frozenset({Role.TASKING, Role.ANALYST}), Purpose.OPERATIONAL)
PANEL = Permission("panel.read", "see the panel", frozenset({Role.PANEL}), Purpose.OPERATIONAL, is_sensitive=True)


def room(request: HttpRequest) -> HttpResponse:
    return render(request, "help.html")


def breaks(request: HttpRequest) -> HttpResponse:
    raise ValueError("Mary Smith, 12 High Street")


urlpatterns = [
    *urls.urlpatterns,
    route("picture/", room, name="picture", needs=PICTURE, navigation="Picture"),
    route("panel/", room, name="panel", needs=PANEL, navigation="Panel"),
    route("breaks/", breaks, name="breaks", needs=PICTURE),
]
