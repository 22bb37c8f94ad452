"""A home whose every release was published by somebody careless: small counts hidden, and no thought of the sums.

For tests alone. It forges what a person with all of the home could: the figures, their seals, and the lines of the log
that say who made and who approved them. What is shown to work on such a home must fail on ours.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from pipeline.release.county import RULES
from pipeline.release.outsider import KEY, carelessly
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.pipeline.release import shelf
from upstander.values.canonical import canonical_json


def make_careless(desk: Desk) -> None:
    """Publish every release of the home anew, carelessly."""
    for edition in shelf.editions(desk.home):
        _rewrite(desk, edition)
    for edition in shelf.editions(desk.home):  # read anew
        about = f"{edition.name} {edition.sha256}"
        at = edition.plan.made.at + timedelta(days=1)
        for person, action in (("A. Analyst", "release make"), ("B. Checker", "approve release"),
                               ("C. Checker", "approve release")):  # fmt: skip
            there = desk.asking(person=person)
            note(_at(there, at), action=action, answer="done", dataset="", about=about)


def _rewrite(desk: Desk, edition: shelf.Edition) -> None:
    told = shelf.cells_of(edition, shelf.FIGURES_TABLE)
    names = {name: pl.col("cell").str.extract(rf"(?:^|;){name}=([^;]*)").alias(name) for name in KEY}
    asked: Mapping[str, Mapping[str, int]] = RULES
    careless = pl.concat([
        carelessly(desk, [edition], dataset, (rule["suppress_up_to"], rule["round_to"])).select(*KEY, "value", "status")
        for dataset, rule in asked.items() if dataset in {one.dataset for one in edition.plan.sources}
    ])  # fmt: skip
    anew = (
        told.with_columns(*names.values()).drop("value", "status")
        .join(careless, on=KEY, how="left", maintain_order="left").select(told.columns)
    )  # fmt: skip
    assert anew["status"].null_count() == 0
    content = shelf.parquet(anew)
    path = edition.folder / shelf.FIGURES
    path.chmod(0o644)
    path.write_bytes(content)
    manifest = dict(edition.manifest)
    manifest["files"] = dict(manifest["files"]) | {shelf.FIGURES: hashlib.sha256(content).hexdigest()}
    held = edition.folder / shelf.MANIFEST
    held.chmod(0o644)
    held.write_bytes(canonical_json(manifest))


def _at(desk: Desk, moment: object) -> Desk:
    from dataclasses import replace

    return replace(desk, now=lambda: moment)  # type: ignore[arg-type]
