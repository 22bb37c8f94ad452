"""Every command that our pages tell a person to type is one that the program knows."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from checkout import ROOT, code_of, name_of, pages, prose_of

Command = Any  # typer carries a command library of its own, whose types it does not export
_NotUnderstood = typer.BadParameter.__mro__[1]

_TYPED = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?upstander (.+)$", re.MULTILINE)
_MENTIONED = re.compile(r"`(?:\.venv/bin/)?upstander ([^`\n]+)`")


@pytest.fixture(scope="module")
def program() -> Command:
    from upstander.cli import app

    return typer.main.get_command(app)


def reach(words: list[str], program: Command) -> tuple[Command, list[str]]:
    """The innermost command that the words name, and the words left over for it."""
    command = program
    while words and hasattr(command, "commands") and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    return command, words


def unknown(line: str, program: Command) -> str:
    """What the program would not know in a line, options and command names only; empty if it knows all."""
    command, rest = reach(shlex.split(line, comments=True), program)
    if hasattr(command, "commands") and rest and not rest[0].startswith("-"):
        return f"no command {rest[0]!r} in: {line}"
    known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)} | {"--help"}
    strange = [word for word in rest if word.startswith("--") and word.split("=")[0] not in known]
    return f"no option {', '.join(strange)} in: {line}" if strange else ""


def refused(line: str, program: Command) -> str:
    """Why the program would refuse the line as typed; a file that is not here is no reason. Empty if it would not."""
    if strange := unknown(line, program):
        return strange
    command, rest = reach(shlex.split(line, comments=True), program)
    try:
        command.make_context(str(command.name), rest)
    except _NotUnderstood as error:
        why = error.format_message()
        return "" if "does not exist" in why else f"{why} In: {line}"
    return ""


def typed_in(page: Path) -> list[str]:
    """The commands in a page's fenced blocks, lines that end in a backslash joined."""
    return [line for block in code_of(page) for line in _TYPED.findall(re.sub(r"\\\n\s*", " ", block))]


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_command_a_page_shows_would_be_accepted(page: Path, program: Command) -> None:
    assert [why for line in typed_in(page) if (why := refused(line, program))] == []


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_command_a_page_mentions_exists(page: Path, program: Command) -> None:
    assert [why for line in _MENTIONED.findall(prose_of(page)) if (why := unknown(line, program))] == []


def test_the_readme_shows_the_eight_commands_of_an_analyst() -> None:
    shown = " ".join(typed_in(ROOT / "README.md"))
    wanted = (
        "places load", "agreement sign", "check", "deliver", "deliveries", "table", "injuries", "audit verify",
    )  # fmt: skip
    assert [words for words in wanted if not re.search(rf"(^|\s){words}\b", shown)] == []


def test_a_command_that_does_not_exist_is_caught(program: Command) -> None:
    assert refused("no-such-command FILE", program)
    assert refused("deliver FILE --no-such-option", program)
