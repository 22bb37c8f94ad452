"""What an operational picture rests on: the gate's answers and the readings. The same gives the same picture."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from upstander.analysis.hotspots.windows import Window
from upstander.contracts.asking import Allowed, Refused
from upstander.contracts.catalogue import ALL
from upstander.contracts.definitions import ViolenceDefinition, load_definition
from upstander.errors import WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import answers_now
from upstander.pipeline.injuries.asked import SOURCES
from upstander.pipeline.injuries.coming_in import RECORDED
from upstander.pipeline.injuries.past import OFFENCE, OFFENCES_OF
from upstander.pipeline.injuries.sources import fields_of
from upstander.sharing import Agreement
from upstander.values.canonical import canonical_json
from upstander.values.periods import Period, months_before

MONTHS = (12, 24, 36)
_METHOD = "picture 1.0"  # another one makes other pictures of the same readings
Question = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Wanted:
    """Which picture: the window of the week (None for all hours), and how many months up to the newest delivery."""

    window: Window | None
    months: int = MONTHS[0]

    @classmethod
    def parse(cls, window: str, months: str) -> "Wanted":
        """Read `Sat 20:00-02:00` or nothing for all hours, and a number of months. Raises WrongUsage."""
        if months not in map(str, MONTHS):
            raise WrongUsage(f"{len(months)} signs are no number of months.", where="months", expected=str(MONTHS))
        return cls(Window.parse(window) if window.strip() else None, int(months))


@dataclass(frozen=True)
class Resting:
    """What a picture wanted now would rest on.

    `key` is the same only where window, period, readings, grants and methods are; `base` leaves the window out.
    `answers` are the gate's, for each of `questions`. `period` is None where nothing was delivered.
    """

    wanted: Wanted
    period: Period | None
    questions: tuple[Question, ...]
    answers: tuple[Allowed | Refused, ...]
    key: str
    base: str

    @property
    def is_possible(self) -> bool:
        """Whether anything may be read, and is there."""
        return self.period is not None and any(isinstance(one, Allowed) for one in self.answers)

    @property
    def refusals(self) -> tuple[Refused, ...]:
        """Why a source is left out, one a source."""
        return tuple(
            answer
            for (name, fields), answer in zip(self.questions, self.answers, strict=True)
            if isinstance(answer, Refused) and (name, fields) in self.questions[: len(SOURCES)]
        )


def resting(desk: Desk, wanted: Wanted) -> Resting:
    """What this picture would rest on at this moment, for the person at the desk."""
    definition = load_definition(desk.home.settings.definition, folder=desk.home.reference / "definitions")
    questions = questions_of(definition)
    answers = answers_now(desk, questions)
    manifests = [one for name in SOURCES for one in desk.warehouse.manifests(name)]
    ends = max((one.covers.end for one in manifests), default=None)
    period = _period(ends, wanted.months) if ends else None
    rests_on = {
        "method": _METHOD,
        "definition": str(definition),
        "period": str(period),
        "grid_m": desk.home.settings.grid_m,
        "reference": sorted(path.parent.name + path.name for path in desk.home.reference.glob("*/*")),
        "readings": [[one.dataset, one.reading, *one.erasures] for one in manifests],
        "grants": granted(questions, answers),
    }
    return Resting(
        wanted, period, questions, answers,
        key=_hash({**rests_on, "window": str(wanted.window or "")}), base=_hash(rests_on),
    )  # fmt: skip


def questions_of(definition: ViolenceDefinition) -> tuple[Question, ...]:
    """Everything that making a picture may ask the gate for; first what each source is asked for by itself."""
    plain = [(name, fields_of(name, definition)) for name in SOURCES]
    recorded = [
        (name, fields_of(name, definition, more=(RECORDED,)))
        for name in SOURCES if any(RECORDED in column.becomes for column in ALL[name].columns)
    ]  # fmt: skip
    return (*plain, (OFFENCES_OF, fields_of(OFFENCES_OF, definition, more=(OFFENCE,))), *recorded)


def granted(questions: Sequence[Question], answers: Sequence[Allowed | Refused]) -> list[Any]:
    """What was answered, as JSON values: of each question its grants, or why there are none. Nobody is named in it."""
    return [
        [name, list(fields), _grants(one) if isinstance(one, Allowed) else one.reason]
        for (name, fields), one in zip(questions, answers, strict=True)
    ]


def recipients_of(agreements: Iterable[Agreement], answers: Iterable[Allowed | Refused]) -> tuple[str, ...]:
    """Whom every schedule that a picture was made under names: agencies and people, sorted."""
    wanted = {(grant.agreement, grant.schedule) for one in answers if isinstance(one, Allowed) for grant in one.grants}
    named = [
        {*schedule.recipients.agencies, *schedule.recipients.persons}
        for agreement in agreements for schedule in agreement.schedules
        if (agreement.name, schedule.id) in wanted and not schedule.recipients.everyone
    ]  # fmt: skip
    return tuple(sorted(set.intersection(*named))) if named else ()


def _grants(allowed: Allowed) -> list[Mapping[str, Any]]:
    return [asdict(grant) | {"until": grant.until.isoformat()} for grant in allowed.grants]


def _period(end: date, months: int) -> Period:
    return Period.between(months_before(end, months), end)


def _hash(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(told)).hexdigest()
