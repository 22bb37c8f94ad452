"""Too many requests at once: the ones beyond are turned away at once, so that those inside stay fast."""

from collections.abc import Callable
from threading import BoundedSemaphore

from django.http import HttpRequest, HttpResponse

from upstander.web.problems import is_for_programs, problem

AT_ONCE = 8  # pages a process works on; its other threads only turn away
_BUSY = (
    "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Very busy</title></head><body><main>"
    "<h1>Upstander is very busy</h1><p>Nothing was lost. Wait a moment, then load the page again.</p>"
    "</main></body></html>"
)


class Overload:
    """Django middleware, before anything that asks the database. The health page always answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse], at_once: int = AT_ONCE) -> None:
        self._next = get_response
        self._room = BoundedSemaphore(at_once)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, or 503 with the seconds after which to try again."""
        if request.path_info == "/health":
            return self._next(request)
        if not self._room.acquire(blocking=False):
            busy = (
                problem(503, "Upstander is very busy.") if is_for_programs(request) else HttpResponse(_BUSY, status=503)
            )
            busy.headers["Retry-After"], busy.headers["Content-Length"] = "1", str(len(busy.content))
            return busy
        try:
            return self._next(request)
        finally:
            self._room.release()
