"""Random released tables with labels that would harm whoever opens a careless export, and files altered by hand."""

import io
import random
import zipfile
from collections.abc import Callable
from datetime import date

import polars as pl

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import About, Edition, ReleasedTable, Status
from upstander.publish.exports import Copy, ExportFacts
from upstander.values.periods import Period

LEADS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "  =1", '"=1', "'=1", "x;=1+1", "x,@a",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.invalid","x")', "{=1}", "\ufeff=1", "a\n=1", "‘=1",
)  # fmt: skip
EVIL = (
    *LEADS,
    "000123", "1e5", "TRUE", "2026-07-04", "03/04", "<b>&amp;</b>", "]]>", "_x000D_", "a  b", " a ", "\u202eabc",
    "zero\u200bwidth", "Ünïcode Łódź 中文", "😀", "[c]", "#N/A", "nan", "None", "'", '"', "''", ";", "a" * 300,
    "http://example.invalid", "mailto:a@example.invalid", "&P &N &D", "{{x}}", "%s", "\x07bell", "\ufffe",
)  # fmt: skip
SHAREABLE = CountRule("shareable, seven and five", "DSA-014", 7, 5)
_KINDS = [*[Status.SHOWN] * 5, *Status]


def about(title: str = "Records by place", **changed: object) -> About:
    told = {
        "title": title, "measure": "records", "unit": "records", "edition": Edition.SHAREABLE,
        "period": Period.between(date(2026, 7, 1), date(2026, 10, 1)), "area_layer": "ward24", "rules": (SHAREABLE,),
        "readings": (("police_incidents", "wharram", "0" * 20),), "method": "counts", "method_version": "1.0",
        "definition": "all_violence 2026.1", "source": "Wharram Police", "handling": "OFFICIAL",
    }  # fmt: skip
    return About(**(told | changed))  # type: ignore[arg-type]


def table(
    name: str, dimensions: tuple[str, ...], cells: list[tuple[object, ...]], told: About | None = None
) -> ReleasedTable:
    """Cells are (*keys, value, low, high, status)."""
    schema = dict.fromkeys(dimensions, pl.String) | dict.fromkeys(("value", "low", "high"), pl.Float64)
    return ReleasedTable(
        name, dimensions, pl.DataFrame(cells, schema=schema | {"status": pl.String}, orient="row"), told or about()
    )


def facts(**changed: object) -> ExportFacts:
    told = {
        "title": "Violence in Wharram", "publisher": "Wharram Violence Reduction Network", "release": "2026-Q3",
        "made_on": date(2026, 10, 15), "licence": "https://example.invalid/licence", "licence_name": "Open licence",
        "contact": "the network's analyst", "summary": "Counts of recorded violence.",
    }  # fmt: skip
    return ExportFacts(**(told | changed))  # type: ignore[arg-type]


def random_export(seed: int) -> tuple[list[ReleasedTable], ExportFacts]:
    """One to three tables and the facts of their export; every second one is a recipient's copy."""
    draw = random.Random(seed)
    tables = [_random_table(draw, f"table_{number}") for number in range(draw.randint(1, 3))]
    labels = {
        "area": {key: draw.choice(EVIL) for key in tables[0].cells.get_column("area").unique(maintain_order=True)}
    }
    copy = Copy(draw.choice(EVIL) + " of Wharram", draw.choice(EVIL), date(2026, 12, 1), f"{seed:04d}")
    words = {"title": draw.choice(EVIL) + " t", "publisher": draw.choice(EVIL) + " p", "labels": labels}
    return tables, facts(**words, copy=copy if seed % 2 else None)


def _random_table(draw: random.Random, name: str) -> ReleasedTable:
    dimensions = ("area", *draw.sample(["source", "week", "sex"], draw.randint(0, 2)))
    rows = {
        (
            f"ward24:F{number:08d}",
            *(draw.choice([*EVIL, "b" * draw.randint(1, 9)]) + str(number) for _ in dimensions[1:]),
        )
        for number in range(draw.randint(1, 12))
    }
    told = about(
        draw.choice(EVIL) + " title", measure=draw.choice(EVIL) + "m", caveats=(draw.choice(EVIL) + " caveat",)
    )
    return table(name, dimensions, [(*key, *_random_cell(draw)) for key in sorted(rows)], told)


def _random_cell(draw: random.Random) -> tuple[float | None, float | None, float | None, str]:
    status = draw.choice(_KINDS)
    value = draw.choice([0.0, -0.0, 10.0, 1_234_565.0, 0.1, 1 / 3, 1e-7, 12.5, -3.75, 1e15, 123456789.123])
    if status is Status.SHOWN:
        low, high = (value - 1, value + 2.5) if draw.random() < 0.5 else (None, None)
        return value, low, high, status.value
    return (None, 1.5, 9.25, status.value) if status is Status.TOO_UNCERTAIN else (None, None, None, status.value)


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else None)
    return made.getvalue()


def altered(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The archive after a change of its parts."""
    parts = parts_of(content)
    change(parts)
    return repacked(parts)


def swapped(part: str, old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    """Put `new` where `old` stands first in a part; `old` must be there."""

    def change(parts: dict[str, bytes]) -> None:
        text = parts[part].decode()
        assert old in text, f"{old} is not in {part}"
        parts[part] = text.replace(old, new, 1).encode()

    return change


def added(part: str, content: bytes = b"x") -> Callable[[dict[str, bytes]], None]:
    """Put in one more part."""
    return lambda parts: parts.update({part: content})
