"""Putting the desk together from the environment and the words of a command."""

import getpass
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from upstander.contracts.asking import Purpose
from upstander.pipeline.desk import Desk
from upstander.pipeline.home import Home, Settings, make_home, open_home
from upstander.sharing import FileAgreements, FileAuditLog
from upstander.vault import master_key

HOME_VARIABLE = "UPSTANDER_HOME"
_OWN_HOME = "upstander-home"
_CLOCK_ZONE = ZoneInfo("Europe/London")

HomeOption = Annotated[
    Path | None, typer.Option("--home", help=f"The home folder; else {HOME_VARIABLE}, else ./{_OWN_HOME}.")
]
PersonOption = Annotated[str | None, typer.Option("--as", help="Who asks.")]
PurposeOption = Annotated[Purpose | None, typer.Option("--purpose", help="What for.")]
WhyOption = Annotated[str | None, typer.Option("--why", help="The reason, in a few words; it is written down.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def home_folder(home: Path | None) -> Path:
    """The home that is meant."""
    return (home or Path(os.environ.get(HOME_VARIABLE, _OWN_HOME))).absolute()


def made_home(home: Path | None, settings: Settings | None = None) -> Home:
    """The home that is meant, made if it is not there."""
    return make_home(home_folder(home), settings)


def desk(
    home: Path | None = None,
    person: str | None = None,
    purpose: Purpose | None = None,
    why: str | None = None,
    *,
    is_new: bool = False,
) -> Desk:
    """The desk for one command: files behind the protocols, the key from where this installation keeps it.

    `is_new` lets a home and its key be made; a reading command finds them or says that they are missing.
    """
    found = made_home(home) if is_new else open_home(home_folder(home))
    said = {"person": person, "purpose": purpose, "why": why}
    defaults = found.settings.defaults.model_copy(
        update={"person": found.settings.defaults.person or getpass.getuser()}
    )
    return Desk(
        home=found,
        register=FileAgreements(found.root),
        audit=FileAuditLog(found.root),
        key=master_key(
            found.root, create=is_new, environ=os.environ, passphrase=os.environ.get("UPSTANDER_PASSPHRASE"),
            setting=found.key_file,
        ),
        who=defaults.model_copy(update={name: value for name, value in said.items() if value is not None}),
        now=lambda: datetime.now(UTC),
    )  # fmt: skip


def today() -> date:
    """Today on the wall clock of the partnership."""
    return datetime.now(_CLOCK_ZONE).date()
