"""The API: the same gate, the same figures, and nothing that a published release does not hold."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import time_machine
from django.db import connections
from django.urls import get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from upstander.errors import WrongUsage
from upstander.pipeline.release import shelf
from upstander.sharing import ActKind, Decision
from upstander.web.accounts import actions as people
from upstander.web.accounts.models import Conflict
from upstander.web.accounts.roles import Role
from upstander.web.api import actions
from upstander.web.api.limits import Allowed
from upstander.web.api.models import Allowance, For, Token, digest_of
from upstander.web.routes import walk
from web.released_town import town_site
from web.sites import Member, Site

NOW = datetime.now(UTC)
RELEASE = "/api/v1/releases/2026-Q1/1"
DISTRICT, WARD = "ltla24:F07000001", "ward24:F05000001"
NUMBERS = ("value", "low", "high", "status")


@pytest.fixture(scope="module")
def one_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield town_site(tmp_path_factory, tmp_path_factory.mktemp("api"))
    connections.close_all()


@pytest.fixture
def town(one_town: Site) -> Site:
    """The town that tests share; a process serves one home at a time, so it is opened again."""
    one_town.open()
    return one_town


@pytest.fixture
def own_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A town that a test may change."""
    yield town_site(tmp_path_factory, tmp_path_factory.mktemp("own"))
    connections.close_all()


def token_of(site: Site, *, purpose: For = For.MONITORING, role: Role = Role.PROFESSIONAL, agency: str = "vrn") -> str:
    """The secret of a new token."""
    person, boss = site.member(role, agency=agency).person, site.member(Role.ADMINISTRATOR).person
    made = actions.grant("the council's dashboard", person, purpose, NOW + timedelta(days=90), boss, NOW)
    secret = actions.fetch(made.pk, person, NOW)
    assert secret is not None
    return secret


def ask(site: Site, address: str, secret: str = "", **headers: str) -> Any:
    sent = {"Authorization": f"Bearer {secret}"} if secret else {}
    return site.browser().get(address, secure=True, headers={**sent, **headers})


def cells_on_disk(site: Site) -> dict[str, tuple[Any, ...]]:
    """Every figure of the release as it lies on disk: value, low, high, status."""
    (edition,) = shelf.editions(site.opened.home, "2026-Q1")
    frame = shelf.cells_of(edition, shelf.FIGURES_TABLE)
    return {row[0]: row[1:] for row in frame.select("figure", *NUMBERS).rows()}


def pages_of(site: Site, secret: str, asked: str) -> list[dict[str, Any]]:
    """The cells of every page, first to last."""
    told, cursor = [], ""
    while cursor is not None:
        page = ask(site, f"{RELEASE}/cells?{asked}{f'&cursor={cursor}' if cursor else ''}", secret).json()
        told += page["cells"]
        cursor = page["next_cursor"]
    return told


# ── What is answered ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_pages_of_cells_together_are_the_release_once_and_as_it_was_released(town: Site) -> None:
    held = cells_on_disk(town)
    told = pages_of(town, token_of(town), "limit=300")
    assert len(told) == len(
        {tuple(one[name] for name in ("measure", "period", "area", "age", "sex", "unit")) for one in told}
    )
    assert {tuple(one["figure"].rpartition("/")[2].split(";")) for one in told} == {
        tuple(figure.rpartition("/")[2].split(";")) for figure in held
    }
    assert [one for one in told if held[one["figure"]] != tuple(one[name] for name in NUMBERS)] == []
    hidden = [one for one in told if one["status"] == "suppressed"]
    assert len(hidden) > 50
    assert {(one["value"], one["low"], one["high"]) for one in hidden} == {(None, None, None)}


FILTERS = {
    "measure": ("police_violence", "ho_2_knife_enabled", "nothing"), "period": ("2026-Q1", "FY2025", "2025-Q3", "x"),
    "area": (WARD, DISTRICT, "all areas", "ward24:F05000009"), "layer": ("ward24", "ltla24", "lsoa21"),
    "age": ("all ages", "under 25", "12"), "sex": ("all", "female", "she"),
    "unit": ("count", "per 100,000 people a year", "per head"),
}  # fmt: skip
ASKED = st.fixed_dictionaries(
    {}, optional={name: st.lists(st.sampled_from(values), min_size=1, max_size=2) for name, values in FILTERS.items()}
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(asked=ASKED)
def test_whatever_is_asked_every_number_is_a_released_cell_or_there_is_an_answer_in_words(
    town: Site, asked: dict[str, list[str]]
) -> None:
    held = cells_on_disk(town)
    with time_machine.travel(NOW, tick=False):
        answer = ask(town, f"{RELEASE}/cells?limit=1000&{urlencode(asked, doseq=True)}", _secret(town))
    assert answer.status_code in {200, 422}
    if answer.status_code == 422:
        assert answer.json().keys() >= {"detail", "found", "expected"}
        return
    for one in answer.json()["cells"]:
        assert held[one["figure"]] == tuple(one[name] for name in NUMBERS)
        assert all(one[name] in values for name, values in asked.items() if name in one)


_known: dict[int, str] = {}


def _secret(site: Site) -> str:
    """One token for all examples; the count of its requests is put back, for no example stands for a minute."""
    Allowance.objects.all().delete()
    return _known.setdefault(id(site), token_of(site))


def test_a_figure_says_how_it_was_made_and_reference_data_whose_it_is(town: Site) -> None:
    secret = token_of(town)
    cell = ask(town, f"{RELEASE}/cells?limit=1&area={WARD}", secret).json()["cells"][0]
    one = ask(town, f"{RELEASE}/figure?id={quote(cell['figure'])}", secret).json()
    assert {name: one[name] for name in NUMBERS} == {name: cell[name] for name in NUMBERS}
    assert "Rule: evidence, shareable (pact)." in one["how_made"]
    assert {held["supplier"] for held in one["readings"]} == {"town"}
    held = ask(town, f"{RELEASE}/attribution", secret).json()["reference_data"]
    assert {(one["name"], one["words"]) for one in held if one["words"]} == {
        ("boundaries/lsoa21", "Invented."), ("boundaries/ward24", "Invented."),
    }  # fmt: skip


def test_the_document_names_every_address_of_the_api(town: Site) -> None:
    paths = ask(town, "/api/v1/openapi.json", token_of(town)).json()["paths"]
    said = {
        f"api/v1{path}".replace("{quarter}", "<str:quarter>").replace("{edition}", "<int:edition>") for path in paths
    }
    assert said == {address for address, _ in walk(get_resolver().url_patterns) if address.startswith("api/")}


# ── Who is answered ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", [RELEASE, "/api/v1/releases", "/api/v1/nowhere", f"{RELEASE}/cells?area={WARD}"])
def test_a_stranger_cannot_tell_what_there_is(town: Site, address: str) -> None:
    told = {(one.status_code, one.content) for one in (ask(town, address), ask(town, address, "upstander_guessed"))}
    told |= {(one.status_code, one.content) for one in (ask(town, "/api/v1/elsewhere"), ask(town, "/api/"))}
    assert [status for status, _ in told] == [401]


def test_forbidden_and_absent_are_the_same_bytes_and_headers(town: Site) -> None:
    inside = town.inside(town.member(Role.PANEL))  # whom nothing published is for
    answers = [inside.get(one, secure=True) for one in (RELEASE, f"{RELEASE}/cells", "/api/v1/nowhere", "/api/")]
    outside = town.inside(town.member(Role.PROFESSIONAL, agency="elsewhere"))  # whom no agreement gives anything
    answers += [outside.get(one, secure=True) for one in (RELEASE, "/api/v1/releases")]
    reader = town.inside(town.member(Role.PROFESSIONAL))
    answers += [reader.get(one, secure=True) for one in ("/api/v1/nowhere", "/api/v1/releases/2026-Q2/1/cells",
                                                         "/api/v1/releases/2026-Q1/2")]  # fmt: skip
    told = {(one.status_code, one.content, tuple(sorted(one.headers.items()))) for one in answers}
    assert [(status, headers["Content-Type"]) for status, _, headers in ((a, b, dict(c)) for a, b, c in told)] == [
        (404, "application/problem+json")
    ]


def test_an_agreement_that_ends_closes_a_token_at_once_and_so_does_whatever_else_ends(own_town: Site) -> None:
    secrets = [token_of(own_town) for _ in range(4)]
    found = [Token.objects.get(sha256=digest_of(one)) for one in secrets]
    boss = own_town.member(Role.ADMINISTRATOR).person
    assert [ask(own_town, RELEASE, one).status_code for one in secrets] == [200] * 4
    actions.revoke(found[0], boss, NOW)
    people.close(found[1].person, boss, NOW)
    people.change(found[2].person, [Role.PANEL], people.Vetted("nppv2", NOW + timedelta(days=9)), boss, NOW)
    assert [ask(own_town, RELEASE, one).status_code for one in secrets] == [401, 401, 401, 200]
    with time_machine.travel(NOW + timedelta(days=91)):
        assert ask(own_town, RELEASE, secrets[3]).status_code == 401
    own_town.opened.register.act(Decision(ActKind.SUSPENDED, "pact", "M. Ashdown", datetime.now(UTC), "the test"))
    assert ask(own_town, RELEASE, secrets[3]).status_code == 404


def test_a_token_is_for_its_own_purpose_and_for_the_api_alone(town: Site) -> None:
    monitoring, strategic = token_of(town), token_of(town, purpose=For.STRATEGIC)  # the pact gives no strategic purpose
    assert (ask(town, RELEASE, monitoring).status_code, ask(town, RELEASE, strategic).status_code) == (200, 404)
    assert ask(town, "/account/", monitoring)["Location"].startswith("/sign-in/")
    inside = town.inside(town.member(Role.PROFESSIONAL))
    assert inside.get(RELEASE, secure=True).status_code == 200
    for said in ("Bearer upstander_wrong", "Basic cDE6cA==", monitoring):
        assert inside.get(RELEASE, secure=True, headers={"Authorization": said}).status_code == 401, said


def test_what_somebody_must_not_see_is_kept_from_their_programs_too(town: Site) -> None:
    secret = token_of(town)
    before = ask(town, f"{RELEASE}/cells?area={WARD}", secret)
    person = Token.objects.get(sha256=digest_of(secret)).person
    people.declare_conflict(person, Conflict.Kind.AREA, DISTRICT, NOW)
    after = ask(town, f"{RELEASE}/cells?area={WARD}", secret, **{"If-None-Match": before["ETag"]})
    assert (before.status_code, after.status_code) == (200, 422)
    assert WARD not in {one["key"] for one in ask(town, f"{RELEASE}/areas", secret).json()["areas"]}


def test_every_answer_is_a_line_of_the_audit_log_and_what_did_not_fit_is_not_quoted_there(own_town: Site) -> None:
    secret = token_of(own_town)
    number = Token.objects.get(sha256=digest_of(secret)).pk
    for asked in (f"area={WARD}&sex=all", "area=Mary+Smith", "Mary=Smith"):
        ask(own_town, f"{RELEASE}/cells?{asked}", secret)
    lines = [one.event for one in own_town.opened.audit.entries()][-3:]
    assert [(one.agency, one.purpose, one.agreement) for one in lines] == [("vrn", "monitoring", "pact")] * 3
    assert {one.action for one in lines} == {"api cells 2026-Q1/0001"}
    assert [(one.answer, one.why) for one in lines] == [
        ("shown", f"token {number}; area={WARD}; sex=all"), ("refused: 422", f"token {number}; area"),
        ("refused: 400", f"token {number}; no filters"),
    ]  # fmt: skip
    assert Token.objects.get(pk=number).used_at is not None


# ── How it is asked ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_answered_before_is_not_sent_again_until_it_changes(town: Site) -> None:
    secret = token_of(town)
    first = ask(town, f"{RELEASE}/cells?area={WARD}&sex=all", secret)
    again = ask(town, f"{RELEASE}/cells?sex=all&area={WARD}", secret, **{"If-None-Match": f'"x", W/{first["ETag"]}'})
    other = ask(town, f"{RELEASE}/cells?sex=all", secret, **{"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content, other.status_code) == (200, 304, b"", 200)
    assert again["ETag"] == first["ETag"] != other["ETag"]
    assert first["Cache-Control"] == "private, no-store"
    assert ask(town, f"{RELEASE}/cells?area=Mary", secret, **{"If-None-Match": "*"}).status_code == 422


def test_a_head_is_a_get_without_its_body_and_other_methods_are_told_so(town: Site) -> None:
    headers = {"Authorization": f"Bearer {token_of(town)}"}
    head, got = (town.browser().generic(one, RELEASE, secure=True, headers=headers) for one in ("HEAD", "GET"))
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", got["ETag"])
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        told = town.browser().generic(method, RELEASE, secure=True, headers=headers)
        assert (told.status_code, told["Allow"], told.json()["status"]) == (405, "GET, HEAD", 405)


@pytest.mark.parametrize(
    ("accept", "status"),
    [("application/json", 200), ("*/*", 200), ("text/html, application/*;q=0.1", 200), ("text/html", 406),
     ("application/json;q=0, text/csv", 406), ("", 406)],
)  # fmt: skip
def test_an_answer_is_json_or_it_is_said_that_it_is(town: Site, accept: str, status: int) -> None:
    assert ask(town, RELEASE, token_of(town), Accept=accept).status_code == status


@pytest.mark.parametrize(
    ("asked", "where", "found"),
    [("cells?round=1&exact=yes", "the address", "exact, round"), ("cells?limit=0", "limit", "0"),
     ("cells?limit=5&limit=6", "limit", "2 values"), ("cells?area=", "area", ""), ("figure", "id", "nothing"),
     ("measures?area=x", "the address", "area"), ("cells?limit=%D9%A5", "limit", "٥")],
)  # fmt: skip
def test_what_does_not_fit_is_named(town: Site, asked: str, where: str, found: str) -> None:
    answer = ask(town, f"{RELEASE}/{asked}", token_of(town))
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert (answer.json()["where"], answer.json().get("found", "")) == (where, found)


@pytest.mark.parametrize("cursor", ["x", "%00", "YQ", "____", "a" * 1000])
def test_a_cursor_that_was_made_up_is_told_so(town: Site, cursor: str) -> None:
    assert ask(town, f"{RELEASE}/cells?cursor={cursor}", token_of(town)).status_code == 422


def test_whoever_asks_too_often_waits_and_is_written_down_once(town: Site) -> None:
    secret, other = token_of(town), token_of(town)
    with time_machine.travel(NOW.replace(second=10), tick=False) as clock:
        told = [ask(town, "/api/v1/nowhere", secret).status_code for _ in range(Allowed.CALLER.value + 3)]
        assert told == [404] * Allowed.CALLER.value + [429] * 3
        last = ask(town, RELEASE, secret)
        assert (last.status_code, last["Retry-After"], last.json()["status"]) == (429, "50", 429)
        assert ask(town, RELEASE, other).status_code == 200
        clock.shift(50)
        assert ask(town, RELEASE, secret).status_code == 200
    assert [action for _, action, _ in town.actions()].count("ask too often") == 1


def test_an_address_from_which_too_much_is_asked_waits_too(own_town: Site) -> None:
    with time_machine.travel(NOW.replace(second=10), tick=False):
        told = [ask(own_town, "/api/v1/releases").status_code for _ in range(Allowed.ADDRESS.value + 2)]
    assert told == [401] * Allowed.ADDRESS.value + [429] * 2


# ── Tokens ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_token_is_shown_once_to_who_answers_for_it_and_kept_as_a_hash(town: Site) -> None:
    boss, member, other = (town.member(role) for role in (Role.ADMINISTRATOR, Role.ANALYST, Role.ANALYST))
    said = {"called": "the dashboard", "person": member.person.pk, "purpose": "monitoring",
            "until": f"{NOW + timedelta(days=30):%Y-%m-%d}"}  # fmt: skip
    made = town.inside(boss).post("/people/tokens/grant/", said, secure=True)
    assert (made.status_code, made["Location"]) == (302, "/people/tokens/")
    number = Token.objects.get(person=member.person).pk
    assert "waits for you to fetch it" in town.inside(member).get("/", secure=True).content.decode()
    assert town.inside(other).post(f"/account/tokens/{number}/fetch/", secure=True).status_code == 404
    page = town.inside(member).post(f"/account/tokens/{number}/fetch/", secure=True).content.decode()
    secret = page.partition(actions.PREFIX)[1] + page.partition(actions.PREFIX)[2].partition("<")[0]
    assert ask(town, RELEASE, secret).status_code == 200
    assert Token.objects.get(pk=number).sha256 == digest_of(secret)
    assert town.inside(member).post(f"/account/tokens/{number}/fetch/", secure=True).status_code == 404
    shown = [town.inside(one).get(at, secure=True).content.decode()
             for one, at in ((boss, "/people/tokens/"), (member, "/account/tokens/"))]  # fmt: skip
    assert [secret in one for one in shown] == [False, False]


@pytest.mark.parametrize(
    ("role", "days", "where"), [(Role.ADMINISTRATOR, 30, "person"), (Role.PANEL, 30, "person"),
                                (Role.ANALYST, 400, "until"), (Role.ANALYST, -1, "until")]
)  # fmt: skip
def test_no_token_outlives_a_year_or_is_for_somebody_who_may_not_read(
    town: Site, role: Role, days: int, where: str
) -> None:
    boss, person = town.member(Role.ADMINISTRATOR).person, town.member(role).person
    with pytest.raises(WrongUsage) as told:
        actions.grant("x", person, For.MONITORING, NOW + timedelta(days=days), boss, NOW)
    assert told.value.where == where


def test_who_answers_for_a_token_may_revoke_it_and_nobody_elses(town: Site) -> None:
    secrets = [token_of(town), token_of(town)]
    found = [Token.objects.get(sha256=digest_of(one)) for one in secrets]
    inside = town.inside(Member(found[0].person))
    for one in found:
        inside.post(f"/account/tokens/{one.pk}/revoke/", secure=True)
    assert [ask(town, RELEASE, one).status_code for one in secrets] == [401, 200]
