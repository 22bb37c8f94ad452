"""The site of a whole fictional county: a year of every feed, a published release, operational pictures, its people.

The home is made once for a run, by the demo itself; every test file works on a copy of its own.
"""

import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from pipeline.homes import made_once
from upstander.cli.desk import remembered
from upstander.cli.fictional import ready_for_site
from upstander.pipeline.demo import run_demo
from upstander.pipeline.home import open_home
from upstander.synthetic import Truth, read_truth
from upstander.web.accounts.roles import Role
from upstander.web.store import DATABASE_VARIABLE, open_store
from web import postgres
from web.sites import Member, Site

SEED = 20210618
_AFTER = timedelta(days=18)  # the demo's meeting is 16 days after its last delivered day; it lies behind us


def ends(today: date) -> date:
    """The day after the last delivered one: so recent that the operational picture is in force today."""
    return (today - _AFTER).replace(day=1)


class County(Site):
    """The county's site, opened, with one member of each role in an agency that fits it."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        _lift_the_limit(folder / "home")
        super().__init__(folder, environ)
        from upstander.web.accounts.fictional import PASSWORD, people

        self.folder = folder
        self.of: dict[Role, Member] = {
            one.role: Member(one.person, password=PASSWORD, secret=one.key) for one in people(datetime.now(UTC))
        }

    @property
    def truth(self) -> Truth:
        """What is true in the county, and no file says."""
        return read_truth(self.folder / "brackenshire")

    def enter(self, role: Role | None) -> Any:
        """A browser in which the member of that role is signed in; a stranger's for None."""
        return self.browser() if role is None else self.inside(self.of[role])


def _lift_the_limit(home: Path) -> None:
    """A walk opens more pages in a minute than anybody reads."""
    settings = open_home(home).settings
    lifted = settings.model_copy(update={"site": settings.site.model_copy(update={"pages_a_minute": 1_000_000})})
    told = tomli_w.dumps(lifted.model_dump(mode="json", exclude_defaults=True))
    (home / "upstander.toml").write_text(told, "utf-8")


def make_county(folder: Path) -> None:
    """The demo of one year, with what the site needs beside it."""
    today = datetime.now(UTC).date()
    for _ in run_demo(folder, years=1, seed=SEED, ends=ends(today), remembered=remembered):
        pass
    ready_for_site(folder / "home")
    use(County(folder, {}))
    connections.close_all()


def use(county: County) -> None:
    """What people do on the site: a file sent once more, the usual pictures, a scorecard."""
    from upstander.web.surveillance.work import delivery_has_come
    from upstander.web.work.models import Job
    from upstander.web.work.worker import Worker

    analyst, feed = county.enter(Role.ANALYST), "police_incidents/brackenshire_police"
    path = max((county.folder / "brackenshire" / "deliveries" / "brackenshire_police").glob("*.csv"))
    said = {"feed": feed, "covers": "auto", "file": SimpleUploadedFile(path.name, path.read_bytes())}
    analyst.post("/deliveries/send/", said, secure=True)
    analyst.post(f"/deliveries/quality/{feed}/", secure=True)
    delivery_has_come("police_incidents", county.of[Role.ANALYST].person)
    Worker().work(once=True)
    assert {job.state for job in Job.objects.all()} == {"done"}


def copied(source: Path, folder: Path) -> Path:
    """A copy of the county that a test may change."""
    shutil.copytree(source, folder, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def released_county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the county as the demo left it; to read, or to copy."""
    return made_once(tmp_path_factory, "released-county", make_county)


@pytest.fixture(scope="module")
def county(released_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """The site of this file's own copy, on SQLite."""
    yield County(copied(released_county, tmp_path_factory.mktemp("county")), {})
    connections.close_all()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def either_county(
    request: pytest.FixtureRequest, released_county: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[County]:
    """The site of this file's own copy, on SQLite and on PostgreSQL."""
    folder = copied(released_county, tmp_path_factory.mktemp("county"))
    environ = {}
    if request.param == "postgresql":
        environ = {DATABASE_VARIABLE: request.getfixturevalue("server").address(postgres.fresh_name())}
        here, there = open_store(folder / "home", environ={}), open_store(folder / "home", environ=environ)
        there.load(here.dump())
        here.close()
        there.close()
    yield County(folder, environ)
    connections.close_all()
