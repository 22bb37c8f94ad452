"""The page put together: one file, its scripts and styles named by their hashes, with nowhere to send anything."""

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any

import jinja2

from upstander.contracts.readings import Outcome
from upstander.intake.checker.bundling import bundled
from upstander.intake.checker.facts import facts_for
from upstander.intake.report import LINE_SUMS
from upstander.intake.suppliers import Supplier

_VERDICTS = {
    Outcome.ACCEPT: "Ready to send",
    Outcome.NORMALISE: "Ready to send: it would be loaded with repairs",
    Outcome.ROWQ: "It would be loaded in part: some rows need mending",
    Outcome.HOLD: "It would be held until a person has looked",
    Outcome.FILEQ: "It would not be loaded: the file needs mending",
    Outcome.REFUSE: "It would be refused",
}


def checker_html(supplier: Supplier) -> str:
    """The page for files of one layout. Equal maps and contracts give equal bytes."""
    facts = facts_for(supplier) | {
        "verdicts": {outcome.value: words for outcome, words in _VERDICTS.items()},
        "line_sums": [list(line) for line in LINE_SUMS],
    }
    script, style = bundled("page"), _styles()
    return _templates().get_template("page.html.j2").render(
        facts=_as_data(facts), script=script, style=style, script_hash=_hash(script), style_hash=_hash(style),
        title=facts["title"], one_row_is=facts["one_row_is"], supplier=supplier,
    )  # fmt: skip


def _styles() -> str:
    return files("upstander.intake.checker").joinpath("page.css").read_text(encoding="utf-8")


def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("upstander.intake.checker", "."), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip


def _as_data(facts: dict[str, Any]) -> str:
    """JSON that no parser of HTML can take for the end of its element."""
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _hash(text: str) -> str:
    """The hash of an inline script or style as a content policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
