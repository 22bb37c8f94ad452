"""Coverage of every interval, false alarms of every alarm, recall of what was planted: one table for each subject.

.venv/bin/python bench/simulate.py [--runs N] [--seed N] [--only SUBJECT] [--write docs/methods/coverage.md]
"""

import argparse
import pkgutil
import sys
from importlib import import_module
from pathlib import Path

import simulations
from simulations import Finding


def subjects() -> list[str]:
    """The modules of `simulations`, each a subject."""
    return sorted(found.name for found in pkgutil.iter_modules(simulations.__path__))


def table(subject: str, findings: list[Finding]) -> str:
    """The findings of a subject as Markdown."""
    lines = [
        f"## {subject.capitalize()}\n",
        "| method | share | setting | nominal | found | accepted | worlds |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {each.method} | {each.what} | {each.setting} | {'' if each.nominal is None else f'{each.nominal:.1%}'} "
            f"| {each.found:.1%}{'' if each.is_as_promised else ' **(not as promised)**'} "
            f"| {each.least:.1%} to {each.most:.1%} | {each.runs:,} |"
            for each in findings
        ),
    ]
    return "\n".join(lines)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--runs", type=int, default=2000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", choices=subjects())
    asked.add_argument("--write", type=Path)
    words = asked.parse_args()
    tables, kept = [], True
    for subject in [words.only] if words.only else subjects():
        print(f"coverage: {subject}", file=sys.stderr)
        findings = import_module(f"simulations.{subject}").simulate(words.runs, words.seed)
        kept = kept and all(each.is_as_promised for each in findings)
        tables.append(table(subject, findings))
    head = (
        "# Coverage, false alarms, recall\n\nWritten by `bench/simulate.py`; do not edit. Made worlds with a known "
        f"truth, seed {words.seed}. A share is accepted\nwith three standard errors of the simulation as room.\n"
    )
    page = "\n\n".join([head, *tables]) + "\n"
    print(page)
    if words.write:
        words.write.write_text(page, "utf-8")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
