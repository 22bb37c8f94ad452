"""Agreements as files: signed by hash, ended by a signed record, refused where either was touched."""

from datetime import timedelta

import pytest
import tomli_w

from sharing.county import AT, TICKED, request, schedule, terms_as_sent
from upstander.contracts.asking import Allowed, Refused
from upstander.contracts.releasing import Edition
from upstander.errors import WrongUsage
from upstander.sharing import BadAgreement, FileAgreements, decide

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


@pytest.mark.parametrize("name", ["pact.v1.signature.json", "pact.v1.end.json"])
@pytest.mark.parametrize("change", [lambda text: text.replace(b"M. Ashdown", b"N. Ashdown"), lambda _: b"{}"])
def test_an_altered_signature_or_end_grants_nothing(register, tmp_path, name, change):
    _signed(register)
    register.end("pact", person="M. Ashdown", at=LATER + timedelta(days=9), why="the pilot is over")
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
    register.end("pact", person="M. Ashdown", at=LATER, why="the pilot is over")
    register.end("pact", person="N. Other", at=LATER - timedelta(minutes=30), why="another reason")
    assert isinstance(_answer(register, at=LATER - timedelta(seconds=1)), Allowed)
    assert "ended early, on 1 November 2026: the pilot is over" in _answer(register).reason


def test_only_a_signed_agreement_can_be_ended(register):
    with pytest.raises(WrongUsage, match="No agreement pact is signed"):
        register.end("pact", person="M. Ashdown", at=LATER, why="x")


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
        lambda folder, register: register.end("pact", person="M.", at=LATER, why="over"),
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
