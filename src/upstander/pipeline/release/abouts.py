"""What each table of a release says of itself: of which readings, by which rules, and what it cannot say."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from upstander.contracts.asking import CountRule
from upstander.contracts.catalogue import ALL
from upstander.contracts.measures import Measure
from upstander.contracts.releasing import About, Edition
from upstander.contracts.rules import is_public
from upstander.pipeline.injuries.asked import SOURCES
from upstander.pipeline.release.ground import Ground
from upstander.pipeline.release.plan import PinnedSource, Plan
from upstander.pipeline.release.tallies import Told, is_incident, told_by
from upstander.values.periods import Period

_HOMES = (
    "In areas smaller than a district only public places count; homes, other places and sexual offences count in the "
    "district's remainder."
)
_LARGE = "By district and for all areas together only: the area is that of a home."
_NOWHERE = "For all areas together only: no area is shared."
_AGES = "Ages and sexes are those recorded; what is not recorded is a group of its own."
_SOURCE = "Counts through the gate; complementary suppression after Fischetti and Salazar 2001"
_PUBLISHED = (
    "Figures as their publisher gives them, by its own areas and periods; they are added to no count of this release. "
    "What the publisher withheld is missing, not nought."
)
_RATES = (
    "Rates and shares are worked out of the counts as they are shown, so their intervals do not hold the rounding. "
    "`per` says what they are out of."
)
_BY_PERIOD = {
    Told.QUARTERS: "",
    Told.YEARS: "{} is told by the year only.",
    Told.TERMS: "{} is told by the school term in which it began, and by school year.",
    Told.STATES: "{} is what stood on the last day of each quarter: quarters are never added up.",
}
KINDS = {
    "large": "by district, age and sex", "small": "by small area", "beside": "by the areas beside",
    "published": "as published", "rates": "as rates and shares",
}  # fmt: skip


def about_table(plan: Plan, source: PinnedSource, kind: str, ground: Ground, measures: Sequence[Measure]) -> About:
    """What a table of a release says of itself. kind: of `KINDS`; measures: those of the source that are told."""
    rules: tuple[CountRule, ...] = source.rules
    method, method_version = plan.methods[0]
    title = ALL[source.dataset].title
    place = {"small": ground.small, "beside": ground.beside, "published": ""}.get(kind, ground.large)
    about = About(
        title=f"{title}, {KINDS[kind]}", measure="records", unit="records", edition=Edition.SHAREABLE,
        period=Period.between(plan.covering.whole.start, plan.covering.whole.end), area_layer=place, rules=rules,
        readings=tuple((source.dataset, one.supplier, one.reading) for one in source.readings),
        method=method, method_version=method_version,
        definition=", ".join(f"{one.definition} {one.definition_version}" for one in source.measures), source=_SOURCE,
        caveats=tuple(dict.fromkeys(_caveats(plan, source, kind, ground, measures))),
        recording_changes=tuple(one.in_words for one in source.changes),
        handling="OFFICIAL" if all(is_public(rule) for rule in rules) else "OFFICIAL-SENSITIVE", expires=source.until,
    )  # fmt: skip
    if kind == "rates":
        return replace(about, measure="rate", unit="as `per` says")
    return replace(about, measure="figure", unit="as published") if kind == "published" else about


def _caveats(plan: Plan, source: PinnedSource, kind: str, ground: Ground, measures: Sequence[Measure]) -> Iterator[str]:
    yield from source.late
    yield from missing_from(plan, source)
    if source.kind == "figures":
        yield _PUBLISHED
    else:
        yield _HOMES if is_incident(source.dataset) else _LARGE if ground.large else _NOWHERE
        if "age_band" in source.fields:
            yield _AGES
        yield from _by_period(measures)
    if kind == "rates":
        yield _RATES
    for one in measures:
        yield from one.caveats


def _by_period(measures: Iterable[Measure]) -> Iterator[str]:
    for one in measures:
        if said := _BY_PERIOD[told_by(one)]:
            yield said.format(one.title)


def missing_from(plan: Plan, source: PinnedSource) -> Iterator[str]:
    """What is not in the release and would be read beside a source: parts of its own dataset, and other sources of the
    same violence.
    """
    beside = SOURCES if source.dataset in SOURCES else (source.dataset,)
    return (one.says for one in plan.missing if one.dataset in ("", *beside))


def about_of(values: Mapping[str, Any], source: PinnedSource) -> About:
    """What a table of an edition says of itself, out of its JSON; the rules as its plan pins them."""
    method, _, method_version = values["method"].rpartition(" ")
    start, _, end = values["period"].partition("/")
    return About(
        title=values["title"], measure=values["measure"], unit=values["unit"], edition=Edition(values["edition"]),
        period=Period.between(date.fromisoformat(start), date.fromisoformat(end)), area_layer=values["area_layer"],
        rules=source.rules, readings=tuple((one[0], one[1], one[2]) for one in values["readings"]), method=method,
        method_version=method_version, definition=values["definition"], source=values["source"],
        caveats=tuple(values["caveats"]), recording_changes=tuple(values["recording_changes"]),
        handling=values["handling"], expires=source.until,
    )  # fmt: skip
