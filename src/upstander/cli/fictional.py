"""Commands about the fictional county: synthetic, demo."""

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from upstander.cli import voice
from upstander.cli.app import app
from upstander.cli.desk import JsonOption, bring_index, day_of, desk, remembered, today
from upstander.cli.serving import serve


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
    port: Annotated[int, typer.Option("--port", max=65535, help="Where the site is; 0 takes a free one.")] = 0,
    serving: Annotated[
        bool | None, typer.Option("--serve/--no-serve", help="End with the site running; left out: at a terminal.")
    ] = None,
    codes: Annotated[bool, typer.Option("--codes", help="Only say who may sign in, with this moment's codes.")] = False,
) -> None:
    """A fictional county: load five years of deliveries, make its release and bulletins, and open the site on it."""
    home = folder.absolute() / "home"
    if not codes:
        _make(folder.absolute(), fresh=fresh, years=years, seed=seed)
    for line in _who_may_sign_in(home):
        voice.say(line)
    is_wanted = sys.stdout.isatty() and not os.environ.get("CI") if serving is None else serving
    if is_wanted and not codes:
        serve(port=port or _free_port(), processes=2, home=home)


def _make(folder: Path, *, fresh: bool, years: int, seed: int) -> None:
    from upstander.pipeline.demo import run_demo

    if fresh and folder.exists():
        shutil.rmtree(folder)
    ends = today().replace(day=1)
    for line in run_demo(folder, years=years, seed=seed, ends=ends, remembered=remembered):
        voice.say(line)
    voice.say(ready_for_site(folder / "home"))


def ready_for_site(home: Path) -> str:
    """What a site wants beside what a demo makes: an index of its deliveries, and the picture of all hours; a line."""
    from upstander.pipeline.injuries.pictures import MONTHS, USUAL, make

    at = desk(home, purpose="operational", why="the demo")
    bring_index(at)
    (number,) = make(at, [USUAL[0].window], MONTHS[0], lambda *_: None)
    return f"Picture of injuries {number:04d}: all hours of {MONTHS[0]} months, for who has the operational purpose."


def _who_may_sign_in(home: Path) -> Iterator[str]:
    """One line for each role: who plays it, what they type, what their app would show now, and what they come for."""
    from upstander.web.site import open_site

    open_site(home, environ=os.environ)
    from upstander.web.accounts.fictional import PASSWORD, people

    at = datetime.now(UTC)
    yield f"Sign in with one of these names, the password `{PASSWORD}`, and a code. None of these people exists."
    for one in people(at):
        person, shown = one.person, f"code now {one.code(at)}, key {one.key}" if one.key else "their own factor"
        yield f"{one.role.called}: {person.name} signs in as {person.handle} ({shown}); {one.role.comes_for}."
    yield (
        "A code is good for half a minute and once. `upstander demo --codes` says new ones; or give the key to an "
        "authenticator app."
    )


def _free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
