"""Two years of the fictional county's deliveries, and ways in which an extract goes wrong, planted by seed."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.homes import at
from upstander.contracts.dataset import Kind, Shape
from upstander.intake import ReadResult, suppliers
from upstander.intake.suppliers import Supplier
from upstander.pipeline import demo
from upstander.pipeline.agreeing import sign
from upstander.pipeline.child import run_job
from upstander.pipeline.deliver import deliver
from upstander.pipeline.desk import Desk
from upstander.pipeline.held import decide_held
from upstander.sharing import FileAgreements, FileAuditLog, shipped
from upstander.synthetic import Summary, make
from upstander.synthetic.deliveries import DATASETS, SUPPLIERS
from upstander.values.durable import write_whole
from upstander.values.periods import Period

ENDS = date(2026, 8, 1)
_BEFORE = 4  # deliveries of a feed that come before the first planted one
Frame = pl.DataFrame
Plant = Callable[["Planting"], Frame | None]


@dataclass(frozen=True)
class File:
    """One delivery of the fictional county: what it is, the days it speaks for, where it lies."""

    dataset: str
    supplier: str
    period: Period
    path: Path

    @property
    def received(self) -> datetime:
        return demo._noon(self.period.end + timedelta(days=15))


@dataclass(frozen=True)
class Planting:
    """A file to spoil: its rows as text, its map, chance."""

    rows: Frame
    supplier: Supplier
    rng: np.random.Generator

    def headings(self, *kinds: Kind, least_filled: float = 0.6) -> list[str]:
        """Headings whose column is of these kinds and mostly filled."""
        contract = suppliers.contract_of(self.supplier)
        known = [(h, contract.column(c)) for h, c in self.supplier.columns.items() if h in self.rows.columns]
        return [
            h
            for h, column in known
            if column is not None and column.kind in kinds and _filled(self.rows[h]) >= least_filled
        ]

    def becoming(self, target: str) -> list[str]:
        """Mostly filled headings of references that become this."""
        contract = suppliers.contract_of(self.supplier)
        named = {c.name for c in contract.columns if target in c.becomes and c.name.endswith("_ref")}
        return [h for h in self.headings(Kind.TEXT) if self.supplier.columns[h] in named]

    def column(self, *names: str) -> str | None:
        """The heading of the first of these columns that is filled in at least one of four rows."""
        found = (h for h, c in self.supplier.columns.items() if c in names and h in self.rows.columns)
        return next((h for h in found if _filled(self.rows[h]) >= 0.25), None)

    def one_of(self, headings: list[str]) -> str | None:
        return headings[int(self.rng.integers(len(headings)))] if headings else None

    def struck(self, share: float) -> pl.Series:
        return pl.Series(self.rng.random(self.rows.height) < share)

    def put(self, heading: str, struck: pl.Series, value: pl.Expr) -> Frame:
        mark = pl.lit(struck)
        return self.rows.with_columns(
            pl.when(mark & (pl.col(heading) != "")).then(value).otherwise(heading).alias(heading)
        )

    @property
    def moment(self) -> str | None:
        """The heading of the event's time, where it is written with minutes."""
        contract = suppliers.contract_of(self.supplier)
        heading = self.column(contract.event_times[0].starts) if contract.event_times else None
        timed = heading is not None and self.rows[heading].str.contains(r"\d\d:\d\d").mean() > 0.8
        return heading if timed else None


def _filled(cells: pl.Series) -> float:
    return float((cells != "").mean() or 0.0)  # type: ignore[arg-type]


def emptied(told: Planting) -> Frame | None:
    """A column that comes empty in a third of the rows: a join that fails."""
    optional = [h for h in told.headings(Kind.CODE, Kind.TEXT) if not _required(told, h)]
    heading = told.one_of(optional)
    return None if heading is None else told.put(heading, told.struck(0.35), pl.lit(""))


def collapsed(told: Planting) -> Frame | None:
    """Half of a column's codes become one of them: a drop-down with a default."""
    heading = told.one_of([h for h in told.headings(Kind.CODE) if told.rows[h].n_unique() >= 3])
    if heading is None:
        return None
    rarest = told.rows.filter(pl.col(heading) != "")[heading].value_counts().sort("count", heading).row(0)[0]
    return told.put(heading, told.struck(0.6), pl.lit(rarest))


def unknown_codes(told: Planting) -> Frame | None:
    """A quarter of a column's codes are of a list that nobody agreed."""
    heading = told.one_of(told.headings(Kind.CODE))
    return None if heading is None else told.put(heading, told.struck(0.25), pl.lit("QX-97"))


def cut_references(told: Planting) -> Frame | None:
    """References lose their first two characters in a third of the rows."""
    heading = told.one_of([*told.becoming("person_token"), *told.becoming("incident_token")])
    return None if heading is None else told.put(heading, told.struck(0.35), pl.col(heading).str.slice(2))


def one_person(told: Planting) -> Frame | None:
    """A third of the rows name one person: a test account, or the officer."""
    heading = told.one_of(told.becoming("person_token"))
    return None if heading is None else told.put(heading, told.struck(0.35), pl.lit(told.rows[heading].max()))


def one_postcode(told: Planting) -> Frame | None:
    """Half of the postcodes are the station's."""
    heading = told.column("postcode")
    if heading is None:
        return None
    known = told.rows.filter(pl.col(heading).str.contains(r"\d[A-Z]{2}$"))[heading]
    return told.put(heading, told.struck(0.5), pl.lit(known.max())) if len(known) else None


def districts_only(told: Planting) -> Frame | None:
    """Postcodes are cut to their district."""
    heading = told.column("postcode")
    points = told.column("easting", "longitude")
    if heading is None or points is not None:
        return None
    return told.rows.with_columns(pl.col(heading).str.split(" ").list.first())


def no_points(told: Planting) -> Frame | None:
    """Points go missing in half of the rows."""
    east, north = told.column("easting"), told.column("northing")
    if east is None or north is None:
        return None
    struck = told.struck(0.5)
    return told.rows.with_columns(
        pl.when(~pl.lit(struck)).then(name).otherwise(pl.lit("")).alias(name) for name in (east, north)
    )


def default_times(told: Planting) -> Frame | None:
    """A third of the times are midnight."""
    return _times(told, 0.35, r"\d\d:\d\d(:\d\d)?", "00:00")


def full_hours(told: Planting) -> Frame | None:
    """Minutes are cut off in half of the rows."""
    return _times(told, 0.5, r"(\d\d):\d\d(:\d\d)?", "${1}:00")


def office_hours(told: Planting) -> Frame | None:
    """Two thirds of the times are when somebody typed them in."""
    heading = told.moment
    if heading is None:
        return None
    hours, minutes = told.rng.integers(9, 12, told.rows.height), told.rng.integers(1, 60, told.rows.height)
    typed = pl.Series([f"{hour:02d}:{minute:02d}" for hour, minute in zip(hours, minutes, strict=True)])
    parts = pl.col(heading).str.extract(r"^(.*?)\d\d:\d\d", 1)
    return told.put(heading, told.struck(0.66), pl.concat_str(parts, pl.lit(typed)))


def _times(told: Planting, share: float, pattern: str, value: str) -> Frame | None:
    heading = told.moment
    return (
        None if heading is None else told.put(heading, told.struck(share), pl.col(heading).str.replace(pattern, value))
    )


def few_rows(told: Planting) -> Frame | None:
    """Two rows of three are gone."""
    return told.rows.filter(told.struck(0.34)) if told.rows.height >= 60 else None


def a_week_gone(told: Planting) -> Frame | None:
    """Nine days in a row have no row, in a feed that has some most days."""
    heading = told.moment
    if heading is None or told.rows.height < 28 * 3:
        return None
    text = told.rows[heading].str.extract(r"(\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4})")
    days = text.str.to_date("%Y-%m-%d", strict=False).fill_null(text.str.to_date("%d/%m/%Y", strict=False))
    first = days.drop_nulls().mode().sort()[0]
    first = min(max(first, days.min() + timedelta(days=6)), days.max() - timedelta(days=15))  # type: ignore[operator]
    gone = days.is_between(first, first + timedelta(days=8)).fill_null(value=False)
    return told.rows.filter(~gone)


KINDS: Mapping[str, Plant] = {
    plant.__name__: plant
    for plant in (
        emptied, collapsed, unknown_codes, cut_references, one_person, one_postcode, districts_only, no_points,
        default_times, full_hours, office_hours, few_rows, a_week_gone,
    )
}  # fmt: skip


def _required(told: Planting, heading: str) -> bool:
    column = suppliers.contract_of(told.supplier).column(told.supplier.columns[heading])
    return column is None or column.required


@dataclass
class Account:
    """What became of planted and of true deliveries."""

    planted: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    true: Counter[str] = field(default_factory=Counter)
    false_holds: list[str] = field(default_factory=list)
    months: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)


def files_of(county: Summary) -> list[File]:
    """Every delivery of rows, as it came."""
    folder = county.folder / "deliveries"
    found = [
        File(DATASETS[one.agency], SUPPLIERS[one.agency], Period.parse(one.month), folder / one.path)
        for one in county.deliveries
    ]
    found += [File(one.dataset, one.supplier, Period.parse(one.period), folder / one.path) for one in county.declared]
    return sorted(found, key=lambda one: (one.received, one.path))


def county_home(folder: Path, *, years: int, seed: int) -> tuple[Desk, Summary]:
    """A home that nothing was delivered to yet, and the county whose deliveries it waits for."""
    county = make(folder / "county", years=years, seed=seed, ends=ENDS)
    desk = demo._desk(folder, lambda root: (FileAgreements(root), FileAuditLog(root)))
    for path in sorted((county.folder / "suppliers").glob("*.toml")):
        write_whole(desk.home.suppliers / path.name, path.read_bytes())
    list(demo._load_places(desk, county))
    sign(at(desk, demo._first_day(county).replace(year=2020)), shipped("fictional_county"))
    sign(at(desk, demo._first_day(county).replace(year=2020)), demo._further_datasets(county))
    return desk, county


def deliver_with_plants(
    desk: Desk, county: Summary, *, seed: int, wanted: int, only: frozenset[str] = frozenset()
) -> Account:
    """Deliver everything in order; before some files their spoilt twins. A twin that is held is refused."""
    account, rng = Account(), np.random.default_rng(seed)
    files = [one for one in files_of(county) if not only or one.supplier in only]
    seen: Counter[str] = Counter()
    for number, (one, twins) in enumerate(_plan(files, desk, rng, wanted)):
        for kind, rows in twins:
            spoilt = desk.home.root.parent / "spoilt" / f"{number}-{kind}" / one.path.name
            spoilt.parent.mkdir(parents=True, exist_ok=True)
            rows.write_csv(spoilt)
            _note_planted(account, one, kind, _sent(desk, one, spoilt))
        result = _sent(desk, one, one.path)
        seen[one.supplier] += 1
        account.true[one.supplier] += 1
        account.months.add(f"{one.received:%Y-%m}")
        if result.outcome == "HOLD":
            account.false_holds.append(f"{one.path.name}: {' '.join(result.holds)}")
            decide_held(_why(desk), _waiting(desk), accept=True)
    return account


def _plan(
    files: list[File], desk: Desk, rng: np.random.Generator, wanted: int
) -> Iterator[tuple[File, list[tuple[str, Frame]]]]:
    """Each file with its spoilt twins, kinds in turn, so that as many are planted as are wanted."""
    seen: Counter[str] = Counter()
    late = []
    for one in files:
        seen[one.supplier] += 1
        late.append(seen[one.supplier] > _BEFORE)
    left_files, left, kinds = sum(late), wanted, list(KINDS)
    turn = 0
    for one, is_late in zip(files, late, strict=True):
        twins: list[tuple[str, Frame]] = []
        if is_late:
            quota = -(-left // max(left_files, 1))
            left_files -= 1
            for _ in range(len(kinds)):
                if len(twins) == quota:
                    break
                kind, turn = kinds[turn % len(kinds)], turn + 1
                rows = _spoilt(one, desk, kind, rng)
                if rows is not None:
                    twins.append((kind, rows))
            left -= len(twins)
        yield one, twins


def _spoilt(one: File, desk: Desk, kind: str, rng: np.random.Generator) -> Frame | None:
    layout = suppliers.load(one.supplier, folders=[desk.home.suppliers])
    rows = pl.read_csv(one.path, infer_schema=False).fill_null("")
    # Too few rows say nothing that chance could not, and figures are no rows.
    if rows.height < 60 or suppliers.contract_of(layout).shape is Shape.INDICATORS:
        return None
    return KINDS[kind](Planting(rows, layout, rng))


def _sent(desk: Desk, one: File, path: Path) -> ReadResult:
    return deliver(
        at(desk, one.received),
        path,
        dataset=one.dataset,
        supplier=one.supplier,
        covers=one.period.label,
        runner=run_job,
    ).result


def _note_planted(account: Account, one: File, kind: str, result: ReadResult) -> None:
    account.planted[kind] += 1
    told = f"{one.path.name}, {kind}: {result.outcome.value}: {' '.join(result.holds) or result.message}"
    account.said.append(told)
    if result.outcome != "HOLD":
        account.missed.append(told)


def _why(desk: Desk) -> Desk:
    return desk.asking(why="the sender confirmed it")


def _waiting(desk: Desk) -> str:
    held = [path for path in (desk.home.root / "held").glob("[0-9a-f]*") if path.is_dir()]
    return max(held, key=lambda path: path.stat().st_mtime_ns).name
