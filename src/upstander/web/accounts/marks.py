"""What a session remembers of itself: when it began, when it was last used, when a second factor was last shown.

Times are seconds since 1970, UTC. A session ends 30 minutes after its last use and 12 hours after it began. Rooms that
ask for the second factor again do so 15 minutes after the last use of such a room.
"""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

IDLE = timedelta(minutes=30)
SENSITIVE_IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
_GRAIN_S = 30  # a session is written at most this often: ends come up to this much early, never late
_BEGAN, _SEEN, _STEPPED_UP, _SETTING_UP = "began", "seen", "stepped_up", "setting_up"


def begin(request: HttpRequest, at: datetime) -> None:
    """A person is in, by two factors."""
    request.session[_BEGAN] = request.session[_SEEN] = at.timestamp()


def begin_set_up(request: HttpRequest, at: datetime) -> None:
    """A person is choosing their first factor; nothing else is open to them."""
    begin(request, at)
    request.session[_SETTING_UP] = True


def end_set_up(request: HttpRequest, at: datetime) -> None:
    """The first factor was shown: the session is a whole one, under a new name."""
    request.session.pop(_SETTING_UP, None)
    request.session.cycle_key()
    begin(request, at)
    step_up(request, at)


def is_setting_up(request: HttpRequest) -> bool:
    """Whether the first factor is still to be chosen."""
    return bool(request.session.get(_SETTING_UP))


def step_up(request: HttpRequest, at: datetime) -> None:
    """A second factor was shown just now, and not a code from paper."""
    request.session[_STEPPED_UP] = at.timestamp()


def is_stepped_up(request: HttpRequest, at: datetime) -> bool:
    """Whether rooms that ask for it again may open."""
    return _age(request, _STEPPED_UP, at) < SENSITIVE_IDLE.total_seconds()


def is_over(request: HttpRequest, at: datetime) -> bool:
    """Whether the session was left alone for too long, or lasts too long already."""
    return (
        _age(request, _SEEN, at) >= IDLE.total_seconds()
        or _age(request, _BEGAN, at) >= LONGEST.total_seconds()
    )  # fmt: skip


def use(request: HttpRequest, at: datetime, *, sensitive: bool) -> None:
    """The session was used just now, in a sensitive room or elsewhere."""
    if _age(request, _SEEN, at) >= _GRAIN_S:
        request.session[_SEEN] = at.timestamp()
    if sensitive and _age(request, _STEPPED_UP, at) >= _GRAIN_S:
        step_up(request, at)


def shown(request: HttpRequest) -> list[str]:
    """What was shown to sign in, such as password and totp."""
    records: list[dict[str, Any]] = request.session.get("account_authentication_methods") or []
    return [str(record.get("type") or record.get("method")) for record in records]


def _age(request: HttpRequest, name: str, at: datetime) -> float:
    stamp = request.session.get(name)
    return at.timestamp() - stamp if isinstance(stamp, (int, float)) else float("inf")
