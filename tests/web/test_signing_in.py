"""Signing in takes two factors, always; nothing but an invitation gets round it, and that once."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from upstander.web.accounts import actions, factors
from upstander.web.accounts.models import Device, Invitation, Person, Vetting
from upstander.web.accounts.roles import GIVEN, Role
from web.sites import FAR, PASSWORD, Member, Site, code_now, secret_on

MONDAY = datetime(2027, 3, 1, 9, tzinfo=UTC)
VETTED = actions.Vetted(Vetting.NPPV2, FAR)


def leads(answer: object) -> str:
    """Where an answer leads; its status where it leads nowhere."""
    return str(answer.headers.get("Location", answer.status_code))  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", GIVEN)
def test_every_role_signs_in_with_a_password_and_a_code(site: Site, role: Role) -> None:
    member, browser = site.member(role), site.browser()
    assert leads(site.sign_in(browser, member)) == "/"
    assert browser.get("/", secure=True).status_code == 200
    assert site.actions() == [(member.handle, "sign in", "done")]


def test_signing_in_works_on_either_database(either_site: Site) -> None:
    member, browser = either_site.member(Role.ANALYST), either_site.browser()
    assert leads(either_site.sign_in(browser, member, back="/account/")) == "/account/"
    assert browser.get("/account/", secure=True).status_code == 200


def test_a_password_alone_opens_nothing(site: Site) -> None:
    member, browser = site.member(Role.ADMINISTRATOR), site.browser()
    browser.post("/sign-in/", {"handle": member.handle, "password": PASSWORD}, secure=True)
    assert [leads(browser.get(page, secure=True)) for page in ("/", "/account/", "/people/", "/set-up/")] == [
        f"/sign-in/?next={page.replace('/', '%2F')}" for page in ("/", "/account/", "/people/", "/set-up/")
    ]


def test_a_wrong_name_and_a_wrong_password_are_told_alike(site: Site) -> None:
    member = site.member(Role.ANALYST)
    pages = [
        site.browser(enforce_csrf_checks=False).post("/sign-in/", {"handle": name, "password": "no"}, secure=True)
        for name in (member.handle, "x9")
    ]
    bodies = {
        page.content.replace(f'value="{name}"'.encode(), b"").split(b"csrfmiddlewaretoken")[0]
        + page.content.split(b"csrfmiddlewaretoken")[1].replace(f'value="{name}"'.encode(), b"")[80:]
        for page, name in zip(pages, (member.handle, "x9"), strict=True)
    }
    assert ({page.status_code for page in pages}, len(bodies)) == ({422}, 1)


def test_what_a_stranger_typed_is_not_written_down(site: Site) -> None:
    site.browser().post("/sign-in/", {"handle": "my secret password", "password": "no"}, secure=True)
    entry = list(site.opened.audit.entries())[-1]
    assert (entry.event.person, entry.event.answer) == ("", "refused")
    assert b"my secret" not in b"".join(site.opened.audit.lines())


def test_a_code_is_good_once_and_neither_is_one_from_before_it(site: Site) -> None:
    member = site.member(Role.ANALYST)
    with time_machine.travel(MONDAY, tick=False):
        code, before = code_now(member), code_now(member, steps=-1)
        assert leads(site.sign_in(site.browser(), member, code=code)) == "/"
        assert [leads(site.sign_in(site.browser(), member, code=one)) for one in (code, before)] == ["422", "422"]
        assert leads(site.sign_in(site.browser(), member, code=code_now(member, steps=1))) == "/"


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(site: Site, steps: int, is_good: bool) -> None:
    member = site.member(Role.ANALYST)
    with time_machine.travel(MONDAY, tick=False):
        assert (leads(site.sign_in(site.browser(), member, code=code_now(member, steps=steps))) == "/") is is_good


def test_codes_agree_with_the_published_ones() -> None:
    """RFC 6238, appendix B: SHA-1, the last six of the eight digits printed there."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    printed = {59: "94287082", 1111111109: "07081804", 1234567890: "89005924", 20000000000: "65353130"}
    for seconds, code in printed.items():
        at = datetime.fromtimestamp(seconds, UTC)
        assert factors.totp_step(secret, code[-6:], at) == seconds // 30


def test_whoever_has_no_second_factor_cannot_sign_in_at_all(site: Site) -> None:
    member = site.member(Role.ANALYST, factor=False)
    assert leads(site.sign_in(site.browser(), member)) == "/sign-in/not-open/"


def test_a_code_from_paper_lets_in_once_and_not_into_sensitive_rooms(site: Site) -> None:
    member, browser = site.member(Role.ADMINISTRATOR), site.browser()
    assert leads(site.sign_in(browser, member, code=member.codes[0])) == "/"
    assert leads(browser.get("/people/", secure=True)) == "200"
    assert leads(browser.get("/people/invite/", secure=True)).startswith("/step-up/")
    assert leads(browser.get("/account/app/", secure=True)).startswith("/step-up/")
    assert leads(browser.post("/step-up/", {"code": member.codes[1]}, secure=True)) == "422"
    assert leads(site.sign_in(site.browser(), member, code=member.codes[0])) == "422"


def test_the_last_factor_cannot_be_removed(site: Site) -> None:
    from allauth.mfa.models import Authenticator

    member = site.member(Role.ANALYST)
    key = Authenticator.objects.create(user=member.person, type="webauthn", data={"name": "key"})
    assert factors.drop_passkey(member.person, key.pk)
    only = Authenticator.objects.create(user=member.person, type="webauthn", data={"name": "key"})
    Authenticator.objects.filter(user=member.person, type="totp").delete()
    assert not factors.drop_passkey(member.person, only.pk)


def test_the_seed_of_codes_does_not_lie_open_in_the_database(site: Site) -> None:
    member = site.member(Role.ANALYST)
    assert site.opened.home.root.joinpath("upstander.sqlite3").is_file()
    held = b"".join(path.read_bytes() for path in site.home.glob("upstander.sqlite3*"))
    assert (member.handle.encode() in held, member.secret.encode() in held) == (True, False)


# ── Invitations ──────────────────────────────────────────────────────────────────────────────────────────────────────


def invited(site: Site) -> tuple[Person, str]:
    return actions.invite(
        "p.okoro", "P. Okoro", site.agency(), [Role.ANALYST], VETTED, "the machine", datetime.now(UTC)
    )


def test_an_invitation_leads_to_a_password_a_factor_and_the_site_and_then_is_used_up(site: Site) -> None:
    person, token = invited(site)
    browser = site.browser()
    assert leads(browser.get(f"/invitation/{token}/", secure=True)) == "/invitation/"
    said = {"password": PASSWORD, "again": PASSWORD}
    assert leads(browser.post("/invitation/", said, secure=True)) == "/set-up/"
    assert leads(browser.get("/account/", secure=True)).startswith("/set-up/")
    member = Member(person, secret=secret_on(browser.get("/set-up/", secure=True).content.decode()))
    done = browser.post("/set-up/", {"code": code_now(member)}, secure=True)
    assert (done.status_code, done.content.count(b"<li>") >= 10) == (200, True)
    assert browser.get("/", secure=True).status_code == 200
    assert Device.objects.filter(person=person).count() == 1
    assert leads(site.sign_in(site.browser(), member, code=code_now(member, steps=1))) == "/"
    again = site.browser()
    again.get(f"/invitation/{token}/", secure=True)
    assert again.get("/invitation/", secure=True).status_code == 404
    assert [action for _, action, _ in site.actions()] == [
        "invite", "add second factor", "set up sign-in", "sign in",
    ]  # fmt: skip


def test_whoever_stops_half_way_cannot_sign_in_but_can_begin_again(site: Site) -> None:
    person, token = invited(site)
    for _ in range(2):
        browser = site.browser()
        browser.get(f"/invitation/{token}/", secure=True)
        assert leads(browser.post("/invitation/", {"password": PASSWORD, "again": PASSWORD}, secure=True)) == "/set-up/"
    assert leads(site.sign_in(site.browser(), Member(person))) == "/sign-in/not-open/"


def test_an_invitation_ends_after_seven_days_or_when_there_is_a_newer_one(site: Site) -> None:
    person, token = invited(site)
    now = datetime.now(UTC)
    assert actions.invited_by(token, now) == person
    assert actions.invited_by(token, now + actions.VALID_FOR + timedelta(seconds=1)) is None
    newer = actions.invite_again(person, "the machine", now)
    assert (actions.invited_by(token, now), actions.invited_by(newer, now)) == (None, person)
    assert token not in str(list(Invitation.objects.values()))


def test_inviting_again_ends_sessions_password_and_factors_at_once(site: Site) -> None:
    member, browser = site.member(Role.ANALYST), site.browser()
    site.sign_in(browser, member)
    actions.invite_again(member.person, "the machine", datetime.now(UTC))
    assert leads(browser.get("/", secure=True)).startswith("/sign-in/")
    assert leads(site.sign_in(site.browser(), member)) == "422"


# ── Sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_closed_account_is_shut_out_at_the_next_request(site: Site) -> None:
    member = site.member(Role.ANALYST)
    browsers = [site.inside(member), site.inside(member)]
    assert [leads(one.get("/", secure=True)) for one in browsers] == ["200", "200"]
    actions.close(member.person, "the machine", datetime.now(UTC))
    assert {leads(one.get("/", secure=True)) for one in browsers} == {"/sign-in/?next=%2F"}
    assert leads(site.sign_in(site.browser(), member)) in {"/sign-in/not-open/", "422"}


@pytest.mark.parametrize(("after_s", "is_open"), [(-1, True), (0, False), (1, False)])
def test_access_ends_with_the_vetting_to_the_second(site: Site, after_s: int, is_open: bool) -> None:
    member = site.member(Role.ANALYST, until=MONDAY)
    moment = MONDAY + timedelta(seconds=after_s)
    browser = site.inside(member, at=moment - timedelta(minutes=1))
    with time_machine.travel(moment, tick=False):
        assert (leads(browser.get("/", secure=True)) == "200") is is_open


def test_a_closed_agency_shuts_out_its_people(site: Site) -> None:
    member = site.member(Role.ANALYST, agency="trust")
    browser = site.inside(member)
    agency = site.agency("trust")
    agency.is_active = False
    agency.save()
    assert leads(browser.get("/", secure=True)).startswith("/sign-in/")


@pytest.mark.parametrize(("minutes", "is_open"), [(1, True), (29, True), (30, False), (600, False)])
def test_a_session_left_alone_for_half_an_hour_is_over(site: Site, minutes: int, is_open: bool) -> None:
    browser = site.inside(site.member(Role.ANALYST), at=MONDAY)
    with time_machine.travel(MONDAY + timedelta(minutes=minutes), tick=False):
        assert (leads(browser.get("/", secure=True)) == "200") is is_open


def test_a_session_in_use_lasts_twelve_hours_and_no_longer(site: Site) -> None:
    browser = site.inside(site.member(Role.ANALYST), at=MONDAY)
    asked = []
    for quarter in range(1, 50):
        with time_machine.travel(MONDAY + timedelta(minutes=15 * quarter), tick=False):
            asked.append(leads(browser.get("/", secure=True)) == "200")
    assert asked == [True] * 47 + [False] * 2


@pytest.mark.parametrize(("minutes", "is_open"), [(14, True), (15, False)])
def test_a_sensitive_room_asks_again_after_a_quarter_of_an_hour(site: Site, minutes: int, is_open: bool) -> None:
    browser = site.inside(site.member(Role.ADMINISTRATOR), at=MONDAY)
    with time_machine.travel(MONDAY + timedelta(minutes=minutes), tick=False):
        assert (leads(browser.get("/people/invite/", secure=True)) == "200") is is_open


def test_showing_the_factor_again_opens_the_sensitive_room(site: Site) -> None:
    member = site.member(Role.ADMINISTRATOR)
    browser = site.inside(member, at=MONDAY)
    with time_machine.travel(MONDAY + timedelta(minutes=20), tick=False):
        asked = leads(browser.get("/people/invite/", secure=True))
        assert asked == "/step-up/?next=%2Fpeople%2Finvite%2F"
        assert leads(browser.post(asked, {"code": code_now(member)}, secure=True)) == "/people/invite/"
        assert leads(browser.get("/people/invite/", secure=True)) == "200"


def test_signing_in_gives_the_session_a_new_name(site: Site) -> None:
    member, browser = site.member(Role.ANALYST), site.browser()
    browser.post("/sign-in/", {"handle": member.handle, "password": PASSWORD}, secure=True)
    before = browser.cookies["__Host-session"].value
    browser.post("/sign-in/code/", {"code": code_now(member)}, secure=True)
    assert browser.cookies["__Host-session"].value != before


def test_signing_out_ends_the_session_on_the_server_too(site: Site) -> None:
    member, browser = site.member(Role.ANALYST), site.browser()
    site.sign_in(browser, member)
    kept = browser.cookies["__Host-session"].value
    answer = browser.post("/sign-out/", secure=True)
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    thief = site.browser()
    thief.cookies["__Host-session"] = kept
    assert leads(thief.get("/", secure=True)).startswith("/sign-in/")


def test_a_person_sees_their_devices_and_signs_the_others_out(site: Site) -> None:
    member, here, there = site.member(Role.ANALYST), site.browser(), site.browser()
    with time_machine.travel(MONDAY, tick=False) as clock:
        for browser in (here, there):
            site.sign_in(browser, member)
            clock.shift(60)
        assert here.get("/account/", secure=True).content.count(b"from 127.0.0.1, since") == 2
        here.post("/account/devices/", secure=True)
        assert [leads(one.get("/", secure=True))[:9] for one in (here, there)] == ["200", "/sign-in/"]


def test_nobody_signs_out_a_device_of_somebody_else(site: Site) -> None:
    owner, other = site.member(Role.ANALYST), site.member(Role.ANALYST)
    browser = site.browser()
    site.sign_in(browser, owner)
    device = Device.objects.get(person=owner.person)
    assert site.inside(other).post(f"/account/devices/{device.pk}/", secure=True).status_code == 404
    assert browser.get("/", secure=True).status_code == 200


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(site: Site, back: str) -> None:
    assert leads(site.sign_in(site.browser(), site.member(Role.ANALYST), back=back)) == "/"


def test_a_former_app_counts_until_the_new_one_has_shown_a_code(site: Site) -> None:
    member = site.member(Role.ANALYST)
    browser = site.inside(member)
    new = Member(member.person, secret=secret_on(browser.get("/account/app/", secure=True).content.decode()))
    assert browser.post("/account/app/", {"code": "000000"}, secure=True).status_code == 422
    assert leads(site.sign_in(site.browser(), member)) == "/"
    assert leads(browser.post("/account/app/", {"code": code_now(new)}, secure=True)) == "/account/"
    assert leads(site.sign_in(site.browser(), member, code=code_now(member, steps=1))) == "422"
    assert leads(site.sign_in(site.browser(), new, code=code_now(new, steps=1))) == "/"


def test_the_password_of_an_invitation_must_be_long_and_not_a_common_one(site: Site) -> None:
    _, token = invited(site)
    browser = site.browser()
    browser.get(f"/invitation/{token}/", secure=True)
    refused = [
        browser.post("/invitation/", {"password": one, "again": one}, secure=True).status_code
        for one in ("short", "password123456", "123456789012")
    ]
    assert refused == [422, 422, 422]
