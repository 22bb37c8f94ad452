"""Fit the confidence of places told by words to the labelled texts of the fictional county, and write it as data.

    .venv/bin/python tools/text_confidence.py

Writes src/upstander/places/texts/words/confidence.toml. The texts it learns from are of other seeds than those that the
bench and the tests ask about.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "bench"))

from labelled import asked, county, is_right_place  # noqa: E402 - the bench's own county, once its folder is known

from upstander.places.texts.calibration import fitted  # noqa: E402
from upstander.places.texts.confidence import FEATURES, features  # noqa: E402
from upstander.places.texts.understanding import best_places  # noqa: E402

SEEDS = (101, 102, 103)
SIZE = 20_000
HEAD = """name = "confidence"
version = "2026.1"
dated = {today}
source = "Fitted by tools/text_confidence.py to {matches:,} matches of {texts:,} labelled texts of the fictional county (seeds {seeds}); an installation with texts that its own people labelled should fit its own"
intercept = {intercept:.4f}

[weights]
"""  # noqa: E501 - one line of data


def main() -> None:
    """Fit and write."""
    made = county()
    rows, right = [], []
    for seed in SEEDS:
        truth = made.texts(SIZE, seed)
        best = best_places(asked(truth), made.known)
        rows.append(features(best))
        right.append(is_right_place(best, truth, made))
    intercept, weights = fitted(np.vstack(rows), np.concatenate(right).astype(float))
    head = HEAD.format(
        today=datetime.now(UTC).date().isoformat(), matches=sum(map(len, right)), texts=SIZE * len(SEEDS),
        seeds=", ".join(map(str, SEEDS)), intercept=intercept,
    )  # fmt: skip
    lines = [f"{name} = {weight:.4f}" for name, weight in zip(FEATURES, weights, strict=True)]
    path = ROOT / "src" / "upstander" / "places" / "texts" / "words" / "confidence.toml"
    path.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    print(path.relative_to(ROOT), f"{np.concatenate(right).mean():.3f} of best places are right")


if __name__ == "__main__":
    main()
