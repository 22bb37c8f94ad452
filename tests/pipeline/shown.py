"""Outputs read back from disk, as a recipient has them: the words of a page, the tables of a folder."""

import html
import json
import re
from pathlib import Path
from typing import Any

import polars as pl

_NOT_WORDS = re.compile(r"<(script|style|title|desc)\b.*?</\1>|<[^>]+>", re.DOTALL)


def words_of(page: Path) -> str:
    """What a reader of the web page reads, blanks collapsed."""
    text = html.unescape(_NOT_WORDS.sub(" ", page.read_text("utf-8")))
    return re.sub(r"\s+", " ", text).replace(" .", ".")


def page_in(folder: Path) -> str:
    """The words of the one web page in an output's folder."""
    return words_of(folder / "bulletin.html")


def tables_in(folder: Path) -> dict[str, pl.DataFrame]:
    """Every released table in an output's folder, by its name."""
    return {path.stem: pl.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}


def told_of(folder: Path, table: str) -> dict[str, Any]:
    """What one table says of itself."""
    told: dict[str, Any] = json.loads((folder / f"{table}.json").read_bytes())["about"]
    return told


def output_facts(folder: Path) -> dict[str, Any]:
    """The folder's output.json."""
    facts: dict[str, Any] = json.loads((folder / "output.json").read_bytes())
    return facts


def ledger_of(outputs: Path) -> list[dict[str, Any]]:
    """The ledger, oldest line first."""
    return [json.loads(line) for line in (outputs / "ledger.jsonl").read_text("utf-8").splitlines()]
