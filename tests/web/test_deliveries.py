"""Sending a file by the site: sealed as it comes, taken in once, told line by line, and nobody else's to see."""

import io
import random
import re
import signal
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import StopUpload
from django.db import connections
from django.test import RequestFactory
from django.utils import timezone

from upstander.contracts.asking import Purpose
from upstander.contracts.releasing import Edition
from upstander.pipeline.gate import NotGranted, ask
from upstander.pipeline.held import held_readings
from upstander.pipeline.home import Settings
from upstander.pipeline.home import Site as SiteSettings
from upstander.pipeline.uploads import report_on, sweep_uploads
from upstander.sharing import ActKind, Decision
from upstander.web.deliveries.feeds import steward
from upstander.web.deliveries.models import Reading, Sending
from upstander.web.desks import desk_of
from upstander.web.surveillance.work import USUAL_PICTURES
from upstander.web.templatetags.site import to_end
from upstander.web.uploading import sealing
from upstander.web.work.models import Job, State
from upstander.web.work.worker import Worker
from web.sending import SendingSite, job_of
from web.serving import COMMAND

SECRET = b"Adeyemi"  # a surname in every line of the file


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SendingSite]:
    yield SendingSite(tmp_path, {})
    connections.close_all()


def desk(site: SendingSite) -> Any:
    return steward(site.analyst.person, "a test")


def page(site: SendingSite, address: str, member: Any = None) -> str:
    answer = site.inside(member or site.police).get(address, secure=True)
    assert answer.status_code == 200, (address, answer.status_code)
    return str(answer.content.decode())


def files_with(folder: Path, secret: bytes) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and secret in path.read_bytes()]


# ── From the form to the report ──────────────────────────────────────────────────────────────────────────────────────


def test_a_file_that_is_sent_becomes_a_reading_and_a_report_in_which_every_line_is_in_one_place(
    site: SendingSite,
) -> None:
    sending = site.sent(site.month(rows=300, kept_back=4))
    job = job_of(sending)
    assert (job.state, sending.outcome, job.url) == (State.DONE, "ROWQ", f"/deliveries/sent/{sending.pk}/")
    (manifest,) = desk(site).warehouse.manifests()
    assert (manifest.reading, manifest.lines.accepted, manifest.lines.quarantined) == (sending.reading, 300, 4)
    told = page(site, job.url)
    for words in ("Loaded in part", "What happens next", "offences_2026-07.csv", "305", "304", "Every line is in one"):
        assert words in told
    assert "Adeyemi" not in told
    rows = re.findall(r'<th scope="row" class="govuk-table__header">([^<]+)</th><td[^>]+>([\d,]+)</td>', told)
    counts = [int(count.replace(",", "")) for _, count in rows[:12]]
    assert counts[0] == sum(counts[1:7])
    assert counts[7] == sum(counts[8:12])
    assert Reading.objects.get().reading == sending.reading
    actions = [(who, what) for who, what, _ in site.actions()]
    assert (site.police.handle, "send a delivery") in actions
    assert (site.police.handle, "begin work deliver") in actions


def test_no_plain_byte_of_a_file_lies_anywhere_and_the_upload_is_destroyed(site: SendingSite) -> None:
    content = site.month()
    assert SECRET in content
    assert site.send(content).status_code == 302
    assert len(site.uploads()) == 2
    assert files_with(site.home, SECRET) == []
    assert files_with(site.home.parent, SECRET) == ["offences_2026-07.csv"]  # the sender's own file: it can be found
    Worker().work(once=True)
    assert site.uploads() == []
    assert files_with(site.home, SECRET) == []


def test_the_mistakes_can_be_kept_as_a_file_without_a_value_of_a_cell(site: SendingSite) -> None:
    sending = site.sent(site.month(kept_back=4))
    answer = site.inside(site.police).get(f"/deliveries/sent/{sending.pk}/mistakes.csv", secure=True)
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "line,column,what is wrong,expected"
    assert [line.split(",")[0] for line in lines[1:5]] == ["302", "303", "304", "305"]
    assert "32/13/2026" not in answer.content.decode()
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_same_file_again_is_already_held(site: SendingSite) -> None:
    site.sent(site.month())
    again = site.sent(site.month())
    assert (again.outcome, Reading.objects.count()) == ("NOOP", 1)
    assert "Already held" in page(site, f"/deliveries/sent/{again.pk}/")


def test_a_corrected_file_for_the_same_days_takes_the_place_of_the_first(site: SendingSite) -> None:
    site.sent(site.month())
    newer = site.sent(site.month(rows=301))
    assert (newer.outcome, job_of(newer).state) == ("RESTATE", State.DONE)
    counts = dict(Reading.objects.values_list("accepted", "is_in_force"))
    assert counts == {300: False, 301: True}
    assert "takes the place of what came before" in page(site, f"/deliveries/sent/{newer.pk}/")


def test_what_comes_brings_the_usual_pictures_in_the_name_of_somebody_who_may_see_them(site: SendingSite) -> None:
    site.sent(site.month(6), "offences_2026-06.csv", covers="2026-06")
    assert not Job.objects.filter(kind=USUAL_PICTURES).exists()
    assert site.send(site.month(), browser=site.inside(site.analyst)).status_code == 302
    job = Job.objects.order_by("pk").last()
    Worker().work(once=True)
    assert Job.objects.get(pk=job.pk).state == "done"
    made = Job.objects.filter(kind=USUAL_PICTURES)
    assert [one.person_id for one in made] == [site.analyst.person.pk]
    site.sent(site.month(rows=301))  # from here on what an owner sends brings them too, in the analyst's name
    assert [one.person_id for one in made.all()] == [site.analyst.person.pk] * 2


def test_a_script_is_answered_in_json(site: SendingSite) -> None:
    browser = site.inside(site.police)
    browser.headers = {**browser.defaults, "accept": "application/json"}
    browser.defaults["HTTP_ACCEPT"] = "application/json"
    assert site.send(b"", browser=browser).json() == {
        "wrong": ["The file is empty. Choose a file that holds something"]
    }
    taken = site.send(site.month(), browser=browser)
    assert (taken.status_code, taken.json()["url"]) == (200, f"/work/{Job.objects.get().pk}/")


# ── Whose it is ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_agency_sees_its_own_feeds_and_nothing_of_others_and_an_analyst_sees_all(site: SendingSite) -> None:
    sending = site.sent(site.month())
    own = [f"/deliveries/sent/{sending.pk}/", f"/deliveries/sent/{sending.pk}/mistakes.csv",
           f"/deliveries/readings/{sending.reading}/", "/deliveries/quality/police_incidents/rms/",
           "/deliveries/handouts/police_incidents/rms/guide.html"]  # fmt: skip
    for address in own:
        asked = {who: site.inside(one).get(address, secure=True) for who, one in
                 {"police": site.police, "hospital": site.hospital, "analyst": site.analyst}.items()}  # fmt: skip
        assert {who: one.status_code for who, one in asked.items()} == {"police": 200, "hospital": 404, "analyst": 200}
        absent = site.inside(site.hospital).get("/nowhere/", secure=True)
        assert asked["hospital"].content == absent.content
    assert "rms" not in page(site, "/deliveries/", site.hospital)
    assert "istv" in page(site, "/deliveries/", site.hospital)
    assert site.send(site.month(), browser=site.inside(site.hospital)).status_code == 422


def test_an_agreement_that_ends_while_the_file_waits_stops_it_and_destroys_it(site: SendingSite) -> None:
    site.send(site.month())
    site.opened.register.act(Decision(ActKind.ENDED, "pact", "M. Ashdown", datetime.now(UTC), "the test"))
    Worker().work(once=True)
    job = Job.objects.get()
    assert job.state == State.FAILED
    assert "No agreement in force" in job.message
    assert (site.uploads(), list(desk(site).warehouse.manifests())) == ([], [])


# ── Held ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("decision", "count"), [("accept", 4), ("refuse", 3)])
def test_a_held_delivery_waits_until_an_analyst_decides_with_a_reason(
    site: SendingSite, decision: str, count: int
) -> None:
    sending = site.held()
    assert sending.outcome == "HOLD"
    (waiting,) = held_readings(desk(site))
    assert "An analyst of the network looks at it" in page(site, f"/deliveries/sent/{sending.pk}/")
    assert "1 delivery is held and waits for a decision" in page(site, "/", site.analyst)
    analyst, address = site.inside(site.analyst), f"/deliveries/held/{waiting['reading']}/"
    assert site.inside(site.police).get(address, secure=True).status_code == 404
    assert "Why it is held" in analyst.get(address, secure=True).content.decode()
    assert analyst.post(address, {"decision": decision}, secure=True).status_code == 422
    assert len(held_readings(desk(site))) == 1
    assert analyst.post(address, {"decision": decision, "why": "the force said so"}, secure=True).status_code == 302
    assert (len(desk(site).warehouse.manifests()), Reading.objects.count()) == (count, count)
    assert held_readings(desk(site)) == []
    told = page(site, f"/deliveries/sent/{sending.pk}/")
    assert f"held, and {decision}" in told
    assert "the force said so" in told
    said = [one.event for one in site.opened.audit.entries() if one.event.action.startswith("held")]
    assert [(one.person, one.why) for one in said] == [(site.analyst.handle, "the force said so")]


# ── Hostile uploads ──────────────────────────────────────────────────────────────────────────────────────────────────


def bomb() -> bytes:
    """A small archive that unpacks to 2,000 MB of zeros."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.csv", "w", force_zip64=True) as one,
    ):
        for _ in range(2_000):
            one.write(bytes(1_000_000))
    return made.getvalue()


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "C:\\Users\\mary\\offences.csv", "/abs/offences.csv"])
def test_a_name_with_a_path_is_only_its_last_part(site: SendingSite, name: str) -> None:
    sending = site.sent(site.month(), name)
    told = report_on(desk(site), sending.pk)
    assert told is not None
    assert told["file_name"] in {"passwd.csv", "offences.csv"}
    outside = [one.name for one in site.home.parent.iterdir()]
    assert sorted(outside) == ["home", "key", "offences_2026-07.csv", "site-secret"]


def test_what_is_no_delivery_leaves_nothing_but_a_sentence(site: SendingSite) -> None:
    browser = site.inside(site.police)
    for words in ({"feed": "police_incidents/rms"}, {"feed": "police_incidents/rms", "file": "not a file"}):
        answer = browser.post("/deliveries/send/", words, secure=True)
        assert (answer.status_code, b"Choose the file" in answer.content) == (422, True)
    for content, said in ((b"", {}), (site.month(), {"feed": "ed_assaults/istv"}), (site.month(), {"covers": "soon"})):
        assert site.send(content, browser=browser, **said).status_code == 422
    assert (site.uploads(), Job.objects.count(), Sending.objects.count()) == ([], 0, 0)


@pytest.mark.parametrize(("name", "make"), [("photo.csv", lambda: b"\xff\xd8\xff\xe0" + bytes(range(256)) * 400),
                                            ("bomb.zip", bomb)])  # fmt: skip
def test_a_wrong_type_and_a_bomb_are_refused_in_words_and_nothing_of_them_counts(
    site: SendingSite, name: str, make: Callable[[], bytes]
) -> None:
    sending = site.sent(make(), name)
    assert sending.outcome in {"REFUSE", "FILEQ"}
    assert page(site, f"/deliveries/sent/{sending.pk}/")
    assert (site.uploads(), list(desk(site).warehouse.manifests())) == ([], [])
    assert list((site.home / "warehouse").glob("*/*.parquet")) == []


def test_a_file_beyond_the_limit_is_stopped_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    settings = Settings(site=SiteSettings(largest_upload_mb=1))
    site = SendingSite(tmp_path, {}, settings)
    answer = site.send(b"x" * 3_000_000)
    assert (answer.status_code, b"larger than 1 MB" in answer.content) == (422, True)
    assert site.uploads() == []
    connections.close_all()


class Cut(io.BytesIO):
    """What comes from a connection that ends in the middle."""

    def read(self, size: int | None = -1) -> bytes:
        if content := super().read(min(size or 65_536, 65_536)):
            return content
        raise OSError("Connection reset by peer")


def test_a_connection_that_is_cut_leaves_nothing(site: SendingSite) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    body = head + b"x" * 3_000_000
    browser = site.inside(site.police)
    cut = {
        "wsgi.input": Cut(body), "CONTENT_LENGTH": len(body) * 2, "CONTENT_TYPE": "multipart/form-data; boundary=b",
    }  # fmt: skip
    answer = browser.generic("POST", "/deliveries/send/", secure=True, **cut)
    assert answer.status_code in {400, 500}, answer.status_code
    assert (site.uploads(), Job.objects.count()) == ([], 0)


def test_a_form_without_our_mark_is_refused_and_its_file_destroyed(site: SendingSite) -> None:
    strict = site.browser(enforce_csrf_checks=True)
    strict.cookies["__Host-session"] = site.inside(site.police).cookies["__Host-session"].value
    assert site.send(site.month(), browser=strict).status_code == 403
    assert (site.uploads(), Job.objects.count()) == ([], 0)


def test_a_page_that_takes_no_file_throws_it_away(site: SendingSite, tmp_path: Path) -> None:
    file = SimpleUploadedFile("big.csv", SECRET * 1_000_000)
    answer = site.inside(site.police).post("/account/conflict/", {"kind": "area", "file": file}, secure=True)
    assert answer.status_code == 422
    assert files_with(site.home, SECRET) == []


def test_what_a_dying_process_left_is_swept_after_an_hour_and_not_before(site: SendingSite) -> None:
    request = RequestFactory().post("/deliveries/send/")
    left = sealing(request, desk(site), "file", 1)
    left.new_file("file", "a.csv", "text/csv", None)
    left.receive_data_chunk(b"a,b\n", 0)
    left.file_complete(4)
    assert len(site.uploads()) == 2
    assert sweep_uploads(desk(site), ()) == 0
    later = replace(desk(site), now=lambda: timezone.now() + timedelta(hours=2))
    assert sweep_uploads(later, {left.upload}) == 0
    assert sweep_uploads(later, ()) == 1
    assert site.uploads() == []
    with pytest.raises(StopUpload):
        sealing(request, desk(site), "file", 1).receive_data_chunk(b"x" * 1_000_001, 0)


# ── What is due, what it is used for, what is handed out ─────────────────────────────────────────────────────────────


@pytest.fixture
def november() -> Iterator[None]:
    """A day on which September is the last month that is late."""
    with time_machine.travel(datetime(2026, 11, 12, 12, tzinfo=UTC)):
        yield


@pytest.mark.usefixtures("november")
def test_the_home_and_the_list_say_what_is_late_in_words(site: SendingSite) -> None:
    site.sent(site.month(4), "offences_2026-04.csv", covers="2026-04")
    for address in ("/", "/deliveries/"):
        told = page(site, address)
        assert re.search(r"missing, \d+ days late", told)
        assert "September 2026" in told
    assert "The report on" in page(site, "/")
    assert "missing" not in page(site, "/", site.hospital)


def test_use_is_counted_from_the_audit_log_by_month_purpose_and_agency(site: SendingSite) -> None:
    for purpose in (Purpose.STRATEGIC, Purpose.STRATEGIC, Purpose.MONITORING):
        ask(desk_of(site.analyst.person, purpose=purpose, why="a test"), "police_incidents", ("event_from_local",),
            Edition.SHAREABLE)  # fmt: skip
    with pytest.raises(NotGranted):
        ask(desk_of(site.hospital.person, purpose=Purpose.STRATEGIC, why="a test"), "police_incidents",
            ("event_from_local",), Edition.SHAREABLE)  # fmt: skip
    told = page(site, "/deliveries/use/")
    assert "it was read 3 times" in told
    cells = re.findall(r'data-label="Purpose">(\w+)<.*?data-label="Agency">(\w+)<.*?data-label="Requests">(\d+)<', told)
    assert cells == [("monitoring", "VRN", "1"), ("strategic", "VRN", "2")]
    assert "it was read 0 times" in page(site, "/deliveries/use/", site.hospital)


def test_templates_guides_and_the_checker_are_files_to_keep(site: SendingSite) -> None:
    told = page(site, "/deliveries/handouts/")
    links = re.findall(r'href="(/deliveries/handouts/[^"]+)"', told)
    assert [one.rpartition("/")[2] for one in links] == ["template.xlsx", "template.csv", "checker.html", "guide.html"]
    for link in links:
        answer = site.inside(site.police).get(link, secure=True)
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="rms-')
        assert len(answer.content) > 100
    assert site.inside(site.police).get(links[0] + "x", secure=True).status_code == 404


def test_a_scorecard_is_made_by_a_job_and_shows_released_figures(site: SendingSite) -> None:
    for month in (4, 5, 6):
        site.sent(site.month(month), f"offences_2026-{month:02d}.csv", covers=f"2026-{month:02d}")
    address = "/deliveries/quality/police_incidents/rms/"
    assert "No scorecard was made yet" in page(site, address)
    assert site.inside(site.police).post(address, secure=True).status_code == 302
    Worker().work(once=True)
    job = Job.objects.order_by("-pk").first()
    assert job is not None
    assert (job.state, job.url) == (State.DONE, address), job.message
    told = page(site, address)
    assert re.findall(r'data-label="Rows">([^<]+)<', told) == ["300", "300", "300"]
    assert len(site.inside(site.police).get(address + "scorecard.html", secure=True).content) > 1_000
    assert site.inside(site.police).get(address + "other.html", secure=True).status_code == 404


# ── Killed ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def survive(site: SendingSite, kills: int, seed: int) -> tuple[int, int]:
    """Kill workers (SIGKILL) at random points of real jobs until it was done so often; jobs, and those done once."""
    chance, done, jobs, killed = random.Random(seed), 0, 0, 0
    work = [str(COMMAND), "work", "--once", "--home", str(site.home)]

    def started() -> "subprocess.Popen[bytes]":
        connections.close_all()
        return subprocess.Popen(work, env=site.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    began, whole = time.monotonic(), started()
    whole.wait()
    empty_s = time.monotonic() - began  # to start and to find nothing
    while killed < kills:
        before = len(desk(site).warehouse.manifests())
        month = 5 + jobs % 6
        content, name = site.month(month, rows=100 + jobs), f"offences_2026-{month:02d}.csv"
        assert site.send(content, name, covers="auto").status_code == 302
        sending, jobs = Sending.objects.order_by("-sent")[0], jobs + 1
        for _ in range(min(2, kills - killed)):
            worker = started()
            time.sleep(chance.uniform(0.3, 2.5) * empty_s)
            if worker.poll() is not None:
                break
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            killed += 1
            Job.objects.filter(state=State.RUNNING).update(heartbeat=timezone.now() - timedelta(minutes=5))
        started().wait()
        sending.refresh_from_db()
        told = report_on(desk(site), sending.pk)
        lines = [one.lines for one in desk(site).warehouse.manifests() if one.reading == sending.reading]
        done += (
            job_of(sending).state == State.DONE
            and len(desk(site).warehouse.manifests()) == before + 1
            and [(one.accepted, one.quarantined) for one in lines] == [(99 + jobs, 4)]
            and told is not None and len(told["mistakes"]) == 4 and site.uploads() == []
        )  # fmt: skip
    return jobs, done


def test_a_worker_killed_at_random_points_leaves_one_reading_a_delivery(site: SendingSite) -> None:
    jobs, done = survive(site, 5, seed=7)
    assert (jobs > 0, done) == (True, jobs)


@pytest.mark.prove
def test_thirty_workers_killed_leave_one_reading_a_delivery(site: SendingSite, proof: Callable[..., None]) -> None:
    jobs, done = survive(site, 30, seed=11)
    proof("deliveries sent by the site whose workers were killed 30 times: read exactly once, with their report",
          figure=f"{done} of {jobs}", goal="all", seed=11)  # fmt: skip
    assert done == jobs


@pytest.mark.parametrize(("start", "end", "words"), [
    ("2026-07-01", "2026-08-01", "July 2026"), ("2026-07-01", "2026-10-01", "July to September 2026"),
    ("2026-12-01", "2027-02-01", "December 2026 to January 2027"),
    ("2026-07-03", "2026-08-10", "3 July to 9 August 2026"),
    ("2025-12-30", "2026-01-03", "30 December 2025 to 2 January 2026"),
])  # fmt: skip
def test_days_are_told_as_a_person_says_them(start: str, end: str, words: str) -> None:
    assert to_end(start, end) == words
