"""Commands that ask: table, injuries."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from upstander.cli import voice
from upstander.cli.app import app
from upstander.cli.desk import (
    AgencyOption,
    HomeOption,
    JsonOption,
    PersonOption,
    PurposeOption,
    WhyOption,
    desk,
    one_of,
    today,
)
from upstander.errors import WrongUsage
from upstander.values.periods import Period, months_before

if TYPE_CHECKING:
    from upstander.contracts.releasing import Edition, ReleasedTable
    from upstander.pipeline.desk import Desk

_MARKS = {"suppressed": "*", "missing": "[x]", "not_applicable": "[z]", "too_uncertain": "[u]"}


@app.command()
def table(
    dataset: Annotated[str, typer.Option("--dataset", help="Which dataset.")],
    by: Annotated[str, typer.Option("--by", help="Dimensions, such as area,month; none gives the total.")] = "",
    where: Annotated[list[str] | None, typer.Option("--where", help="dimension=value; may be given again.")] = None,
    definition: Annotated[str | None, typer.Option("--definition", help="What counts as serious violence.")] = None,
    period: Annotated[str | None, typer.Option("--period", help="Such as 2026-Q3.")] = None,
    supplier: Annotated[list[str] | None, typer.Option("--supplier", help="From whom; all if left out.")] = None,
    areas: Annotated[str, typer.Option("--areas", help="'joined' adds up across vintages of areas.")] = "",
    to: Annotated[Path | None, typer.Option("--to", help="Write it as CSV, from a published release.")] = None,
    release: Annotated[str, typer.Option("--release", help="The quarter of the release; the newest if left out.")] = "",
    home: HomeOption = None,
    person: PersonOption = None,
    agency: AgencyOption = None,
    purpose: PurposeOption = None,
    why: WhyOption = None,
    as_json: JsonOption = False,
) -> None:
    """How many, by what: through the gate and disclosure control."""
    from upstander.pipeline.table import Question
    from upstander.pipeline.table import table as count

    at = desk(home, person, purpose, why, agency)
    if to is not None:
        kept = tuple(word for word in by.split(",") if word)
        _to_file(at, to, dataset, kept, definition or at.home.settings.definition, period or "", release, bool(where))
        return
    answer = count(
        at,
        Question(
            dataset=dataset,
            by=tuple(word for word in by.split(",") if word),
            where=tuple(_condition(word) for word in where or []),
            definition=definition or at.home.settings.definition,
            period=Period.parse(period) if period else None,
            suppliers=tuple(supplier or ()),
            areas=areas,
        ),
    )
    if as_json:
        from upstander.pipeline.outputs import described

        voice.say_json({"table": described(answer.cells), "total": described(answer.total)})
        return
    _show(answer.cells, answer.total)


@app.command()
def injuries(
    window: Annotated[str, typer.Option("--window", help='Such as "Sat 20:00-02:00".')] = "Sat 20:00-02:00",
    start: Annotated[str | None, typer.Option("--from", help="First day, such as 2025-10-01.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day, such as 2026-09-30.")] = None,
    edition: Annotated[
        list[str] | None, typer.Option("--edition", help="operational or shareable; both if left out.")
    ] = None,
    definition: Annotated[str | None, typer.Option("--definition", help="What counts as serious violence.")] = None,
    layer: Annotated[str, typer.Option("--layer", help="Areas to draw, such as lsoa21, ward24, square500.")] = "",
    actions: Annotated[Path | None, typer.Option("--actions", help="CSV of the last meeting's actions.")] = None,
    recipients: Annotated[str, typer.Option("--recipients", help="Who it is for.")] = "the tasking group",
    home: HomeOption = None,
    person: PersonOption = None,
    agency: AgencyOption = None,
    why: WhyOption = None,
    as_json: JsonOption = False,
) -> None:
    """The injury-surveillance bulletin as PDF and web page, in two editions."""
    from upstander.contracts.releasing import Edition
    from upstander.pipeline.injuries import SOURCES, standing_period
    from upstander.pipeline.release.published import NoRelease

    at = desk(home, person, None, why or "the tasking group's bulletin", agency)
    held = [one.covers.end for name in SOURCES for one in at.warehouse.manifests(name)]
    period = standing_period(start, end, newest=max(held, default=None), today=today())
    make = partial(make_bulletin, at, window=window, definition=definition, layer=layer, actions=actions,
                   recipients=recipients)  # fmt: skip
    paths: list[Path] = []
    for one in [one_of(Edition, word) or Edition.OPERATIONAL for word in edition or list(Edition)]:
        try:
            paths += make(one, period=_shared(at, period, is_stated=bool(end)) if one is Edition.SHAREABLE else period)
        except NoRelease as none:
            if edition:
                raise
            voice.complain(f"No shareable edition: {none.message}")
    if as_json:
        voice.say_json({"files": [str(path) for path in paths]})
    else:
        for path in paths:
            voice.say(str(path))


def _shared(at: "Desk", period: Period, *, is_stated: bool) -> Period:
    """The days of a shareable edition: as stated, else the twelve months that end with the newest published release."""
    from upstander.pipeline.release.published import frozen, newest_published

    if is_stated:
        return period
    end = frozen(newest_published(at)).period.end
    return Period.between(months_before(end, 12), end)


def make_bulletin(
    at: "Desk",
    edition: "Edition",
    *,
    window: str,
    period: Period,
    definition: str | None,
    layer: str,
    actions: Path | None,
    recipients: str,
) -> tuple[Path, ...]:
    """One edition on disk; its files. An operational edition asks for the operational purpose, the other monitoring."""
    from upstander.analysis.hotspots.windows import Window
    from upstander.contracts.asking import Purpose
    from upstander.contracts.releasing import Edition
    from upstander.pipeline.injuries import Asked
    from upstander.pipeline.injuries import injuries as make

    purpose = Purpose.OPERATIONAL if edition is Edition.OPERATIONAL else Purpose.MONITORING
    asked = Asked(
        window=Window.parse(window),
        period=period,
        edition=edition,
        definition=definition or at.home.settings.definition,
        layer=layer,
        actions=actions,
        recipients=tuple(name.strip() for name in recipients.split(",")),
        made_on=today(),
    )
    return make(at.asking(purpose=purpose), asked).files


def _to_file(
    at: "Desk", path: Path, dataset: str, by: tuple[str, ...], definition: str, period: str, release: str,
    has_conditions: bool,
) -> None:  # fmt: skip
    from upstander.pipeline.release.published import newer_words
    from upstander.pipeline.release.tofile import Wanted, table_to_file

    if has_conditions:
        raise WrongUsage(
            "A file is written from a published release, which knows no conditions.", found="--where",
            expected="--by and --period", state="Nothing was written.",
        )  # fmt: skip
    name = table_to_file(at, Wanted(dataset, by, definition, period, release), path)
    voice.say(" ".join([f"{path}, from the release {name}.", *newer_words(at, name)]))


def _condition(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals:
        raise WrongUsage(f"'{word}' is not a condition.", found=word, expected="dimension=value")
    return name, value


def _show(cells: "ReleasedTable", total: "ReleasedTable") -> None:
    about = cells.about
    rows = [(*row[: len(cells.dimensions)], _mark(row[-2], row[-1])) for row in _rows(cells)]
    voice.say_table(about.title, (*cells.dimensions, "records"), rows, numbers=("records",))
    voice.say(f"Total: {_mark(*_rows(total)[0][-2:])} records, {about.period}. Definition: {about.definition}.")
    for rule in about.rules:
        words = (
            "open data, shown as it is"
            if rule.open_data
            else f"1 to {rule.suppress_up_to} withheld (*), and any total that would give them away"
        )
        voice.say(f"Rule: {rule.name} ({rule.agreement}): {words}.")


def _rows(released: "ReleasedTable") -> list[tuple[object, ...]]:
    return released.cells.select(*released.dimensions, "value", "status").rows()


def _mark(value: object, status: object) -> str:
    return f"{value:,.0f}" if isinstance(value, float) else _MARKS.get(str(status), "")
