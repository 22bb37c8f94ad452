"""Commands about indicators: indicator list, indicator show."""

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
    today,
)
from upstander.errors import WrongUsage
from upstander.values.periods import Period

if TYPE_CHECKING:
    from upstander.contracts.measures import Measure
    from upstander.pipeline.indicators import Computed

indicator_app = typer.Typer(help="What is measured, how, and for which purposes.", no_args_is_help=True)
app.add_typer(indicator_app, name="indicator")


@indicator_app.command("list")
def indicator_list(as_json: JsonOption = False) -> None:
    """The indicators there are."""
    from upstander.contracts.measures import all_measures, as_json_values

    measures = all_measures().values()
    if as_json:
        voice.say_json([as_json_values(one) for one in measures])
        return
    rows = [(one.name, one.title, one.numerator.dataset, ", ".join(one.purposes), one.better) for one in measures]
    voice.say_table("", ("Indicator", "Title", "From", "For", "Better"), rows)


@indicator_app.command("show")
def indicator_show(
    name: Annotated[str, typer.Argument(help="Its name.")],
    start: Annotated[str | None, typer.Option("--from", help="First day, such as 2025-10-01: compute it.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day, such as 2026-09-30.")] = None,
    home: HomeOption = None,
    person: PersonOption = None,
    agency: AgencyOption = None,
    purpose: PurposeOption = None,
    why: WhyOption = None,
    as_json: JsonOption = False,
) -> None:
    """What an indicator is; with --from and --to its number, through the gate and disclosure control."""
    from upstander.contracts.measures import as_json_values, find_measure

    measure = find_measure(name)
    if start is None and end is None:
        if as_json:
            voice.say_json(as_json_values(measure))
        else:
            _declare(measure)
        return
    if start is None or end is None:
        raise WrongUsage("A number needs its first and its last day.", expected="--from 2025-10-01 --to 2026-09-30")
    from upstander.pipeline.indicators import compute
    from upstander.pipeline.injuries import standing_period

    period = standing_period(start, end, newest=None, today=today())
    _tell(compute(desk(home, person, purpose, why, agency), measure, period), as_json=as_json)


def _declare(measure: "Measure") -> None:
    from upstander.pipeline.indicators.telling import better

    numerator = measure.numerator
    voice.say(f"{measure.title} ({measure.name} {measure.version})")
    voice.say(measure.says)
    voice.say(f"Counts: {numerator.one_is}, from {numerator.dataset}.")
    if numerator.definition:
        voice.say(f"Definition of violence: {numerator.definition}.")
    for column, values in numerator.where.items():
        voice.say(f"Only where {column} is {', '.join(values)}.")
    if measure.age_bands:
        voice.say(f"Ages: {measure.ages[0]} to {measure.ages[1]}." if measure.ages else "")
    for one in measure.denominators:
        voice.say(f"Out of ({one.kind}): {one.of}, {one.unit}. {one.comes_from}")
    voice.say(f"By the {measure.period}, for: {', '.join(measure.purposes)}. {better(measure)}")
    voice.say(f"Disclosure: {measure.disclosure.rule} No rate under {measure.disclosure.rate_from}.")
    voice.say(f"Source: {measure.source}")
    for caveat in measure.caveats:
        voice.say(f"Caveat: {caveat}")


def _tell(found: "Computed", *, as_json: bool) -> None:
    from upstander.pipeline.indicators import sentences
    from upstander.pipeline.outputs import described

    if as_json:
        rates = described(found.rates) if found.rates else None
        voice.say_json({
            "indicator": found.measure.name, "version": found.measure.version, "period": _days(found.period),
            "counts": described(found.counts), "rates": rates, "words": list(sentences(found)),
        })  # fmt: skip
        return
    for said in sentences(found):
        voice.say(said)


def _days(period: Period) -> dict[str, str]:
    return {"first": period.start.isoformat(), "until": period.end.isoformat()}
