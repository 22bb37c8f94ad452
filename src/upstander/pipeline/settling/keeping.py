"""The phrases of each reading, sealed in the vault as `phrases/<reading>`; they go when their reading goes."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from upstander.contracts.places import Unsettled
from upstander.pipeline.desk import Desk
from upstander.values.canonical import canonical_json

_KIND = "phrases"


def keep_phrases(desk: Desk, reading: str, phrases: Sequence[Unsettled]) -> None:
    """Seal what waits of a reading; nothing where nothing waits."""
    if phrases:
        put = desk.vault.put_anew if desk.vault.holds(_KIND, reading) else desk.vault.seal
        put(_KIND, reading, canonical_json([asdict(one) for one in phrases]))


def kept_phrases(desk: Desk, reading: str) -> tuple[Unsettled, ...]:
    """What waits of a reading."""
    if not desk.vault.holds(_KIND, reading):
        return ()
    with desk.vault.open_sealed(_KIND, reading) as source:
        return tuple(Unsettled(**one) for one in json.loads(source.read()))


def forget_phrases(desk: Desk, reading: str) -> None:
    """Destroy the phrases of a reading for good: its rows go, or a person of theirs is erased.

    They can be found anew from the bytes that are still held, by reading these again.
    """
    desk.vault.destroy(_KIND, reading)


def readings_with_phrases(desk: Desk) -> tuple[str, ...]:
    """The readings of which any phrase is kept."""
    return desk.vault.names(_KIND)
