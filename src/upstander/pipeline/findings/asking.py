"""What is asked of a release."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from upstander.errors import WrongUsage

COUNT = "count"  # the unit of whatever is no rate


class NotReleased(WrongUsage):
    """No released cell answers. `open_to`: for each part of the question, the values that go with its other parts."""

    def __init__(self, message: str, open_to: Mapping[str, tuple[str, ...]], **facts: str) -> None:
        super().__init__(message, **facts)
        self.open_to = open_to


@dataclass(frozen=True)
class Question:
    """Which cells: of each part the values that are wanted, in the words of the release; empty for whatever there is.

    `area` holds keys such as ward24:F05000001, or one of the release's own words for the whole and for remainders.
    `layer` narrows areas to one layer, such as ward24. `unit`: counts unless rates are asked for, by what they are per.
    """

    dataset: tuple[str, ...] = ()
    measure: tuple[str, ...] = ()
    period: tuple[str, ...] = ()
    area: tuple[str, ...] = ()
    age: tuple[str, ...] = ()
    sex: tuple[str, ...] = ()
    layer: tuple[str, ...] = ()
    unit: tuple[str, ...] = (COUNT,)

    @property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """What is asked for, part by part, without what is left open."""
        named = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: values for name, values in named.items() if values}

    def __str__(self) -> str:
        said = {name: values for name, values in self.parts.items() if values != (COUNT,)}
        return "; ".join(f"{name} {', '.join(values)}" for name, values in said.items()) or "everything"
