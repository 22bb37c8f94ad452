"""Work in the background: asked for once, done once in effect, by whichever worker lives, for who still may."""

import json
import logging
import os
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from upstander.contracts.asking import Purpose
from upstander.errors import NotAcceptable, WrongUsage
from upstander.sharing import ActKind, Decision
from upstander.web.accounts import actions
from upstander.web.accounts.permissions import Permission
from upstander.web.accounts.roles import GIVEN, Role
from upstander.web.work import Done, Kind, enqueue, register
from upstander.web.work.claiming import MOST_ATTEMPTS, Ending, Lost, beat, cancel, claim, finish, tell_progress
from upstander.web.work.models import SILENT_FOR, Job, State, is_worker_alive
from upstander.web.work.models import Worker as Work
from upstander.web.work.worker import Worker
from web.serving import COMMAND, served
from web.sites import Site
from web.test_matrix import agree

EVERYBODY = Permission("test.work", "try something", frozenset(GIVEN))
AGREED = replace(EVERYBODY, name="test.agreed", purpose=Purpose.OPERATIONAL)
NOW = datetime.now(UTC)


def kind(run: Callable[..., Any], **changed: Any) -> Kind:
    words: dict[str, Any] = {"name": "try", "title": "Try {what}", "needs": EVERYBODY, "run": run}
    made = Kind(**(words | changed))
    register(made)
    return made


def asked(site: Site, run: Callable[..., Any] = lambda *_: Done("It is done.", "/help/"), **changed: Any) -> Job:
    """A job that waits, of a new analyst."""
    made = kind(run, **changed)
    person = site.member(Role.ANALYST).person
    return enqueue(made.name, person, {"what": "this"}, "a test")


def ended(job: Job) -> Job:
    """The job after a worker did all that waits."""
    Worker().work(once=True)
    job.refresh_from_db()
    return job


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    for _ in range(1_200):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it never came to be")


@pytest.fixture(autouse=True)
def _no_kind_left() -> Iterator[None]:
    from upstander.web.work import kinds

    before = dict(kinds._kinds)
    yield
    kinds._kinds.clear()
    kinds._kinds.update(before)


# ── One job ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_job_is_done_at_the_desk_of_who_asked_and_both_ends_are_written_down(either_site: Site) -> None:
    told: list[Any] = []

    def run(desk: Any, arguments: Mapping[str, str], progress: Callable[[float, str], None]) -> Done:
        progress(0.5, "Half way")
        held = Job.objects.get()
        told.append((desk.who.person, desk.who.agency, desk.who.purpose, desk.who.why, dict(arguments)))
        told.append((held.state, held.percent, held.message))
        return Done("Three came.", "/work/")

    job = asked(either_site, run)
    assert (job.title, job.state) == ("Try this", State.WAITING)
    job = ended(job)
    assert told == [
        (job.person.handle, "vrn", Purpose.STEWARDSHIP, "a test", {"what": "this"}), (State.RUNNING, 50, "Half way"),
    ]  # fmt: skip
    assert (job.state, job.percent, job.message, job.url) == (State.DONE, 100, "Three came.", "/work/")
    assert either_site.actions() == [
        (job.person.handle, "begin work try", "done"), (job.person.handle, "end work try", "done"),
    ]  # fmt: skip


def test_a_job_that_lacks_an_argument_or_that_nobody_knows_is_refused_when_it_is_asked_for(site: Site) -> None:
    kind(lambda *_: Done("never"))
    person = site.member(Role.ANALYST).person
    for name in ("try", "fly"):
        with pytest.raises(WrongUsage):
            enqueue(name, person, {}, "a test")
    assert not Job.objects.exists()


def test_an_error_of_the_house_is_told_with_where_found_and_expected(site: Site) -> None:
    def run(*_: Any) -> Done:
        raise NotAcceptable("It is too large.", where="the file", found="9 GB", expected="1 GB", state="Nothing kept.")

    job = ended(asked(site, run))
    assert (job.state, job.message, job.reference) == (State.FAILED, "It is too large.", "")
    page = site.inside(type("M", (), {"person": job.person})()).get(f"/work/{job.pk}/", secure=True).content.decode()
    for words in ("Not done.", "It is too large.", "the file", "9 GB", "1 GB", "Nothing kept."):
        assert words in page


def test_a_defect_of_ours_is_a_reference_and_the_log_names_the_place_and_no_value(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    def run(*_: Any) -> Done:
        raise KeyError("Mary Smith, 12 High Street")

    with caplog.at_level(logging.ERROR, logger="upstander.web"):
        job = ended(asked(site, run))
    (line,) = [json.loads(one.getMessage()) for one in caplog.records if one.name == "upstander.web"]
    assert (job.state, line["reference"]) == (State.FAILED, job.reference)
    assert job.reference in job.message
    assert "Mary" not in f"{job.message}{job.fault}{line}"
    assert "KeyError" in line["defect"]


# ── Who may ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def closed(site: Site, job: Job) -> None:
    actions.close(job.person, "the machine", timezone.now())


def vetting_ended(site: Site, job: Job) -> None:
    type(job.person).objects.filter(pk=job.person.pk).update(vetted_until=timezone.now())


def role_taken(site: Site, job: Job) -> None:
    type(job.person).objects.filter(pk=job.person.pk).update(roles=["panel"])


def agreement_ended(site: Site, job: Job) -> None:
    site.opened.register.act(Decision(ActKind.ENDED, "pact", "M. Ashdown", datetime.now(UTC), "the test"))


@pytest.mark.parametrize("change", [closed, vetting_ended, role_taken, agreement_ended])
def test_a_right_that_ended_while_the_job_waited_refuses_it(site: Site, change: Callable[[Site, Job], None]) -> None:
    ran: list[int] = []

    def run(*_: Any) -> Done:
        ran.append(1)
        return Done("ran")

    agree(site, ["vrn"])
    needs = replace(AGREED, roles=frozenset({Role.ANALYST}))
    before, after = asked(site, run, needs=needs), asked(site, run, needs=needs)
    assert claim("somebody", timezone.now()) == before
    change(site, after)
    job = ended(after)
    assert (job.state, ran) == (State.FAILED, [])
    assert job.message.startswith("Refused: ")
    assert site.actions()[-1] == (job.person.handle, "end work try", "refused")


def test_a_right_that_holds_lets_it_run(site: Site) -> None:
    agree(site, ["vrn"])
    assert ended(asked(site, needs=AGREED)).state == State.DONE


# ── Stopping ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_waiting_job_stops_at_once_and_a_running_one_at_its_next_step(site: Site) -> None:
    steps: list[float] = []

    def run(desk: Any, arguments: Any, progress: Callable[[float, str], None]) -> Done:
        for share in (0.2, 0.4, 0.6):
            steps.append(share)
            if share == 0.4:
                cancel(Job.objects.get(pk=second.pk), second.person, timezone.now())
            progress(share, "on the way")
        return Done("never")

    first, second = asked(site, run), asked(site, run)
    browser = site.inside(type("M", (), {"person": first.person})())
    assert browser.post(f"/work/{first.pk}/stop/", secure=True).status_code == 302
    first.refresh_from_db()
    assert (first.state, first.message) == (State.CANCELLED, f"Stopped by {first.person.name} before it began.")
    assert (ended(second).state, steps) == (State.CANCELLED, [0.2, 0.4])
    assert cancel(second, second.person, timezone.now()) is False


def test_the_analyst_may_stop_anybodys_job_and_others_only_their_own(site: Site) -> None:
    job = asked(site)
    for role, status, state in ((Role.DATA_OWNER, 404, State.WAITING), (Role.ANALYST, 302, State.CANCELLED)):
        assert site.inside(site.member(role)).post(f"/work/{job.pk}/stop/", secure=True).status_code == status
        job.refresh_from_db()
        assert job.state == state


# ── Workers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_two_workers_ever_hold_one_job(either_site: Site) -> None:
    """Eight workers take forty jobs at once: each job is taken exactly once."""
    jobs = [asked(either_site) for _ in range(40)]
    taken: list[tuple[str, int]] = []

    def take(name: str) -> None:
        while (job := claim(name, timezone.now())) is not None:
            taken.append((name, job.pk))
        connections.close_all()

    threads = [threading.Thread(target=take, args=(f"worker {number}",)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=120)
    assert sorted(number for _, number in taken) == sorted(job.pk for job in jobs)
    assert {job.worker for job in Job.objects.all()} == {name for name, _ in taken}


def test_a_worker_that_falls_silent_loses_its_job_and_can_change_it_no_more(either_site: Site) -> None:
    job = asked(either_site)
    first = claim("first", NOW)
    assert first is not None
    assert claim("second", NOW + SILENT_FOR) is None
    beat("first", first, NOW + SILENT_FOR)
    assert claim("second", NOW + SILENT_FOR + timedelta(seconds=1)) is None
    second = claim("second", NOW + 2 * SILENT_FOR + timedelta(seconds=1))
    assert (second, second and second.attempt) == (job, 2)
    with pytest.raises(Lost):
        tell_progress(first, 0.5, "still here", NOW)
    beat("first", first, NOW + timedelta(days=1))
    assert finish(first, Ending(State.DONE, "mine"), NOW) is False
    job.refresh_from_db()
    assert (job.state, job.worker, job.heartbeat) == (
        State.RUNNING,
        "second",
        NOW + 2 * SILENT_FOR + timedelta(seconds=1),
    )


def test_a_job_whose_worker_died_three_times_is_given_up_with_the_reason(either_site: Site) -> None:
    job, at = asked(either_site), NOW
    for number in range(MOST_ATTEMPTS):
        assert claim(f"worker {number}", at) == job
        at += 2 * SILENT_FOR
    assert claim("one more", at) is None
    job.refresh_from_db()
    assert (job.state, job.attempt) == (State.FAILED, 3)
    assert "3 times" in job.message
    assert either_site.actions()[-1] == (job.person.handle, "end work try", "failed")


def test_a_worker_that_is_told_to_go_gives_the_job_back_as_if_it_had_not_begun(site: Site) -> None:
    worker = Worker()

    def run(desk: Any, arguments: Any, progress: Callable[[float, str], None]) -> Done:
        if len(begun) == 0:
            begun.append(1)
            worker.stop()
        progress(0.5, "on")
        return Done("in the end")

    begun: list[int] = []
    job = asked(site, run)
    worker.work()
    job.refresh_from_db()
    assert (job.state, job.attempt, job.worker) == (State.WAITING, 0, "")
    assert (ended(job).state, job.attempt) == (State.DONE, 1)


def test_ready_says_whether_a_worker_lives(site: Site) -> None:
    assert site.browser().get("/ready", secure=True).content == b"ready\nno worker: what takes long waits\n"
    beat("one", None, timezone.now())
    assert site.browser().get("/ready", secure=True).content == b"ready\na worker is alive\n"
    assert not is_worker_alive(timezone.now() + 2 * SILENT_FOR)


def test_the_command_works_until_it_is_told_to_end(site: Site) -> None:
    job = asked(site, name="not a kind of the site")
    words = [str(COMMAND), "work", "--home", str(site.home)]
    once = subprocess.run([*words, "--once"], env={**os.environ, **site.environ}, capture_output=True, check=True)
    assert b"1 job came to an end." in once.stdout
    job.refresh_from_db()
    assert (job.state, job.fault["found"]) == (State.FAILED, "not a kind of the site")
    running = subprocess.Popen(words, env={**os.environ, **site.environ}, stderr=subprocess.PIPE)
    assert running.stderr is not None
    assert b"A worker is at work" in running.stderr.readline()
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=60) == 0
    assert not is_worker_alive(timezone.now())


def test_serving_brings_a_worker_which_ends_with_the_site_and_also_when_the_site_is_killed(site: Site) -> None:
    connections.close_all()
    log = site.home.parent / "log"
    for end in (signal.SIGTERM, signal.SIGKILL):
        with served(site.home, site.environ, log, worker=True, end=end) as address:
            until(lambda: is_worker_alive(timezone.now()))
            with urllib.request.urlopen(f"{address}/ready", timeout=30) as answer:
                assert answer.read() == b"ready\na worker is alive\n"
            job = asked(site, name="not a kind of the site")
            until(lambda: Job.objects.get(pk=job.pk).is_over)  # noqa: B023 - used up before the next round
        until(lambda: not Work.objects.exists())


# ── Pages ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_of_a_job_says_how_far_it_is_without_a_script_and_with_one(site: Site) -> None:
    job = asked(site)
    browser = site.inside(type("M", (), {"person": job.person})())
    held = claim("one", timezone.now())
    assert held is not None
    tell_progress(held, 0.42, "Reading line 1,000", timezone.now())
    page = browser.get(f"/work/{job.pk}/", secure=True).content.decode()
    assert "42 of 100: Reading line 1,000" in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert browser.get(f"/work/{job.pk}/state", secure=True).json() == {
        "state": "running", "percent": 42, "message": "Reading line 1,000", "is_over": False,
    }  # fmt: skip
    finish(held, Ending(State.DONE, "All came.", "/help/"), timezone.now())
    page = browser.get(f"/work/{job.pk}/", secure=True).content.decode()
    assert ("All came." in page, 'href="/help/"' in page, "refresh" in page) == (True, True, False)
    assert "Try this" in browser.get("/work/", secure=True).content.decode()
