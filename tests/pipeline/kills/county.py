"""A tiny home with one month held and another on its way, at a desk on files."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

from sharing.county import STATED
from upstander.contracts.asking import Purpose
from upstander.pipeline.agreeing import sign
from upstander.pipeline.desk import Desk
from upstander.pipeline.home import Settings, Who, make_home
from upstander.sharing import AgreementRegister, AuditLog, FileAgreements, FileAuditLog, Terms, canonical_terms
from upstander.values.durable import write_whole
from upstander.vault import MasterKey
from upstander.web.store import DATABASE_VARIABLE, open_store

DATASET = "police_incidents"
FILES, SQLITE = "files", "sqlite"
WHOLE, INCREMENT = "rms", "rms_daily"  # the shipped map, and the same layout from a supplier that never sends twice
FIELDS = ("row_id", "event_from_local", "offence_code")
KEY = MasterKey.of(bytes(range(32)))
_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
_COLUMNS = "incident_ref,occurred_from,offence_code,recorded_at,postcode,person_ref,surname,sex,role,notes"
_TERMS = {
    "name": "pact", "version": 1, "title": "The pact",
    "parties": [
        {"agency": "police", "name": "Fenmoor Police", "kind": "police", "controller": True},
        {"agency": "vrn", "name": "Fenmoor Network", "kind": "network", "controller": False},
    ],
    "signatories": [{"person": "M. Ashdown", "agency": "police", "role": "Chief Constable"}],
    "schedules": [{
        "id": "evidence", "dataset": DATASET, "provider": "police", "suppliers": [WHOLE, INCREMENT],
        "fields": list(FIELDS), "recipients": {"agencies": ["vrn"]}, "purposes": ["strategic"],
        "gateway": "pcsc_2022_s16", "data_protection": STATED,
        "handling": {
            "classification": "OFFICIAL-SENSITIVE", "retention_days": 365, "geography_floor": "lsoa21",
            "age_band_width": 5, "postcode_level": "sector", "shareable": {"suppress_up_to": 7, "round_to": 5},
        },
        "start": date(2026, 4, 1), "end": date(2027, 4, 1),
    }],
}  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A month's file, with what has to become of it: `rows` accepted, `kept_back` quarantined, others repeated."""

    file: Path
    rows: int
    kept_back: int
    repeated: int = 0


def desk(root: Path, database: str = FILES) -> Desk:
    """The desk of the home at `root`, which is made and given its agreement if it is not there yet.

    `database` is FILES, SQLITE, or the address of a PostgreSQL.
    """
    is_new = not root.exists()
    settings = Settings(defaults=Who(person="A. Analyst", agency="vrn", purpose=Purpose.STRATEGIC, why="board paper"))
    home = make_home(root, settings)
    register, audit = _remembered(root, database)
    made = Desk(home, register, audit, KEY, home.settings.defaults, now=lambda: _AT)
    if is_new:
        shipped = files("upstander.intake.suppliers").joinpath(f"{WHOLE}.toml").read_text("utf-8")
        daily = shipped.replace('"whole"', '"increment"').replace(f'name = "{WHOLE}"', f'name = "{INCREMENT}"')
        write_whole(home.suppliers / f"{INCREMENT}.toml", daily.encode())
        sign(made, canonical_terms(Terms.model_validate(_TERMS)))
    return made


def _remembered(root: Path, database: str) -> tuple[AgreementRegister, AuditLog]:
    if database == FILES:
        return FileAgreements(root), FileAuditLog(root)
    store = open_store(root, environ={} if database == SQLITE else {DATABASE_VARIABLE: database})
    return store.register, store.audit


def month_file(folder: Path, month: int, *, rows: int = 300, kept_back: int = 4, repeated: int = 0) -> Sent:
    """A police extract of one month of 2026, with records to be kept back, and some of the month before again."""
    good = [_line(number, month, f"{number % 28 + 1:02d}/{month:02d}/2026 22:40") for number in range(rows)]
    bad = [_line(number, month, "32/13/2026 25:61") for number in range(rows, rows + kept_back)]
    file = folder / f"offences_2026-{month:02d}.csv"
    again = [
        _line(number, month - 1, f"{number % 28 + 1:02d}/{month - 1:02d}/2026 22:40") for number in range(repeated)
    ]
    file.write_text("\r\n".join([_COLUMNS, *good, *bad, *again, ""]), "utf-8")
    return Sent(file, rows, kept_back, repeated)


def _line(number: int, month: int, when: str) -> str:
    recorded = f"28/{month:02d}/2026 23:50"
    offence, sex, sector = ("8N", "5D", "8N")[number % 3], "FM"[number % 2], f"LE{number % 9 + 1} {number % 10}"
    return (
        f"C{month}-{number},{when},{offence},{recorded},{sector}AA,P{number:06d},Adeyemi,{sex},victim,Outside a shop."
    )
