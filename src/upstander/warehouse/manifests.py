"""Manifests as they lie on disk: canonical JSON, read strictly."""

import hashlib
from pathlib import Path

import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from upstander.contracts.readings import Manifest, Part
from upstander.values.canonical import canonical_json
from upstander.warehouse.errors import BrokenReading

MANIFEST = "manifest.json"
_SHAPE = TypeAdapter(Manifest)


def written(manifest: Manifest) -> bytes:
    """The one spelling of a manifest."""
    return canonical_json(_SHAPE.dump_python(manifest, mode="json")) + b"\n"


def read_manifest(path: Path) -> Manifest:
    """A manifest, checked against its folder. Raises BrokenReading where either is not as it was written."""
    content = path.read_bytes()
    try:
        manifest = _SHAPE.validate_json(content)
    except ValidationError as why:
        raise _broken(path, "the manifest cannot be read") from why
    if written(manifest) != content:
        raise _broken(path, "the manifest was changed after it was written")
    if (manifest.dataset, manifest.reading) != (path.parent.parent.name, path.parent.name):
        raise _broken(path, f"the manifest belongs to {manifest.dataset}/{manifest.reading}")
    _check_parts(path, manifest)
    return manifest


def part_of(path: Path) -> Part:
    """A finished Parquet file, described."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Part(path.name, pq.read_metadata(path).num_rows, path.stat().st_size, sha256)


def _check_parts(path: Path, manifest: Manifest) -> None:
    # Sizes, not hashes: this is done on every reading of the register. `verify` is where hashes are compared.
    held = {part.name: part.stat().st_size for part in path.parent.glob("*.parquet")}
    named = {part.name: part.size_bytes for part in manifest.parts}
    if held != named:
        raise _broken(path, "its parts are not the ones it names: " + ", ".join(sorted(_differing(held, named))))


def _differing(held: dict[str, int], named: dict[str, int]) -> set[str]:
    return {name for name in held.keys() | named.keys() if held.get(name) != named.get(name)}


def _broken(path: Path, what: str) -> BrokenReading:
    return BrokenReading(
        f"The reading {path.parent.parent.name}/{path.parent.name} is damaged: {what}.",
        where=str(path), expected="the folder from a backup, or the delivery again", state="Nothing was read.",
    )  # fmt: skip
