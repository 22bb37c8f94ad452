"""Commands about keys and the end of retention: vault."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from upstander.cli import voice
from upstander.cli.app import app
from upstander.cli.desk import (
    HomeOption,
    JsonOption,
    PersonOption,
    bring_index,
    desk,
    home_folder,
)
from upstander.errors import WrongUsage

if TYPE_CHECKING:
    from upstander.pipeline.desk import Desk
    from upstander.pipeline.keeping.rotating import KeyChange

NEW_PASSPHRASE_VARIABLE = "UPSTANDER_NEW_PASSPHRASE"  # noqa: S105 - the name of a variable
SharesOption = Annotated[
    list[Path] | None, typer.Option("--share-to", help="A file for one custodian's share; else they are shown, once.")
]

vault_app = typer.Typer(help="Keys, and the end of retention.", no_args_is_help=True)
app.add_typer(vault_app, name="vault")

ReasonOption = Annotated[str, typer.Option("--why", help="The reason; it is kept with what was done.")]


@vault_app.command("epochs")
def vault_epochs(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """The register of identity keys: ids, days and reasons, never a key."""
    records = desk(home).keyring.records()
    if as_json:
        voice.say_json([vars(one) for one in records])
        return
    columns = ("Epoch", "Key", "Made", "Why", "Retired", "Destroyed")
    rows = [(one.name, one.key_id, one.made[:10], one.why, one.retired[:10], one.destroyed[:10]) for one in records]
    voice.say_table("", columns, rows)


@vault_app.command("new-epoch")
def vault_new_epoch(
    why: ReasonOption, home: HomeOption = None, person: PersonOption = None, as_json: JsonOption = False
) -> None:
    """Begin an epoch of tokens and read every held delivery into it; stopped, the same command goes on."""
    from upstander.pipeline.keeping.epochs import new_epoch

    at = desk(home, person, None, why)
    change = new_epoch(at, tell=voice.complain)
    bring_index(at)
    left = [f"  {delivery} keeps its tokens: {reason}" for delivery, reason in change.left]
    message = f"Epoch {change.epoch} (key {change.key_id}): {change.read} deliveries are read into it."
    told = {
        "epoch": change.epoch,
        "key_id": change.key_id,
        "read": change.read,
        "left": dict(change.left),
    }
    voice.answer(told, "\n".join([message, *left]), as_json=as_json)


@vault_app.command("bridge")
def vault_bridge(
    old: Annotated[str, typer.Option("--from", help="The epoch whose tokens are known.")],
    new: Annotated[str, typer.Option("--to", help="The epoch whose tokens are wanted.")],
    why: ReasonOption = "a bridge between epochs",
    home: HomeOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Seal the mapping of one epoch's tokens to another's in the vault; it is never shown."""
    from upstander.pipeline.keeping.epochs import build_bridge

    made = build_bridge(desk(home, person, None, why), old, new)
    message = (
        f"The bridge from epoch {old} to {new} is sealed: {made.tokens:,} tokens of {made.deliveries} deliveries, "
        f"{made.ambiguous:,} with more than one counterpart."
    )
    voice.answer(vars(made), message, as_json=as_json)


@vault_app.command("destroy-epoch")
def vault_destroy_epoch(
    name: Annotated[str, typer.Argument(help="A retired epoch.")],
    why: ReasonOption,
    home: HomeOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Destroy an epoch's identity key for good; refused while anything in force has its tokens."""
    from upstander.pipeline.keeping.epochs import destroy_epoch

    message = destroy_epoch(desk(home, person, None, why), name)
    voice.answer({"epoch": name, "message": message}, message, as_json=as_json)


@vault_app.command("rotate-key")
def vault_rotate_key(
    why: ReasonOption = "a change of the home's key",
    share_to: SharesOption = None,
    home: HomeOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give the home a new key and wrap every sealed file anew; stopped, the same command goes on.

    A key file has to be this home's own: another home that uses it would not open any more.
    """
    from upstander.pipeline.keeping.rotating import rotate_key
    from upstander.vault import kept_by

    new = _passphrase(NEW_PASSPHRASE_VARIABLE, "New") if kept_by(home_folder(home)) == "passphrase" else ""
    at = _desk_of_either(home, person, why, new) if new else desk(home, person, None, why)
    if at is None:
        message = "The key was changed already: the new passphrase opens the home."
        voice.answer({"rewrapped": 0, "message": message}, message, as_json=as_json)
        return
    change = rotate_key(
        at, key_file=_key_file(at), passphrase=new, share_files=share_to or (), tell=voice.complain
    )  # fmt: skip
    message = f"The home's key is {change.key.id} now; {change.rewrapped:,} sealed files were wrapped anew."
    _tell_change(change, message, share_to, as_json=as_json)


@vault_app.command("custodians")
def vault_custodians(
    of: Annotated[int, typer.Option("--of", help="How many custodians there are.")] = 3,
    need: Annotated[int, typer.Option("--need", help="How many of them open the home together.")] = 2,
    why: ReasonOption = "custodians are appointed",
    share_to: SharesOption = None,
    home: HomeOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Split the home's key among custodians and remove the key file; then no one person opens the home.

    A key file has to be this home's own: another home that uses it would not open any more.
    """
    from upstander.pipeline.keeping.rotating import appoint_custodians
    from upstander.vault import key_file

    at = desk(home, person, None, why)
    file = key_file(os.environ, at.home.key_file)
    change = appoint_custodians(at, of=of, need=need, share_files=share_to or (), key_file=file)
    message = (
        f"{need} of {of} custodians open this home together; the key file is gone. Copies of it that were made before "
        "still open the home until `upstander vault rotate-key` has run."
    )
    _tell_change(change, message, share_to, as_json=as_json)


def _tell_change(change: "KeyChange", message: str, files: list[Path] | None, *, as_json: bool) -> None:
    lines = [] if files else list(change.lines)
    told = {"key_id": change.key.id, "rewrapped": change.rewrapped, "shares": lines, "message": message}
    voice.answer(told, "\n".join([message, *lines]), as_json=as_json)


def _key_file(at: "Desk") -> Path | None:
    from upstander.vault import kept_by, key_file

    return key_file(os.environ, at.home.key_file) if kept_by(at.home.root) == "file" else None


def _desk_of_either(home: Path | None, person: str | None, why: str, new: str) -> "Desk | None":
    """The desk with the passphrase that opens the home now; None where the change to the new one is finished."""
    from upstander.vault import PASSPHRASE_VARIABLE, WrongKey, is_being_changed

    try:
        return desk(home, person, None, why, passphrase=_passphrase(PASSPHRASE_VARIABLE, "Present"))
    except WrongKey:
        at = desk(home, person, None, why, passphrase=new)
        return at if is_being_changed(at.home.root, at.key) else None


def _passphrase(variable: str, which: str) -> str:
    if said := os.environ.get(variable):
        return said
    if not sys.stdin.isatty():
        raise WrongUsage(f"{which} passphrase: none was given.", where=variable, expected=f"it in {variable}")
    return str(typer.prompt(f"{which} passphrase", hide_input=True, confirmation_prompt=which == "New"))
