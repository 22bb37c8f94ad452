"""The command as somebody types it, in this process or in one of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from upstander import cli


@dataclass(frozen=True)
class Typed:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The last line, which is JSON."""
        return json.loads(self.out.splitlines()[-1])


def type_in(
    words: list[str], *, home: Path | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Typed:
    """Run `upstander …` in this process, its own way of ending included; the home's key lies beside the home."""
    with monkeypatch.context() as changed:
        changed.setattr(sys, "argv", ["upstander", *words])
        for name in ("UPSTANDER_HOME", "UPSTANDER_KEY_FILE", "UPSTANDER_PASSPHRASE"):
            changed.delenv(name, raising=False)
        if home is not None:
            changed.setenv("UPSTANDER_HOME", str(home))
            changed.setenv("UPSTANDER_KEY_FILE", str(home.parent / "home.key"))
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    said = capsys.readouterr()
    return Typed(code, said.out, said.err)


def run_alone(words: list[str], *, folder: Path, env: Mapping[str, str] | None = None) -> Typed:
    """Run `upstander …` in a process of its own, in a folder, with nothing of the tester's in its environment."""
    program = Path(sys.executable).parent / "upstander"
    known = {"PATH": os.environ["PATH"], "HOME": str(folder)} | dict(env or {})
    ran = subprocess.run([program, *words], cwd=folder, env=known, capture_output=True, text=True, check=False)
    return Typed(ran.returncode, ran.stdout, ran.stderr)


def shut_off(folder: Path) -> dict[str, str]:
    """An environment in which every connection fails loudly."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import socket\n"
        "def refused(*_): raise RuntimeError('a connection was tried')\n"
        "socket.socket.connect = refused\nsocket.socket.connect_ex = refused\nsocket.getaddrinfo = refused\n"
    )
    return {"PYTHONPATH": str(folder)}


def every_command() -> list[list[str]]:
    """The words of every command and group."""

    def below(command: Any, words: list[str]) -> list[list[str]]:
        deeper = [below(one, [*words, name]) for name, one in getattr(command, "commands", {}).items()]
        return [words, *(found for part in deeper for found in part)]

    return below(typer.main.get_command(cli.app), [])
