"""The attack on a release before anyone approves: bounds of every hidden count, from everything ever released."""

from collections.abc import Sequence
from pathlib import Path

from upstander.disclosure import attack
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.pipeline.home import Home
from upstander.pipeline.release import shelf
from upstander.pipeline.release.evidence import Attacked
from upstander.pipeline.release.known import known_now
from upstander.values.canonical import canonical_json
from upstander.values.durable import write_whole

ATTACK = "release attack"


def evidence_path(home: Home, edition: shelf.Edition) -> Path:
    """Where the evidence of the last attack that a person ran on an edition lies."""
    return home.releases / edition.quarter / f"{edition.number:04d}.attack.json"


def attack_everything(desk: Desk, edition: shelf.Edition, published: Sequence[shelf.Edition]) -> Attacked:
    """Attack an edition with all that was ever published beside it, and what outsiders are declared to know."""
    others = [one for one in published if one.name != edition.name]
    told = [(one.name, shelf.publications_of(desk, one)) for one in (*others, edition)]
    attacks = {
        dataset: attack(
            [publications[dataset] for _, publications in told if dataset in publications],
            known=known_now(desk.home, dataset),
        )
        for dataset in told[-1][1]
    }
    return Attacked(edition.name, tuple(name for name, _ in told[:-1]), attacks)


def attack_release(desk: Desk, edition: shelf.Edition, published: Sequence[shelf.Edition]) -> tuple[Attacked, Path]:
    """Attack an edition, and keep the evidence beside it: what was found, and where that lies."""
    found = attack_everything(desk, edition, published)
    path = evidence_path(desk.home, edition)
    write_whole(path, canonical_json(found.values))
    answer = "nothing exposed" if found.passed else "exposed"
    note(desk, action=ATTACK, answer=answer, dataset="", about=f"{edition.name} {edition.sha256}")
    return found, path
