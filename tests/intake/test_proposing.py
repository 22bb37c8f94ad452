"""A draft map of a file not seen before: most columns right and sure, the rest asked, nothing chosen in silence."""

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from intake.desk import read_bytes
from shared_data import SHARED, needs_shared
from upstander.errors import UpstanderError
from upstander.intake import suppliers
from upstander.intake.proposing import Proposal, draft_toml, propose, sample_of
from upstander.intake.proposing.guessing import SURE

POLICE = {
    "Crime ID": ("incident_ref",), "Month": ("occurred_from",), "Reported by": ("",), "Falls within": ("",),
    "Longitude": ("longitude",), "Latitude": ("latitude",), "Location": ("location_text", ""),
    "LSOA code": ("area_code",), "LSOA name": ("",), "Crime type": ("offence_code",),
    "Last outcome category": ("",), "Context": ("",),
}  # fmt: skip
CALLS_911 = {
    "lat": ("latitude",), "lng": ("longitude",), "desc": ("notes",), "zip": ("",), "title": ("nature_code",),
    "timeStamp": ("called_at",), "twp": ("",), "addr": ("location_text",), "e": ("",),
}  # fmt: skip
FIRE_CALLS = {
    "CallNumber": ("incident_ref",), "UnitID": ("",), "IncidentNumber": ("incident_ref", ""),
    "CallType": ("nature_code",), "CallDate": ("called_at",), "WatchDate": ("",), "CallFinalDisposition": ("",),
    "AvailableDtTm": ("",), "Address": ("location_text",), "City": ("",), "Zipcode": ("",), "Battalion": ("",),
    "StationArea": ("",), "Box": ("",), "OriginalPriority": ("",), "Priority": ("",), "FinalPriority": ("",),
    "ALSUnit": ("",), "CallTypeGroup": ("",), "NumAlarms": ("",), "UnitType": ("",),
    "UnitSequenceInCallDispatch": ("",), "FirePreventionDistrict": ("",), "SupervisorDistrict": ("",),
    "Neighborhood": ("",), "Location": ("",), "RowID": ("",), "Delay": ("",),
}  # fmt: skip
EMERGENCY = {
    "period": ("period",), "org_code": ("area_code",), "type": ("group",),
    "attendances": ("figure:ae_attendances",), "breaches": ("figure:ae_over_four_hours",),
    "admissions": ("figure:emergency_admissions",),
}  # fmt: skip
EMERGENCY_TRUSTS = {
    "nhs_trust22_code": ("area_code",), "total_attendances": ("figure:ae_attendances",),
    "attendances_over_4hours": ("figure:ae_over_four_hours",),
    "total_emergency_admissions": ("figure:emergency_admissions",),
    "emergency_admissions_over_4hours": ("figure:admission_waits_over_four_hours",),
    "pct_attendance_over_4hours": ("",), "pct_emergency_admissions_over_4hours": ("",), "date": ("period",),
}  # fmt: skip
TRUTHS = (POLICE, CALLS_911, FIRE_CALLS, EMERGENCY, EMERGENCY_TRUSTS)
# What another system might call the same, written down before the words of the product were looked at again.
OTHER_WORDS = {
    "Crime ID": "Crime Reference No", "Month": "Offence Month", "Reported by": "Reporting Force",
    "Falls within": "Force Area", "Longitude": "Long", "Latitude": "Lat", "Location": "Street",
    "LSOA code": "LSOA21CD", "LSOA name": "LSOA21NM", "Crime type": "Offence Group",
    "Last outcome category": "Outcome", "Context": "Context", "lat": "Y_Coord", "lng": "X_Coord",
    "desc": "Call Narrative", "zip": "ZIPCODE", "title": "Nature Of Incident", "timeStamp": "Call Received At",
    "twp": "Town", "addr": "Incident Address", "e": "Row", "CallNumber": "CAD Number", "CallType": "Type Of Call",
    "CallDate": "Date Of Call", "Address": "Street Address", "period": "Month", "org_code": "Provider",
    "type": "Department Type", "attendances": "A&E attendances", "breaches": "Over 4 hours",
    "admissions": "Emergency admissions via A&E", "nhs_trust22_code": "Trust Code",
    "total_attendances": "All attendances", "attendances_over_4hours": "Attendances longer than 4 hours",
    "total_emergency_admissions": "Emergency admissions", "date": "Reporting Month",
    "emergency_admissions_over_4hours": "Admissions that waited over 4 hours",
    "pct_attendance_over_4hours": "% over 4 hours",
    "pct_emergency_admissions_over_4hours": "% of admissions over 4 hours",
}  # fmt: skip
SHORT = {"number": "no", "code": "cd", "name": "nm", "date": "dt", "category": "cat", "description": "desc"}


def _words(heading: str) -> list[str]:
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", heading)


def _slip(heading: str) -> str:
    """A letter left out in the middle of the longest word."""
    longest = max(_words(heading), key=len)
    return (
        heading.replace(longest, longest[: len(longest) // 2] + longest[len(longest) // 2 + 1 :])
        if len(longest) > 5
        else heading
    )


STYLES: Mapping[str, Callable[[str], str]] = {
    "CAPITALS_AND_BARS": lambda heading: "_".join(_words(heading)).upper(),
    "lowerCamel": lambda heading: (w := "".join(word.title() for word in _words(heading)))[:1].lower() + w[1:],
    "kebab-case": lambda heading: "-".join(_words(heading)).lower(),
    "Spaced Title": lambda heading: " ".join(_words(heading)).title(),
    "src_ before": lambda heading: "src_" + "_".join(_words(heading)).lower(),
    "(text) after": lambda heading: f"{heading} (text)",
    "a letter missing": _slip,
    "turned round": lambda heading: " ".join(reversed(_words(heading))),
    "shortened": lambda heading: "_".join(SHORT.get(word.lower(), word.lower()) for word in _words(heading)),
    "other words": lambda heading: OTHER_WORDS.get(heading, heading),
}


def _real_files() -> Iterator[tuple[str, bytes, Mapping[str, tuple[str, ...]]]]:
    for path in sorted((SHARED / "data" / "police").glob("*-street.csv")):
        yield path.name, _first_lines(path.read_bytes()), POLICE
    with zipfile.ZipFile(SHARED / "data" / "ambulance" / "montgomery-pa-911.zip") as archive:
        yield "911.csv", _first_lines(archive.read("911.csv")), CALLS_911
    path = SHARED / "data" / "ambulance" / "sf-fire-calls-sample1000.csv"
    yield path.name, path.read_bytes(), FIRE_CALLS
    for name, truth in (
        ("ae_attendances.csv", EMERGENCY),
        ("england_trust_accidents_emergency.csv", EMERGENCY_TRUSTS),
    ):
        yield name, _first_lines((SHARED / "data" / "ed" / name).read_bytes()), truth


def _first_lines(content: bytes, lines: int = 1_000) -> bytes:
    return b"".join(content.splitlines(keepends=True)[: lines + 1])


def _re_headed(content: bytes, named: Callable[[str], str]) -> bytes:
    head, _, rest = content.partition(b"\n")
    headings = head.decode("utf-8-sig").rstrip("\r").split(",")
    return ",".join(named(heading) for heading in headings).encode() + b"\n" + rest


def _right(
    proposal: Proposal, truth: Mapping[str, tuple[str, ...]], named: Callable[[str], str]
) -> list[tuple[str, bool]]:
    """(heading, is it right and sure) for each."""
    by_name = {named(heading): right for heading, right in truth.items()}
    return [
        (guess.heading, guess.column in by_name[guess.heading] and guess.confidence >= SURE)
        for guess in proposal.guesses
    ]


@needs_shared
def test_at_least_nine_in_ten_columns_of_files_never_seen_are_right_and_sure(proof: Callable[..., None]) -> None:
    told: list[tuple[str, str, bool]] = []
    real = list(_real_files())
    one_of_each = [next(one for one in real if one[2] is truth) for truth in TRUTHS]
    cases = [(name, content, truth, "as it came", str) for name, content, truth in real]
    cases += [
        (name, _re_headed(content, style), truth, how, style)
        for name, content, truth in one_of_each
        for how, style in STYLES.items()
    ]
    for name, content, truth, how, style in cases:
        found = _right(propose(sample_of(content)), truth, style)
        told += [(f"{name}, {how}", heading, is_right) for heading, is_right in found]
        print(
            f"{name}, {how}: {sum(is_right for _, is_right in found)} of {len(found)}",
            [heading for heading, is_right in found if not is_right],
        )
    share = sum(is_right for *_, is_right in told) / len(told)
    print(f"{len(cases)} files, {len(told)} columns: {share:.1%} right at a confidence of {SURE} or more")
    proof(
        "columns of unseen files that `supplier propose` gets right and is sure of",
        figure=f"{share:.1%}",
        goal="at least 90%",
    )
    assert share >= 0.9


FILE = """Ref,When,LSOA,Offence,Remarks
A1,{day},E01000001,8N,Outside the shop with a friend of hers
A2,04/05/2026,E01000002,8N,Two people known to each other in the street
A3,05/06/2026,E01000003,105A,Nobody wanted to say what had happened there
"""


def _police(day: str) -> Proposal:
    return propose(sample_of(FILE.format(day=day).encode()), dataset="police_incidents")


def test_where_no_number_is_over_twelve_the_order_of_the_date_is_asked_and_not_chosen() -> None:
    proposal = _police("03/04/2026")
    assert any("does not say whether the day or the month comes first" in asked for asked in proposal.decisions)
    draft = draft_toml(proposal, sample_of(FILE.format(day="03/04/2026").encode()), name="fenmoor", today="2026-11-23")
    (written,) = [line for line in draft.splitlines() if "%d/%m/%Y" in line]
    assert written.startswith("#")
    assert "%m/%d/%Y" in written


@pytest.mark.parametrize(("day", "pattern"), [("23/04/2026", "%d/%m/%Y"), ("04/23/2026", "%m/%d/%Y")])
def test_one_number_over_twelve_settles_the_order_and_is_the_reason_given(day: str, pattern: str) -> None:
    (guess,) = [one for one in _police(day).guesses if one.order]
    assert guess.order is not None
    assert (guess.order.formats, guess.order.open_question) == ((pattern,), "")
    assert "1 dates have a" in guess.order.reason


def test_dates_that_contradict_one_another_are_asked_about() -> None:
    content = FILE.format(day="23/04/2026").replace("05/06/2026", "05/26/2026").encode()
    (guess,) = [one for one in propose(sample_of(content), dataset="police_incidents").guesses if one.order]
    assert guess.order is not None
    assert "only month-first" in guess.order.open_question


def test_a_draft_cannot_be_used_while_a_decision_is_open(tmp_path: Path) -> None:
    content = FILE.format(day="03/04/2026").encode()
    path = tmp_path / "fenmoor.toml"
    path.write_text(draft_toml(propose(sample_of(content)), sample_of(content), name="fenmoor", today="2026-11-23"))
    with pytest.raises(UpstanderError, match="undecided"):
        suppliers.load(path)


def test_a_draft_whose_decisions_are_settled_reads_the_file_it_was_made_from(tmp_path: Path) -> None:
    content = FILE.format(day="23/04/2026").encode()
    draft = draft_toml(_police("23/04/2026"), sample_of(content), name="fenmoor", today="2026-11-23")
    settled = re.sub(r"undecided = \[.*?\n\]\n", "", draft, flags=re.DOTALL).replace('source = ""', 'source = "a test"')
    path = tmp_path / "fenmoor.toml"
    path.write_text(settled.replace('agency = ""', 'agency = "Fenmoor Police"'))
    result, tray = read_bytes(content, suppliers.load(path))
    assert (result.lines.accepted, result.lines.quarantined) == (3, 0)
    assert tray.accepted["event_from_local"].dt.day().to_list() == [23, 4, 5]


FIGURES = """Month,Org Code,Department type,Attendances,Over four hours
2026-04,RZZ,1,210,c
2026-05,RZZ,1,198,12
2026-06,RZY,2,77,z
"""


def test_of_a_table_of_figures_a_person_is_asked_for_periods_areas_and_marks(tmp_path: Path) -> None:
    sample = sample_of(FIGURES.encode())
    proposal = propose(sample, dataset="hospital_episodes")
    assert (proposal.shape, proposal.columns["Attendances"]) == ("indicators", "figure:ae_attendances")
    asked = "\n".join(proposal.decisions)
    assert all(word in asked for word in ("period: how is it written", "areas: what kind", "markers: what does each"))
    assert "zone" not in asked
    draft = draft_toml(proposal, sample, name="fenmoor", today="2026-11-24")
    settled = re.sub(r"undecided = \[.*?\n\]\n", "", draft, flags=re.DOTALL).replace('source = ""', 'source = "a test"')
    path = tmp_path / "fenmoor.toml"
    path.write_text(
        settled.replace('agency = ""', 'agency = "Fenmoor"') + '[markers]\nc = "suppressed"\nz = "not_applicable"\n'
    )
    result, tray = read_bytes(FIGURES.encode(), suppliers.load(path))
    assert (result.lines.accepted, result.figures) == (3, 6), result.message
    assert tray.accepted["marker"].to_list() == ["shown", "suppressed", "shown", "shown", "shown", "not_applicable"]


def test_a_heading_that_says_percent_is_never_taken_for_a_count() -> None:
    content = FIGURES.replace("Over four hours", "% over four hours").replace(",c", ",11").replace(",z", ",9")
    (guess,) = [one for one in propose(sample_of(content.encode())).guesses if "%" in one.heading]
    assert (guess.column, guess.confidence >= SURE) == ("", True)


def test_no_value_of_the_file_is_in_a_guess_a_question_or_the_draft() -> None:
    content = FILE.format(day="23/04/2026").replace("Outside the shop", "Zebedee Quillfeather outside").encode()
    proposal = propose(sample_of(content))
    told = f"{proposal}{draft_toml(proposal, sample_of(content), name='fenmoor', today='2026-11-23')}"
    assert [word for word in ("Zebedee", "E01000001", "A1,", "23/04") if word in told] == []


def test_codes_that_no_list_knows_are_counted_for_a_person_to_map() -> None:
    content = FILE.format(day="23/04/2026").replace("105A", "our own code").encode()
    assert any(
        "Offence: 1 rows hold text that no code list knows" in one
        for one in propose(sample_of(content), dataset="police_incidents").decisions
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"  \n\n", "empty"), (b"a\nb\n", "one column"), (b"\x00\x01\x02,", "not a text")],
)
def test_a_file_that_is_no_table_is_told_so_in_words(content: bytes, said: str) -> None:
    with pytest.raises(UpstanderError, match=said):
        sample_of(content)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_and_the_lines_before_the_header_are_found(delimiter: str) -> None:
    lines = FILE.format(day="23/04/2026").replace(",", delimiter)
    sample = sample_of(f"Extract made by a system\n{lines}".encode())
    assert (sample.delimiter, sample.preamble_lines, sample.headings[2]) == (delimiter, 1, "LSOA")
