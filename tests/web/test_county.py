"""The fictional county that other files walk is whole, on either database, and its people are of it alone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from upstander.contracts.asking import Purpose
from upstander.errors import WrongUsage
from upstander.pipeline.injuries.asked import SOURCES
from upstander.web.accounts import fictional
from upstander.web.accounts.roles import GIVEN, Role
from upstander.web.standing import purposes_of
from web.county import County
from web.sites import Site

NOW = datetime.now(UTC)


def test_the_county_has_its_feeds_a_published_release_a_picture_and_everybody(either_county: County) -> None:
    held = {one.name for one in (either_county.home / "warehouse").iterdir() if any(one.iterdir())}
    assert held >= set(SOURCES)
    assert len(list((either_county.home / "releases").glob("*/0001/manifest.json"))) == 1
    assert len(list((either_county.home / "outputs" / "bulletin").glob("*/output.json"))) == 2
    assert set(either_county.of) == set(GIVEN)
    assert {action.split()[0] for _, action, _ in either_county.actions()} >= {"sign", "approve", "bulletin", "invite"}
    tasked = purposes_of(either_county.of[Role.TASKING].person, NOW)
    assert {Purpose.OPERATIONAL, Purpose.MONITORING} <= set(tasked)


def test_its_people_sign_in_with_the_password_and_code_that_the_demo_prints(county: County) -> None:
    for member in county.of.values():
        answer = county.sign_in(county.browser(), member, password=fictional.PASSWORD)
        assert (answer.status_code, answer["Location"]) == (302, "/")


def test_its_people_are_the_same_when_it_is_run_again(county: County) -> None:
    again = fictional.people(datetime.now(UTC))
    assert {one.role: (one.person.pk, one.key) for one in again} == {
        role: (one.person.pk, one.secret) for role, one in county.of.items()
    }


def test_people_with_a_public_password_are_made_in_no_other_home(tmp_path: Path) -> None:
    site = Site(tmp_path, {})
    with pytest.raises(WrongUsage, match="not the demo's"):
        fictional.people(NOW)
    site.member(Role.ANALYST)
    with pytest.raises(WrongUsage) as told:
        fictional.people(NOW)
    assert (told.value.found, told.value.state) == ("accounts of others", "Nobody was added.")
    assert site.actions() == []
