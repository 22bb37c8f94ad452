"""Proving a release: every seal, then the whole of it made again from what it pins, and compared byte for byte."""

from dataclasses import dataclass

from upstander.errors import UpstanderError
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.pipeline.keeping.purging import Certificate, certificates
from upstander.pipeline.release import shelf
from upstander.pipeline.release.approving import faults_of
from upstander.pipeline.release.building import build, manifest_of
from upstander.pipeline.release.given import publications_given

VERIFY = "release verify"


@dataclass(frozen=True)
class Verified:
    """What was found. `faults`: seals that are broken. `differs`: files that came out otherwise when built again.

    `is_rebuilt` says whether it could be built again; if not, `why` says what is gone and why, one sentence each.
    """

    release: str
    sha256: str
    faults: tuple[str, ...]
    is_rebuilt: bool
    differs: tuple[str, ...]
    why: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.faults and not self.differs

    @property
    def in_words(self) -> str:
        """What a person reads of it."""
        if self.faults:
            return f"{self.release} is not as it was made: {'; '.join(self.faults)}."
        if self.differs:
            return f"{self.release} comes out otherwise when built again: {', '.join(self.differs)}."
        if self.is_rebuilt:
            return f"{self.release}: every seal holds; built again from its pinned readings, every byte is the same."
        return f"{self.release}: every seal holds; it cannot be built again. {' '.join(self.why)}"


def verify(desk: Desk, quarter: str, number: int | None = None) -> Verified:
    """Whether a release is as it was made, and comes out the same when made again. Nothing is changed.

    Works on every earlier edition whatever has arrived since. Raises WrongUsage where there is none.
    """
    edition = shelf.find_edition(desk.home, quarter, number)
    found = _verified(desk, edition)
    answer = "holds" if found.holds else "does not hold"
    note(desk, action=VERIFY, answer=answer, dataset="", about=f"{edition.name} {edition.sha256}")
    return found


def _verified(desk: Desk, edition: shelf.Edition) -> Verified:
    faults = faults_of(desk, edition)
    if faults:
        return Verified(edition.name, edition.sha256, faults, is_rebuilt=False, differs=(), why=())
    gone = tuple(_destroyed(desk, edition))
    if gone:
        return Verified(edition.name, edition.sha256, (), is_rebuilt=False, differs=(), why=gone)
    try:
        differs = tuple(_differing(desk, edition))
    except UpstanderError as why:
        if why.exit_code in {1, 2, 5}:
            raise
        return Verified(edition.name, edition.sha256, (), is_rebuilt=False, differs=(), why=(why.message,))
    return Verified(edition.name, edition.sha256, (), is_rebuilt=True, differs=differs, why=())


def _differing(desk: Desk, edition: shelf.Edition) -> list[str]:
    plan = edition.plan
    before = [_earlier(desk, *named) for named in plan.earlier]
    told = [shelf.publications_of(desk, one) for one in before]
    built = build(desk, plan, [*told, *publications_given(desk, plan, before)])
    files = {**built.files, shelf.MANIFEST: manifest_of(plan, built)}
    held = {path.name: path.read_bytes() for path in edition.folder.iterdir()}
    differs = sorted(name for name in files.keys() | held.keys() if files.get(name) != held.get(name))
    sealed = shelf.sealed_exact(desk, edition)
    return differs if shelf.parquet(sealed) == shelf.parquet(built.exact) else [*differs, "the sealed counts"]


def _earlier(desk: Desk, quarter: str, number: int, sha256: str) -> shelf.Edition:
    """A release that this one was protected with, as it was then."""
    found = shelf.find_edition(desk.home, quarter, number)
    shelf.check_seals(found)
    if found.sha256 != sha256:
        raise shelf.broken(found, "its manifest is not the one that later releases were protected with")
    return found


def _destroyed(desk: Desk, edition: shelf.Edition) -> list[str]:
    """What it was made from and is not held as it was, each with what a certificate or a manifest says of it."""
    by_reading = {one.reading: one for one in certificates(desk) if one.reading}
    said = []
    for source in edition.plan.sources:
        held = {one.reading: one for one in desk.warehouse.manifests(source.dataset)}
        for pinned in source.readings:
            now = held.get(pinned.reading)
            if now is None:
                said.append(_gone(source.dataset, pinned.supplier, pinned.reading, by_reading.get(pinned.reading)))
            elif tuple((part.name, part.sha256) for part in now.parts) != pinned.parts:
                said.append(
                    f"{source.dataset} from {pinned.supplier}, reading {pinned.reading}: {now.erased} rows were erased"
                    f" ({', '.join(now.erasures) or 'its parts were changed'})."
                )
    return said


def _gone(dataset: str, supplier: str, reading: str, certificate: Certificate | None) -> str:
    named = f"{dataset} from {supplier}, reading {reading}"
    if certificate is None:
        return f"{named}: is not held, and no certificate says why."
    when = f"{certificate.done[:10]}" if certificate.done else "not finished"
    return (
        f"{named}: destroyed on {when} by {certificate.by}; kept {certificate.retention_days} days, "
        f"because {certificate.because}."
    )
