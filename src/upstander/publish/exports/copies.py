"""Exports as they leave: built from values, opened again, compared, and only then given out."""

import secrets
from collections.abc import Sequence
from pathlib import Path

from upstander.contracts.releasing import ReleasedTable
from upstander.publish.exports.comparing import csv_differences, workbook_differences
from upstander.publish.exports.errors import CopyDiffers, FolderInUse, OutlivesItsAgreement
from upstander.publish.exports.facts import ExportFacts
from upstander.publish.exports.ods import ods
from upstander.publish.exports.open_data import csv_files, refuse_unpublishable
from upstander.publish.exports.tidy import Tidy, tidied
from upstander.publish.exports.workbook import Workbook, workbook
from upstander.publish.exports.xlsx import xlsx
from upstander.values.durable import make_folder, publish, sync_folder, write_whole

_TOLD = 5  # differences named in an error


def checked_copy(tables: Sequence[ReleasedTable], facts: ExportFacts) -> dict[str, bytes]:
    """Every file of an export by name: a CSV a table, their metadata, a page to read first, the workbook twice.

    Raises NotForPublication for a table marked for named recipients where there is no `facts.copy`,
    OutlivesItsAgreement for a copy kept longer than a table may be, CannotBeWritten for a table no file can say truly,
    CopyDiffers where a file opened again is not the tables.
    """
    ready = tidied(tables, facts)
    _refuse_unlawful(ready, facts)
    book = workbook(ready, facts)
    workbooks = {f"tables-{facts.stem}.xlsx": xlsx(book), f"tables-{facts.stem}.ods": ods(book)}
    files = csv_files(ready, facts)
    refuse_different(files | workbooks, book, ready, tables)
    return files | workbooks


def export_release(tables: Sequence[ReleasedTable], facts: ExportFacts, folder: Path) -> tuple[Path, ...]:
    """Write an export into a new folder, which appears whole, by one rename; gives its files.

    Raises FolderInUse where the folder holds anything, and what checked_copy raises; nothing is written then.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderInUse(
            "The folder already holds something; old files would lie among new ones.",
            where=str(folder), expected="a new or empty folder", state="Nothing was written.",
        )  # fmt: skip
    files = checked_copy(tables, facts)
    building = folder.parent / f".{folder.name}.{secrets.token_hex(6)}.building"
    make_folder(building)
    for name, content in files.items():
        write_whole(building / name, content)
    sync_folder(building)
    if folder.exists():
        folder.rmdir()  # it is empty; some systems rename onto nothing only
    publish(building, folder)
    return tuple(folder / name for name in files)


def refuse_different(
    files: dict[str, bytes], book: Workbook, ready: Sequence[Tidy], tables: Sequence[ReleasedTable]
) -> None:
    """Open every file again by another reader; raises CopyDiffers where any is not the tables, or not plain."""
    found = [
        f"{name}: {what}"
        for name, content in files.items() if name.endswith((".xlsx", ".ods"))
        for what in workbook_differences(content, book, ready, tables)
    ]  # fmt: skip
    for one, table in zip(ready, tables, strict=True):
        found += csv_differences(files[f"{one.name}.csv"], one, table)
    if found:
        raise CopyDiffers(
            "The files are not what was released, or hold something hidden or live.",
            where="; ".join(found[:_TOLD]), found=f"{len(found)} differences", expected="none",
            state="Nothing was written.",
        )  # fmt: skip


def _refuse_unlawful(ready: Sequence[Tidy], facts: ExportFacts) -> None:
    copy = facts.copy
    if copy is None:
        refuse_unpublishable(ready)
        return
    ends = [table.about.expires for table in ready if table.about.expires is not None]
    if ends and copy.expires > min(ends):
        raise OutlivesItsAgreement(
            f"The copy would be kept until {copy.expires}; a table in it may be kept until {min(ends)}.",
            found=copy.expires.isoformat(), expected=f"{min(ends)} or earlier", state="Nothing was written.",
        )  # fmt: skip
