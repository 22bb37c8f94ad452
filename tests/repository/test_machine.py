"""A strict run has the tools that tests lean on; elsewhere their absence is a skip with its reason."""

import os
import shutil

import pytest

STRICT = os.environ.get("UPSTANDER_STRICT") == "1"


@pytest.mark.parametrize("tool", ["chromium", "pdftoppm", "strace", "java"])
def test_a_strict_run_has_every_tool_it_needs(tool: str) -> None:
    found = shutil.which(tool)
    if found is None and not STRICT:
        pytest.skip(f"{tool} is not installed here")
    assert found, f"{tool} is missing, and this run is strict: install it, or unset UPSTANDER_STRICT"
