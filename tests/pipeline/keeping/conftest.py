"""One forking process for the tests of this folder."""

import sys
from collections.abc import Iterator

import pytest

from pipeline.keeping.typist import Typist


@pytest.fixture(scope="session")
def typist() -> Iterator[Typist]:
    """The forking process that types commands."""
    if sys.platform == "win32":
        pytest.skip("this system cannot fork")
    started = Typist()
    yield started
    started.close()
