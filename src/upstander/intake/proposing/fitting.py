"""How well the values of a column fit a contract's column: what speaks for it, what speaks against it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from upstander.contracts.codes import CodeList
from upstander.contracts.dataset import Column, Kind
from upstander.intake.proposing.headings import plain
from upstander.intake.proposing.shapes import Shape

_SHARES = frozenset({"pct", "perc", "percent", "percentage", "proportion", "share"})
_LONE_CODES = 3  # so few codes that any column of letters may hold them by chance


@dataclass(frozen=True)
class Fit:
    """`share` of the filled cells that can be what the column holds; `tells` how few other columns could look so.

    Of a column of free text nearly everything fits and nothing is told; of a small-area code the reverse.
    """

    share: float
    tells: float
    reason: str


def fit(shape: Shape, column: Column) -> Fit:
    """The values against the column's declaration; an empty column fits anything and tells nothing."""
    if not len(shape.filled):
        return Fit(0.5, 0.0, "the column is empty")
    if column.name in _OF_NAME:
        return _OF_NAME[column.name](shape)
    return _of_codes(shape, column.codes) if column.codes is not None else _OF_KIND[column.kind](shape, column)


def looks_coded(shape: Shape) -> bool:
    """Whether the cells repeat a few short texts, as codes do, whoever's they are."""
    return shape.variety < 0.2 and shape.mean_length < 60 and shape.shares["words"] + shape.shares["integer"] > 0.5


def says_share(shape: Shape) -> bool:
    """Whether the heading says that its numbers are shares of something, and they can be."""
    is_named = "%" in shape.heading or not _SHARES.isdisjoint(plain(shape.heading).split())
    return is_named and shape.between(0, 100) > 0.95


def _longitude(shape: Shape) -> Fit:
    found = min(shape.shares["degrees"], shape.between(-180, 180))
    return Fit(found, 0.55 if _is_mostly(shape, low=-9, high=2.5) else 0.35, f"{found:.0%} are degrees")


def _latitude(shape: Shape) -> Fit:
    found = min(shape.shares["degrees"], shape.between(-90, 90))
    return Fit(found, 0.75 if _is_mostly(shape, low=49, high=61) else 0.35, f"{found:.0%} are degrees")


def _metres(shape: Shape) -> Fit:
    found = min(shape.shares["metres"], shape.between(10_000, 1_300_000))
    return Fit(found, 0.4, f"{found:.0%} look like metres on a grid")


def _area_code(shape: Shape) -> Fit:
    found = max(shape.shares["small_area"], shape.shares["official_code"])
    organisations = shape.shares["organisation_code"]
    if organisations > found:  # many short codes in capitals look so
        return Fit(organisations, 0.3, f"{organisations:.0%} have the shape of an organisation's code")
    return Fit(found, 0.95, f"{found:.0%} have the shape of an official area code")


def _age(shape: Shape) -> Fit:
    found = min(shape.shares["integer"], shape.between(0, 120))
    return Fit(found, 0.2, f"{found:.0%} are whole numbers up to 120")


def _period(shape: Shape) -> Fit:
    written = max(shape.shares[kind] for kind in ("month", "iso_day", "named_month", "slashed_day"))
    found = max(written, _years(shape))
    return Fit(found, 0.7, f"{found:.0%} are written like a period")


def _postcode(shape: Shape) -> Fit:
    found, finer = shape.postcodes
    # Many short codes have the shape of a district; hardly anything else has that of a whole postcode.
    return Fit(found, 0.85 if finer > 0.5 else 0.25, f"{found:.0%} have the shape of a postcode")


def _person_name(shape: Shape) -> Fit:
    found = shape.shares["words"] * (1 - shape.shares["digit"]) * (1 - shape.shares["sentence"])
    return Fit(found, 0.05, f"{found:.0%} are words without digits")


# Columns whose values have a shape of their own.
_OF_NAME: Mapping[str, Callable[[Shape], Fit]] = {
    "longitude": _longitude,
    "latitude": _latitude,
    "easting": _metres,
    "northing": _metres,
    "area_code": _area_code,
    "postcode": _postcode,
    "nhs_number": lambda shape: Fit(
        shape.nhs_numbers, 0.95, f"{shape.nhs_numbers:.0%} have ten digits and the right check digit"
    ),
    "age": _age,
    "period": _period,
    "surname": _person_name,
    "forename": _person_name,
}


def _of_codes(shape: Shape, codes: CodeList) -> Fit:
    """The share of rows whose text the list knows, by its codes or by their meanings."""
    known, used = shape.known_by(codes)
    rows = sum(shape.weights.values())
    share = known / rows if rows else 0.0
    tells = 0.9 if used > _LONE_CODES else 0.35
    return Fit(share, tells if share > 0.5 else 0.1, f"{share:.0%} of the rows hold a code that the list knows")


def _of_times(shape: Shape, column: Column) -> Fit:
    shares = shape.shares
    timed = shares["iso_time"] + shares["slashed_time"]
    days = shares["iso_day"] + shares["slashed_day"] + shares["month"]
    is_fine = timed > 0.5 or shares["month"] > 0.5
    tells = 0.3 if not column.required else 0.55 if is_fine else 0.45
    return Fit(timed + days, tells, f"{timed + days:.0%} are written like a date" + (" and time" * (timed > days)))


def _of_numbers(shape: Shape, _: Column) -> Fit:
    found = shape.shares["integer"] + shape.shares["decimal"]
    return Fit(found, 0.2, f"{found:.0%} of the cells are numbers")


def _of_figures(shape: Shape, column: Column) -> Fit:
    if says_share(shape) and "%" not in column.unit and "share" not in column.unit:
        return Fit(0.0, 0.2, "its name says that it is a share")
    found = shape.shares["marked_number"]
    return Fit(found, 0.2, f"{found:.0%} of the cells are numbers or markers")


def _of_text(shape: Shape, column: Column) -> Fit:
    if column.name.endswith("_ref"):
        is_number = shape.shares["decimal"] < 0.2 and shape.shares["sentence"] < 0.2 and shape.shares["iso_time"] < 0.2
        found = shape.variety if is_number else 0.0
        tells = 0.8 if shape.shares["hash"] > 0.9 else 0.3
        return Fit(max(found, 0.3 if is_number else 0.0), tells, f"{shape.variety:.0%} of its values are different")
    if column.free_text:
        found = shape.shares["words"]
        tells = 0.35 if shape.shares["sentence"] > 0.6 else 0.1
        return Fit(found, tells, f"{shape.shares['sentence']:.0%} are four words or more")
    return Fit(shape.shares["words"], 0.05, "it holds words")


_OF_KIND: Mapping[Kind, Callable[[Shape, Column], Fit]] = {
    Kind.TIMESTAMP: _of_times,
    Kind.DATE: _of_times,
    Kind.INTEGER: _of_numbers,
    Kind.DECIMAL: _of_numbers,
    Kind.FIGURE: _of_figures,
    Kind.TEXT: _of_text,
    Kind.CODE: _of_text,
}


def _is_mostly(shape: Shape, *, low: float, high: float) -> bool:
    """Whether nearly all lie where the United Kingdom does."""
    return shape.between(low, high) > 0.95


def _years(shape: Shape) -> float:
    return max(shape.between(1990, 2060), shape.between(199_001, 206_012)) * shape.shares["integer"]
