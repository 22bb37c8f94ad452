"""The gate: what it lets through, and the one reason it gives when it does not."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing.county import AT, FROM_ONE, SEVEN_FIVE, TICKED, agreement, ask, handling, request, schedule
from upstander.contracts.asking import Allowed, Purpose, Refused
from upstander.contracts.releasing import Edition
from upstander.sharing import Agreement, Signature, decide

MIDNIGHT_AT_THE_END = datetime(2027, 3, 31, 23, tzinfo=UTC)  # 1 April 2027 begins an hour earlier in British summer


def _only(answer):
    assert isinstance(answer, Allowed), answer
    (grant,) = answer.grants
    return grant


def _reason(answer):
    assert isinstance(answer, Refused), answer
    assert answer.next_step
    return answer.reason


def test_a_schedule_grants_what_was_asked_and_no_more():
    grant = _only(ask())
    assert (grant.supplier, grant.agreement, grant.schedule) == ("rms", "pact", "evidence")
    assert grant.fields == ("offence_code",)
    assert (grant.rule.suppress_up_to, grant.rule.round_to, grant.rule.open_data) == (7, 5, False)
    assert grant.rule.agreement == "pact"
    assert grant.until == MIDNIGHT_AT_THE_END


def test_the_answer_carries_the_request():
    assert ask().request == request()
    assert ask(purpose=Purpose.STEWARDSHIP).request.purpose is Purpose.STEWARDSHIP


def test_no_agreement_is_said_to_be_missing():
    assert "No agreement covers ed_assaults" in _reason(ask(dataset="ed_assaults"))
    assert "No agreement covers" in _reason(decide(request(), (), edition=Edition.SHAREABLE, ticked=TICKED))


def test_an_agreement_that_cannot_be_read_is_mentioned():
    broken = Agreement("pact", 1, None, None, fault="The agreement pact.v1.toml grants nothing.")
    assert "pact.v1.toml grants nothing" in _reason(ask(broken))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (agreement(is_signed=False), "pact is not signed"),
        (agreement(fault="The agreement pact.v1.toml was altered."), "was altered"),
    ],
)
def test_an_unsigned_or_altered_agreement_grants_nothing_and_says_so(made, said):
    assert said in _reason(ask(made))


@pytest.mark.parametrize(("seconds", "is_allowed"), [(-1, True), (0, False), (1, False)])
def test_a_schedule_ends_at_the_second(seconds, is_allowed):
    answer = ask(at=MIDNIGHT_AT_THE_END + timedelta(seconds=seconds))
    assert isinstance(answer, Allowed) == is_allowed
    if not is_allowed:
        assert "expired at the end of 31 March 2027" in _reason(answer)


@pytest.mark.parametrize(("seconds", "is_allowed"), [(-1, False), (0, True)])
def test_a_schedule_begins_at_the_second(seconds, is_allowed):
    begins = datetime(2026, 3, 31, 23, tzinfo=UTC)
    answer = ask(at=begins + timedelta(seconds=seconds))
    assert isinstance(answer, Allowed) == is_allowed
    if not is_allowed:
        assert "begins on 1 April 2026" in _reason(answer)  # London midnight is the evening before in UTC


def test_of_several_schedules_the_soonest_beginning_and_the_latest_end_are_named():
    first, second = (
        schedule(id="a", end=date(2026, 8, 1)),
        schedule(id="b", start=date(2026, 9, 1), end=date(2026, 10, 1)),
    )
    early = ask(agreement(second, first), at=datetime(2026, 3, 30, tzinfo=UTC))
    assert "schedule a of pact begins on" in _reason(early)
    assert "schedule b of pact expired at the end of 30 September 2026" in _reason(ask(agreement(second, first)))


def test_a_signature_grants_nothing_before_it_was_given():
    made = agreement(signed_at=AT + timedelta(seconds=1))
    assert "begins on" in _reason(ask(made))
    assert isinstance(ask(made, at=AT + timedelta(seconds=1)), Allowed)


@pytest.mark.parametrize(("seconds", "is_allowed"), [(-1, True), (0, False), (1, False)])
def test_an_early_end_acts_at_once(seconds, is_allowed):
    answer = ask(agreement(ended=AT), at=AT + timedelta(seconds=seconds))
    assert isinstance(answer, Allowed) == is_allowed
    if is_allowed:
        assert answer.until == AT
    else:
        assert "was ended early, on 1 November 2026: the pilot is over" in _reason(answer)


def test_an_end_after_the_schedules_own_end_changes_nothing():
    late = agreement(ended=MIDNIGHT_AT_THE_END + timedelta(days=9))
    assert _only(ask(late)).until == MIDNIGHT_AT_THE_END
    assert "expired" in _reason(ask(late, at=MIDNIGHT_AT_THE_END))


def test_a_purpose_without_a_tick_is_refused_whatever_the_agreement_says():
    answer = ask(purpose=Purpose.OPERATIONAL, edition=Edition.OPERATIONAL, ticked={Purpose.STRATEGIC})
    assert "no operational tick in the matrix" in _reason(answer)


def test_stewardship_needs_no_tick_but_a_schedule():
    assert "stewardship purpose" in _reason(ask(purpose=Purpose.STEWARDSHIP, ticked=()))
    steward = agreement(schedule(purposes=["stewardship"]))
    assert isinstance(ask(steward, purpose=Purpose.STEWARDSHIP, ticked=()), Allowed)


def test_a_purpose_that_the_schedule_lacks_is_named_with_those_it_has():
    made = agreement(schedule(purposes=["strategic", "monitoring"]))
    assert "they allow monitoring, strategic" in _reason(ask(made, purpose=Purpose.OPERATIONAL))


@pytest.mark.parametrize("purpose", [Purpose.STRATEGIC, Purpose.MONITORING, Purpose.STEWARDSHIP])
def test_an_operational_edition_serves_the_operational_purpose_only(purpose):
    everything = agreement(schedule(purposes=list(Purpose)))
    assert "serves the operational purpose" in _reason(ask(everything, purpose=purpose, edition=Edition.OPERATIONAL))


def test_the_edition_picks_the_rule():
    operational = _only(ask(purpose=Purpose.OPERATIONAL, edition=Edition.OPERATIONAL)).rule
    shareable = _only(ask(purpose=Purpose.OPERATIONAL, edition=Edition.SHAREABLE)).rule
    assert (operational.suppress_up_to, operational.round_to) == (0, 1)
    assert (shareable.suppress_up_to, shareable.round_to) == (7, 5)


def test_a_field_that_is_not_shared_is_named():
    answer = ask(fields=("offence_code", "sex", "role"))
    assert "schedule evidence of pact does not share role, sex" in _reason(answer)


def test_the_closest_schedule_is_the_one_that_is_named():
    near = schedule(id="near", fields=["offence_code", "event_from_local", "area_code"])
    made = agreement(schedule(id="far"), near)
    assert "schedule near of pact does not share sex" in _reason(ask(made, fields=("offence_code", "area_code", "sex")))


def test_two_schedules_never_add_up_their_fields():
    made = agreement(schedule(fields=["offence_code"]), schedule(id="other", fields=["area_code"]))
    assert "does not share" in _reason(ask(made, fields=("offence_code", "area_code")))


def test_an_agency_that_is_no_recipient_is_named():
    assert "hospital is not a recipient" in _reason(ask(agency="hospital"))


def test_a_named_person_is_a_recipient_wherever_they_work():
    made = agreement(schedule(recipients={"persons": ["A. Analyst"]}))
    assert isinstance(ask(made, agency="hospital"), Allowed)
    assert isinstance(ask(made, agency="hospital", person="B. Other"), Refused)


def test_open_data_may_be_for_everyone():
    rule = {"suppress_up_to": 0, "round_to": 1, "open_data": True}
    made = agreement(
        schedule(
            gateway="open_data", recipients={"everyone": True}, handling=handling(shareable=rule, operational=rule)
        )
    )
    assert _only(ask(made, agency="anybody")).rule.open_data
    assert _only(ask(made, agency="")).rule.open_data


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"why": " "}, "reason"),
        ({"person": ""}, "person"),
        ({"agency": " "}, "which agency"),
        ({"fields": ()}, "no fields"),
    ],
)
def test_a_request_that_leaves_something_out_is_refused(changed, said):
    assert said in _reason(ask(**changed))


def test_without_named_suppliers_every_shared_one_is_granted():
    made = agreement(schedule(), schedule(id="second", suppliers=["custody", "rms"]))
    answer = ask(made)
    assert [grant.supplier for grant in answer.grants] == ["custody", "rms"]


def test_a_supplier_whose_schedule_lacks_a_field_is_left_out_unless_it_is_named():
    made = agreement(schedule(), schedule(id="second", suppliers=["custody"], fields=["area_code"]))
    assert _only(ask(made)).supplier == "rms"
    assert "does not share offence_code" in _reason(ask(made, suppliers=("rms", "custody")))


def test_a_named_supplier_that_is_not_shared_refuses_the_whole_request():
    assert "No schedule shares police_incidents from police_uk" in _reason(ask(suppliers=("rms", "police_uk")))


def test_named_suppliers_are_granted_once_each_in_order():
    made = agreement(schedule(suppliers=["*"]))
    assert [grant.supplier for grant in ask(made, suppliers=("b", "a", "b")).grants] == ["a", "b"]


def test_any_supplier_is_granted_as_such_and_meets_a_stricter_named_one():
    made = agreement(
        schedule(suppliers=["*"]),
        schedule(id="strict", handling=handling(shareable={"suppress_up_to": 9, "round_to": 1})),
    )
    any_supplier, rms = ask(made).grants
    assert (any_supplier.supplier, any_supplier.rule.suppress_up_to) == ("*", 7)
    assert (rms.supplier, rms.schedule, rms.rule.suppress_up_to, rms.rule.round_to) == ("rms", "strict", 9, 5)


def test_the_strictest_rule_and_the_earliest_end_govern():
    lax = schedule(id="lax", handling=handling(shareable=FROM_ONE), end=date(2026, 12, 1))
    grant = _only(ask(agreement(lax, schedule(id="strict"))))
    assert (grant.schedule, grant.rule.suppress_up_to, grant.rule.round_to) == ("strict", 7, 5)
    assert grant.until == datetime(2026, 12, 1, tzinfo=UTC)
    assert grant.rule.name == "lax, shareable; strict, shareable"


def test_of_equally_strict_schedules_the_one_that_ends_first_is_named():
    made = agreement(schedule(id="a-late"), schedule(id="b-soon", end=date(2026, 12, 1)))
    assert _only(ask(made)).schedule == "b-soon"


def test_coarser_rounding_is_stricter_at_the_same_threshold():
    coarse = schedule(id="z-coarse", handling=handling(shareable={"suppress_up_to": 7, "round_to": 10}))
    assert _only(ask(agreement(schedule(id="a"), coarse))).schedule == "z-coarse"


def test_what_the_board_decided_is_allowed_though_the_matrix_does_not_tick_it():
    decision = {
        "purpose": "monitoring", "decided_by": "the board", "decided_on": date(2026, 3, 1), "minute": "minute 7",
    }  # fmt: skip
    made = agreement(schedule(beyond_matrix=decision))
    assert isinstance(ask(made, purpose=Purpose.MONITORING, ticked={Purpose.STRATEGIC}), Allowed)
    other = ask(made, purpose=Purpose.OPERATIONAL, ticked={Purpose.STRATEGIC})
    assert "has no operational tick" in _reason(other)


def test_stewardship_needs_no_tick_but_an_agreement():
    assert "No agreement covers ed_assaults" in _reason(
        ask(dataset="ed_assaults", purpose=Purpose.STEWARDSHIP, ticked=frozenset())
    )


def test_row_conditions_travel_with_the_grant():
    made = agreement(schedule(rows=[{"column": "offence_code", "codes": ["8N", "5D"]}]))
    assert _only(ask(made)).rows == (("offence_code", ("8N", "5D")),)


def test_open_data_is_marked_only_where_every_schedule_is_open():
    rule = {"suppress_up_to": 0, "round_to": 1, "open_data": True}
    openly = agreement(schedule(gateway="open_data", handling=handling(shareable=rule, operational=rule)), name="open")
    assert _only(ask(openly)).rule.open_data
    assert not _only(ask(openly, agreement())).rule.open_data


def test_a_sound_agreement_answers_though_another_one_is_broken():
    assert isinstance(ask(agreement(fault="altered", name="other"), agreement()), Allowed)


# ── What a refusal says ──────────────────────────────────────────────────────────────────────────────────────────────

NO_PURPOSE = "Ask for one of those purposes, or ask the data owner to amend the schedule."
NEW_VERSION = "Ask the parties; a new version would have to be signed."
SIX = [schedule(id=f"s{number}") for number in range(6)]


@pytest.mark.parametrize(
    ("asked", "reason", "next_step"),
    [
        (
            lambda: ask(person="", why=" "),
            "The request does not say its person and reason.",
            "Say who asks, and why.",
        ),
        (
            lambda: ask(fields=()),
            "The request names no fields.",
            "Name the fields that the work needs.",
        ),
        (
            lambda: ask(purpose=Purpose.OPERATIONAL, ticked={Purpose.STRATEGIC}),
            "police_incidents has no operational tick in the matrix, whatever an agreement says.",
            "Ask for a purpose that the matrix ticks, or take it to the partnership board.",
        ),
        (
            lambda: ask(edition=Edition.OPERATIONAL),
            "An operational edition serves the operational purpose; this request is strategic.",
            "Ask for the shareable edition, or name the operational purpose.",
        ),
        (
            lambda: ask(*(Agreement(name, 1, None, None, fault=f"{name} is broken.") for name in ("one", "two"))),
            "No agreement covers police_incidents. one is broken. two is broken.",
            "Ask the data owner for a schedule, and have it signed.",
        ),
        (
            lambda: ask(*(agreement(name=name, is_signed=False) for name in ("f", "b", "e", "a", "d", "c"))),
            " ".join(f"The agreement {name} is not signed." for name in "abcdef"),
            "Have the agreement signed as it stands; `upstander agreement list` shows it.",
        ),
        (
            lambda: ask(at=datetime(2026, 3, 30, tzinfo=UTC)),
            "The schedule evidence of pact begins on 1 April 2026.",
            "Ask again from that day.",
        ),
        (
            lambda: ask(agreement(ended=AT)),
            "The agreement pact was ended early, on 1 November 2026: the pilot is over",
            NEW_VERSION,
        ),
        (
            lambda: ask(agreement(decided=[("withdrawn", "evidence", AT)])),
            "The schedule evidence of pact was withdrawn, on 1 November 2026: the pilot is over",
            NEW_VERSION,
        ),
        (
            lambda: ask(at=MIDNIGHT_AT_THE_END),
            "The schedule evidence of pact expired at the end of 31 March 2027.",
            "Ask the parties to sign a new version with a later end.",
        ),
        (
            lambda: ask(agreement(decided=[("suspended", "", AT)])),
            "The schedule evidence of pact has been suspended since 1 November 2026: the pilot is over",
            "Ask again when it is resumed.",
        ),
        (
            lambda: ask(purpose=Purpose.STEWARDSHIP),
            (
                "No schedule lets police_incidents serve the stewardship purpose; "
                "they allow monitoring, operational, strategic."
            ),
            NO_PURPOSE,
        ),
        (
            lambda: ask(agency=" "),
            "The request does not say for which agency, and police_incidents is not for everyone.",
            "Say for which agency you ask.",
        ),
        (
            lambda: ask(agreement(*SIX), agency="hospital"),
            "hospital is not a recipient of police_incidents for the strategic purpose.",
            "Ask the data owner to name hospital in " + ", ".join(f"schedule s{n} of pact" for n in range(6)) + ".",
        ),
        (
            lambda: ask(suppliers=("rms", "police_uk")),
            "No schedule shares police_incidents from police_uk for the strategic purpose.",
            "Leave that supplier out, or ask its agency for a schedule.",
        ),
        (
            lambda: ask(fields=("sex", "role", "offence_code", "age_band", "area_code", "ethnic_group")),
            "The schedule evidence of pact does not share age_band, area_code, ethnic_group, role, sex.",
            "Leave those fields out, or ask the data owner to amend the schedule.",
        ),
    ],
)
def test_a_refusal_says_in_full_what_is_wrong_and_what_to_do_next(asked, reason, next_step):
    answer = asked()
    assert (_reason(answer), answer.next_step) == (reason, next_step)


@pytest.mark.parametrize("lacking", [Purpose.STRATEGIC, Purpose.MONITORING, Purpose.OPERATIONAL, Purpose.STEWARDSHIP])
def test_the_purposes_that_are_served_are_named_in_order_of_the_alphabet(lacking):
    others = [purpose for purpose in Purpose if purpose is not lacking]
    for some in (others, others[1:], others[::2], others[:2]):
        made = agreement(schedule(purposes=[purpose.value for purpose in some]))
        assert _reason(ask(made, purpose=lacking)).endswith(f"they allow {', '.join(sorted(some))}.")


def test_grants_come_in_order_of_the_suppliers_names_whether_they_were_named_or_not():
    names = [f"supplier-{letter}" for letter in "gcfadbe"]
    made = agreement(schedule(suppliers=names))
    for asked in ((), tuple(names)):
        assert [grant.supplier for grant in ask(made, suppliers=asked).grants] == sorted(names)


def test_the_earlier_of_two_ends_is_the_one_that_counts():
    later = AT + timedelta(days=1)
    made = agreement(decided=[("ended", "", later), ("withdrawn", "evidence", AT)])
    assert "was withdrawn, on 1 November 2026" in _reason(ask(made))
    assert _only(ask(made, at=AT - timedelta(seconds=1))).until == AT


def test_a_decision_that_acts_later_hides_none_that_acts_now():
    made = agreement(decided=[("suspended", "evidence", AT + timedelta(days=1)), ("suspended", "", AT)])
    assert "has been suspended since 1 November 2026" in _reason(ask(made))


def test_of_two_suspensions_the_first_that_was_decided_is_named():
    made = agreement(decided=[("suspended", "", AT - timedelta(days=1)), ("suspended", "evidence", AT)])
    assert "has been suspended since 31 October 2026" in _reason(ask(made))


def test_an_operational_edition_without_a_rule_is_a_defect_and_never_an_answer():
    signed = agreement()
    (part,) = signed.terms.schedules
    unchecked = part.model_copy(update={"handling": part.handling.model_copy(update={"operational": None})})
    made = replace(signed, terms=signed.terms.model_copy(update={"schedules": (unchecked,)}))
    with pytest.raises(ValueError, match=r"^the schedule evidence of pact has no rule for operational counts$"):
        ask(made, purpose=Purpose.OPERATIONAL, edition=Edition.OPERATIONAL)


def test_an_agreement_that_cannot_be_read_has_no_day_and_no_end():
    broken = Agreement("pact", 1, None, None, fault="It is no TOML.")
    with pytest.raises(ValueError, match=r"^the agreement pact cannot be read$"):
        broken.day(AT)


def test_a_feed_may_come_in_from_the_second_of_its_schedule_to_the_last_before_its_end_or_suspension():
    begins, paused = datetime(2026, 3, 31, 23, tzinfo=UTC), AT + timedelta(days=2)
    made = agreement(decided=[("suspended", "", paused), ("resumed", "", paused + timedelta(days=1))])
    (part,) = made.schedules
    second = timedelta(seconds=1)
    moments = [begins - second, begins, paused - second, paused, paused + timedelta(days=1), MIDNIGHT_AT_THE_END]
    assert [made.stands(part, moment) for moment in moments] == [False, True, True, False, True, False]


def test_before_it_is_signed_a_schedule_would_begin_on_its_first_day():
    drafted = agreement(is_signed=False)
    assert drafted.begins(drafted.schedules[0]) == datetime(2026, 3, 31, 23, tzinfo=UTC)


# An oracle that shares nothing with the code: which (supplier, field) may be read, one question at a time.
suppliers = st.lists(st.sampled_from(["rms", "custody"]), min_size=1, max_size=2, unique=True)
some_fields = st.lists(st.sampled_from(["offence_code", "area_code", "sex"]), min_size=1, max_size=3, unique=True)
schedules = st.builds(
    dict,
    suppliers=suppliers | st.just(["*"]),
    fields=some_fields,
    purposes=st.lists(st.sampled_from(["strategic", "monitoring", "operational"]), min_size=1, unique=True),
    recipients=st.sampled_from([{"agencies": ["vrn"]}, {"agencies": ["police"]}, {"persons": ["A. Analyst"]}]),
    start=st.sampled_from([date(2026, 4, 1), date(2026, 11, 1), date(2026, 11, 2)]),
    end=st.sampled_from([date(2026, 11, 2), date(2026, 11, 3), date(2027, 4, 1)]),
    handling=st.sampled_from([SEVEN_FIVE, FROM_ONE]).map(lambda rule: handling(shareable=rule)),
    dataset=st.sampled_from(["police_incidents", "missing_episodes"]),
).filter(lambda made: made["start"] < made["end"])
acts = st.lists(
    st.tuples(
        st.sampled_from(["suspended", "resumed", "withdrawn"]), st.sampled_from(["", "s0", "s1"]), st.integers(-1, 1)
    ),
    max_size=3,
)
agreements = st.builds(
    lambda made, is_signed, is_ended, decided: agreement(
        *(schedule(**one, id=f"s{n}") for n, one in enumerate(made)),
        is_signed=is_signed, ended=AT if is_ended else None,
        decided=[(kind, about, AT + timedelta(hours=hours)) for kind, about, hours in decided],
    ),
    st.lists(schedules, min_size=1, max_size=3),
    st.sampled_from([True, True, False]),
    st.sampled_from([False, False, True]),
    acts,
)  # fmt: skip


def _is_stopped(made, part, at):
    """Whether anybody's decision so far keeps a schedule from granting, by reading the decisions in order."""
    gone, paused = False, {"": False, part.id: False}
    for act in made.acts:
        if act.at <= at and act.schedule in paused:
            gone = gone or act.kind.value in ("ended", "withdrawn")
            paused[act.schedule] = {"suspended": True, "resumed": False}.get(act.kind.value, paused[act.schedule])
    return gone or any(paused.values())


def _readable(made, agency, person, purpose, dataset, at, supplier):
    """The field sets that lie open to this reader, by an independent reading of the agreement's words."""
    today = at.date()  # AT is in winter, when Fenmoor's midnight is UTC's
    for one in made:
        if one.signature is None:
            continue
        for part in one.terms.schedules:
            who = agency in part.recipients.agencies or person in part.recipients.persons
            what = part.dataset == dataset and purpose.value in [str(p) for p in part.purposes]
            where = "*" in part.suppliers or supplier in part.suppliers
            if who and what and where and part.start <= today < part.end and not _is_stopped(one, part, at):
                yield part


@given(
    made=st.lists(agreements, max_size=3), asked=st.lists(st.sampled_from(["rms", "custody", "other"]), max_size=2),
    fields=some_fields, agency=st.sampled_from(["vrn", "police", "hospital"]),
    person=st.sampled_from(["A. Analyst", "B. Other"]), day=st.integers(-1, 2),
    purpose=st.sampled_from([Purpose.STRATEGIC, Purpose.MONITORING, Purpose.OPERATIONAL]),
    ticked=st.sets(st.sampled_from([Purpose.STRATEGIC, Purpose.MONITORING, Purpose.OPERATIONAL])),
)  # fmt: skip
def test_nothing_is_granted_that_an_independent_reading_would_not_grant(
    made, asked, fields, agency, person, day, purpose, ticked
):
    made = [Agreement(f"a{n}", 1, one.terms, one.signature, one.acts) for n, one in enumerate(made)]
    at = AT + timedelta(days=day)
    question = request(
        suppliers=tuple(asked), fields=tuple(fields), agency=agency, person=person, purpose=purpose, at=at
    )
    answer = decide(question, made, edition=Edition.SHAREABLE, ticked=ticked)
    open_to = {
        name: [
            part for part in _readable(made, agency, person, purpose, "police_incidents", at, name)
            if set(fields) <= set(part.fields)
        ]
        for name in (asked or ["rms", "custody", "*"])
    }  # fmt: skip
    every = all(open_to.values()) if asked else any(open_to.values())
    assert isinstance(answer, Allowed) == (purpose in ticked and every)
    for grant in answer.grants if isinstance(answer, Allowed) else ():
        parts = open_to[grant.supplier]
        assert parts
        assert grant.rule.suppress_up_to == max(part.handling.shareable.suppress_up_to for part in parts)
        assert at < grant.until


@given(made=st.lists(agreements, max_size=3), random=st.randoms())
def test_the_order_of_agreements_does_not_matter(made, random):
    made = [Agreement(f"a{n}", 1, one.terms, one.signature, one.acts) for n, one in enumerate(made)]
    shuffled = random.sample(made, len(made))
    first, second = (decide(request(), order, edition=Edition.SHAREABLE, ticked=TICKED) for order in (made, shuffled))
    assert isinstance(first, Allowed) == isinstance(second, Allowed)
    if isinstance(first, Allowed):
        assert first == second


def test_a_signature_is_needed_even_where_no_fault_is_stated():
    signed = agreement()
    bare = Agreement(signed.name, signed.version, signed.terms, None)
    assert isinstance(signed.signature, Signature)
    assert isinstance(ask(bare), Refused)
