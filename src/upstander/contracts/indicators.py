"""Figures that somebody has worked out: the columns they share, and a dataset's contract for files of them.

One warehouse row is one figure: an indicator, for a period, an area and a group. What stands where no number is
(suppressed, not applicable, not available) is a marker beside an empty value: it is not zero, and they are not one
another.
"""

from dataclasses import replace
from datetime import date

from upstander.contracts.codes import CodeList
from upstander.contracts.dataset import Column, DatasetContract, Kind, Shape
from upstander.contracts.dataset import WarehouseColumn as _Column
from upstander.values.canonical import short_id

INDICATOR_COLUMNS: tuple[_Column, ...] = (
    _Column(
        "row_id", "String", "reading:line:figure: the line where the record starts, and which of its figures it is"
    ),
    _Column("period_kind", "String", "day, week, month, quarter, year, FY (April), AY (September), rolling_year, span"),
    _Column("period", "String", "as Upstander writes it: 2026-07, 2026-Q3, FY2026, AY2026, 2026"),
    _Column("period_start", "Datetime", "first local day of the period, at midnight"),
    _Column("period_end", "Datetime", "the local day after its last, at midnight"),
    _Column("area_kind", "String", "country, region, utla, ltla, pfa, ward, msoa, lsoa, school, trust or unknown"),
    _Column("area_vintage", "String", "two digits, such as 21, for small areas; empty where the code says it all"),
    _Column("area_code", "String", "official code; empty where the publisher gives a name only"),
    _Column("area_name", "String", "as the publisher writes it"),
    _Column("indicator", "String", "one of the dataset's indicators"),
    _Column("group", "String", "whom the figure is about: one of the dataset's groups, `all` where there is no other"),
    _Column("value", "Float64", "the figure; empty where a marker says why"),
    _Column("marker", "String", "shown, low, suppressed, not_applicable, not_available, unreliable or missing"),
    _Column("denominator", "Float64", "what the figure is out of, where its publisher gives it"),
    _Column("denominator_marker", "String", "as `marker`, for the denominator"),
    _Column("unit", "String", "what the value counts or measures"),
    _Column("codes_version", "String", "versions of the contract and the map that made this row"),
)

MARKERS = {
    "shown": "a number is given",
    "low": "rounds to nought, but is not nought",
    "suppressed": "withheld by its publisher, because it is small or gives another away",
    "not_applicable": "there can be no such figure",
    "not_available": "there could be one, but its publisher has none",
    "unreliable": "given, but its publisher calls it unreliable",
    "missing": "the cell is empty, and nobody says why",
}
ALL_GROUP = "all"


def as_indicators(contract: DatasetContract) -> DatasetContract:
    """The contract of a dataset for files of indicators: standard columns, its own indicators and groups as codes.

    Its version ends in a hash of the indicators and groups, so that a changed meaning is a new version.
    """
    figures = [f"{one.code}|{one.means}|{one.unit}|{one.out_of}" for one in contract.indicators]
    groups = sorted(f"{code}|{means}" for code, means in contract.groups.items())
    version = f"{contract.version.partition('+')[0]}+{short_id([*figures, *groups])[:8]}"
    indicators = CodeList(
        name=f"{contract.name}_indicators", version=version, dated=date.min, source=contract.standard,
        meanings={one.code: one.means for one in contract.indicators},
    )  # fmt: skip
    whom = replace(indicators, name=f"{contract.name}_groups", meanings={ALL_GROUP: "everybody", **contract.groups})
    return replace(
        contract,
        version=version,
        shape=Shape.INDICATORS,
        counts_by="period_start",
        columns=(
            Column("period", Kind.TEXT, "the period the figure is for; the supplier map says how it is written",
                   required=True, quotable=True, becomes=("period_kind", "period", "period_start", "period_end"),
                   example="FY2025"),
            Column("area_code", Kind.TEXT, "official code of the area", quotable=True,
                   becomes=("area_kind", "area_vintage", "area_code"), example="E06000000",
                   also_called=("organisation code", "org code", "provider code", "trust code", "ODS code")),
            Column("area_name", Kind.TEXT, "name of the area as its publisher writes it", quotable=True,
                   becomes=("area_name",), example="Example"),
            Column("indicator", Kind.CODE, "what is counted or measured", codes=indicators, quotable=True,
                   becomes=("indicator", "unit"), example=next(iter(indicators.meanings), "")),
            Column("group", Kind.CODE, "whom the figure is about", codes=whom, quotable=True, becomes=("group",),
                   example=ALL_GROUP),
            Column("value", Kind.FIGURE, "the figure, or the marker that stands in its place", quotable=True,
                   becomes=("value", "marker"), example="125"),
            Column("denominator", Kind.FIGURE, "what the figure is out of, such as the children living there",
                   quotable=True, becomes=("denominator", "denominator_marker"), example="10400"),
        ),
        extra_columns=(),
        event_times=(),
        classified_from={},
        always={},
    )  # fmt: skip
