"""Commands about the trail of every answer: audit."""

from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from upstander.cli import voice
from upstander.cli.app import app
from upstander.cli.desk import HomeOption, JsonOption, PersonOption, day_of, desk, midnight
from upstander.errors import NotAcceptable, WrongUsage

if TYPE_CHECKING:
    from upstander.pipeline.trail import Checked
    from upstander.sharing import AuditEvent, AuditHead

audit_app = typer.Typer(help="The trail of every answer.", no_args_is_help=True)
app.add_typer(audit_app, name="audit")
_MOST = 50
WhyOption = Annotated[str, typer.Option("--why", help="The reason; that you looked is written down with it.")]


@audit_app.command("verify")
def audit_verify(
    file: Annotated[Path | None, typer.Option("--file", help="An exported log, instead of the home's own.")] = None,
    head: Annotated[list[str] | None, typer.Option("--head", help="A head you kept, as NUMBER:HASH.")] = None,
    heads: Annotated[list[Path] | None, typer.Option("--heads", help="A file of kept heads.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Whether every entry is as it was written, and as the heads kept elsewhere remember it."""
    from upstander.pipeline.trail import check_copy, check_trail

    kept = [_head(text) for text in head or ()]
    checked = check_copy(file, kept, heads or ()) if file else check_trail(desk(home), kept, heads or ())
    _refuse_fault(checked)
    trouble = {str(one.place): one.trouble for one in checked.anchors if one.trouble}
    asked = len(kept) + sum(len(one.heads) for one in checked.anchors)
    told = [
        f"{checked.entries:,} entries, each as it was written and in its place.",
        f"{asked:,} heads kept elsewhere agree with it." if asked else "No head that was kept elsewhere was asked.",
        *(f"{place} {why}." for place, why in trouble.items()),
    ]
    found = {"entries": checked.entries, "fault": None, "heads": asked, "trouble": trouble}
    voice.answer(found, "\n".join(told), as_json=as_json)


@audit_app.command("head")
def audit_head(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """The last entry's number and hash: to be kept elsewhere, on paper if need be."""
    last = desk(home).audit.head()
    text = f"{last.seq}:{last.hash}" if last else "The log is empty."
    voice.answer({"head": text if last else None}, text, as_json=as_json)


@audit_app.command("export")
def audit_export(
    file: Annotated[Path, typer.Argument(help="A new file; it gets every line of the log.")],
    why: WhyOption,
    home: HomeOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the whole log to a file that anybody can check with `upstander audit verify --file`."""
    from upstander.pipeline.trail import export_trail

    last = export_trail(desk(home, person, None, why), file)
    message = f"{last.seq:,} entries are in {file}. Its head, to be kept apart from it: {last.seq}:{last.hash}"
    voice.answer({"entries": last.seq, "head": f"{last.seq}:{last.hash}", "message": message}, message, as_json=as_json)


@audit_app.command("show")
def audit_show(
    why: WhyOption,
    by: Annotated[str, typer.Option("--by", help="Whose entries.")] = "",
    of_agency: Annotated[str, typer.Option("--of-agency", help="An agency's entries.")] = "",
    dataset: Annotated[str, typer.Option("--dataset", help="About which dataset.")] = "",
    action: Annotated[str, typer.Option("--action", help="Such as read, deliver, sign, erase.")] = "",
    subject: Annotated[str, typer.Option("--subject", help="About one person, by the token that was shown.")] = "",
    since: Annotated[str, typer.Option("--since", help="The first day, as 2026-11-01 (UTC).")] = "",
    until: Annotated[str, typer.Option("--until", help="The last day, as 2026-11-30 (UTC).")] = "",
    most: Annotated[int, typer.Option("--most", min=1, help="At most so many, the newest ones.")] = _MOST,
    home: HomeOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who saw or did what, when, why and under which agreement; newest first."""
    from upstander.pipeline.trail import found_in_trail
    from upstander.sharing import AuditSearch

    wanted = AuditSearch(
        since=midnight(day_of(since)) if since else None,
        until=midnight(day_of(until) + timedelta(days=1)) if until else None,
        person=by, agency=of_agency, dataset=dataset,
        action=action, subject=subject,
    )  # fmt: skip
    found = found_in_trail(desk(home, person, None, why), wanted, most=most)
    if as_json:
        voice.say_json([{"seq": entry.seq, "hash": entry.hash, **vars(entry.event)} for entry in found])
    else:
        columns = ("Entry", "When (UTC)", "Who", "For", "What", "Answer", "Rows", "Under", "Why")
        voice.say_table("", columns, [(entry.seq, *_row(entry.event)) for entry in found], numbers=("Entry", "Rows"))


def _row(event: "AuditEvent") -> tuple[object, ...]:
    what = " ".join(word for word in (event.action, event.dataset, event.subject) if word)
    who = " · ".join(word for word in (event.person, event.agency) if word)
    return (
        f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M}", who, event.purpose, what, event.answer, event.rows,
        event.agreement, event.why,
    )  # fmt: skip


def _refuse_fault(checked: "Checked") -> None:
    fault = checked.fault
    if fault is not None:
        raise NotAcceptable(
            f"The audit log is not as it was written: line {fault.line}, entry {fault.seq}: {fault.what}.",
            where=f"line {fault.line}", found=fault.what, expected="an unbroken chain that ends no earlier than it did",
        )  # fmt: skip


def _head(text: str) -> "AuditHead":
    from upstander.sharing import AuditHead

    number, _, digest = text.partition(":")
    if not number.isdecimal() or not digest:
        raise WrongUsage(f"'{text}' is no head.", found=text, expected="what `upstander audit head` says, as 12:9f…")
    return AuditHead(int(number), digest)
