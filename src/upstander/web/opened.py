"""Which home this process serves: its settings, and its store behind Django's default database."""

from collections.abc import Mapping
from dataclasses import dataclass

from upstander.errors import WrongUsage
from upstander.pipeline.home import Home
from upstander.sharing import AgreementRegister, AuditLog


@dataclass(frozen=True)
class Opened:
    """The home being served. `audit` keeps its heads outside where it says so; `environ` says where its key is."""

    home: Home
    register: AgreementRegister
    audit: AuditLog
    environ: Mapping[str, str]


_now: list[Opened] = []


def open_as(opened: Opened) -> None:
    """From here on this process serves this home."""
    _now[:] = [opened]


def opened() -> Opened:
    """The home that is served. Raises WrongUsage where none is."""
    if not _now:
        raise WrongUsage("No home is being served.", expected="open_site first")
    return _now[0]
