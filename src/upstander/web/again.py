"""A page that the same browser asks for again within a second: the same bytes, and one more line of the audit log.

The door is not asked anew, so that whoever may no longer enter is shown nothing after a second. Only requests that
are equal in every header are the same one, and only pages that say so are kept (`may_be_shown_again`).
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from upstander.errors import TryAgain
from upstander.sharing import AuditEvent
from upstander.web.opened import opened
from upstander.web.requestlog import note_request

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

_KEPT_S, _MOST = 0.9, 64
_MARK = "upstander.looked"


@dataclass(frozen=True)
class _Page:
    """What was answered, until when it may be answered again (of the monotonic clock), and the look that it is."""

    until: float
    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    look: AuditEvent
    route: str


def may_be_shown_again(request: HttpRequest, look: AuditEvent) -> None:
    """The answer to this request holds nothing that a second would change; `look` is its line of the audit log."""
    match = request.resolver_match
    request.environ[_MARK] = (look, match.url_name or "" if match else "")  # type: ignore[attr-defined]  # of WSGI


class Again:
    """The site as a WSGI application, with the pages of the last second in front of it."""

    def __init__(self, site: Application) -> None:
        self._site = site
        self._pages: dict[tuple[object, ...], _Page] = {}

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """The page of a moment ago, or the site's answer."""
        if environ["REQUEST_METHOD"] != "GET":
            return self._site(environ, start)
        began, key = time.monotonic(), _all_of(environ)
        page = self._pages.get(key)
        if page is not None and began < page.until and _is_written_down(page.look):
            start(page.status, list(page.headers))
            note_request(page.route, "GET", int(page.status[:3]), time.monotonic() - began)
            return [page.body]
        return self._asked(environ, start, key, began + _KEPT_S)

    def _asked(self, environ: Environ, start: Start, key: tuple[object, ...], until: float) -> Iterable[bytes]:
        """The site's answer; kept, if it says that it may be."""
        said: list[Any] = []

        def starting(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            said[:] = status, tuple(headers)
            return start(status, headers, *more)

        answer = self._site(environ, starting)
        marked, (status, headers) = environ.get(_MARK), said
        if marked is None or any(name.lower() == "set-cookie" for name, _ in headers):
            return answer
        try:
            body = b"".join(answer)
        finally:
            answer.close()  # type: ignore[attr-defined]  # Django's answers have it
        self._keep(key, _Page(until, status, headers, body, *marked))
        return [body]

    def _keep(self, key: tuple[object, ...], page: _Page) -> None:
        now = time.monotonic()
        held = [(its, one) for its, one in list(self._pages.items()) if one.until > now]
        self._pages = {**dict(held[-_MOST:]), key: page}


def _all_of(environ: Environ) -> tuple[object, ...]:
    """Everything that an answer may depend on."""
    return (
        environ["PATH_INFO"], environ.get("QUERY_STRING", ""), environ.get("wsgi.url_scheme"),
        environ.get("REMOTE_ADDR"), *((name, said) for name, said in environ.items() if name.startswith("HTTP_")),
    )  # fmt: skip


def _is_written_down(look: AuditEvent) -> bool:
    """Whether one more look is in the log. Where it is not, the page itself says why."""
    try:
        opened().audit.append(replace(look, at=timezone.now()))
    except TryAgain:
        return False
    return True
