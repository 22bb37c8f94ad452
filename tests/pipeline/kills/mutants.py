"""Builds with a promise broken, made inside a forked child: what the suite has to catch."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from upstander.pipeline import deliver
from upstander.values import durable
from upstander.vault import Vault
from upstander.warehouse import Register, store

Acknowledge = Callable[[str], None]


def apply(name: str, acknowledge: Acknowledge) -> None:
    """Break this process's build as the mutant of this name does; an empty name leaves it whole."""
    if name:
        ALL[name](acknowledge)


def _manifest_before_parts(_: Acknowledge) -> None:
    """The write order reversed: the manifest is renamed first, and the parts follow."""
    publish = Register.publish

    def reversed_order(register: Register, manifest: Any) -> None:
        folder = register._warehouse.folder(manifest.dataset, manifest.reading)
        late = {part.name: (folder / part.name).read_bytes() for part in manifest.parts}
        for name in late:
            (folder / name).unlink()
        publish(register, manifest)
        for name, content in late.items():
            (folder / name).write_bytes(content)

    Register.publish = reversed_order  # type: ignore[method-assign]


def _acknowledged_before_published(acknowledge: Acknowledge) -> None:
    """The acknowledgement leaves once the intent is written."""
    note = deliver.note

    def early(*args: Any, **told: Any) -> None:
        note(*args, **told)
        if told["answer"] == "intent":
            acknowledge(f"ACCEPT {told['about']}")

    deliver.note = early


def _manifest_written_in_place(_: Acknowledge) -> None:
    """No temporary name and no rename: the manifest grows under its own name."""

    def in_place(path: Path, content: bytes) -> None:
        half = len(content) // 2
        with path.open("wb") as file:
            for piece in (content[:half], content[half:]):
                file.write(piece)
                file.flush()
                os.fsync(file.fileno())

    store.write_whole = in_place  # type: ignore[assignment]


def _bytes_kept_last(_: Acknowledge) -> None:
    """The raw bytes come into the vault when the reading is there already."""
    load = deliver._load

    def loaded_first(desk: Any, errand: Any, result: Any) -> None:
        raw = Vault(desk.home.root, desk.key).raw(errand.sha256)
        late = raw.read_bytes()
        raw.unlink()
        load(desk, errand, result)
        raw.write_bytes(late)

    deliver._load = loaded_first


def _every_run_a_delivery(_: Acknowledge) -> None:
    """A delivery's id depends on the run, so that the same bytes come in again."""
    short_id = deliver.short_id
    deliver.short_id = lambda parts: short_id([*parts, str(os.getpid())])  # type: ignore[attr-defined]


def _quarantine_forgotten(_: Acknowledge) -> None:
    """Kept-back records are sealed after the reading exists: here, never."""
    deliver._QuarantineBox.put = lambda *_: None  # type: ignore[method-assign]


def _parts_not_synced(_: Acknowledge) -> None:
    store.sync_file = lambda _: None  # type: ignore[assignment]


def _folders_not_synced(_: Acknowledge) -> None:
    store.sync_folder = durable.sync_folder = lambda _: None  # type: ignore[assignment]


ALL: dict[str, Callable[[Acknowledge], None]] = {
    "manifest before parts": _manifest_before_parts,
    "acknowledged before published": _acknowledged_before_published,
    "manifest written in place": _manifest_written_in_place,
    "bytes kept last": _bytes_kept_last,
    "every run a delivery": _every_run_a_delivery,
    "quarantine forgotten": _quarantine_forgotten,
    "parts not synced": _parts_not_synced,
    "folders not synced": _folders_not_synced,
}
