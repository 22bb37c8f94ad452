"""The readings of one home: `warehouse/<dataset>/<reading>/`, Parquet parts and a manifest written last."""

import contextlib
import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import ibis.expr.types as ir
import polars as pl

from upstander.contracts.asking import Allowed
from upstander.contracts.readings import Manifest
from upstander.errors import UpstanderError, WrongUsage
from upstander.values.durable import locked, make_folder, sync_file, sync_folder, write_whole
from upstander.values.periods import Period
from upstander.warehouse.embedded import Embedded
from upstander.warehouse.engine import EngineMaker
from upstander.warehouse.erasing import rewrite_reading, tokens_by_line
from upstander.warehouse.errors import BrokenReading
from upstander.warehouse.facts import ReadingFacts, manifest_of
from upstander.warehouse.inforce import in_force
from upstander.warehouse.manifests import MANIFEST, part_of, read_manifest, verify_reading, written
from upstander.warehouse.reading import Secrets, granted_table
from upstander.warehouse.views import TOKEN_COLUMNS

_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")
_PART = re.compile(r"[a-z0-9][a-z0-9_-]*\.parquet")
_PATTERN_CHARACTERS = "*?[]{}"


class Warehouse:
    """The readings of one home. A reading exists from the instant its manifest does, and never changes."""

    def __init__(self, home: Path, engine: EngineMaker = Embedded) -> None:
        self._engine = engine
        self._folder = home.absolute() / "warehouse"
        self._lock = home / "locks" / "register"
        # The engine reads a path as a pattern and would open other files than the ones named.
        if found := [sign for sign in _PATTERN_CHARACTERS if sign in str(self._folder)]:
            raise WrongUsage(
                f"The home's path holds {' '.join(found)}, which the engine reads as a pattern.",
                where=str(home), found=str(home), expected=f"a path without any of {' '.join(_PATTERN_CHARACTERS)}",
            )  # fmt: skip

    def manifests(self, dataset: str | None = None, supplier: str | None = None) -> tuple[Manifest, ...]:
        """Every reading there is, oldest first. Raises BrokenReading for one that is not as it was written."""
        paths = self._folder.glob(f"{dataset or '*'}/*/{MANIFEST}")
        found = (read_manifest(path) for path in paths)
        return tuple(
            sorted((one for one in found if supplier in (None, one.supplier)), key=lambda manifest: manifest.sequence)
        )

    def find(self, dataset: str, reading: str) -> Manifest | None:
        """The reading of this id, if it exists."""
        path = self.folder(dataset, reading) / MANIFEST
        return read_manifest(path) if path.is_file() else None

    def folder(self, dataset: str, reading: str) -> Path:
        """Where a reading lies, or would lie."""
        for word in (dataset, reading):
            if not _NAME.fullmatch(word):
                raise UpstanderError(f"'{word}' cannot name a folder.", found=word, expected=_NAME.pattern)
        return self._folder / dataset / reading

    def stage(self, dataset: str, reading: str) -> Path:
        """An empty folder for the parts of a new reading; what a killed run left there is removed first.

        The caller holds the home's lock, so that one reading is staged once at a time.
        """
        self.discard(dataset, reading)
        make_folder(self.folder(dataset, reading))
        return self.folder(dataset, reading)

    def discard(self, dataset: str, reading: str) -> None:
        """Remove the parts of a reading that never came to exist. One that exists is never touched."""
        folder = self.folder(dataset, reading)
        if (folder / MANIFEST).exists():
            raise UpstanderError(f"The reading {dataset}/{reading} exists; it cannot be staged or discarded.")
        if folder.exists():
            shutil.rmtree(folder)
            sync_folder(folder.parent)

    def retire(self, dataset: str, reading: str) -> None:
        """Remove a reading whose retention has ended: its manifest first, so that it is gone whole, then its parts.

        Nothing to do where it is gone; a killed run is finished by the same call. Whoever calls leaves a certificate.
        """
        folder = self.folder(dataset, reading)
        with self.register():
            (folder / MANIFEST).unlink(missing_ok=True)
            if folder.exists():
                sync_folder(folder)
            self.discard(dataset, reading)

    def unfinished(self) -> tuple[tuple[str, str], ...]:
        """(dataset, reading) of every folder without a manifest: a run was killed, or is at work."""
        folders = (path for path in self._folder.glob("*/*") if path.is_dir())
        return tuple(sorted((path.parent.name, path.name) for path in folders if not (path / MANIFEST).exists()))

    def damaged(self) -> tuple[BrokenReading, ...]:
        """What is wrong with readings that exist, one error each; every part is hashed, so it takes its time."""
        return tuple(fault for path in sorted(self._folder.glob(f"*/*/{MANIFEST}")) if (fault := _damage(path)))

    @contextlib.contextmanager
    def register(self) -> Iterator["Register"]:
        """The desk where a staged reading is prepared and then made to exist; one at a time holds it."""
        with locked(self._lock):
            yield Register(self)

    def commit(self, facts: ReadingFacts) -> Manifest:
        """Prepare and publish in one go."""
        with self.register() as register:
            manifest = register.prepare(facts)
            register.publish(manifest)
            return manifest

    def held_keys(self, dataset: str, supplier: str, columns: Sequence[str], *, but_of: str) -> pl.DataFrame:
        """Distinct values of these columns over what is in force of one supplier: what an increment need not repeat.

        but_of: the delivery that is being read, whose own earlier readings hold nothing against it.
        For intake only: stored tokens, which name nobody and join with no reader's view.
        """
        held = in_force(self.manifests(dataset, supplier), dataset)
        manifests = [one.manifest for one in held if one.manifest.delivery != but_of]
        paths = [self.folder(dataset, one.reading) / part.name for one in manifests for part in one.parts]
        if not paths:
            return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        return pl.scan_parquet(paths, glob=False).select(columns).unique(maintain_order=True).collect()

    def references_again(
        self, dataset: str, supplier: str, staged: str, *, but_of: str, apart: timedelta
    ) -> tuple[int, int]:
        """How many incidents of a staged reading are also in what is in force of its supplier, and how many of those
        have first moments that lie further apart than this: the same reference for another incident.

        but_of: the delivery that is being read. Counts only; for intake, before the reading exists.
        """
        staging = sorted(self.folder(dataset, staged).glob("*.parquet"))
        held = in_force(self.manifests(dataset, supplier), dataset)
        paths = [path for one in held if one.manifest.delivery != but_of for path in self._paths(one.manifest)]
        if not staging or not paths or not _has_moments(staging[0]):
            return 0, 0
        here = _first_moments(staging)
        known = _first_moments(paths, of=here.select("incident_token"))
        both = here.join(known, on="incident_token", suffix="_held")
        is_apart = (pl.col("event_from_local") - pl.col("event_from_local_held")).abs() > apart
        shared, other = both.select(pl.len().alias("shared"), is_apart.sum().alias("other")).collect().row(0)
        return shared, other

    def token_pairs(self, before: Manifest, after: Manifest) -> pl.DataFrame:
        """The tokens of two readings of one delivery that stand on one line: column, before, after; each pair once.

        For who holds the home's key only, who keeps them sealed: stored tokens of two epochs.
        """
        one, other = (self._tokens_by_line(manifest) for manifest in (before, after))
        joined = one.join(other, on=["line", "column"], suffix="_after").rename({"token": "before"})
        return joined.select("column", "before", after="token_after").unique(maintain_order=True).collect()

    def person_tokens(self, manifest: Manifest) -> pl.DataFrame:
        """Stored tokens of a reading: line, person_token. For erasure only; they name nobody."""
        return tokens_by_line(self._paths(manifest))

    def erase(self, manifest: Manifest, lines: Collection[int], *, erasure: str, note: str) -> int:
        """Take the rows of these lines of the file out of a reading, as this erasure; how many rows that was."""
        with self.register():
            return rewrite_reading(self.folder(manifest.dataset, manifest.reading), lines, erasure, note)

    def _paths(self, manifest: Manifest) -> list[Path]:
        return [self.folder(manifest.dataset, manifest.reading) / part.name for part in manifest.parts]

    def _tokens_by_line(self, manifest: Manifest) -> pl.LazyFrame:
        rows = pl.scan_parquet(self._paths(manifest), glob=False)
        tokens = [name for name in TOKEN_COLUMNS if name in rows.collect_schema()]
        line = pl.col("row_id").str.split_exact(":", 1).struct.field("field_1").alias("line")
        lines = rows.select(line, *(pl.col(name).cast(pl.String) for name in tokens))
        long = lines.unpivot(index="line", variable_name="column", value_name="token")
        return long.filter(pl.col("token").fill_null("") != "")

    def read(
        self, allowed: Allowed, *, secrets: Secrets, period: Period | None = None, up_to: int | None = None,
        deliveries: Collection[str] | None = None,
    ) -> ir.Table:  # fmt: skip
        """The rows in force that the gate allowed: the requested fields, then `supplier` and `reading`.

        One row per row of the readings in force. `period` keeps the rows whose counted date lies in it. `up_to` is a
        sequence number: the register is read as it stood when that reading was its newest. `deliveries` are the only
        ones that are looked at, to see what stood before others came. Tokens are keyed anew for the grant's agreement
        and the request's purpose, under the secret of the epoch they were made in.
        Raises GrantEnded, NothingHeld, SumsTwice, and BrokenReading.
        """
        held = [
            one for one in self.manifests(allowed.request.dataset)
            if (up_to is None or one.sequence <= up_to) and (deliveries is None or one.delivery in deliveries)
        ]  # fmt: skip
        return granted_table(self._folder, held, allowed, secrets, period, self._engine)


class Register:
    """Gives sequence numbers. Made by `Warehouse.register`, which holds the lock that keeps them in order."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def prepare(self, facts: ReadingFacts) -> Manifest:
        """The manifest that `publish` will write, once every staged part is on the disk. Nothing is visible yet."""
        folder = self._warehouse.folder(facts.dataset, facts.reading)
        paths = sorted(folder.glob("*.parquet"))
        if strange := sorted({path.name for path in folder.iterdir()} - {path.name for path in paths}):
            raise UpstanderError(f"A staged reading holds Parquet parts only; this one holds {', '.join(strange)}.")
        for path in paths:
            sync_file(path)
        sync_folder(folder)
        parts = tuple(part_of(path) for path in paths)
        manifest = manifest_of(facts, self._next_number(), parts)
        _check_account(manifest)
        return manifest

    def publish(self, manifest: Manifest) -> None:
        """Make the reading exist, by one atomic rename of its manifest."""
        if manifest.sequence != self._next_number():
            raise UpstanderError("A reading was prepared before another one was published; prepare it again.")
        write_whole(self._warehouse.folder(manifest.dataset, manifest.reading) / MANIFEST, written(manifest))

    def _next_number(self) -> int:
        return max((manifest.sequence for manifest in self._warehouse.manifests()), default=0) + 1


def _has_moments(part: Path) -> bool:
    return {"incident_token", "event_from_local"} <= set(pl.scan_parquet(part, glob=False).collect_schema())


def _first_moments(paths: list[Path], *, of: pl.LazyFrame | None = None) -> pl.LazyFrame:
    """incident_token and its first event_from_local, of these incidents if they are given."""
    rows = pl.scan_parquet(paths, glob=False).select("incident_token", "event_from_local").drop_nulls()
    wanted = rows if of is None else rows.join(of, on="incident_token", how="semi")
    return wanted.group_by("incident_token").min()


def _damage(path: Path) -> BrokenReading | None:
    try:
        verify_reading(path)
    except BrokenReading as fault:
        return fault
    return None


def _check_account(manifest: Manifest) -> None:
    if bad := [part.name for part in manifest.parts if not _PART.fullmatch(part.name)]:
        raise UpstanderError(f"A part cannot be called {', '.join(bad)}.", expected=_PART.pattern)
    rows = sum(part.rows for part in manifest.parts)
    if rows != manifest.rows or not manifest.lines.adds_up:
        raise UpstanderError(
            f"The lines of {manifest.reading} do not add up: {rows} rows lie in its parts. Nothing was stored.",
            found=str(manifest.lines), expected="every physical line in one place (promise 1)",
        )  # fmt: skip
