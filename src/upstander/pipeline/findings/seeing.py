"""Which published edition a reader sees, and which datasets of it."""

from datetime import datetime
from pathlib import Path
from typing import Protocol

from upstander.contracts.asking import Allowed, Purpose, Request
from upstander.contracts.catalogue import ALL
from upstander.contracts.releasing import Edition
from upstander.pipeline.findings.reading import Findings, findings_of
from upstander.pipeline.home import Home
from upstander.pipeline.outputs import ledger_lines, ledger_path
from upstander.pipeline.recalling import RECALL
from upstander.pipeline.release import shelf
from upstander.pipeline.release.approving import KIND, Shelved
from upstander.pipeline.release.published import published
from upstander.sharing import AgreementRegister, decide


class Looking(Shelved, Protocol):
    """What looking at a release needs: a home, its audit log, its agreements. A desk is one."""

    @property
    def register(self) -> AgreementRegister:
        """The agreements."""


def editions_out(here: Shelved) -> tuple[shelf.Edition, ...]:
    """The published editions that are not recalled, oldest quarter first.

    Worked out anew when anything is made, published or recalled, all of which the ledger or the folders show.
    """
    root, traces, said = here.home.root, _traces(here.home), _said_of_releases(here.home)
    held = _out.get(root)
    if held is None or held[:2] != (traces, said):
        held = _out[root] = (traces, said, tuple(published(here)))
    return held[2]


def findings_now(here: Shelved) -> Findings | None:
    """The newest published release; None where nothing is published."""
    found = editions_out(here)
    return findings_of(here.home, found[-1]) if found else None


def findings_named(here: Shelved, quarter: str, number: int) -> Findings | None:
    """One edition, if it was published and is not recalled. A newer one may stand beside it."""
    found = (one for one in editions_out(here) if (one.quarter, one.number) == (quarter, number))
    return next((findings_of(here.home, one) for one in found), None)


def datasets_seen(
    here: Looking, findings: Findings, *, person: str, agency: str, purpose: Purpose, at: datetime
) -> frozenset[str]:
    """The datasets of a release that an agreement in force gives this agency for this purpose, at that moment.

    Nothing is read by this, so nothing is written down: opening a page is one line of the audit log, by the caller.
    """
    agreements = here.register.agreements(at)

    def is_given(dataset: str) -> bool:
        request = Request(person, agency, purpose, dataset, (), (ALL[dataset].counts_by,), "read the release", at)
        ticked = ALL[dataset].purposes.keys()
        return isinstance(decide(request, agreements, edition=Edition.SHAREABLE, ticked=ticked), Allowed)

    return frozenset(source.dataset for source in findings.edition.plan.sources if is_given(source.dataset))


Traces = tuple[tuple[str, int, int], ...]
_ledgers: dict[Path, tuple[tuple[int, int], tuple[str, ...]]] = {}
_out: dict[Path, tuple[Traces, tuple[str, ...], tuple[shelf.Edition, ...]]] = {}


def _traces(home: Home) -> Traces:
    """How large, and of when, is all that shows that something was made: the folder and manifest of each edition."""
    held = [
        home.releases,
        *(path for one in shelf.editions(home) for path in (one.folder, one.folder / shelf.MANIFEST)),
    ]
    stats = [(str(path), path.stat()) for path in held if path.exists()]
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def _said_of_releases(home: Home) -> tuple[str, ...]:
    """What the ledger says of releases published and outputs recalled; read again only where it has grown."""
    path = ledger_path(home)
    stat = path.stat() if path.is_file() else None
    traces = (stat.st_size, stat.st_mtime_ns) if stat else (0, 0)
    held = _ledgers.get(home.root)
    if held is None or held[0] != traces:
        lines = tuple(str(line) for line in ledger_lines(home) if line["kind"] in {KIND, RECALL})
        held = _ledgers[home.root] = (traces, lines)
    return held[1]
