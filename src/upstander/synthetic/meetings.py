"""What the tasking group decided last time, so that the bulletin can say what has changed there."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from upstander.synthetic.land import Land
from upstander.synthetic.planted import Planted


def write_actions(folder: Path, land: Land, planted: Planted, *, ends: date) -> None:
    """Write `actions.csv`: area_code, what, owner, due, since; one row an action of the meeting six weeks before
    `ends`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    places = {spot.name: land.areas["code"][spot.areas[0]] for spot in planted.hot_spots}
    met = ends - timedelta(weeks=6)
    taken = (
        (
            "Guildgate quarter, Tavenholt",
            "Two more officers at closing time, Friday and Saturday",
            "Brackenshire Police",
            2,
        ),
        (
            "Selmarsh Seafront",
            "Visit the five busiest premises with the injury figures",
            "Selmarsh Coast Council, licensing",
            4,
        ),
        ("Quarrowby Station", "Taxi marshals and brighter lamps on the forecourt", "Quarrowby Council", 8),
        (
            "Wexlow Cornhithe",
            "Keep the late patrols and the glass ban; look again at the next meeting",
            "Community safety partnership",
            6,
        ),
    )
    pl.DataFrame({
        "area_code": [places[place] for place, *_ in taken],
        "what": [what for _, what, *_ in taken],
        "owner": [owner for _, _, owner, _ in taken],
        "due": [(met + timedelta(weeks=weeks)).isoformat() for *_, weeks in taken],
        "since": [met.isoformat()] * len(taken),
    }).write_csv(folder / "actions.csv")  # fmt: skip
