"""Timing a peer that is written in R: Debian's r-base-core, r-cran-surveillance and r-cran-spdep, where they are."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np


def seconds_in_r(script: str, *tables: np.ndarray) -> float | None:
    """What the script prints last, its seconds. None without R or a package that it loads.

    tables: of whole numbers, which it reads as CSV files with headings, named by `commandArgs(TRUE)`. A script that
    fails otherwise stops the bench: a mistake of ours would pass for a peer that is not there.
    """
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{place}.csv" for place in range(len(tables))]
        for path, table in zip(paths, tables, strict=True):
            heading = ",".join(f"c{column}" for column in range(table.shape[1]))
            np.savetxt(path, table, fmt="%d", delimiter=",", header=heading, comments="")
        ran = subprocess.run(
            ["Rscript", "-e", script, *map(str, paths)], check=False, capture_output=True, text=True,
            env=os.environ | {"LC_ALL": "C"},
        )  # fmt: skip
    if "there is no package called" in ran.stderr:
        return None
    if ran.returncode != 0:
        sys.exit(f"R stopped: {ran.stderr}")
    return float(ran.stdout.split()[-1])
