"""The whole county in one call: land, violence, what each agency saw of it, the files, the truth."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from upstander.errors import WrongUsage
from upstander.synthetic.ambulance import ambulance_rows
from upstander.synthetic.declared import DeclaredFile, Layout, make_declared, make_pool
from upstander.synthetic.deliveries import Sent, as_delivered, write_deliveries
from upstander.synthetic.emergency import emergency_rows
from upstander.synthetic.gazetteer import make_gazetteer
from upstander.synthetic.hours import make_calendar
from upstander.synthetic.land import make_land
from upstander.synthetic.meetings import write_actions
from upstander.synthetic.placefiles import write_places
from upstander.synthetic.planted import plant
from upstander.synthetic.police import police_rows
from upstander.synthetic.postcodes import make_postcodes
from upstander.synthetic.residents import residents
from upstander.synthetic.seeing import who_sees
from upstander.synthetic.summary import planted_facts, sent_facts
from upstander.synthetic.truth import Truth, incidents_table, read_truth, seen_table, write_texts, write_truth
from upstander.synthetic.violence import acts_of_violence, describe, risk_before_planting


@dataclass(frozen=True)
class Summary:
    """What `make` wrote. `deliveries` in the order of their paths; `acts` is how much violence there truly was.

    `declared` are the files of the datasets that are made from their declarations alone, `layouts` how they look.
    """

    folder: Path
    areas: int
    postcodes: int
    acts: int
    deliveries: tuple[Sent, ...]
    layouts: tuple[Layout, ...]
    declared: tuple[DeclaredFile, ...]


def make(folder: Path, *, years: int, seed: int, ends: date) -> Summary:
    """Write the fictional county into `folder`: places, deliveries (a folder a supplier), suppliers, meetings, truth.

    `ends` is the day after the last one delivered, the first of a month; `years` the whole years before it. The same
    arguments give the same bytes. Raises WrongUsage for another `ends`, for no years, and for a folder that holds
    a county made with other arguments: files of both would lie side by side.
    """
    start = _start(years, ends)
    _refuse_another_county(folder, start=start, ends=ends, seed=seed)
    land = make_land()
    people_of_areas, postcodes, planted = residents(land), make_postcodes(land), plant(land, seed=seed, ends=ends)
    local = make_gazetteer(land, postcodes)
    calendar = make_calendar(start, ends)
    risk = risk_before_planting(land, people_of_areas, calendar)
    drawn = acts_of_violence(risk, planted, calendar, seed=seed)
    acts, people = describe(drawn, land, postcodes, planted, calendar, seed=seed)
    seen = who_sees(acts, land, planted, years=calendar.years, seed=seed)
    written = {
        "police": police_rows(acts, seen, people, seed=seed, first_day=start),
        "ambulance": ambulance_rows(acts, seen, people, postcodes, calendar, local, seed=seed),
        "ed": emergency_rows(acts, seen, people, local, postcodes.table(), seed=seed),
    }
    rows = {agency: as_delivered(agency, lines, start=start, ends=ends) for agency, lines in written.items()}
    sent = write_deliveries(folder / "deliveries", rows)
    lines = seen_table(rows, seen)
    facts = planted_facts(planted, land, risk, calendar) | sent_facts(lines, sent, start=start, ends=ends, seed=seed)
    write_texts(folder / "truth", rows)
    write_truth(folder / "truth", Truth(incidents_table(acts, land, people), lines, facts))
    write_places(folder / "places", land, postcodes, people_of_areas, local)
    write_actions(folder / "meetings", land, planted, ends=ends)
    pool = make_pool(land, postcodes, people, people_of_areas, seed=seed)
    found, declared = make_declared(folder, pool, years=years, seed=seed, ends=ends)
    return Summary(folder, land.areas.height, len(postcodes.units), acts.height, tuple(sent), found, declared)


def _refuse_another_county(folder: Path, *, start: date, ends: date, seed: int) -> None:
    if not (folder / "truth" / "truth.json").is_file():
        return
    held = read_truth(folder).summary
    there, asked = ((held["start"], held["ends"], held["seed"]), (start.isoformat(), ends.isoformat(), seed))
    if there != asked:
        raise WrongUsage(
            f"{folder} holds a county of {there[0]} to {there[1]}, seed {there[2]}. Choose another folder.",
            where=str(folder), found=str(there), expected=str(asked), state="Nothing was written.",
        )  # fmt: skip


def _start(years: int, ends: date) -> date:
    if years < 1:
        raise WrongUsage(f"A county of {years} years has no deliveries.", found=str(years), expected="1 or more")
    if ends.day != 1:
        raise WrongUsage(
            f"Deliveries end with a whole month; {ends} is not the first of one.",
            found=str(ends),
            expected="such as 2026-08-01",
        )
    return ends.replace(year=ends.year - years)
