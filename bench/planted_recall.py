"""What is found of all that is planted in the fictional county: one row a claim, each over the same number of seeds.

    .venv/bin/python bench/planted_recall.py [--seeds 50] [--seed 1] [--write docs/methods/planted-county.md]

Hot spots, the outbreak, the change in recording, the intervention, and what the police do not know of. Up to half
an hour for 50 seeds on one core.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from coverage import table
from simulations import Finding, hotspots, impact, outbreaks, overlap

HEAD = """# What is found in the fictional county

Written by `bench/planted_recall.py --seeds {seeds} --seed {seed}` at commit {commit}; do not edit. {seeds} counties,
each with its own hot spots, outbreak, change in recording and intervention, as the three agencies would know them. A
share is accepted with three standard errors of the simulation as room. `make prove` repeats the outbreak rows.

"""


def findings(seeds: int, seed: int) -> dict[str, list[Finding]]:
    """Every row by subject."""
    return {
        "hot spots": list(hotspots.fictional_county(seeds, seed)),
        "outbreak and change in recording": outbreaks.counties(seeds, seed),
        "intervention": list(impact.planted(seeds, seed)),
        "unknown to the police": list(overlap.counties(seeds, seed)),
    }


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", type=int, default=50)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--write", type=Path)
    words = asked.parse_args()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    found = findings(words.seeds, words.seed)
    head = HEAD.format(seeds=words.seeds, seed=words.seed, commit=commit.stdout.strip())
    page = head + "\n\n".join(table(subject, rows) for subject, rows in found.items()) + "\n"
    print(page)
    if words.write:
        words.write.write_text(page, "utf-8")
    return 0 if all(one.is_as_promised for rows in found.values() for one in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
