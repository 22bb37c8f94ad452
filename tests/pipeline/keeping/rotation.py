"""A small home whose key is about to change, as files on disk, and what must be true of it at any moment and after."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intake.desk import rms
from pipeline.homes import injury_schedule, send, with_pact
from pipeline.keeping.typist import Typist
from upstander.errors import UpstanderError
from upstander.pipeline.child import run_job
from upstander.pipeline.home import open_home
from upstander.pipeline.keeping.copies import register_backup
from upstander.pipeline.keeping.epochs import build_bridge, new_epoch
from upstander.vault import Keyring, MasterKey, WrongKey, master_key, sealed

SHARED = injury_schedule(fields=["person_token", "event_from_local"], gateway="cda_1998_s115", purposes=["stewardship"])
ROTATE = ("vault", "rotate-key")


@dataclass(frozen=True)
class Rotation:
    """One home with its key beside it and a backup, and what the sealed files hold (by path, as SHA-256)."""

    folder: Path
    key: MasterKey
    plain: dict[str, str]
    epochs: dict[str, bytes]

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def env(self) -> dict[str, str]:
        return {"UPSTANDER_HOME": str(self.home), "UPSTANDER_KEY_FILE": str(self.folder / "home.key")}

    def copy(self, folder: Path) -> "Rotation":
        """The same home elsewhere."""
        shutil.copytree(self.folder, folder)
        (folder / "home" / "backups.json").unlink()
        register_backup(open_home(folder / "home"), folder / "backup")
        return Rotation(folder, self.key, self.plain, self.epochs)

    def now(self) -> MasterKey:
        """The home's key, as the next run finds it."""
        return master_key(self.home, create=False, environ=self.env)

    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*.sealed"))


def prepared(folder: Path, typist: Typist) -> Rotation:
    """Two months read in two epochs, with kept-back rows, a bridge and a backup; its audit log is in the database."""
    desk = with_pact(folder, SHARED).asking(why="a test")
    bad = [{"occurred_from": "32/13/2026 25:61"}] * 2
    for month in ("06", "07"):
        rows = [{"incident_ref": f"C{month}-{n}", "occurred_from": f"04/{month}/2026 22:40"} for n in range(6)]
        send(desk, folder / "sent", rms(*rows, *bad), name=f"rms_2026-{month}.csv", covers=f"2026-{month}")
    new_epoch(desk, runner=run_job)
    build_bridge(desk, "1", "2")
    shutil.copytree(desk.home.root / "vault", folder / "backup" / "vault")
    register_backup(desk.home, folder / "backup")
    ready = Rotation(folder, desk.key, {}, {name: desk.keyring.secret(name) for name in ("1", "2")})
    assert typist.types(("vault", "epochs"), ready.env)["exit"] == 0
    return Rotation(folder, ready.key, dict(plain_of(ready, desk.key)), ready.epochs)


def plain_of(rotation: Rotation, key: MasterKey) -> Iterator[tuple[str, str]]:
    """(path, SHA-256 of what is inside) of every sealed file."""
    for path in rotation.files():
        with sealed.open(path, sealed.unwrap(path, key)) as source:
            yield path.relative_to(rotation.folder).as_posix(), hashlib.sha256(source.read()).hexdigest()


def faults_at_any_moment(rotation: Rotation) -> list[str]:
    """What does not open with what lies in the key file, or holds something else. Empty, whenever it was killed."""
    try:
        now = rotation.now()
        found = dict(plain_of(rotation, now))
        keyring = Keyring(rotation.home, now)
        secrets = {name: keyring.secret(name) for name in rotation.epochs}
    except UpstanderError as why:
        return [f"does not open: {why}"]
    changed = [path for path, content in rotation.plain.items() if found.get(path) != content]
    if secrets != rotation.epochs:
        changed.append("the secret of an epoch")
    return [f"not what was sealed: {path}" for path in changed]


def faults_in_the_end(rotation: Rotation) -> list[str]:
    """The same, and what is left of the former key or of the change."""
    faults = faults_at_any_moment(rotation)
    now = rotation.now()
    if now.former is not None or now.id == rotation.key.id:
        faults.append("the key file still holds the former key")
    record: dict[str, Any] = json.loads((rotation.home / "vault" / "key.json").read_bytes())
    if record != {"key_id": now.id, "from": "file"}:
        faults.append(f"the record says {record}")
    if set(dict(plain_of(rotation, now))) != set(rotation.plain):
        faults.append("there are other sealed files than before")
    faults += [f"left over: {path}" for path in rotation.folder.rglob(".*") if path.suffix in {".tmp", ".header"}]
    return faults + [f"the former key still opens {path}" for path in rotation.files() if _opens(path, rotation.key)]


def _opens(path: Path, key: MasterKey) -> bool:
    try:
        sealed.unwrap(path, key)
    except WrongKey:
        return False
    return True
