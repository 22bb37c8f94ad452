"""The audit log at the keyboard: checked against heads kept outside, searched, and carried off as a copy."""

from pathlib import Path

from cli.conftest import Keyboard

POLICE = ("--dataset", "police_incidents", "--supplier", "rms")


def _with_anchor(home: Path, place: Path) -> None:
    place.parent.mkdir()
    settings = home / "upstander.toml"
    settings.write_text(f'audit_anchors = ["{place}"]\n' + settings.read_text())


def test_a_copy_is_checked_by_somebody_who_has_no_home_and_no_key(
    types: Keyboard, signed: Path, extract: Path, tmp_path: Path
) -> None:
    types("deliver", extract, *POLICE)
    copy = tmp_path / "audit.jsonl"
    said = types("audit", "export", copy, "--why", "the yearly check", "--json").json
    (signed / "upstander.toml").unlink()
    assert types("audit", "verify", "--file", copy, "--head", said["head"]).code == 0
    copy.write_bytes(b"".join(copy.read_bytes().splitlines(keepends=True)[:-1]))
    assert types("audit", "verify", "--file", copy).code == 0
    cut = types("audit", "verify", "--file", copy, "--head", said["head"])
    assert cut.code == 3
    assert f"the chain ends at entry {said['entries'] - 1}; it once had {said['entries']}" in cut.err


def test_a_copy_is_never_written_over_a_file(types: Keyboard, signed: Path, extract: Path) -> None:
    before = extract.read_bytes()
    said = types("audit", "export", extract, "--why", "a slip")
    assert (said.code, extract.read_bytes()) == (3, before)


def test_heads_go_outside_by_themselves_and_a_place_that_is_away_is_named(
    types: Keyboard, signed: Path, extract: Path, tmp_path: Path
) -> None:
    place = tmp_path / "share" / "heads.jsonl"
    _with_anchor(signed, place)
    types("deliver", extract, *POLICE)
    said = types("audit", "verify", "--json").json
    assert (said["heads"], said["trouble"]) == (len(place.read_bytes().splitlines()), {})
    assert said["heads"] > 0
    assert types("audit", "head").out.strip().endswith(place.read_text().splitlines()[-1].split('"')[3])
    place.unlink()
    place.parent.rmdir()
    assert "cannot be reached" in types("audit", "verify").out
    assert types("doctor").code == 1


def test_a_forged_head_outside_is_told_as_a_fault(types: Keyboard, signed: Path, tmp_path: Path) -> None:
    place = tmp_path / "share" / "heads.jsonl"
    _with_anchor(signed, place)
    place.write_text('{"hash":"' + "0" * 64 + '","seq":1}\n')
    said = types("audit", "verify")
    assert said.code == 3
    assert "it is not the entry that was the last one when the head was taken" in said.err


def test_a_place_inside_the_home_is_no_place_outside(types: Keyboard, signed: Path) -> None:
    settings = signed / "upstander.toml"
    settings.write_text('audit_anchors = ["heads.jsonl"]\n' + settings.read_text())
    said = types("audit", "verify")
    assert said.code == 2
    assert "lies inside the home" in said.err


def test_entries_are_shown_by_who_what_and_when_and_the_look_is_an_entry_too(
    types: Keyboard, signed: Path, extract: Path
) -> None:
    types("deliver", extract, *POLICE)
    types("table", "--dataset", "police_incidents")
    shown = types(
        "audit", "show", "--action", "read", "--dataset", "police_incidents", "--why", "a complaint", "--json"
    )
    assert [(entry["person"], entry["answer"]) for entry in shown.json] == [("A. Analyst", "allowed")]
    assert types("audit", "show", "--by", "N. Obody", "--why", "a complaint", "--json").json == []
    assert types("audit", "show", "--until", "2026-01-01", "--why", "a complaint", "--json").json == []
    looks = types("audit", "show", "--action", "search", "--why", "who looked", "--json").json
    assert [entry["why"] for entry in looks] == ["who looked", "a complaint", "a complaint", "a complaint"]
    assert "police_incidents" in types("audit", "show", "--why", "who looked").out


def test_a_head_or_a_day_that_is_none_is_told(types: Keyboard, signed: Path) -> None:
    assert types("audit", "verify", "--head", "twelve").code == 2
    assert types("audit", "show", "--since", "yesterday", "--why", "a slip").code == 2


def test_papers_for_information_governance_come_by_one_command_each(
    types: Keyboard, signed: Path, extract: Path, tmp_path: Path
) -> None:
    types("deliver", extract, *POLICE)
    types("table", "--dataset", "police_incidents")
    record, sheet, annex, owner = (
        tmp_path / name for name in ("record.html", "record.csv", "annex.html", "owner.html")
    )
    assert "in force" in types("agreement", "record", "--html", record, "--csv", sheet).out
    assert types("agreement", "dpia", annex, "--dataset", "police_incidents").code == 0
    span = ("--since", "2020-01-01", "--until", "2089-12-31")
    (line,) = types("agreement", "usage", *span, "--provider", "police", "--html", owner, "--json").json
    assert (line["reads"], line["readers"]) == (1, [["A. Analyst", 1]])
    assert "Fenmoor Police" in record.read_text("utf-8")
    assert "Fenmoor Police" in sheet.read_text("utf-8")
    assert "12 rows in 1 reading" in annex.read_text("utf-8")
    assert "1 read under 1 schedule" in owner.read_text("utf-8")


def test_whoever_signs_is_told_first_how_people_hide(types: Keyboard, signed: Path, tmp_path: Path) -> None:
    said = types("agreement", "sign", tmp_path / "pact.toml", "--json").json
    assert said["anonymity"] == [
        "police_incidents: nothing is held yet; `upstander check FILE --anonymity` tells it of a sample."
    ]
