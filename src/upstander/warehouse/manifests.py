"""Manifests as they lie on disk: canonical JSON, read strictly."""

import hashlib
import re
from functools import lru_cache
from pathlib import Path

import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from upstander.contracts.readings import Manifest, Part
from upstander.values.canonical import canonical_json
from upstander.warehouse.errors import BrokenReading

MANIFEST = "manifest.json"
ERASED_PART = re.compile(r"-e\d+\.parquet$")
_SHAPE = TypeAdapter(Manifest)


def written(manifest: Manifest) -> bytes:
    """The one spelling of a manifest."""
    # What was added to manifests later has a default and is left out there, so that older ones keep their spelling.
    return canonical_json(_SHAPE.dump_python(manifest, mode="json", exclude_defaults=True)) + b"\n"


def read_manifest(path: Path) -> Manifest:
    """A manifest, checked against its folder. Raises BrokenReading where either is not as it was written."""
    try:
        manifest, is_as_written = _parsed(path.read_bytes())
    except ValidationError as why:
        raise _broken(path, "the manifest cannot be read") from why
    if not is_as_written:
        raise _broken(path, "the manifest was changed after it was written")
    if (manifest.dataset, manifest.reading) != (path.parent.parent.name, path.parent.name):
        raise _broken(path, f"the manifest belongs to {manifest.dataset}/{manifest.reading}")
    _check_parts(path, manifest)
    return manifest


@lru_cache(maxsize=4_096)
def _parsed(content: bytes) -> tuple[Manifest, bool]:
    """What the bytes say, and whether they are its one spelling. A site reads the register anew for every page."""
    manifest = _SHAPE.validate_json(content)
    return manifest, written(manifest) == content


def verify_reading(path: Path) -> None:
    """The checks of read_manifest, and the hash of every part. Raises BrokenReading."""
    manifest = read_manifest(path)
    changed = [part.name for part in manifest.parts if _sha256(path.with_name(part.name)) != part.sha256]
    if changed:
        raise _broken(path, f"{', '.join(changed)} was changed after it was written")


def part_of(path: Path) -> Part:
    """A finished Parquet file, described."""
    return Part(path.name, pq.read_metadata(path).num_rows, path.stat().st_size, _sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_parts(path: Path, manifest: Manifest) -> None:
    # Sizes, not hashes: this is done on every reading of the register. `verify_reading` compares the hashes.
    named = {part.name: part.size_bytes for part in manifest.parts}
    held = {
        part.name: part.stat().st_size
        for part in path.parent.glob("*.parquet")
        if part.name in named or not _of_an_erasure(part.name, manifest)
    }
    if held != named:
        raise _broken(path, "its parts are not the ones it names: " + ", ".join(sorted(_differing(held, named))))


def _of_an_erasure(part: str, manifest: Manifest) -> bool:
    """Whether a part that is not named is one that an erasure leaves for a moment: the old one, or the new one."""
    return bool(manifest.erasures) or ERASED_PART.search(part) is not None


def _differing(held: dict[str, int], named: dict[str, int]) -> set[str]:
    return {name for name in held.keys() | named.keys() if held.get(name) != named.get(name)}


def _broken(path: Path, what: str) -> BrokenReading:
    return BrokenReading(
        f"The reading {path.parent.parent.name}/{path.parent.name} is damaged: {what}.",
        where=str(path), expected="the folder from a backup, or the delivery again", state="Nothing was read.",
    )  # fmt: skip
