"""Commands about the site: serve, work; and person, for the first administrator and for when nobody can sign in."""

import getpass
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from upstander.cli import voice
from upstander.cli.app import app
from upstander.cli.desk import HomeOption, JsonOption, PersonOption, day_of, home_folder, one_of
from upstander.cli.permitted import check_account
from upstander.errors import WrongUsage

if TYPE_CHECKING:
    from upstander.web.accounts.models import Person

person_app = typer.Typer(help="Who may sign in to the site.", no_args_is_help=True)
app.add_typer(person_app, name="person")
_Answer = TypeVar("_Answer")
HandleArgument = Annotated[str, typer.Argument(help="The name they sign in with, such as p.okoro.")]


class _Lines(logging.Handler):
    """Lines on standard error, each in one piece, so that no thread waits for another's line to be written."""

    def createLock(self) -> None:  # noqa: N802 - logging's name
        """None is needed."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line; where nobody reads, the site goes on."""
        with suppress(OSError):
            os.write(sys.stderr.fileno(), f"{record.getMessage()}\n".encode())


@app.command()
def serve(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Where on this machine.")] = 8000,
    processes: Annotated[int, typer.Option("--processes", min=1, max=64, help="How many serve at once.")] = 2,
    with_worker: Annotated[bool, typer.Option(help="Also start a worker, for what takes long.")] = True,
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
    _log_in_lines()
    voice.complain(f"The site is at http://localhost:{port}/. Stop it with Ctrl-C.")
    with _worker_beside(root) if with_worker else nullcontext():
        run(root, Served(port, processes), environ=os.environ)


@app.command()
def work(
    once: Annotated[bool, typer.Option("--once", help="Do what waits, and end.")] = False,
    beside: Annotated[bool, typer.Option("--beside", hidden=True, help="End when whoever started this ends.")] = False,
    home: HomeOption = None,
) -> None:
    """Do what takes long: what the site was asked for and waits. SIGTERM ends it in good order."""
    from upstander.values.system import is_orphan, parent_id
    from upstander.web.site import open_site

    root, parent = home_folder(home), parent_id()
    open_site(root, environ=os.environ)
    from upstander.web.work.worker import Worker

    _log_in_lines()
    worker = Worker(is_orphan=lambda: beside and is_orphan(parent))
    worker.stop_on_signals()
    if not beside and not once:
        voice.complain("A worker is at work. Stop it with Ctrl-C; what it has in hand is not lost.")
    count = worker.work(once=once)
    if once:
        voice.say(f"{count} {'job' if count == 1 else 'jobs'} came to an end.")


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

    link = f"{site.rstrip('/')}/invitation/{_on_site(home, invite, person)}/"
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

    _on_site(home, close, person)
    voice.answer({"person": handle}, f"The account of {handle} is closed.", as_json=as_json)


def _on_site(home: HomeOption, job: Callable[[datetime], _Answer], person: str | None = None) -> _Answer:
    """Do something to the people of a home, as somebody."""
    from upstander.web.site import open_site

    at, site = datetime.now(UTC), open_site(home_folder(home), environ=os.environ)
    check_account(_who(person), "default", site.audit, at)
    return job(at)


@contextmanager
def _worker_beside(root: Path) -> Iterator[None]:
    """A worker in a process of its own, which ends in good order when the site does."""
    words = [sys.executable, "-c", "from upstander.cli import main; main()", "work", "--beside", "--home", str(root)]
    worker = subprocess.Popen(words)  # noqa: S603 - our own command
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()


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


def _log_in_lines() -> None:
    log = logging.getLogger("upstander.web")
    log.setLevel(logging.INFO)
    log.addHandler(_Lines())
    log.propagate = False


def _close_connections() -> None:
    """Nothing of a database may be shared with the processes that are forked from here."""
    from django.db import connections

    connections.close_all()
