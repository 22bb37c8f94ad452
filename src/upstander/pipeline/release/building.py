"""A plan becomes the files of a release: counted, protected, attacked, told. The same plan gives the same bytes."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from upstander.contracts.asking import Allowed
from upstander.contracts.catalogue import ALL
from upstander.contracts.releasing import Edition, ReleasedTable
from upstander.disclosure import Attack, Cube, Publication, attack, protect_cube, released, strictest
from upstander.pipeline.desk import Desk
from upstander.pipeline.floors import is_fine
from upstander.pipeline.gate import ask, still
from upstander.pipeline.indicators.rows import standing_on
from upstander.pipeline.outputs import described
from upstander.pipeline.release import shelf
from upstander.pipeline.release.abouts import about_table
from upstander.pipeline.release.counting import Counted, exact_cells, finest, quarter_of, term_of
from upstander.pipeline.release.evidence import attack_values
from upstander.pipeline.release.figured import figure_cells
from upstander.pipeline.release.figures import figures
from upstander.pipeline.release.ground import NOWHERE, REMAINDER, WHOLE, Ground, ground_of
from upstander.pipeline.release.known import known_of
from upstander.pipeline.release.pinned import CountedAgain, cannot, counted_again, deliveries_at, readings_of
from upstander.pipeline.release.plan import (
    ALL_AGES,
    ALL_SEXES,
    DIMENSIONS_TOLD,
    FORMAT,
    PinnedSource,
    Plan,
    pinned_grants,
    plan_values,
    vintage,
)
from upstander.pipeline.release.rated import Sizes, rates_table, residents_of
from upstander.pipeline.release.tallies import OUT_OF, Told, ages_of, cell_of, is_incident, measures_for
from upstander.places import Reference, pinned_reference
from upstander.values.canonical import canonical_json
from upstander.values.periods import Period
from upstander.warehouse import NothingHeld

_BY_QUARTER = frozenset((Told.QUARTERS, Told.YEARS))
_PERSONS = ("age_band", "sex")


@dataclass(frozen=True)
class Built:
    """The files of a release but its manifest, the names of its tables, and its exact cells for the vault."""

    files: Mapping[str, bytes]
    tables: tuple[str, ...]
    exact: pl.DataFrame
    attacks: Mapping[str, Attack]


@dataclass(frozen=True)
class _Exact:
    """One source before it is protected: its cube, the areas it is told by, what rates are out of."""

    cube: Cube
    ground: Ground
    sizes: Sizes


@dataclass(frozen=True)
class _Told:
    """One source on its way: its exact cells, what a reader sees of them, the ground."""

    source: PinnedSource
    exact: pl.DataFrame
    publication: Publication
    attack: Attack
    ground: Ground
    sizes: Sizes


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
    if plan.format != FORMAT:
        raise cannot(f"Upstander {plan.software} made it, in another format; build it again with that version", "")
    told = []
    for number, source in enumerate(plan.sources):
        title = ALL[source.dataset].title
        tell(0.1 + 0.8 * number / len(plan.sources), f"Counting, protecting and attacking: {title}")
        told.append(_told(desk, plan, source, earlier))
    tables = [table for one in told for table in _tables(plan, one)]
    exact = pl.concat([one.exact.select(pl.lit(one.source.name).alias("dataset"), pl.all()) for one in told])
    attacks = {one.source.name: one.attack for one in told}
    above = {
        one.source.name: {name: frame.rows() for name, frame in one.publication.hierarchies.items()} for one in told
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
    pins = (*plan.reference, *plan.people)
    reference = pinned_reference(desk.home.reference, pins)
    if reference is None:
        raise cannot("boundaries, lookups or populations that it was made with are not held any more", source.dataset)
    again = counted_again(desk.home, source)
    allowed = _allowed(desk, plan, source)
    found = (
        _counted(desk, plan, source, again, allowed, reference) if source.kind == "rows"
        else _published(desk, plan, source, again, allowed)
    )  # fmt: skip
    before = [one[source.name] for one in earlier if source.name in one]
    known = known_of(plan.known, source.name)
    publication = protect_cube(found.cube, strictest(source.rules), earlier=before, known=known)
    exact = publication.cells.join(
        found.cube.cells.select(*DIMENSIONS_TOLD, "count", "persons"), on=DIMENSIONS_TOLD, how="left",
        maintain_order="left",
    )  # fmt: skip
    attacked = attack([*before, publication], known=known)
    still(desk, allowed, Edition.SHAREABLE)
    return _Told(source, exact, publication, attacked, found.ground, found.sizes)


def _counted(
    desk: Desk, plan: Plan, source: PinnedSource, again: CountedAgain, allowed: Allowed, reference: Reference
) -> _Exact:
    """The cells of rows that are counted."""
    rule, every = strictest(source.rules), measures_for(plan.made.purpose, source.dataset, published=False)
    ground = _ground(plan, source, reference)
    counted = Counted(
        again.tallies, ALL[source.dataset].counts_by, plan.covering,
        {Told.QUARTERS: source.whole, Told.YEARS: source.whole, Told.TERMS: source.terms, Told.STATES: source.states},
        ages_of(source.dataset, every.values()) if set(_PERSONS) <= set(source.fields) else None, source.rules, rule,
        is_crossed=is_incident(source.dataset),
    )  # fmt: skip
    cells, above = exact_cells(_finest(desk, plan, source, allowed, counted), counted, ground)
    cells = cells.join(_vintages(plan, source, counted, cells), on=["measure", "period"])
    sizes = Sizes(residents_of(reference, desk.home.settings.layers, ground), again.out_of)
    return _Exact(Cube(DIMENSIONS_TOLD, cells, above), ground, sizes)


def _ground(plan: Plan, source: PinnedSource, reference: Reference) -> Ground:
    """The areas a source is told by: none that is smaller than its rule lets leave, and of homes districts at most."""
    ground, rule = ground_of(reference, plan.settings, plan.layers), strictest(source.rules)
    is_place, has_areas = is_incident(source.dataset), "area_code" in source.fields

    def lets(layer: str, *, asked: bool) -> str:
        return layer if layer and asked and not is_fine(layer, rule) else ""

    return replace(
        ground, small=lets(ground.small, asked=is_place), beside=lets(ground.beside, asked=is_place),
        large=lets(ground.large, asked=has_areas),
    )  # fmt: skip


def _finest(desk: Desk, plan: Plan, source: PinnedSource, allowed: Allowed, counted: Counted) -> pl.DataFrame:
    """What is counted, at its finest: read once for what happened, and once for each quarter's last day."""
    read = partial(desk.warehouse.read, allowed, secrets=desk.keyring.secret, up_to=plan.register)
    held = {one.told for one in counted.tallies.values()}
    found = []
    if held - {Told.STATES}:
        rows = read(period=plan.covering.whole)
        terms = plan.covering.terms
        if held & _BY_QUARTER:
            found.append(finest(rows, counted, _BY_QUARTER, quarter_of(rows, counted.day)))
        if Told.TERMS in held:
            found.append(finest(rows, counted, {Told.TERMS}, term_of(rows, counted.day, terms)))
    if Told.STATES in held:
        manifests = [one for one in desk.warehouse.manifests(source.dataset) if one.sequence <= plan.register]
        suppliers = {grant.supplier for grant in allowed.grants}
        for quarter in plan.covering.quarters:
            if str(quarter) in source.states:
                with suppress(NothingHeld):  # an empty snapshot: nobody stood
                    rows = read(deliveries=deliveries_at(manifests, source.dataset, suppliers, quarter))
                    found.append(finest(standing_on(rows, quarter.end), counted, {Told.STATES}, str(quarter)))
    return pl.concat(found)


def _published(desk: Desk, plan: Plan, source: PinnedSource, again: CountedAgain, allowed: Allowed) -> _Exact:
    """The cells of figures that somebody has published."""
    rows = desk.warehouse.read(allowed, secrets=desk.keyring.secret, up_to=plan.register).to_polars()
    found = figure_cells(rows, again.measures.values(), plan.covering.whole, strictest(source.rules))
    pinned = {one.name: one for one in source.measures}
    pairs = found.select("measure", "period").unique().sort("measure", "period").rows()
    of = {(name, label): vintage(source, pinned[name], Period.parse(label), (), stands=True) for name, label in pairs}
    cells = found.drop("out_of").with_columns(persons=pl.col("count"), told=pl.lit(value=True)).join(
        _as_frame(of), on=["measure", "period"], how="left"
    )  # fmt: skip
    sizes = Sizes(None, {}, found.filter(pl.col("out_of").is_not_null()).select("measure", "period", "area", "out_of"))
    ground = Ground("", "", "", pl.DataFrame())
    return _Exact(Cube(DIMENSIONS_TOLD, cells, {}), ground, sizes)


def _allowed(desk: Desk, plan: Plan, source: PinnedSource) -> Allowed:
    """The gate's yes to what the plan pins, with the register as it was."""
    at = desk.asking(purpose=plan.made.purpose, why=desk.who.why or f"the release of {plan.quarter}")
    allowed = ask(at, source.dataset, source.fields, Edition.SHAREABLE, suppliers=source.suppliers)
    narrowed = {(one.supplier, one.rows) for one in source.grants}
    if {(one.supplier, one.rows) for one in pinned_grants(allowed)} != narrowed:
        raise cannot("what the agreements let through is not the same any more", source.dataset)
    suppliers = {one.supplier for one in source.grants}
    manifests = [one for one in at.warehouse.manifests(source.dataset) if one.sequence <= plan.register]
    standing = [one for one in plan.covering.quarters if str(one) in source.states]
    if readings_of(manifests, source.dataset, suppliers, standing) != source.readings:
        raise cannot("readings it was made from are not held as they were", source.dataset)
    return allowed


def _vintages(plan: Plan, source: PinnedSource, counted: Counted, cells: pl.DataFrame) -> pl.DataFrame:
    """measure, period, vintage; a remainder rests on what both its measures do, a whole on what its share does."""
    pinned = {one.name: one for one in source.measures}
    of = {}
    for name, label in cells.select("measure", "period").unique().sort("measure", "period").rows():
        parts = [part.removesuffix(OUT_OF) for part in name.split(" without ")]
        stands = counted.every[name].told is Told.STATES
        made = (vintage(source, pinned[part], Period.parse(label), plan.reference, stands=stands) for part in parts)
        of[name, label] = "+".join(dict.fromkeys(made))
    return _as_frame(of)


def _as_frame(vintages: Mapping[tuple[str, str], str]) -> pl.DataFrame:
    rows = [(measure, period, found) for (measure, period), found in vintages.items()]
    return pl.DataFrame(rows, dict.fromkeys(("measure", "period", "vintage"), pl.String), orient="row")


def _tables(plan: Plan, told: _Told) -> list[ReleasedTable]:
    """The tables of one source: slices of its one cube, with all its dimensions, and the rates of what they show."""
    source = told.source
    every = measures_for(plan.made.purpose, source.dataset, published=source.kind == "figures")
    measures = [every[one.name] for one in source.measures]
    tables = [
        released(told.publication, f"{source.name}_{kind}", about_table(plan, source, kind, told.ground, measures),
                 where=where)
        for kind, where in _slices(told)
    ]  # fmt: skip
    about = about_table(plan, source, "rates", told.ground, measures)
    own = {name: one for name, one in every.items() if cell_of(one, every)[0] in {pin.name for pin in source.measures}}
    rates = rates_table(f"{source.name}_rates", tables[0], own, told.sizes, about)
    return [*tables, rates] if rates is not None else tables


def _slices(told: _Told) -> list[tuple[str, dict[str, list[str]]]]:
    """What each table keeps of the cube; the first is what rates are made of."""
    if told.source.kind == "figures":
        return [("published", {})]
    ground, above = told.ground, told.publication.hierarchies["area"]
    everyone = {"age": [ALL_AGES], "sex": [ALL_SEXES]}
    areas = above["child"].unique().sort()
    large = [WHOLE, *areas.filter(_in_layer(areas, ground.large))] if ground.large else [WHOLE]
    slices: list[tuple[str, dict[str, list[str]]]] = [("large", {"area": [*large, *_rest(above, WHOLE)]})]
    if ground.small:
        small = [
            *areas.filter(_in_layer(areas, ground.small)),
            *(rest for area in large for rest in _rest(above, area)),
        ]
        slices.append(("small", {"area": small, **everyone}))
    if ground.beside:
        beside = areas.filter(_in_layer(areas, ground.beside)).to_list()
        slices.append(("beside", {"area": beside, **everyone}))
    return slices


def _in_layer(areas: pl.Series, layer: str) -> pl.Series:
    """Which areas are of a layer, whole: the part of one in another is none."""
    return (
        areas.str.starts_with(f"{layer}:") & ~areas.str.contains(REMAINDER, literal=True) & ~areas.str.contains(" in ")
    )


def _rest(above: pl.DataFrame, parent: str) -> list[str]:
    """What of an area is in none of its parts that are told."""
    children = above.filter(parent=parent, split="areas")["child"]
    return children.filter(children.str.contains(REMAINDER, literal=True) | (children == NOWHERE)).to_list()


def same_but_when(one: Plan, other: Plan) -> bool:
    """Whether two plans differ in nothing but who made them when."""
    return replace(one, made=other.made) == other
