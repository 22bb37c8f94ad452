"""A process is stopped for the memory it holds, never for what its parent held."""

import subprocess
import sys

import pytest

_HOLDS = """
import sys
held = bytearray({megabytes} << 20)
from upstander.pipeline.caps import watch_memory
watch_memory(77, limit=200 << 20)
import time
time.sleep(0.5)
"""


@pytest.mark.parametrize(("megabytes", "left_with"), [(1, 0), (300, 77)])
def test_only_its_own_memory_stops_a_process(megabytes: int, left_with: int) -> None:
    held_by_the_parent = bytearray(400 << 20)
    done = subprocess.run([sys.executable, "-c", _HOLDS.format(megabytes=megabytes)], check=False, timeout=60)
    assert (done.returncode, len(held_by_the_parent)) == (left_with, 400 << 20)
