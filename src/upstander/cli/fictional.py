"""Commands about the fictional county: synthetic, demo."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from upstander.cli import voice
from upstander.cli.app import app
from upstander.cli.desk import JsonOption, bring_index, day_of, desk, remembered, today


@app.command()
def synthetic(
    folder: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("brackenshire"),
    years: Annotated[int, typer.Option("--years", help="Whole years of deliveries.")] = 5,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same county.")] = 1,
    ends: Annotated[str | None, typer.Option("--ends", help="The day after the last, the first of a month.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The fictional county's deliveries and their truth."""
    from upstander.synthetic import make

    made = make(folder, years=years, seed=seed, ends=day_of(ends) if ends else today().replace(day=1))
    message = f"{len(made.deliveries)} deliveries, {made.areas} areas and the truth behind them: {made.folder}"
    voice.answer({"folder": str(made.folder), "deliveries": len(made.deliveries)}, message, as_json=as_json)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--folder", help="Where the demo lives.")] = Path("demo"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin again from nothing.")] = False,
    years: Annotated[int, typer.Option("--years", help="Years of deliveries.")] = 5,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same county.")] = 20210618,
) -> None:
    """A fictional county: load five years of deliveries, make the bulletin, print where it is."""
    from upstander.pipeline.demo import run_demo

    if fresh and folder.exists():
        shutil.rmtree(folder)
    ends = today().replace(day=1)
    for line in run_demo(folder.absolute(), years=years, seed=seed, ends=ends, remembered=remembered):
        voice.say(line)
    bring_index(desk(folder.absolute() / "home"))
