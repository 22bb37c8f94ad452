"""Serving the site with gunicorn: a few processes of many threads, most of which wait or turn away when it is busy."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from upstander.web.overload import AT_ONCE, WAITING

_TURNING_AWAY = 8  # threads beyond those at work or waiting: each answers 503 in a moment


@dataclass(frozen=True)
class Served:
    """Where the site listens, and how many processes serve it. A proxy on this machine brings others in."""

    port: int
    processes: int
    host: str = "127.0.0.1"


def serve(root: Path, served: Served, *, environ: Mapping[str, str]) -> None:
    """Serve the home until told to stop (SIGINT or SIGTERM): what is being answered is answered first."""
    _Gunicorn(root, served, environ).run()


class _Gunicorn(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn as a library: no configuration file, no control socket, no access log (ours is requestlog.py)."""

    def __init__(self, root: Path, served: Served, environ: Mapping[str, str]) -> None:
        self._root, self._served, self._environ = root, served, environ
        super().__init__()

    def load_config(self) -> None:
        """The settings that are not gunicorn's defaults."""
        chosen = {
            "bind": f"{self._served.host}:{self._served.port}",
            "workers": self._served.processes,
            "worker_class": "gthread",
            "threads": AT_ONCE + WAITING + _TURNING_AWAY,
            "timeout": 60,
            "graceful_timeout": 20,
            "limit_request_line": 4094,
            "control_socket_disable": True,
            "accesslog": None,
            "loglevel": "warning",
            "proc_name": "upstander",
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, once in each process."""
        from upstander.web.site import application

        return application(self._root, environ=self._environ)
