"""A copy of the whole home that can be brought back, and that brings nobody back who was erased meanwhile.

What happened after a backup was made (erasures, decisions about agreements, accounts that were closed) lies sealed
beside it in `afterwards.sealed`, and in the home itself if that is still there. A restore applies it before the new
home has its name, so before anybody can work in it.
"""

import json
import shutil
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from upstander.errors import NotAcceptable, WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.erasing import ledger
from upstander.pipeline.erasing.acting import erase_again
from upstander.pipeline.erasing.jobs import FindRunner
from upstander.pipeline.gate import note
from upstander.pipeline.keeping.contents import DATABASE, HOME, KEPT_ALIKE, check_backup, is_backup, sign
from upstander.pipeline.keeping.copies import backup_folders, register_backup
from upstander.sharing import Stored
from upstander.values.canonical import canonical_json
from upstander.values.durable import locked, make_folder, publish, sync_file, sync_folder
from upstander.vault import sealed

AFTERWARDS = "afterwards.sealed"
_PATIENCE_S = 900.0
_LEFT_OUT = ("locks", "upstander.sqlite3")  # locks are of a run; the database is written out by itself
Reopen = Callable[[Path], "tuple[Desk, Database]"]


class Database(Protocol):
    """What a backup asks of whoever remembers agreements, the audit log and people in a database."""

    def dump(self) -> bytes:
        """Everything, at one moment."""
        ...

    def load(self, content: bytes) -> None:
        """Take in a dump. Raises NotAcceptable where there is something already."""
        ...

    def disabled(self) -> Sequence[str]:
        """The handles of people whose accounts are closed."""
        ...

    def disable(self, handles: Collection[str]) -> None:
        """Close these accounts, those that there are."""
        ...

    def close(self) -> None:
        """Let go of the database; its file may then be moved."""
        ...


@dataclass(frozen=True)
class Restored:
    """What came back: files, the state of the backup, and what was applied again before anybody could work there."""

    files: int
    state: str
    erased: int
    decisions: int
    disabled: int


def backup(desk: Desk, folder: Path, database: Database) -> tuple[Path, str]:
    """Copy the whole home into a new folder below `folder`; that folder, and the state it holds.

    Waits for a delivery that is coming in; the next one waits for the backup. Raises WrongUsage for a folder inside the
    home, NotAcceptable while an erasure is unfinished.
    """
    root = desk.home.root
    if folder.resolve().is_relative_to(root.resolve()):
        raise WrongUsage("A backup inside the home would be lost with it.", where=str(folder), expected="another disk")
    made = folder / f"upstander-{desk.now():%Y%m%dT%H%M%SZ}"
    building = folder / f".{made.name}.building"
    with locked(root / "locks" / "intake", patience_s=_PATIENCE_S):
        _refuse_unfinished(desk)
        ledger.secret(desk.vault)  # so that whoever is erased later can be found in this copy
        note(desk, action="backup", answer="intent", dataset="", about=made.name)
        shutil.rmtree(building, ignore_errors=True)
        for path in _kept(root):
            _copy(path, building / HOME / path.relative_to(root))
        content = database.dump()
        with sealed.writer(building / DATABASE, desk.key) as sink:
            sink.write(content)
        facts = {"made": desk.now().isoformat(), "state": state_hash(root, content), "key_id": desk.key.id}
        sign(desk.key, building, facts)
        sync_folder(building)
        publish(building, made)
        register_backup(desk.home, made)
    tell_backups(desk, database)
    note(desk, action="backup", answer="done", dataset="", about=made.name)
    return made, str(facts["state"])


def tell_backups(desk: Desk, database: Database) -> list[Path]:
    """Write what happened since beside every backup within reach; those that are out of reach."""
    content = canonical_json(_afterwards(desk, database))
    away = []
    for known in backup_folders(desk.home):
        if not is_backup(known):
            away.append(known)
            continue
        with sealed.writer(known.parent / AFTERWARDS, desk.key) as sink:
            sink.write(content)
    return away


def restore(
    source: Path, root: Path, *, open_home: Reopen, after: Path | None = None, known: bytes | None = None,
    run: FindRunner | None = None,
) -> Restored:  # fmt: skip
    """Bring a backup back into a folder that is empty or not there, then apply what happened since.

    `after` is an `afterwards.sealed`, by default the one beside the backup; `known` is its content, where the caller
    has it from a home that is still there. `open_home` opens the desk and the database of a home. The folder gets its
    name last. Raises NotAcceptable for a backup that is not as it was written, or where nobody knows what came since.
    """
    if root.exists() and any(root.iterdir()):
        raise WrongUsage(f"{root} is not empty.", where=str(root), expected="a folder that is empty or not there")
    building = root.parent / f".{root.name}.restoring"
    shutil.rmtree(building, ignore_errors=True)
    make_folder(building)
    for path in sorted((source / HOME).rglob("*")):
        if path.is_file():
            _copy(path, building / path.relative_to(source / HOME))
    desk, database = open_home(building)
    try:
        facts = check_backup(desk.key, source)
        with sealed.open(source / DATABASE, sealed.unwrap(source / DATABASE, desk.key)) as file:
            content = file.read()
        _refuse_other_state(building, content, str(facts["state"]))
        database.load(content)
        since = json.loads(known if known is not None else _known_since(desk, after or source.parent / AFTERWARDS))
        restored = _apply(desk, database, since, run, files=len(facts["files"]), state=str(facts["state"]))
        note(desk, action="restore", answer="done", dataset="", about=str(facts["made"]))
        database.close()
    except BaseException:
        database.close()
        shutil.rmtree(building, ignore_errors=True)
        raise
    if root.exists():
        root.rmdir()
    publish(building, root)
    return restored


def state_hash(root: Path, database: bytes) -> str:
    """SHA-256 of what a home holds: of every kept file its path and content, and of what its database remembers."""
    listed = {
        path.relative_to(root).as_posix(): sealed.content_hash(path)
        for path in _kept(root)
        if path.relative_to(root).parts[0] in KEPT_ALIKE
    }
    return sha256(canonical_json({"files": listed, "database": sha256(database).hexdigest()})).hexdigest()


def afterwards_of(desk: Desk, database: Database) -> bytes:
    """What a home knows that an older backup of it may not."""
    return canonical_json(_afterwards(desk, database))


def _afterwards(desk: Desk, database: Database) -> dict[str, Any]:
    return {
        "secret": ledger.secret(desk.vault).hex(),
        "erasures": [asdict(one) for one in ledger.erasures(desk.vault)],
        "agreements": [_plain(one) for one in desk.register.stored() if one.signature],
        "disabled": list(database.disabled()),
    }


def _apply(
    desk: Desk, database: Database, since: Mapping[str, Any], run: FindRunner | None, *, files: int, state: str
) -> Restored:  # fmt: skip
    decisions = desk.register.follow([_stored(one) for one in since["agreements"]])
    database.disable(since["disabled"])
    done = {one.id for one in ledger.erasures(desk.vault)}
    keys = [ledger.erasure_of(one) for one in since["erasures"]]
    desk = replace(desk, who=desk.who.model_copy(update={"why": desk.who.why or "a restore"}))
    erased = erase_again(desk, [one for one in keys if one.id not in done], run=run)
    return Restored(files, state, erased, decisions, len(since["disabled"]))


def _refuse_other_state(root: Path, database: bytes, state: str) -> None:
    if state_hash(root, database) != state:
        raise NotAcceptable("What was copied is not what the backup held.", state="Nothing was restored.")


def _known_since(desk: Desk, path: Path) -> bytes:
    if not path.is_file():
        raise NotAcceptable(
            "Nobody says what came since this backup: who was erased, what ended, whose account was closed.",
            where=str(path), expected=f"{AFTERWARDS} from beside the backup, or the home that it was made of",
            state="Nothing was restored.",
        )  # fmt: skip
    with sealed.open(path, sealed.unwrap(path, desk.key)) as source:
        return source.read()


def _refuse_unfinished(desk: Desk) -> None:
    if waiting := ledger.open_erasures(desk.vault):
        raise NotAcceptable(
            f"The erasure {waiting[0].id} is not finished.", state="No backup was made.",
            expected="`upstander vault erase --finish`, then the backup",
        )  # fmt: skip


def _kept(root: Path) -> list[Path]:
    """The files of a home that a backup holds: none of a run, none that a run left unfinished."""
    found = (path for path in sorted(root.rglob("*")) if path.is_file())
    inside = ((path, path.relative_to(root).parts) for path in found)
    return [
        path
        for path, parts in inside
        if not parts[0].startswith(_LEFT_OUT) and not any(p.startswith(".") for p in parts)
    ]


def _copy(source: Path, target: Path) -> None:
    make_folder(target.parent)
    shutil.copy2(source, target)  # its day with it, by which bytes that never loaded are kept
    sync_file(target)


def _plain(one: Stored) -> dict[str, Any]:
    content, signature = (b64encode(text).decode() for text in (one.content, one.signature or b""))
    acts = [b64encode(act).decode() for act in one.acts]
    return {"name": one.name, "version": one.version, "content": content, "signature": signature, "acts": acts}


def _stored(plain: Mapping[str, Any]) -> Stored:
    acts = tuple(b64decode(act) for act in plain["acts"])
    return Stored(plain["name"], plain["version"], b64decode(plain["content"]), b64decode(plain["signature"]), acts)
