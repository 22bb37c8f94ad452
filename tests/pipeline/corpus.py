"""The corpus of bad deliveries, through a real home: its agreement, its places, its map, and `deliver`.

`python tests/pipeline/corpus.py FOLDER` makes such a home, for the judge that drives the command itself.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipeline.homes import agreement, desk_at, injury_schedule
from shared_data import SHARED
from upstander.pipeline.agreeing import sign
from upstander.pipeline.deliver import deliver
from upstander.pipeline.desk import Desk
from upstander.pipeline.reading import Runner
from upstander.places import load

PLACES = SHARED / "data" / "places"
MAP = Path(__file__).parents[1] / "intake" / "hostile.toml"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)  # before any run of the command, whose clock is the true one
PERSONAL = (
    "Adeyemi", "Kowalska", "Canary", "07700 900123", "943 476 5919", "Acacia", "Wolfeschlegel", "MUSTNOTLOAD",
    "P000001", "P000666",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One case: the files in the order in which they come, what must be answered to the last, and a word it must say.

    A control file comes beside its delivery and is never delivered itself.
    """

    name: str
    reaction: str
    says: str
    files: tuple[Path, ...]

    @property
    def last(self) -> Path:
        return self.files[-1]


def made(folder: Path, only: Sequence[str] = ()) -> list[Case]:
    """Write the corpus, or these cases of it, into a folder."""
    command = [sys.executable, str(SHARED / "hostile" / "gen.py"), str(folder), *(["--only", *only] if only else [])]
    subprocess.run(command, check=True, capture_output=True)
    return [
        Case(
            one["name"], one["reaction"], one["message_must_contain"],
            tuple(
                folder / file["path"]
                for file in sorted(one["files"], key=lambda file: file["path"])
                if not file["path"].endswith(".control.json")
            ),
        )
        for one in json.loads((folder / "manifest.json").read_text())
    ]  # fmt: skip


def home(folder: Path) -> Desk:
    """A home with the county's outlines and postcodes, and an agreement for the corpus's sender."""
    desk = desk_at(folder, now=NOW)
    for path in sorted(PLACES.glob("*_llr_buc.geojson")):
        load(desk.home.reference, kind="boundaries", source=[path])
    load(
        desk.home.reference,
        kind="postcodes",
        source=[PLACES / "codepoint-open-2014" / "le.csv"],
        vintage="2014-07",
        attribution="Contains OS data",
    )
    start, end = date(2020, 1, 1), date(2090, 1, 1)
    sign(desk, agreement(injury_schedule(suppliers=["hostile"], start=start, end=end)))
    desk.home.suppliers.mkdir(exist_ok=True)
    shutil.copy(MAP, desk.home.suppliers / MAP.name)
    return desk


def answer(desk: Desk, case: Case, runner: Runner) -> tuple[dict[str, Any], Any]:
    """The last line of what was answered to the case's last file, and its report."""
    from upstander.intake import last_line

    for path in case.files:
        report = deliver(desk, path, dataset="police_incidents", supplier="hostile", runner=runner)
    return last_line(report), report


def faults(case: Case, said: dict[str, Any]) -> list[str]:
    """What is wrong with an answer; the same questions as the corpus's own judge asks."""
    rows = [said[name] for name in ("rows_in", "rows_loaded", "rows_quarantined", "rows_duplicate")]
    found = []
    if said["outcome"] != case.reaction:
        found.append(f"{said['outcome']} and not {case.reaction}: {said['message']}")
    if case.says.lower() not in said["message"].lower():
        found.append(f"does not say '{case.says}': {said['message']}")
    if said["outcome"] in {"ACCEPT", "NORMALISE", "ROWQ"} and rows[0] != sum(rows[1:]):
        found.append(f"rows do not add up: {rows}")
    if said["outcome"] == "ROWQ" and not rows[2]:
        found.append("nothing is held back")
    if leaked := [word for word in PERSONAL if word in said["message"]]:
        found.append(f"tells {leaked[0]}")
    return found


if __name__ == "__main__":
    home(Path(sys.argv[1]))
