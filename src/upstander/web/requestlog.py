"""One line of JSON a request, on standard error: what page, how it ended, how long it took. Never who, never a path.

An address may hold an invitation, a token or a search; the name of a route holds none.
"""

import json
import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from upstander.errors import place_of_defect
from upstander.web.routes import declared_for

_log = logging.getLogger("upstander.web")


class RequestLog:
    """Django middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, and its line."""
        began = time.perf_counter()
        response = self._next(request)
        # The door has found out already, but for what never came to it.
        declared = request.declared if hasattr(request, "declared") else declared_for(request)
        _tell(
            route=declared.name if declared else "", method=_method(request), status=response.status_code,
            ms=round(1000 * (time.perf_counter() - began), 1),
        )  # fmt: skip
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """A defect: where in our code it arose, without its message, which might quote a value."""
        _tell(defect=place_of_defect(exception), method=_method(request))


def note_defect(exception: Exception) -> None:
    """Where in our code something went wrong that a page goes on without; not its message, which may quote a value."""
    _tell(defect=place_of_defect(exception))


def _method(request: HttpRequest) -> str:
    """The method, if it is one there is: it is the sender's word otherwise."""
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
    return request.method if request.method in known else "other"


def _tell(**facts: object) -> None:
    _log.info(json.dumps({"at": timezone.now().isoformat(), **facts}, sort_keys=True))
