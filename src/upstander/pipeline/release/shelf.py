"""Releases as they lie on disk: `releases/<quarter>/<edition>/`, whole from one rename on, never changed."""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import TypeAdapter, ValidationError

from upstander.disclosure import Publication, strictest
from upstander.errors import NotAcceptable, WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.home import Home
from upstander.pipeline.release.plan import DIMENSIONS_TOLD, Plan, plan_of
from upstander.values.canonical import canonical_json
from upstander.values.durable import make_folder, publish, sync_file, sync_folder, write_whole

FIGURES_TABLE = "figures"
MANIFEST, HIERARCHIES, ATTACK, FIGURES, NOTES = (
    "manifest.json", "hierarchies.json", "attack.json", f"{FIGURES_TABLE}.parquet", "notes.txt"
)  # fmt: skip
_EXACT = "exact"
_ROWS = TypeAdapter(dict[str, dict[str, list[tuple[str, str, str]]]])


class BrokenRelease(NotAcceptable):
    """A release on disk is not as it was made."""


@dataclass(frozen=True)
class Edition:
    """One edition of a quarter's release, as its manifest says."""

    quarter: str
    number: int
    folder: Path

    @property
    def name(self) -> str:
        """How it is called: 2026-Q3/0001."""
        return f"{self.quarter}/{self.number:04d}"

    @cached_property
    def content(self) -> bytes:
        """The bytes of its manifest."""
        return (self.folder / MANIFEST).read_bytes()

    @property
    def sha256(self) -> str:
        """The hash of its manifest, and so of all of it."""
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """What its manifest says. Raises BrokenRelease."""
        try:
            told: Mapping[str, Any] = json.loads(self.content)
        except ValueError as why:
            raise broken(self, "its manifest cannot be read") from why
        return told

    @cached_property
    def plan(self) -> Plan:
        """What it was made from. Raises BrokenRelease."""
        try:
            return plan_of(self.manifest["plan"])
        except (ValidationError, KeyError) as why:
            raise broken(self, "its manifest cannot be read") from why


def editions(home: Home, quarter: str = "") -> list[Edition]:
    """Every edition there is, oldest quarter first; of one quarter if it is named."""
    found = home.releases.glob(f"{quarter or '*'}/[0-9][0-9][0-9][0-9]/{MANIFEST}")
    return [Edition(path.parent.parent.name, int(path.parent.name), path.parent) for path in sorted(found)]


def find_edition(home: Home, quarter: str, number: int | None = None) -> Edition:
    """The edition of that number, else the newest. Raises WrongUsage where there is none."""
    found = [one for one in editions(home, quarter) if number in (None, one.number)]
    if not found:
        named = f"{quarter}, edition {number}" if number else quarter
        raise WrongUsage(
            f"There is no release {named}.", found=named,
            expected=", ".join(one.name for one in editions(home)) or "`upstander release make`",
        )  # fmt: skip
    return found[-1]


def broken(edition: Edition, what: str) -> BrokenRelease:
    """The error of a release that is not as it was made."""
    return BrokenRelease(
        f"The release {edition.name} is not as it was made: {what}.",
        where=str(edition.folder), found=what, expected="the folder from a backup, or a new edition",
        state="Nothing was changed. No approval counts for it.",
    )  # fmt: skip


def broken_seals(edition: Edition) -> list[str]:
    """Files that are changed, missing or not of this release; empty where every hash is as the manifest says."""
    try:
        said: Mapping[str, str] = edition.manifest["files"]
        _ = edition.plan
    except (BrokenRelease, KeyError, TypeError):
        return ["manifest.json cannot be read"]
    held = {path.name: path for path in edition.folder.iterdir() if path.name != MANIFEST}
    changed = [f"{name} was changed" for name in sorted(said.keys() & held) if _sha256(held[name]) != said[name]]
    missing = [f"{name} is missing" for name in sorted(said.keys() - held.keys())]
    strange = [f"{name} is not of it" for name in sorted(held.keys() - said.keys())]
    spelt = [] if canonical_json(edition.manifest) == edition.content else ["manifest.json was changed"]
    return [*spelt, *changed, *missing, *strange]


def check_seals(edition: Edition) -> None:
    """Raises BrokenRelease, naming what is not as it was made."""
    if faults := broken_seals(edition):
        raise broken(edition, "; ".join(faults))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_edition(home: Home, quarter: str, number: int, files: Mapping[str, bytes]) -> Edition:
    """Make the edition exist, by one rename. `files` are all of it, its manifest among them, which is written last.

    What a killed run left is removed first. The caller holds the lock of the releases.
    """
    shelf = home.releases / quarter
    building = shelf / f".{number:04d}.building"
    if building.is_dir():
        for path in building.iterdir():
            path.unlink()
    make_folder(building)
    for name in sorted(files, key=lambda name: (name == MANIFEST, name)):
        write_whole(building / name, files[name])
        sync_file(building / name)
    sync_folder(building)
    folder = shelf / f"{number:04d}"
    publish(building, folder)
    return Edition(quarter, number, folder)


def exact_name(quarter: str, number: int) -> str:
    """What the sealed cells of an edition are called in the vault."""
    return f"release-{quarter.lower()}-{number:04d}"


def seal_exact(desk: Desk, quarter: str, number: int, cells: pl.DataFrame) -> None:
    """Seal the exact cells of an edition; those of an edition that never came to exist are replaced."""
    name = exact_name(quarter, number)
    put = desk.vault.put_anew if desk.vault.holds(_EXACT, name) else desk.vault.seal
    put(_EXACT, name, parquet(cells))


def sealed_exact(desk: Desk, edition: Edition) -> pl.DataFrame:
    """The exact cells of an edition with how each is told: dataset (the name of its source), the
    dimensions, vintage, told, count, persons, value, status, why. Raises BrokenRelease where they are gone.
    """
    name = exact_name(edition.quarter, edition.number)
    if not desk.vault.holds(_EXACT, name):
        raise broken(edition, "its sealed counts are gone")
    with desk.vault.open_sealed(_EXACT, name) as source:
        return frame_of(source.read())


def parquet(frame: pl.DataFrame) -> bytes:
    """A frame as Parquet, the same bytes for the same frame."""
    into = io.BytesIO()
    frame.write_parquet(into)
    return into.getvalue()


def frame_of(content: bytes) -> pl.DataFrame:
    """A frame as `parquet` wrote it."""
    return pl.read_parquet(io.BytesIO(content))


def cells_of(edition: Edition, table: str) -> pl.DataFrame:
    """The cells of one of its tables, or its figures."""
    return pl.read_parquet(edition.folder / f"{table}.parquet", glob=False)


def hierarchies_of(edition: Edition) -> dict[str, dict[str, pl.DataFrame]]:
    """How each dimension of each source adds up: parent, child, split."""
    read = _ROWS.validate_json((edition.folder / HIERARCHIES).read_bytes())
    schema = dict.fromkeys(("parent", "child", "split"), pl.String)
    return {
        dataset: {name: pl.DataFrame(rows, schema, orient="row") for name, rows in named.items()}
        for dataset, named in read.items()
    }


def publications_of(desk: Desk, edition: Edition) -> dict[str, Publication]:
    """What a reader of an edition sees and knows, by source, for the attack and for protecting later releases."""
    cells, above = sealed_exact(desk, edition), hierarchies_of(edition)
    return {
        source.name: Publication(
            DIMENSIONS_TOLD,
            cells.filter(dataset=source.name).drop("dataset", "count", "persons"),
            above[source.name],
            strictest(source.rules),
        )
        for source in edition.plan.sources
    }


def tables_in(edition: Edition) -> Sequence[str]:
    """The names of its tables."""
    names: Sequence[str] = edition.manifest["tables"]
    return names


def layers_of(edition: Edition) -> set[str]:
    """The layers of areas that its tables tell."""
    told = (json.loads((edition.folder / f"{name}.json").read_bytes())["about"] for name in tables_in(edition))
    return {about["area_layer"] for about in told if about["area_layer"]}
