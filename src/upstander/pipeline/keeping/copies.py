"""The backups that a home knows of: `backups.json` lists their folders. What is destroyed here is destroyed there."""

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from upstander.errors import TryAgain
from upstander.pipeline.home import Home
from upstander.values.canonical import canonical_json
from upstander.values.durable import sync_folder, write_whole
from upstander.vault import sealed

_LIST = "backups.json"


def backup_folders(home: Home) -> tuple[Path, ...]:
    """Every folder that was registered, reachable or not, in order of registration."""
    path = home.root / _LIST
    return tuple(Path(folder) for folder in json.loads(path.read_bytes())) if path.is_file() else ()


def register_backup(home: Home, folder: Path) -> None:
    """Note that a folder holds a backup of this home, so that key changes and destruction reach it."""
    known = [str(one) for one in backup_folders(home)]
    if str(folder.resolve()) not in known:
        write_whole(home.root / _LIST, canonical_json([*known, str(folder.resolve())]) + b"\n")


def reachable_backups(home: Home) -> tuple[Path, ...]:
    """The registered folders. Raises TryAgain where one cannot be reached: what is to be done must reach all."""
    folders = backup_folders(home)
    if missing := [str(folder) for folder in folders if not folder.is_dir()]:
        raise TryAgain(
            f"The backup {missing[0]} cannot be reached, and this has to reach every backup.",
            where=", ".join(missing), expected=f"the disk attached, or its line taken out of {home.root / _LIST}",
            state="What was begun goes on when the command is run again.",
        )  # fmt: skip
    return folders


def sealed_in(folders: Sequence[Path]) -> Iterator[Path]:
    """Every sealed file in these folders."""
    return (path for folder in folders for path in sorted(folder.rglob("*.sealed")))


def tidy_copies(folders: Sequence[Path]) -> None:
    """Remove the half-written headers that a killed change of key left in backups."""
    for left in [path for folder in folders for path in folder.rglob(".*.sealed.header.*.tmp")]:
        left.unlink()


def holding(folders: Sequence[Path], names: Collection[str], hashes: Collection[str]) -> Iterator[Path]:
    """Files below these folders that bear one of the names, lie in a folder of that name, or hold the same content.

    A sealed file bears its name with `.sealed` after it. hashes: as `sealed.content_hash` gives them.
    """
    for folder in folders:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            words = {path.name.removesuffix(".sealed"), *path.relative_to(folder).parts[:-1]}
            if words & set(names) or sealed.content_hash(path) in hashes:
                yield path


def destroy_copies(folders: Sequence[Path], names: Collection[str], hashes: Collection[str]) -> int:
    """Destroy such files, with the key in each sealed one; how many there were."""
    found = list(holding(folders, names, hashes))
    for path in found:
        if path.suffix == ".sealed":
            sealed.destroy(path)
        else:
            path.unlink()
            sync_folder(path.parent)
    return len(found)
