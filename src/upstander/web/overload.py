"""Too many requests at once: a few wait for their turn, the ones beyond are turned away, and those inside stay fast."""

import time
from collections.abc import Callable
from threading import BoundedSemaphore

from django.http import HttpRequest, HttpResponse

from upstander.web.problems import is_for_programs, problem

AT_ONCE = 8  # pages a process works on
WAITING = 16  # requests that wait for one of those to end, this long at most
_PATIENCE_S = 1.0
_HELD_S = 0.05  # whoever is turned away hears so a moment later: asking again at once gains nothing, and costs little
_BUSY = (
    "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Very busy</title></head><body><main>"
    "<h1>Upstander is very busy</h1><p>Nothing was lost. Wait a moment, then load the page again.</p>"
    "</main></body></html>"
)


class Overload:
    """Django middleware, before anything that asks the database. The health page always answers."""

    def __init__(
        self, get_response: Callable[[HttpRequest], HttpResponse], at_once: int = AT_ONCE, waiting: int = WAITING,
        patience_s: float = _PATIENCE_S,
    ) -> None:  # fmt: skip
        self._next, self._patience_s = get_response, patience_s
        self._room, self._before_it = BoundedSemaphore(at_once), BoundedSemaphore(waiting)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, or 503 with the seconds after which to try again."""
        if request.path_info == "/health":
            return self._next(request)
        if not self._is_let_in():
            return _turned_away(request)
        try:
            return self._next(request)
        finally:
            self._room.release()

    def _is_let_in(self) -> bool:
        if self._room.acquire(blocking=False):
            return True
        if not self._before_it.acquire(blocking=False):
            time.sleep(_HELD_S)
            return False
        try:
            return self._room.acquire(timeout=self._patience_s)
        finally:
            self._before_it.release()


def _turned_away(request: HttpRequest) -> HttpResponse:
    busy = problem(503, "Upstander is very busy.") if is_for_programs(request) else HttpResponse(_BUSY, status=503)
    busy.headers["Retry-After"], busy.headers["Content-Length"] = "1", str(len(busy.content))
    return busy
