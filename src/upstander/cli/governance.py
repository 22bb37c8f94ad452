"""Commands that keep order: places load, agreement, doctor."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from upstander.cli import voice
from upstander.cli.app import app
from upstander.cli.desk import (
    HomeOption,
    JsonOption,
    PersonOption,
    WhyOption,
    bring_index,
    day_of,
    desk,
    made_home,
    midnight,
    tell_backups,
)
from upstander.errors import WrongUsage

places_app = typer.Typer(help="Reference data, and where a text lies.", no_args_is_help=True)
agreement_app = typer.Typer(help="The agreements that let data be read.", no_args_is_help=True)
app.add_typer(places_app, name="places")
app.add_typer(places_app, name="place", hidden=True)  # `place settle` as well as `places settle`
app.add_typer(agreement_app, name="agreement")
_ONS = "ons"


@places_app.command("load")
def places_load(
    files: Annotated[list[Path], typer.Argument(help="The publisher's own files.")],
    kind: Annotated[
        str,
        typer.Option(
            "--kind", help="boundaries, lookup, postcodes, population, visitors, gazetteer, sites or aliases."
        ),
    ],
    layer: Annotated[str, typer.Option("--layer", help="Such as lsoa21, where the files do not say it.")] = "",
    vintage: Annotated[
        str, typer.Option("--vintage", help="Of a population, visitors, postcodes or a gazetteer.")
    ] = "",
    attribution: Annotated[
        str,
        typer.Option(
            "--attribution",
            help="The words every map has to carry; `ons` for the ONS's own.",
        ),
    ] = "",
    quality: Annotated[str, typer.Option("--quality", help="full or generalised, where it cannot be told.")] = "",
    metric_crs: Annotated[str, typer.Option("--metric-crs", help="The frame in metres.")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold reference data; the same files are held only once."""
    from upstander.places import BRITISH_NATIONAL_GRID, ONS_ATTRIBUTION, load

    if kind == "boundaries" and not attribution:
        raise WrongUsage(
            "A map has to name whose boundaries it draws.", expected="--attribution ons, or the publisher's own words"
        )
    loaded = load(
        made_home(home).reference, kind=kind, source=files, layer=layer, vintage=vintage,
        attribution=ONS_ATTRIBUTION if attribution == _ONS else attribution, quality=quality,
        metric_crs=metric_crs or BRITISH_NATIONAL_GRID,
    )  # fmt: skip
    voice.answer({"kind": kind, "message": loaded.message}, loaded.message, as_json=as_json)


@agreement_app.command("list")
def agreement_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """What is signed, since when, and what is wrong with any."""
    at = desk(home, is_new=True)
    found = at.register.agreements(at.now())
    rows = [
        (one.name, one.version, one.signature.at.date() if one.signature else "", one.fault or "in order")
        for one in found
    ]
    columns = ("Agreement", "Version", "Signed", "State")
    if as_json:
        voice.say_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        voice.say_table("", columns, rows)


@agreement_app.command("show")
def agreement_show(
    name: Annotated[str, typer.Argument(help="A signed agreement, a TOML file, or the name of a shipped one.")],
    home: HomeOption = None,
) -> None:
    """One agreement in plain words."""
    from upstander.sharing import Agreement, explain, read_terms

    at = desk(home, is_new=True)
    governing = {one.name: one for one in at.register.agreements(at.now())}
    terms = None if name in governing else read_terms(_agreement_bytes(name))
    signed = governing.get(terms.name if terms else name)
    if signed is not None:
        voice.say(explain(signed))
    elif terms is not None:
        voice.say(explain(Agreement(terms.name, terms.version, terms, None, fault="Not signed here yet.")))


@agreement_app.command("sign")
def agreement_sign(
    file: Annotated[str, typer.Argument(help="A TOML file, or the name of a shipped one.")],
    home: HomeOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put an agreement in force: its canonical bytes are kept, and a signature with their hash.

    How people hide in what is held of its datasets is told first.
    """
    from upstander.pipeline.agreeing import sign
    from upstander.pipeline.anonymity import before_signing
    from upstander.sharing import read_terms

    content, at = _agreement_bytes(file), desk(home, person, None, "signing", is_new=True)
    hiding = before_signing(at, read_terms(content))
    message = sign(at, content)
    voice.answer({"anonymity": hiding, "message": message}, "\n".join([*hiding, message]), as_json=as_json)


HtmlOption = Annotated[Path | None, typer.Option("--html", help="Write it as a page.")]
CsvOption = Annotated[Path | None, typer.Option("--csv", help="Write it for a spreadsheet.")]


@agreement_app.command("record")
def agreement_record(
    html: HtmlOption = None, csv: CsvOption = None, home: HomeOption = None, person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """The record of processing: every schedule, who decides, about whom, on which law, for how long."""
    from upstander.pipeline.accountability import as_csv, processing_record, record_html

    at = desk(home, person, None, "record of processing")
    lines = processing_record(at)
    _write(html, lambda: record_html(at, lines))
    _write(csv, lambda: as_csv(lines))
    if as_json:
        voice.say_json([vars(line) for line in lines])
    else:
        rows = [(line.dataset, line.schedule, line.controller, line.gateway, line.standing) for line in lines]
        voice.say_table("", ("Dataset", "Schedule", "Controller", "Law", "State"), rows)


@agreement_app.command("draft")
def agreement_draft(
    feeds: Annotated[list[str], typer.Argument(help="What is shared: DATASET:SUPPLIER:AGENCY, one or more.")],
    to: Annotated[list[str], typer.Option("--to", help="An agency that may read it; may be repeated.")],
    name: Annotated[str, typer.Option("--name", help="What the agreement is called, in small letters.")] = "draft",
    title: Annotated[str, typer.Option("--title", help="Its title.")] = "Data sharing agreement (draft)",
) -> None:
    """Draft an agreement from what the datasets declare. What only people can decide is listed and left open."""
    from upstander.contracts import ALL
    from upstander.sharing import FeedDraft, draft, sender_kind

    drafted = []
    for feed in feeds:
        dataset, supplier, agency = [*feed.split(":"), "", ""][:3]
        if dataset not in ALL or not supplier or not agency:
            raise WrongUsage(
                f"'{feed}' is no feed.", found=feed, expected="DATASET:SUPPLIER:AGENCY, such as neet:nccis:council"
            )
        drafted.append(FeedDraft(ALL[dataset], supplier, agency, sender_kind(ALL[dataset])))
    voice.say(draft(title, name, drafted, to))


@agreement_app.command("dpia")
def agreement_dpia(
    html: Annotated[Path, typer.Argument(help="The page to write.")],
    dataset: Annotated[list[str] | None, typer.Option("--dataset", help="On this one only; may be repeated.")] = None,
    home: HomeOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """The data annex of a data protection impact assessment."""
    from upstander.pipeline.accountability import annex_html

    html.write_text(annex_html(desk(home, person, "stewardship", "data annex of a DPIA"), dataset or ()), "utf-8")
    voice.answer({"file": str(html)}, f"The annex is in {html}.", as_json=as_json)


@agreement_app.command("usage")
def agreement_usage(
    since: Annotated[str, typer.Option("--since", help="The first day, as 2026-07-01 (UTC).")],
    until: Annotated[str, typer.Option("--until", help="The last day, as 2026-09-30 (UTC).")],
    provider: Annotated[str, typer.Option("--provider", help="What this agency shares.")] = "",
    html: HtmlOption = None,
    csv: CsvOption = None,
    home: HomeOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """What was made of what each agency shares: what nobody used, and who used more than others."""
    from upstander.pipeline.accountability import as_csv, usage_html, usage_report

    start, end = midnight(day_of(since)), midnight(day_of(until) + timedelta(days=1))
    at = desk(home, person, None, "report to the owner")
    lines = usage_report(at, since=start, until=end, provider=provider)
    _write(html, lambda: usage_html(at, lines, since=start, until=midnight(day_of(until))))
    _write(csv, lambda: as_csv(lines))
    if as_json:
        voice.say_json([vars(line) | {"told": line.told} for line in lines])
    else:
        rows = [(one.provider, one.dataset, one.schedule, one.reads, one.refused, " ".join(one.told)) for one in lines]
        columns = ("Provider", "Dataset", "Schedule", "Reads", "Refused", "To ask about")
        voice.say_table("", columns, rows, numbers=("Reads", "Refused"))


def _write(path: Path | None, text: Callable[[], str]) -> None:
    if path is not None:
        path.write_text(text(), "utf-8", newline="")


ScheduleOption = Annotated[str, typer.Option("--schedule", help="One schedule; the whole agreement if left out.")]
PartyOption = Annotated[str, typer.Option("--party", help="Everything one party provides.")]
ReasonOption = Annotated[str, typer.Option("--why", help="The reason; it is kept with the decision.")]
AgreementArgument = Annotated[str, typer.Argument(help="The agreement.")]


@agreement_app.command("end")
def agreement_end(
    name: AgreementArgument, why: ReasonOption, home: HomeOption = None, person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """End an agreement, at once and for good."""
    _decide("ended", name, why, home, person, as_json=as_json)


@agreement_app.command("suspend")
def agreement_suspend(
    name: AgreementArgument, why: ReasonOption, schedule: ScheduleOption = "", party: PartyOption = "",
    home: HomeOption = None, person: PersonOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Suspend an agreement, a schedule or a party, at once, until it is resumed."""
    _decide("suspended", name, why, home, person, schedule, party, as_json=as_json)


@agreement_app.command("resume")
def agreement_resume(
    name: AgreementArgument, why: ReasonOption, schedule: ScheduleOption = "", party: PartyOption = "",
    home: HomeOption = None, person: PersonOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Let what was suspended grant again. What was suspended as a whole is resumed as a whole."""
    _decide("resumed", name, why, home, person, schedule, party, as_json=as_json)


@agreement_app.command("withdraw")
def agreement_withdraw(
    name: AgreementArgument, why: ReasonOption, schedule: ScheduleOption = "", party: PartyOption = "",
    home: HomeOption = None, person: PersonOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Withdraw one schedule, or all that one party provides, at once and for good."""
    _decide("withdrawn", name, why, home, person, schedule, party, as_json=as_json)


def _decide(
    kind: str, name: str, why: str, home: Path | None, person: str | None, schedule: str = "", party: str = "", *,
    as_json: bool,
) -> None:  # fmt: skip
    from upstander.pipeline.agreeing import decide_about
    from upstander.sharing import ActKind

    at = desk(home, person, None, why)
    message = decide_about(at, name, ActKind(kind), schedule=schedule, agency=party)
    tell_backups(at)
    voice.answer({"message": message}, message, as_json=as_json)


@app.command()
def doctor(
    home: HomeOption = None, person: PersonOption = None, why: WhyOption = None, as_json: JsonOption = False
) -> None:
    """What is wrong with this installation; finishes what a crash left."""
    from upstander.pipeline.doctor import examine

    at = desk(home, person, None, why or "doctor")
    findings = examine(at)
    bring_index(at)
    if as_json:
        voice.say_json([vars(one) for one in findings])
    else:
        voice.say_table("", ("What", "State", "Told"), [(one.what, one.state, one.told) for one in findings])
    if any(one.state == "wrong" for one in findings):
        raise typer.Exit(1)


def _agreement_bytes(name: str) -> bytes:
    from upstander.sharing import shipped, shipped_names

    if Path(name).is_file():
        return Path(name).read_bytes()
    if name in shipped_names():
        return shipped(name)
    raise WrongUsage(
        f"There is no agreement file '{name}'.",
        found=name,
        expected=f"a TOML file, or one of {', '.join(shipped_names())}",
    )
