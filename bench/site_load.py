"""The site under load: people with time to think while files come in; a page against its bytes; ten times too much.

What serves, what asks and what loads share the machine's cores, so that absolute figures are low; the ratios are taken
within one run. `--seconds` is how long each plateau lasts.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from asking import Asker, free_port

PEOPLE, THINKING_S, PROCESSES = 200, 5.0, 2
GOAL_P95_MS, GOAL_CACHED, GOAL_FIRST_MS, GOAL_GOODPUT, GOAL_RECOVERY_S = 300, 1_300, 50, 0.8, 10
SEED = 20210618
_AT_ONCE, _TEN_TIMES = 16, 160
_PAGES = ("/dashboard/", "/")
_RIVALS = Path(__file__).with_name("site_rivals.py")


@dataclass
class Plateau:
    """What some people were answered in a stretch of time: seconds of each answer, and how many by status."""

    seconds: float
    took: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def good(self) -> float:
        """Pages a second that were pages."""
        return self.statuses.get(200, 0) / self.seconds

    @property
    def errors(self) -> int:
        """Answers that were none: broken connections (0) and anything but a page or a turning away."""
        return sum(count for status, count in self.statuses.items() if status not in {200, 503})

    def ms(self, share: float) -> float:
        """The time within which this share of the answers came."""
        return 1_000 * sorted(self.took)[int(share * (len(self.took) - 1))]


def plateau(askers: Sequence[Asker], seconds: float, *, thinking_s: float = 0.0) -> Plateau:
    """Each asker asks, waits for the answer and thinks, over and over, until the time is up."""
    found, lock, until = Plateau(seconds), threading.Lock(), time.perf_counter() + seconds

    def one(number: int, asker: Asker) -> None:
        draw = random.Random(SEED + number)
        took: list[float] = []
        statuses: dict[int, int] = {}
        if thinking_s:
            time.sleep(draw.uniform(0, thinking_s))
        while (began := time.perf_counter()) < until:
            status = asker.ask()
            took.append(time.perf_counter() - began)
            statuses[status] = statuses.get(status, 0) + 1
            if thinking_s:
                time.sleep(min(draw.expovariate(1 / thinking_s), max(0.0, until - time.perf_counter())))
        with lock:
            found.took += took
            for status, count in statuses.items():
                found.statuses[status] = found.statuses.get(status, 0) + count

    threads = [threading.Thread(target=one, args=pair) for pair in enumerate(askers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


# ── The home, its people, and what serves it ─────────────────────────────────────────────────────────────────────────


def make_home(folder: Path) -> tuple[Path, list[str]]:
    """A year of the fictional county, and a session of each of 200 people of a partner agency."""
    from upstander.cli.desk import remembered
    from upstander.pipeline.demo import run_demo

    ends = datetime.now(UTC).date().replace(day=1)
    for line in run_demo(folder, years=1, seed=SEED, ends=ends.replace(year=ends.year - 1), remembered=remembered):
        print(f"  {line[:100]}", file=sys.stderr)
    _lift_the_limit(folder / "home")
    return folder / "home", _sessions(folder / "home")


def _lift_the_limit(home: Path) -> None:
    """A load asks for more pages a minute in one person's name than anybody reads."""
    import tomli_w

    from upstander.pipeline.home import open_home

    settings = open_home(home).settings
    lifted = settings.model_copy(update={"site": settings.site.model_copy(update={"pages_a_minute": 1_000_000})})
    told = tomli_w.dumps(lifted.model_dump(mode="json", exclude_defaults=True))
    (home / "upstander.toml").write_text(told, "utf-8")


def _sessions(home: Path) -> list[str]:
    from upstander.web.site import open_site

    open_site(home, environ=os.environ)
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import connections

    from upstander.web.accounts.models import Agency, Person

    agency, now = Agency.objects.get_or_create(slug="brackenshire_vrn", defaults={"name": "VRN"})[0], datetime.now(UTC)
    keys = []
    for number in range(PEOPLE):
        person = Person.objects.create(
            handle=f"reader{number}", name=f"Reader {number}", agency=agency, roles=["professional"],
            vetting="nppv2", vetted_until=now.replace(year=now.year + 1, day=1), password="!",
        )  # fmt: skip
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(person.pk), person.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = "upstander.web.accounts.adapters.Backend"
        session["began"] = session["seen"] = session["stepped_up"] = now.timestamp()
        session.save()
        keys.append(str(session.session_key))
    connections.close_all()
    return keys


@contextmanager
def running(words: Sequence[str | Path], port: int) -> Iterator[None]:
    """A server in a process of its own, from when it answers until it is told to stop."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([str(word) for word in words], stdout=said, stderr=said)
        try:
            for _ in range(1_200):
                if Asker(port, "/health").ask() or process.poll() is not None:
                    break
                time.sleep(0.1)
            if process.poll() is not None:
                said.seek(0)
                raise RuntimeError(said.read().decode(errors="replace")[-2_000:])
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)


def site(home: Path, port: int, processes: int) -> list[str | Path]:
    """The words that serve the home."""
    command = "from upstander.cli import main; main()"
    words = ["serve", "--home", home, "--port", str(port), "--processes", str(processes), "--no-with-worker"]
    return [sys.executable, "-c", command, *words]


@contextmanager
def ingest(home: Path, folder: Path) -> Iterator[Callable[[], int]]:
    """The next year's police extracts, delivered one after the other meanwhile; gives how many were, so far."""
    from upstander.synthetic import make

    ends = datetime.now(UTC).date().replace(day=1)
    county = make(folder, years=1, seed=SEED + 1, ends=ends)
    files = sorted((county.folder / "deliveries" / "brackenshire_police").glob("*.csv"))
    done, stop = [0], threading.Event()

    def deliver() -> None:
        command = "from upstander.cli import main; main()"
        for file in files:
            if stop.is_set():
                return
            subprocess.run(
                [sys.executable, "-c", command, "deliver", file, "--dataset", "police_incidents",
                 "--supplier", "brackenshire_police", "--home", home],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
            )  # fmt: skip
            done[0] += 1

    thread = threading.Thread(target=deliver)
    thread.start()
    yield lambda: done[0]
    stop.set()
    thread.join()


# ── What is measured ─────────────────────────────────────────────────────────────────────────────────────────────────


def people_reading(home: Path, keys: Sequence[str], folder: Path, seconds: float) -> list[tuple[str, str, str]]:
    """Two hundred people with time to think, while files come in."""
    port = free_port()
    with running(site(home, port, PROCESSES), port), ingest(home, folder) as delivered:
        page = _page(port, keys[0])
        found = plateau([Asker(port, page, key) for key in keys], seconds, thinking_s=THINKING_S)
        files = delivered()
    return [
        (f"{len(keys)} people, {page}, {seconds:.0f} s, {files} files in meanwhile: p95",
         f"{found.ms(0.95):,.0f} ms", f"≤ {GOAL_P95_MS} ms"),
        ("p99", f"{found.ms(0.99):,.0f} ms", ""),
        ("errors; turned away as too busy",
         f"{found.errors}; {found.statuses.get(503, 0):,} of {len(found.took):,}", "0; 0"),
    ]  # fmt: skip


def one_page(home: Path, keys: Sequence[str], folder: Path, seconds: float) -> list[tuple[str, str, str]]:
    """One page from one process, against its bytes and against a plain page of Django's, served alike."""
    port = free_port()
    with running(site(home, port, 1), port):
        page = _page(port, keys[0])
        first = Asker(port, page, keys[0])
        began = time.perf_counter()
        first.ask()
        first_ms = 1_000 * (time.perf_counter() - began)
        (folder / "page.html").write_bytes(first.body)
        again = plateau([Asker(port, page, key) for key in keys[:_AT_ONCE]], seconds)
        anew = plateau([Asker(port, page, key, anew=True) for key in keys[:_AT_ONCE]], seconds)
    rates = {}
    for rival in ("bytes", "django"):
        port = free_port()
        with running([sys.executable, _RIVALS, rival, str(port), folder / "page.html"], port):
            rates[rival] = plateau([Asker(port, page) for _ in range(_AT_ONCE)], seconds).good
    return [
        (f"{page} seen again within a second, one process, {_AT_ONCE} at once", f"{again.good:,.0f} pages/s",
         f"≥ {GOAL_CACHED:,}"),
        ("the same page later, the door asked anew each time", f"{anew.good:,.0f} pages/s", ""),
        *((name, f"{rates[rival]:,.0f} pages/s; ours within a second is {again.good / rates[rival]:.2f} of it", "")
          for name, rival in (("the same bytes from memory", "bytes"), ("a plain Django page", "django"))),
        ("the page's first view", f"{first_ms:,.0f} ms", f"≤ {GOAL_FIRST_MS} ms"),
    ]  # fmt: skip


def too_much(home: Path, keys: Sequence[str], seconds: float) -> list[tuple[str, str, str]]:
    """Ten times as many at once as the peak needs: pages a second still, and how soon all is well again."""
    port = free_port()
    with running(site(home, port, PROCESSES), port):
        page = _page(port, keys[0])
        peak = plateau([Asker(port, page, key, anew=True) for key in keys[:_AT_ONCE]], seconds)
        flood = plateau([Asker(port, page, keys[n % len(keys)], anew=True) for n in range(_TEN_TIMES)], seconds)
        recovered = _recovery(Asker(port, page, keys[0]), 2 * peak.ms(0.95) / 1_000)
    turned = flood.statuses.get(503, 0)
    return [
        (f"{_TEN_TIMES} at once instead of {_AT_ONCE}: pages/s of the peak's {peak.good:,.0f}",
         f"{flood.good / peak.good:.0%}; {turned:,} turned away, {flood.errors} errors", f"≥ {GOAL_GOODPUT:.0%}"),
        ("until a page takes no longer than twice the peak's p95", f"{recovered:.1f} s", f"≤ {GOAL_RECOVERY_S} s"),
    ]  # fmt: skip


def _recovery(asker: Asker, as_fast_as: float) -> float:
    began = time.perf_counter()
    while time.perf_counter() - began < 60:
        asked = time.perf_counter()
        if asker.ask() == 200 and time.perf_counter() - asked <= as_fast_as:
            break
        time.sleep(0.05)
    return time.perf_counter() - began


def _page(port: int, key: str) -> str:
    """The dashboard where the site has one and it opens, else the home page."""
    return next(page for page in _PAGES if Asker(port, page, key).ask() == 200)


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--seconds", type=float, default=60.0)
    seconds = words.parse_args().seconds
    folder = Path(tempfile.mkdtemp(prefix="site"))
    try:
        home, keys = make_home(folder)
        rows = [
            *people_reading(home, keys, folder / "next", seconds),
            *one_page(home, keys, folder, seconds),
            *too_much(home, keys, seconds),
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("## The site under load\n")
    print("What serves, what asks and what loads files share the same cores; the ratios are taken within one run.\n")
    print("| what | measured | goal |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
