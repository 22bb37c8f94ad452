"""What counts as serious violence: versioned files that a partnership agrees, and that every count names.

The Police, Crime, Sentencing and Courts Act 2022, section 13, asks a partnership to weigh four factors when it decides
which violence is serious in its area; a definition records what it answered to each.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from upstander.contracts.catalogue import ALL
from upstander.contracts.codes import code_list, taxonomy
from upstander.contracts.errors import BadDefinition, CannotServe, NoSuchDefinition
from upstander.values.agebands import AGE_BANDS, UNKNOWN_AGE

FOUR_FACTORS = ("maximum_penalty", "impact_on_victims", "prevalence_in_the_area", "impact_on_the_community")
_STRICT = {"extra": "forbid"}  # a misspelt part of a file is an error, not a part that asks nothing


@dataclass(frozen=True)
class Criteria:
    """Which rows of one dataset count. A part that is None asks nothing; all the others must hold."""

    __pydantic_config__ = _STRICT

    offence_codes: tuple[str, ...] | None = None
    weapon_classes: tuple[str, ...] | None = None
    mechanisms: tuple[str, ...] | None = None
    place_classes: tuple[str, ...] | None = None
    age_bands: tuple[str, ...] | None = None
    severities: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None

    def where(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """(warehouse column, values that count) for each part that asks something."""
        asked = ((CRITERION_COLUMNS[part.name], getattr(self, part.name)) for part in fields(self))
        return tuple((column, values) for column, values in asked if values is not None)


CRITERION_COLUMNS: Mapping[str, str] = {
    "offence_codes": "offence_code",
    "weapon_classes": "weapon_class",
    "mechanisms": "mechanism",
    "place_classes": "place_class",
    "age_bands": "age_band",
    "severities": "injury_severity",
    "roles": "role",
}


@dataclass(frozen=True)
class ViolenceDefinition:
    """One version of one definition.

    `agreed_on` is None where no partnership has agreed it yet. `limits` says, by dataset, what that dataset cannot
    tell; a dataset with a limit and no criteria cannot serve the definition at all.
    """

    __pydantic_config__ = _STRICT

    name: str
    version: str
    title: str
    says: str
    agreed_by: str
    source: str
    four_factors: Mapping[str, str]
    per_dataset: Mapping[str, Criteria]
    agreed_on: date | None = None
    limits: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def criteria(self, dataset: str) -> Criteria:
        """Which rows of the dataset count. Raises CannotServe, with the definition's own reason, where none can."""
        found = self.per_dataset.get(dataset)
        if found is None:
            why = self.limits.get(dataset, "The definition does not speak of this dataset.")
            raise CannotServe(
                f"{dataset} cannot be counted by the definition {self}: {why}",
                where=dataset, found=str(self), expected=", ".join(sorted(self.per_dataset)),
            )  # fmt: skip
        return found


def load_definition(name: str, version: str | None = None, folder: Path | None = None) -> ViolenceDefinition:
    """A definition by name; the newest version unless one is given.

    folder: a home's `reference/definitions`; a definition that lies there goes before a shipped one of its name.
    Raises NoSuchDefinition, or BadDefinition where the file names codes that do not exist.
    """
    versions = _versions(name, folder)
    if not versions:
        raise NoSuchDefinition(
            f"There is no definition called '{name}'.", found=name, expected=", ".join(definition_names(folder))
        )
    wanted = version or max(versions, key=_in_order)
    if wanted not in versions:
        raise NoSuchDefinition(
            f"The definition '{name}' has no version {wanted}.",
            where=name, found=wanted, expected=", ".join(sorted(versions, key=_in_order)),
        )  # fmt: skip
    return parse_definition(versions[wanted].read_text(encoding="utf-8"), where=f"{name}/{wanted}.toml")


def definition_names(folder: Path | None = None) -> tuple[str, ...]:
    """Every definition there is, shipped or in the folder."""
    return tuple(sorted({path.name for root in _roots(folder) for path in root.iterdir() if path.is_dir()}))


def parse_definition(text: str, *, where: str) -> ViolenceDefinition:
    """Read one definition file and hold it against the code lists. `where` names the file in messages."""
    from pydantic import TypeAdapter, ValidationError

    try:
        definition = TypeAdapter(ViolenceDefinition).validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as why:
        raise BadDefinition(f"{where} is not a TOML file: {why}", where=where) from why
    except ValidationError as why:
        first = why.errors()[0]
        part = ".".join(str(step) for step in first["loc"])
        raise BadDefinition(f"{where}, {part}: {first['msg']}. Nothing was read.", where=f"{where}, {part}") from why
    faults = list(_faults(definition))
    if faults:
        raise BadDefinition(f"{where}: {' '.join(faults)} Nothing was read.", where=where, found=faults[0])
    return definition


def _faults(definition: ViolenceDefinition) -> Iterator[str]:
    if set(definition.four_factors) != set(FOUR_FACTORS):
        yield f"four_factors must answer {', '.join(FOUR_FACTORS)}."
    for dataset in (definition.per_dataset.keys() | definition.limits.keys()) - ALL.keys():
        yield f"There is no dataset '{dataset}'."
    known = _known_values()
    for dataset, criteria in definition.per_dataset.items():
        always = ALL[dataset].always if dataset in ALL else {}
        for column, values in criteria.where():
            for value in sorted(set(values) - known[column]):
                yield f"per_dataset.{dataset}: '{value}' is not a value of {column}."
            if not values or (column in always and always[column] not in values):
                yield f"per_dataset.{dataset}: {column} as asked would count nothing."


def _known_values() -> dict[str, set[str]]:
    classed = ("weapon_class", "mechanism", "place_class", "injury_severity", "role")
    return {
        "offence_code": set(code_list("offences").meanings),
        "age_band": {*AGE_BANDS, UNKNOWN_AGE},
        **{name: set(taxonomy(name).classes) for name in classed},
    }


def _versions(name: str, folder: Path | None) -> dict[str, Traversable]:
    """The versions of a definition from the first place that has any."""
    for root in _roots(folder):
        place = root / name
        if name and place.is_dir():
            return {path.name.removesuffix(".toml"): path for path in place.iterdir() if path.name.endswith(".toml")}
    return {}


def _roots(folder: Path | None) -> list[Traversable]:
    shipped = files("upstander.contracts") / "definitions"
    return [folder, shipped] if folder is not None and folder.is_dir() else [shipped]


def _in_order(version: str) -> tuple[int, ...]:
    """2026.10 comes after 2026.9."""
    return tuple(int(number) for number in re.findall(r"\d+", version))
