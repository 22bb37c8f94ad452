"""Places in words: how many a second, how often right, how often as sure as it says, and where it does not reach.

    .venv/bin/python bench/texts.py --write docs/methods/free-text-places.md

Prints the tables, or writes them with the page around them. The same seeds give the same tables; the speed is the
machine's. One core: POLARS_MAX_THREADS is set to 1 before anything else is loaded.
"""

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = "1"

import numpy as np
import polars as pl
from labelled import TextCounty, asked, county, is_right_place

from upstander.analysis.measures.hits import ENOUGH, hit_rates
from upstander.places.texts.calibration import calibration_table, expected_error, precision_and_recall
from upstander.places.texts.confidence import DEFAULT_THRESHOLD
from upstander.places.texts.understanding import best_places, understood

SEEDS = (7, 8, 9)
SIZE = 20_000
THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
ROUNDS = 3
_PARTS = ("unit", "sector", "district")


@dataclass(frozen=True)
class Told:
    """Labelled texts and what was made of them: `truth` (a row a text) with status, found (level), entry, best,
    is_right; `matches`: confidence and is_right of every best place, told or not.
    """

    truth: pl.DataFrame
    matches: pl.DataFrame


def told(made: TextCounty, seed: int, size: int = SIZE) -> Told:
    """One set of labelled texts, understood at the default threshold."""
    truth = made.texts(size, seed)
    best = best_places(asked(truth), made.known)
    matches = pl.DataFrame({"confidence": best["confidence"], "is_right": is_right_place(best, truth, made)})
    return Told(answered(made, truth, DEFAULT_THRESHOLD), matches)


def answered(made: TextCounty, truth: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """The labelled texts with found (level), entry, sureness, says and is_right, told at a threshold."""
    answers = understood(asked(truth), made.known, threshold=threshold).answers.with_row_index("ask")
    told = answers.select(found="level", entry="entry", sureness="confidence", says="says")
    right = is_right_place(answers.select("ask", "entry"), truth, made)
    return truth.select(pl.exclude(told.columns)).hstack(told).with_columns(pl.Series("is_right", right))


def rates_at(made: TextCounty, sets: list[Told], threshold: float) -> tuple[int, float, float]:
    """Places told at a threshold, the share of them that is right, and the right share of all texts that name a place.

    Texts told by a postcode or a part of one are left out.
    """
    rows = pl.concat([answered(made, one.truth, threshold) for one in sets]).filter(~pl.col("found").is_in(_PARTS))
    sureness = rows.select(pl.when(pl.col("entry").is_null()).then(0.0).otherwise("sureness")).to_series().to_numpy()
    locatable = int(rows["x_min"].is_not_null().sum())
    one = precision_and_recall(sureness, rows["is_right"].to_numpy().astype(float), locatable, np.array([threshold]))
    return one.select("told", "precision", "recall").row(0)


def texts_a_second(made: TextCounty) -> tuple[int, float]:
    """Distinct texts of all the sets, and how many of them one core understands in a second of its own time."""
    every = pl.concat([asked(made.texts(SIZE, seed)) for seed in SEEDS]).unique(maintain_order=True)
    understood(every.head(500), made.known)
    spent = []
    for _ in range(ROUNDS):
        start = time.process_time()
        understood(every, made.known)
        spent.append(time.process_time() - start)
    return every.height, every.height / min(spent)


def threshold_table(made: TextCounty, sets: list[Told]) -> list[str]:
    """Precision and recall of places told by the gazetteer, at each threshold."""
    head = ["| threshold | places told | precision | recall |", "|--:|--:|--:|--:|"]
    rates = [(threshold, *rates_at(made, sets, threshold)) for threshold in THRESHOLDS]
    return head + [
        f"| {threshold:.2f}{' (used)' if threshold == DEFAULT_THRESHOLD else ''} | {count:,} | {precision:.3f} "
        f"| {recall:.3f} |"
        for threshold, count, precision, recall in rates
    ]


def calibration_lines(sets: list[Told]) -> list[str]:
    """Expected and observed, in ten bins."""
    matches = pl.concat([one.matches for one in sets])
    table = calibration_table(matches["confidence"].to_numpy(), matches["is_right"].to_numpy().astype(float))
    head = ["| confidence | matches | expected | observed |", "|--:|--:|--:|--:|"]
    lines = [
        f"| {low:.1f} to {high:.1f} | {count:,} | {'' if expected is None else f'{expected:.3f}'} "
        f"| {'' if observed is None else f'{observed:.3f}'} |"
        for low, high, count, expected, observed in table.rows()
    ]
    return [*head, *lines, "", f"Expected calibration error: {expected_error(table):.4f}."]


def hit_table(sets: list[Told], by: str) -> list[str]:
    """Of the texts that name a place, the share that is told one at the default threshold."""
    rows = pl.concat([one.truth for one in sets]).filter(pl.col("x_min").is_not_null()).with_columns(
        is_located=pl.col("found") != ""
    )  # fmt: skip
    head = [f"| {by} | texts | told a place | 95% interval | {ENOUGH:.0%} |", "|:--|--:|--:|--:|:--|"]
    return head + [
        f"| {name} | {count:,} | {share:.1%} | {low:.1%} to {high:.1%} | {'reached' if is_enough else 'not reached'} |"
        for name, count, _, share, low, high, is_enough in hit_rates(rows, by).rows()
    ]


def class_table(sets: list[Told]) -> list[str]:
    """Of the texts that state a class in words, how often it is the true one."""
    rows = pl.concat([one.truth for one in sets]).filter(
        pl.col("place_class").is_in(["home", "abroad", "hospital", "custody", "unknown"])
    )  # fmt: skip
    counted = rows.group_by("place_class").agg(
        texts=pl.len(), right=(pl.col("says") == pl.col("place_class")).mean()
    ).sort("place_class")  # fmt: skip
    head = ["| true class | texts | classed so |", "|:--|--:|--:|"]
    return head + [f"| {name} | {count:,} | {right:.1%} |" for name, count, right in counted.rows()]


PAGE = """# Places in words: how often right, and how sure

Made by `bench/texts.py --write docs/methods/free-text-places.md`, on {texts:,} labelled texts of the fictional county
of Brackenshire (seeds {seeds}). They are invented, with the mess of real fields: abbreviations, slips of the keys,
chains without a town, "town", homes, wards, people's names, nothing. The confidence was fitted to texts of other seeds
(see `src/upstander/places/texts/words/confidence.toml`), on the same streets and venues. How far real texts are like
these nobody can say before somebody has labelled some: do that with 300 of your own before you rely on the figures.

## How it works

A text is cleaned, classed by its words, and searched for postcodes that are in use. The names of the local gazetteer
are looked up by their telling words, misspelt ones too; every place that bears a name is a candidate. What else the
text says (a street, a town, part of a postcode) speaks for the candidates beside it, and distance from the treating
site against those far away. The best candidate is told if it is sure enough. A town is told as an area, `town:<id>`,
never as a point.
A text of which no candidate is sure enough is ambiguous: its phrase waits, sealed, for a person to settle once.

Right means: within 250 m of what was meant; for a text that means a town, that town; and a town for what lies in it.

## Precision and recall

Of texts that name a place; those with a postcode or a part of one are left out.

{thresholds}

## Calibration

Every best place of every text, told or not, in ten bins.

{calibration}

## Hit rate

Of the texts that name a place, the share that is told one, against the least hit rate for a map of points
(Ratcliffe, Int. J. Geographical Information Science 18(1), 2004: 85%). A source or an area below the line is not
missing at random: a chain without a town, or a source without a treating site, is told least.

{by_source}

{by_town}

{by_level}

## Class in words

{classes}

## Speed

{distinct:,} distinct texts, {speed:,.0f} a second of one core's own time (goal 20,000), cleaning to answer.
"""


def page(made: TextCounty, sets: list[Told], distinct: int, speed: float) -> str:
    """The page with its tables."""
    tables = {
        "thresholds": threshold_table(made, sets),
        "calibration": calibration_lines(sets),
        "by_source": hit_table(sets, "source"),
        "by_town": hit_table(sets, "town"),
        "by_level": hit_table(sets, "level"),
        "classes": class_table(sets),
    }
    lines = {name: "\n".join(table) for name, table in tables.items()}
    return PAGE.format(
        texts=SIZE * len(SEEDS), seeds=", ".join(map(str, SEEDS)), distinct=distinct, speed=speed, **lines
    )


def main() -> None:
    """Print the page, or write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    words = parser.parse_args()
    made = county()
    written = page(made, [told(made, seed) for seed in SEEDS], *texts_a_second(made))
    print(written)
    if words.write:
        words.write.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
