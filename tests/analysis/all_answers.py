"""Every method on its worked examples and on larger inputs, in this process: what came out, as one line of JSON.

Run as a program by `test_same_bytes`, which gives each process another environment. `--plant` adds methods that depend
on their environment, to show that they would be found.
"""

import hashlib
import json
import locale
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

import polars as pl

from analysis.larger import larger_inputs
from analysis.specs import examples
from oracles.asking import printed
from upstander.analysis import methods
from upstander.contracts.methods import Answer, Method, Output, WantedColumn

LEANS = ("hash_order", "zone", "locale", "threads")


def hashes() -> dict[str, list[str]]:
    """Method → the SHA-256 of what it printed, for each of its inputs in turn."""
    asked: list[tuple[str, Mapping[str, pl.DataFrame], Mapping[str, object]]]
    asked = [(each.method, each.frames(), each.params) for each in examples()]
    asked += [(name, inputs, params) for name, (inputs, params) in larger_inputs().items()]
    asked += [(name, {"any": pl.DataFrame({"x": [1]})}, {}) for name in methods.ALL if name in LEANS]
    found: dict[str, list[str]] = {}
    for name, inputs, params in asked:
        told = hashlib.sha256(printed(name, inputs, params).encode()).hexdigest()
        found.setdefault(name, []).append(told)
    return found


def plant() -> None:
    """Add one method for each way in which an answer may lean on its environment."""
    methods.ALL = {**methods.ALL, **{name: _leaning(name) for name in LEANS}}


def _leaning(name: str) -> Method:
    def compute(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
        said = {
            "hash_order": str(list({f"place {each}" for each in range(20)})),
            "zone": str(time.localtime(0).tm_hour),
            "locale": f"{1.5:n}",
            "threads": os.environ["OMP_NUM_THREADS"],
        }
        return Answer(pl.DataFrame({"said": [said[name]]}))

    return Method(
        name=name, version="1", title=name, says=name, source="planted", params=(), compute=compute,
        inputs={"any": (WantedColumn("x", "integer", "anything"),)}, outputs=(Output("said", "text", "anything"),),
    )  # fmt: skip


if __name__ == "__main__":
    try:
        locale.setlocale(locale.LC_ALL, "")
    except locale.Error:
        locale.setlocale(locale.LC_ALL, "C")
    if "--plant" in sys.argv:
        plant()
    print(json.dumps(hashes()))
