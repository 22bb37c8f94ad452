"""What is written down of a run: the mutants shown equivalent, the counts, and the page that is made from both."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import tomli_w

ROOT = Path(__file__).resolve().parents[2]
LISTED = Path(__file__).with_name("equivalents.toml")
COUNTED = Path(__file__).with_name("counts.toml")
PAGE = ROOT / "docs" / "methods" / "mutants.md"

HEAD = """# Mutants: does a test notice when the code of sharing is wrong?

Written by `tools/mutants/run.py --write` from [the list of equivalents](../../tools/mutants/equivalents.toml) and the
counts of the run; do not edit.

A mutant is the code with one small change: `<` becomes `<=`, `and` becomes `or`, a `not` or a call is taken away, a
number grows by one, a word is misspelt, a value in a sentence is left out, a return value is lost, a table has one
entry less. If every test still passes, nobody would have noticed the mistake. The run changes each place of
`src/upstander/sharing` that its operators reach, one at a time, and asks the tests of `tests/sharing` alone.

    .venv/bin/python tools/mutants/run.py                     every module
    .venv/bin/python tools/mutants/run.py deciding terms      these modules only

It prints a line for each survivor. It ends with 1 if one of them is not listed below, or if one that is listed was
killed. The sets of Python come in one order and Hypothesis draws the same examples each time, so a run can be repeated.

Two tools from PyPI were looked at first. mutmut 3.8 passes over every function with a decorator and everything outside
of functions: the validators of agreements and the tables of the law, which are most of the policy. cosmic-ray 8.7
starts a new process for each mutant and changes no words. So the run has a mutator of its own: it keeps the tests
loaded and forks for each mutant.

## Counts

{counts}

## Shown equivalent

Each of these was read by a person: it survives because it changes nothing that anybody could see.

{equivalents}
"""


@dataclass(frozen=True)
class Equivalent:
    """A mutant that changes nothing which anybody could see, and why."""

    module: str
    function: str
    original: str
    mutated: str
    why: str
    which: int = 1

    @property
    def name(self) -> tuple[str, str, str, str, int]:
        """As making.Mutant is named."""
        return self.module, self.function, self.original, self.mutated, self.which

    def __str__(self) -> str:
        again = f" ({self.which})" if self.which > 1 else ""
        return f"{self.module} {self.function}{again}: {self.original}  →  {self.mutated}"


def equivalents() -> list[Equivalent]:
    """Those in the list."""
    return [Equivalent(**one) for one in tomllib.loads(LISTED.read_text("utf-8"))["equivalent"]]


def counts() -> dict[str, int]:
    """How many mutants each module had when it was last run through without an unlisted survivor."""
    return tomllib.loads(COUNTED.read_text("utf-8"))["made"] if COUNTED.is_file() else {}


def keep_counts(made: dict[str, int]) -> None:
    """Write down the counts of a run, beside those of modules that were not in it, and the page."""
    COUNTED.write_text(tomli_w.dumps({"made": dict(sorted((counts() | made).items()))}), "utf-8")
    PAGE.write_text(page(), "utf-8")


def page() -> str:
    """The page, from the list and the counts."""
    listed = equivalents()
    rows = [(module, made, sum(one.module == module for one in listed)) for module, made in counts().items()]
    rows.append(("all", sum(made for _, made, _ in rows), sum(same for *_, same in rows)))
    table = ["| module | mutants | killed | equivalent |", "|---|--:|--:|--:|"]
    table += [f"| {module} | {made:,} | {made - same:,} | {same:,} |" for module, made, same in rows]
    return HEAD.format(counts="\n".join(table), equivalents="\n".join(_told(listed)))


def _told(listed: list[Equivalent]) -> list[str]:
    """One heading a module, one line a reason with its mutants."""
    lines = []
    for module in sorted({one.module for one in listed}):
        lines += ["" if lines else None, f"### {module}", ""]
        mine = [one for one in listed if one.module == module]
        for why in dict.fromkeys(one.why for one in mine):
            lines.append(f"- {why}")
            for one in (one for one in mine if one.why == why):
                again = f" (place {one.which})" if one.which > 1 else ""
                lines.append(f"  - `{one.function}`{again}: ``{one.original}`` → ``{one.mutated}``")
    return [line for line in lines if line is not None]
