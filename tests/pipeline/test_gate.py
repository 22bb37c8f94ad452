"""One gate: what it refuses, in what words, and that either answer is written down before a row is read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from intake.desk import rms
from pipeline.homes import ANALYST, agreement, at, counted, desk_at, injury_schedule, send, total, with_pact
from upstander.contracts.asking import Purpose
from upstander.contracts.releasing import Edition
from upstander.errors import NotAcceptable, NotAllowed
from upstander.pipeline.agreeing import end, sign
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import ask
from upstander.sharing import AuditEvent
from upstander.warehouse import Warehouse

END = datetime(2027, 3, 31, 23, tzinfo=UTC)  # midnight before 1 April 2027 on London's wall clock
ROWS = [{"sex": "F"}, {"sex": "M"}]


@pytest.fixture
def home(tmp_path: Path, folder: Path) -> Desk:
    desk = with_pact(tmp_path)
    send(desk, folder, rms(*ROWS * 6))
    return desk


def reads(desk: Desk) -> list[AuditEvent]:
    """Answers of the gate in the audit log, oldest first."""
    return [entry.event for entry in desk.audit.entries() if entry.event.action == "read"]


def refusal(desk: Desk, **changed: Any) -> str:
    """The words of a refusal; exit code 4 and one more entry in the audit log, or the test fails."""
    before = len(reads(desk))
    with pytest.raises(NotAllowed) as caught:
        counted(desk, **changed)
    assert caught.value.exit_code == 4
    (event,) = reads(desk)[before:]
    assert event.answer.startswith("refused: ")
    assert event.answer.removeprefix("refused: ") in caught.value.message
    assert (event.person, event.why, event.dataset) == (desk.who.person, desk.who.why, "police_incidents")
    return caught.value.message


def test_a_yes_is_written_down_with_person_purpose_fields_and_agreement(home: Desk) -> None:
    assert total(counted(home, "month")) == 10
    (event,) = reads(home)
    assert (event.answer, event.person, event.purpose, event.why) == ("allowed", "A. Analyst", "monitoring", "a test")
    assert (event.suppliers, event.agreement) == (("rms",), "pact")
    assert set(event.fields) == {"event_from_local", "event_precision", "offence_code", "role", "place_class"}


def test_without_an_agreement_nothing_is_read_and_nothing_taken_in(tmp_path: Path, folder: Path) -> None:
    desk = desk_at(tmp_path)
    with pytest.raises(NotAllowed, match="No agreement in force carries police_incidents from rms") as caught:
        send(desk, folder, rms(*ROWS))
    assert caught.value.exit_code == 4
    assert not (desk.home.root / "vault" / "raw").exists()
    assert [entry.event.answer for entry in desk.audit.entries()] == ["refused"]
    assert "No agreement covers police_incidents" in refusal(desk)


@pytest.mark.parametrize("missing", ["gateway", "provider", "purposes", "fields", "end", "retention_days"])
def test_a_feed_that_lacks_one_thing_is_not_switched_on(tmp_path: Path, folder: Path, missing: str) -> None:
    told = injury_schedule()
    del (told["handling"] if missing == "retention_days" else told)[missing]
    desk = desk_at(tmp_path)
    with pytest.raises(NotAcceptable, match="The feed cannot be switched on"):
        sign(desk, agreement(told))
    with pytest.raises(NotAllowed, match="No agreement in force carries police_incidents from rms"):
        send(desk, folder, rms(*ROWS))


def test_an_agreement_ends_at_midnight_of_its_zone_to_the_second(home: Desk) -> None:
    assert total(counted(at(home, END - timedelta(seconds=1)))) == 10
    assert "expired at the end of 31 March 2027" in refusal(at(home, END))
    assert "expired at the end of 31 March 2027" in refusal(at(home, END + timedelta(seconds=1)))


def test_an_agreement_begins_at_midnight_of_its_zone_to_the_second(tmp_path: Path, folder: Path) -> None:
    begins = datetime(2026, 3, 31, 23, tzinfo=UTC)
    desk = at(desk_at(tmp_path), begins - timedelta(days=30))
    sign(desk, agreement(injury_schedule()))
    early = rms({"occurred_from": "01/03/2026 22:40", "recorded_at": ""})
    send(at(desk, begins), folder, early, name="rms_2026-03.csv")
    assert "Ask again from that day" in refusal(at(desk, begins - timedelta(seconds=1)))
    counted(at(desk, begins))


def test_a_file_is_not_taken_in_after_the_agreement_has_ended(home: Desk, folder: Path) -> None:
    late = at(home, END + timedelta(seconds=1))
    with pytest.raises(NotAllowed, match="No agreement in force"):
        send(late, folder, rms({"sex": "F"}))
    assert len(home.warehouse.manifests()) == 1


def test_an_agreement_that_was_ended_early_says_why(home: Desk) -> None:
    end(home.asking(why="the pilot is over"), "pact")
    assert "was ended early" in (said := refusal(home))
    assert "the pilot is over" in said


def test_a_purpose_that_no_schedule_serves_is_refused(home: Desk) -> None:
    said = refusal(home.asking(purpose=Purpose.STRATEGIC))
    assert "No schedule lets police_incidents serve the strategic purpose" in said
    assert "monitoring" in said


def test_a_purpose_that_the_matrix_does_not_tick_is_refused_whatever_an_agreement_says(home: Desk) -> None:
    from upstander.contracts.asking import Refused, Request
    from upstander.sharing import decide

    asked = Request("A", "vrn", Purpose.OPERATIONAL, "police_incidents", (), ("offence_code",), "a test", home.now())
    answer = decide(
        asked, home.register.agreements(home.now()), edition=Edition.OPERATIONAL, ticked={Purpose.MONITORING}
    )
    assert isinstance(answer, Refused)
    assert "has no operational tick in the matrix, whatever an agreement says" in answer.reason


@pytest.mark.parametrize(
    ("agency", "said"), [("fire_service", "fire_service is not a recipient"), ("", "which agency")]
)
def test_an_agency_that_is_no_recipient_is_refused(home: Desk, agency: str, said: str) -> None:
    assert said in refusal(home.asking(agency=agency))


def test_a_field_that_is_not_granted_is_refused_and_named(home: Desk) -> None:
    assert "does not share sex" in refusal(home, where=(("sex", "female"),))
    assert "does not share age_band" in refusal(home, definition="network_own")


def test_a_request_without_a_reason_is_refused(home: Desk) -> None:
    assert "does not say its reason" in refusal(home.asking(why=""))


def test_an_operational_edition_is_for_the_operational_purpose_only(home: Desk) -> None:
    with pytest.raises(NotAllowed, match="An operational edition serves the operational purpose"):
        ask(home, "police_incidents", ("offence_code",), Edition.OPERATIONAL)
    assert reads(home)[-1].answer.startswith("refused: ")


def test_a_signed_file_that_was_altered_by_one_byte_grants_nothing(home: Desk) -> None:
    (file,) = (home.home.root / "agreements").glob("*.toml")
    before = file.read_bytes()
    file.write_bytes(before.replace(b"2027-04-01", b"2028-04-01"))
    assert len(file.read_bytes()) == len(before)
    assert "was altered after it was signed, so it grants nothing" in refusal(home)
    file.write_bytes(before)
    assert total(counted(home)) == 10


@pytest.mark.parametrize("position", [0.1, 0.5, 0.9])
def test_no_single_byte_of_an_agreement_can_change_unseen(home: Desk, position: float) -> None:
    (file,) = (home.home.root / "agreements").glob("*.toml")
    content = bytearray(file.read_bytes())
    content[int(len(content) * position)] ^= 1
    file.write_bytes(bytes(content))
    assert "grants nothing" in refusal(home)


def test_an_altered_signature_grants_nothing(home: Desk) -> None:
    (record,) = (home.home.root / "agreements").glob("*.signature.json")
    record.write_bytes(record.read_bytes().replace(b"A. Analyst", b"B. Analyst"))
    assert "grants nothing" in refusal(home)


def test_the_no_is_on_the_disk_before_any_row_is_read(home: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def watching(self: Warehouse, allowed: Any, **words: Any) -> Any:
        seen.append(reads(home)[-1].answer)
        return original(self, allowed, **words)

    original = Warehouse.read
    monkeypatch.setattr(Warehouse, "read", watching)
    counted(home)
    assert seen == ["allowed"]


def test_the_audit_chain_holds_after_yes_and_no(home: Desk) -> None:
    counted(home)
    refusal(home.asking(agency="fire_service"))
    assert home.audit.verify() is None
    assert ANALYST.person in {entry.event.person for entry in home.audit.entries()}
