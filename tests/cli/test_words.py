"""What the command says, to people and to programs, and the exit codes that tell who can act."""

import gzip
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Keyboard
from cli.keyboard import every_command, run_alone, shut_off
from intake.desk import rms
from pipeline.homes import tree_hashes
from upstander.web.store import open_store

LINE_KEYS = {
    "outcome", "message", "rows_in", "rows_loaded", "rows_quarantined", "rows_duplicate", "rows_set_aside",
    "delivery", "reading",
}  # fmt: skip
POLICE = ("--dataset", "police_incidents", "--supplier", "rms")
JUNK = {
    "zeroes.csv": bytes(5000),
    "gzip.csv": gzip.compress(b"a,b\n1,2\n" * 100),
    "picture.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
    "nothing.csv": b"",
    "one_line.csv": b"x" * 100_000,
    "utf16.csv": "\ufeffa,b\n1,2\n".encode("utf-16-le"),
    "quotes.csv": b'"' * 9_999,
    "other_headings.csv": b"a,b,c\n1,2,3\n",
}  # fmt: skip


def is_plain(said: str) -> bool:
    """No traceback and no insides of ours."""
    return not [
        word for word in ("Traceback", 'File "', "pydantic", "polars.exceptions", "errors.pydantic") if word in said
    ]


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_says_what_it_is_for(words: list[str], types: Keyboard) -> None:
    said = types(*words, "--help")
    assert said.code == 0
    assert "Usage: upstander" in said.out
    assert is_plain(said.out + said.err)


def test_without_words_the_command_shows_its_help(types: Keyboard) -> None:
    assert "Shared data in under one agreement" in types().out


def test_a_delivery_that_loads_ends_with_0_and_a_line_with_exactly_these_keys(
    types: Keyboard, signed: Path, extract: Path
) -> None:
    said = types("deliver", extract, *POLICE, "--json")
    assert said.code == 0
    assert set(said.json) == LINE_KEYS
    assert (said.json["outcome"], said.json["rows_in"], said.json["rows_loaded"]) == ("ACCEPT", 12, 12)
    again = types("deliver", extract, *POLICE, "--json")
    assert (again.code, again.json["outcome"], set(again.json)) == (0, "NOOP", LINE_KEYS)
    assert (again.json["delivery"], again.json["reading"]) == (said.json["delivery"], said.json["reading"])


def test_a_delivery_to_a_person_says_the_sums(types: Keyboard, signed: Path, extract: Path) -> None:
    said = types("deliver", extract, *POLICE)
    assert said.code == 0
    assert "Loaded as it is: rms_2026-07.csv" in said.out
    assert "lines in the file" in said.out


@pytest.mark.parametrize(
    "words",
    [
        ("deliver", "no-such-file.csv", *POLICE),
        ("deliver", "{extract}", "--dataset", "cctv", "--supplier", "rms"),
        ("deliver", "{extract}", "--dataset", "police_incidents", "--supplier", "nobody"),
        ("deliver", "{extract}", *POLICE, "--covers", "last summer"),
        ("check", "{extract}", "--dataset", "cctv", "--supplier", "rms"),
        ("check", "{extract}", *POLICE, "--covers", "2026-13"),
        ("reread", "0123456789"),
        ("held", "accept", "0123456789"),
        ("held", "ponder", "0123456789"),
        ("table", "--dataset", "police_incidents", "--by", "colour"),
        ("table", "--dataset", "police_incidents", "--where", "month"),
        ("table", "--dataset", "police_incidents", "--period", "soon"),
        ("table", "--dataset", "police_incidents", "--definition", "my_own"),
        ("table", "--dataset", "cctv"),
        ("injuries", "--window", "whenever"),
        ("injuries", "--from", "2026-02-31"),
        ("contract", "show", "cctv"),
        ("contract", "template", "cctv"),
        ("supplier", "show", "nobody"),
        ("method", "show", "astrology"),
        ("method", "run", "astrology", "--input", "{extract}"),
        ("method", "run", "temporal_windows", "--input", "{extract}", "--param", "window"),
        ("agreement", "sign", "nobody.toml"),
        ("agreement", "end", "nobody", "--why", "a test"),
        ("places", "load", "nobody.geojson", "--kind", "boundaries"),
        ("places", "load", "{extract}", "--kind", "weather"),
        ("places", "locate", "1,2", "--crs", "EPSG:0"),
        ("synthetic", "county", "--years", "0"),
        ("synthetic", "county", "--ends", "someday"),
        ("deliver",),
        ("table", "--no-such-option"),
        ("no-such-command",),
    ],
    ids=" ".join,
)
def test_words_that_are_off_end_with_2_and_say_what_would_be_right(
    words: tuple[str, ...], types: Keyboard, signed: Path, extract: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(signed.parent)
    said = types(*(word.format(extract=extract) for word in words))
    assert said.code == 2, said.err
    assert said.err.strip()
    assert is_plain(said.out + said.err)


@pytest.mark.parametrize(("command", "name"), [("deliver", "zeroes.csv"), *(("check", name) for name in JUNK)])
def test_a_file_that_is_no_csv_ends_with_3_in_plain_words(
    command: str, name: str, types: Keyboard, signed: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(JUNK[name])
    said = types(command, tmp_path / name, *POLICE, "--json")
    assert said.code == 3, said.out
    assert said.json["outcome"] in {"FILEQ", "REFUSE"}
    assert said.json["rows_loaded"] == 0
    assert is_plain(said.out + said.err)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("boundaries", "zeroes.csv"), ("lookup", "other_headings.csv"), ("postcodes", "picture.csv"),
     ("population", "nothing.csv"), ("boundaries", "nothing.csv"), ("lookup", "quotes.csv")],
)  # fmt: skip
def test_a_file_that_is_no_reference_data_ends_with_3_in_plain_words(
    kind: str, name: str, types: Keyboard, signed: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(JUNK[name])
    said = types("places", "load", tmp_path / name, "--kind", kind, "--vintage", "2026", "--layer", "lsoa21")
    assert said.code in {2, 3}, said.err
    assert said.err.strip()
    assert is_plain(said.out + said.err)


@pytest.mark.parametrize("name", ["zeroes.csv", "picture.csv", "other_headings.csv", "quotes.csv", "nothing.csv"])
def test_a_file_that_is_no_agreement_ends_with_a_reason(
    name: str, types: Keyboard, signed: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(JUNK[name])
    said = types("agreement", "sign", tmp_path / name)
    assert said.code in {2, 3}, said.err
    assert is_plain(said.out + said.err)


@pytest.mark.parametrize("name", ["zeroes.csv", "picture.csv", "quotes.csv", "nothing.csv", "other_headings.csv"])
def test_a_method_given_junk_ends_with_3_and_says_where_what_and_what_would_be_right(
    name: str, types: Keyboard, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(JUNK[name])
    said = types("method", "run", "temporal_windows", "--input", tmp_path / name, "--json")
    assert said.code == 3, said.out
    assert {"where", "found", "expected"} <= set(said.json["error"])
    assert is_plain(said.out + said.err)


@pytest.mark.parametrize("text", ["[", "network = 3", 'colour = "blue"', "\x00\x01", "[defaults]\npurpose = 'fun'"])
def test_a_home_whose_settings_are_off_says_which_file(text: str, types: Keyboard, signed: Path) -> None:
    (signed / "upstander.toml").write_text(text)
    said = types("deliveries")
    assert said.code == 2
    assert "upstander.toml" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("text", ["[", "name = 3", "based_on = 'rms'\nname = 'x'\ncolour = 1", "based_on = 'x'"])
def test_a_supplier_map_that_is_off_says_what_is(text: str, types: Keyboard, signed: Path, extract: Path) -> None:
    own = signed.parent / "own.toml"
    own.write_text(text)
    said = types("deliver", extract, "--dataset", "police_incidents", "--supplier", own)
    assert said.code == 2
    assert "Traceback" not in said.err


def test_what_an_agreement_refuses_ends_with_4_and_its_reason(types: Keyboard, signed: Path, extract: Path) -> None:
    types("deliver", extract, *POLICE)
    said = types("table", "--dataset", "police_incidents", "--purpose", "strategic")
    assert said.code == 4
    assert "No schedule lets police_incidents serve the strategic purpose" in said.err
    told = types("table", "--dataset", "police_incidents", "--purpose", "strategic", "--json")
    assert (told.code, set(told.json)) == (4, {"error"})
    assert types("deliver", extract, "--dataset", "police_incidents", "--supplier", "police_uk").code == 4


def test_a_file_that_waits_for_a_person_ends_with_6_and_can_be_decided(
    types: Keyboard, signed: Path, tmp_path: Path
) -> None:
    path = tmp_path / "midnights_2026-07.csv"
    rows: list[dict[str, str]] = [
        {"occurred_from": f"{day:02d}/07/2026 00:00", "recorded_at": ""} for day in range(1, 13)
    ]
    path.write_bytes(rms(*rows))
    said = types("deliver", path, *POLICE, "--json")
    assert (said.code, said.json["outcome"], said.json["rows_loaded"]) == (6, "HOLD", 0)
    (waiting,) = types("held", "list", "--json").json
    assert waiting["reading"] == said.json["reading"]
    assert types("held", "accept", said.json["reading"], "--why", "the force says so").code == 0
    assert types("held", "list", "--json").json == []
    assert len(types("deliveries", "--json").json) == 1


def test_the_command_keeps_an_index_of_deliveries_and_the_doctor_makes_a_lost_one_anew(
    types: Keyboard, signed: Path, extract: Path
) -> None:
    said = types("deliver", extract, *POLICE, "--json")
    index = open_store(signed, environ={}).index
    assert [(row.delivery, row.accepted, row.is_in_force) for row in index.rows()] == [
        (said.json["delivery"], 12, True)
    ]
    index.follow((), ())
    assert types("doctor").code == 0
    assert [row.delivery for row in index.rows()] == [said.json["delivery"]]


def test_a_home_without_its_key_says_so(types: Keyboard, signed: Path, extract: Path) -> None:
    types("deliver", extract, *POLICE)
    (signed.parent / "home.key").unlink()
    said = types("table", "--dataset", "police_incidents")
    assert said.code != 0
    assert "There is no key at" in said.err


def test_without_a_home_a_reading_command_says_how_to_make_one(types: Keyboard) -> None:
    said = types("deliveries")
    assert said.code == 2
    assert "There is no Upstander home at" in said.err
    assert "UPSTANDER_HOME" in said.err


def test_a_table_in_json_has_cells_total_and_what_it_says_of_itself(
    types: Keyboard, signed: Path, extract: Path
) -> None:
    types("deliver", extract, *POLICE)
    said = types("table", "--dataset", "police_incidents", "--by", "month", "--json")
    assert said.code == 0
    assert set(said.json) == {"table", "total"}
    (cell,) = said.json["table"]["cells"]
    assert cell == {"month": "2026-07", "value": 10.0, "low": None, "high": None, "status": "shown"}
    assert said.json["table"]["about"]["definition"] == "all_violence 2026.1"


def test_a_table_for_a_person_names_total_definition_and_rule(types: Keyboard, signed: Path, extract: Path) -> None:
    types("deliver", extract, *POLICE)
    for words in (("--by", "month"), ()):
        said = types("table", "--dataset", "police_incidents", *words)
        assert said.code == 0, said.err
        assert "Total: 10 records" in said.out
        assert "Definition: all_violence 2026.1." in said.out
        assert "1 to 7 withheld (*)" in said.out


def test_a_check_stores_nothing_in_a_home(types: Keyboard, signed: Path, extract: Path) -> None:
    types("deliver", extract, *POLICE)
    before = tree_hashes(signed)
    extract.write_bytes(rms(*[{}] * 13))
    said = types("check", extract, *POLICE, "--json")
    assert (said.code, said.json["rows_in"]) == (0, 13)
    assert "Nothing was stored: this was a check." in said.json["message"]
    assert tree_hashes(signed) == before


def test_a_check_works_without_a_home_says_so_and_makes_none(types: Keyboard, home: Path, extract: Path) -> None:
    said = types("check", extract, *POLICE)
    assert said.code == 0
    assert "Agreement and places were not checked: there is no home here." in said.out
    assert not home.exists()
    assert [path.name for path in home.parent.iterdir()] == [extract.name]


def test_a_report_is_written_as_a_page_where_one_is_asked_for(types: Keyboard, signed: Path, extract: Path) -> None:
    page = signed.parent / "report.html"
    assert types("deliver", extract, *POLICE, "--html", page).code == 0
    assert "lines in the file" in page.read_text("utf-8")


def test_a_report_that_cannot_be_written_is_said_plainly(types: Keyboard, signed: Path, extract: Path) -> None:
    said = types("check", extract, *POLICE, "--html", signed / "no" / "such" / "folder.html")
    assert said.code not in {0, 1}
    assert is_plain(said.err)


def test_an_agreement_is_listed_explained_and_ended(types: Keyboard, signed: Path) -> None:
    assert "pact" in types("agreement", "list").out
    assert "Fenmoor Police" in types("agreement", "show", "pact").out
    assert types("agreement", "end", "pact", "--why", "the pilot is over").code == 0
    assert types("table", "--dataset", "police_incidents").code == 4


def test_the_audit_says_whether_it_is_as_it_was_written(types: Keyboard, signed: Path, extract: Path) -> None:
    types("deliver", extract, *POLICE)
    said = types("audit", "verify", "--json")
    assert (said.code, said.json["fault"], said.json["entries"]) == (0, None, 3)
    with sqlite3.connect(signed / "upstander.sqlite3") as database:
        database.execute("DROP TRIGGER audit_line_no_UPDATE")
        (line,) = database.execute("SELECT content FROM audit_line WHERE number = 1").fetchone()
        database.execute("UPDATE audit_line SET content = ? WHERE number = 1", [line.replace(b"done", b"gone")])
    altered = types("audit", "verify")
    assert altered.code == 3
    assert "not as it was written: line 1" in altered.err


def test_the_doctor_finds_a_sound_home_sound(types: Keyboard, signed: Path, extract: Path) -> None:
    types("deliver", extract, *POLICE)
    said = types("doctor", "--json")
    assert said.code == 0
    assert {one["state"] for one in said.json} == {"fine"}


def test_an_empty_file_to_fill_is_one_that_check_accepts(types: Keyboard, tmp_path: Path) -> None:
    template = types("contract", "template", "police_incidents").out
    path = tmp_path / "rms_2026-07.csv"
    path.write_text(template)
    said = types("check", path, *POLICE, "--json")
    assert said.code in {0, 3, 6}
    assert "headings" not in said.json["message"]


def test_a_defect_of_ours_is_told_by_its_place_and_never_by_its_words(
    types: Keyboard, signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from upstander.pipeline import doctor

    def broken(_desk: Any) -> None:
        raise ValueError("Quillfeather, born 17/03/2011")

    monkeypatch.setattr(doctor, "examine", broken)
    said = types("doctor")
    assert said.code == 1
    assert "This is a defect of Upstander" in said.err
    assert "Quillfeather" not in said.out + said.err
    assert is_plain(said.err)


def test_the_command_alone_starts_speaks_and_ends_as_in_this_process(tmp_path: Path, extract: Path) -> None:
    said = run_alone(["check", str(extract), *POLICE, "--json"], folder=tmp_path)
    assert (said.code, said.json["outcome"], set(said.json)) == (0, "ACCEPT", LINE_KEYS)
    off = run_alone(["deliver", "nobody.csv", *POLICE], folder=tmp_path)
    assert off.code == 2
    assert "Traceback" not in off.err


def test_the_command_starts_with_the_network_shut_off(tmp_path: Path, extract: Path) -> None:
    env = shut_off(tmp_path / "shut")
    knock = subprocess.run(
        [sys.executable, "-c", "import socket; socket.getaddrinfo('nowhere', 1)"],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "a connection was tried" in knock.stderr
    for words in (["--help"], ["method", "list"], ["check", str(extract), *POLICE]):
        assert run_alone(words, folder=tmp_path, env=env).code == 0
