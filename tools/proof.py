"""Write docs/proof.md from what `make prove` measured: name, figure, goal, seed, and the commit it was measured at."""

import argparse
import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
RECORDED = ROOT / ".make" / "proof"
PAGE = ROOT / "docs" / "proof.md"

HEAD = """# Proof

Written by `make prove`; do not edit. Each line is a figure that a test measured and held against its goal.
Repeat a run with `make prove SEED={seed}`.

Commit {commit}, seed {seed}.

| what | figure | goal | seed | test |
|---|---|---|---|---|
"""


def recorded(folder: Path) -> list[dict[str, object]]:
    """What the workers wrote, one figure each, sorted by name so that two runs differ only where figures do."""
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()]
    return sorted((json.loads(line) for line in lines), key=lambda figure: (figure["name"], figure["test"]))


def page(figures: list[dict[str, object]], *, commit: str, seed: int) -> str:
    """The page as Markdown. A figure whose test draws no random numbers has no seed."""
    rows = [
        f"| {f['name']} | {f['figure']} | {f['goal']} | {'' if f['seed'] is None else f['seed']} | `{f['test']}` |\n"
        for f in figures
    ]
    return HEAD.format(commit=commit, seed=seed) + "".join(rows)


def commit_here() -> str:
    """The short name of the commit, marked `and changes` where tracked files differ from it."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/proof.md")
    return git("rev-parse", "--short=12", "HEAD") + (" and changes" if changed else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    seed = parser.parse_args().seed
    figures = recorded(RECORDED)
    PAGE.write_text(page(figures, commit=commit_here(), seed=seed), "utf-8")
    print(f"{len(figures)} figures in {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
