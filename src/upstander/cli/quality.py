"""Commands about the quality of what comes in: the feed calendar, and the scorecard that goes back to the owner."""

from pathlib import Path
from typing import Annotated

import typer

from upstander.cli import voice
from upstander.cli.app import app
from upstander.cli.deliveries import DatasetOption, SupplierOption
from upstander.cli.desk import AgencyOption, HomeOption, JsonOption, PersonOption, WhyOption, day_of, desk, today

quality = typer.Typer(help="What is due and late, and how good each feed is.", no_args_is_help=True)
app.add_typer(quality, name="quality")


@quality.command()
def calendar(
    home: HomeOption = None,
    person: PersonOption = None,
    agency: AgencyOption = None,
    why: WhyOption = None,
    dataset: Annotated[str | None, typer.Option("--dataset", help="One dataset only.")] = None,
    on: Annotated[str | None, typer.Option("--on", help="As it stands on this day; today if left out.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also what came whole and in time.")] = False,
    as_json: JsonOption = False,
) -> None:
    """What each feed owes: due, late, short; a week in which nothing happened apart from one that is missing."""
    from upstander.pipeline.quality.due import calendar_for

    at = desk(home, person, "stewardship", why, agency)
    told = calendar_for(at, dataset=dataset, today=day_of(on) if on else today())
    shown = [one for one in told if every or one.state.value not in {"received", "nothing happened"} or one.late_days]
    if as_json:
        voice.say_json([
            {"dataset": one.dataset, "supplier": one.supplier, "period": one.period.label, "state": one.state.value,
             "due": one.due, "received": one.received, "late_days": one.late_days, "days": one.days,
             "of_days": one.of_days, "rows": one.rows, "empty_weeks": one.empty_weeks} for one in shown
        ])  # fmt: skip
        return
    rows = [
        (one.dataset, one.supplier, one.period.label, one.in_words, str(one.due), str(one.received or ""),
         "" if one.rows is None else f"{one.rows:,}", str(one.empty_weeks or "")) for one in shown
    ]  # fmt: skip
    columns = ("Dataset", "Supplier", "Period", "How it stands", "Due", "Received", "Rows", "Weeks of zero")
    voice.say_table(f"{len(told)} periods, {len(rows)} shown", columns, rows, numbers=columns[6:])


@quality.command()
def scorecard(
    dataset: DatasetOption,
    supplier: SupplierOption,
    home: HomeOption = None,
    person: PersonOption = None,
    agency: AgencyOption = None,
    why: WhyOption = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the page here.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the numbers here.")] = None,
    as_json: JsonOption = False,
) -> None:
    """How good a feed is, for the agency that sends it: one page, and its numbers."""
    from upstander.pipeline.quality.scorecard import scorecard as make
    from upstander.publish.scorecard import headline, worst_columns

    made = make(desk(home, person, "stewardship", why, agency), dataset, supplier)
    if html is not None:
        html.write_bytes(made.html)
    if csv is not None:
        csv.write_bytes(made.csv)
    worst = [
        {"column": one.heading.column, "filled": round(one.filled, 3), "right": round(one.valid, 3),
         "change": one.heading.change} for one in worst_columns(made.card)
    ]  # fmt: skip
    if as_json:
        voice.say_json({"message": headline(made.card), "worst": worst, "html": str(html or ""), "csv": str(csv or "")})
        return
    rows = [(str(one["column"]), f"{one['filled']:.0%}", f"{one['right']:.0%}", str(one["change"])) for one in worst]
    voice.say(headline(made.card))
    voice.say_table("", ("Column", "Filled", "Right", "What to change"), rows, numbers=("Filled", "Right"))
