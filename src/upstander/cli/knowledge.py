"""Commands about what is known besides the data: known add, known list, change add, change list."""

from pathlib import Path
from typing import Annotated

import typer

from upstander.cli import voice
from upstander.cli.app import app
from upstander.cli.desk import HomeOption, JsonOption, PersonOption, WhyOption, day_of, desk, made_home
from upstander.errors import WrongUsage

known_app = typer.Typer(
    help="What outsiders know already: an attack on a release starts from it.", no_args_is_help=True
)
app.add_typer(known_app, name="known")


@known_app.command("add")
def known_add(
    name: Annotated[str, typer.Argument(help="What to call these facts, such as press_2026.")],
    file: Annotated[Path, typer.Argument(help="CSV: dataset, value (or low and high), measure, period, area, …")],
    source: Annotated[str, typer.Option("--source", help="Where they were made public.")],
    dated: Annotated[str, typer.Option("--dated", help="The day they were made public, such as 2026-07-03.")],
    home: HomeOption = None,
    person: PersonOption = None,
    why: WhyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down counts that are public already, such as homicides in the press or the police's own map."""
    from upstander.pipeline.knowledge import add_known

    if not file.is_file():
        raise WrongUsage(f"There is no file {file}.", found=str(file), expected="a CSV file")
    at = desk(home, person, None, why or "what outsiders know")
    known = add_known(at, name, file.read_bytes(), source=source, dated=day_of(dated))
    told = f"{known.name}: {len(known.facts):,} {'fact' if len(known.facts) == 1 else 'facts'} from {known.source}."
    voice.answer({"name": known.name, "facts": len(known.facts)}, told, as_json=as_json)


@known_app.command("list")
def known_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """What is written down, from which source, and by whom."""
    from dataclasses import asdict

    from upstander.pipeline.knowledge import held_known

    held = held_known(made_home(home))
    if as_json:
        voice.say_json([{**asdict(one), "dated": one.dated.isoformat()} for one in held])
        return
    rows = [(one.name, one.source, one.dated, one.entered_by, len(one.facts)) for one in held]
    voice.say_table("", ("Name", "Source", "Dated", "Entered by", "Facts"), rows, numbers=("Facts",))


change_app = typer.Typer(help="Changes of recording: every figure that they touch says so.", no_args_is_help=True)
app.add_typer(change_app, name="change")


@change_app.command("add")
def change_add(
    dataset: Annotated[str, typer.Argument(help="Such as police_incidents.")],
    since: Annotated[str, typer.Option("--from", help="The first day recorded otherwise, such as 2026-06-01.")],
    what: Annotated[str, typer.Option("--what", help="What changed, in one line.")],
    supplier: Annotated[str, typer.Option("--supplier", help="Whose records; everybody's if left out.")] = "",
    home: HomeOption = None,
    person: PersonOption = None,
    why: WhyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down that a source records otherwise from a day on, such as a new form or a new crime code."""
    from upstander.pipeline.recording import add_change

    at = desk(home, person, None, why or "a change of recording")
    change = add_change(at, dataset, day_of(since), what, supplier=supplier)
    facts = {"dataset": change.dataset, "from": change.day.isoformat(), "what": change.what}
    voice.answer(facts, f"{change.dataset}: {change.in_words}", as_json=as_json)


@change_app.command("list")
def change_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """What is written down, and by whom."""
    from dataclasses import asdict

    from upstander.pipeline.recording import held_changes

    held = held_changes(made_home(home))
    if as_json:
        voice.say_json([{**asdict(one), "day": one.day.isoformat()} for one in held])
        return
    rows = [(one.dataset, one.supplier or "all", one.day, one.what, one.entered_by) for one in held]
    voice.say_table("", ("Dataset", "Supplier", "From", "What", "Entered by"), rows)
