"""Change the code of `sharing` in every small way, one at a time, and see that some test fails each time.

    .venv/bin/python tools/mutants/run.py                     every module; about twenty minutes on one quiet core
    .venv/bin/python tools/mutants/run.py deciding terms      these modules only
    .venv/bin/python tools/mutants/run.py --write             and write down the counts, for docs/methods/mutants.md

Prints a line for each survivor, and totals. Ends with 1 if a survivor is not listed in equivalents.toml, or if one that
is listed there was killed, so that the list stays true.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from making import Mutant, mutants_of
from paper import LISTED, equivalents, keep_counts
from running import survives_import, surviving_calls, warm_up

ROOT = Path(__file__).resolve().parents[2]
SHARING = ROOT / "src" / "upstander" / "sharing"
# The room's own tests only: whoever changes the room should hear of it here, and not from a test of the pipeline.
TESTS = ("tests/sharing",)
# Where a change that is made at import is most likely found; all the others are asked after these.
FIRST = {
    "agreement": "files", "anchors": "anchors", "audit": "audit", "deciding": "deciding", "drafting": "drafting",
    "explaining": "explaining", "feeds": "linking", "files": "files", "gateways": "gateways", "log": "audit",
    "policy": "count_rules", "processing": "processing", "protection": "gateways", "records": "files",
    "registers": "files", "terms": "terms", "usage": "processing",
}  # fmt: skip


def modules(names: Sequence[str]) -> list[Path]:
    """The modules of these names; all of the room's without any."""
    every = sorted(path for path in SHARING.rglob("*.py") if mutants_of(path, SHARING)[1])
    return [path for path in every if not names or path.relative_to(SHARING).with_suffix("").as_posix() in names]


def main() -> int:
    """Run, say what survived, and keep the counts if asked to."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("modules", nargs="*", help="such as deciding or pages/__init__; without any, all of them")
    asked.add_argument("--write", action="store_true", help="write the counts and docs/methods/mutants.md")
    options = asked.parse_args()
    os.chdir(ROOT)
    if os.environ.get("PYTHONHASHSEED") != "0":  # sets in one order, so that a run can be repeated
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    paths = modules(options.modules)
    made = {mutant.name: mutant for path in paths for mutant in mutants_of(path, SHARING)[1]}
    print(f"{len(made)} mutants of {len(paths)} modules", flush=True)
    began = time.monotonic()
    warm_up()
    survived = survivors(paths)
    known = {one.name: one for one in equivalents() if one.module in {mutant.module for mutant in made.values()}}
    unlisted = [mutant for mutant in survived if mutant.name not in known]
    killed = [one for one in known.values() if one.name not in {mutant.name for mutant in survived}]
    for one in killed:
        print(f"listed as equivalent in {LISTED.name}, but it is not there or a test kills it: {one}")
    print(f"{len(made)} mutants: {len(made) - len(survived)} killed, {len(survived) - len(unlisted)} shown equivalent, "
          f"{len(unlisted)} survived; {time.monotonic() - began:.0f} s")  # fmt: skip
    if options.write and not unlisted and not killed:
        keep_counts(Counter(mutant.module for mutant in made.values()))
    return 1 if unlisted or killed else 0


def survivors(paths: Sequence[Path]) -> list[Mutant]:
    """Every mutant that no test kills; each one that is not listed is printed when it is found."""
    known = {one.name for one in equivalents()}
    found: list[Mutant] = []

    def note(mutant: Mutant) -> None:
        found.append(mutant)
        if mutant.name not in known:
            print(f"SURVIVED {mutant}", flush=True)

    for mutant, has_survived, is_open in surviving_calls(paths, SHARING, TESTS):
        if has_survived and (not is_open or _survives_import(mutant)):
            note(mutant)
    for path in paths:
        for mutant in mutants_of(path, SHARING)[1]:
            if mutant.at_import and _survives_import(mutant):
                note(mutant)
    return found


def _survives_import(mutant: Mutant) -> bool:
    path = SHARING / f"{mutant.module}.py"
    tree, every = mutants_of(path, SHARING)
    mine = next(one for one in every if one.name == mutant.name)
    module = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")
    first = (f"tests/sharing/test_{FIRST[mutant.module]}.py",) if mutant.module in FIRST else TESTS
    return all(survives_import(mine, tree, path, module, tests) for tests in dict.fromkeys((first, TESTS)))


if __name__ == "__main__":
    sys.exit(main())
