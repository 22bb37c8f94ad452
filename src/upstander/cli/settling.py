"""Commands about places in words: locate, waiting, settle."""

from typing import TYPE_CHECKING, Annotated

import typer

from upstander.cli import voice
from upstander.cli.desk import HomeOption, JsonOption, PersonOption, WhyOption, desk, made_home
from upstander.cli.governance import places_app

if TYPE_CHECKING:
    from upstander.pipeline.settling.waiting import WaitingPhrase
    from upstander.places import Candidate

_CANDIDATES = ("Entry", "Name", "Kind", "Nearest town", "From the site", "Sure")


@places_app.command("locate")
def places_locate(
    text: Annotated[str, typer.Argument(help="A postcode or part of one, an area code, x,y, or words about a place.")],
    crs: Annotated[str, typer.Option("--crs", help="The frame of x,y, and of the gazetteers.")] = "EPSG:27700",
    site: Annotated[str, typer.Option("--site", help="Code of the treating site that the words come from.")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Where a text lies, with method, confidence and precision; of words, the places they may mean. Nothing is kept."""
    from dataclasses import asdict

    from upstander.pipeline.locating import candidates_for, locate_text

    at = made_home(home)
    found = locate_text(at, text, crs=crs, site=site)
    candidates = candidates_for(at, text, crs=crs, site=site) if "text_status" in found else ()
    if as_json:
        voice.say_json({**found, "candidates": [asdict(one) for one in candidates]} if candidates else found)
        return
    voice.say_table("", ("What", "Value"), list(found.items()))
    if candidates:
        voice.say_table("It may mean", _CANDIDATES, [_row(one) for one in candidates])


@places_app.command("waiting")
def places_waiting(
    home: HomeOption = None, person: PersonOption = None, why: WhyOption = None, as_json: JsonOption = False
) -> None:
    """The phrases about places that wait to be settled, the commonest first. That somebody looked is written down."""
    from dataclasses import asdict

    from upstander.pipeline.settling.waiting import waiting

    found = waiting(desk(home, person, None, why))
    if as_json:
        voice.say_json([asdict(one) for one in found])
        return
    voice.say_table(
        "1 phrase waits" if len(found) == 1 else f"{len(found)} phrases wait",
        ("Id", "Phrase", "Site", "Rows", "May mean"), [_waiting(one) for one in found], numbers=("Rows",),
    )  # fmt: skip


@places_app.command("settle")
def places_settle(
    phrase: Annotated[str, typer.Argument(help="Its id, or the phrase as `places waiting` shows it.")],
    entry: Annotated[str, typer.Option("--entry", help="It means this entry of a gazetteer.")] = "",
    place_class: Annotated[str, typer.Option("--class", help="It is a kind of place, such as home.")] = "",
    nowhere: Annotated[bool, typer.Option("--nowhere", help="It tells no place.")] = False,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="At every site, not only where it was said.")
    ] = False,
    home: HomeOption = None,
    person: PersonOption = None,
    why: WhyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say once what a phrase means; the deliveries that say it are read again."""
    from upstander.intake import last_line
    from upstander.pipeline.settling.settling import Answer, settle

    answer = Answer(entry=entry, place_class=place_class, nowhere=nowhere, everywhere=everywhere)
    reports = settle(desk(home, person, None, why), phrase, answer)
    if as_json:
        voice.say_json([last_line(one) for one in reports])
        return
    voice.say(f"Settled; {len(reports)} {'delivery was' if len(reports) == 1 else 'deliveries were'} read again.")


def _row(one: "Candidate") -> tuple[str, ...]:
    away = "" if one.distance_km is None else f"{one.distance_km:.1f} km"
    return one.id, one.title, one.kind, one.town, away, f"{one.confidence:.0%}"


def _waiting(one: "WaitingPhrase") -> tuple[str, ...]:
    may = "; ".join(f"{each.title}, {each.town} [{each.id}] {each.confidence:.0%}" for each in one.candidates[:3])
    return one.id, one.phrase, one.site, f"{one.rows:,}", may
