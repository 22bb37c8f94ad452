"""Whatever is done to a home in whatever order, it shows what a small pure model says, and no more.

Real files, real SQLite-free homes, the real gate; a crash is an exception at one of the seams of a delivery (real kills
are in `kills/`).
"""

import contextlib
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from intake.desk import rms
from pipeline.homes import NOW, agreement, at, desk_at, injury_schedule, send
from pipeline.machine import Model, Numbers, Record, Sending
from upstander.contracts.readings import Outcome
from upstander.contracts.releasing import Edition
from upstander.pipeline import deliver as delivering
from upstander.pipeline.agreeing import decide_about, end, sign
from upstander.pipeline.child import run_job
from upstander.pipeline.deliver import reread
from upstander.pipeline.erasing import acting
from upstander.pipeline.erasing.acting import erase, finish_erasures
from upstander.pipeline.erasing.child import run_job as look_through
from upstander.pipeline.erasing.finding import Person
from upstander.pipeline.gate import NoFeed, NotGranted, ask
from upstander.sharing import ActKind
from upstander.vault import Vault
from upstander.warehouse import NothingHeld, Register

WHOLE, DAILY = "rms", "rms_daily"
JULY = [date(2026, 7, day) for day in range(1, 6)]
PEOPLE = range(1, 7)
SURNAMES = dict(zip(PEOPLE, ("Okehurst", "Ashdown", "Tavenholt", "Selmarsh", "Brackwell", "Fenmoor"), strict=True))
BORN = date(1991, 2, 3)
FIELDS = ("event_from_local", "offence_code")
LOADED = {Outcome.ACCEPT, Outcome.NORMALISE, Outcome.ROWQ, Outcome.RESTATE}


class Crash(BaseException):
    """The process dies here; nothing after it runs."""


def _dies(*_: Any, **__: Any) -> Any:
    raise Crash


@contextlib.contextmanager
def crash_at(seam: str) -> Iterator[None]:
    """In this `with` a delivery dies at a seam: before the bytes are kept, after reading, before or after it exists."""
    with pytest.MonkeyPatch.context() as patch:
        if seam == "before the bytes are kept":
            patch.setattr(Vault, "keep", _dies)
        elif seam == "before it exists":
            patch.setattr(Register, "publish", _dies)
        elif seam == "after it exists":
            publish = Register.publish
            patch.setattr(Register, "publish", lambda desk, manifest: (publish(desk, manifest), _dies()))
        elif seam == "before it is recorded":
            patch.setattr(delivering, "record_run", _dies)
        with pytest.raises(Crash):
            yield


@contextlib.contextmanager
def dying_while_erasing(seam: str) -> Iterator[None]:
    """In this `with` an erasure dies: at its first reading or file, its second, or when all is done but the closing."""
    left = {"first": 0, "second": 1}.get(seam, -1)

    def count_down(*words: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        return _dies() if left < 0 else clean(*words, **named)

    clean = acting._clean_raw  # type: ignore[attr-defined]  # the seam itself
    with pytest.MonkeyPatch.context() as patch:
        if seam == "last":
            patch.setattr(acting.ledger, "close", _dies)
        else:
            patch.setattr(acting, "_clean_raw", count_down)
        with contextlib.suppress(Crash):
            yield


def _after_reading(job: Any, quarantine: Callable[[bytes], None]) -> Any:
    run_job(job, quarantine)
    raise Crash


class Home(RuleBasedStateMachine):
    """One home, and the model of it."""

    begun = 0

    def __init__(self) -> None:
        super().__init__()
        Home.begun += 1
        self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
        self.clock, self.version = NOW, 0
        self.model, self.numbers = Model(), Numbers()
        self.sent: list[tuple[Sending, bytes, str]] = []

    @initialize()
    def begin(self) -> None:
        self.desk = desk_at(self.folder)
        shipped = Path(delivering.__file__).parents[1] / "intake" / "suppliers" / f"{WHOLE}.toml"
        daily = (
            shipped.read_text("utf-8").replace('"whole"', '"increment"').replace('name = "rms"', f'name = "{DAILY}"')
        )
        self.desk.home.suppliers.mkdir(exist_ok=True)
        (self.desk.home.suppliers / f"{DAILY}.toml").write_text(daily, "utf-8")
        self._sign()

    def _sign(self) -> None:
        self.version += 1
        days = {"start": date(2026, 4, 1), "end": self.clock.date() + timedelta(30)}
        both = [injury_schedule(id=name.replace("_", "-"), suppliers=[name], **days) for name in (WHOLE, DAILY)]
        sign(self._desk(), agreement(*both, version=self.version))
        self.model = replace(self.model, shared=frozenset({WHOLE, DAILY}))

    def _desk(self) -> Any:
        return at(self.desk, self.clock)

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    # ── what people do ──────────────────────────────────────────────────────────────────────────────────────────────

    @rule(
        first=st.integers(0, 4),
        length=st.integers(1, 3),
        rows=st.integers(1, 4),
        dice=st.randoms(use_true_random=False),
    )
    def deliver_days(self, first: int, length: int, rows: int, dice: random.Random) -> None:
        """A new file of some days, which supersedes what was held for them."""
        days = JULY[first : first + length]
        records = tuple((n, dice.choice(days), dice.choice(PEOPLE)) for n in self.numbers.more(rows))
        self._send(Sending(WHOLE, days[0], days[-1], records, is_whole=True))

    @rule(rows=st.integers(1, 4), again=st.integers(0, 2), dice=st.randoms(use_true_random=False))
    def deliver_increment(self, rows: int, again: int, dice: random.Random) -> None:
        """New records, and some that were sent before."""
        held = [row for sending in self.model.taken if sending.supplier == DAILY for row in sending.records]
        repeated = dice.sample(held, min(again, len(held)))
        new = [(n, dice.choice(JULY), dice.choice(PEOPLE)) for n in self.numbers.more(rows)]
        self._send(Sending(DAILY, JULY[0], JULY[-1], tuple(dict.fromkeys([*repeated, *new])), is_whole=False))

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 99), name=st.sampled_from(["same", "other"]))
    def send_again(self, which: int, name: str) -> None:
        """The same bytes, under the same or another name."""
        sending, content, covers = self.sent[which % len(self.sent)]
        if sending.supplier not in self.model.shared:
            return
        report = self._deliver(content, sending.supplier, covers, name=f"{name}.csv")
        assert report.result.outcome is Outcome.NOOP

    @precondition(lambda self: self.model.taken)
    @rule(which=st.integers(0, 99), dice=st.randoms(use_true_random=False))
    def sort_again(self, which: int, dice: random.Random) -> None:
        """The rows of an earlier file in another order are another file; it says the same of its days, today."""
        sending = self.model.taken[which % len(self.model.taken)]
        shuffled = dice.sample(sending.records, len(sending.records))
        self._send(Sending(sending.supplier, sending.first, sending.last, tuple(shuffled), sending.is_whole))

    @precondition(lambda self: WHOLE in self.model.shared)
    @rule(
        seam=st.sampled_from(
            [
                "before the bytes are kept",
                "after reading",
                "before it exists",
                "after it exists",
                "before it is recorded",
            ]
        ),
        rows=st.integers(1, 3),
        finish=st.booleans(),
    )
    def crash(self, seam: str, rows: int, *, finish: bool) -> None:
        """A delivery that dies; it exists or it does not, and running it again finishes it."""
        records = tuple((n, JULY[n % 5], PEOPLE[n % 6]) for n in self.numbers.more(rows))
        sending = Sending(WHOLE, JULY[0], JULY[-1], records, is_whole=True)
        content, covers = _file(sending)
        with crash_at(seam):
            self._deliver(content, WHOLE, covers, runner=_after_reading if seam == "after reading" else run_job)
        if seam in {"after it exists", "before it is recorded"}:
            self.model = self.model.took(sending)
        self._agrees()
        if finish:
            self._send(sending)

    @precondition(lambda self: self.model.taken)
    @rule(which=st.integers(0, 99))
    def reread_by_a_new_map(self, which: int) -> None:
        """A corrected map reads an old delivery again; what it says of its days stays where it was."""
        held = self._desk().warehouse.manifests()
        one = held[which % len(held)]
        if one.supplier not in self.model.shared:
            return
        path = self.desk.home.suppliers / f"{one.supplier}.toml"
        shipped = Path(delivering.__file__).parents[1] / "intake" / "suppliers" / f"{WHOLE}.toml"
        text = (path if path.is_file() else shipped).read_text("utf-8")
        path.write_text(text.replace('version = "', 'version = "x', 1), "utf-8")
        outcome = reread(self._desk(), one.delivery, runner=run_job).result.outcome
        assert outcome in LOADED or one.rows == 0, "only a file from which everybody was erased has nothing to load"

    @rule(person=st.sampled_from(PEOPLE), dies=st.sampled_from(["", "", "first", "second", "last"]))
    def erase(self, person: int, dies: str) -> None:
        """Somebody is erased from everything held, whether or not it is shared; a killed erasure is finished."""
        desk = self._desk().asking(why="the person asked")
        asked = Person(surname=SURNAMES[person], forename="Ann", born=BORN)
        if dies:
            with dying_while_erasing(dies):
                erase(desk, [asked], run=look_through)
            finish_erasures(desk, run=look_through)
        else:
            erase(desk, [asked], run=look_through)
        self.model = self.model.without(person)

    @precondition(lambda self: self.model.shared)
    @rule()
    def end(self) -> None:
        """The agreement is ended: nothing comes in, nothing is shown."""
        end(self._desk().asking(why="the board said so"), "pact")
        self.model = replace(self.model, shared=frozenset())

    @precondition(lambda self: self.model.shared)
    @rule(which=st.integers(0, 1))
    def withdraw(self, which: int) -> None:
        """One schedule is withdrawn; the other goes on."""
        supplier = sorted(self.model.shared)[which % len(self.model.shared)]
        desk = self._desk().asking(why="the force said so")
        decide_about(desk, "pact", ActKind.WITHDRAWN, schedule=supplier.replace("_", "-"))
        self.model = replace(self.model, shared=self.model.shared - {supplier})

    @precondition(lambda self: self.model.shared)
    @rule()
    def expire(self) -> None:
        """The last day passes."""
        self.clock += timedelta(days=40)
        self.model = replace(self.model, shared=frozenset())

    @precondition(lambda self: self.model.shared != {WHOLE, DAILY})
    @rule()
    def sign_again(self) -> None:
        """A new version is signed, and what was held is there again."""
        self.clock += timedelta(minutes=1)
        self._sign()

    # ── what must hold ──────────────────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def _agrees(self) -> None:
        desk = self._desk()
        for supplier in (WHOLE, DAILY):
            assert self._shown(supplier) == self._expected(supplier)
        assert desk.warehouse.damaged() == ()
        assert desk.audit.verify() is None
        assert all(manifest.lines.adds_up for manifest in desk.warehouse.manifests())

    def _shown(self, supplier: str) -> list[tuple[int, date]] | str:
        desk = self._desk()
        try:
            allowed = ask(desk, "police_incidents", FIELDS, Edition.SHAREABLE, suppliers=(supplier,))
            rows = desk.warehouse.read(allowed, secrets=desk.keyring.secret).to_polars()
        except NotGranted:
            return "refused"
        except NothingHeld:
            return []
        return sorted((when.hour * 60 + when.minute, when.date()) for when in rows["event_from_local"])

    def _expected(self, supplier: str) -> list[tuple[int, date]] | str:
        if supplier not in self.model.shared:
            return "refused"
        return [(number, day) for number, day, _ in self.model.visible(supplier)]

    def _send(self, sending: Sending) -> None:
        content, covers = _file(sending)
        if sending.supplier not in self.model.shared:
            with pytest.raises(NoFeed):
                self._deliver(content, sending.supplier, covers)
            return
        outcome = self._deliver(content, sending.supplier, covers).result.outcome
        if outcome is Outcome.HOLD:
            assert self._brings_far_fewer(sending)
            return
        assert outcome in (LOADED | {Outcome.NOOP})
        self.model = self.model.took(sending)
        self.sent.append((sending, content, covers))

    def _brings_far_fewer(self, sending: Sending) -> bool:
        """Whether a file has less than half of the rows held for its days, and ten fewer: somebody must look at it."""
        held = [row for row in self.model.visible(sending.supplier) if sending.first <= row[1] <= sending.last]
        return 2 * len(sending.records) < len(held) and len(held) - len(sending.records) >= 10

    def _deliver(
        self, content: bytes, supplier: str, covers: str, *, name: str = "extract.csv", runner: Any = run_job
    ) -> Any:
        return send(
            self._desk(), self.folder / "sent", content, name=name, supplier=supplier, covers=covers, runner=runner
        )


def _file(sending: Sending) -> tuple[bytes, str]:
    rows = [_row(record) for record in sending.records]
    return rms(*rows), f"{sending.first}/{sending.last + timedelta(days=1)}"


def _row(record: Record) -> dict[str, str]:
    number, day, person = record
    when = datetime(day.year, day.month, day.day, *divmod(number, 60))  # noqa: DTZ001 - a wall clock, as it is sent
    return {
        "incident_ref": f"C{number}", "person_ref": f"P{person:06d}", "occurred_from": f"{when:%d/%m/%Y %H:%M}",
        "recorded_at": "", "surname": SURNAMES[person], "forename": "Ann", "dob": f"{BORN:%d/%m/%Y}",
    }  # fmt: skip


def _histories(examples: int) -> int:
    """Run so many; each fails by the invariant where the home and the model disagree. How many were begun."""
    Home.begun = 0
    run_state_machine_as_test(
        Home,
        settings=settings(
            max_examples=examples, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    return Home.begun


def test_a_home_shows_what_the_model_says_after_anything() -> None:
    assert _histories(12) >= 12


@pytest.mark.prove
def test_five_hundred_histories_of_a_home_agree_with_the_model(proof: Callable[..., None]) -> None:
    assert _histories(500) >= 500
    proof("histories of a home (deliver, redeliver, rename, sort, supersede, reread, crash, withdraw, expire, erase)",
          figure="500 agree with the model", goal="500")  # fmt: skip
