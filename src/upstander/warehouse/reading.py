"""What the gate allowed, as one Ibis table on an engine that was given nothing else."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import and_, or_
from pathlib import Path

import ibis
import ibis.expr.types as ir

from upstander.contracts.asking import Allowed, Grant
from upstander.contracts.readings import Manifest
from upstander.errors import WrongUsage
from upstander.values.periods import Period
from upstander.values.tokens import linked_view_key, view_key
from upstander.warehouse.engine import Engine, EngineMaker
from upstander.warehouse.errors import GrantEnded, NothingHeld, SumsTwice
from upstander.warehouse.inforce import Days, InForce, in_force
from upstander.warehouse.views import TOKEN_COLUMNS, rekeyed

_ANY = "*"
Secrets = Callable[[str], bytes]  # key epoch -> the secret its tokens were made under
_FROM_FOLDER = r"([^/\\]+)[/\\][^/\\]+$"


@dataclass(frozen=True)
class _Scan:
    """Readings of one supplier that are read in one go: same key epoch and domain, same counted date, same days."""

    supplier: str
    grant: Grant
    key_epoch: str
    domain: str
    counts_by: str
    days: Days | None
    manifests: tuple[Manifest, ...]


def granted_table(
    folder: Path,
    manifests: Sequence[Manifest],
    allowed: Allowed,
    secrets: Secrets,
    period: Period | None,
    make_engine: EngineMaker,
) -> ir.Table:
    """See Warehouse.read."""
    _check_answer(allowed)
    scans = list(_scans(in_force(manifests, allowed.request.dataset), allowed))
    _refuse_double_counting(scans)
    with_rows = [scan for scan in scans if any(manifest.parts for manifest in scan.manifests)]
    if not with_rows:
        raise NothingHeld(
            f"No rows of {allowed.request.dataset} are held from {_names(allowed)}.",
            where=allowed.request.dataset, expected="a delivery; `upstander deliveries` lists what is held",
        )  # fmt: skip
    engine = make_engine()
    tables = [
        _seen_by(engine, _scanned(engine, folder, scan, allowed, period), scan, allowed, secrets) for scan in with_rows
    ]
    engine.shut(folder / m.dataset / m.reading / part.name for s in with_rows for m in s.manifests for part in m.parts)
    return tables[0] if len(tables) == 1 else ibis.union(*tables)


def _check_answer(allowed: Allowed) -> None:
    """The gate looked already; what has ended or does not fit is refused here once more."""
    request = allowed.request
    for grant in allowed.grants:
        if grant.until <= request.at:
            raise GrantEnded(
                f"The grant of {grant.supplier} under {grant.agreement} ended at {grant.until:%Y-%m-%d %H:%M} UTC.",
                where=grant.agreement, expected="an agreement in force", state="Nothing was read.",
            )  # fmt: skip
        is_asked = not request.suppliers or grant.supplier in request.suppliers
        if not is_asked or not set(request.fields) <= set(grant.fields):
            raise GrantEnded(
                f"The grant of {grant.supplier} does not fit the request it answers.",
                where=grant.agreement, expected="a fresh answer from the gate", state="Nothing was read.",
            )  # fmt: skip


def _scans(held: Sequence[InForce], allowed: Allowed) -> Iterator[_Scan]:
    grants = {grant.supplier: grant for grant in allowed.grants}

    def alike(one: InForce) -> tuple[str, str, str, str, Days]:
        manifest = one.manifest
        return manifest.supplier, manifest.key_epoch, manifest.linkage_domain, manifest.counts_by, one.days or ()

    for (supplier, epoch, domain, counts_by, days), group in groupby(sorted(held, key=alike), key=alike):
        grant = grants.get(supplier, grants.get(_ANY))
        if grant is not None:
            manifests = tuple(one.manifest for one in group)
            yield _Scan(supplier, grant, epoch, domain, counts_by, days or None, manifests)


def _refuse_double_counting(scans: Sequence[_Scan]) -> None:
    suppliers = {scan.supplier for scan in scans}
    same = {
        (scan.supplier, other) for scan in scans for m in scan.manifests for other in m.counts_same_events_as
    }  # fmt: skip
    if both := sorted(pair for pair in same if pair[1] in suppliers):
        first, second = both[0]
        raise SumsTwice(
            f"{first} and {second} report the same events, so they are never added together. Nothing was read.",
            found=f"{first}, {second}", expected="one of them, named",
        )  # fmt: skip


def _scanned(engine: Engine, folder: Path, scan: _Scan, allowed: Allowed, period: Period | None) -> ir.Table:
    paths = [folder / m.dataset / m.reading / part.name for m in scan.manifests for part in m.parts]
    table = engine.scan(paths)
    needed = {*allowed.request.fields, scan.counts_by, *(column for column, _ in scan.grant.rows)}
    if missing := sorted(needed - set(table.columns)):
        raise WrongUsage(
            f"{allowed.request.dataset} from {scan.supplier} has no column {', '.join(missing)}.",
            where=scan.supplier, found=", ".join(missing), expected="columns of the dataset's contract",
        )  # fmt: skip
    kept = [table[column].isin(codes) for column, codes in scan.grant.rows]
    kept += [_on_days(table[scan.counts_by], days) for days in (scan.days, _days(period)) if days is not None]
    if kept:
        table = table.filter(reduce(and_, kept))
    return table.select(
        *allowed.request.fields,
        supplier=ibis.literal(scan.supplier),
        reading=table["filename"].re_extract(_FROM_FOLDER, 1),
    )


def _seen_by(engine: Engine, table: ir.Table, scan: _Scan, allowed: Allowed, secrets: Secrets) -> ir.Table:
    """The scan with its tokens keyed anew for the reader; without a token field no key is asked for."""
    if not set(TOKEN_COLUMNS) & set(allowed.request.fields):
        return table
    return rekeyed(engine, table, _view_key(scan, allowed, secrets(scan.key_epoch)))


def _view_key(scan: _Scan, allowed: Allowed, secret: bytes) -> bytes:
    """The key under which this reader sees a scan's tokens.

    Tokens of a shared domain look alike across feeds only to a reader whom the clause covers; for any other, each feed
    of that domain gets a key of its own.
    """
    request = allowed.request
    if scan.domain and scan.domain == scan.grant.linkage:
        return linked_view_key(secret, domain=scan.domain, epoch=scan.key_epoch)
    alone = f"{scan.grant.agreement}|{scan.supplier}|{request.dataset}" if scan.domain else scan.grant.agreement
    return view_key(secret, agreement=alone, purpose=request.purpose.value, epoch=scan.key_epoch)


def _on_days(counted: ir.Value, days: Days) -> ir.BooleanValue:
    local_day = counted.date()
    return reduce(or_, [(local_day >= start) & (local_day < end) for start, end in days])


def _days(period: Period | None) -> Days | None:
    return None if period is None else ((period.start, period.end),)


def _names(allowed: Allowed) -> str:
    return ", ".join("any supplier" if grant.supplier == _ANY else grant.supplier for grant in allowed.grants)
