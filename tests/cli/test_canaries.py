"""Canary rows: eight invented people in seven small places, whose names, words, tokens and counts must appear nowhere.

Everything that the commands print, and every byte they write outside the sealed vault and the warehouse's Parquet, is
searched. The companion that reads the code is tests/repository/test_bypass.py.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl
import pypdf
import pytest

from cli.conftest import END as LAST
from cli.conftest import START as FIRST
from cli.conftest import Keyboard
from intake.desk import rms, varied
from pipeline.homes import ONE_ROW_FIELDS, agreement, injury_schedule
from pipeline.village import AREAS, END, MAP, SIDE, START, saturday_night
from places.conftest import VILLAGE_CRS, block, geojson

SMALL = {area: count for count, area in enumerate(AREAS[:7], start=1)}  # 1 to 7 records, no two places alike
LARGE = dict.fromkeys(AREAS[7:], 24)
WORDS = ("Quagmirebird", "Wrenfeather", "Blue Lanternfish", "PCANARY", "CCANARY", "29/02/1988", "1988-02-29")
BLUNT = ("postcode_sector", "age_band", "sex", "ethnic_group")
FEED = ("--dataset", "police_incidents", "--supplier", "village")
_SEALED = ("vault", "warehouse", "held")


def canary(number: int, area: str) -> Mapping[str, str]:
    return saturday_night(
        7 * number, area, surname="Quagmirebird", forename="Wrenfeather", dob="29/02/1988",
        person_ref=f"PCANARY{number}", incident_ref=f"CCANARY{number}", notes="Stabbed behind the Blue Lanternfish.",
    )  # fmt: skip


def extract() -> bytes:
    """The village's year: small places hold canaries only."""
    canaries = [area for area, count in SMALL.items() for _ in range(count)]
    others = [area for area, count in LARGE.items() for _ in range(count)]
    return rms(
        *(canary(number, area) for number, area in enumerate(canaries)),
        *(saturday_night(7 * number + 3, area) for number, area in enumerate(others)),
    )


@pytest.fixture
def village(types: Keyboard, home: Path, tmp_path: Path) -> Path:
    """A home in which the canaries are delivered, shared for monitoring and stewardship."""
    home.mkdir()
    defaults = '[defaults]\nperson = "A. Analyst"\nagency = "vrn"\npurpose = "monitoring"\nwhy = "a test"\n'
    (home / "upstander.toml").write_text(f'key_file = "../home.key"\n{defaults}')
    sent = tmp_path / "sent"
    sent.mkdir()
    squares = {code: block(1000 * (n % SIDE + 1), 1000 * (n // SIDE + 1)) for n, code in enumerate(AREAS)}
    outlines = geojson(sent / "village.geojson", squares, crs=VILLAGE_CRS)
    assert types("places", "load", outlines, "--kind", "boundaries", "--attribution", "Invented.").code == 0
    (home / "suppliers").mkdir(exist_ok=True)
    (home / "suppliers" / "village.toml").write_text(MAP)
    for name, more in (
        ("pact", {}),
        ("stewards", {"fields": [*BLUNT, "event_from_local"], "purposes": ["stewardship"]}),
    ):
        terms = sent / f"{name}.toml"
        shared = {"suppliers": ["village"], "fields": list(ONE_ROW_FIELDS), "start": FIRST, "end": LAST} | more
        terms.write_bytes(agreement(injury_schedule(id=name, gateway="cda_1998_s115", **shared), name=name))
        assert types("agreement", "sign", terms).code == 0
    (sent / "village.csv").write_bytes(extract())
    return sent


def searchable(path: Path) -> str:
    """All that a file says: its bytes, and what a reader of its kind would find in it."""
    content = path.read_bytes()
    said = [content.decode("utf-8", errors="replace")]
    if path.suffix == ".pdf":
        said += [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]
    elif path.suffix == ".parquet":
        said.append("\n".join(map(str, pl.read_parquet(path).rows())))
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            said += [archive.read(name).decode("utf-8", errors="replace") for name in archive.namelist()]
    return "\n".join(said)


def leaks(said: str, secrets: Iterable[str]) -> set[str]:
    """Canary words in a text, and small places with their own count: only marks between, or in one JSON object."""
    beside = re.findall(r"(F01\d{6})[^A-Za-z0-9]{1,40}(\d+)(?:\.0)?(?![\d.])", said)
    objects = [one for one in re.findall(r"\{[^{}]*\}", said) if "F01" in one]
    in_json = [
        (area, count)
        for one in objects
        for area in re.findall(r"F01\d{6}", one)
        for count in re.findall(r'"(?:value|count|rows|len)": ?(\d+)(?:\.0)?(?![\d.])', one)
    ]
    counts = {f"{area}: {count}" for area, count in [*beside, *in_json] if SMALL.get(area) == int(count)}
    return counts | {word for word in secrets if word in said}


def files_outside(home: Path) -> Iterator[Path]:
    for path in sorted(home.parent.rglob("*")):
        inside = path.relative_to(home.parent).parts
        if path.is_file() and "sent" not in inside and not (inside[0] == home.name and inside[1] in _SEALED):
            yield path


def tokens_of(home: Path) -> set[str]:
    """Pseudonyms and row ids of the canaries, from the warehouse's own Parquet."""
    rows = pl.concat([pl.read_parquet(path) for path in (home / "warehouse").rglob("part-*.parquet")])
    canaries = rows.filter(pl.col("area_code").is_in(list(SMALL)))
    assert canaries.height == sum(SMALL.values())
    columns = [name for name in ("row_id", "person_token", "incident_token") if name in canaries.columns]
    assert len(columns) == 3
    return {value for name in columns for value in canaries[name].drop_nulls().to_list() if len(value) > 5}


COMMANDS: tuple[tuple[tuple[object, ...], int], ...] = (
    (("table", "--dataset", "police_incidents"), 0),
    (("table", "--dataset", "police_incidents", "--by", "area"), 0),
    (("table", "--dataset", "police_incidents", "--by", "area", "--json"), 0),
    (("table", "--dataset", "police_incidents", "--by", "area,month", "--json"), 0),
    (("table", "--dataset", "police_incidents", "--by", "weapon", "--where", f"area=lsoa21:{AREAS[2]}"), 0),
    (("release", "make", "2026-Q3"), 0),
    (("release", "approve", "2026-Q3", "--as", "B. Checker"), 0),
    (("release", "approve", "2026-Q3", "--as", "C. Checker"), 0),
    (("release", "show", "2026-Q3", "--json"), 0),
    (("release", "attack", "2026-Q3", "--json"), 0),
    (("release", "verify", "2026-Q3"), 0),
    (("release", "export", "2026-Q3", "--to", "{out}/copy", "--for", "vrn"), 0),
    (("table", "--dataset", "police_incidents", "--by", "area,quarter", "--to", "{out}/table.csv"), 0),
    (("injuries", "--edition", "shareable", "--from", START, "--to", "2026-07-31"), 0),
    (("indicator", "show", "police_violence", "--from", START, "--to", "2026-07-31"), 0),
    (("indicator", "show", "police_violence", "--from", START, "--to", "2026-07-31", "--json"), 0),
    (("quality", "scorecard", *FEED, "--html", "{out}/card.html", "--csv", "{out}/card.csv"), 0),
    (("quality", "scorecard", *FEED, "--json"), 0),
    (("quality", "calendar", "--all", "--json"), 0),
    (("quality", "grain", "--dataset", "police_incidents", "--all", "--json"), 0),
    (("agreement", "usage", "--since", "2020-01-01", "--until", "2089-01-01", "--html", "{out}/usage.html"), 0),
    (("audit", "show", "--why", "a test", "--json"), 0),
    (("audit", "export", "{out}/trail.jsonl", "--why", "a test"), 0),
    (("deliveries",), 0),
    (("deliveries", "--json"), 0),
    (("held", "list"), 0),
    (("anonymity", "--dataset", "police_incidents"), 0),
    (("doctor",), 0),
    (("table", "--dataset", "police_incidents", "--by", "surname"), 2),
    (("table", "--dataset", "police_incidents", "--by", "area", "--purpose", "strategic"), 4),
    (("deliver", "{sent}/broken.csv", *FEED, "--covers", "2026-08-01/2026-09-01"), 3),
    (("deliver", "{sent}/odd.csv", *FEED, "--covers", "2026-08-01/2026-09-01", "--json"), 0),
)


def broken() -> tuple[bytes, bytes]:
    """A file that is no table, and one whose cells say names where codes and dates should be; canaries in both."""
    rows = [dict(canary(number, AREAS[0])) | varied(number) for number in range(60)]
    odd = [row | {"occurred_from": "Quagmirebird", "offence_code": "Wrenfeather"} for row in rows]
    return b"Quagmirebird,Wrenfeather\r\n\x00\xff\xfe behind the Blue Lanternfish", rms(*odd)


def test_no_canary_reaches_a_file_a_page_a_log_or_the_screen(types: Keyboard, home: Path, village: Path) -> None:
    out = home.parent / "out"
    out.mkdir()
    for name, content in zip(("broken.csv", "odd.csv"), broken(), strict=True):
        (village / name).write_bytes(content)
    said = [types("deliver", village / "village.csv", *FEED, "--covers", f"{START}/{END}")]
    assert said[0].code == 0, said[0].out + said[0].err
    for words, code in COMMANDS:
        typed = types(*(str(word).format(out=out, sent=village) for word in words))
        assert typed.code == code, (words, typed.code, typed.out[-1500:], typed.err[-1500:])
        said.append(typed)
    secrets = {*WORDS, *tokens_of(home)}
    printed = {f"command {number}": leaks(typed.out + typed.err, secrets) for number, typed in enumerate(said)}
    assert {one: found for one, found in printed.items() if found} == {}
    files = list(files_outside(home))
    assert {
        "bulletin.pdf",
        "bulletin.html",
        "card.html",
        "card.csv",
        "usage.html",
        "ledger.jsonl",
        "places.parquet",
    } <= {path.name for path in files}
    (places,) = [path for path in files if path.name == "places.parquet"]
    small = pl.read_parquet(places).filter(pl.col("area").is_in([f"lsoa21:{area}" for area in SMALL]))
    assert set(small["status"]) == {"suppressed"}  # they are there to be found
    written = {path.name: leaks(searchable(path), secrets) for path in files}
    assert {one: found for one, found in written.items() if found} == {}


def rows_past_the_table(home: Path, out: Path) -> str:
    """A planted bypass: rows counted by area, told as they are, and written beside the outputs."""
    rows = pl.concat([pl.read_parquet(path) for path in (home / "warehouse").rglob("part-*.parquet")])
    by_area = rows.group_by("area_code").len().sort("area_code")
    by_area.write_csv(out / "by_area.csv")
    by_area.write_ndjson(out / "by_area.jsonl")
    by_area.write_parquet(out / "by_area.parquet")
    rows.select("area_code", "person_token").write_csv(out / "people.csv")
    return str(by_area.rows())


def test_a_planted_bypass_is_found_in_files_and_on_the_screen(types: Keyboard, home: Path, village: Path) -> None:
    assert types("deliver", village / "village.csv", *FEED, "--covers", f"{START}/{END}").code == 0
    out = home.parent / "out"
    out.mkdir()
    secrets = {*WORDS, *tokens_of(home)}
    told = rows_past_the_table(home, out)
    every = {f"{area}: {count}" for area, count in SMALL.items()}
    assert leaks(told, secrets) == every
    for kind in ("csv", "jsonl", "parquet"):
        assert leaks(searchable(out / f"by_area.{kind}"), secrets) == every
    assert len(leaks(searchable(out / "people.csv"), secrets)) >= len(SMALL)
    assert leaks(searchable(village / "village.csv"), secrets) >= {"Quagmirebird", "Blue Lanternfish", "PCANARY"}
    assert {path.name for path in files_outside(home)} >= {"by_area.csv", "people.csv"}
