"""An empty file to fill: the CSV template of a dataset."""

import csv
import io

from upstander.contracts.dataset import DatasetContract


def template_csv(contract: DatasetContract, *, with_example: bool = False) -> bytes:
    """The header line of a file that needs no supplier map, in UTF-8 without a byte order mark, lines ended by CR LF.

    with_example: adds one invented row, to be deleted before sending.
    """
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow([column.name for column in contract.columns])
    if with_example:
        lines.writerow([column.example for column in contract.columns])
    return text.getvalue().encode()
