"""An operational picture on disk: `outputs/picture/<number>/`, written once, read back as it was."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import polars as pl
from pydantic import BaseModel, TypeAdapter, create_model

from upstander.contracts.places import AreaShape
from upstander.contracts.releasing import Edition
from upstander.disclosure import reopened
from upstander.errors import NotAcceptable
from upstander.pipeline.desk import Desk
from upstander.pipeline.home import Home
from upstander.pipeline.injuries.resting import Question, Resting, granted, recipients_of
from upstander.pipeline.outputs import OutputFacts, write_output
from upstander.pipeline.recalling import recalled
from upstander.publish.model import Bulletin, RiseReading
from upstander.values.areas import AreaKey
from upstander.values.canonical import canonical_json
from upstander.values.durable import write_whole

KIND = "picture"
_TOLD, _OUTLINES, _RESTS = "told.json", "outlines.parquet", "rests_on.json"
_APART = {"tables", "shapes", "rise_readings"}  # what does not lie in told.json as it is


@dataclass(frozen=True)
class Card:
    """What is known of a picture without opening it. `grants` is what the gate answered, as `resting.granted` says it.

    `window` is empty for all hours. `recipients`: whom its schedules name.
    """

    number: int
    key: str
    base: str
    window: str
    period: str
    expires: date
    made: str
    recipients: tuple[str, ...]
    questions: tuple[Question, ...]
    grants: Sequence[Any]


def freeze(desk: Desk, bulletin: Bulletin, rests_on: Resting) -> int:
    """Write a picture under the next number, whole or not at all, with its line in the ledger; its number."""
    recipients = recipients_of(desk.register.agreements(desk.now()), rests_on.answers)
    facts = OutputFacts(
        kind=KIND, edition=Edition.OPERATIONAL, recipients=recipients, purpose=desk.who.purpose.value,
        person=desk.who.person, made=desk.now(), expires=bulletin.expires,
    )  # fmt: skip

    def render(number: int, folder: Path) -> tuple[Path, ...]:
        _put(folder, bulletin, number)
        told = {
            "key": rests_on.key,
            "base": rests_on.base,
            "window": bulletin.window or "",
            "period": str(bulletin.period),
            "tells": sorted(_hints()),
            "questions": rests_on.questions,
            "grants": granted(rests_on.questions, rests_on.answers),
            "seals": {path.name: _sha256(path) for path in sorted(folder.iterdir())},
        }
        write_whole(folder / _RESTS, canonical_json(told))
        return folder / _TOLD, folder / _OUTLINES, folder / _RESTS

    return write_output(desk.home, facts, list(bulletin.tables.values()), render).number


def cards(home: Home, today: date) -> list[Card]:
    """Every picture that still stands: neither expired nor recalled. The newest first.

    One that a version of Upstander made which told other things of a picture is passed over; it is made anew.
    """
    gone = {number for kind, number in recalled(home) if kind == KIND}
    folders = sorted((home.outputs / KIND).glob("[0-9]*"), reverse=True)
    found = (_card(folder) for folder in folders if folder.name not in gone)
    return [one for one in found if one is not None and today < one.expires]


@lru_cache(maxsize=16)
def thawed(folder: Path) -> Bulletin:
    """The picture as it was made; it never changes, so it is read once a process.

    Raises NotAcceptable where a file is not as it was written.
    """
    seals = json.loads((folder / _RESTS).read_bytes())["seals"]
    broken = [name for name, seal in seals.items() if _sha256(folder / name) != seal]
    if broken:
        raise NotAcceptable(
            f"The picture {folder.name} is not as it was written.", where=folder.name, found=", ".join(broken),
            expected="the files as they were sealed", state="It was not shown.",
        )  # fmt: skip
    told = json.loads((folder / _TOLD).read_bytes())
    names = [name.removesuffix(".parquet") for name in seals if name.endswith(".parquet") and name != _OUTLINES]
    facts = _facts().model_validate(told["facts"])
    return Bulletin(
        **{name: getattr(facts, name) for name in _hints()},
        tables={name: reopened(folder, name) for name in names},
        shapes=_shapes(folder / _OUTLINES),
        rise_readings={(a, b, c): RiseReading(*words) for a, b, c, words in told["rises"]},
    )


def folder_of(home: Home, number: int) -> Path:
    """Where a picture lies, or would lie."""
    return home.outputs / KIND / f"{number:04d}"


def _put(folder: Path, bulletin: Bulletin, number: int) -> None:
    facts = {name: getattr(bulletin, name) for name in _hints()} | {"number": f"{number:04d}"}
    rises = [[*key, [one.sentence, one.times]] for key, one in bulletin.rise_readings.items()]
    plain = {name: TypeAdapter(kind).dump_python(facts[name], mode="json") for name, kind in _hints().items()}
    write_whole(folder / _TOLD, canonical_json({"facts": plain, "rises": rises}))
    _outlines(bulletin.shapes).write_parquet(folder / _OUTLINES)


@lru_cache(maxsize=1)
def _hints() -> Mapping[str, Any]:
    return {name: kind for name, kind in get_type_hints(Bulletin).items() if name not in _APART}


@lru_cache(maxsize=1)
def _facts() -> type[BaseModel]:
    fields: dict[str, Any] = {name: (kind, ...) for name, kind in _hints().items()}
    return create_model("Facts", **fields)


def _outlines(shapes: Sequence[AreaShape]) -> pl.DataFrame:
    """kind, vintage, code, name, ring, x, y: one row a vertex, in order."""
    rows = [
        pl.DataFrame({"x": ring[:, 0], "y": ring[:, 1]}).select(
            kind=pl.lit(one.key.kind), vintage=pl.lit(one.key.vintage), code=pl.lit(one.key.code),
            name=pl.lit(one.name), ring=pl.lit(at), x="x", y="y",
        )
        for one in shapes for at, ring in enumerate(one.rings)
    ]  # fmt: skip
    schema = dict.fromkeys(("kind", "vintage", "code", "name"), pl.String)
    return pl.concat([pl.DataFrame(schema=schema | {"ring": pl.Int32, "x": pl.Float64, "y": pl.Float64}), *rows])


def _shapes(path: Path) -> tuple[AreaShape, ...]:
    rings: dict[tuple[str, str, str, str], list[np.ndarray[Any, np.dtype[np.float64]]]] = {}
    for words, rows in pl.read_parquet(path).group_by("kind", "vintage", "code", "name", "ring", maintain_order=True):
        kind, vintage, code, name, _ = words
        rings.setdefault((str(kind), str(vintage), str(code), str(name)), []).append(rows.select("x", "y").to_numpy())
    return tuple(
        AreaShape(AreaKey(kind, vintage, code), name, tuple(found))
        for (kind, vintage, code, name), found in rings.items()
    )


@lru_cache(maxsize=512)
def _card(folder: Path) -> Card | None:
    rests, output = (json.loads((folder / name).read_bytes()) for name in (_RESTS, "output.json"))
    if rests.get("tells") != sorted(_hints()):
        return None
    return Card(
        number=int(folder.name), key=rests["key"], base=rests["base"], window=rests["window"], period=rests["period"],
        expires=date.fromisoformat(output["expires"]), made=output["made"], recipients=tuple(output["recipients"]),
        questions=tuple((name, tuple(fields)) for name, fields in rests["questions"]), grants=rests["grants"],
    )  # fmt: skip


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
