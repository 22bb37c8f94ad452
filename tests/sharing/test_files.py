"""Agreements as files: signed by hash, ended by a signed record, refused where either was touched."""

import hashlib
from datetime import timedelta

import pytest
import tomli_w

from sharing.county import AT, TICKED, request, schedule, terms_as_sent
from upstander.contracts.asking import Allowed, Refused
from upstander.contracts.releasing import Edition
from upstander.errors import WrongUsage
from upstander.sharing import ActKind, BadAgreement, Decision, FileAgreements, decide
from upstander.values.canonical import canonical_json

LATER = AT + timedelta(hours=1)


@pytest.fixture
def register(tmp_path):
    return FileAgreements(tmp_path)


def _content(*schedules, **changed):
    return tomli_w.dumps(terms_as_sent(*schedules, **changed)).encode()


def _answer(register, at=LATER, **changed):
    return decide(request(at=at, **changed), register.agreements(at), edition=Edition.SHAREABLE, ticked=TICKED)


def _signed(register, **changed):
    return register.sign(_content(**changed), person="M. Ashdown", at=AT)


def _act(register, kind, *, person="M. Ashdown", at=LATER, why="the pilot is over", **about):
    return register.act(Decision(ActKind(kind), "pact", person, at, why, **about))


def _files(folder):
    return {path.name: path.read_bytes() for path in (folder / "agreements").iterdir()}


def test_an_empty_home_grants_nothing(register):
    assert isinstance(_answer(register), Refused)


def test_a_signed_agreement_grants(register, tmp_path):
    made = _signed(register)
    assert (made.fault, made.signature.person, made.signature.at) == ("", "M. Ashdown", AT)
    assert isinstance(_answer(register), Allowed)
    assert sorted(_files(tmp_path)) == ["pact.v1.signature.json", "pact.v1.toml"]


def test_nothing_is_granted_before_the_signature(register):
    _signed(register)
    assert isinstance(_answer(register, at=AT - timedelta(seconds=1)), Refused)


def test_signing_the_same_terms_again_changes_nothing(register, tmp_path):
    _signed(register)
    before = _files(tmp_path)
    register.sign(_content(), person="Somebody Else", at=LATER)
    register.sign(b"# a remark\n" + _content(), person="Somebody Else", at=LATER)
    assert _files(tmp_path) == before


def test_other_terms_under_a_signed_version_are_refused(register, tmp_path):
    _signed(register)
    before = _files(tmp_path)
    with pytest.raises(BadAgreement, match="signed with other terms"):
        register.sign(_content(schedule(fields=["sex"])), person="M. Ashdown", at=LATER)
    assert _files(tmp_path) == before


def test_an_unsigned_file_grants_nothing_and_says_so(register, tmp_path):
    _signed(register)
    (tmp_path / "agreements" / "pact.v1.signature.json").unlink()
    assert "not signed" in _answer(register).reason


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b'"offence_code"', b'"offence_code", "sex"'),
        lambda text: text + b"\n",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace(b"2027-04-01", b"2037-04-01"),
    ],
)
def test_an_altered_file_grants_nothing_and_says_so(register, tmp_path, change):
    _signed(register)
    path = tmp_path / "agreements" / "pact.v1.toml"
    path.write_bytes(change(path.read_bytes()))
    answer = _answer(register)
    assert isinstance(answer, Refused)
    assert "pact.v1.toml" in answer.reason


@pytest.mark.parametrize("name", ["pact.v1.signature.json", "pact.v1.act-0001.json"])
@pytest.mark.parametrize("change", [lambda text: text.replace(b"M. Ashdown", b"N. Ashdown"), lambda _: b"{}"])
def test_an_altered_signature_or_end_grants_nothing(register, tmp_path, name, change):
    _signed(register)
    _act(register, "ended", person="M. Ashdown", at=LATER + timedelta(days=9), why="the pilot is over")
    path = tmp_path / "agreements" / name
    path.write_bytes(change(path.read_bytes()))
    assert isinstance(_answer(register), Refused)


def test_a_signature_moved_to_another_agreement_grants_nothing(register, tmp_path):
    _signed(register)
    for kind in ("toml", "signature.json"):
        (tmp_path / "agreements" / f"pact.v1.{kind}").rename(tmp_path / "agreements" / f"copy.v1.{kind}")
    assert "calls itself pact" in _answer(register).reason


def test_an_end_acts_at_once_and_only_once(register):
    _signed(register)
    _act(register, "ended", person="M. Ashdown", at=LATER, why="the pilot is over")
    _act(register, "ended", person="N. Other", at=LATER - timedelta(minutes=30), why="another reason")
    assert isinstance(_answer(register, at=LATER - timedelta(seconds=1)), Allowed)
    assert "ended early, on 1 November 2026: the pilot is over" in _answer(register).reason


def test_only_a_signed_agreement_can_be_ended(register):
    with pytest.raises(WrongUsage, match="No agreement pact is signed"):
        _act(register, "ended", person="M. Ashdown", at=LATER, why="x")


def test_a_new_version_governs_alone(register):
    _signed(register, schedules=[schedule(fields=["offence_code", "area_code"])])
    register.sign(_content(version=2), person="M. Ashdown", at=LATER)
    assert isinstance(_answer(register, at=LATER - timedelta(seconds=1), fields=("area_code",)), Allowed)
    assert isinstance(_answer(register, fields=("area_code",)), Refused)
    assert isinstance(_answer(register), Allowed)


def test_version_ten_comes_after_version_nine(register):
    _signed(register, version=9, schedules=[schedule(fields=["area_code"])])
    _signed(register, version=10)
    assert isinstance(_answer(register, fields=("area_code",)), Refused)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder, register: _act(register, "ended", person="M.", at=LATER, why="over"),
        lambda folder, _: (folder / "pact.v2.toml").write_bytes(b"x"),
        lambda folder, _: (folder / "pact.v2.toml").write_bytes((folder / "pact.v2.toml").read_bytes() + b"\n"),
        lambda folder, _: (folder / "pact.v2.signature.json").write_bytes(b"x"),
    ],
)
def test_ending_or_spoiling_a_version_does_not_bring_the_one_before_back(register, tmp_path, spoil):
    _signed(register)
    register.sign(_content(version=2), person="M. Ashdown", at=AT)
    spoil(tmp_path / "agreements", register)
    assert isinstance(_answer(register), Refused)


def test_an_unsigned_draft_does_not_stop_the_version_that_governs(register, tmp_path):
    _signed(register)
    (tmp_path / "agreements" / "pact.v2.toml").write_bytes(_content(version=2))
    assert isinstance(_answer(register), Allowed)


def test_a_stray_file_is_named_and_grants_nothing(register, tmp_path):
    _signed(register)
    (tmp_path / "agreements" / "Copy of pact.toml").write_bytes(_content())
    (stray,) = [one for one in register.all() if one.fault]
    assert "Copy of pact.toml" in stray.fault
    assert isinstance(_answer(register), Allowed)


def test_a_run_killed_between_the_file_and_its_signature_is_run_again(register, tmp_path):
    _signed(register)
    (tmp_path / "agreements" / "pact.v1.signature.json").unlink()
    assert isinstance(_answer(register), Refused)
    _signed(register)
    assert isinstance(_answer(register), Allowed)


# ── Suspended, resumed, withdrawn ────────────────────────────────────────────────────────────────────────────────────

TWO = [schedule(), schedule(id="hospital", provider="hospital", dataset="ed_assaults", suppliers=["istv"],
                            fields=["event_from_local"], gateway="istv_anonymised")]  # fmt: skip
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("kind", ["suspended", "ended"])
def test_a_decision_acts_from_its_second_on_and_not_before(register, kind):
    _signed(register)
    _act(register, kind)
    assert isinstance(_answer(register, at=LATER - SECOND), Allowed)
    assert isinstance(_answer(register, at=LATER), Refused)


def test_a_suspension_says_since_when_and_why_and_how_it_ends(register):
    _signed(register)
    _act(register, "suspended", why="a breach is looked into")
    answer = _answer(register)
    assert "has been suspended since 1 November 2026: a breach is looked into" in answer.reason
    assert answer.next_step == "Ask again when it is resumed."


def test_what_is_resumed_grants_again_and_can_be_suspended_again(register):
    _signed(register)
    for minute, kind in enumerate(["suspended", "resumed", "suspended"]):
        _act(register, kind, at=LATER + timedelta(minutes=minute))
    answers = [_answer(register, at=LATER + timedelta(minutes=minute)) for minute in range(3)]
    assert [isinstance(answer, Allowed) for answer in answers] == [False, True, False]


def test_resuming_one_schedule_does_not_lift_the_suspension_of_the_whole(register):
    _signed(register)
    _act(register, "suspended")
    _act(register, "resumed", schedule="evidence")
    assert isinstance(_answer(register), Refused)


def test_one_schedule_is_withdrawn_and_the_other_stays(register):
    _signed(register, schedules=TWO)
    _act(register, "withdrawn", schedule="evidence", why="the force said so")
    assert "schedule evidence of pact was withdrawn, on 1 November 2026: the force said so" in _answer(register).reason
    hospital = {"dataset": "ed_assaults", "fields": ("event_from_local",)}
    assert isinstance(_answer(register, **hospital), Allowed)


def test_a_party_that_withdraws_takes_everything_it_provides_and_nothing_else(register):
    _signed(register, schedules=TWO)
    _act(register, "withdrawn", agency="hospital")
    hospital = {"dataset": "ed_assaults", "fields": ("event_from_local",)}
    assert isinstance(_answer(register, **hospital), Refused)
    assert isinstance(_answer(register), Allowed)


def test_the_same_decision_twice_is_one(register, tmp_path):
    _signed(register)
    _act(register, "suspended")
    before = _files(tmp_path)
    _act(register, "suspended", at=LATER + timedelta(days=1), why="again")
    assert _files(tmp_path) == before


def test_resuming_what_is_not_suspended_changes_nothing(register, tmp_path):
    _signed(register)
    before = _files(tmp_path)
    _act(register, "resumed")
    assert _files(tmp_path) == before


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"schedule": "nothing"}, "has no schedule 'nothing'"),
        ({"agency": "nobody"}, "nobody is no party"),
        ({}, "Withdrawing is for one schedule or one party"),
        ({"schedule": "evidence", "why": " "}, "needs a reason"),
    ],
)
def test_a_withdrawal_that_names_nothing_there_is_refused_in_words(register, tmp_path, about, said):
    _signed(register)
    before = _files(tmp_path)
    with pytest.raises(WrongUsage, match=said):
        _act(register, "withdrawn", **about)
    assert _files(tmp_path) == before


def test_a_decision_that_is_taken_away_from_the_middle_leaves_nothing_granted(register, tmp_path):
    _signed(register)
    _act(register, "suspended")
    _act(register, "resumed", at=LATER + SECOND)
    (tmp_path / "agreements" / "pact.v1.act-0001.json").unlink()
    assert "one is missing" in _answer(register, at=LATER + timedelta(hours=1)).reason


def test_an_end_that_was_written_before_there_were_other_decisions_still_ends(register, tmp_path):
    signed = _signed(register)
    plain = {"agreement": "pact", "version": 1, "sha256": signed.signature.sha256, "person": "M. Ashdown",
             "at": LATER.isoformat().replace("+00:00", "Z"), "why": "the pilot is over"}  # fmt: skip
    seal = hashlib.sha256(canonical_json(plain)).hexdigest()
    kept = canonical_json({"record": plain, "sha256": seal}) + b"\n"
    (tmp_path / "agreements" / "pact.v1.end.json").write_bytes(kept)
    assert "ended early, on 1 November 2026: the pilot is over" in _answer(register).reason
