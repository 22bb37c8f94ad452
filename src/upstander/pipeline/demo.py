"""The demo: the fictional county, taken in through the same doors as real files, and its bulletin."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import tomli_w

from upstander.analysis.hotspots.windows import Window
from upstander.contracts.asking import Purpose
from upstander.contracts.catalogue import ALL
from upstander.contracts.readings import Outcome
from upstander.contracts.releasing import Edition
from upstander.intake import ReadResult
from upstander.pipeline.agreeing import sign
from upstander.pipeline.deliver import deliver
from upstander.pipeline.desk import Desk
from upstander.pipeline.home import Settings, Site, Who, make_home
from upstander.pipeline.injuries import Asked, injuries
from upstander.pipeline.reading import ReadingProcess
from upstander.pipeline.release.approving import approve
from upstander.pipeline.release.covering import last_quarter
from upstander.pipeline.release.making import make_release
from upstander.places import load
from upstander.sharing import (
    AgreementRegister,
    AuditLog,
    FeedDraft,
    GatewayName,
    dated,
    drafted_schedules,
    sender_kind,
    shipped,
)
from upstander.synthetic import Summary, make
from upstander.synthetic.deliveries import DATASETS, SUPPLIERS, Sent
from upstander.values.durable import write_whole
from upstander.values.periods import Period
from upstander.vault import master_key

_NETWORK, _VRN = "Brackenshire Violence Reduction Network", "brackenshire_vrn"
_ATTRIBUTION = "Brackenshire does not exist: its land, people and violence are invented."
_WINDOW = "Sat 20:00-02:00"
_FRAME = "upstander:brackenshire"
_DAYS_AFTER = {"police": 8, "ambulance": 5, "ed": 13}
_FINE = {Outcome.ACCEPT, Outcome.NORMALISE, Outcome.ROWQ, Outcome.RESTATE}
_APPROVERS = ("Linden Hallow, information governance", "Rowan Thorne, head of analysis")
_DATED = ("postcodes", "population")
_DECLARED_AFTER = timedelta(days=12)
_COLUMNS = (("rows", 10), ("accepted", 10), ("quarantined", 13))
_PLACES = (
    ("boundaries", "lsoa21.geojson"),
    ("boundaries", "ward24.geojson"),
    ("boundaries", "ltla24.geojson"),
    ("lookup", "lookup_lsoa21_ward24_ltla24.csv"),
    ("lookup", "lookup_lsoa11_lsoa21_ltla22.csv"),
    ("postcodes", "nspl_brackenshire.csv"),
    ("population", "population_lsoa21.csv"),
    ("gazetteer", "os_open_names_brackenshire.csv"),
    ("gazetteer", "licensed_premises_brackenshire.csv"),
    ("gazetteer", "food_hygiene_brackenshire.xml"),
    ("sites", "sites_brackenshire.csv"),
)
_GAZETTEER_VINTAGES = {"os_open_names": "names-2026", "licensed_premises": "licensed-2026", "food_hygiene": "food-2026"}


Remembered = Callable[[Path], tuple[AgreementRegister, AuditLog]]


def run_demo(folder: Path, *, years: int, seed: int, ends: date, remembered: Remembered) -> Iterator[str]:
    """Lines for a person while it works; the bulletin's paths come last.

    `remembered` gives the register and the audit log of a home, from wherever they are kept. `ends` is the day after
    the last delivered one, the first of a month. Run again, it offers every file again, and each is already held.
    """
    county = make(folder / "brackenshire", years=years, seed=seed, ends=ends)
    yield (
        f"The fictional county of Brackenshire: {county.areas} areas, "
        f"{len(county.deliveries)} monthly deliveries, {len(county.declared)} of other datasets."
    )
    desk = _desk(folder, remembered)
    for path in sorted((county.folder / "suppliers").glob("*.toml")):
        write_whole(desk.home.suppliers / path.name, path.read_bytes())
    yield from _load_places(desk, county)
    yield sign(_on(desk, _first_day(county)), shipped("fictional_county"))
    yield sign(_on(desk, _first_day(county)), _further_datasets(county))
    account: Counter[tuple[str, str]] = Counter()
    with ReadingProcess() as reader:
        yield from _deliver_all(desk, county, reader, account)
        yield from _deliver_declared(desk, county, reader, account)
    yield from _account_of(account)
    meeting = _on(desk, _noon(ends + timedelta(days=16)))
    yield from _release(meeting, last_quarter(ends))
    shared = last_quarter(ends).end
    for edition, end in ((Edition.OPERATIONAL, ends), (Edition.SHAREABLE, shared)):
        yield from map(str, _bulletin(meeting, county, edition, end))


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
    """The demo's own home; its key and the secret of its site lie beside it.

    The clock is set later, to each day of the fictional calendar.
    """
    settings = Settings(
        network=_NETWORK,
        key_file="../home.key",
        site=Site(secret_file="../site.secret"),  # noqa: S106 - a place, no secret
        layers=("lsoa21", "lsoa11"),
        defaults=Who(person="Ash Merrow, analyst", agency=_VRN, purpose=Purpose.MONITORING, why="the demo"),
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
        vintage = "2026" if kind in _DATED else _GAZETTEER_VINTAGES.get(name.rpartition("_")[0], "")
        loaded = load(
            desk.home.reference, kind=kind, source=[county.folder / "places" / name], attribution=_ATTRIBUTION,
            vintage=vintage, metric_crs=_FRAME, layer="lsoa21" if kind == "population" else "",
        )  # fmt: skip
        yield f"Places: {loaded.message}"


def _further_datasets(county: Summary) -> bytes:
    """The fictional agreement on the datasets that are made from their declarations: drafted, and then settled."""
    kinds = {layout.name: sender_kind(layout.contract) for layout in county.layouts}
    agencies = {name: f"brackenshire_{kind.value}" for name, kind in kinds.items()}
    feeds = [FeedDraft(ALL[one.contract.name], one.name, agencies[one.name], kinds[one.name]) for one in county.layouts]
    drafted = [part for feed in feeds for part in drafted_schedules(feed, [_VRN], gateway=GatewayName.FICTIONAL)]
    named: list[dict[str, Any]] = [
        {
            "agency": f"brackenshire_{kind.value}", "kind": kind.value, "controller": True,
            "name": f"Brackenshire {kind.value.replace('_', ' ')}",
        }
        for kind in sorted(set(kinds.values()))
    ]  # fmt: skip
    parties = [*named, {"agency": _VRN, "kind": "network", "controller": False, "name": _NETWORK}]
    signing = [{"person": "Quinn Ashdale", "agency": one["agency"], "role": "Signatory"} for one in parties]
    return tomli_w.dumps({
        "name": "brackenshire-further-datasets", "version": 1,
        "title": "Further datasets of the Brackenshire Violence Reduction Network (fictional)",
        "parties": parties, "signatories": signing,
        "schedules": dated(drafted, start=date(2010, 1, 1), end=date(2040, 1, 1)),
    }).encode()  # fmt: skip


def _deliver_declared(
    desk: Desk, county: Summary, reader: ReadingProcess, account: Counter[tuple[str, str]]
) -> Iterator[str]:  # fmt: skip
    """The files of the other datasets, each some days after its period has ended; a line for each in trouble."""
    for sent in sorted(county.declared, key=lambda one: (Period.parse(one.period).end, one.path)):
        received = _noon(Period.parse(sent.period).end + _DECLARED_AFTER)
        result = deliver(
            _on(desk, received), county.folder / "deliveries" / sent.path, dataset=sent.dataset,
            supplier=sent.supplier, runner=reader,
        ).result  # fmt: skip
        _count(account, sent.dataset, result)
        if result.outcome not in _FINE and result.outcome is not Outcome.NOOP:
            yield f"{sent.path}: {result.outcome.value}: {result.message}"


def _count(account: Counter[tuple[str, str]], dataset: str, result: ReadResult) -> None:
    lines = result.lines
    account[dataset, "rows"] += lines.records - lines.set_aside
    account[dataset, "accepted"] += lines.accepted + lines.repeated
    account[dataset, "quarantined"] += lines.quarantined


def _account_of(account: Counter[tuple[str, str]]) -> Iterator[str]:
    """One line a dataset: rows in, accepted, quarantined, and what the matrix lets them be used for."""
    yield f"{'dataset':<28}{'rows in':>10}{'accepted':>10}{'quarantined':>13}  purposes"
    for name, contract in sorted(ALL.items(), key=lambda one: one[1].number):
        counts = "".join(f"{account[name, what]:>{width},}" for what, width in _COLUMNS)
        yield f"{name:<28}{counts}  {', '.join(purpose.value for purpose in contract.purposes)}"


def _deliver_all(
    desk: Desk, county: Summary, reader: ReadingProcess, account: Counter[tuple[str, str]]
) -> Iterator[str]:  # fmt: skip
    """Every file in the order in which it came; one line an agency and year, and every line of trouble."""
    totals: Counter[tuple[str, str, str]] = Counter()
    for sent in sorted(county.deliveries, key=lambda one: (_received(one), one.path)):
        result = deliver(
            _on(desk, _received(sent)), county.folder / "deliveries" / sent.path, dataset=DATASETS[sent.agency],
            supplier=SUPPLIERS[sent.agency], runner=reader,
        ).result  # fmt: skip
        _count(account, DATASETS[sent.agency], result)
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


def _release(desk: Desk, quarter: Period) -> Iterator[str]:
    """The last quarter that is over, frozen for the purpose that every dataset serves; two fictional people approve."""
    at = desk.asking(purpose=Purpose.STRATEGIC, why="the quarter's release")
    edition = make_release(at, quarter).edition
    yield f"Release {edition.name}: {len(edition.manifest['tables'])} tables, manifest {edition.sha256[:12]}."
    yield from (f"  {line}" for line in edition.plan.notes)
    for person in _APPROVERS:
        now = approve(at.asking(person=person), str(quarter), edition.number)
    yield f"Release {edition.name}: {now.in_words}."


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
