"""Making a release: planned, built, sealed, written whole; and its standing, worked out from the audit log."""

from dataclasses import dataclass, replace

from upstander.pipeline.desk import Desk
from upstander.pipeline.release import shelf
from upstander.pipeline.release.approving import MAKE, ever_published, note_made
from upstander.pipeline.release.building import Tell, build, manifest_of, quietly, same_but_when
from upstander.pipeline.release.given import pinned_given, publications_given
from upstander.pipeline.release.plan import Plan
from upstander.pipeline.release.planning import plan_now
from upstander.pipeline.runs import record_run
from upstander.values.durable import locked
from upstander.values.periods import Period

_PATIENCE_S = 3600.0


@dataclass(frozen=True)
class MadeRelease:
    """An edition, and whether it was there already: nothing it rests on had changed."""

    edition: shelf.Edition
    already_made: bool


def make_release(desk: Desk, quarter: Period, *, tell: Tell = quietly) -> MadeRelease:
    """A new edition of the quarter's release, or the newest one where it would say the same.

    tell: hears between the steps how far it is; what it raises ends the making, as does a kill.
    Killed anywhere, there is no new edition, and the same call makes it. Raises the gate's refusal where no source can
    be read; WrongUsage for a quarter that is not over.
    """
    with locked(desk.home.releases / ".lock", patience_s=_PATIENCE_S):
        tell(0.05, "Looking at what is in force, and at everything that was published before")
        before = ever_published(desk)
        earlier = tuple((one.quarter, one.number, one.sha256) for one in before)
        plan = replace(plan_now(desk, quarter, earlier), given=pinned_given(desk))
        held = shelf.editions(desk.home, str(quarter))
        if held and _says_the_same(held[-1], plan):
            note_made(desk, held[-1])
            return MadeRelease(held[-1], already_made=True)
        number = held[-1].number + 1 if held else 1
        told = [shelf.publications_of(desk, one) for one in before]
        built = build(desk, plan, [*told, *publications_given(desk, plan, before)], tell=tell)
        tell(0.95, "Sealing it")
        shelf.seal_exact(desk, str(quarter), number, built.exact)
        files = {**built.files, shelf.MANIFEST: manifest_of(plan, built)}
        edition = shelf.write_edition(desk.home, str(quarter), number, files)
        note_made(desk, edition)
    said = {"release": edition.name, "manifest": edition.sha256}
    record_run(desk.home, job=MAKE, person=desk.who.person, at=desk.now(), result=said)
    return MadeRelease(edition, already_made=False)


def _says_the_same(edition: shelf.Edition, plan: Plan) -> bool:
    """A release that is approved meanwhile is an earlier one to the next, and bulletins are made of it: neither
    changes what it would say, and both are left out of the comparison.
    """
    mine = (edition.quarter, edition.number, edition.sha256)
    earlier = tuple(one for one in plan.earlier if one != mine)
    without = replace(plan, earlier=earlier, given=edition.plan.given if mine in plan.earlier else plan.given)
    return same_but_when(edition.plan, without) and not shelf.broken_seals(edition)
