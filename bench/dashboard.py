"""How long a view of the dashboard takes, first and again, on a home with a published release.

Usage: PYTHONPATH=src python bench/dashboard.py HOME. Prints, for each kind of figure, the first view (drawn), and how
many times a second the same figure is had again with the release looked up anew each time, as a page does.
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path


def main(root: Path) -> None:
    """Time every kind of figure of the newest release, for each measure."""
    from upstander.web.site import open_site

    here = open_site(root, environ={"UPSTANDER_SITE_SECRET_FILE": str(root.parent / "site-secret")})
    from upstander.pipeline.findings import findings_now
    from upstander.pipeline.findings.making import KINDS, Wanted, latest_of
    from upstander.web.findings.shown import shown

    def _looked_up(kind: str) -> object:
        newest = findings_now(here)
        return shown(newest, kind, warm[0]) if newest else None

    started = time.perf_counter()
    found = findings_now(here)
    if found is None:
        raise SystemExit("No release is published.")
    _ = found.choices
    print(f"edition read and choices made, once a process: {1000 * (time.perf_counter() - started):.0f} ms")
    warm = [Wanted(one.name, latest_of(found, one.name)) for one in found.choices.measures]
    for kind in KINDS:
        shown(found, kind, warm[0])  # imports, reference data and templates, once a process
    for kind in KINDS:
        first = [_ms(partial(shown, found, kind, one)) for one in warm[1:]]
        again = _again(partial(_looked_up, kind))
        print(f"{kind:10} first {max(first):5.1f} ms at most; again {again:8,.0f} a second")


def _ms(run: Callable[[], object]) -> float:
    """Milliseconds of processor time, which other work on the machine does not lengthen."""
    started = time.process_time()
    run()
    return 1000 * (time.process_time() - started)


def _again(run: Callable[[], object], times: int = 2000) -> float:
    started = time.perf_counter()
    for _ in range(times):
        run()
    return times / (time.perf_counter() - started)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
