"""What part of a postcode, age band and sex support in one dataset: rows through the gate, counts through disclosure.

The joint distribution is in no manifest, so the rows in force are read when it is asked for, and only the fields that
it takes. Every share is worked out from counts that may themselves be shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

import polars as pl

from upstander.analysis.measures.granularity import chance_agreements, false_match_rate
from upstander.contracts.asking import Allowed, Purpose
from upstander.contracts.blunt import FURTHER, PERSON, PLACE, does_not_apply, place_is_home, sent_columns
from upstander.contracts.catalogue import ALL, warehouse_columns
from upstander.contracts.dataset import DatasetContract
from upstander.contracts.releasing import About, Edition, ReleasedTable, Status
from upstander.disclosure import Exact, derive, protect, strictest
from upstander.errors import WrongUsage
from upstander.intake import suppliers as suppliers_of
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import ask, still
from upstander.pipeline.quality.grains import Around, Counts, around, counts_by_grains
from upstander.pipeline.quality.limits import GRAINS
from upstander.places import open_reference
from upstander.publish.support import Served, Support
from upstander.sharing import schedules_in_force
from upstander.values.grains import BY_CODE, USUAL
from upstander.values.periods import Period

_METHOD, _VERSION = "granularity", "1.0.0"
_BOUNDED = 0.0


@dataclass(frozen=True)
class Linking:
    """What linking is judged by: the share of rows with a counterpart, the days two records lie apart at most, and how
    many rows a year the other file has (0: as many as this one; it is taken to be spread in the same way).
    """

    overlap: float = GRAINS.overlap
    days: int = GRAINS.days
    against: int = 0


def fields_wanted(contract: DatasetContract) -> tuple[str, ...]:
    """The fields that the question takes; none where it does not apply. `fields_offered` adds the ethnic group."""
    return () if does_not_apply(contract) else (PLACE, *PERSON, day_of(contract))


def fields_offered(desk: Desk, contract: DatasetContract, supplier: str, beside: Sequence[str] = ()) -> tuple[str, ...]:
    """The fields that a schedule in force offers to stewards together with those `beside`; none where none does.

    It only saves asking for what is bound to be refused. The gate decides.
    """
    wanted = fields_wanted(contract)
    at = desk.now()
    found = schedules_in_force(desk.register.agreements(at), dataset=contract.name, supplier=supplier, at=at)
    offers = [set(schedule.fields) for _, schedule in found if Purpose.STEWARDSHIP in schedule.purposes]
    further = (FURTHER,) if FURTHER in sent_columns(contract) else ()
    for fields in ((*wanted, *further), wanted):
        if wanted and any({*fields, *beside} <= offer for offer in offers):
            return fields
    return ()


def day_of(contract: DatasetContract) -> str:
    """The column whose day a row is counted by."""
    kinds = {column.name: column.dtype for column in warehouse_columns(contract)}
    is_day = kinds.get(contract.counts_by, "") in {"Datetime", "Date"}
    return contract.counts_by if is_day else "event_from_local"


def support(desk: Desk, dataset: str, *, suppliers: tuple[str, ...] = (), linking: Linking | None = None) -> Support:
    """What the rows in force of a dataset support, asked of the gate for stewardship.

    Raises WrongUsage for no such dataset, NotGranted, NothingHeld.
    """
    if dataset not in ALL:
        raise WrongUsage(f"There is no dataset '{dataset}'.", found=dataset, expected=", ".join(ALL))
    contract = ALL[dataset]
    if reason := does_not_apply(contract):
        return Support(dataset, because=reason)
    at = desk.asking(purpose=Purpose.STEWARDSHIP, why=desk.who.why or "what its places, ages and sexes support")
    senders = suppliers or _senders(at, contract)
    offered = [fields_offered(at, contract, sender) for sender in senders]
    fields = min(offered, key=len) if offered and all(offered) else fields_wanted(contract)
    allowed = ask(at, dataset, fields, Edition.SHAREABLE, suppliers=senders)
    rows = at.warehouse.read(allowed, secrets=at.keyring.secret).to_polars()
    told = support_of(at, contract, allowed, rows, linking=linking or Linking())
    still(at, allowed, Edition.SHAREABLE)
    return told


def support_of(
    desk: Desk, contract: DatasetContract, allowed: Allowed, rows: pl.DataFrame, *, linking: Linking,
    layers: Sequence[str] = (),
) -> Support:  # fmt: skip
    """The same of rows that have been read; `layers` by preference, else the home's."""
    if reason := does_not_apply(contract):
        return Support(contract.name, because=reason)
    known = around(
        open_reference(desk.home.reference), layers or desk.home.settings.layers, is_home=place_is_home(contract)
    )
    counts = counts_by_grains(rows.with_columns(day=pl.col(day_of(contract))), known, days=linking.days)
    told = counts.get((USUAL.code, "told"), 0)
    if told < GRAINS.least:
        return Support(
            contract.name,
            because=f"Fewer than {GRAINS.least} rows of the last twelve months tell sector, age band and sex.",
        )
    about = _about(contract, allowed, desk.now().date())
    table = _shares(counts, known, about, linking)
    served = Served(
        GRAINS.wrong_links, GRAINS.sure, GRAINS.easily_found, linking.overlap, linking.days, linking.against
    )  # fmt: skip
    return Support(contract.name, table=table, kinds=known.kinds, served=served)


def _senders(desk: Desk, contract: DatasetContract) -> tuple[str, ...]:
    """Whoever sends rows about people; a dataset that also comes as published figures has senders of those too."""
    names = sorted({one.supplier for one in desk.warehouse.manifests(contract.name)})
    layouts = [suppliers_of.load(name, folders=[desk.home.suppliers]) for name in names]
    return tuple(one.name for one in layouts if suppliers_of.contract_of(one).shape is contract.shape)


def _shares(counts: Counts, known: Around, about: About, linking: Linking) -> ReleasedTable:
    keys = [(*key, count) for key, count in sorted(counts.items())]
    schema = {"grains": pl.String(), "what": pl.String(), "count": pl.Int64()}
    exact = Exact("grains", ("grains", "what"), pl.DataFrame(keys, schema=schema, orient="row"), about)
    rule = strictest(about.rules)

    def work_out(cells: pl.DataFrame) -> pl.DataFrame:
        # A withheld count is at most so many: what is said with it is a bound, and says no more than the rule does.
        bounded = cells.with_columns(
            is_bound=pl.col("status") == Status.SUPPRESSED.value,
            value=pl.when(pl.col("status") == Status.SUPPRESSED.value)
            .then(float(rule.suppress_up_to))
            .otherwise("value"),
        )
        parts = bounded.partition_by("grains", as_dict=True)
        told = [
            line for (grains,), part in sorted(parts.items()) for line in _of_one(str(grains), part, known, linking)
        ]
        kinds = {
            "grains": pl.String(),
            "measure": pl.String(),
            "value": pl.Float64(),
            "low": pl.Float64(),
            "status": pl.String(),
        }
        return pl.DataFrame(told, schema=kinds, orient="row")

    return derive("support", ("grains", "measure"), about, [protect(exact)], work_out)


_Line = tuple[str, str, float | None, float | None, str]


def _of_one(grains: str, part: pl.DataFrame, known: Around, linking: Linking) -> list[_Line]:
    """The measures of one choice of grains, from its counts as they may be shown."""
    value = dict(part.select("what", "value").rows())
    bounds = set(part.filter("is_bound")["what"])
    rows, told = value["rows"], value["told"]
    found = {"told": _per_cent(told, rows)} | {
        name: _per_cent(value[name], rows) for name in ("alone", "below_5", "below_10")
    }
    found["risk"] = _per_cent(value["groups"], rows)
    if told >= GRAINS.least:
        larger = linking.against / told if linking.against else 1.0
        chances = {name: larger * chance_agreements(value[name], int(told)) for name in ("pairs", "pairs_near")}
        found["wrong"] = 100 * false_match_rate(chances["pairs"], linking.overlap)
        found["wrong_near"] = 100 * false_match_rate(chances["pairs_near"], linking.overlap)
        found["others"] = chances["pairs"]
    if value.get("met"):
        found["outsider"] = _per_cent(value["outsider"], value["met"])
    for kind in known.kinds:
        of = value[f"known {kind}"]
        if of:
            found |= {f"{name} {kind}": _per_cent(value[f"{name} {kind}"], of) for name in ("right", "wholly")}
            found[f"reach {kind}"] = value[f"reach {kind}"] / of
    counted = {"wrong": "pairs", "wrong_near": "pairs_near", "others": "pairs", "risk": "groups"}
    least = 0.1 if BY_CODE[grains].is_finer_than_held else 0.0  # an estimate of none is not none
    said = [
        _said(grains, name, max(number, least), is_bound=counted.get(name, name) in bounds)
        for name, number in found.items()
    ]
    return [*said, *_smallest(grains, value, bounds)]


def _said(grains: str, measure: str, number: float, *, is_bound: bool) -> _Line:
    """A share in whole per cent, a mean to one decimal. A bound is rounded up, or it would be none."""
    digits = 1 if measure == "others" or measure.startswith("reach") else 0
    whole = ceil(number * 10**digits) / 10**digits if is_bound else round(number, digits)
    # What is neither none nor all is never said to be.
    is_none, is_all = whole == 0 and number > 0, whole == 100 and number < 100
    told = 0.5 if is_none else 99.5 if is_all else whole
    return grains, measure, told if digits == 0 else whole, _BOUNDED if is_bound else None, Status.SHOWN.value


def _smallest(grains: str, value: Mapping[str, float], bounds: set[str]) -> list[_Line]:
    if "smallest" not in value:
        return [(grains, "smallest", None, None, Status.NOT_APPLICABLE.value)]
    if "smallest" in bounds:
        return [(grains, "smallest", None, None, Status.SUPPRESSED.value)]
    return [(grains, "smallest", value["smallest"], None, Status.SHOWN.value)]


def _per_cent(part: float, whole: float) -> float:
    """Rounded parts can pass their whole."""
    return min(100 * part / whole, 100.0) if whole else 0.0


def _about(contract: DatasetContract, allowed: Allowed, today: date) -> About:
    return About(
        title=f"{contract.title}: what sector, age band and sex support", measure="rows", unit="per cent",
        edition=Edition.SHAREABLE, period=Period.between(today - timedelta(days=365), today), area_layer="",
        rules=tuple(dict.fromkeys(grant.rule for grant in allowed.grants)), readings=(), method=_METHOD,
        method_version=_VERSION, definition="every row of the last twelve months held",
        source="The rows in force, by part of the postcode, age band and sex",
    )  # fmt: skip
