"""Commands about what leaves: release make, approve, list, show, verify, attack, revisions, calendar; output recall."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    day_of,
    desk,
    today,
)

if TYPE_CHECKING:
    from upstander.pipeline.release.approving import Standing

release_app = typer.Typer(help="The quarter, frozen: made, proved, approved by two people.", no_args_is_help=True)
output_app = typer.Typer(help="Numbered outputs: what stands, what is recalled.", no_args_is_help=True)
app.add_typer(release_app, name="release")
app.add_typer(output_app, name="output")

QuarterArgument = Annotated[str, typer.Argument(help="Such as 2026-Q3.")]
EditionOption = Annotated[int | None, typer.Option("--edition", help="The number of the edition; else the newest.")]


@release_app.command("make")
def release_make(
    quarter: QuarterArgument, home: HomeOption = None, person: PersonOption = None, agency: AgencyOption = None,
    purpose: PurposeOption = None, why: WhyOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Freeze the quarter: what is in force is pinned, counted, protected and attacked. Two others then approve it."""
    from upstander.pipeline.release.covering import quarter_named
    from upstander.pipeline.release.making import make_release

    at = desk(home, person, purpose, why or f"the release of {quarter}", agency)
    made = make_release(at, quarter_named(quarter))
    edition = made.edition
    facts = {"release": edition.name, "manifest": edition.sha256, "already_made": made.already_made,
             "tables": list(edition.manifest["tables"]), "notes": list(edition.plan.notes)}  # fmt: skip
    if as_json:
        voice.say_json(facts)
        return
    first = "is made already; nothing it rests on has changed." if made.already_made else "is made."
    voice.say(f"{edition.name} {first}")
    for line in (*edition.plan.notes, f"Manifest {edition.sha256}.", f"It lies in {edition.folder}."):
        voice.say(line)
    voice.say("Two people who did not make it approve it: upstander release approve.")


@release_app.command("approve")
def release_approve(
    quarter: QuarterArgument, edition: EditionOption = None, home: HomeOption = None, person: PersonOption = None,
    why: WhyOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Approve it as it stands, by the hash of its manifest. The second approval publishes it."""
    from upstander.pipeline.release.approving import approve

    at = desk(home, person, None, why or f"approving {quarter}")
    now = approve(at, quarter, edition)
    voice.answer(_standing_values(now), f"{now.edition.name}: {now.in_words}.", as_json=as_json)


@release_app.command("list")
def release_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Every release there is, and where it stands."""
    from upstander.pipeline.recalling import recalled
    from upstander.pipeline.release.approving import KIND, standings
    from upstander.pipeline.release.shelf import editions

    at = desk(home)
    gone = recalled(at.home)
    found = standings(at, editions(at.home))
    if as_json:
        voice.say_json([_standing_values(one) | {"recalled": gone.get((KIND, one.edition.name), "")} for one in found])
        return
    rows = [
        (one.edition.name, "recalled" if (KIND, one.edition.name) in gone else one.in_words, one.edition.sha256[:12])
        for one in found
    ]
    voice.say_table("", ("Release", "State", "Manifest"), rows)


@release_app.command("show")
def release_show(
    quarter: QuarterArgument, edition: EditionOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """What one release is made from, and who approved it."""
    from upstander.pipeline.release.approving import standing
    from upstander.pipeline.release.published import newer_words
    from upstander.pipeline.release.shelf import find_edition

    at = desk(home)
    now = standing(at, find_edition(at.home, quarter, edition))
    newer = newer_words(at, now.edition.name)
    if as_json:
        voice.say_json(_standing_values(now) | {"made_from": now.edition.manifest, "newer": " ".join(newer)})
        return
    plan = now.edition.plan
    voice.say(f"{now.edition.name}: {now.in_words}. Made by {plan.made.person} on {plan.made.at:%-d %B %Y}.")
    for approval in now.approvals:
        voice.say(f"Approved by {approval.person} on {approval.at:%-d %B %Y}.")
    rows = [
        (source.name, len(source.readings), ", ".join(one.name for one in source.measures),
         "; ".join(f"{rule.name} ({rule.agreement})" for rule in source.rules))
        for source in plan.sources
    ]  # fmt: skip
    voice.say_table("", ("Dataset", "Readings", "Measures", "Rules"), rows)
    for line in (*newer, *plan.notes):
        voice.say(line)


@release_app.command("verify")
def release_verify(
    quarter: QuarterArgument, edition: EditionOption = None, home: HomeOption = None, person: PersonOption = None,
    agency: AgencyOption = None, why: WhyOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Every seal, then the whole of it made again and compared byte for byte."""
    from upstander.pipeline.release.verifying import verify

    at = desk(home, person, None, why or f"verifying {quarter}", agency)
    found = verify(at, quarter, edition)
    voice.answer(vars(found) | {"holds": found.holds}, found.in_words, as_json=as_json)
    if not found.holds:
        raise typer.Exit(3)


@release_app.command("attack")
def release_attack(
    quarter: QuarterArgument, edition: EditionOption = None, home: HomeOption = None, person: PersonOption = None,
    why: WhyOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """What an outsider can work out from everything ever released: the narrowest hidden counts first."""
    from upstander.pipeline.release.approving import ever_published
    from upstander.pipeline.release.attacking import attack_release
    from upstander.pipeline.release.shelf import find_edition

    at = desk(home, person, None, why or f"attacking {quarter}")
    found, path = attack_release(at, find_edition(at.home, quarter, edition), ever_published(at))
    if as_json:
        voice.say_json(found.values | {"passed": found.passed, "evidence": str(path)})
    else:
        voice.say(found.in_words)
        voice.say_table("", ("Dataset", "Cell", "Can be"), found.rows)
        voice.say(f"The evidence lies in {path}.")
    if not found.passed:
        raise typer.Exit(3)


@release_app.command("revisions")
def release_revisions(
    quarter: QuarterArgument, edition: EditionOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """What it changes beside the last one published: readings, and figures cell by cell as they are shown."""
    from upstander.pipeline.release.revising import revisions, revisions_text

    found = revisions(desk(home), quarter, edition)
    if as_json:
        voice.say_json({
            "before": found.before, "after": found.after, "readings": found.readings.rows(named=True),
            "counts": found.counts.rows(named=True), "figures": found.figures,
        })  # fmt: skip
        return
    for line in revisions_text(found):
        voice.say(line)


@release_app.command("export")
def release_export(
    quarter: QuarterArgument,
    to: Annotated[Path, typer.Option("--to", help="A new folder.")],
    recipient: Annotated[str, typer.Option("--for", help="An agency's numbered copy; else open data.")] = "",
    home: HomeOption = None, person: PersonOption = None, agency: AgencyOption = None,
    purpose: PurposeOption = None, why: WhyOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """A published release as CSV with its description, and as accessible workbooks; opened again and compared."""
    from upstander.pipeline.release.exporting import export

    at = desk(home, person, purpose, why or f"an export of {quarter}", agency)
    made = export(at, quarter, to, recipient=recipient)
    facts = {"release": made.release, "number": made.number, "files": [path.name for path in made.files],
             "left_out": list(made.left_out)}  # fmt: skip
    left = f" Not publishable, and left out: {', '.join(made.left_out)}." if made.left_out else ""
    numbered = f" It is copy {made.number}." if made.number else ""
    voice.answer(facts, f"{made.release} lies in {to}: {len(made.files)} files.{numbered}{left}", as_json=as_json)


@release_app.command("calendar")
def release_calendar(
    on: Annotated[str | None, typer.Option("--on", help="The day to look from; today if left out.")] = None,
    home: HomeOption = None, person: PersonOption = None, agency: AgencyOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """When each quarter is due, who is told, what is published, and which sources are late."""
    from upstander.pipeline.release.due import release_calendar as calendar

    at = desk(home, person, None, "the release calendar", agency)
    found = calendar(at, today=day_of(on) if on else today())
    if as_json:
        voice.say_json([vars(one) for one in found])
        return
    rows = [(one.quarter, one.due, one.state, one.late_days or "", "; ".join(one.told), "\n".join(one.sources))
            for one in found]  # fmt: skip
    voice.say_table("", ("Quarter", "Due", "State", "Days late", "Told", "Sources"), rows)


@output_app.command("list")
def output_list(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Every numbered output: standing, expired or recalled."""
    from upstander.pipeline.recalling import standings

    found = standings(desk(home).home, today())
    if as_json:
        voice.say_json([vars(one) for one in found])
        return
    rows = [(one.kind, one.number, one.edition, one.made[:10], one.expires, one.state, one.why) for one in found]
    voice.say_table("", ("Kind", "Number", "Edition", "Made", "Destroy by", "State", "Why"), rows)


@output_app.command("recall")
def output_recall(
    number: Annotated[str, typer.Argument(help="Its number; of a release 2026-Q3/0001.")],
    kind: Annotated[str, typer.Option("--kind", help="bulletin, release or another kind of the ledger.")] = "bulletin",
    home: HomeOption = None, person: PersonOption = None, why: WhyOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Call an output back, for a reason; the ledger keeps both."""
    from upstander.pipeline.recalling import recall

    found = recall(desk(home, person, None, why), kind, number)
    told = f"{found.kind} {found.number} is recalled: {found.why}. Tell {', '.join(found.recipients) or 'who has it'}."
    voice.answer(vars(found), told, as_json=as_json)


def _standing_values(now: "Standing") -> dict[str, Any]:
    return {
        "release": now.edition.name, "manifest": now.edition.sha256, "published": now.is_published,
        "state": now.in_words, "faults": list(now.faults),
        "approvals": [{"person": one.person, "at": one.at.isoformat()} for one in now.approvals],
        "voided": [{"person": one.person, "at": one.at.isoformat()} for one in now.voided],
    }  # fmt: skip
