"""Backups brought in line with what was destroyed or rewritten in the home since: destroyed here, destroyed there.

A backup holds what was there on its day. Of that, whatever the home has rewritten is replaced by what the home has now,
and whatever the home has destroyed is destroyed. Nothing new is added, and its list of contents is signed anew.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from upstander.pipeline.desk import Desk
from upstander.pipeline.keeping.contents import HOME, KEPT_ALIKE, is_backup, resign
from upstander.values.durable import make_folder, publish, sync_file, sync_folder
from upstander.vault import sealed


def mirror(desk: Desk, backups: Sequence[Path]) -> int:
    """Bring these backups in line with the home; how many files were replaced, added to a reading, or destroyed."""
    return sum(_mirror_one(desk, backup) for backup in backups if is_backup(backup))


def _mirror_one(desk: Desk, backup: Path) -> int:
    root, copy = desk.home.root, backup / HOME
    changed = 0
    for folder in KEPT_ALIKE:
        here = {path.relative_to(root) for path in _files(root / folder)}
        there = {path.relative_to(copy) for path in _files(copy / folder)}
        known = {path.parent for path in there if folder != "vault"}
        ledger = {path for path in here if path.parent.name == "erasures" and not path.stem.endswith("-open")}
        wanted = {path for path in here - there if path.parent in known} | (ledger - there)
        for path in sorted(there - here):
            _destroy(copy / path)
        stale = [path for path in there & here if sealed.content_hash(copy / path) != sealed.content_hash(root / path)]
        for path in sorted([*stale, *wanted]):
            _put(root / path, copy / path)
        changed += len(there - here) + len(stale) + len(wanted)
    if changed:
        resign(desk.key, backup)
    return changed


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(".")]


def _put(source: Path, target: Path) -> None:
    """A copy in the place of what is there, whole at every moment; an old sealed file's key is destroyed."""
    make_folder(target.parent)
    temporary = sealed.temporary_beside(target)
    shutil.copyfile(source, temporary)
    sync_file(temporary)
    if target.suffix == ".sealed" and target.is_file():
        sealed.replace(target, temporary)
    else:
        publish(temporary, target)


def _destroy(path: Path) -> None:
    if path.suffix == ".sealed":
        sealed.destroy(path)
    else:
        path.unlink()
        sync_folder(path.parent)
