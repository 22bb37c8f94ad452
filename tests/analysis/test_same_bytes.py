"""The same inputs and seed give the same bytes, whatever the locale, time zone, thread count or hash seed."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from analysis.all_answers import LEANS
from analysis.larger import larger_inputs
from checkout import ROOT
from upstander.pipeline.methods import ALL

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS")
# As the command does, `upstander` is loaded before the libraries that compute.
_PROGRAM = "import upstander, runpy; runpy.run_module('analysis.all_answers', run_name='__main__')"


def environment(locale: str, zone: str, threads: int, hash_seed: int) -> dict[str, str]:
    """Of `C`, Python would make C.UTF-8 by itself; here it stays what it says."""
    plain = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"} if locale == "C" else {}
    return {
        "LANG": locale, "LC_ALL": locale, "TZ": zone, "PYTHONHASHSEED": str(hash_seed), **plain,
        **dict.fromkeys(_THREADS, str(threads)),
    }  # fmt: skip


PLAIN = environment("C", "UTC", 1, 0)
OTHER = environment("tr_TR.UTF-8", "Pacific/Apia", 2, 12345)
MORE = [environment("de_DE.UTF-8", "UTC", 2, 0), environment("C", "Pacific/Apia", 1, 12345)]


@pytest.fixture(scope="session")
def locales(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Turkish and German, made here where the system can: few machines have them."""
    folder = tmp_path_factory.mktemp("locales")
    if shutil.which("localedef") is None or not Path("/usr/share/i18n/locales/tr_TR").is_file():
        return {}
    for name in ("tr_TR", "de_DE"):
        subprocess.run(["localedef", "-i", name, "-f", "UTF-8", folder / f"{name}.UTF-8"], check=False)
    return {"LOCPATH": str(folder)}


def answers(env: Mapping[str, str], *words: str) -> dict[str, list[str]]:
    """What every method prints, in a fresh process."""
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}"}
    command = [sys.executable, "-c", _PROGRAM, *words]
    ran = subprocess.run(command, env=known | dict(env), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    told: dict[str, list[str]] = json.loads(ran.stdout.splitlines()[-1])
    return told


@pytest.fixture(scope="session")
def plain(locales: dict[str, str]) -> dict[str, list[str]]:
    return answers(PLAIN | locales, "--plant")


def differing(one: Mapping[str, list[str]], other: Mapping[str, list[str]]) -> set[str]:
    """Methods whose answers are not the same in both."""
    return {name for name in {*one, *other} if one.get(name) != other.get(name)}


def test_every_method_answers_the_same_in_another_place_and_one_that_leans_on_the_place_is_found(
    plain: dict[str, list[str]], locales: dict[str, str]
) -> None:
    assert set(ALL) <= set(plain)
    assert all(len(plain[name]) > 1 for name in larger_inputs())
    found = differing(plain, answers(OTHER | locales, "--plant"))
    assert found == set(LEANS) - (set() if locales else {"locale"})


@pytest.mark.prove
@pytest.mark.parametrize("env", MORE, ids=lambda env: f"{env['LC_ALL']} {env['TZ']}")
def test_every_method_answers_the_same_in_more_places(
    env: dict[str, str], plain: dict[str, list[str]], locales: dict[str, str]
) -> None:
    assert differing(plain, answers(env | locales, "--plant")) <= set(LEANS)
