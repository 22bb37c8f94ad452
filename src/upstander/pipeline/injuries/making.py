"""Making one bulletin: choose, draw, number, enter the ledger and the audit log."""

from pathlib import Path

import polars as pl

from upstander.contracts.definitions import load_definition
from upstander.contracts.releasing import Edition
from upstander.errors import NotAcceptable
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note, still
from upstander.pipeline.injuries.actions import read_actions
from upstander.pipeline.injuries.asked import Asked
from upstander.pipeline.injuries.picture import Picture, chosen_picture
from upstander.pipeline.injuries.released import counted_places
from upstander.pipeline.injuries.telling import bulletin_of
from upstander.pipeline.outputs import Output, OutputFacts, write_output
from upstander.pipeline.release.approving import ever_published
from upstander.pipeline.release.attacking import attack_given
from upstander.pipeline.release.given import given, seal
from upstander.pipeline.release.published import published_for
from upstander.pipeline.runs import record_run
from upstander.publish import bulletin as drawing

KIND = "bulletin"


def injuries(desk: Desk, asked: Asked) -> Output:
    """One bulletin, on disk. A shareable one is made of the readings of a published release, and says of which.

    Raises the gate's own refusal where no source can be read at all, NoRelease where none covers a shareable one,
    NotAcceptable for a shareable one that would give away what a release hides.
    """
    frozen = published_for(desk, asked.period) if asked.edition is Edition.SHAREABLE else None
    definition = load_definition(asked.definition, folder=desk.home.reference / "definitions")
    picture = chosen_picture(desk, asked, definition, read_actions(asked.actions), frozen)
    exact = counted_places(picture.scope, picture.sources, picture.ground) if frozen else None
    if frozen and exact is not None:
        _refuse_exposing(desk, picture, exact)
    output = _written(desk, picture, exact)
    note(
        desk, action="bulletin", answer="done", dataset=",".join(one.dataset for one in picture.sources),
        about=f"{KIND} {output.number:04d} {asked.edition.value}",
    )  # fmt: skip
    said = {"number": output.number, "edition": asked.edition.value, "period": str(picture.scope.period)}
    record_run(desk.home, job="injuries", person=desk.who.person, at=desk.now(), result=said)
    return output


def _refuse_exposing(desk: Desk, picture: Picture, exact: pl.DataFrame) -> None:
    """Raises NotAcceptable where the bulletin beside all that was ever given out tells what a release or it hides."""
    told = given("this bulletin", picture.scope.release, picture.tables, exact)
    found = attack_given(desk, told, ever_published(desk)) if told else None
    if found and not found.passed:
        raise NotAcceptable(
            f"The bulletin would give hidden counts away: {found.in_words}",
            where="; ".join(found.tables), expected="a coarser layer or a longer period", state="Nothing was written.",
        )  # fmt: skip


def _written(desk: Desk, picture: Picture, exact: pl.DataFrame | None) -> Output:
    facts = OutputFacts(
        kind=KIND,
        edition=picture.asked.edition,
        recipients=picture.asked.recipients,
        purpose=picture.sources[0].allowed.request.purpose.value,
        person=desk.who.person,
        made=desk.now(),
        expires=picture.scope.expires,
        release=picture.scope.release,
    )

    def render(number: int, folder: Path) -> tuple[Path, ...]:
        told = bulletin_of(picture, network=desk.home.settings.network, number=number)
        written = drawing.write(told, folder)
        if exact is not None:
            seal(desk, number, exact)
        for source in picture.sources:
            still(desk, source.allowed, picture.asked.edition)
        return written.pdf, written.html

    return write_output(desk.home, facts, list(picture.tables.values()), render)
