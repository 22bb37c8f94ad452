"""Six words are the whole interface, and the check on every change uses the same ones."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from checkout import ROOT

WORDS = ["demo", "test", "prove", "check", "bench", "docs"]


def test_make_offers_six_words_and_explains_each() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[0].split() == WORDS
    helped = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^make (\w+)", helped, re.MULTILINE) == WORDS


@pytest.mark.parametrize("word", WORDS)
def test_every_word_does_its_own_set_up(word: str) -> None:
    planned = subprocess.run(
        ["make", "--dry-run", "--always-make", word], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    steps = ["setup.sh environment", "setup.sh packages", "setup.sh assets", "fonts.py", "setup.sh product"]
    assert [step for step in steps if step not in planned] == []


def test_the_check_on_every_change_says_make_test_and_is_strict() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert script.rstrip().endswith("make test")
    assert "UPSTANDER_STRICT=1" in script
    assert "set -euo pipefail" in script


@pytest.mark.parametrize("script", [".ci/run", "tools/setup.sh"])
def test_every_script_can_be_run_and_parsed(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o111
    bash = shutil.which("bash")
    assert bash is not None
    assert subprocess.run([bash, "-n", ROOT / script], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("step", "words"), [("environment", "Python 3.11 is missing"), ("assets", "Node 20 is missing")]
)
def test_set_up_says_plainly_what_is_missing(step: str, words: str, tmp_path: Path) -> None:
    for tool in ("bash", "dirname"):  # a machine with a shell and nothing else
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    done = subprocess.run(
        [tmp_path / "bash", ROOT / "tools" / "setup.sh", step],
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert words in done.stderr
