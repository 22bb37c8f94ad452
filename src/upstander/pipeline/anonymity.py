"""How well people hide in a dataset as it lies, for its steward and its owner, before anyone else reads it."""

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl

from upstander.contracts.asking import Allowed, Purpose
from upstander.contracts.catalogue import ALL, in_shape, warehouse_columns
from upstander.contracts.dataset import Shape
from upstander.contracts.releasing import About, Edition, ReleasedTable, Status
from upstander.disclosure import Anonymity, Exact, ladder, protect, strictest
from upstander.errors import WrongUsage
from upstander.pipeline.checking import check
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import NotGranted, ask, still
from upstander.sharing import Terms
from upstander.values.periods import Period
from upstander.warehouse import NothingHeld

KNOWN_OF_A_PERSON = ("postcode_sector", "age_band", "sex", "ethnic_group")
_INSTEAD_OF_POSTCODE = "area_code"
_NUMBERS = ("rows", "groups", "k", "unique", "below_5", "below_10")
_OF_A_SAMPLE = "`upstander check FILE --anonymity` tells it of a sample."


@dataclass(frozen=True)
class Hiding:
    """How rows hide when `columns` are known, as `Anonymity`; a number that is withheld is None."""

    columns: tuple[str, ...]
    rows: int | None
    groups: int | None
    k: int | None
    unique: int | None
    below_5: int | None
    below_10: int | None


@dataclass(frozen=True)
class AnonymityReport:
    """One dataset of one supplier (or of all): each line says how rows hide when those columns are known.

    `withheld` is what None stands for: `1 to 7`. Of a sample, which is its reader's own file, nothing is withheld.
    """

    dataset: str
    suppliers: tuple[str, ...]
    lines: tuple[Hiding, ...]
    withheld: str = ""

    def number(self, value: int | None) -> str:
        """A number of a line in words."""
        return self.withheld if value is None else f"{value:,}"

    @property
    def summary(self) -> str:
        """One sentence for a person who is about to sign."""
        if not self.lines:
            return f"{self.dataset}: it says nothing of a person that an outsider could know."
        whole = self.lines[0]
        share = f" ({whole.unique / whole.rows:.0%})" if whole.rows and whole.unique is not None else ""
        return (
            f"{self.dataset}: {self.number(whole.unique)} of {self.number(whole.rows)} rows{share} are the only ones "
            f"with their {_listed(whole.columns)}; {self.number(whole.below_5)} share them with fewer than four others."
        )


def known_columns(dataset: str) -> tuple[str, ...]:
    """The columns of a dataset's rows that an outsider could know of a person; none where it holds figures only."""
    contract = ALL[dataset]
    if contract.shape is Shape.INDICATORS:
        return ()
    stored = {column.name for column in warehouse_columns(in_shape(dataset, contract.shape))}
    where = "postcode_sector" if "postcode_sector" in stored else _INSTEAD_OF_POSTCODE
    return (where, *(name for name in KNOWN_OF_A_PERSON[1:] if name in stored))


def anonymity_report(desk: Desk, dataset: str, *, suppliers: tuple[str, ...] = ()) -> AnonymityReport:
    """The report on what is in force, asked of the gate for stewardship, under the agreements' rule on small numbers.

    Raises NotGranted, NothingHeld.
    """
    if dataset not in ALL:
        raise WrongUsage(f"There is no dataset '{dataset}'.", found=dataset, expected=", ".join(ALL))
    columns = known_columns(dataset)
    held = desk.warehouse.manifests(dataset)
    # Whoever sends figures of whole areas says nothing of anybody.
    of_people = suppliers or tuple(sorted({one.supplier for one in held if one.figures is None}))
    if not columns or (held and not of_people):
        return AnonymityReport(dataset, suppliers, ())
    at = desk.asking(purpose=Purpose.STEWARDSHIP, why=desk.who.why or "how well people hide in this dataset")
    allowed = ask(at, dataset, columns, Edition.SHAREABLE, suppliers=of_people)
    rows = desk.warehouse.read(allowed, secrets=desk.keyring.secret).to_polars()
    exact = list(ladder(rows, columns))
    told = _told(_released(exact, _about(desk, dataset, allowed)), exact)
    still(at, allowed, Edition.SHAREABLE)
    rule = strictest([grant.rule for grant in allowed.grants])
    return AnonymityReport(
        dataset, tuple(grant.supplier for grant in allowed.grants), told, f"1 to {rule.suppress_up_to}"
    )


def _released(lines: Sequence[Anonymity], about: About) -> ReleasedTable:
    """Every number of the lines, by `known` (the columns) and `what`, under the agreements' rule."""
    counts = [(_known(one), what, getattr(one, what)) for one in lines for what in _NUMBERS]
    schema = {"known": pl.String, "what": pl.String, "count": pl.Int64}
    frame = pl.DataFrame(counts, schema=schema, orient="row")
    return protect(Exact("anonymity", ("known", "what"), frame, about))


def _told(table: ReleasedTable, lines: Sequence[Anonymity]) -> tuple[Hiding, ...]:
    """The released numbers in the order of the lines."""
    shown = {
        (known, what): int(value) if status == Status.SHOWN.value else None
        for known, what, value, status in table.cells.select("known", "what", "value", "status").iter_rows()
    }
    return tuple(Hiding(one.columns, *(shown[_known(one), what] for what in _NUMBERS)) for one in lines)


def _known(line: Anonymity) -> str:
    return " + ".join(line.columns)


def _about(desk: Desk, dataset: str, allowed: Allowed) -> About:
    held = desk.warehouse.manifests(dataset)
    start, end = min(one.covers.start for one in held), max(one.covers.end for one in held)
    return About(
        title=f"{ALL[dataset].title}: how well people hide", measure="rows", unit="rows", edition=Edition.SHAREABLE,
        period=Period.between(start, max(end, start + timedelta(days=1))), area_layer="",
        rules=tuple(dict.fromkeys(grant.rule for grant in allowed.grants)), readings=(), method="anonymity",
        method_version="1.0", definition="every row in force", source="Samarati and Sweeney 1998; Sweeney 2002",
    )  # fmt: skip


def anonymity_of_sample(home: Path, file: Path, *, dataset: str, supplier: str, covers: str) -> AnonymityReport:
    """The report on the rows of one file that would be accepted; nothing is stored, and no home is needed."""
    batches: list[pl.DataFrame] = []
    columns = known_columns(dataset)
    if columns:
        check(
            home, file, dataset=dataset, supplier=supplier, covers=covers, sample=columns,
            take=lambda batch: batches.append(pl.read_ipc_stream(io.BytesIO(batch))),
        )  # fmt: skip
    exact = ladder(pl.concat(batches), columns) if batches else ()
    return AnonymityReport(dataset, (supplier,), tuple(Hiding(**asdict(one)) for one in exact))


def before_signing(desk: Desk, terms: Terms) -> list[str]:
    """What whoever signs these terms should know of each dataset in them: how people hide in what is held of it."""
    return [how_people_hide(desk, dataset) for dataset in sorted({schedule.dataset for schedule in terms.schedules})]


def how_people_hide(desk: Desk, dataset: str) -> str:
    """The report in a sentence, or why there is none yet. The gate is asked only where something is held."""
    if not desk.warehouse.manifests(dataset):
        return f"{dataset}: nothing is held yet; {_OF_A_SAMPLE}"
    try:
        return anonymity_report(desk, dataset).summary
    except NothingHeld:
        return f"{dataset}: nothing is held yet; {_OF_A_SAMPLE}"
    except NotGranted:
        return f"{dataset}: no agreement lets it be looked at yet; {_OF_A_SAMPLE}"


def _listed(words: Sequence[str]) -> str:
    spoken = [word.replace("_", " ") for word in words]
    return " and ".join([", ".join(spoken[:-1]), spoken[-1]] if len(spoken) > 1 else spoken)
