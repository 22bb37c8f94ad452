"""Putting the desk together from the environment and the words of a command.

Heavy rooms are imported where they are used, so that the command answers in a blink.
"""

import getpass
import os
import sys
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer

from upstander.cli.permitted import check_account
from upstander.errors import WrongUsage

if TYPE_CHECKING:
    from upstander.pipeline.desk import Desk
    from upstander.pipeline.home import Home
    from upstander.sharing import AgreementRegister, AuditLog
    from upstander.web.store import Store

HOME_VARIABLE = "UPSTANDER_HOME"
_OWN_HOME = "upstander-home"
_CLOCK_ZONE = ZoneInfo("Europe/London")
_Word = TypeVar("_Word", bound=StrEnum)

HomeOption = Annotated[
    Path | None, typer.Option("--home", help=f"The home folder; else {HOME_VARIABLE}, else ./{_OWN_HOME}.")
]
PersonOption = Annotated[str | None, typer.Option("--as", help="Who asks.")]
AgencyOption = Annotated[str | None, typer.Option("--agency", help="For which agency.")]
PurposeOption = Annotated[
    str | None, typer.Option("--purpose", help="strategic, monitoring, operational or stewardship.")
]
WhyOption = Annotated[str | None, typer.Option("--why", help="The reason, in a few words; it is written down.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def home_folder(home: Path | None) -> Path:
    """The home that is meant."""
    return (home or Path(os.environ.get(HOME_VARIABLE, _OWN_HOME))).absolute()


def made_home(home: Path | None) -> "Home":
    """The home that is meant, made if it is not there."""
    from upstander.pipeline.home import make_home

    return make_home(home_folder(home))


def desk(
    home: Path | None = None,
    person: str | None = None,
    purpose: str | None = None,
    why: str | None = None,
    agency: str | None = None,
    *,
    is_new: bool = False,
    passphrase: str | None = None,
) -> "Desk":
    """The desk for one command: the home's database behind the protocols, the key from where it is kept.

    `is_new` lets a home and its key be made; a reading command finds them or says that they are missing.
    """
    from upstander.contracts.asking import Purpose
    from upstander.pipeline.desk import Desk
    from upstander.pipeline.home import open_home
    from upstander.vault import master_key

    found = made_home(home) if is_new else open_home(home_folder(home))
    said = {"person": person, "agency": agency, "purpose": one_of(Purpose, purpose), "why": why}
    own = found.settings.defaults
    own = own.model_copy(update={"person": own.person or getpass.getuser()})
    key = master_key(
        found.root, create=is_new, environ=os.environ, passphrase=passphrase, setting=found.key_file,
        shares=_typed_shares(found.root),
    )  # fmt: skip
    store = store_of(found.root)
    audit = _anchored(found, store)
    who = own.model_copy(update={name: value for name, value in said.items() if value is not None})
    check_account(who.person, store.alias, audit, datetime.now(UTC))
    return Desk(home=found, register=store.register, audit=audit, key=key, who=who, now=lambda: datetime.now(UTC))


def _typed_shares(home: Path) -> tuple[str, ...]:
    """The shares that custodians type, where their files are not named and somebody sits at a terminal."""
    from upstander.vault import SHARES_VARIABLE, shares_needed

    if os.environ.get(SHARES_VARIABLE) or not sys.stdin.isatty():
        return ()
    return tuple(typer.prompt(f"Share {number}", hide_input=True) for number in range(1, shares_needed(home) + 1))


def remembered(home: Path) -> "tuple[AgreementRegister, AuditLog]":
    """What the home's database remembers: agreements, and the audit log with its heads kept outside."""
    from upstander.pipeline.home import open_home

    store = store_of(home)
    return store.register, _anchored(open_home(home), store)


def _anchored(home: "Home", store: "Store") -> "AuditLog":
    """The audit log, with its heads kept where the settings say."""
    from upstander.sharing import AnchoredLog

    return AnchoredLog(store.audit, home.audit_anchors) if home.audit_anchors else store.audit


def store_of(home: Path) -> "Store":
    """The home's database as a whole, for what copies it."""
    from upstander.web.store import open_store

    return open_store(home, environ=os.environ)


def bring_index(at: "Desk") -> None:
    """Bring the database's index of deliveries in line with the manifests, after what may have changed them."""
    from upstander.pipeline.indexing import bring_index as bring

    bring(at, store_of(at.home.root).index)


def tell_backups(at: "Desk") -> None:
    """Write what was decided or erased beside every backup within reach, and name those that are not."""
    from upstander.cli import voice
    from upstander.pipeline.keeping.backups import tell_backups as tell
    from upstander.pipeline.keeping.copies import backup_folders

    if backup_folders(at.home):
        for away in tell(at, store_of(at.home.root)):
            voice.complain(f"{away} is out of reach and was not told; do not restore from it alone.")


def one_of(words: type[_Word], text: str | None) -> _Word | None:
    """The word of a closed list that was typed; None where none was."""
    if text is None:
        return None
    if text not in set(words):
        raise WrongUsage(f"'{text}' is none of the words there are.", found=text, expected=", ".join(words))
    return words(text)


def today() -> date:
    """Today on the wall clock of the partnership."""
    return datetime.now(_CLOCK_ZONE).date()


def day_of(text: str) -> date:
    """The day that was typed. Raises WrongUsage."""
    try:
        return date.fromisoformat(text)
    except ValueError as why:
        raise WrongUsage(f"'{text}' is not a day.", found=text, expected="a day such as 2026-08-01") from why


def midnight(day: date) -> datetime:
    """The UTC moment at which a UTC day begins, as the audit log counts them."""
    return datetime.combine(day, time(0), UTC)
