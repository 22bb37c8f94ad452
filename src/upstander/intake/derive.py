"""From checked rows to the warehouse's columns. Identity stops here: references become tokens, births bands, words go.

What comes out holds no name, no reference, no date of birth, no whole postcode and no free text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from upstander import contracts
from upstander.contracts.dataset import Column, DatasetContract, Kind, WarehouseColumn
from upstander.intake.cells import LINE
from upstander.intake.codes import classes
from upstander.intake.persons import Refs, age_bands, ages_at, person_identifiers, refs_of, tokens_of
from upstander.intake.plan import ReadPlan
from upstander.intake.postcodes import parts
from upstander.intake.rules import recorded_column
from upstander.values.identifiers import reference

Locate = Callable[[pl.DataFrame], pl.DataFrame]
UNKNOWN, NOT_ASKED, NOT_SUPPLIED = "unknown", "not_asked", "not supplied"
PLACE_COLUMNS = (
    "area_kind", "area_vintage", "area_code", "x_m", "y_m", "crs",
    "place_method", "place_confidence", "place_precision_m",
)  # fmt: skip
PLACE_CLASS, TEXT_CLASS = "place_class", "text_class"
CLASS_COLUMNS = (PLACE_CLASS, "mechanism", "weapon_class", "injury_severity", "role", "sex", "ethnic_group")
DTYPES: Mapping[str, pl.DataType] = {
    "String": pl.String(), "Datetime": pl.Datetime("us"), "Float64": pl.Float64(),
    "Int32": pl.Int32(), "Int8": pl.Int8(),
}  # fmt: skip


@dataclass(frozen=True)
class Deriver:
    """Makes warehouse rows for one file. `columns` are the contract columns that the file fills."""

    plan: ReadPlan
    columns: frozenset[str]
    locate: Locate
    _class_tables: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    @property
    def contract(self) -> DatasetContract:
        """The contract of the file."""
        return self.plan.contract

    @property
    def refs(self) -> Refs:
        """The columns of this file that refer to a person or an incident."""
        return refs_of(self.contract, self.plan.supplier.person_ref_is, self.columns)

    def warehouse_rows(self, typed: pl.DataFrame) -> pl.DataFrame:
        """One warehouse row for each typed row, in the same order, with the contract's columns and types."""
        place = self._place(typed)
        made = pl.DataFrame(
            [
                *self._of_event(typed),
                *place.select(*PLACE_COLUMNS, "postcode_sector").get_columns(),
                *self._of_classes(typed, place),
                *self._of_person(typed),
                *self._of_codes(typed),
            ]
        )
        wanted = contracts.warehouse_columns(self.contract)
        return made.select(pl.col(column.name).cast(DTYPES[column.dtype]) for column in wanted)

    def incident_keys(self, typed: pl.DataFrame) -> pl.DataFrame:
        """incident_token, person_token and role of each row: what an increment is compared by."""
        return pl.DataFrame([*self._tokens(typed), self._class(typed, "role")])

    def excluded(self, typed: pl.DataFrame) -> pl.Series:
        """Why a row is set aside by its code, null where it is not."""
        reasons = [
            classes(typed[f"{column.name}.code"], excluded)
            for column in self.contract.columns
            if column.codes is not None and column.name in self.columns
            if (excluded := contracts.code_map(column.codes.name).excluded)
        ]
        none = pl.Series("reason", [None], dtype=pl.String).new_from_index(0, typed.height)
        return pl.select(pl.coalesce(none, *reasons)).to_series().alias("reason")

    def _of_event(self, typed: pl.DataFrame) -> Sequence[pl.Series]:
        recorded = recorded_column(self.contract)
        when = pl.col(f"{recorded}.at") if recorded in self.columns else pl.lit(None, pl.Datetime("us"))
        supplier = self.plan.supplier
        version = f"{self.contract.name} {self.contract.version}; {supplier.name} {supplier.version}"
        return typed.select(
            pl.concat_str(pl.lit(f"{self.plan.reading}:"), pl.col(LINE)).alias("row_id"),
            pl.col("event.from").alias("event_from_local"),
            pl.col("event.to").alias("event_to_local"),
            pl.lit(supplier.zone).alias("event_zone"),
            pl.col("event.utc_min").alias("event_from_utc_min"),
            pl.col("event.utc_max").alias("event_from_utc_max"),
            pl.col("event.fine").alias("event_precision"),
            pl.col("event.is").alias("event_is"),
            when.alias("recorded_local"),
            pl.lit(version).alias("codes_version"),
        ).get_columns()

    def _place(self, typed: pl.DataFrame) -> pl.DataFrame:
        """Where each row lies, its postcode's sector, and the class that its words tell where it has any:
        text_class.
        """
        across, up = (
            ("longitude", "latitude") if self.plan.supplier.places.crs == "EPSG:4326" else ("easting", "northing")
        )
        wanted = [
            self._text("area_code").str.to_uppercase().alias("stated_code"),
            self._tidy_postcode().alias("postcode"),
            self._number(across).alias("x"),
            self._number(up).alias("y"),
            *self._words(),
        ]
        asked = typed.with_columns(wanted).select(column.meta.output_name() for column in wanted)
        found = self.locate(asked).with_columns(parts(asked["postcode"], self.plan.postcode_level))
        return found if TEXT_CLASS in found.columns else found.with_columns(pl.lit("").alias(TEXT_CLASS))

    def _words(self) -> list[pl.Expr]:
        """The words about the place and the treating site they were taken down at, where the file has such words."""
        words = self.contract.place_text
        if words is None or words.name not in self.columns:
            return []
        return [pl.col(words.name).alias("text"), self._text("site_code").alias("site")]

    def _of_classes(self, typed: pl.DataFrame, place: pl.DataFrame) -> Sequence[pl.Series]:
        return [self._placed_class(typed, place), *(self._class(typed, name) for name in CLASS_COLUMNS[1:])]

    def _placed_class(self, typed: pl.DataFrame, place: pl.DataFrame) -> pl.Series:
        """The class of each place: its code decides unless it says that nothing is known, else the words about it.

        A code that has no class, such as that of a workplace, does say something: its rows stay unknown.
        """
        stated = self._class(typed, PLACE_CLASS)
        if not self._words() or self.plan.supplier.place_class == NOT_SUPPLIED:
            return stated
        told = pl.when(place[TEXT_CLASS] != "").then(place[TEXT_CLASS]).otherwise(pl.lit(UNKNOWN))
        codes = [name for name in self.contract.classified_from.get(PLACE_CLASS, ()) if name in self.columns]
        sent = [typed[f"{name}.code"].cast(pl.String).str.split(":").list.last() for name in codes]
        is_open = [code.is_null() | code.is_in([UNKNOWN, NOT_ASKED]) for code in sent]
        says_nothing = pl.all_horizontal(stated.is_in([UNKNOWN, NOT_SUPPLIED]), *is_open)
        return pl.select(pl.when(says_nothing).then(told).otherwise(stated).alias(PLACE_CLASS)).to_series()

    def _class(self, typed: pl.DataFrame, name: str) -> pl.Series:
        """The class of each row: the first asked column whose code means something decides."""
        always = self.contract.always.get(name)
        if always is not None:
            return pl.Series(name, [always]).new_from_index(0, typed.height).alias(name)
        asked = [column for column in self.contract.classified_from.get(name, ()) if column in self.columns]
        absent = self._when_never_sent(name)
        if name == PLACE_CLASS and self.plan.supplier.place_class == NOT_SUPPLIED:
            asked = []
        if not asked:
            return pl.Series(name, [absent]).new_from_index(0, typed.height).alias(name)
        found = [classes(typed[f"{column}.code"], self._class_table(column, name)) for column in asked]
        return pl.select(pl.coalesce(*found, pl.lit(UNKNOWN))).to_series().alias(name)

    def _when_never_sent(self, name: str) -> str:
        if name == PLACE_CLASS:
            return NOT_SUPPLIED
        return NOT_ASKED if NOT_ASKED in contracts.taxonomy(name).classes else UNKNOWN

    def _class_table(self, column: str, name: str) -> dict[str, str]:
        """Code -> class for one column and taxonomy, without the codes that say nothing."""
        declared = self.contract.column(column)
        if (column, name) not in self._class_tables and declared is not None and declared.codes is not None:
            rows = contracts.code_map(declared.codes.name).rows
            table = {code: row[name] for code, row in rows.items() if row.get(name, UNKNOWN) != UNKNOWN}
            self._class_tables[column, name] = table
        return self._class_tables[column, name]

    def _of_person(self, typed: pl.DataFrame) -> Sequence[pl.Series]:
        return [*self._tokens(typed), self._age_band(typed)]

    def _tokens(self, typed: pl.DataFrame) -> list[pl.Series]:
        keys = self.plan.token_keys
        person = pl.Series([None], dtype=pl.String).new_from_index(0, typed.height)
        incident = person
        if self.refs.incident and "incident_ref" in keys:
            incident = tokens_of(typed.select(reference(pl.col(self.refs.incident))).to_series(), keys["incident_ref"])
        for kind, canonical in person_identifiers(self.refs, self.columns, keys):
            if person.null_count():
                unnamed = typed.select(pl.when(person.is_null()).then(canonical)).to_series()
                person = person.fill_null(tokens_of(unnamed, keys[kind]))
        return [person.alias("person_token"), incident.alias("incident_token")]

    def _age_band(self, typed: pl.DataFrame) -> pl.Series:
        sources = []
        if "age" in self.columns:
            sources.append(typed["age.number"])
        if "dob" in self.columns:
            sources.append(ages_at(typed["dob.at"], typed["event.from"]))
        if not sources:
            return pl.Series("age_band", [NOT_ASKED]).new_from_index(0, typed.height)
        return age_bands(pl.select(pl.coalesce(sources)).to_series())

    def _of_codes(self, typed: pl.DataFrame) -> Sequence[pl.Series]:
        """What is kept as it is: offence_code, and the contract's own codes, numbers and dates."""
        made_elsewhere = {"offence_code", "postcode_sector", *CLASS_COLUMNS}
        own = [column for column in self.contract.extra_columns if column.name not in made_elsewhere]
        kept = [
            self._code_kept(typed, column.name) if column.dtype == "String" else self._measure_kept(typed, column)
            for column in own
        ]
        return [self._code_kept(typed, "offence_code"), *kept]

    def _measure_kept(self, typed: pl.DataFrame, column: WarehouseColumn) -> pl.Series:
        """A number or a date as it was read; null where it is blank or was not sent."""
        sent = self._sent_for(column.name)
        if sent is None or sent.name not in self.columns:
            return pl.Series(column.name, [None], dtype=DTYPES[column.dtype]).new_from_index(0, typed.height)
        return typed[f"{sent.name}.{'at' if column.dtype == 'Datetime' else 'number'}"].alias(column.name)

    def _sent_for(self, name: str) -> Column | None:
        """The sent column that a warehouse column is made from."""
        return next((column for column in self.contract.columns if name in column.becomes), None)

    def _code_kept(self, typed: pl.DataFrame, name: str) -> pl.Series:
        sent = self._sent_for(name)
        meanings = sent.codes.meanings if sent is not None and sent.codes is not None else {}
        if sent is None or sent.name not in self.columns:
            absent = NOT_ASKED if NOT_ASKED in meanings else self.contract.always.get(name, "")
            return pl.Series(name, [absent]).new_from_index(0, typed.height)
        kept = typed[f"{sent.name}.code"] if sent.kind == Kind.CODE else typed[sent.name]
        return kept.cast(pl.String).fill_null(UNKNOWN if UNKNOWN in meanings else "").alias(name)

    def _tidy_postcode(self) -> pl.Expr:
        return pl.col("postcode.tidy") if "postcode" in self.columns else pl.lit(None, pl.String)

    def _text(self, name: str) -> pl.Expr:
        return pl.col(name) if name in self.columns else pl.lit(None, pl.String)

    def _number(self, name: str) -> pl.Expr:
        return pl.col(f"{name}.number") if name in self.columns else pl.lit(None, pl.Float64)
