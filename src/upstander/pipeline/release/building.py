"""A plan becomes the files of a release: counted, protected, attacked, told. The same plan gives the same bytes."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from upstander.contracts.asking import Allowed, CountRule
from upstander.contracts.catalogue import ALL
from upstander.contracts.definitions import ViolenceDefinition, load_definition
from upstander.contracts.measures import find_measure
from upstander.contracts.releasing import About, Edition, ReleasedTable
from upstander.contracts.rules import is_public
from upstander.disclosure import Attack, Cube, Publication, attack, protect_cube, released, strictest
from upstander.errors import NotAcceptable
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import ask, still
from upstander.pipeline.outputs import described
from upstander.pipeline.release import shelf
from upstander.pipeline.release.counting import (
    Counted,
    exact_cells,
    finest,
)
from upstander.pipeline.release.evidence import attack_values
from upstander.pipeline.release.figures import figures
from upstander.pipeline.release.ground import NOWHERE, REMAINDER, WHOLE, Ground, ground_of
from upstander.pipeline.release.known import known_of
from upstander.pipeline.release.plan import (
    ALL_AGES,
    ALL_SEXES,
    DIMENSIONS_TOLD,
    PinnedSource,
    Plan,
    definition_sha256,
    pinned_grants,
    plan_values,
    vintage,
)
from upstander.pipeline.release.planning import pinned_reading
from upstander.places import pinned_reference
from upstander.values.canonical import canonical_json
from upstander.values.periods import Period
from upstander.warehouse import in_force

_HOMES = (
    "In areas smaller than a district only public places count; homes, other places and sexual offences count in the "
    "district's remainder."
)
_AGES = "Ages and sexes are those recorded; what is not recorded is a group of its own."
_SOURCE = "Counts through the gate; complementary suppression after Fischetti and Salazar 2001"


class CannotRebuild(NotAcceptable):
    """What a release was made from is not held, or not allowed, any more."""


@dataclass(frozen=True)
class Built:
    """The files of a release but its manifest, the names of its tables, and its exact cells for the vault."""

    files: Mapping[str, bytes]
    tables: tuple[str, ...]
    exact: pl.DataFrame
    attacks: Mapping[str, Attack]


@dataclass(frozen=True)
class _Told:
    """One dataset on its way: its exact cells, what a reader sees of them, the ground."""

    source: PinnedSource
    exact: pl.DataFrame
    publication: Publication
    attack: Attack
    ground: Ground


Tell = Callable[[float, str], None]


def quietly(share: float, words: str) -> None:
    """Hears how far the work is, and tells nobody."""


def build(
    desk: Desk, plan: Plan, earlier: Sequence[Mapping[str, Publication]], *, tell: Tell = quietly
) -> Built:  # fmt: skip
    """The release of this plan. earlier: what each release the plan names has published, by dataset.

    tell: hears between the datasets how far it is, as a share of 0 to 1 and in words.
    Raises CannotRebuild where anything that the plan pins is not held, has changed, or is not allowed any more.
    """
    told = []
    for number, source in enumerate(plan.sources):
        title = ALL[source.dataset].title
        tell(0.1 + 0.8 * number / len(plan.sources), f"Counting, protecting and attacking: {title}")
        told.append(_told(desk, plan, source, earlier))
    tables = [table for one in told for table in _tables(plan, one)]
    exact = pl.concat([one.exact.select(pl.lit(one.source.dataset).alias("dataset"), pl.all()) for one in told])
    attacks = {one.source.dataset: one.attack for one in told}
    above = {
        one.source.dataset: {name: frame.rows() for name, frame in one.publication.hierarchies.items()} for one in told
    }
    files = {
        shelf.HIERARCHIES: canonical_json(above),
        shelf.ATTACK: canonical_json(attack_values(attacks)),
        shelf.FIGURES: shelf.parquet(figures(plan, tables)),
        shelf.NOTES: "".join(f"{line}\n" for line in plan.notes or ("Nothing is late or missing.",)).encode(),
    }
    for table in tables:
        files[f"{table.name}.parquet"] = shelf.parquet(table.cells)
        files[f"{table.name}.json"] = canonical_json(described(table))
    return Built(files, tuple(sorted(table.name for table in tables)), exact, attacks)


def manifest_of(plan: Plan, built: Built) -> bytes:
    """The manifest: the plan, the tables, and the hash of every file."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in built.files.items()}
    return canonical_json({"plan": plan_values(plan), "tables": list(built.tables), "files": hashes})


def _told(desk: Desk, plan: Plan, source: PinnedSource, earlier: Sequence[Mapping[str, Publication]]) -> _Told:
    reference = pinned_reference(desk.home.reference, plan.reference)
    if reference is None:
        raise _cannot("boundaries or lookups that it was made with are not held any more", source.dataset)
    ground = ground_of(reference, plan.settings, plan.layers)
    counted = Counted(
        source.dataset, _definitions(desk, source), ALL[source.dataset].counts_by, plan.covering,
        frozenset(source.whole), "age_band" in source.fields, source.rules,
    )  # fmt: skip
    allowed = _allowed(desk, plan, source)
    rows = desk.warehouse.read(
        allowed, secrets=desk.keyring.secret, period=plan.covering.whole, up_to=plan.register
    )  # fmt: skip
    cells, above = exact_cells(finest(rows, counted), counted, ground)
    cube = Cube(DIMENSIONS_TOLD, cells.join(_vintages(plan, source, cells), on=["measure", "period"]), above)
    before = [one[source.dataset] for one in earlier if source.dataset in one]
    known = known_of(plan.known, source.dataset)
    publication = protect_cube(cube, strictest(source.rules), earlier=before, known=known)
    exact = publication.cells.join(
        cells.select(*DIMENSIONS_TOLD, "count", "persons"), on=DIMENSIONS_TOLD, how="left", maintain_order="left"
    )
    found = attack([*before, publication], known=known)
    still(desk, allowed, Edition.SHAREABLE)
    return _Told(source, exact, publication, found, ground)


def _definitions(desk: Desk, source: PinnedSource) -> dict[str, ViolenceDefinition]:
    folder, found = desk.home.reference / "definitions", {}
    for one in source.measures:
        definition = load_definition(one.definition, one.definition_version, folder=folder)
        if definition_sha256(definition) != one.definition_sha256:
            raise _cannot(f"the definition {definition} has been changed", source.dataset)
        found[one.name] = definition
    return found


def _allowed(desk: Desk, plan: Plan, source: PinnedSource) -> Allowed:
    """The gate's yes to what the plan pins, with the register as it was."""
    at = desk.asking(purpose=plan.made.purpose, why=desk.who.why or f"the release of {plan.quarter}")
    allowed = ask(at, source.dataset, source.fields, Edition.SHAREABLE)
    narrowed = {(one.supplier, one.rows) for one in source.grants}
    if {(one.supplier, one.rows) for one in pinned_grants(allowed)} != narrowed:
        raise _cannot("what the agreements let through is not the same any more", source.dataset)
    suppliers = {one.supplier for one in source.grants}
    held = in_force([one for one in at.warehouse.manifests(source.dataset) if one.sequence <= plan.register],
                    source.dataset)  # fmt: skip
    now = tuple(pinned_reading(one) for one in held if one.manifest.supplier in suppliers or "*" in suppliers)
    if now != source.readings:
        raise _cannot("readings it was made from are not held as they were", source.dataset)
    return allowed


def _cannot(what: str, dataset: str) -> CannotRebuild:
    return CannotRebuild(f"The release cannot be built again: {what}.", where=dataset, found=what)


def _vintages(plan: Plan, source: PinnedSource, cells: pl.DataFrame) -> pl.DataFrame:
    """measure, period, vintage."""
    of = {(one.name, str(period)): vintage(source, one, period, plan.reference)
          for one in source.measures for period in plan.covering.periods}  # fmt: skip
    named = {one.name for one in source.measures}
    pairs = cells.select("measure", "period").unique().sort("measure", "period").rows()
    rows = [(measure, period, _vintage(of, named, measure, period)) for measure, period in pairs]
    return pl.DataFrame(rows, ["measure", "period", "vintage"], orient="row")


def _vintage(of: Mapping[tuple[str, str], str], named: set[str], measure: str, period: str) -> str:
    """A remainder rests on what both its measures do."""
    parts = [measure] if measure in named else measure.split(" without ")
    return "+".join(dict.fromkeys(of[part, period] for part in parts))


def _tables(plan: Plan, told: _Told) -> list[ReleasedTable]:
    """The tables of one dataset: each a slice of its one cube, with all its dimensions."""
    ground, dataset, above = told.ground, told.source.dataset, told.publication.hierarchies["area"]
    everyone = {"age": [ALL_AGES], "sex": [ALL_SEXES]}
    areas = above["child"].unique().sort()
    large = [WHOLE, *areas.filter(_in_layer(areas, ground.large))] if ground.large else [WHOLE]
    slices: list[tuple[str, str, str, dict[str, list[str]]]] = [
        ("large", "by district, age and sex", ground.large, {"area": [*large, *_rest(above, WHOLE)]}),
    ]
    if ground.small:
        small = [
            *areas.filter(_in_layer(areas, ground.small)),
            *(rest for area in large for rest in _rest(above, area)),
        ]
        slices.append(("small", "by small area", ground.small, {"area": small, **everyone}))
    if ground.beside:
        beside = areas.filter(_in_layer(areas, ground.beside)).to_list()
        slices.append(("beside", "by the areas beside", ground.beside, {"area": beside, **everyone}))
    about = partial(about_table, plan, told.source)
    return [
        released(told.publication, f"{dataset}_{name}", about(f"{ALL[dataset].title}, {title}", layer), where=where)
        for name, title, layer, where in slices
    ]


def _in_layer(areas: pl.Series, layer: str) -> pl.Series:
    """Which areas are of a layer, whole: the part of one in another is none."""
    return (
        areas.str.starts_with(f"{layer}:") & ~areas.str.contains(REMAINDER, literal=True) & ~areas.str.contains(" in ")
    )


def _rest(above: pl.DataFrame, parent: str) -> list[str]:
    """What of an area is in none of its parts that are told."""
    children = above.filter(parent=parent, split="areas")["child"]
    return children.filter(children.str.contains(REMAINDER, literal=True) | (children == NOWHERE)).to_list()


def about_table(plan: Plan, source: PinnedSource, title: str, layer: str) -> About:
    """What a table of a release says of itself; layer: of the areas it tells."""
    measures = [find_measure(one.name) for one in source.measures]
    rules: tuple[CountRule, ...] = source.rules
    method, method_version = plan.methods[0]
    late = tuple(source.late) + tuple(plan.missing)
    return About(
        title=title, measure="records", unit="records", edition=Edition.SHAREABLE,
        period=Period.between(plan.covering.whole.start, plan.covering.whole.end), area_layer=layer, rules=rules,
        readings=tuple((source.dataset, one.supplier, one.reading) for one in source.readings),
        method=method, method_version=method_version,
        definition=", ".join(f"{one.definition} {one.definition_version}" for one in source.measures), source=_SOURCE,
        caveats=(*late, _HOMES, _AGES, *dict.fromkeys(line for one in measures for line in one.caveats)),
        handling="OFFICIAL" if all(is_public(rule) for rule in rules) else "OFFICIAL-SENSITIVE", expires=source.until,
    )  # fmt: skip


def same_but_when(one: Plan, other: Plan) -> bool:
    """Whether two plans differ in nothing but who made them when."""
    return replace(one, made=other.made) == other
