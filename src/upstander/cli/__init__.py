"""The `upstander` command.

Comes in: what a person types. Goes out: words for people, or JSON with `--json`, and an exit code that says who
can act. Must never: hold a rule, a threshold or a query of its own; it puts the desk together and calls one job.
"""

from upstander.cli import (  # they add their commands to `app`
    anonymity,
    catalogue,
    deliveries,
    fictional,
    governance,
    indicators,
    keeping,
    knowledge,
    quality,
    questions,
    releases,
    serving,
    settling,
    trail,
    vaulting,
)
from upstander.cli.app import app, main
from upstander.cli.permitted import name_commands

name_commands(app)

__all__ = [
    "anonymity", "app", "catalogue", "deliveries", "fictional", "governance", "indicators", "keeping", "knowledge",
    "main", "quality", "questions", "releases", "serving", "settling", "trail", "vaulting",
]  # fmt: skip
