"""The demo says for each role who plays it and how to sign in, and ends with the site running at a terminal."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from upstander.cli import app
from upstander.web.accounts import fictional
from upstander.web.accounts.roles import GIVEN
from web.county import County

LINE = re.compile(
    r"^(?P<role>[^:]+): .+ signs in as (?P<handle>\S+) \(code now (?P<code>\d{6}), key (?P<key>[A-Z2-7]+)\)"
)


def said(county: County, *words: str) -> str:
    """What the demo says of this county, which is made already."""
    done = CliRunner().invoke(app, ["demo", "--folder", str(county.folder), *words], env=dict(county.environ))
    assert done.exit_code == 0, done.output
    return str(done.output)


def test_each_role_has_a_line_by_which_somebody_really_signs_in(county: County) -> None:
    lines = {found["role"]: found for line in said(county, "--codes").splitlines()
             if (found := LINE.match(line))}  # fmt: skip
    assert set(lines) == {role.called for role in GIVEN}
    for role, member in county.of.items():
        told = lines[role.called]
        assert (told["handle"], told["key"]) == (member.handle, member.secret)
        answer = county.sign_in(county.browser(), member, password=fictional.PASSWORD, code=told["code"])
        assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize(("words", "is_served"), [((), False), (("--serve",), True), (("--no-serve",), False)])
def test_it_serves_when_told_to_or_at_a_terminal(
    county: County, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], is_served: bool
) -> None:
    """Making the county is tested elsewhere (tests/pipeline/test_county.py); here it is made already."""
    served: list[dict[str, Any]] = []
    monkeypatch.setattr("upstander.cli.fictional._make", lambda *words, **named: None)
    monkeypatch.setattr("upstander.cli.fictional.serve", lambda **named: served.append(named))
    said(county, *words)
    assert [(one["home"], one["port"] > 1023) for one in served] == ([(county.home, True)] if is_served else [])


def test_the_secret_of_its_site_lies_beside_the_home_and_not_in_it(released_county: Path) -> None:
    settings = (released_county / "home" / "upstander.toml").read_text("utf-8")
    assert 'secret_file = "../site.secret"' in settings
