"""Identity keys over time: a new epoch that everything is read into, the bridge from the old one, and its end.

Tokens of two epochs do not join. Only who holds the home's key can build the bridge: a sealed file that names, for each
old token, the new one. It is made by laying the two readings of each delivery side by side, line by line. As long as
both of them are held, who may open the warehouse's own files could do the same; no reader through the gate ever can.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from upstander.contracts.readings import Manifest, Outcome
from upstander.errors import UpstanderError, WrongUsage
from upstander.pipeline.deliver import reread
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.pipeline.held import held_readings
from upstander.pipeline.keeping.copies import destroy_copies, reachable_backups
from upstander.pipeline.reading import ReadingProcess, Runner
from upstander.values.durable import locked
from upstander.warehouse import in_force

_PATIENCE_S = 900.0
_BRIDGES = "bridges"
_STANDS = {Outcome.ACCEPT, Outcome.NORMALISE, Outcome.ROWQ, Outcome.RESTATE, Outcome.NOOP}
Tell = Callable[[str], None]


@dataclass(frozen=True)
class EpochChange:
    """What became of a change: how many deliveries were read into the epoch, and why others stay where they are."""

    epoch: str
    key_id: str
    read: int
    left: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Bridge:
    """How many tokens a bridge joins, and how many of them have more than one counterpart (a mended map)."""

    deliveries: int
    tokens: int
    ambiguous: int


def new_epoch(desk: Desk, *, runner: Runner | None = None, tell: Tell = lambda _: None) -> EpochChange:
    """Begin an epoch, or carry on with one that was begun, and read every held delivery into it, oldest first.

    It may be stopped at any moment and run again. A delivery that cannot be read any more (its agreement has ended)
    keeps the tokens it has, and is named. The reason is the one the person at the desk gives.
    """
    _needs_reason(desk)
    keyring = desk.keyring
    with locked(desk.home.root / "locks" / "intake", patience_s=_PATIENCE_S):
        if keyring.is_settled:
            keyring.new_epoch(desk.now(), why=desk.who.why)
            note(desk, action="new epoch", answer="begun", dataset="", about=keyring.current().name)
    epoch = keyring.current()
    with ReadingProcess() as process:
        left = tuple(_read_into(desk, epoch.name, runner or process, tell))
    keyring.settle(desk.now())
    read = sum(one.key_epoch == epoch.name for one in _newest(desk))
    note(desk, action="new epoch", answer="done", dataset="", about=epoch.name, rows=read)
    return EpochChange(epoch.name, epoch.id, read, left)


def build_bridge(desk: Desk, old: str, new: str) -> Bridge:
    """Seal the mapping from the tokens of one epoch to those of another in the vault, for who holds the home's key.

    Raises WrongUsage where no delivery was read in both, EpochDestroyed where the key of one is gone.
    """
    for name in (old, new):
        desk.keyring.secret(name)
    pairs = [(before, after) for before, after in _read_twice(desk, old, new) if before.parts and after.parts]
    if not pairs:
        raise WrongUsage(
            f"No delivery was read in epoch {old} and in epoch {new}.",
            found=f"{old}, {new}", expected="two epochs that `upstander vault epochs` lists",
        )  # fmt: skip
    note(desk, action="bridge", answer="intent", dataset="", about=f"{old} {new}")
    frames = [
        desk.warehouse.token_pairs(before, after).with_columns(
            dataset=pl.lit(before.dataset), supplier=pl.lit(before.supplier)
        )
        for before, after in pairs
    ]
    mapped = pl.concat(frames).unique().sort("dataset", "supplier", "column", "before", "after")
    content = io.BytesIO()
    mapped.write_ipc(content)
    desk.vault.seal(_BRIDGES, f"{old}-{new}", content.getvalue())
    note(desk, action="bridge", answer="done", dataset="", about=f"{old} {new}", rows=mapped.height)
    sides = mapped.group_by("dataset", "supplier", "column", "before").len()
    return Bridge(len(pairs), mapped.height, sides.filter(pl.col("len") > 1).height)


def open_bridge(desk: Desk, old: str, new: str) -> pl.DataFrame:
    """The mapping: dataset, supplier, column, before, after; stored tokens, which leave neither vault nor warehouse."""
    name = f"{old}-{new}"
    if not desk.vault.holds(_BRIDGES, name):
        raise WrongUsage(
            f"There is no bridge from epoch {old} to {new}.",
            found=name, expected=f"`upstander vault bridge --from {old} --to {new}`",
        )  # fmt: skip
    with desk.vault.open_sealed(_BRIDGES, name) as source:
        return pl.read_ipc(source.read())


def destroy_epoch(desk: Desk, name: str) -> str:
    """Destroy an epoch's secret and every bridge to or from it, here and in backups. Says what was done.

    Raises WrongUsage while a reading in force or one that waits has its tokens, while it is the current epoch, and
    while its secret is the home's own key.
    """
    _needs_reason(desk)
    backups = reachable_backups(desk.home)
    with locked(desk.home.root / "locks" / "intake", patience_s=_PATIENCE_S):
        _refuse_in_use(desk, name)
        note(desk, action="destroy epoch", answer="intent", dataset="", about=name)
        bridges = [one for one in desk.vault.names(_BRIDGES) if name in one.split("-")]
        for bridge in bridges:
            desk.vault.destroy(_BRIDGES, bridge)
        desk.keyring.destroy(name, desk.now(), why=desk.who.why)
        copies = sum(_destroy_in(backups, kind, one) for kind, one in _files_of(name, bridges))
        note(desk, action="destroy epoch", answer="done", dataset="", about=name)
    return (
        f"The identity key of epoch {name} is destroyed, with {len(bridges)} bridges and {copies} copies in backups. "
        f"Its readings can be counted; nobody makes or joins its tokens again."
    )


def _read_into(desk: Desk, epoch: str, runner: Runner, tell: Tell) -> Iterator[tuple[str, str]]:
    """Read each delivery that is not in the epoch yet; those that cannot be, with the reason."""
    waiting = [one for one in _newest(desk) if one.key_epoch != epoch]
    for number, manifest in enumerate(waiting, start=1):
        reason = _why_not_read(desk, manifest.delivery, runner)
        if reason:
            yield manifest.delivery, reason
        tell(f"{number} of {len(waiting)}: {manifest.delivery} {reason or 'read'}")


def _why_not_read(desk: Desk, delivery: str, runner: Runner) -> str:
    try:
        result = reread(desk, delivery, runner=runner).result
    except UpstanderError as why:
        return why.message
    return "" if result.outcome in _STANDS else f"{result.outcome.value}: {result.message}"


def _newest(desk: Desk) -> list[Manifest]:
    """The newest reading of each delivery, in the order in which the deliveries came."""
    newest: dict[str, Manifest] = {}
    for manifest in desk.warehouse.manifests():
        newest[manifest.delivery] = manifest
    return list(newest.values())


def _read_twice(desk: Desk, old: str, new: str) -> list[tuple[Manifest, Manifest]]:
    by_epoch: dict[str, dict[str, Manifest]] = {old: {}, new: {}}
    for manifest in desk.warehouse.manifests():
        if manifest.key_epoch in by_epoch:
            by_epoch[manifest.key_epoch][manifest.delivery] = manifest
    return [
        (before, by_epoch[new][delivery]) for delivery, before in by_epoch[old].items() if delivery in by_epoch[new]
    ]


def _refuse_in_use(desk: Desk, name: str) -> None:
    manifests = desk.warehouse.manifests()
    datasets = {one.dataset for one in manifests}
    using = [
        one.manifest.delivery
        for dataset in sorted(datasets)
        for one in in_force(manifests, dataset)
        if one.manifest.key_epoch == name
    ]
    using += [str(one["reading"]) for one in held_readings(desk) if one["key_epoch"] == name]
    if using:
        raise WrongUsage(
            f"{len(using)} readings in force or waiting have tokens of epoch {name}, {using[0]} among them.",
            found=name, expected="`upstander vault new-epoch` first, and nothing held", state="Nothing was destroyed.",
        )  # fmt: skip
    record = next((one for one in desk.keyring.records() if one.name == name), None)
    if record and record.key_id in {key.id for key in desk.key.known} and not record.destroyed:
        raise WrongUsage(
            f"The secret of epoch {name} is the home's key itself, from before they were kept apart.",
            found=name, expected="`upstander vault rotate-key` first", state="Nothing was destroyed.",
        )  # fmt: skip


def _files_of(name: str, bridges: list[str]) -> list[tuple[str, str]]:
    return [("epochs", name), *((_BRIDGES, bridge) for bridge in bridges)]


def _destroy_in(backups: tuple[Path, ...], kind: str, name: str) -> int:
    """Copies lie in a folder of the same kind, wherever in a backup that is."""
    folders = [path for backup in backups for path in backup.rglob(kind) if path.is_dir()]
    return destroy_copies(folders, {name}, ())


def _needs_reason(desk: Desk) -> None:
    if not desk.who.why.strip():
        raise WrongUsage("Changing or destroying a key needs a reason.", expected="--why TEXT")
