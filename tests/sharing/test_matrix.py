"""Who may see what: every cell of the matrix is what the gate answers to whoever asks."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sharing.county import AT, TICKED, agreement, schedule
from upstander.contracts.asking import Allowed, Purpose, Request
from upstander.contracts.releasing import Edition
from upstander.sharing import Agreement, Cell, decide, matrix, readers

TICKS = {"police_incidents": TICKED, "ed_assaults": frozenset({Purpose.STRATEGIC}), "neet": frozenset()}
FIELDS = ("event_from_local", "offence_code", "weapon_class", "area_code")


def edition_of(purpose: Purpose) -> Edition:
    return Edition.OPERATIONAL if purpose is Purpose.OPERATIONAL else Edition.SHAREABLE


@st.composite
def schedules(draw, number: int) -> dict:
    start = AT.date() + timedelta(days=draw(st.integers(-300, 30)))
    persons = draw(st.sampled_from([[], ["B. Named"]]))
    agencies = draw(st.lists(st.sampled_from(["vrn", "police", "hospital"]), min_size=not persons, unique=True))
    return schedule(
        id=f"s{number}", dataset=draw(st.sampled_from(["police_incidents", "ed_assaults"])),
        suppliers=draw(st.sampled_from([["rms"], ["cad"], ["rms", "cad"], ["*"]])),
        fields=draw(st.lists(st.sampled_from(FIELDS), min_size=1, unique=True)),
        recipients={"agencies": agencies, "persons": persons},
        purposes=draw(st.lists(st.sampled_from(list(map(str, Purpose))), min_size=1, unique=True)),
        start=start, end=start + timedelta(days=draw(st.integers(1, 400))),
    )  # fmt: skip


@st.composite
def agreements(draw) -> Agreement:
    many = [draw(schedules(number)) for number in range(draw(st.integers(1, 3)))]
    acts = draw(st.lists(st.tuples(
        st.sampled_from(["ended", "suspended", "resumed", "withdrawn"]), st.sampled_from([one["id"] for one in many]),
        st.integers(-20, 20).map(lambda days: AT + timedelta(days=days)),
    ), max_size=3))  # fmt: skip
    return agreement(
        *many, name=draw(st.sampled_from(["pact", "other"])), decided=acts, is_signed=draw(st.integers(0, 9)) > 0,
        fault=draw(st.sampled_from(["", "", "", "The agreement was altered."])),
    )  # fmt: skip


def asked(cell: Cell, every: list[Agreement], fields: tuple[str, ...]) -> object:
    request = Request(
        cell.reader.person or "Somebody", cell.reader.agency, cell.purpose, cell.dataset, (), fields, "a test", AT
    )
    return decide(request, every, edition=edition_of(cell.purpose), ticked=TICKS[cell.dataset])


@settings(max_examples=60, deadline=None)
@given(st.lists(agreements(), max_size=3))
def test_every_cell_is_what_the_gate_answers_for_each_field_by_itself(every: list[Agreement]):
    for cell in matrix(every, TICKS, AT, edition_of):
        answers = {field: asked(cell, every, (field,)) for field in FIELDS}
        granted = {field for field, answer in answers.items() if isinstance(answer, Allowed)}
        assert set(cell.fields) == granted
        assert cell.is_open == bool(granted)
        if not cell.is_open:
            assert (cell.reason, cell.next_step) in {(one.reason, one.next_step) for one in answers.values()}


def test_a_cell_says_until_when_and_under_which_agreement_or_why_not():
    every = [agreement(schedule(purposes=["strategic"]))]
    cells = {
        (one.purpose, one.reader.agency): one for one in matrix(every, {"police_incidents": TICKED}, AT, edition_of)
    }
    is_open = cells[Purpose.STRATEGIC, "vrn"]
    assert (is_open.until, is_open.agreements) == (every[0].until(every[0].schedules[0]), ("pact",))
    assert "not a recipient" in cells[Purpose.STRATEGIC, "hospital"].reason
    assert "they allow strategic" in cells[Purpose.MONITORING, "vrn"].reason


def test_persons_named_by_a_schedule_have_rows_of_their_own():
    every = [agreement(schedule(recipients={"persons": ["B. Named"]}))]
    assert [(one.agency, one.person) for one in readers(every)][-1] == ("", "B. Named")
    found = {one.reader.name for one in matrix(every, {"police_incidents": TICKED}, AT, edition_of) if one.is_open}
    assert found == {"B. Named"}
    assert readers([]) == ()


def test_a_cell_under_several_agreements_is_open_until_the_last_of_them_ends_and_gives_no_reason():
    soon, late = AT.date() + timedelta(days=5), AT.date() + timedelta(days=50)
    start = AT.date() - timedelta(days=9)
    several = [
        agreement(schedule(purposes=["strategic"], start=start, end=end, fields=[field]), name=name)
        for name, end, field in (
            ("pact", late, "offence_code"), ("accord", soon, "area_code"), ("treaty", soon, "event_from_local"),
            ("memo", soon, "role"), ("bond", soon, "sex"),
        )
    ]  # fmt: skip
    every = [*several, agreement(schedule(purposes=["monitoring"], start=start, end=late, fields=["weapon_class"]))]
    cells = matrix(every, {"police_incidents": TICKED, "neet": frozenset()}, AT, edition_of)
    (found,) = [
        one for one in cells
        if (one.dataset, one.purpose, one.reader.agency) == ("police_incidents", Purpose.STRATEGIC, "vrn")
    ]  # fmt: skip
    assert (found.until, found.agreements) == (
        several[0].until(several[0].schedules[0]),
        ("accord", "bond", "memo", "pact", "treaty"),
    )
    assert (found.reason, found.next_step) == ("", "")
    shut = [one for one in cells if one.dataset == "neet"]
    assert {(one.until, one.agreements, one.fields) for one in shut} == {(None, (), ())}


def test_readers_stand_in_the_order_of_their_names_parties_first():
    named = schedule(recipients={"agencies": ["vrn"], "persons": ["C. Named", "A. Named", "B. Named"]})
    found = readers([agreement(named)])
    agencies = [one.agency for one in found if one.agency]
    assert agencies == sorted(agencies)
    assert len(agencies) > 1
    assert [one.person for one in found] == [*[""] * len(agencies), "A. Named", "B. Named", "C. Named"]
