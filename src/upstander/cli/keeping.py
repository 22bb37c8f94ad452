"""Commands about what is kept and what goes: vault erase and purge, backup, restore."""

import tomllib
from datetime import date
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
    store_of,
    tell_backups,
)
from upstander.cli.vaulting import ReasonOption, vault_app
from upstander.errors import WrongUsage

if TYPE_CHECKING:
    from upstander.pipeline.erasing.acting import Erased
    from upstander.pipeline.erasing.finding import Person


@vault_app.command("erase")
def vault_erase(
    why: ReasonOption = "",
    token: Annotated[list[str] | None, typer.Option("--token", help="A person, by a token as it was shown.")] = None,
    form: Annotated[Path | None, typer.Option("--form", help="A TOML file that says who; see the user guide.")] = None,
    by_name: Annotated[bool, typer.Option("--by-name", help="Also records that have only this full name.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Erase; without it you are told what would go.")] = False,
    finish: Annotated[bool, typer.Option("--finish", help="Finish what a stopped erasure left.")] = False,
    home: HomeOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase a person from everything held: files, rows, what was kept back, what waits, backups."""
    from upstander.pipeline.erasing.acting import erase, finish_erasures, look
    from upstander.pipeline.erasing.finding import Person

    at = desk(home, person, None, why)
    if finish:
        count = finish_erasures(at)
        voice.answer({"finished": count}, f"{count} erasures were finished.", as_json=as_json)
        return
    people = [Person(token=one) for one in token or ()] + (_people_of(form) if form else [])
    done = erase(at, people, by_name=by_name, tell=voice.complain) if yes else look(at, people, by_name=by_name)
    if yes:
        bring_index(at)
        tell_backups(at)
    voice.answer(vars(done), _told(done), as_json=as_json)


@vault_app.command("purge")
def vault_purge(
    why: ReasonOption = "retention has ended",
    look: Annotated[bool, typer.Option("--look", help="Only say what has reached its day.")] = False,
    home: HomeOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Destroy what has reached the end of its retention, here and in backups; a certificate says what and why."""
    from upstander.pipeline.keeping.purging import due, purge

    at = desk(home, person, None, why)
    found = due(at) if look else purge(at)
    bring_index(at)
    if as_json:
        voice.say_json([vars(one) for one in found])
        return
    rows = [
        (one.what, one.dataset, one.supplier, one.reading or one.raw_sha256[:12], one.due[:10], one.because)
        for one in found
    ]
    title = f"{len(found)} {'have reached their day' if look else 'destroyed'}"
    voice.say_table(title, ("What", "Dataset", "Supplier", "Which", "Due", "Because"), rows)


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="Where backups lie: another disk.")],
    why: ReasonOption = "a backup",
    home: HomeOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the whole home, signed, so that one changed byte is noticed; deliveries wait meanwhile."""
    from upstander.pipeline.keeping.backups import backup as copy

    made, state = copy(desk(home, person, None, why), folder.absolute(), store_of(home_folder(home)))
    message = f"The backup is in {made}. Keep the home's key elsewhere: without it nobody opens this copy."
    voice.answer({"folder": str(made), "state": state, "message": message}, message, as_json=as_json)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A folder that `upstander backup` made.")],
    after: Annotated[
        Path | None, typer.Option("--after", help="afterwards.sealed, where it does not lie beside the backup.")
    ] = None,
    former: Annotated[
        Path | None, typer.Option("--former-home", help="The home it was made of, if that is still there.")
    ] = None,
    home: HomeOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a backup back into an empty folder; who was erased since stays erased, what ended stays ended."""
    from upstander.pipeline.keeping.backups import afterwards_of
    from upstander.pipeline.keeping.backups import restore as bring_back

    root = home_folder(home)
    known = afterwards_of(desk(former, person, None, "a restore"), store_of(former)) if former else None
    done = bring_back(
        source.absolute(), root, after=after, known=known,
        open_home=lambda folder: (desk(folder, person, None, "a restore"), store_of(folder)),
    )  # fmt: skip
    bring_index(desk(root, person, None, "a restore"))
    message = (
        f"{done.files:,} files are back in {root}, as they were. Applied before anybody works there: {done.erased:,} "
        f"records of people erased since, {done.decisions} decisions about agreements, {done.disabled} closed "
        "accounts. The audit log ends where the backup's did: heads kept outside later belong to the former home."
    )
    voice.answer(vars(done) | {"message": message}, message, as_json=as_json)


def _people_of(form: Path) -> "list[Person]":
    """Who a form names: [[person]] with nhs_number, or surname, forename and born, and references.SUPPLIER."""
    from upstander.pipeline.erasing.finding import Person

    try:
        told = tomllib.loads(form.read_text("utf-8"))["person"]
        return [
            Person(
                nhs_number=str(one.get("nhs_number", "")), surname=one.get("surname", ""),
                forename=one.get("forename", ""), born=_born(one.get("born")),
                references=tuple((name, str(number)) for name, number in one.get("references", {}).items()),
            )
            for one in told
        ]  # fmt: skip
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as why:
        # Not what was found: it names somebody.
        raise WrongUsage(
            f"{form} is not a form that says who.", where=str(form),
            expected="[[person]] with nhs_number, or surname, forename and born = 2008-03-14",
        ) from why  # fmt: skip


def _born(told: object) -> date | None:
    if told is None or isinstance(told, date):
        return told
    return date.fromisoformat(str(told))


def _told(done: "Erased") -> str:
    what = f"{done.records:,} records in {done.files} files"
    opaque = f" {done.opaque} files that nobody can look through go as a whole." if done.opaque else ""
    unsure = (
        f" {len(done.unsure)} more records may be theirs: only a name, or an identifier that others have too, says so. "
        "A person has to decide: " + ", ".join(f"line {line} of {file[:12]}" for file, line in done.unsure[:20])
        if done.unsure
        else ""
    )
    if not done.id:
        return f"Would go: {what}.{opaque}{unsure} Nothing was erased; add --yes."
    return f"{done.id}: {what} and {done.rows:,} rows are erased, here and in every backup.{opaque}{unsure}"
