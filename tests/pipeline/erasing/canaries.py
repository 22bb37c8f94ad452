"""Three hundred invented people planted everywhere that a person can lie, and a scan of every byte for them.

A canary is found by its surname, which no word of ours is: by a plain search of every file, and of what every sealed
file opens to; Parquet parts are searched as text too, and workbooks as their text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from intake.desk import rms, varied
from pipeline.homes import agreement, desk_at, injury_schedule, send
from upstander.errors import UpstanderError
from upstander.intake.workbooks import is_workbook, sheet_of
from upstander.pipeline.agreeing import sign
from upstander.pipeline.desk import Desk
from upstander.pipeline.erasing.acting import batches_of
from upstander.pipeline.erasing.finding import Person
from upstander.pipeline.held import decide_held
from upstander.vault import sealed

PEOPLE = 300
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def surname(number: int) -> str:
    """A word that nothing else is: canary 7 is Zqcanaryah."""
    return f"Zqcanary{_LETTERS[number // 26]}{_LETTERS[number % 26]}"


def nhs_number(number: int) -> str:
    """A number of the range that is never given out, with its check digit; those without one are passed over."""
    found = (f"999{tail:06d}" for tail in range(number * 20, number * 20 + 20))
    digits = (
        (nine, (11 - sum(int(d) * w for d, w in zip(nine, range(10, 1, -1), strict=True)) % 11) % 11) for nine in found
    )
    return next(f"{nine}{check}" for nine, check in digits if check < 10)


def person(number: int) -> Person:
    """What a form would say of a canary."""
    return Person(
        surname=surname(number), forename="Ann", born=date(1990 + number % 15, 1 + number % 12, 1 + number % 28)
    )


def cells(number: int) -> dict[str, str]:
    """A canary as somebody in a force's extract."""
    who = person(number)
    assert who.born is not None
    return {
        "incident_ref": f"C{number:05d}", "person_ref": f"Q{number:06d}", "surname": who.surname,
        "forename": who.forename, "dob": f"{who.born:%d/%m/%Y}", **varied(number),
    }  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """A home with canaries in it, and who is where."""

    desk: Desk
    folder: Path


def planted(folder: Path, *, desk: Desk | None = None, people: int = PEOPLE) -> Planted:
    """Canary n lies: in an accepted row; each 3rd also in another month; each 5th in a quarantined row too; each 7th in
    the free text of somebody else's row; each 11th in a file that waits for a person; each 13th in a refused file.

    `desk` is that of a home that remembers elsewhere than in files.
    """
    desk = desk or desk_at(folder)
    sign(desk, agreement(injury_schedule(purposes=["monitoring", "stewardship"])))
    sent = folder / "sent"
    some = range(people)
    send(desk, sent, rms(*(cells(n) for n in some)))
    send(desk, sent, rms(*(_in(8, cells(n)) for n in some if n % 3 == 0)), name="rms_2026-08.csv")
    spoilt = [_in(9, cells(n) | {"offence_code": "not one"}) for n in some if n % 5 == 0]
    send(
        desk,
        sent,
        rms(*spoilt, *(_in(9, {"incident_ref": f"G{n}", **varied(n)}) for n in range(400))),
        name="rms_2026-09.csv",
    )
    spoken = [
        _in(
            10,
            {
                "incident_ref": f"T{n}",
                **varied(n),
                "notes": f"with Ann {surname(n)} and {surname(n).upper()}, Ann outside",
            },
        )
        for n in some
        if n % 7 == 0
    ]
    quoted = ({**row, "notes": f'"{row["notes"]}"'} for row in spoken)
    told = send(desk, sent, rms(*quoted), name="rms_2026-10.csv")
    if told.result.outcome == "HOLD":  # so few rows are unlike the months before them; a person lets them in
        decide_held(desk, told.reading, accept=True)
    waiting = rms(*(_in(11, cells(n)) for n in some if n % 11 == 0)).decode().encode("utf-16-be")
    send(desk, sent, waiting, name="rms_2026-11.csv")
    broken = rms(*(cells(n) for n in some if n % 13 == 0)).replace(b"offence_code", b"offense")
    send(desk, sent, broken, name="rms_2026-06.csv")
    return Planted(desk, folder)


def _in(month: int, row: dict[str, str]) -> dict[str, str]:
    return {**row, "incident_ref": f"{row['incident_ref']}M{month}", "occurred_from": f"04/{month:02d}/2026 22:40",
            "recorded_at": f"05/{month:02d}/2026 00:05"}  # fmt: skip


def seen(folder: Path, desk: Desk) -> set[int]:
    """Which canaries any byte below this folder still tells of, sealed or not."""
    texts = b"\n".join(
        text.lower() for path in sorted(folder.rglob("*")) if path.is_file() for text in _texts(path, desk)
    )
    return {n for n in range(PEOPLE) if surname(n).lower().encode() in texts}


def _texts(path: Path, desk: Desk) -> Iterator[bytes]:
    content = path.read_bytes()
    yield content
    if path.suffix == ".sealed":
        try:
            with sealed.open(path, sealed.unwrap(path, desk.key)) as source:
                content = source.read()
        except UpstanderError:
            return
        yield content
    yield content.decode("utf-16-be", "ignore").encode()
    if is_workbook(content[:4]):
        yield sheet_of(content).text
    if path.parent.name == "quarantine":
        yield from (batch.write_csv().encode() for batch in batches_of(content))
