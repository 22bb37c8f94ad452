"""Commands about keys and the end of retention: vault."""

from typing import Annotated

import typer

from upstander.cli import voice
from upstander.cli.app import app
from upstander.cli.desk import HomeOption, JsonOption, PersonOption, desk

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

    change = new_epoch(desk(home, person, None, why), tell=voice.complain)
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
