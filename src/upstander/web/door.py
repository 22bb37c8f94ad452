"""The one door of the site: every request passes here, and the matrix answers for it.

What is forbidden and what is not there end at the same line of code, so that they are the same bytes.
"""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from upstander.web import pages, problems
from upstander.web.accounts import marks, trail
from upstander.web.accounts.models import Person
from upstander.web.accounts.permissions import Answer, Standing, judge
from upstander.web.api.limits import seconds_to_wait
from upstander.web.lookups import Lookups, seconds_left
from upstander.web.opened import opened
from upstander.web.routes import Declared, declared_for
from upstander.web.standing import standing_of

_LEADS_TO = {Answer.SIGN_IN: "account_login", Answer.SET_UP: "first_factor", Answer.STEP_UP: "step_up"}


class Door:
    """Django middleware, the last before the page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._page = get_response
        self._lookups = Lookups()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page, or what stands in front of it."""
        at, declared = timezone.now(), declared_for(request)
        needed = declared.needs if declared else None
        standing = standing_of(request, needed, at)
        request.standing, request.declared = standing, declared  # type: ignore[attr-defined]  # read by shell.py
        if refused := self._too_often(request, standing, at):
            return refused
        answer = judge(needed, standing)
        if answer in _LEADS_TO:
            return _lead(request, _LEADS_TO[answer])
        if declared is None or answer is Answer.ABSENT:
            return _absent(request, declared)
        if request.method not in declared.methods:
            return pages.wrong_method(request, declared.methods)
        if standing.is_signed_in and not standing.is_token:
            marks.use(request, at, sensitive=declared.needs.is_sensitive)
        return self._page(request)

    def _too_often(self, request: HttpRequest, standing: Standing, at: datetime) -> HttpResponse | None:
        """The refusal of one page too many in this minute, the first of which is written down; else nothing."""
        if problems.is_for_programs(request):
            wait = seconds_to_wait(request, at)
            return problems.too_often(wait) if wait else None
        if not standing.is_signed_in:
            return None
        person, allowed = request.user, opened().home.settings.site.pages_a_minute
        if not isinstance(person, Person) or (count := self._lookups.count(person.pk, at)) <= allowed:
            return None
        if count == allowed + 1:
            trail.note("ask too often", person, at, answer="refused", why="pages")
        return pages.too_often(request, seconds_left(at))


def _lead(request: HttpRequest, name: str) -> HttpResponse:
    """To a page in front, and back afterwards if this was only a look. A program is told; it could not follow."""
    if problems.is_for_programs(request):
        return problems.not_signed_in()
    back = f"?{urlencode({'next': request.get_full_path()})}" if request.method in {"GET", "HEAD"} else ""
    return HttpResponseRedirect(reverse(name) + back)


def _absent(request: HttpRequest, declared: Declared | None) -> HttpResponse:
    """Nothing is there, or nothing for them. Both are written down, or the time that takes would tell them apart."""
    if isinstance(request.user, Person):
        why = declared.needs.name if declared else "no such page"
        trail.note("open a page", request.user, timezone.now(), answer="refused", why=why)
    return pages.absent(request)
