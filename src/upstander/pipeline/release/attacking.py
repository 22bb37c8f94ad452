"""The attack on a release before anyone approves: bounds of every hidden count, from everything ever released."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from upstander.disclosure import Publication, attack
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.pipeline.home import Home
from upstander.pipeline.release import shelf
from upstander.pipeline.release.evidence import Attacked
from upstander.pipeline.release.given import Given, given_out, publications_of_given
from upstander.pipeline.release.known import known_now
from upstander.values.canonical import canonical_json
from upstander.values.durable import write_whole

ATTACK = "release attack"


def evidence_path(home: Home, edition: shelf.Edition) -> Path:
    """Where the evidence of the last attack that a person ran on an edition lies."""
    return home.releases / edition.quarter / f"{edition.number:04d}.attack.json"


def attack_everything(desk: Desk, edition: shelf.Edition, published: Sequence[shelf.Edition]) -> Attacked:
    """Attack an edition with all that was ever given out beside it, and what outsiders are declared to know."""
    others = [one for one in published if one.name != edition.name]
    bulletins = _bulletins(desk, [*others, edition], given_out(desk))
    return _attacked(desk, [*_releases(desk, others), *bulletins, *_releases(desk, [edition])])


def attack_given(desk: Desk, one: Given, published: Sequence[shelf.Edition]) -> Attacked:
    """Attack what a bulletin would tell, beside all that was ever given out."""
    bulletins = _bulletins(desk, published, [*given_out(desk), one])
    return _attacked(desk, [*_releases(desk, published), *bulletins])


Told = list[tuple[str, Mapping[str, Publication]]]


def _releases(desk: Desk, editions: Sequence[shelf.Edition]) -> Told:
    return [(one.name, shelf.publications_of(desk, one)) for one in editions]


def _bulletins(desk: Desk, editions: Sequence[shelf.Edition], bulletins: Sequence[Given]) -> Told:
    """What each bulletin of one of these editions tells, by its name."""
    by_name = {one.name: one for one in editions}
    return [
        (one.name, publications_of_given(desk, by_name[one.release], one))
        for one in bulletins if one.release in by_name
    ]  # fmt: skip


def _attacked(desk: Desk, told: Told) -> Attacked:
    """The attack on the last of them."""
    attacks = {
        dataset: attack(
            [publications[dataset] for _, publications in told if dataset in publications],
            known=known_now(desk.home, dataset),
        )
        for dataset in told[-1][1]
    }
    return Attacked(told[-1][0], tuple(name for name, _ in told[:-1]), attacks)


def attack_release(desk: Desk, edition: shelf.Edition, published: Sequence[shelf.Edition]) -> tuple[Attacked, Path]:
    """Attack an edition, and keep the evidence beside it: what was found, and where that lies."""
    found = attack_everything(desk, edition, published)
    path = evidence_path(desk.home, edition)
    write_whole(path, canonical_json(found.values))
    answer = "nothing exposed" if found.passed else "exposed"
    note(desk, action=ATTACK, answer=answer, dataset="", about=f"{edition.name} {edition.sha256}")
    return found, path
