"""The figures of the dashboard, each out of the released cells that a reader may see and has asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import polars as pl

from upstander.contracts.measures import Denominator, all_measures, find_measure
from upstander.contracts.releasing import ReleasedTable
from upstander.pipeline.findings import working
from upstander.pipeline.findings.asking import NotReleased, Question
from upstander.pipeline.findings.choices import PeriodChoice, layer_words
from upstander.pipeline.findings.reading import Findings
from upstander.pipeline.findings.residents import attribution, outlines, residents
from upstander.pipeline.injuries.asked import SOURCES
from upstander.pipeline.release.ground import NOWHERE, WHOLE
from upstander.pipeline.release.plan import ALL_AGES, ALL_SEXES
from upstander.publish.figures.area_map import Mapped, area_map
from upstander.publish.figures.change import change
from upstander.publish.figures.model import Figure, nothing
from upstander.publish.figures.people import people
from upstander.publish.figures.places import places
from upstander.publish.figures.quality import Received, quality
from upstander.publish.figures.trend import trend
from upstander.publish.figures.words import Subject
from upstander.publish.words import listed, months

_AGES: Mapping[str, tuple[int, int]] = {ALL_AGES: (0, 200), "under 25": (0, 24), "25 and over": (25, 200)}
_UNKNOWN = {"area": ("area", NOWHERE), "age": ("age", "age not known"), "sex": ("sex", "other or not known")}
_WHOLES = {"area": WHOLE, "age": ALL_AGES, "sex": ALL_SEXES}
_DAYS_A_YEAR = 365.25
_NO_RATE = "Rates are told for both sexes and known ages only, of measures that are out of who lives there."
HOME_OFFICE = "ho_"  # how the measures of its grant are named


@dataclass(frozen=True)
class Wanted:
    """What a reader filters by: names of the release, as choices give them."""

    measure: str
    period: str
    area: str = WHOLE
    age: str = ALL_AGES
    sex: str = ALL_SEXES


@dataclass(frozen=True)
class Made:
    """A figure, and the released tables it shows, for whoever takes it away."""

    figure: Figure
    tables: tuple[ReleasedTable, ...]


def made(findings: Findings, kind: str, wanted: Wanted) -> Made:
    """The figure of a kind (see KINDS). Raises NotReleased, which says what is told instead."""
    return KINDS[kind](findings, wanted)


def _trend(findings: Findings, wanted: Wanted) -> Made:
    series, step = series_of(findings, wanted.measure)
    question = Question(
        measure=(wanted.measure,), period=tuple(one.name for one in series), area=(wanted.area,), age=(wanted.age,),
        sex=(wanted.sex,),
    )  # fmt: skip
    counts = findings.table(question, "counts", title=_title(findings, wanted))
    better = findings.choices.measure(wanted.measure).better
    usual, signals = working.usual_of(counts, [one.name for one in series], better)
    named = [(one.name, one.title, f"{one.title[:3]} {one.start.year}") for one in series]
    figure = trend(
        _name("trend", wanted), _subject(findings, wanted), step, named, counts, usual, signals, findings.edition.name
    )  # fmt: skip
    return Made(figure, (counts, *([usual] if usual.cells.height else [])))


def _districts(findings: Findings, wanted: Wanted) -> Made:
    return _places(findings, wanted, findings.choices.layers[0] if findings.choices.layers else "")


def _wards(findings: Findings, wanted: Wanted) -> Made:
    return _places(findings, wanted, findings.choices.layers[-1] if len(findings.choices.layers) > 1 else "")


def _places(findings: Findings, wanted: Wanted, layer: str) -> Made:
    subject, words = _subject(findings, wanted), layer_words(layer)
    name = _name("districts" if layer == next(iter(findings.choices.layers), "") else "wards", wanted)
    resident, names = _resident(wanted), _names(findings, layer, wanted.area)
    if resident is None or not names or wanted.sex != ALL_SEXES or wanted.age not in _AGES:
        return Made(nothing(name, f"No rate of {subject.short} is told here.", subject.sub, _NO_RATE), ())
    counts = findings.table(_by_area(wanted, names), "counts", title=_title(findings, wanted))
    at_risk = _person_years(findings, wanted, layer)
    per, least = resident.per, find_measure(wanted.measure).disclosure.rate_from
    rates = working.rates_by_area(counts, at_risk, per=per, rate_from=least)
    whole = working.whole_rate(counts, at_risk, per=per)
    tables = {"counts": counts, "rates": rates, "whole": whole}
    tables |= working.beyond_chance(counts, whole, at_risk, per=per)
    sizes = dict(at_risk.select("area", "out_of").rows())
    figure = places(name, subject, words, names, resident.unit, tables, findings.edition.name, sizes)
    return Made(figure, (counts, rates))


def _map(findings: Findings, wanted: Wanted) -> Made:
    """The finest layer. A measure that counts the most of its source stands beside those of the other sources."""
    layer = findings.choices.layers[-1] if findings.choices.layers else ""
    subject, words, name = _subject(findings, wanted), layer_words(layer), _name("map", wanted)
    resident, names = _resident(wanted), _names(findings, layer, wanted.area)
    if resident is None or not names or wanted.sex != ALL_SEXES or wanted.age not in _AGES:
        return Made(nothing(name, f"No map of {subject.short} is drawn here.", subject.sub, _NO_RATE), ())
    maps, together = [], 0.0
    for one in _beside(findings, wanted):
        counts = findings.table(_by_area(one, names), f"{one.measure}_counts", title=_title(findings, one))
        at_risk, least = _person_years(findings, one, layer), find_measure(one.measure).disclosure.rate_from
        rates = working.rates_by_area(counts, at_risk, per=resident.per, rate_from=least)
        maps.append(Mapped(_subject(findings, one), counts=counts, rates=rates))
        whole = working.whole_rate(counts, at_risk, per=resident.per).cells["value"]
        together = together or (float(whole[0]) if whole.len() else 0.0)
    shapes = tuple(one for one in outlines(findings.reference, layer) if str(one.key) in names)
    drawn = area_map(
        name, maps, words, names, shapes, resident.unit, together, attribution(findings.reference, layer),
        findings.edition.name,
    )  # fmt: skip
    return Made(drawn, tuple(one.counts for one in maps))


def _beside(findings: Findings, wanted: Wanted) -> list[Wanted]:
    """The question, and the same of the other sources of incidents where it is of the most that its source counts."""
    dataset = findings.choices.measure(wanted.measure).dataset
    held = [name for name, _ in findings.choices.datasets if name in SOURCES]
    if dataset not in held or _widest(findings, dataset) != wanted.measure:
        return [wanted]
    others = [replace(wanted, measure=_widest(findings, one)) for one in held if one != dataset]
    return [wanted, *(one for one in others if not_open(findings, replace(one, area=wanted.area)) is None)]


def _by_area(wanted: Wanted, names: Mapping[str, str]) -> Question:
    return Question(
        measure=(wanted.measure,), period=(wanted.period,), area=tuple(names), age=(wanted.age,), sex=(wanted.sex,)
    )


def _people(findings: Findings, wanted: Wanted) -> Made:
    choices = findings.choices
    question = Question(measure=(wanted.measure,), period=(wanted.period,), area=(wanted.area,))
    counts = findings.table(question, "counts", title=_title(findings, replace(wanted, age=ALL_AGES, sex=ALL_SEXES)))
    subject = _subject(findings, replace(wanted, age=ALL_AGES, sex=ALL_SEXES))
    figure = people(_name("people", wanted), subject, choices.ages, choices.sexes, counts, findings.edition.name)
    return Made(figure, (counts,))


def _change(findings: Findings, wanted: Wanted) -> Made:
    layers, pair = findings.choices.layers, _two_years(findings)
    subject, name = _subject(findings, replace(wanted, area=WHOLE)), _name("change", wanted)
    if not pair or not layers:
        why = "Two whole years are needed, and this release has fewer."
        return Made(nothing(name, f"Two years of {subject.short} cannot be set side by side.", subject.sub, why), ())
    names = {WHOLE: findings.choices.area(WHOLE).name} | _names(findings, layers[0], WHOLE)
    before, since = ([one.name for one in year] for year in pair)
    counts = findings.table(
        Question(measure=(wanted.measure,), period=(*before, *since), area=tuple(names), age=(wanted.age,),
                 sex=(wanted.sex,)),
        "counts", title=_title(findings, wanted),
    )  # fmt: skip
    tables = working.year_on_year(counts, before, since)
    figure = change(
        name, subject, layer_words(layers[0]), names, tables,
        (_span(pair[0]), _span(pair[1])), findings.edition.name,
    )  # fmt: skip
    return Made(figure, (tables["years"], tables["ratios"]))


def _two_years(findings: Findings) -> tuple[list[PeriodChoice], list[PeriodChoice]] | None:
    """The last year and the one before it as the release tells them whole, which withholds less than their quarters;
    else the last eight quarters; None where it has neither.
    """
    years = sorted((one for one in findings.choices.periods if one.kind == "year"), key=lambda one: one.end)
    for since in reversed(years):
        for before in years:
            if before.end == since.start:
                return [before], [since]
    quarters = quarters_of(findings)
    return (quarters[-8:-4], quarters[-4:]) if len(quarters) >= 8 else None


def _quality(findings: Findings, wanted: Wanted) -> Made:
    plan, known, received = findings.edition.plan, {}, []
    held = dict(findings.choices.datasets)
    for source in (one for one in plan.sources if one.dataset in held):
        widest = _widest(findings, source.dataset)
        period = (
            wanted.period
            if wanted.period in findings.open_to(Question(measure=(widest,)), "period")
            else latest_of(findings, widest)
        )
        question = Question(dataset=(source.dataset,), measure=(widest,), period=(period,))
        counts = findings.table(question, f"{source.dataset}_counts", title=held[source.dataset])
        known[source.dataset] = replace_name(working.known_shares(counts, _UNKNOWN, _WHOLES), f"{source.dataset}_known")
        received.append(Received(
            source.dataset, held[source.dataset], len(source.whole), len(plan.covering.quarters),
            len({one.reading for one in source.readings}), source.late,
        ))  # fmt: skip
    period = findings.choices.period(wanted.period).title
    return Made(quality("quality", received, known, period, findings.edition.name), tuple(known.values()))


def replace_name(table: ReleasedTable, name: str) -> ReleasedTable:
    """The same table under another name, as files that lie side by side need."""
    return replace(table, name=name)


Maker = Callable[[Findings, Wanted], Made]
KINDS: Mapping[str, Maker] = {
    "trend": _trend, "districts": _districts, "wards": _wards, "map": _map, "people": _people, "change": _change,
    "quality": _quality,
}  # fmt: skip


def quarters_of(findings: Findings) -> list[PeriodChoice]:
    """The quarters of a release, oldest first."""
    return sorted((one for one in findings.choices.periods if one.kind == "quarter"), key=lambda one: one.start)


def home_office_without(findings: Findings) -> str:
    """Which of the Home Office's measures a reader finds no number of in the release, in one sentence; else empty."""
    told = {one.name for one in findings.choices.measures}
    absent = [
        one
        for name, one in all_measures().items()
        if name.startswith(HOME_OFFICE) and one.ages is None and name not in told
    ]
    titles = [one.title.replace(": ", ", ", 1) for one in absent]
    return f"Not in this release for your agency: {'; '.join(titles)}." if titles else ""


def series_of(findings: Findings, measure: str) -> tuple[list[PeriodChoice], str]:
    """The periods of a measure that follow one another, oldest first, and what one is called: a quarter, else a
    month, else a year, none of which overlap.
    """
    told = set(findings.open_to(Question(measure=(measure,)), "period"))
    held = sorted((one for one in findings.choices.periods if one.name in told), key=lambda one: one.end)
    for step in ("quarter", "month"):
        if found := [one for one in held if one.kind == step]:
            return found, step
    apart: list[PeriodChoice] = []
    for one in reversed(held):
        if not apart or one.end <= apart[0].start:
            apart.insert(0, one)
    return apart, "year"


def latest_of(findings: Findings, measure: str) -> str:
    """The period of a measure that is shown where none is chosen: the last of its series."""
    return series_of(findings, measure)[0][-1].name


def not_open(findings: Findings, wanted: Wanted) -> NotReleased | None:
    """Why a reader's filters meet no released cell together; None where they do."""
    question = Question(
        measure=(wanted.measure,), period=(wanted.period,), area=(wanted.area,), age=(wanted.age,), sex=(wanted.sex,)
    )
    if wanted.measure in findings.open_to(question, "measure"):  # remembered, and almost always so
        return None
    try:
        findings.cells(question)
    except NotReleased as why:
        return why
    return None


def _name(kind: str, wanted: Wanted) -> str:
    return f"{kind}-{wanted.measure.replace('_', '-')}"


def _subject(findings: Findings, wanted: Wanted) -> Subject:
    measure = findings.choices.measure(wanted.measure)
    who = [f"aged {wanted.age}" if "known" not in wanted.age else wanted.age] if wanted.age != ALL_AGES else []
    who += [wanted.sex] if wanted.sex != ALL_SEXES else []
    return Subject(
        measure.title, "" if wanted.area == WHOLE else findings.choices.area(wanted.area).name, listed(who),
        findings.choices.period(wanted.period).title, measure.source, measure.one_is,
    )  # fmt: skip


def _title(findings: Findings, wanted: Wanted) -> str:
    return _subject(findings, wanted).sub


def _resident(wanted: Wanted) -> Denominator | None:
    return next((one for one in find_measure(wanted.measure).denominators if one.kind == "resident"), None)


def _names(findings: Findings, layer: str, within: str) -> dict[str, str]:
    """The areas of a layer that lie in one, the whole holding all, by name."""
    above = {one.key: one.within for one in findings.choices.areas}
    return {
        one.key: one.name for one in findings.choices.areas
        if layer and one.layer == layer and within in {WHOLE, one.within, above.get(one.within, "")}
    }  # fmt: skip


def _person_years(findings: Findings, wanted: Wanted, layer: str) -> pl.DataFrame:
    period = findings.choices.period(wanted.period)
    years = (period.end - period.start).days / _DAYS_A_YEAR
    ages = find_measure(wanted.measure).ages
    low, high = _AGES[wanted.age]
    span = (max(low, ages[0]), min(high, ages[1])) if ages else (low, high)
    persons = residents(findings.reference, layer, span)
    return persons.select("area", out_of=pl.col("persons") * years)


def _widest(findings: Findings, dataset: str) -> str:
    """The measure of a dataset that counts the most: what is not known of it is told by that."""
    whole = Question(dataset=(dataset,), area=(WHOLE,), age=(ALL_AGES,), sex=(ALL_SEXES,))
    totals = findings.cells(whole).group_by("measure").agg(pl.col("value").sum()).sort("value", "measure")
    return str(totals["measure"][-1])


def _span(quarters: Sequence[PeriodChoice]) -> str:
    return months(quarters[0].start, quarters[-1].end - timedelta(days=1))
