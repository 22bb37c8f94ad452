"""How well people hide in a dataset as it lies, for its steward and its owner, before anyone else reads it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from upstander.contracts.asking import Purpose
from upstander.contracts.catalogue import ALL, in_shape, warehouse_columns
from upstander.contracts.dataset import Shape
from upstander.contracts.releasing import Edition
from upstander.disclosure import Anonymity, ladder
from upstander.errors import WrongUsage
from upstander.pipeline.checking import check
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import NotGranted, ask
from upstander.sharing import Terms
from upstander.warehouse import NothingHeld

KNOWN_OF_A_PERSON = ("postcode_sector", "age_band", "sex", "ethnic_group")
_INSTEAD_OF_POSTCODE = "area_code"
_OF_A_SAMPLE = "`upstander check FILE --anonymity` tells it of a sample."


@dataclass(frozen=True)
class AnonymityReport:
    """One dataset of one supplier (or of all): each line says how rows hide when those columns are known."""

    dataset: str
    suppliers: tuple[str, ...]
    lines: tuple[Anonymity, ...]

    @property
    def summary(self) -> str:
        """One sentence for a person who is about to sign."""
        if not self.lines:
            return f"{self.dataset}: it says nothing of a person that an outsider could know."
        whole = self.lines[0]
        share = whole.unique / whole.rows if whole.rows else 0.0
        return (
            f"{self.dataset}: {whole.unique:,} of {whole.rows:,} rows ({share:.0%}) are the only ones with their "
            f"{_listed(whole.columns)}; {whole.below_5:,} share them with fewer than four others."
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
    """The report on what is in force, asked of the gate for stewardship. Raises NotGranted, NothingHeld."""
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
    return AnonymityReport(dataset, tuple(grant.supplier for grant in allowed.grants), tuple(ladder(rows, columns)))


def anonymity_of_sample(home: Path, file: Path, *, dataset: str, supplier: str, covers: str) -> AnonymityReport:
    """The report on the rows of one file that would be accepted; nothing is stored, and no home is needed."""
    batches: list[pl.DataFrame] = []
    columns = known_columns(dataset)
    if columns:
        check(
            home, file, dataset=dataset, supplier=supplier, covers=covers, sample=columns,
            take=lambda batch: batches.append(pl.read_ipc_stream(io.BytesIO(batch))),
        )  # fmt: skip
    return AnonymityReport(dataset, (supplier,), tuple(ladder(pl.concat(batches), columns)) if batches else ())


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
