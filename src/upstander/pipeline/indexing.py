"""The index of deliveries, which a database keeps for searching, brought in line with the manifests.

The manifests are the register; an index that is lost, or behind after a crash, is made anew from them.
"""

from collections.abc import Iterable
from typing import Protocol

from upstander.contracts.readings import Manifest
from upstander.pipeline.desk import Desk
from upstander.warehouse import BrokenReading, in_force


class DeliveryIndex(Protocol):
    """Where readings can be searched for."""

    def follow(self, manifests: Iterable[Manifest], in_force: Iterable[str]) -> int:
        """Make the index say what the manifests say; how many rows were not so before. in_force: readings."""
        ...


def bring_index(desk: Desk, index: DeliveryIndex) -> int:
    """Bring an index in line with the readings held; how many of its rows changed.

    While a reading is damaged the index stays as it is: `doctor` names the reading, and nobody is told less of it here.
    """
    try:
        manifests = desk.warehouse.manifests()
    except BrokenReading:
        return 0
    datasets = {one.dataset for one in manifests}
    return index.follow(
        manifests, (one.manifest.reading for dataset in datasets for one in in_force(manifests, dataset))
    )
