"""The program makes no connection to anything: the system itself is asked, not the source."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from checkout import SOURCE

COMMAND = Path(sys.executable).parent / "upstander"
LAYOUT = SOURCE / "upstander" / "synthetic" / "suppliers" / "brackenshire_ambulance.toml"
needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed here")

# Everything the demo does but drawing: a county made, places held, an agreement signed, one file checked and taken in.
_STEPS = (
    ("synthetic", "county", "--years", "1"),
    ("places", "load", "{boundaries}", "--kind", "boundaries", "--attribution", "ons"),
    ("agreement", "sign", "fictional_county", "--as", "Morgan Ashdown"),
    ("check", "{calls}", "--dataset", "ambulance_callouts", "--supplier", "{map}"),
    ("deliver", "{calls}", "--dataset", "ambulance_callouts", "--supplier", "{map}"),
    ("audit", "verify"),
)


def connections(folder: Path, *words: str) -> list[str]:
    """The network calls of one command and all its children: address families other than the machine's own sockets."""
    trace = folder / "trace"
    ran = subprocess.run(
        ["strace", "-f", "-qq", "-e", "trace=connect,sendto,bind", "-o", trace, COMMAND, *words],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "UPSTANDER_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode in (0, 3), ran.stdout + ran.stderr
    return re.findall(r"^.*AF_INET.*$", trace.read_text("utf-8", errors="replace"), re.MULTILINE)


@needs_strace
def test_no_command_opens_a_connection_to_anything(tmp_path: Path) -> None:
    asked: list[str] = []
    for step in _STEPS:
        found = {
            "boundaries": next((tmp_path / "county").rglob("lsoa21.geojson"), ""),
            "map": LAYOUT,
            "calls": next((tmp_path / "county").rglob("brackenshire_ambulance_*.csv"), ""),
        }
        asked += connections(tmp_path, *(word.format(**found) for word in step))
    assert asked == []


@needs_strace
def test_a_connection_would_be_seen(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    knock = "import socket; socket.socket(socket.AF_INET).connect_ex(('127.0.0.1', 9))"
    subprocess.run(["strace", "-f", "-qq", "-e", "trace=connect", "-o", trace, sys.executable, "-c", knock], check=True)
    assert "AF_INET" in trace.read_text("utf-8")
