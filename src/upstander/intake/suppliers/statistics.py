"""What a map states about a file of figures: which cells are figures, which period they are for, and which area."""

from collections.abc import Collection, Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

AreaKind = Literal["country", "region", "utla", "ltla", "pfa", "ward", "msoa", "lsoa", "school", "trust", "unknown"]
PeriodForm = Literal[
    "ours", "month", "year", "fy_starting", "fy_ending", "ay_starting", "ay_ending", "year_ending", "months"
]
Marker = Literal["low", "suppressed", "not_applicable", "not_available", "unreliable"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(_Strict):
    """One heading of a wide file: what its cells count. A bare code in a map is an indicator and nothing else.

    `group` is whom it is about, where the heading says so; else the row does, or it is everybody. `out_of` is the
    heading of its denominator.
    """

    indicator: str
    group: str = ""
    out_of: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_code(cls, stated: Any) -> Any:
        return {"indicator": stated} if isinstance(stated, str) else stated


class Level(_Strict):
    """One kind of area in a file, and the headings under which its code and its name stand; empty for none."""

    kind: AreaKind
    code: str = ""
    name: str = ""


class Areas(_Strict):
    """What the areas of a file are. With nothing stated, an official code says it by its first three characters.

    `kind` is what every area is. `level` is a heading that says which kind a row's area is, and `levels` what it may
    say. `named` gives the kind of areas by their name, where a file has names and no codes.
    """

    kind: AreaKind | None = None
    level: str = ""
    levels: dict[str, Level] = {}
    named: dict[str, AreaKind] = {}

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading that is read for the area, besides those that are columns."""
        parts = [heading for level in self.levels.values() for heading in (level.code, level.name)]
        return tuple(dict.fromkeys(filter(None, (self.level, *parts))))

    @property
    def fills(self) -> tuple[str, ...]:
        """The contract columns that the levels fill."""
        has = {"area_code": any(one.code for one in self.levels.values())}
        has["area_name"] = any(one.name for one in self.levels.values())
        return tuple(name for name, is_filled in has.items() if is_filled)

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if bool(self.level) != bool(self.levels):
            raise ValueError("`level`, a heading, and `levels`, what it may say, go together")
        if self.levels and self.kind:
            raise ValueError("either every area is of one `kind`, or a heading says the `level`")
        return self


class Periods(_Strict):
    """How a file writes its periods. `form` is one for all rows; else the `identifier` heading says it, by `forms`.

    `fy_ending` reads 2025 as the financial year that ends in 2025; `ay_starting` reads 202425, 2024/25 and 2024 as the
    academic year from September 2024. `month`, `months` (first to last) and `year_ending` (its last month) read by the
    map's `formats.period`. `ours` is as Upstander writes it.
    """

    form: PeriodForm = "ours"
    identifier: str = ""
    forms: dict[str, PeriodForm] = {}

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if bool(self.identifier) != bool(self.forms):
            raise ValueError("`identifier`, a heading, and `forms`, what it may say, go together")
        return self


def fits(figures: Mapping[str, Figure], areas: Areas, indicators: Collection[str], groups: Collection[str]) -> str:
    """Why a map's figures do not fit the dataset's indicators and groups; empty where they do."""
    strange = sorted({one.indicator for one in figures.values()} - set(indicators))
    if strange:
        return f"no such indicator: {', '.join(strange)}; there are {', '.join(indicators)}"
    unknown = sorted({one.group for one in figures.values() if one.group} - set(groups))
    if unknown:
        return f"no such group: {', '.join(unknown)}; there are {', '.join(groups)}"
    return "" if areas.kind != "unknown" else "areas.kind is left out where nobody knows it"
