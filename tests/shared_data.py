"""Where the real data and published results lie, if they do. Nothing of them is copied into the project."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("UPSTANDER_SHARED", Path(__file__).resolve().parents[2] / "shared"))
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the folder ../shared with real data is not here")
