"""What outsiders know, kept in a home's `reference/known`: written down by a named person, and in the audit log."""

from datetime import date

from upstander.contracts.errors import BadKnown
from upstander.contracts.known import Known, checked, facts_in, known_toml, read_known
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.pipeline.home import Home
from upstander.values.durable import make_folder, write_whole

_FOLDER = "known"


def held_known(home: Home) -> tuple[Known, ...]:
    """Everything that is written down. Raises BadKnown for a file that cannot be read."""
    return read_known(home.reference / _FOLDER)


def add_known(desk: Desk, name: str, content: bytes, *, source: str, dated: date) -> Known:
    """Write down the facts of one source (a CSV table, see facts_in), entered by the person at the desk.

    Raises BadKnown for facts that cannot be, and for a name that is taken: what was known stays known.
    """
    where = f"known {name}"
    known = checked(Known(name, source, dated, desk.who.person, facts_in(content, where=where)), where=where)
    folder = desk.home.reference / _FOLDER
    path = folder / f"{name}.toml"
    if path.exists():
        raise BadKnown(
            f"There are facts called {name} already. Nothing was changed.", where=where, found=name,
            expected="another name",
        )  # fmt: skip
    make_folder(folder)
    write_whole(path, known_toml(known).encode())
    datasets = sorted({fact.dataset for fact in known.facts})
    note(desk, action="known", answer="done", dataset=", ".join(datasets), about=name)
    return known
