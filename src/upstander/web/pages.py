"""Pages that belong to no part: errors, help, accessibility, health. Every error is the same page with other words."""

import sys
from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import RequestDataTooBig
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from upstander.errors import TryAgain, UpstanderError
from upstander.web.accounts.permissions import Standing
from upstander.web.built import is_built
from upstander.web.desks import WITHOUT_KEY
from upstander.web.problems import is_for_programs, problem
from upstander.web.work.models import is_worker_alive

_NOBODY = Standing()


@dataclass(frozen=True)
class Words:
    """What an error page says: a title, what happened, what to do now."""

    title: str
    happened: str
    now: str


_WITHOUT_KEY = Words(
    "Upstander cannot do that as it is set up now",
    "The key of its data is missing or damaged. Nothing was changed.",
    "Tell your administrator. The log says where it was noticed.",
)
_WORDS = {
    400: Words(
        "That request could not be read", "Something in it was not as a browser sends it.", "Nothing was changed."
    ),
    403: Words(
        "This form is too old",
        "It was open for too long, or your browser does not keep our cookie. Nothing was changed.",
        "Go back, load the page again, and send the form once more.",
    ),
    404: Words(
        "Page not found",
        "There is nothing here for you. It does not mean that you did anything wrong.",
        "Check the address, or go to your home page.",
    ),
    405: Words("That cannot be done here", "This page does not take that kind of request.", "Nothing was changed."),
    413: Words("That is too large", "More was sent than this page takes. Nothing was stored.", "Send less at once."),
    429: Words(
        "Too many tries",
        "There were too many tries in a short time.",
        "Wait 15 minutes. On a browser that you have signed in with before you can go on at once.",
    ),
    500: Words(
        "Something went wrong on our side",
        "This is a defect of Upstander, and nothing you did. It was written down.",
        "What was stored before is as it was. Try again later.",
    ),
    503: Words(
        "Upstander cannot answer just now",
        "Its database does not answer. Nothing was lost.",
        "Wait a minute, then load the page again.",
    ),
}


def told(request: HttpRequest, status: int) -> HttpResponse:
    """The error page of a status; for a program, what happened as a problem."""
    if is_for_programs(request):
        return problem(status, _WORDS[status].happened)
    return render(request, "error.html", {"words": _WORDS[status]}, status=status)


def absent(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's
    """There is nothing here, or nothing for you: one page for both, with nothing around it that only one would have."""
    request.declared = None  # type: ignore[attr-defined]  # read by shell.py
    return told(request, 404)


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The request was not one, or more than we read."""
    return told(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A form without the mark that it is ours."""
    return told(request, 403)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's
    """Never told apart from what is not there."""
    return absent(request)


def broken(request: HttpRequest) -> HttpResponse:
    """A defect of ours, a home without its key, or a database that does not answer. Drawn without it."""
    request.standing, request.declared = _NOBODY, None  # type: ignore[attr-defined]  # read by shell.py
    why = sys.exc_info()[1]
    if isinstance(why, WITHOUT_KEY):
        return _without_key(request)
    if not isinstance(why, (Error, TryAgain)):
        return told(request, 500)
    response = told(request, 503)
    response.headers["Retry-After"] = "60"
    return response


def _without_key(request: HttpRequest) -> HttpResponse:
    """The page needs the home's key, and it is not to be had. Where it was looked for is not told: that is a path."""
    if is_for_programs(request):
        return problem(503, _WITHOUT_KEY.happened)
    return render(request, "error.html", {"words": _WITHOUT_KEY}, status=503)


def too_often(request: HttpRequest, seconds: int) -> HttpResponse:
    """Too many pages in this minute."""
    words = Words(
        "Too many pages in a short time",
        "More pages were opened in your name within a minute than anybody reads. Nothing was lost.",
        f"Go on in {seconds} seconds. If it was not you, tell your administrator.",
    )
    response = render(request, "error.html", {"words": words}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


def wrong_method(request: HttpRequest, allowed: Collection[str]) -> HttpResponse:
    """A method that the page does not answer."""
    response = told(request, 405)
    response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def accessibility(request: HttpRequest) -> HttpResponse:
    """What we hold to, what does not work yet, and whom to tell."""
    return render(request, "accessibility.html")


def help_page(request: HttpRequest) -> HttpResponse:
    """Signing in, and whom to ask."""
    return render(request, "help.html")


def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    """Whether the process answers: it does. Asks nothing of anybody."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


def ready(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    """Pages can be served: the database answers, and style and script are built. Then, whether a worker lives.

    Without one, pages are served all the same, and what takes long waits.
    """
    try:
        told = "a worker is alive" if is_worker_alive(timezone.now()) else "no worker: what takes long waits"
        is_ready = is_built()
    except (Error, UpstanderError):
        told, is_ready = "", False
    return HttpResponse(
        f"ready\n{told}\n" if is_ready else "not ready\n", status=200 if is_ready else 503,
        content_type="text/plain; charset=utf-8",
    )  # fmt: skip
