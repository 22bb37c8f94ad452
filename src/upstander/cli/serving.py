"""Commands about the site: serve, and person, for the first administrator and for the day nobody else can sign in."""

import getpass
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from upstander.cli import voice
from upstander.cli.app import app
from upstander.cli.desk import HomeOption, JsonOption, PersonOption, day_of, home_folder, one_of
from upstander.errors import WrongUsage

if TYPE_CHECKING:
    from upstander.web.accounts.models import Person

person_app = typer.Typer(help="Who may sign in to the site.", no_args_is_help=True)
app.add_typer(person_app, name="person")
_Answer = TypeVar("_Answer")
HandleArgument = Annotated[str, typer.Argument(help="The name they sign in with, such as p.okoro.")]


@app.command()
def serve(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Where on this machine.")] = 8000,
    processes: Annotated[int, typer.Option("--processes", min=1, max=64, help="How many serve at once.")] = 2,
    home: HomeOption = None,
) -> None:
    """The site, on this machine's own address; stop it with Ctrl-C. A proxy brings others to it."""
    from upstander.web.built import is_built
    from upstander.web.serving import Served
    from upstander.web.serving import serve as run
    from upstander.web.site import open_site

    root = home_folder(home)
    if not is_built():
        raise WrongUsage("The site's style sheet and script are not built.", expected="`make demo` builds them")
    open_site(root, environ=os.environ)  # says what is wrong with the home before anything listens
    _close_connections()
    logging.getLogger("upstander.web").setLevel(logging.INFO)
    voice.complain(f"The site is at http://localhost:{port}/. Stop it with Ctrl-C.")
    run(root, Served(port, processes), environ=os.environ)


@person_app.command("invite")
def person_invite(
    handle: HandleArgument,
    role: Annotated[list[str], typer.Option("--role", help="What they are here to do; may be said more than once.")],
    agency: Annotated[str, typer.Option("--agency", help="The short name of their agency; made if it is not there.")],
    until: Annotated[str, typer.Option("--until", help="The last day of access, such as 2027-03-31.")],
    name: Annotated[str, typer.Option("--name", help="Their full name.")] = "",
    vetting: Annotated[str, typer.Option("--vetting", help="none, bpss, nppv1, nppv2, nppv3 or sc.")] = "none",
    site: Annotated[str, typer.Option("--site", help="How they reach the site.")] = "http://localhost:8000",
    home: HomeOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """A link by which somebody sets up how they sign in; for somebody who has an account, anew."""
    from upstander.web.accounts.roles import Role

    roles = [found for word in role if (found := one_of(Role, word))]

    def invite(at: datetime) -> str:
        from upstander.web.accounts import actions
        from upstander.web.accounts.forms import end_of_day
        from upstander.web.accounts.models import Agency, Person, Vetting

        if found := Person.objects.filter(handle=handle).first():
            begin = actions.invite_again if found.is_active else actions.reopen
            return begin(found, _who(person), at)
        vetted = actions.Vetted(one_of(Vetting, vetting) or Vetting.NONE, end_of_day(day_of(until)))
        there = Agency.objects.filter(slug=agency).first() or actions.add_agency(agency, agency, _who(person), at)
        return actions.invite(handle, name or handle, there, roles, vetted, _who(person), at)[1]

    link = f"{site.rstrip('/')}/invitation/{_on_site(home, invite)}/"
    text = f"Hand this to {handle}, and to nobody else. It works once, for seven days:\n{link}"
    voice.answer({"person": handle, "link": link}, text, as_json=as_json)


@person_app.command("list")
def person_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Who has an account, with which roles, until when."""

    def rows(at: datetime) -> list[tuple[str, ...]]:
        from upstander.web.accounts.models import Person

        return [_row(one, at) for one in Person.objects.select_related("agency").order_by("handle")]

    columns = ("Sign-in name", "Name", "Agency", "Roles", "Account", "Access until")
    found = _on_site(home, rows)
    if as_json:
        voice.say_json([dict(zip(columns, row, strict=True)) for row in found])
    else:
        voice.say_table("", columns, found)


@person_app.command("disable")
def person_disable(
    handle: HandleArgument, home: HomeOption = None, person: PersonOption = None, as_json: JsonOption = False
) -> None:
    """Close an account: they are signed out everywhere when this returns."""

    def close(at: datetime) -> None:
        from upstander.web.accounts import actions
        from upstander.web.accounts.models import Person

        found = Person.objects.filter(handle=handle).first()
        if found is None:
            raise WrongUsage(
                f"Nobody signs in as {handle}.", found=handle, expected="a name of `upstander person list`"
            )
        actions.close(found, _who(person), at)

    _on_site(home, close)
    voice.answer({"person": handle}, f"The account of {handle} is closed.", as_json=as_json)


def _on_site(home: HomeOption, job: Callable[[datetime], _Answer]) -> _Answer:
    """Do something to the people of a home."""
    from upstander.web.site import open_site

    open_site(home_folder(home), environ=os.environ)
    return job(datetime.now(UTC))


def _who(person: str | None) -> str:
    return person or getpass.getuser()


def _row(one: "Person", at: datetime) -> tuple[str, ...]:
    from upstander.web.accounts.forms import last_day

    return (
        one.handle,
        one.name,
        str(one.agency or ""),
        ", ".join(one.roles),
        one.state(at),
        last_day(one.vetted_until),
    )


def _close_connections() -> None:
    """Nothing of a database may be shared with the processes that are forked from here."""
    from django.db import connections

    connections.close_all()
