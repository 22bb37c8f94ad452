"""Commands about files that come in: check, deliver, reread, deliveries, held."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from upstander.cli import voice
from upstander.cli.anonymity import tell_anonymity
from upstander.cli.app import app
from upstander.cli.desk import HomeOption, JsonOption, PersonOption, WhyOption, bring_index, desk, home_folder
from upstander.errors import HeldForPerson, NotAcceptable, WrongUsage

if TYPE_CHECKING:
    from upstander.intake import DeliveryReport
    from upstander.pipeline.watching import Seen

FileArgument = Annotated[Path, typer.Argument(help="The file as it came.")]
DatasetOption = Annotated[str, typer.Option("--dataset", help="Which dataset it is; `contract list` names them.")]
SupplierOption = Annotated[
    str, typer.Option("--supplier", help="Whose layout it has; a name, or a TOML file of yours.")
]
CoversOption = Annotated[str, typer.Option("--covers", help="The days it speaks for, such as 2026-07.")]

_EXIT = {"FILEQ": NotAcceptable.exit_code, "REFUSE": NotAcceptable.exit_code, "HOLD": HeldForPerson.exit_code}


@app.command()
def check(
    file: FileArgument,
    dataset: DatasetOption,
    supplier: SupplierOption,
    covers: CoversOption = "auto",
    home: HomeOption = None,
    html: Annotated[Path | None, typer.Option("--html", help="Also write the report as a page.")] = None,
    anonymity: Annotated[bool, typer.Option("--anonymity", help="How well people hide in the file's rows.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what would happen to a file. Nothing is stored."""
    from upstander.pipeline.checking import check as look

    if anonymity:
        from upstander.pipeline.anonymity import anonymity_of_sample

        sample = anonymity_of_sample(home_folder(home), file, dataset=dataset, supplier=supplier, covers=covers)
        tell_anonymity(sample, as_json=as_json)
        return

    receipt = look(home_folder(home), file, dataset=dataset, supplier=supplier, covers=covers)
    _tell(receipt, html, as_json=as_json)


@app.command()
def deliver(
    file: FileArgument,
    dataset: DatasetOption,
    supplier: SupplierOption,
    covers: CoversOption = "auto",
    home: HomeOption = None,
    person: PersonOption = None,
    why: WhyOption = None,
    html: Annotated[Path | None, typer.Option("--html", help="Also write the report as a page.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Take a file in: kept sealed, read, checked, stored whole or not at all."""
    from upstander.pipeline.deliver import deliver as take_in

    at = desk(home, person, None, why or "a delivery", is_new=True)
    receipt = take_in(at, file, dataset=dataset, supplier=supplier, covers=covers)
    bring_index(at)
    _tell(receipt, html, as_json=as_json)


@app.command()
def watch(
    folder: Annotated[Path, typer.Argument(help="A drop folder: FOLDER/DATASET/SUPPLIER/file.")],
    every: Annotated[float, typer.Option("--every", min=0.1, help="Seconds between two looks.")] = 30.0,
    once: Annotated[bool, typer.Option("--once", help="Look twice, deliver what did not change, and end.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take out of the folder what is held.")] = False,
    home: HomeOption = None,
    person: PersonOption = None,
    why: WhyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Watch a drop folder and deliver what has arrived whole; a file that still grows is left alone."""
    from time import sleep

    from upstander.pipeline.watching import DropFolder

    at = desk(home, person, None, why or "a delivery to the drop folder", is_new=True)
    drop, looks = DropFolder(folder, removes=remove), 0
    while not (once and looks == 2):
        if looks:
            sleep(every)
        for seen in drop.look(at):
            _tell_seen(seen, as_json=as_json)
            bring_index(at)
        looks += 1


@app.command()
def reread(
    delivery: Annotated[str, typer.Argument(help="The id of a delivery or a reading.")],
    home: HomeOption = None,
    person: PersonOption = None,
    why: WhyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a delivery again by today's map and reference; the new reading supersedes the old one."""
    from upstander.pipeline.deliver import reread as read_again

    at = desk(home, person, None, why or "a corrected map")
    receipt = read_again(at, delivery)
    bring_index(at)
    _tell(receipt, None, as_json=as_json)


@app.command()
def deliveries(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List what is held, oldest first, with its lines."""
    at = desk(home)
    held = at.warehouse.manifests()
    if as_json:
        voice.say_json([
            {"delivery": one.delivery, "reading": one.reading, "dataset": one.dataset, "supplier": one.supplier,
             "covers": [one.covers.start, one.covers.end], "inferred": one.covers.inferred,
             "outcome": one.outcome.value, "lines": vars(one.lines)} for one in held
        ])  # fmt: skip
        return
    rows = [
        (one.delivery, one.dataset, one.supplier, f"{one.covers.start} to {one.covers.end}", one.outcome.value,
         f"{one.lines.records:,}", f"{one.lines.accepted:,}", f"{one.lines.quarantined:,}", f"{one.lines.set_aside:,}")
        for one in held
    ]  # fmt: skip
    columns = (
        "Delivery",
        "Dataset",
        "Supplier",
        "Covers",
        "Outcome",
        "Records",
        "Accepted",
        "Quarantined",
        "Set aside",
    )
    voice.say_table(f"{len(held)} readings", columns, rows, numbers=columns[5:])


@app.command()
def held(
    action: Annotated[str, typer.Argument(help="list, accept or refuse.")] = "list",
    reading: Annotated[str, typer.Argument(help="The id of the held reading.")] = "",
    home: HomeOption = None,
    person: PersonOption = None,
    why: WhyOption = None,
    as_json: JsonOption = False,
) -> None:
    """What waits for a person; accept it into the warehouse or refuse it, with a reason."""
    from upstander.pipeline.held import decide_held, held_readings

    at = desk(home, person, None, why)
    if action == "list":
        waiting = held_readings(at)
        if as_json:
            voice.say_json([dict(one) for one in waiting])
        else:
            rows = [(one["reading"], one["dataset"], one["supplier"], one["why"]) for one in waiting]
            voice.say_table(f"{len(rows)} held", ("Reading", "Dataset", "Supplier", "Why"), rows)
        return
    message = decide_held(at, reading, accept=_verdict(action))
    bring_index(at)
    voice.answer({"reading": reading, "message": message}, message, as_json=as_json)


def _tell_seen(seen: "Seen", *, as_json: bool) -> None:
    from upstander.intake import last_line

    if as_json:
        told = last_line(seen.report) if seen.report else {"outcome": None, "message": seen.told}
        voice.say_json({"file": seen.path.name, **told})
    else:
        outcome = seen.report.result.outcome.value if seen.report else "not taken in"
        voice.say(f"{seen.path.name}: {outcome}. {seen.told}")


def _verdict(action: str) -> bool:
    if action not in {"accept", "refuse"}:
        raise WrongUsage(f"'{action}' is not a decision.", found=action, expected="list, accept or refuse")
    return action == "accept"


def _tell(report: "DeliveryReport", html: Path | None, *, as_json: bool) -> None:
    from upstander.intake import last_line, report_html, report_text

    if html is not None:
        html.write_text(report_html(report), "utf-8")
    if as_json:
        voice.say_json(last_line(report))
    else:
        voice.say(report_text(report))
    code = _EXIT.get(report.result.outcome.value, 0)
    if code:
        raise typer.Exit(code)
