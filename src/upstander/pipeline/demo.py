"""The demo: the fictional county, taken in through the same doors as real files, and its bulletin."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from upstander.analysis.hotspots.windows import Window
from upstander.contracts.asking import Purpose
from upstander.contracts.readings import Outcome
from upstander.contracts.releasing import Edition
from upstander.pipeline.agreeing import sign
from upstander.pipeline.deliver import deliver
from upstander.pipeline.desk import Desk
from upstander.pipeline.home import Settings, Who, make_home
from upstander.pipeline.injuries import Asked, injuries
from upstander.pipeline.reading import ReadingProcess
from upstander.places import load
from upstander.sharing import AgreementRegister, AuditLog, shipped
from upstander.synthetic import Summary, make
from upstander.synthetic.deliveries import DATASETS, SUPPLIERS, Sent
from upstander.values.durable import write_whole
from upstander.values.periods import Period
from upstander.vault import master_key

_NETWORK = "Brackenshire Violence Reduction Network"
_ATTRIBUTION = "Brackenshire does not exist: its land, people and violence are invented."
_WINDOW = "Sat 20:00-02:00"
_FRAME = "upstander:brackenshire"
_DAYS_AFTER = {"police": 8, "ambulance": 5, "ed": 13}
_FINE = {Outcome.ACCEPT, Outcome.NORMALISE, Outcome.ROWQ, Outcome.RESTATE}
_DATED = ("postcodes", "population")
_PLACES = (
    ("boundaries", "lsoa21.geojson"),
    ("boundaries", "ward24.geojson"),
    ("boundaries", "ltla24.geojson"),
    ("lookup", "lookup_lsoa21_ward24_ltla24.csv"),
    ("lookup", "lookup_lsoa11_lsoa21_ltla22.csv"),
    ("postcodes", "nspl_brackenshire.csv"),
    ("population", "population_lsoa21.csv"),
)


Remembered = Callable[[Path], tuple[AgreementRegister, AuditLog]]


def run_demo(folder: Path, *, years: int, seed: int, ends: date, remembered: Remembered) -> Iterator[str]:
    """Lines for a person while it works; the bulletin's paths come last.

    `remembered` gives the register and the audit log of a home, from wherever they are kept. `ends` is the day after
    the last delivered one, the first of a month. Run again, it offers every file again, and each is already held.
    """
    county = make(folder / "brackenshire", years=years, seed=seed, ends=ends)
    yield f"The fictional county of Brackenshire: {county.areas} areas, {len(county.deliveries)} monthly deliveries."
    desk = _desk(folder, remembered)
    yield from _load_places(desk, county)
    yield sign(_on(desk, _first_day(county)), shipped("fictional_county"))
    with ReadingProcess() as reader:
        yield from _deliver_all(desk, county, reader)
    for edition in (Edition.OPERATIONAL, Edition.SHAREABLE):
        yield from map(str, _bulletin(_on(desk, _noon(ends + timedelta(days=16))), county, edition, ends))


def _first_day(county: Summary) -> datetime:
    return _noon(min(_month(sent.month) for sent in county.deliveries))


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _received(sent: Sent) -> datetime:
    """When a month's file comes in the fictional calendar: some days after the month has ended."""
    return _noon(Period.parse(sent.month).end + timedelta(days=_DAYS_AFTER[sent.agency]))


def _desk(folder: Path, remembered: Remembered) -> Desk:
    """The demo's own home; its key lies beside it. The clock is set later, to each day of the fictional calendar."""
    settings = Settings(
        network=_NETWORK,
        key_file="../home.key",
        layers=("lsoa21", "lsoa11"),
        defaults=Who(
            person="Ash Merrow, analyst", agency="brackenshire_vrn", purpose=Purpose.MONITORING, why="the demo"
        ),
    )
    home = make_home(folder / "home", settings)
    for item in files("upstander.synthetic.suppliers").iterdir():
        if item.name.endswith(".toml"):
            write_whole(home.suppliers / item.name, item.read_bytes())
    register, audit = remembered(home.root)
    return Desk(
        home=home,
        register=register,
        audit=audit,
        key=master_key(home.root, create=True, environ={}, setting=home.key_file),
        who=home.settings.defaults,
        now=lambda: datetime.now(UTC),
    )


def _on(desk: Desk, moment: datetime) -> Desk:
    return replace(desk, now=lambda: moment)


def _load_places(desk: Desk, county: Summary) -> Iterator[str]:
    for kind, name in _PLACES:
        vintage = "2026" if kind in _DATED else ""
        loaded = load(
            desk.home.reference, kind=kind, source=[county.folder / "places" / name], attribution=_ATTRIBUTION,
            vintage=vintage, metric_crs=_FRAME, layer="lsoa21" if kind == "population" else "",
        )  # fmt: skip
        yield f"Places: {loaded.message}"


def _deliver_all(desk: Desk, county: Summary, reader: ReadingProcess) -> Iterator[str]:
    """Every file in the order in which it came; one line an agency and year, and every line of trouble."""
    totals: Counter[tuple[str, str, str]] = Counter()
    for sent in sorted(county.deliveries, key=lambda one: (_received(one), one.path)):
        result = deliver(
            _on(desk, _received(sent)), county.folder / "deliveries" / sent.path, dataset=DATASETS[sent.agency],
            supplier=SUPPLIERS[sent.agency], runner=reader,
        ).result  # fmt: skip
        totals[SUPPLIERS[sent.agency], result.outcome.value, "files"] += 1
        if result.outcome is Outcome.NOOP:
            yield f"{sent.path}: already held"
        elif result.outcome not in _FINE:
            yield f"{sent.path}: {result.outcome.value}: {result.message}"
        else:
            totals[SUPPLIERS[sent.agency], result.outcome.value, "rows accepted"] += result.lines.accepted
            totals[SUPPLIERS[sent.agency], result.outcome.value, "rows quarantined"] += result.lines.quarantined
    for (supplier, outcome, what), count in sorted(totals.items()):
        yield f"{supplier}: {outcome}: {count:,} {what}"


def _bulletin(desk: Desk, county: Summary, edition: Edition, ends: date) -> tuple[Path, ...]:
    purpose = Purpose.OPERATIONAL if edition is Edition.OPERATIONAL else Purpose.MONITORING
    asked = Asked(
        window=Window.parse(_WINDOW),
        period=Period.between(ends.replace(year=ends.year - 1), ends),
        edition=edition,
        definition=desk.home.settings.definition,
        layer="",
        actions=county.folder / "meetings" / "actions.csv",
        recipients=("the Brackenshire tasking group",),
        made_on=desk.now().date(),
    )
    return injuries(desk.asking(purpose=purpose, why="the tasking group's bulletin"), asked).files
