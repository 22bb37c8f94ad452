"""The finest kind of area that the rules of what was read let leave."""

from collections.abc import Iterable

from upstander.contracts.asking import CountRule
from upstander.errors import NotAllowed
from upstander.values.areas import is_finer, split_layer


class TooFineAnArea(NotAllowed):
    """A number would be told of an area smaller than the data's owner allows."""


def is_fine(layer: str, rule: CountRule) -> bool:
    """Whether areas of a layer (`lsoa21`) may be smaller than the rule lets leave."""
    return is_finer(split_layer(layer)[0], rule.finest)


def hold_to_floor(areas: Iterable[str], rule: CountRule) -> None:
    """Raises TooFineAnArea where any area is of too fine a kind. areas: keys such as `lsoa21:E01034022`; a word that is
    no key (`not located`) is no area.
    """
    layers = sorted({layer for layer, colon, _ in (area.partition(":") for area in areas) if colon})
    if fine := [layer for layer in layers if is_fine(layer, rule)]:
        raise TooFineAnArea(
            f"Areas of {', '.join(fine)} are smaller than a {rule.finest}, the smallest that the rule {rule.name} of "
            f"{rule.agreement} lets leave.",
            where=rule.agreement, found=", ".join(fine), expected=f"areas of {rule.finest} or larger, or none",
            state="Nothing was shown.",
        )  # fmt: skip
