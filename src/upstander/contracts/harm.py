"""How grave an offence is, in published weights: data files beside this one, each with a source and a date.

Weights are for recorded offences alone. A hospital or an ambulance records an injury and no offence: nothing here
turns one into the other.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from upstander.errors import WrongUsage

_FOLDER = files("upstander.contracts") / "weights"


@dataclass(frozen=True)
class HarmWeights:
    """One set of weights: offence code -> `unit`. `homicide` are the codes told apart, since one outweighs all else.

    `to_verify` says what should be confirmed before the figures are relied on; empty if nothing.
    """

    name: str
    version: str
    title: str
    unit: str
    dated: date
    source: str
    to_verify: str
    homicide: tuple[str, ...]
    weights: Mapping[str, float]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@cache
def harm_weights(name: str = "ons_crime_severity") -> HarmWeights:
    """The set of that name. Raises WrongUsage for one that is not shipped."""
    path = _FOLDER / f"{name}.toml"
    if not path.is_file():
        known = sorted(one.name.removesuffix(".toml") for one in _FOLDER.iterdir())
        raise WrongUsage(f"There are no harm weights '{name}'.", found=name, expected=", ".join(known))
    told = tomllib.loads(path.read_text("utf-8"))
    return HarmWeights(**told | {"homicide": tuple(told["homicide"])})
