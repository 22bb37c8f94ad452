"""How many, by what: one count through gate, analysis and disclosure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl

from upstander.analysis.measures.counting import DIMENSIONS, counts, meets
from upstander.contracts.asking import Allowed, CountRule
from upstander.contracts.catalogue import ALL
from upstander.contracts.dataset import Shape
from upstander.contracts.definitions import load_definition
from upstander.contracts.releasing import About, Edition, ReleasedTable
from upstander.disclosure import Exact, Sum, protect, protect_linked, strictest
from upstander.errors import WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.floors import hold_to_floor
from upstander.pipeline.gate import ask_of_persons, edition_of, still
from upstander.pipeline.outputs import OutputFacts, enter_ledger
from upstander.places import open_reference
from upstander.values.periods import Period

JOINED = "joined"
_KEPT_DAYS = 31
_TIME = ("event_from_local", "event_precision")
_READS: Mapping[str, tuple[str, ...]] = {
    "area": ("area_kind", "area_vintage", "area_code"),
    "month": _TIME, "quarter": _TIME, "week": _TIME, "night": _TIME, "day": _TIME, "hour": _TIME,
    "supplier": (),
    "offence": ("offence_code",),
    "weapon": ("weapon_class",),
    "mechanism": ("mechanism",),
    "severity": ("injury_severity",),
    "place_class": ("place_class",),
    "age_band": ("age_band",),
    "sex": ("sex",),
    "role": ("role",),
    "precision": ("event_precision",),
}  # fmt: skip
"""The warehouse columns that each dimension reads, and so what the gate is asked for: no more than the count needs."""
# What somebody suffered, did or is; the other dimensions say where, when and by whom it was recorded.
_OF_PEOPLE = ("offence", "weapon", "mechanism", "severity", "place_class", "age_band", "sex", "role")


@dataclass(frozen=True)
class Question:
    """One count. `where` is (dimension, value) pairs that must all hold; `areas` "joined" adds up across vintages."""

    dataset: str
    by: tuple[str, ...]
    where: tuple[tuple[str, str], ...]
    definition: str
    period: Period | None
    suppliers: tuple[str, ...]
    areas: str


@dataclass(frozen=True)
class Answer:
    """The cells and their total, both protected."""

    cells: ReleasedTable
    total: ReleasedTable


def table(desk: Desk, question: Question) -> Answer:
    """The count as the person at the desk may see it. Raises NotGranted with the gate's reason, or WrongUsage."""
    definition = load_definition(question.definition, folder=desk.home.reference / "definitions")
    _check(question)
    criteria = [column for column, _ in definition.criteria(question.dataset).where()]
    named = [*question.by, *(dimension for dimension, _ in question.where)]
    fields = tuple(dict.fromkeys([*(field for name in named for field in _READS[name]), *criteria, "place_class"]))
    edition = edition_of(desk.who.purpose)
    allowed, rules = ask_of_persons(desk, question.dataset, fields, edition, suppliers=question.suppliers)
    rule = strictest(rules)
    rows = desk.warehouse.read(allowed, secrets=desk.keyring.secret, period=question.period)
    rows = rows.filter(meets(rows, question.dataset, definition))
    for dimension, value in question.where:
        rows = rows.filter(DIMENSIONS[dimension](rows) == value)
    found = counts(rows, question.by, of_persons=rule.of_persons).to_polars()
    hold_to_floor(_areas(question, found), rule)
    whole = counts(rows, (), of_persons=True).to_polars() if rule.of_persons else found.select(pl.sum("incidents"))
    about = _about(desk, question, str(definition), allowed, edition, rules)
    answer = _protected(question, about, _joined(desk, question, found), whole)
    still(desk, allowed, edition)
    _remember(desk, question, allowed, edition, answer)
    return answer


def _areas(question: Question, found: pl.DataFrame) -> list[str]:
    """Every area that the table tells of: those counted by, and those asked for."""
    asked = [value for dimension, value in question.where if dimension == "area"]
    return asked + (found["area"].to_list() if "area" in question.by else [])


def _check(question: Question) -> None:
    if question.dataset not in ALL:
        raise WrongUsage(f"There is no dataset '{question.dataset}'.", found=question.dataset, expected=", ".join(ALL))
    if ALL[question.dataset].shape is Shape.INDICATORS:
        raise WrongUsage(
            f"{question.dataset} holds figures that somebody has already counted; its rows are no records to count.",
            found=question.dataset, expected="a dataset of records; `upstander contract show` lists the figures",
        )  # fmt: skip
    for name in [*question.by, *(dimension for dimension, _ in question.where)]:
        if name not in _READS:
            raise WrongUsage(f"Nothing can be counted by '{name}'.", found=name, expected=", ".join(_READS))


def _joined(desk: Desk, question: Question, counted: pl.DataFrame) -> pl.DataFrame:
    """Areas of two vintages as joined areas, so that counts stay whole; other areas keep their own key."""
    if question.areas != JOINED or "area" not in question.by:
        return counted
    older, newer = sorted(desk.home.settings.layers[:2])
    known = open_reference(desk.home.reference).joined_areas(older, newer)
    keys = known.select(area=pl.format("{}:{}", "layer", "code"), whole=pl.format("joined:{}", "joined")).unique("area")
    brought = counted.join(keys, on="area", how="left").with_columns(area=pl.coalesce("whole", "area"))
    # The persons of a whole are at least as many as of any part; some may be in several.
    persons = [pl.col("persons").max()] if "persons" in counted.columns else []
    return brought.group_by(question.by).agg(pl.col("incidents").sum(), *persons).sort(question.by)


def _protected(question: Question, about: About, counted: pl.DataFrame, whole: pl.DataFrame) -> Answer:
    cells = counted.rename({"incidents": "count"}).cast(dict.fromkeys(question.by, pl.String))
    total = Exact("total", ("all",), whole.rename({"incidents": "count"}).with_columns(all=pl.lit("all")), about)
    if not question.by:
        shown = protect(total)
        return Answer(shown, shown)
    link = Sum(("total", "all"), tuple(("counts", *key) for key in cells.select(question.by).rows()))
    parts = Exact("counts", question.by, cells, about, tuple(name for name in question.by if name in _OF_PEOPLE))
    tables = protect_linked([parts, total], [link])
    return Answer(tables["counts"], tables["total"])


def _about(
    desk: Desk, question: Question, definition: str, allowed: Allowed, edition: Edition, rules: tuple[CountRule, ...]
) -> About:
    suppliers = {grant.supplier for grant in allowed.grants}
    held = [one for one in desk.warehouse.manifests(question.dataset) if one.supplier in suppliers]
    days = [(one.covers.start, one.covers.end) for one in held]
    period = question.period or Period.between(min(start for start, _ in days), max(end for _, end in days))
    return About(
        title=f"{ALL[question.dataset].title}, by {', '.join(question.by) or 'nothing: the total'}",
        measure="records",
        unit="records",
        edition=edition,
        period=period,
        area_layer=question.areas if "area" in question.by else "",
        rules=rules,
        readings=tuple((one.dataset, one.supplier, one.reading) for one in held),
        method="counts",
        method_version="1.0",
        definition=definition,
        source="Counts through the gate",
        expires=(desk.now() + timedelta(days=_KEPT_DAYS)).date(),
    )


def _remember(desk: Desk, question: Question, allowed: Allowed, edition: Edition, answer: Answer) -> None:
    """A table on the screen is a line in the ledger."""
    facts = OutputFacts(
        kind="table",
        edition=edition,
        recipients=(desk.who.person,),
        purpose=allowed.request.purpose.value,
        person=desk.who.person,
        made=desk.now(),
        expires=answer.cells.about.expires or desk.now().date(),
    )
    enter_ledger(
        desk.home, facts, {"dataset": question.dataset, "by": list(question.by), "where": _told(question.where)}
    )


def _told(where: Sequence[tuple[str, str]]) -> list[Any]:
    return [list(pair) for pair in where]
