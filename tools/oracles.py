"""Print, or write with --write, how far our methods lie from the published results under ../shared.

    .venv/bin/python tools/oracles.py --write

The comparisons are those of the tests (tests/oracles). Ends with 1 where one lies beyond its tolerance, and writes
nothing where the results are not here.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from oracles.catalogue import ALL, compared  # noqa: E402 - the comparisons are the tests' own
from oracles.page import page  # noqa: E402
from oracles.reading import ORACLES  # noqa: E402

PAGE = ROOT / "docs" / "methods" / "oracles.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    write = parser.parse_args().write
    if not ORACLES.is_dir():
        print(f"There are no published results in {ORACLES.parent.name}/{ORACLES.name}; nothing was compared.")
        return 0
    told = page()
    if write:
        PAGE.write_text(told, "utf-8")
    print(told)
    beyond = [f"{oracle}: {each}" for oracle in sorted(ALL) for each in compared(oracle) if not each.agrees]
    for line in beyond:
        print(line, file=sys.stderr)
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
