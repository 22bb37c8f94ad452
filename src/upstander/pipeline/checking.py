"""What would happen to a file, for its sender: the same reading as a delivery, with nowhere for its rows to go."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from upstander import contracts
from upstander.errors import WrongUsage
from upstander.intake import DeliveryReport, suppliers
from upstander.pipeline.child import AUTO
from upstander.pipeline.home import Settings, open_home
from upstander.pipeline.reading import ReadJob, Runner, read_in_child

_NOT_CHECKED = "Agreement and places were not checked: there is no home here."


def check(
    home: Path,
    file: Path,
    *,
    dataset: str,
    supplier: str,
    covers: str = AUTO,
    runner: Runner = read_in_child,
    sample: tuple[str, ...] = (),
    take: Callable[[bytes], None] = lambda _: None,
) -> DeliveryReport:
    """Read the file as `deliver` would, and store nothing. Works without a home, and then says what it left out.

    `take` gets the `sample` columns of accepted rows, a batch at a time as an Arrow IPC stream.
    """
    if not file.is_file():
        raise WrongUsage(f"There is no file {file}.", found=str(file), expected="a file")
    has_home = (home / "upstander.toml").is_file()
    settings = open_home(home).settings if has_home else Settings()
    layout = suppliers.load(supplier, folders=[home / "suppliers"])
    if layout.dataset != dataset:
        raise WrongUsage(
            f"The map '{supplier}' is for {layout.dataset}, not for {dataset}.", found=dataset, expected=layout.dataset
        )
    received = datetime.now(UTC)
    job = ReadJob(
        source=str(file.absolute()),
        data_key="",
        raw_bytes=file.stat().st_size,
        staging="",
        lock="",
        reference=str(home / "reference"),
        dataset=dataset,
        supplier=supplier,
        supplier_folders=(str(home / "suppliers"),),
        reading="check",
        covers=covers,
        file_name=file.name,
        received=received.isoformat(),
        token_keys={},
        layers=settings.layers,
        postcode_level="sector",
        held_keys="",
        sample=sample,
    )
    result = runner(job, take)
    left_out = "" if has_home else f" {_NOT_CHECKED}"
    return DeliveryReport(
        title=contracts.ALL[dataset].title,
        dataset=dataset,
        supplier=supplier,
        agency=layout.agency,
        file_name=file.name,
        received=received,
        result=replace(
            result, unsettled=(), message=f"{result.message} Nothing was stored: this was a check.{left_out}"
        ),
    )
