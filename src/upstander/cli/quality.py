"""Commands about the quality of what comes in: the feed calendar, the scorecard that goes back to the owner, and what
parts of postcodes and bands support.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from upstander.cli import voice
from upstander.cli.app import app
from upstander.cli.deliveries import DatasetOption, SupplierOption
from upstander.cli.desk import AgencyOption, HomeOption, JsonOption, PersonOption, WhyOption, day_of, desk, today

if TYPE_CHECKING:
    from upstander.publish.support import Support

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


@quality.command()
def grain(
    dataset: DatasetOption,
    supplier: Annotated[list[str] | None, typer.Option("--supplier", help="From whom; all if left out.")] = None,
    overlap: Annotated[
        float | None, typer.Option("--overlap", min=0.01, max=1, help="Share of rows with a counterpart elsewhere.")
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", min=0, max=366, help="Two records of one event lie at most so far apart.")
    ] = None,
    against: Annotated[
        int, typer.Option("--against", min=0, help="Rows a year of the file linked to; as many as here if left out.")
    ] = 0,
    every: Annotated[bool, typer.Option("--all", help="Every choice of grains, not the usual ones only.")] = False,
    home: HomeOption = None,
    person: PersonOption = None,
    agency: AgencyOption = None,
    why: WhyOption = None,
    as_json: JsonOption = False,
) -> None:
    """What postcode sector, age band and sex can and cannot support, and the least that serves."""
    from upstander.pipeline.quality.support import Linking, support

    usual = Linking()
    linking = Linking(usual.overlap if overlap is None else overlap, usual.days if days is None else days, against)
    at = desk(home, person, "stewardship", why, agency)
    _tell_support(support(at, dataset, suppliers=tuple(supplier or ()), linking=linking), every=every, as_json=as_json)


def _tell_support(told: "Support", *, every: bool, as_json: bool) -> None:
    from upstander.publish.support import (
        finding,
        least_that_serves,
        lines,
        sentences,
        shown_share,
        shown_smallest,
    )
    from upstander.values.grains import EVERY, SHOWN

    chosen = lines(told, EVERY if every else SHOWN)
    said, least = sentences(told), least_that_serves(told)
    if as_json:
        voice.say_json({
            "dataset": told.dataset, "message": finding(told), "because": told.because,
            "says": [sentence for _, sentence in said], "least": dict(least),
            "options": [
                {"fields": one.grains.code, "estimated": one.grains.is_finer_than_held, "says": one.sentence,
                 "wrong_links": shown_share(one.wrong_near), "wrong_links_in_a_year": shown_share(one.wrong),
                 "right_area": shown_share(one.right), "alone": shown_share(one.alone),
                 "below_5": shown_share(one.below_5), "smallest": shown_smallest(told, one.smallest)} for one in chosen
            ],
            "measures": [
                {"fields": grains, "measure": measure, "value": cell.value, "at_most": cell.low is not None}
                for (grains, measure), cell in sorted(told.cells.items()) if cell.has_number
            ],
        })  # fmt: skip
        return
    voice.say(f"{told.dataset}: {finding(told)}")
    for lead, sentence in said:
        voice.say(f"{lead} {sentence}")
    if not chosen:
        return
    rows = [
        (one.grains.in_words + (" (e)" if one.grains.is_finer_than_held else ""), shown_share(one.wrong_near),
         shown_share(one.wrong), shown_share(one.right), shown_share(one.alone), shown_share(one.below_5),
         shown_smallest(told, one.smallest), one.sentence) for one in chosen
    ]  # fmt: skip
    area = f"Right {told.kinds[0].upper()}" if told.kinds else "Right area"
    columns = (
        "If a row says", "Wrong links", "In a year", area, "Alone", "Under 5", "Smallest", "So it"
    )  # fmt: skip
    voice.say_table("", columns, rows, numbers=columns[1:7])
    voice.say("(e) an estimate: rows are spread evenly over finer cells.")
    voice.say_table("The least that serves", ("To do this", "Send this"), least)
