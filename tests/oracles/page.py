"""The table of docs/methods/oracles.md: each published result, and how far our answer lies from it."""

from collections.abc import Iterator
from itertools import groupby

from oracles.catalogue import ALL, compared
from oracles.comparing import Compared

_HEAD = """# Published results

Written by `tools/oracles.py --write`; do not edit. Each result was published, or made by the reference implementation
of its method, and is compared with what `upstander method run` prints for the same file. A tolerance is what our tests
allow, never more than the source of the result states. Of words, whole numbers and yes or no, the difference is how
many differ. Results printed in papers and books stand beside these in `tests/oracles/test_published.py`.

| result | compared | values | largest difference | tolerance |
|---|---|---|---|---|
"""


def page() -> str:
    """The page as Markdown."""
    return _HEAD + "".join(row for oracle in sorted(ALL) for row in _rows(oracle))


def _rows(oracle: str) -> Iterator[str]:
    by_tolerance = sorted(compared(oracle), key=lambda each: (each.within, each.is_relative))
    for tolerance, group in groupby(by_tolerance, key=lambda each: each.tolerance):
        of_one = list(group)
        count, largest = sum(each.values for each in of_one), max(each.largest for each in of_one)
        yield f"| `{oracle}` | {_names(of_one)} | {count:,} | {largest:.0e} | {tolerance} |\n".replace("0e+00", "0")


def _names(of_one: list[Compared]) -> str:
    """What is compared, once each; the case before the colon left out."""
    return ", ".join(dict.fromkeys(each.what.rpartition(": ")[2] for each in of_one))
