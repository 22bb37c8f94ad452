"""The command that tells how well people hide in a dataset."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from upstander.cli import voice
from upstander.cli.app import app
from upstander.cli.desk import AgencyOption, HomeOption, JsonOption, PersonOption, WhyOption, desk

if TYPE_CHECKING:
    from upstander.pipeline.anonymity import AnonymityReport

_COLUMNS = ("If this is known of a person", "Rows", "Groups", "Smallest", "Rows alone", "In groups under 5", "Under 10")


@app.command()
def anonymity(
    dataset: Annotated[str, typer.Option("--dataset", help="Which dataset.")],
    supplier: Annotated[list[str] | None, typer.Option("--supplier", help="From whom; all if left out.")] = None,
    home: HomeOption = None,
    person: PersonOption = None,
    agency: AgencyOption = None,
    why: WhyOption = None,
    as_json: JsonOption = False,
) -> None:
    """How well people hide in a dataset as it lies: k-anonymity by what an outsider could know. For its steward."""
    from upstander.pipeline.anonymity import anonymity_report

    at = desk(home, person, "stewardship", why, agency)
    tell_anonymity(anonymity_report(at, dataset, suppliers=tuple(supplier or ())), as_json=as_json)


def tell_anonymity(report: "AnonymityReport", *, as_json: bool) -> None:
    """The report as a table, its sentence first."""
    if as_json:
        voice.say_json({**asdict(report), "message": report.summary})
        return
    rows = [
        (" + ".join(line.columns), *(report.number(one) for one in (
            line.rows, line.groups, line.k, line.unique, line.below_5, line.below_10)))
        for line in report.lines
    ]  # fmt: skip
    voice.say(report.summary)
    if rows:
        voice.say_table("", _COLUMNS, rows, numbers=_COLUMNS[1:])
