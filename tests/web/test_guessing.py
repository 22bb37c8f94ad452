"""Passwords and codes cannot be guessed, and whoever tries locks nobody out but himself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine

from upstander.web.accounts.models import Attempt
from upstander.web.accounts.roles import Role
from upstander.web.accounts.throttling import Tried
from web.sites import PASSWORD, Member, Site, code_now

MONDAY = datetime(2027, 3, 1, 9, tzinfo=UTC)


def _guess(browser: Any, member: Member, word: str = "no") -> int:
    return int(browser.post("/sign-in/", {"handle": member.handle, "password": word}, secure=True).status_code)


def test_wrong_passwords_from_elsewhere_stop_an_attacker_and_not_the_person_at_their_own_desk(site: Site) -> None:
    member, own, attacker = site.member(Role.ANALYST), site.browser(), site.browser()
    with time_machine.travel(MONDAY, tick=False) as clock:
        site.sign_in(own, member)
        own.cookies.pop("__Host-session")
        clock.shift(60)
        assert [_guess(attacker, member) for _ in range(12)] == [422] * 10 + [429] * 2
        assert _guess(attacker, member, PASSWORD) == 429
        assert site.sign_in(own, member)["Location"] == "/"
        clock.shift(15 * 60 + 1)
        assert _guess(attacker, member) == 422


def test_a_cookie_of_ones_own_making_is_no_known_device(site: Site) -> None:
    member, attacker = site.member(Role.ANALYST), site.browser()
    for _ in range(10):
        _guess(attacker, member)
    forged = site.browser()
    forged.cookies["__Host-device"] = "WyJ4IixbMV1d:1abcde:not-a-signature"
    assert _guess(forged, member, PASSWORD) == 429


def test_names_that_nobody_has_are_counted_too(site: Site) -> None:
    assert [_guess(site.browser(), Member(type("Nobody", (), {"handle": "x9"})())) for _ in range(11)][-2:] == [
        422,
        429,
    ]


def test_one_address_that_tries_many_names_is_stopped(site: Site) -> None:
    allowed, _ = Tried.ADDRESS.value[0]
    members = [site.member(Role.ANALYST, factor=False) for _ in range(11)]
    told = [_guess(site.browser(), one) for one in members for _ in range(10)]
    assert (told.count(422), told.count(429)) == (allowed, 110 - allowed)


def test_guessing_a_code_takes_more_than_ten_years(site: Site) -> None:
    """An attacker who has the password tries as fast as he is let, for three days of a clock that we turn."""
    member, days, tried = site.member(Role.ANALYST), 3, 0
    with time_machine.travel(MONDAY, tick=False) as clock:
        for _ in range(days * 48):
            browser = site.browser()
            browser.post("/sign-in/", {"handle": member.handle, "password": PASSWORD}, secure=True)
            while browser.post("/sign-in/code/", {"code": "000000"}, secure=True).status_code == 422:
                tried += 1
            clock.shift(timedelta(minutes=30))
    good_at_once, codes = 3, 1_000_000
    years = codes / good_at_once / (tried / days) / 365
    assert 0 < tried <= days * 20 + 20
    assert years > 10


def test_what_is_right_is_not_counted_and_old_tries_are_forgotten(site: Site) -> None:
    member = site.member(Role.ANALYST)
    with time_machine.travel(MONDAY, tick=False) as clock:
        for _ in range(15):
            assert site.sign_in(site.browser(), member, code=code_now(member))["Location"] == "/"
            clock.shift(60)
        assert Attempt.objects.count() == 0
        _guess(site.browser(), member)
        clock.shift(timedelta(days=2))
        _guess(site.browser(), member)
        assert Attempt.objects.filter(at__lt=MONDAY + timedelta(days=1)).count() == 0
