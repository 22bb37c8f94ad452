"""Two rivals of a page of ours, served by the same gunicorn: its bytes from memory, and a plain Django view of them.

Words: `bytes` or `django`, a port, the file with the page.
"""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from upstander.web.overload import AT_ONCE

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def from_memory(page: bytes) -> Application:
    """The same bytes for whatever is asked."""

    def answer(_: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))])
        return [page]

    return answer


def by_django(page: bytes) -> Application:
    """A Django of one view that renders the page as a template: no session, no database, no middleware."""
    from django.conf import settings

    settings.configure(
        ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="of a bench", MIDDLEWARE=[],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    )  # fmt: skip
    import django
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpResponse
    from django.template import Context, engines
    from django.urls import path

    django.setup()
    text = page.decode()
    template = engines["django"].from_string("{{ page|safe }}").template

    def view(*_: object, **__: object) -> HttpResponse:
        found = HttpResponse(template.render(Context({"page": text})))
        found.headers["Content-Length"] = str(len(found.content))
        return found

    globals()["urlpatterns"] = [path("", view), path("<path:_>", view)]
    handler: Application = WSGIHandler()
    return handler


class Served(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """One process with as many threads as the site has at work."""

    def __init__(self, application: Application, port: int) -> None:
        self._application, self._port = application, port
        super().__init__()

    def load_config(self) -> None:
        """As web/serving.py has it."""
        chosen = {
            "bind": f"127.0.0.1:{self._port}", "workers": 1, "worker_class": "gthread", "threads": AT_ONCE,
            "control_socket_disable": True, "loglevel": "warning",
        }  # fmt: skip
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Application:
        """The application."""
        return self._application


if __name__ == "__main__":
    kind, port, file = sys.argv[1:]
    make = {"bytes": from_memory, "django": by_django}[kind]
    Served(make(Path(file).read_bytes()), int(port)).run()
