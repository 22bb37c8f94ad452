"""Published figures: a record of a wide file becomes many rows, one a figure; a number and its absence stay apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from upstander import contracts
from upstander.contracts.dataset import DatasetContract
from upstander.contracts.indicators import ALL_GROUP
from upstander.intake.cells import LINE
from upstander.intake.derive import DTYPES
from upstander.intake.plan import ReadPlan
from upstander.intake.suppliers import Figure

NOT_APPLICABLE, NOT_AVAILABLE = "not_applicable", "not_available"
# The first three characters of an official code say what it is a code of; those of the fictional county begin with F.
# Source: ONS, coding and naming policy for UK statistical geographies.
_KIND_OF_CODE: Mapping[str, str] = {
    **{f"{nation}01": "lsoa" for nation in "EWF"}, **{f"{nation}02": "msoa" for nation in "EWF"},
    **{f"{nation}05": "ward" for nation in "EWF"}, **{f"{nation}06": "utla" for nation in "EWF"},
    **{f"{nation}92": "country" for nation in "EWSNF"}, "K02": "country", "K03": "country", "K04": "country",
    "E07": "ltla", "F07": "ltla", "E08": "utla", "E09": "utla", "E10": "utla", "F10": "utla", "S12": "utla",
    "E12": "region", "E13": "region", "F12": "region", "E23": "pfa", "W15": "pfa", "F23": "pfa",
}  # fmt: skip
_SMALL = ("lsoa", "msoa", "ward")  # areas whose codes change from one census or year to the next


@dataclass(frozen=True)
class FigureMaker:
    """Makes warehouse rows of one file of figures. `columns` are the contract columns that the file fills."""

    plan: ReadPlan
    columns: frozenset[str]
    _figures: Mapping[str, Figure] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        present = {name: one for name, one in self.plan.supplier.figures.items() if name in self.columns}
        object.__setattr__(self, "_figures", present)

    @property
    def contract(self) -> DatasetContract:
        """The contract of the file."""
        return self.plan.contract

    def warehouse_rows(self, typed: pl.DataFrame) -> pl.DataFrame:
        """A warehouse row for each figure of each typed row: by line, then in the order of the map."""
        what = self._melted(typed) if self._figures else self._as_sent(typed)
        each = max(len(self._figures), 1)
        about = self._about(typed)[np.repeat(np.arange(typed.height), each)]
        number = np.tile(np.arange(1, each + 1), typed.height)
        made = pl.concat([about, what, pl.DataFrame({"number": number})], how="horizontal").with_columns(
            self._marked(), pl.concat_str(pl.col("row_id"), pl.lit(":"), pl.col("number")).alias("row_id"), self._unit()
        )
        wanted = contracts.warehouse_columns(self.contract)
        return made.select(pl.col(column.name).cast(DTYPES[column.dtype]) for column in wanted)

    def incident_keys(self, typed: pl.DataFrame) -> pl.DataFrame:
        """Figures are of no person and no incident, and never come as an increment."""
        return pl.DataFrame({"incident_token": pl.Series([None], dtype=pl.String).new_from_index(0, typed.height)})

    def excluded(self, typed: pl.DataFrame) -> pl.Series:
        """No figure is set aside by its code."""
        return pl.Series("reason", [None], dtype=pl.String).new_from_index(0, typed.height)

    def _about(self, typed: pl.DataFrame) -> pl.DataFrame:
        """What all figures of a row share: period, area, and the group where the row says it."""
        supplier = self.plan.supplier
        version = f"{self.contract.name} {self.contract.version}; {supplier.name} {supplier.version}"
        code, name = self._text("area_code").fill_null("").str.to_uppercase(), self._text("area_name").fill_null("")
        of_row = pl.col("group.code").cast(pl.String).fill_null(ALL_GROUP).alias("group")
        return typed.select(
            pl.concat_str(pl.lit(f"{self.plan.reading}:"), pl.col(LINE)).alias("row_id"),
            pl.col("period.kind").alias("period_kind"),
            pl.col("period.label").alias("period"),
            pl.col("period.at").alias("period_start"),
            pl.col("period.end").alias("period_end"),
            self._kind(code, name).alias("area_kind"),
            code.alias("area_code"),
            name.alias("area_name"),
            pl.lit(version).alias("codes_version"),
            *([of_row] if "group" in self.columns else []),
        ).with_columns(self._vintage().alias("area_vintage"))

    def _kind(self, code: pl.Expr, name: pl.Expr) -> pl.Expr:
        areas = self.plan.supplier.areas
        if areas.kind is not None:
            return pl.lit(areas.kind)
        by_code = code.str.slice(0, 3).replace_strict(_KIND_OF_CODE, default="unknown", return_dtype=pl.String)
        if areas.levels:
            kinds = {level: stated.kind for level, stated in areas.levels.items()}
            return pl.col("area.level").replace_strict(kinds, default="unknown", return_dtype=pl.String)
        if not areas.named:
            return by_code
        by_name = name.replace_strict(areas.named, default=areas.named.get("*", "unknown"), return_dtype=pl.String)
        return pl.when(code != "").then(by_code).otherwise(by_name)

    def _vintage(self) -> pl.Expr:
        """The digits of the one layer of that kind that the map names; empty for kinds that it names none of."""
        layers = self.plan.supplier.places.layers
        vintages = {
            kind: found[0].removeprefix(kind)
            for kind in _SMALL
            if len(found := [one for one in layers if one.startswith(kind)]) == 1
        }
        return pl.col("area_kind").replace_strict(vintages, default="", return_dtype=pl.String)

    def _melted(self, typed: pl.DataFrame) -> pl.DataFrame:
        """Of a wide file: the figures of the first row, then those of the second."""
        rows, each = typed.height, len(self._figures)
        # Columns laid end to end; the figures of row r are at r, rows + r, 2 * rows + r.
        order = (np.arange(rows)[:, None] + rows * np.arange(each)[None, :]).ravel()
        stated = {
            "value": self._end_to_end(typed, list(self._figures), "number"),
            "marker": self._end_to_end(typed, list(self._figures), "marker"),
            "denominator": self._end_to_end(typed, [one.out_of for one in self._figures.values()], "number"),
            "denominator_marker": self._end_to_end(typed, [one.out_of for one in self._figures.values()], "marker"),
        }
        melted = pl.DataFrame({name: laid.gather(order) for name, laid in stated.items()})
        said = {"indicator": [one.indicator for one in self._figures.values()]}
        groups = [one.group or ALL_GROUP for one in self._figures.values()]
        if "group" not in self.columns:
            said["group"] = groups
        return melted.with_columns(
            pl.Series(name, np.tile(words, rows), dtype=pl.String) for name, words in said.items()
        )

    def _end_to_end(self, typed: pl.DataFrame, headings: Sequence[str], part: str) -> pl.Series:
        dtype = pl.Float64() if part == "number" else pl.String()
        absent = pl.Series([None], dtype=dtype).new_from_index(0, typed.height)
        laid = [typed[f"{one}.{part}"] if one in self.columns else absent for one in headings]
        return pl.concat([one.alias("laid") for one in laid])

    def _as_sent(self, typed: pl.DataFrame) -> pl.DataFrame:
        """Of a long file: each row is one figure."""
        has_denominator, has_group = "denominator" in self.columns, "group" in self.columns
        return typed.select(
            pl.col("indicator.code").cast(pl.String).alias("indicator"),
            pl.col("value.number").alias("value"),
            pl.col("value.marker").alias("marker"),
            (pl.col("denominator.number") if has_denominator else pl.lit(None, pl.Float64)).alias("denominator"),
            (pl.col("denominator.marker") if has_denominator else pl.lit(None, pl.String)).alias("denominator_marker"),
            *([] if has_group else [pl.lit(ALL_GROUP).alias("group")]),
        )

    def _marked(self) -> pl.Expr:
        """A denominator that nobody states is one its publisher does not give, or one that cannot be."""
        kinds = {one.code: NOT_AVAILABLE if one.out_of else NOT_APPLICABLE for one in self.contract.indicators}
        absent = pl.col("indicator").replace_strict(kinds, default=NOT_APPLICABLE, return_dtype=pl.String)
        return pl.col("denominator_marker").fill_null(absent)

    def _unit(self) -> pl.Expr:
        units = {one.code: one.unit for one in self.contract.indicators}
        return pl.col("indicator").replace_strict(units, default="", return_dtype=pl.String).alias("unit")

    def _text(self, name: str) -> pl.Expr:
        return pl.col(name) if name in self.columns else pl.lit(None, pl.String)
