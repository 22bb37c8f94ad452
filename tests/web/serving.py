"""`upstander serve` as it is started in real life, and Chromium in front of it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMMAND = Path(sys.executable).parent / "upstander"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(
    home: Path, environ: dict[str, str], log: Path, *, worker: bool = False, end: int = signal.SIGTERM
) -> Iterator[str]:
    """The address of a home that is being served, with a worker beside it or without."""
    port = free_port()
    words = [
        COMMAND, "serve", "--port", str(port), "--processes", "1", "--with-worker" if worker else "--no-with-worker",
        "--home", home,
    ]  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(words, env={**os.environ, **environ}, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield _answering(f"http://localhost:{port}", process, log)
    finally:
        process.send_signal(end)
        process.wait(timeout=60)


def _answering(address: str, process: "subprocess.Popen[bytes]", log: Path) -> str:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return address
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError(log.read_text("utf-8", errors="replace"))
