"""What a supplier map states: one agency's layout, its dates, its codes and its quirks. Nothing in it is guessed."""

import hashlib
import re
from collections.abc import Set
from datetime import date
from functools import cache
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from upstander.contracts.dataset import Shape
from upstander.intake.suppliers.statistics import Areas, Figure, Marker, Periods
from upstander.values.canonical import canonical_json

_zones = cache(available_timezones)  # reads the whole folder of zones


def _a_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"'{name}' is not an IANA time zone; write one such as Europe/London")
    return name


def _a_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as why:
        raise ValueError(f"'{text}' is not a regular expression: {why}") from why
    return text


Zone = Annotated[str, AfterValidator(_a_zone)]
Pattern = Annotated[str, AfterValidator(_a_pattern)]
ISO_TIMES = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
Precision = Literal["minute", "hour", "day", "month", "unknown"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Dialect(_Strict):
    """How the file is written. `preamble_lines` come before the header; `footer` is how lines after the rows look.

    `sheet` is the one to read where the agency sends a workbook of several.
    """

    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str = Field(default='"', min_length=1, max_length=1)
    encoding: Literal["utf-8", "windows-1252", "utf-16"] = "utf-8"
    preamble_lines: int = Field(default=0, ge=0, le=100)
    footer: Pattern | None = None
    sheet: str | None = None


class Places(_Strict):
    """What the supplier's places are stated in: the layers its area codes may belong to, and its coordinates' frame.

    With `EPSG:4326` the columns longitude and latitude are the point, with any other frame easting and northing.
    `metric_crs` is the frame in metres that points are brought to; the British National Grid if left out.
    """

    crs: str = "EPSG:27700"
    metric_crs: str | None = None
    layers: tuple[str, ...] = ()


class Filter(_Strict):
    """Which rows are about this dataset at all: `column` is a heading. The others are *set aside* under the reason."""

    column: str
    keep: tuple[str, ...] = ()
    pattern: Pattern | None = None
    reason: str = Field(min_length=5)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.keep) == (self.pattern is not None):
            raise ValueError("a filter has either `keep`, a list of values, or `pattern`")
        return self


class NeedsPerson(_Strict):
    """Values of a heading that a person must look at: such rows are quarantined, whatever else is right with them."""

    column: str
    values: tuple[str, ...] = Field(min_length=1)
    reason: str = Field(min_length=5)


class Repeats(_Strict):
    """Whether a row that occurs twice in one file is a mistake (the default) or two records that look alike."""

    are: Literal["mistakes", "records"] = "mistakes"
    reason: str = ""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.are == "records" and not self.reason:
            raise ValueError("repeats that are records need a reason")
        return self


class Agreed(_Strict):
    """What a file may hold that would else wait for a person each time, because somebody agreed to it: the reason says.

    `details_in_text`: personal details in words, which never reach the warehouse. `names_with_sexual_offences`: names
    of people in rows about a sexual offence, who are anonymous for life (Sexual Offences (Amendment) Act 1992).
    """

    details_in_text: bool = False
    names_with_sexual_offences: bool = False
    reason: str = ""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.details_in_text or self.names_with_sexual_offences) and len(self.reason) < 5:
            raise ValueError("what is agreed needs a reason: who agreed to it, and when")
        return self


class Supplier(_Strict):
    """One agency's real layout, brought to one dataset contract.

    `shape` is what its rows are like, where that is not the dataset's own shape. `columns` is heading -> contract
    column; a heading under `optional` may be missing. `ignored` is heading -> reason. `split` is contract column ->
    the headings whose texts are joined by one blank. `formats` are strptime patterns per column, tried in order;
    day-first is stated there, never guessed. `codes` is contract column -> sent code -> ours.
    `key` are the columns that name a row for good where `ids` is stable; it binds only rows that have them all.

    Of a file of figures, `figures` is heading -> indicator; without any, each row is one figure, in the column `value`.
    `markers` is what stands in the place of a number -> what it says; our own words for it are always known.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: str
    dated: date
    source: str
    agency: str
    dataset: str
    shape: Shape | None = None
    delivers: Literal["whole", "increment", "snapshot"]
    zone: Zone = "Europe/London"
    event_is: Literal["occurred", "called", "arrived", "recorded"] | None = None
    event_precision: Precision = "minute"
    ids: Literal["stable", "not_stable"] = "not_stable"
    key: tuple[str, ...] = ()
    person_ref_is: Literal["person_ref", "nhs_number"] = "person_ref"
    counts_same_events_as: tuple[str, ...] = ()
    covers_from_file_name: Pattern | None = None
    nulls: tuple[str, ...] = ("NULL", "N/A", "#N/A", "N/K", "NK", "NONE", "-", "NOT RECORDED", "NOT STATED")
    place_class: Literal["classified", "not supplied"] = "classified"
    file: Dialect = Dialect()
    columns: dict[str, str]
    optional: tuple[str, ...] = ()
    ignored: dict[str, str] = {}
    split: dict[str, tuple[str, ...]] = {}
    formats: dict[str, tuple[str, ...]] = {}
    codes: dict[str, dict[str, str]] = {}
    constants: dict[str, str] = {}
    places: Places = Places()
    repeats: Repeats = Repeats()
    agreed: Agreed = Agreed()
    filter: Filter | None = None
    needs_person: NeedsPerson | None = None
    figures: dict[str, Figure] = {}
    markers: dict[str, Marker] = {}
    areas: Areas = Areas()
    period: Periods = Periods()

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading the agreement knows, mapped or ignored."""
        return (*self._made_into, *self.ignored)

    @property
    def headings_read(self) -> tuple[str, ...]:
        """The headings whose cells are read: those that become columns, and those that rows are chosen by."""
        return (*self._made_into, *self._chosen_by)

    @property
    def headings_needed(self) -> tuple[str, ...]:
        """The headings that a file must have: those neither optional nor ignored, and those that rows are chosen by."""
        needless = {*self.optional, *self.ignored} - {*self._chosen_by}
        return tuple(heading for heading in self.headings if heading not in needless)

    @property
    def _chosen_by(self) -> tuple[str, ...]:
        return tuple(rule.column for rule in (self.filter, self.needs_person) if rule is not None)

    @property
    def _made_into(self) -> tuple[str, ...]:
        """The headings that something is made of."""
        parts = (heading for parts in self.split.values() for heading in parts)
        return (*self.columns, *parts, *self.figure_headings, *self._words_of_figures)

    @property
    def figure_headings(self) -> tuple[str, ...]:
        """The headings of a wide file whose cells are figures: what is counted, and what it is out of."""
        out_of = (one.out_of for one in self.figures.values() if one.out_of)
        return tuple(dict.fromkeys([*self.figures, *out_of]))

    @property
    def _words_of_figures(self) -> tuple[str, ...]:
        """The headings that say which area or period the figures of a row are for."""
        return tuple(filter(None, (*self.areas.headings, self.period.identifier)))

    @property
    def contract_columns(self) -> tuple[str, ...]:
        """The contract columns that this layout can fill; a heading of figures is a column of its own name."""
        made = [*self.columns.values(), *self.split, *self.constants, *self.areas.fills, *self.figure_headings]
        return (*dict.fromkeys(made),)

    def filled_from(self, sent: Set[str]) -> frozenset[str]:
        """The contract columns that a file with these headings fills."""
        mapped = {name for heading, name in self.columns.items() if heading in sent}
        joined = {name for name, parts in self.split.items() if sent & set(parts)}
        return frozenset({*mapped, *joined, *self.constants, *self.areas.fills, *(sent & set(self.figure_headings))})

    def as_workbook(self) -> Self:
        """The same map for the text of a workbook, in which a cell that is a date is written by ISO 8601."""
        file = self.file.model_copy(update={"delimiter": ",", "quote": '"', "encoding": "utf-8"})
        formats = {name: (*patterns, *ISO_TIMES) for name, patterns in self.formats.items()}
        return self.model_copy(update={"file": file, "formats": formats})

    def fingerprint(self) -> str:
        """SHA-256 of the map's content: maps of equal meaning have equal fingerprints, whatever their comments."""
        return hashlib.sha256(canonical_json(self.model_dump(mode="json"))).hexdigest()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        used = self.headings
        twice = sorted({heading for heading in used if used.count(heading) > 1})
        if twice:
            raise ValueError(f"these headings are used twice: {', '.join(twice)}")
        filled = [*self.columns.values(), *self.split, *self.constants, *self.areas.fills]
        if len(set(filled)) < len(filled):
            raise ValueError(f"these columns are filled twice: {sorted({c for c in filled if filled.count(c) > 1})}")
        nowhere = sorted({*self._chosen_by} - set(used))
        if nowhere:
            raise ValueError(f"`filter` or `needs_person` names a heading that is in no column: {nowhere[0]}")
        strange = sorted(set(self.optional) - set(used))
        if strange:
            raise ValueError(f"`optional` names headings that are in no column: {', '.join(strange)}")
        if self.ids == "stable" and not self.key:
            raise ValueError('ids = "stable" needs `key`: the columns that name a row for good')
        unknown = sorted({*self.formats, *self.codes, *self.key} - set(self.contract_columns))
        if unknown:
            raise ValueError(f"`formats`, `codes` or `key` name columns that nothing fills: {', '.join(unknown)}")
        return self

    @model_validator(mode="after")
    def _figures_hang_together(self) -> Self:
        by_row = {"indicator", "value", "denominator"} & set(self.contract_columns)
        if self.figures and by_row:
            raise ValueError(f"either `figures` says what is counted, or the rows do by their {min(by_row)}")
        if any(one.group for one in self.figures.values()) and "group" in self.contract_columns:
            raise ValueError("either `figures` says whom each is about, or the rows do by their group")
        if self.figures and self.delivers == "increment":
            raise ValueError("figures are delivered whole or as a snapshot: a published file replaces the one before")
        numbers = sorted(text for text in self.markers if any(letter.isdigit() for letter in text))
        if numbers:
            raise ValueError(f"a marker is no number: {', '.join(numbers)}")
        return self
