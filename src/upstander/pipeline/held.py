"""Readings that wait for a person: complete, sealed, and out of the warehouse until someone accepts them."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from upstander.contracts.profiles import Concern, Profile
from upstander.contracts.readings import Covers, LineAccount, Outcome
from upstander.errors import WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.pipeline.home import Home
from upstander.pipeline.reading import no_reader
from upstander.values.canonical import canonical_json
from upstander.values.durable import locked, make_folder, publish, sync_folder
from upstander.vault import refuse_stale, sealed
from upstander.warehouse import ReadingFacts, part_without, rows_in

_FACTS = "facts.sealed"
_CLOSED = "closed"
_PROFILE: TypeAdapter[Profile | None] = TypeAdapter(Profile | None)
_CONCERNS: TypeAdapter[tuple[Concern, ...]] = TypeAdapter(tuple[Concern, ...])


def hold(desk: Desk, facts: ReadingFacts, staging: Path, why: tuple[str, ...]) -> None:
    """Seal the staged parts and the facts under `held/<reading>/`, which appears by one rename."""
    final = desk.home.root / "held" / facts.reading
    if final.exists():
        return
    refuse_stale(desk.home.root, desk.key)
    building = final.parent / f".{facts.reading}.building"
    _empty(building)
    for part in sorted(staging.glob("*.parquet")):
        with part.open("rb") as file:
            sealed.write(file, building / f"{part.name}.sealed", desk.key)
    told = {"facts": _plain(facts), "why": list(why)}
    with sealed.writer(building / _FACTS, desk.key) as sink:
        sink.write(canonical_json(told))
    sync_folder(building)
    publish(building, final)


def is_held(desk: Desk, reading: str) -> bool:
    """Whether a reading waits for a person."""
    return waits(desk.home, reading)


def waits(home: Home, reading: str) -> bool:
    """The same, where there is no desk."""
    return (home.root / "held" / reading / _FACTS).is_file()


def count_held(home: Home) -> int:
    """How many readings wait."""
    return sum(1 for _ in (home.root / "held").glob(f"[0-9a-f]*/{_FACTS}"))


def held_readings(desk: Desk) -> list[Mapping[str, Any]]:
    """What waits: reading, dataset, supplier, received, why. Oldest first."""
    return sorted(
        ({**told["facts"], "why": "; ".join(told["why"])} for _, told in _waiting(desk)),
        key=lambda one: (one["received"], one["reading"]),
    )


def held_facts(desk: Desk) -> list[ReadingFacts]:
    """Of every reading that waits or was decided on, what is known of it."""
    return [_facts(_told(desk, folder)["facts"]) for folder in _folders(desk)]


def erase_held(desk: Desk, lines: Mapping[str, Collection[int]], *, erasure: str) -> int:
    """Take these lines (by raw file) out of every reading here, as this erasure; how many rows that was.

    The parts go first, and what is left is counted; a killed run is finished by the same call.
    """
    rows = {folder: _erase_in(desk, folder, lines, erasure) for folder in _folders(desk)}
    return sum(count for folder, count in rows.items() if folder.parent.name != _CLOSED)


def _erase_in(desk: Desk, folder: Path, lines: Mapping[str, Collection[int]], erasure: str) -> int:
    told = _told(desk, folder)
    facts = _facts(told["facts"])
    theirs = lines.get(facts.raw_sha256, ())
    if not theirs or erasure in facts.erasures:
        return 0
    left = 0
    for path in sorted(folder.glob("*.parquet.sealed")):
        content, _ = part_without(_opened(desk, path), theirs)
        sealed.put_anew(path, desk.key, content)
        left += rows_in(content)
    stored = facts.lines.accepted if facts.figures is None else facts.figures
    changed = replace(facts, erased=stored - left, erasures=(*facts.erasures, erasure))
    content = canonical_json({"facts": _plain(changed), "why": told["why"]})
    sealed.put_anew(folder / _FACTS, desk.key, content)
    return changed.erased - facts.erased


def _folders(desk: Desk) -> list[Path]:
    held = desk.home.root / "held"
    return [path.parent for path in sorted([*held.glob(f"[0-9a-f]*/{_FACTS}"), *held.glob(f"{_CLOSED}/*/{_FACTS}")])]


def _opened(desk: Desk, path: Path) -> bytes:
    with sealed.open(path, sealed.unwrap(path, desk.key)) as source:
        return source.read()


def decide_held(desk: Desk, reading: str, *, accept: bool) -> str:
    """Accept a held reading into the warehouse, or refuse it; either closes it by one rename. Says what was done.

    The person at the desk must say why. Raises WrongUsage for a reading that does not wait.
    """
    folder = desk.home.root / "held" / reading
    if not reading or not (folder / _FACTS).is_file():
        raise WrongUsage(f"No reading {reading} waits.", found=reading, expected="an id that `held list` names")
    if not desk.who.why.strip():
        raise WrongUsage("A decision about a held reading needs a reason.", expected="--why TEXT")
    with locked(desk.home.root / "locks" / "intake"):
        facts = _facts(_told(desk, folder)["facts"])
        note(desk, action="held", answer="accepted" if accept else "refused", dataset=facts.dataset, about=reading)
        if accept and desk.warehouse.find(facts.dataset, facts.reading) is None:
            with no_reader(desk.home.root):
                staging = desk.warehouse.stage(facts.dataset, facts.reading)
            _unseal(desk, folder, staging)
            desk.warehouse.commit(facts)
        closed = folder.parent / _CLOSED
        make_folder(closed)
        publish(folder, closed / reading)
    return f"{reading} was {'accepted into the warehouse' if accept else 'refused; its bytes stay in the vault'}."


def _unseal(desk: Desk, folder: Path, staging: Path) -> None:
    for path in sorted(folder.glob("*.parquet.sealed")):
        (staging / path.name.removesuffix(".sealed")).write_bytes(_opened(desk, path))


def _waiting(desk: Desk) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted((desk.home.root / "held").glob(f"[0-9a-f]*/{_FACTS}")):
        yield path.parent, _told(desk, path.parent)


def _told(desk: Desk, folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(_opened(desk, folder / _FACTS))
    return told


def _plain(facts: ReadingFacts) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(asdict(facts), default=lambda value: value.isoformat()))
    return plain


def _facts(plain: Mapping[str, Any]) -> ReadingFacts:
    covers = plain["covers"]
    extracted = plain["extracted_at"]
    return ReadingFacts(
        **{
            **plain,
            "covers": Covers(
                date.fromisoformat(covers["start"]), date.fromisoformat(covers["end"]), covers["inferred"]
            ),
            "lines": LineAccount(**plain["lines"]),
            "outcome": Outcome(plain["outcome"]),
            "received": datetime.fromisoformat(plain["received"]),
            "extracted_at": datetime.fromisoformat(extracted) if extracted else None,
            "vintages": tuple(tuple(pair) for pair in plain["vintages"]),
            "counts_same_events_as": tuple(plain["counts_same_events_as"]),
            "quarantined_by_rule": tuple(tuple(pair) for pair in plain["quarantined_by_rule"]),
            "set_aside_by_reason": tuple(tuple(pair) for pair in plain["set_aside_by_reason"]),
            "notes": tuple(plain["notes"]),
            "erasures": tuple(plain.get("erasures", ())),
            "profile": _PROFILE.validate_python(plain.get("profile")),
            "concerns": _CONCERNS.validate_python(plain.get("concerns", ())),
        }
    )


def _empty(folder: Path) -> None:
    make_folder(folder)
    for left in folder.iterdir():
        left.unlink()
