"""What a reader filters by: read from the address of the page, held against what the release tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from upstander.pipeline.findings import ALL_AGES, ALL_SEXES, WHOLE, Findings, NotReleased, Question
from upstander.pipeline.findings.making import Wanted, latest_of, not_open

_WHOLES = {"area": WHOLE, "age": ALL_AGES, "sex": ALL_SEXES}
_LABELS = {"measure": "Measure", "period": "Period", "area": "Place", "age": "Age", "sex": "Sex"}


@dataclass(frozen=True)
class Option:
    """One choice of a filter; `group` heads several."""

    value: str
    words: str
    is_chosen: bool
    group: str = ""


@dataclass(frozen=True)
class Filter:
    """One filter of the form: only values that the release tells together with the others."""

    name: str
    label: str
    options: tuple[Option, ...]
    hint: str = ""


@dataclass(frozen=True)
class Asked:
    """What is asked of a tab. `wrong`: filters with sentences about what is not told; then nothing is shown.
    `instead`: what is shown in place of a period that the measure is not told for; empty where nothing had to give.
    """

    wanted: Wanted
    wrong: tuple[tuple[str, str], ...] = ()
    instead: str = ""

    @property
    def query(self) -> str:
        """The filters as part of an address, in one order: equal questions have equal addresses."""
        return query_of(self.wanted)


def query_of(wanted: Wanted) -> str:
    """The filters as part of an address: what is chosen, without what is for everybody everywhere."""
    said = {name: getattr(wanted, name) for name in _LABELS}
    return urlencode({name: value for name, value in said.items() if value != _WHOLES.get(name)})


def asked_of(findings: Findings, said: Mapping[str, str], measures: Sequence[str]) -> Asked:
    """What an address asks of these measures. What it leaves out is the first measure, its last period, everybody."""
    chosen = {"measure": measures[0], "period": "", **_WHOLES} | {
        name: value for name, value in said.items() if name in _LABELS and value
    }
    if chosen["measure"] in measures and not chosen["period"]:
        chosen["period"] = latest_of(findings, chosen["measure"])
    wanted = Wanted(**{name: chosen[name] for name in _LABELS})
    if strange := _strange(findings, wanted, measures):
        return Asked(wanted, strange)
    refused = not_open(findings, wanted)
    if refused is None:
        return Asked(wanted)
    latest = replace(wanted, period=latest_of(findings, wanted.measure))
    if not_open(findings, latest) is None:
        was, now = (findings.choices.period(one.period).title for one in (wanted, latest))
        return Asked(latest, instead=f"This is not told for {was}. What is shown is {now}.")
    return Asked(wanted, (_refused(findings, wanted, refused),))


def _strange(findings: Findings, wanted: Wanted, measures: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The filters whose value is not there for this reader, with a sentence each."""
    choices = findings.choices
    known = {
        "measure": measures, "period": [one.name for one in choices.periods],
        "area": [one.key for one in choices.areas], "age": choices.ages, "sex": choices.sexes,
    }  # fmt: skip
    return tuple(
        (name, f"{_LABELS[name]}: there is none of that name for you. Choose another.")
        for name, values in known.items() if getattr(wanted, name) not in values
    )  # fmt: skip


def form_of(findings: Findings, asked: Asked, measures: Sequence[str]) -> tuple[Filter, ...]:
    """The form: each filter with the values that go with the others."""
    wanted, choices = asked.wanted, findings.choices
    words = {
        "measure": {one.name: one.title for one in choices.measures if one.name in measures},
        "period": {one.name: one.title for one in choices.periods},
        "area": {one.key: one.name for one in choices.areas},
        "age": {one: one.capitalize() for one in choices.ages},
        "sex": {one: "Both and not known" if one == ALL_SEXES else one.capitalize() for one in choices.sexes},
    }
    made = []
    for name, called in words.items():
        is_free = asked.wrong or name == "measure"
        offered = set(called) if is_free else {*_open_to(findings, wanted, name), getattr(wanted, name)}
        groups = _groups(findings) if name == "area" else {}
        options = tuple(
            Option(value, said, value == getattr(wanted, name), groups.get(value, ""))
            for value, said in called.items() if value in offered
        )  # fmt: skip
        hint = (
            "Not every choice goes with what else is chosen."
            if len(options) < len(called) and name != "measure"
            else ""
        )
        made.append(Filter(name, _LABELS[name], options, hint))
    return tuple(made)


def _open_to(findings: Findings, wanted: Wanted, name: str) -> tuple[str, ...]:
    others = {part: (getattr(wanted, part),) for part in _LABELS if part != name}
    return findings.open_to(Question(**others), name)


def _groups(findings: Findings) -> dict[str, str]:
    """Districts by themselves, then each with what lies in it."""
    names = {one.key: one.name for one in findings.choices.areas}
    return {
        one.key: f"In {names[one.within]}"
        for one in findings.choices.areas
        if one.within in names and one.within != WHOLE
    }


def _refused(findings: Findings, wanted: Wanted, why: NotReleased) -> tuple[str, str]:
    """A filter that may be changed, and what does not go together, in words."""
    can = [
        part for part, values in why.open_to.items()
        if part in _LABELS and getattr(wanted, part) != _WHOLES.get(part) and values
    ] or ["area"]  # fmt: skip
    place = findings.choices.area(wanted.area).name
    return can[0], (
        f"The release tells no number for this combination in {place}: it is not counted, or would be of too few. "
        f"Change the {' or the '.join(_LABELS[part].lower() for part in can)}."
    )


def of_measure(findings: Findings, wanted: Wanted, measure: str) -> Wanted:
    """The same filters for another measure, at its own last period."""
    return replace(wanted, measure=measure, period=latest_of(findings, measure))
