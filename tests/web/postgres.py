"""A PostgreSQL of our own: started from the Debian package, in a folder of its own, as a user that is not root."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg
from django.db import connections

_USER = "postgres"
_PLACES = ("/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/17/bin")


def programs() -> Path | None:
    """Where PostgreSQL's programs lie, if it is installed."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    return next((place for place in [*places, *map(Path, _PLACES)] if (place / "initdb").exists()), None)


class Server:
    """A running server that listens on a socket in its folder and on nothing else."""

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self.folder, self._bin = folder, bin_folder
        self._as = ["setpriv", "--reuid", _USER, "--regid", _USER, "--clear-groups"] if os.geteuid() == 0 else []
        if self._as:
            owner = pwd.getpwnam(_USER)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "-D", str(folder / "data"), "-U", "upstander", "-A", "trust", "--no-sync", "-E", "UTF8")
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c max_connections=50"
        self._run(
            "pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", options, "start"
        )

    def stop(self, how: str = "fast") -> None:
        """Stop it: `fast` ends connections, `immediate` is a crash."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", how, "stop")

    def address(self, database: str) -> str:
        """The DATABASE_URL of a database that is made now."""
        self._run("createdb", "-h", str(self.folder), "-U", "upstander", database)
        return f"postgresql://upstander@{str(self.folder).replace('/', '%2F')}/{database}"

    def _run(self, program: str, *words: str) -> None:
        self._patiently([*self._as, str(self._bin / program), *words])

    def _patiently(self, words: Sequence[str]) -> None:
        done = subprocess.run(words, cwd="/", capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise RuntimeError(f"{words[-3:]}: {done.stdout} {done.stderr}")


def copied(address: str) -> str:
    """The address of a copy of a database, made now; nobody may be connected to the one that is copied."""
    connections.close_all()  # this process's own, to earlier copies too; each opens again when it is used
    server, _, name = address.rpartition("/")
    wanted = fresh_name()
    with psycopg.connect(f"{server}/postgres", autocommit=True) as maker:
        maker.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        maker.execute(f"CREATE DATABASE {wanted} TEMPLATE {name}")  # both names are our own
    return f"{server}/{wanted}"


def fresh_name() -> str:
    """A name no other database of this run has."""
    return f"home_{os.getpid()}_{time.monotonic_ns()}"
