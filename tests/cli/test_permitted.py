"""Whoever has an account is held to it at the command too; whoever has none works as the owner of the machine."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer

from cli.keyboard import Typed, type_in
from upstander.cli import app
from upstander.cli.permitted import NOBODY, name_commands, needed_by
from upstander.web.store import configure, open_store

configure()
NOW = datetime.now(UTC)
Type = Callable[..., Typed]


def commands(group: typer.Typer, words: str = "") -> list[str]:
    """Every command of the tree by its words."""
    own = [f"{words} {one.name or one.callback.__name__}".strip() for one in group.registered_commands]
    inner = [commands(one.typer_instance, f"{words} {one.name}".strip()) for one in group.registered_groups]
    return [*own, *(one for some in inner for one in some)]


def test_every_command_names_a_permission_or_nobody_in_particular() -> None:
    from upstander.web.accounts import permissions

    named = {one: needed_by(one) for one in commands(app)}
    assert len(named) > 60
    known = {name for name in vars(permissions) if isinstance(getattr(permissions, name), permissions.Permission)}
    assert {name for name in named.values() if name not in {NOBODY, *known}} == set()
    assert len({name for name in named.values() if name != NOBODY}) > 10
    stray = typer.Typer()
    stray.command("unmake")(lambda: None)
    with pytest.raises(KeyError):
        name_commands(stray)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with four accounts."""
    from upstander.pipeline.home import Settings, make_home
    from upstander.vault import master_key
    from upstander.web.accounts.models import Agency, Person

    root = tmp_path / "home"
    found = make_home(root, Settings(key_file="../home.key"))
    master_key(root, create=True, environ={}, setting=found.key_file)
    store = open_store(root, environ={})
    agency = Agency.objects.using(store.alias).create(slug="vrn", name="VRN", kind="network")
    for handle, role, days in (("a.analyst", "analyst", 9), ("d.owner", "data_owner", 9), ("g.gone", "analyst", 9),
                               ("v.past", "analyst", -1)):  # fmt: skip
        Person.objects.using(store.alias).create(
            handle=handle, name=handle, agency=agency, roles=[role], is_active=handle != "g.gone", password="x",
            vetted_until=NOW + timedelta(days=days),
        )  # fmt: skip
    return root


@pytest.fixture
def typed(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Type:
    """Types a command in the home, as somebody."""
    return lambda person, *words: type_in([*words, "--as", person], home=home, capsys=capsys, monkeypatch=monkeypatch)


@pytest.mark.parametrize(
    ("person", "code", "said"),
    [("a.analyst", 0, ""), ("somebody with no account", 0, ""),
     ("d.owner", 4, "no role of theirs lets them count behind the gate"), ("g.gone", 4, "not open (closed)"),
     ("v.past", 4, "not open (vetting ended)")],
)  # fmt: skip
def test_a_closed_account_or_one_without_the_role_is_refused_with_the_reason_and_written_down(
    home: Path, typed: Type, person: str, code: int, said: str
) -> None:
    done = typed(person, "quality", "calendar")
    assert (done.code, said in done.err) == (code, True), done
    entries = [one.event for one in open_store(home, environ={}).audit.entries()]
    refused = [(one.person, one.action) for one in entries if one.answer == "refused"]
    assert refused == ([(person, "command quality calendar")] if code else [])


def test_people_are_changed_by_an_administrator_or_by_who_has_no_account(typed: Type) -> None:
    assert typed("a.analyst", "person", "disable", "d.owner").code == 4
    assert typed("the machine", "person", "disable", "d.owner").code == 0
