"""Work on releases that takes longer than a page may: making, approving, building again, attacking, exporting.

An approval attacks everything ever published first, so it is work too. Run twice, each is as good as run once.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.urls import reverse

from upstander.contracts.asking import Purpose
from upstander.web.accounts import permissions as may
from upstander.web.work import Done, Kind, Progress, register

if TYPE_CHECKING:
    from upstander.pipeline.desk import Desk

MAKE, APPROVE, VERIFY, ATTACK, EXPORT = (
    "make-release", "approve-release", "verify-release", "attack-release", "export-release"
)  # fmt: skip
PROOFS = {VERIFY: "building it again", ATTACK: "attacking it again"}
Arguments = Mapping[str, str]


def register_kinds() -> None:
    """Let the workers know these."""
    for name, title, needs, run in (
        (MAKE, "Make the release of {quarter}", may.MAKE_RELEASES, make),
        (APPROVE, "Approve the release {quarter}, edition {number}", may.APPROVE_RELEASES, approve),
        (VERIFY, "Build the release {quarter}, edition {number}, again and compare", may.PROVE_RELEASES, verify),
        (ATTACK, "Attack the release {quarter}, edition {number}, again", may.PROVE_RELEASES, attack),
        (EXPORT, "Write the release {quarter} as files for {called}", may.EXPORT_RELEASES, export),
    ):
        register(Kind(name=name, title=title, needs=needs, run=run, purpose=Purpose.MONITORING))


def make(desk: "Desk", arguments: Arguments, progress: Progress) -> Done:
    """A new edition, or the one that would say the same."""
    from upstander.pipeline.release.covering import quarter_named
    from upstander.pipeline.release.making import make_release

    made = make_release(desk, quarter_named(arguments["quarter"]), tell=progress)
    name = f"{made.edition.quarter}, edition {made.edition.number},"
    said = "was made already; nothing it rests on has changed." if made.already_made else "is made."
    return Done(f"{name} {said} Two others have to approve it.", _page(made.edition.quarter, made.edition.number))


def approve(desk: "Desk", arguments: Arguments, progress: Progress) -> Done:
    """One approval, of the hash that was on the page."""
    from upstander.pipeline.release.approving import approve as give
    from upstander.pipeline.release.approving import standing
    from upstander.pipeline.release.shelf import find_edition

    quarter, number = _named(arguments)
    now = standing(desk, find_edition(desk.home, quarter, number))
    if desk.who.person in {one.person for one in now.approvals}:  # begun anew after a worker died
        return Done(f"Your approval of {quarter}, edition {number}, stands: {now.in_words}.", _page(quarter, number))
    progress(0.1, "Attacking everything that was ever published, with this release beside it")
    now = give(desk, quarter, number, sha256=arguments["sha256"])
    return Done(f"Your approval of {quarter}, edition {number}, stands: {now.in_words}.", _page(quarter, number))


def verify(desk: "Desk", arguments: Arguments, progress: Progress) -> Done:
    """Whether it comes out the same."""
    from upstander.pipeline.release.verifying import verify as prove

    quarter, number = _named(arguments)
    progress(0.1, "Checking every seal, then building all of it again")
    return Done(prove(desk, quarter, number).in_words, _page(quarter, number))


def attack(desk: "Desk", arguments: Arguments, progress: Progress) -> Done:
    """What an outsider could work out from everything ever released."""
    from upstander.pipeline.release.approving import ever_published
    from upstander.pipeline.release.attacking import attack_release
    from upstander.pipeline.release.shelf import find_edition

    quarter, number = _named(arguments)
    progress(0.1, "Working out what each withheld count could still be")
    found, _ = attack_release(desk, find_edition(desk.home, quarter, number), ever_published(desk))
    return Done(found.in_words, reverse("release_attack", args=[quarter, number]))


def export(desk: "Desk", arguments: Arguments, progress: Progress) -> Done:
    """Files among the outputs, opened again and compared."""
    from upstander.pipeline.release.exporting import keep_export

    progress(0.1, "Writing the files, opening each again, comparing it with the release")
    edition, called = keep_export(desk, arguments["quarter"], recipient=arguments["recipient"])
    what = "Open data" if not arguments["recipient"] else f"The {called.replace('-', ' ')} for {arguments['recipient']}"
    return Done(f"{what} of {edition.name} is ready.", reverse("release_files", args=[edition.quarter, edition.number]))


def _named(arguments: Arguments) -> tuple[str, int]:
    return arguments["quarter"], int(arguments["number"])


def _page(quarter: str, number: int) -> str:
    return reverse("release", args=[quarter, number])
