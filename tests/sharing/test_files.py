"""Agreements as files: signed by hash, ended by a signed record, refused where either was touched."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
import tomli_w

from sharing.county import AT, TICKED, agreement, request, schedule, terms_as_sent
from upstander.contracts.asking import Allowed, Refused
from upstander.contracts.releasing import Edition
from upstander.errors import WrongUsage
from upstander.sharing import (
    Act,
    ActKind,
    BadAgreement,
    Decision,
    FileAgreements,
    Stored,
    Terms,
    act_record,
    agreement_of,
    canonical_terms,
    decide,
    decided,
    governing,
    signature_record,
)
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
    (tmp_path / "agreements" / "pact.v1.end.json").write_bytes(_sealed(plain))
    assert "ended early, on 1 November 2026: the pilot is over" in _answer(register).reason


def test_decisions_are_read_in_the_order_in_which_they_were_made(register):
    _signed(register)
    for minute in range(14):
        _act(register, ["suspended", "resumed"][minute % 2], at=LATER + timedelta(minutes=minute))
    (made,) = register.all()
    assert (made.fault, [act.number for act in made.acts]) == ("", list(range(1, 15)))
    assert isinstance(_answer(register, at=LATER + timedelta(hours=1)), Allowed)


def test_a_decision_answers_with_the_agreement_as_it_then_stands(register):
    signed = _signed(register)
    assert _act(register, "resumed") == signed
    suspended = _act(register, "suspended")
    assert [act.kind for act in suspended.acts] == [ActKind.SUSPENDED]
    assert _act(register, "suspended", why="again") == suspended == register.all()[0]


def test_a_decision_about_one_agreement_leaves_every_other_as_it_was(register):
    for name in ("after", "pact", "zone"):
        _signed(register, name=name)
    _act(register, "ended")
    assert [one.name for one in register.all() if one.acts] == ["pact"]


def test_nothing_is_decided_about_an_agreement_that_was_altered(register, tmp_path):
    _signed(register)
    path = tmp_path / "agreements" / "pact.v1.toml"
    path.write_bytes(path.read_bytes() + b"\n")
    before = _files(tmp_path)
    with pytest.raises(WrongUsage, match="No agreement pact is signed"):
        _act(register, "suspended")
    assert _files(tmp_path) == before


@pytest.mark.parametrize(
    ("kind", "about", "facts"),
    [
        (
            "suspended", {"why": " "},
            {"message": "A decision about an agreement needs a reason.", "expected": "--why TEXT"},
        ),
        (
            "ended", {"schedule": "gone"},
            {"message": "pact has no schedule 'gone'.", "found": "gone", "expected": "evidence, hospital"},
        ),
        (
            "ended", {"agency": "press"},
            {"message": "press is no party of pact.", "found": "press", "expected": "police, hospital, vrn"},
        ),
        (
            "withdrawn", {},
            {
                "message": "Withdrawing is for one schedule or one party; the whole agreement is ended.",
                "expected": "--schedule ID, --party AGENCY, or `agreement end`",
            },
        ),
    ],
)  # fmt: skip
def test_a_decision_that_cannot_be_made_says_what_could(register, kind, about, facts):
    _signed(register, schedules=TWO)
    with pytest.raises(WrongUsage) as refused:
        _act(register, kind, **about)
    assert refused.value.facts() == facts


def test_an_agreement_that_is_not_there_is_looked_for_in_the_list(register):
    with pytest.raises(WrongUsage) as refused:
        _act(register, "ended")
    assert refused.value.facts() == {
        "message": "No agreement pact is signed.", "found": "pact", "expected": "a name that `agreement list` shows",
    }  # fmt: skip


@pytest.mark.parametrize("unfit", [agreement(is_signed=False), replace(agreement(), terms=None)])
def test_nothing_is_decided_about_what_is_unsigned_or_cannot_be_read(unfit):
    with pytest.raises(WrongUsage, match="No agreement pact is signed"):
        decided(Decision(ActKind.ENDED, "pact", "M. Ashdown", AT, "over"), unfit)


# ── What is wrong with a version, in words ───────────────────────────────────────────────────────────────────────────


def _kept(*acts, signature=None, content=None, name="pact", **changed):
    """A version with its signature and acts; what is not given is as it should be."""
    terms = Terms.model_validate(terms_as_sent(**changed))
    plain = canonical_terms(terms)
    signed = signature_record(terms, plain, person="M. Ashdown", at=AT) if signature is None else signature
    return Stored(name, 1, plain if content is None else content, signed or None, acts)


def _act_on(content, number=1, version=1, kind=ActKind.SUSPENDED):
    sha256 = hashlib.sha256(content).hexdigest()
    return act_record(Act("pact", version, sha256, number, kind, "M. Ashdown", LATER, "a breach"))


def _sealed(plain):
    return canonical_json({"record": plain, "sha256": hashlib.sha256(canonical_json(plain)).hexdigest()}) + b"\n"


SOUND = _kept()
OTHER = Terms.model_validate(terms_as_sent(name="other"))


@pytest.mark.parametrize(
    ("kept", "fault"),
    [
        (SOUND, ""),
        (_kept(_act_on(SOUND.content), _act_on(SOUND.content, 2, kind=ActKind.RESUMED)), ""),
        (_kept(signature=b""), "The agreement pact.v1.toml is not signed, so it grants nothing."),
        (
            _kept(content=SOUND.content.replace(b"2027", b"2037")),
            "The agreement pact.v1.toml was altered after it was signed, so it grants nothing.",
        ),
        (
            _kept(_act_on(b"another text")),
            "The agreement pact.v1.toml was altered after it was signed, so it grants nothing.",
        ),
        (
            _kept(signature=signature_record(OTHER, SOUND.content, person="M. Ashdown", at=AT)),
            "The agreement pact.v1.toml bears the signature of another one, so it grants nothing.",
        ),
        (
            _kept(_act_on(SOUND.content, version=2)),
            "The agreement pact.v1.toml bears the signature of another one, so it grants nothing.",
        ),
        (
            _kept(name="copy"),
            "The agreement copy.v1.toml calls itself pact, version 1, so it grants nothing.",
        ),
        (
            _kept(_act_on(SOUND.content, 2)),
            "Of the decisions about the agreement pact.v1.toml one is missing, so it grants nothing.",
        ),
        (
            _kept(signature=SOUND.signature.replace(b"Ashdown", b"Ashford")),
            "The agreement pact.v1.toml grants nothing: a record of pact.v1.toml was altered.",
        ),
        (
            _kept(_act_on(SOUND.content)[:-1]),
            "The agreement pact.v1.toml grants nothing: a record of pact.v1.toml was altered.",
        ),
        (_kept(_sealed(1)), "The agreement pact.v1.toml grants nothing: a record of pact.v1.toml cannot be read."),
        *(
            (
                _kept(signature=record),
                "The agreement pact.v1.toml grants nothing: a record of pact.v1.toml cannot be read.",
            )
            for record in (b"x", b"[]", b'["record","sha256"]', b'{"record":1}', _sealed({"agreement": "pact"}))
        ),
    ],
)
def test_what_is_wrong_with_a_version_is_said_in_full(kept, fault):
    assert agreement_of(kept).fault == fault


def test_whether_a_version_is_signed_is_told_of_each_one():
    with pytest.raises(ValueError, match="shorter"):
        governing([agreement()], [], AT)


def test_signing_over_a_signature_that_was_altered_is_refused_and_says_which_version_is_free(register, tmp_path):
    _signed(register)
    path = tmp_path / "agreements" / "pact.v1.signature.json"
    path.write_bytes(path.read_bytes().replace(b"Ashdown", b"Ashford"))
    with pytest.raises(BadAgreement) as refused:
        _signed(register)
    assert refused.value.facts() == {
        "message": "Version 1 of pact is signed with other terms. Nothing was changed.",
        "where": "pact.v1.toml", "expected": "version 2",
    }  # fmt: skip


# ── A copy of the register ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def copy(tmp_path):
    return FileAgreements(tmp_path / "copy")


def test_a_copy_takes_in_what_it_has_not_and_counts_it(register, copy, tmp_path):
    _signed(register)
    _signed(register, name="other")
    _act(register, "suspended")
    assert (copy.follow(register.stored()), copy.follow(register.stored())) == (3, 0)
    _act(register, "resumed", at=LATER + SECOND)
    _act(register, "ended", at=LATER + 2 * SECOND)
    assert copy.follow(register.stored()) == 2
    assert copy.stored() == register.stored()
    assert _files(tmp_path / "copy") == _files(tmp_path)


def test_a_copy_that_has_a_draft_takes_in_its_signature(register, copy, tmp_path):
    _signed(register)
    (tmp_path / "copy" / "agreements").mkdir(parents=True)
    (tmp_path / "copy" / "agreements" / "pact.v1.toml").write_bytes(_content())
    assert (copy.follow(register.stored()), copy.follow(register.stored())) == (1, 0)
    assert isinstance(_answer(copy), Allowed)


def test_a_draft_is_nothing_that_a_copy_takes_in(register, copy, tmp_path):
    _signed(register)
    (tmp_path / "agreements" / "pact.v2.toml").write_bytes(_content(version=2))
    assert copy.follow(register.stored()) == 1
    assert sorted(_files(tmp_path / "copy")) == ["pact.v1.signature.json", "pact.v1.toml"]
    assert isinstance(_answer(copy), Allowed)


def test_a_home_keeps_its_agreements_in_one_folder_and_their_lock_with_the_other_locks(register, tmp_path):
    _signed(register)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")} == {
        "agreements", "agreements/pact.v1.toml", "agreements/pact.v1.signature.json", "locks", "locks/agreements",
    }  # fmt: skip


def test_versions_and_stray_files_are_listed_by_name(register, tmp_path):
    for name in ("pact", "zone"):
        _signed(register, name=name)
    for name in ("Z", "Copy (2)", "Pact", "Copy", "x y", "B"):
        (tmp_path / "agreements" / f"{name}.toml").write_bytes(_content())
    strays = ["B.toml", "Copy (2).toml", "Copy.toml", "Pact.toml", "Z.toml", "x y.toml"]
    every = [(one.name, one.version) for one in register.all()]
    assert every == sorted([("pact", 1), ("zone", 1), *((name, 0) for name in strays)])
    assert [one.name for one in register.agreements(LATER)] == ["pact", "zone", *strays]


def test_an_agreement_is_called_by_its_title_and_by_its_name_where_it_cannot_be_read():
    readable = Stored("fenmoor", 1, _content(title="How the county shares"), None)
    assert agreement_of(readable).title == "How the county shares"
    assert agreement_of(Stored("fenmoor", 1, b"not TOML", None)).title == "fenmoor"
