"""The permission of the site that each command corresponds to, and who may not use it.

Whoever sits at the machine and has no account there works as the owner of the home does. Somebody who has one is held
to it: a closed account, or one without the role, is refused here as it is on the site. Purposes are asked of the
agreements by the gate itself, command by command.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

import typer

from upstander.errors import NotAllowed

if TYPE_CHECKING:
    from upstander.sharing import AuditLog

NOBODY = "nobody in particular"  # it reads and changes nothing of people or data, or only tells of the home itself
# By the words after `upstander`: the name of a permission in web/accounts/permissions.py.
NEEDS: Mapping[str, str] = {
    "check": NOBODY, "synthetic": NOBODY, "demo": NOBODY, "doctor": NOBODY, "serve": NOBODY, "work": NOBODY,
    "deliver": "SEND_DELIVERIES", "watch": "SEND_DELIVERIES", "reread": "SEND_DELIVERIES", "deliveries": NOBODY,
    "held": "DECIDE_HELD",
    "table": "COUNT_DATA", "injuries": "COUNT_DATA", "anonymity": "COUNT_DATA",
    "indicator list": NOBODY, "indicator show": "COUNT_DATA",
    "quality calendar": "COUNT_DATA", "quality scorecard": "COUNT_DATA", "quality grain": "COUNT_DATA",
    "backup": "KEEP_HOME", "restore": "KEEP_HOME",
    "contract list": NOBODY, "contract show": NOBODY, "contract template": NOBODY, "contract guide": NOBODY,
    "contract checker": NOBODY, "contract export": NOBODY,
    "supplier list": NOBODY, "supplier show": NOBODY, "supplier propose": NOBODY,
    "method list": NOBODY, "method show": NOBODY, "method run": NOBODY,
    "places load": NOBODY, "places locate": NOBODY, "places waiting": "COUNT_DATA", "places settle": "COUNT_DATA",
    "agreement list": NOBODY, "agreement show": NOBODY, "agreement draft": NOBODY,
    "agreement sign": "SIGN_AGREEMENTS", "agreement record": "GOVERN_AGREEMENTS", "agreement dpia": "GOVERN_AGREEMENTS",
    "agreement usage": "GOVERN_AGREEMENTS", "agreement end": "DECIDE_AGREEMENTS",
    "agreement suspend": "DECIDE_AGREEMENTS", "agreement resume": "DECIDE_AGREEMENTS",
    "agreement withdraw": "DECIDE_AGREEMENTS",
    "vault epochs": NOBODY, "vault new-epoch": "HOLD_KEYS", "vault bridge": "HOLD_KEYS",
    "vault destroy-epoch": "HOLD_KEYS", "vault rotate-key": "HOLD_KEYS", "vault custodians": "HOLD_KEYS",
    "vault erase": "ERASE_PEOPLE", "vault purge": "ERASE_PEOPLE",
    "known add": "MAKE_RELEASES", "known list": NOBODY, "change add": "MAKE_RELEASES", "change list": NOBODY,
    "release make": "MAKE_RELEASES", "release approve": "APPROVE_RELEASES", "release list": NOBODY,
    "release show": NOBODY, "release verify": "PROVE_RELEASES", "release attack": "PROVE_RELEASES",
    "release revisions": NOBODY, "release export": "EXPORT_RELEASES", "release calendar": "READ_RELEASES",
    "output list": NOBODY, "output recall": "RECALL_OUTPUTS",
    "person invite": "CHANGE_PEOPLE", "person disable": "CHANGE_PEOPLE", "person list": NOBODY,
    "audit verify": NOBODY, "audit head": NOBODY, "audit export": "EXPORT_AUDIT", "audit show": "READ_AUDIT",
}  # fmt: skip
_CALLED_TOO = {"place": "places"}  # a group that goes by two names


def needed_by(command: str) -> str:
    """The permission of a command, by its words; KeyError for one that declares none."""
    group, _, rest = command.partition(" ")
    return NEEDS[f"{_CALLED_TOO.get(group, group)} {rest}".strip()]


def check_account(handle: str, alias: str, audit: "AuditLog", at: datetime) -> None:
    """Whether somebody's account, in the database of this alias, allows the command that runs.

    Raises NotAllowed, written down, for an account that is closed or has no role for it.
    """
    command = _running.get()
    needed = needed_by(command) if command else NOBODY
    if needed == NOBODY:
        return
    from upstander.sharing import AuditEvent
    from upstander.web.accounts import permissions
    from upstander.web.standing import why_not

    why = why_not(handle, getattr(permissions, needed), at, alias)
    if not why:
        return
    audit.append(AuditEvent(at, handle, "", "stewardship", "", (), (), f"command {command}", "refused", why, ""))
    raise NotAllowed(
        f"{handle} may not use `upstander {command}`: {why}.", where=command, found=handle,
        expected="an account that is open, with a role for it; an administrator gives it",
        state="Nothing was done. That it was asked is written down.",
    )  # fmt: skip


def name_commands(group: typer.Typer, before: str = "") -> None:
    """Let each command of the tree know by which words it is called. Raises KeyError for one that declares nothing."""
    for info in group.registered_commands:
        if info.callback is not None and not hasattr(info.callback, "__wrapped__"):
            words = f"{before} {info.name or info.callback.__name__.replace('_', '-')}".strip()
            needed_by(words)
            info.callback = _named(info.callback, words)
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            name_commands(inner.typer_instance, f"{before} {inner.name}".strip())


def _named(command: Callable[..., Any], words: str) -> Callable[..., Any]:
    @wraps(command)
    def called(*given: Any, **named: Any) -> Any:
        _running.set(words)
        return command(*given, **named)

    return called


_running: ContextVar[str] = ContextVar("the words of the command that runs", default="")
