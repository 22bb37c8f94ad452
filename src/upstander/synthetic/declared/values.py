"""What stands in each column of a row, by what its declaration says: kind, codes, example, what it becomes."""

import re
from collections.abc import Callable

import numpy as np
import polars as pl

from upstander.contracts.codes import CodeList, code_list, code_map
from upstander.contracts.dataset import Column, Kind
from upstander.synthetic.chance import Indices, Numbers, pick, stream
from upstander.synthetic.declared.layouts import Layout, precision
from upstander.synthetic.declared.pool import Pool, numbered
from upstander.synthetic.declared.spells import claims
from upstander.synthetic.names import STREETS

_LAST_RESORTS = {"unknown": 0.03, "not_known": 0.03, "not_asked": 0.0, "withheld": 0.0, "undetermined": 0.01}
_UNEVEN = 0.9  # the n-th code is n^-0.9 times as frequent as the first
_BLANK = 0.06  # of optional cells
_NO_PLACE, _PART_OF_POSTCODE, _AREA_STATED = 0.03, 0.03, 0.4
_WRITTEN_OTHERWISE = 0.02  # names with a slip of the pen
_NO_NUMBER = 0.08
_POLICE_SEX = {"F": "female", "M": "male"}
_TIMES = {"minute": "%Y-%m-%d %H:%M", "day": "%Y-%m-%d", "month": "%Y-%m-%d"}
_KNOWN_FROM_PERSON = ("surname", "forename", "dob")
_NEVER_BLANK = (*_KNOWN_FROM_PERSON, "postcode", "area_code", "easting", "northing")


def written(layout: Layout, rows: pl.DataFrame, pool: Pool, *, seed: int) -> pl.DataFrame:
    """The rows with one text column for each contract column of the layout (null where it is blank), and the truth
    columns place (whole, part, none), area_code_true, is_misspelt. rows also hold `seen_on`, when the file was made.
    """
    rng = stream(seed, f"values of {layout.name}")
    where = rng.random(rows.height)
    place = np.select([where < _NO_PLACE, where < _NO_PLACE + _PART_OF_POSTCODE], ["none", "part"], "whole")
    told = rows.with_columns(
        pl.Series("place", place),
        pl.Series("is_misspelt", claims(rng, rows.height, _WRITTEN_OTHERWISE)),
        pool.land.areas["code"][pool.postcodes.area].gather(rows["unit"]).alias("area_code_true"),
    )
    if not _has(layout, "surname"):
        told = told.with_columns(is_misspelt=pl.lit(value=False))
    if not _has(layout, "postcode"):
        told = told.with_columns(place=pl.lit("none"))
    texts = [_column(rng, layout, column, told, pool).alias(f"sent.{column.name}") for column in layout.columns]
    return _ends_say_nothing_yet(layout, told.with_columns(texts))


def _has(layout: Layout, name: str) -> bool:
    return name in layout.headings


def _column(rng: np.random.Generator, layout: Layout, column: Column, rows: pl.DataFrame, pool: Pool) -> pl.Series:
    text = _filled(rng, layout, column, rows, pool)
    if column.required or column.name in _NEVER_BLANK or column.name in rows.columns:
        return text
    rate = _NO_NUMBER if column.name == "nhs_number" else 0.0 if column.name.endswith("_ref") else _BLANK
    return pl.select(pl.when(pl.Series(~claims(rng, rows.height, rate))).then(text)).to_series()


def _filled(rng: np.random.Generator, layout: Layout, column: Column, rows: pl.DataFrame, pool: Pool) -> pl.Series:
    if column.name in rows.columns:
        return _time(layout, column, rows)
    of_person = _of_person(rng, layout, column, rows, pool)
    if of_person is not None:
        return of_person
    of_place = _of_place(rng, column, rows, pool)
    if of_place is not None:
        return of_place
    if column.codes is not None:
        return _code(rng, column.codes, column.example, rows.height, pool.seed)
    if column.kind in (Kind.INTEGER, Kind.DECIMAL):
        return _measure(rng, column, rows.height)
    return _text(rng, column, rows)


def _time(layout: Layout, column: Column, rows: pl.DataFrame) -> pl.Series:
    """A time as the agency writes it, null where it had not come when the file was made and may be left out."""
    pattern = layout.formats.get(column.name, _TIMES[precision(column)])
    said = pl.col(column.name).dt.strftime(pattern)
    has_come = pl.col(column.name) < pl.col("seen_on").cast(pl.Datetime("us"))
    return rows.select(said if column.required else pl.when(has_come).then(said)).to_series()


def _ends_say_nothing_yet(layout: Layout, rows: pl.DataFrame) -> pl.DataFrame:
    """Codes that tell how a spell ended are blank where it goes on."""
    ends = layout.contract.event_times[0].ends
    if ends == layout.contract.event_times[0].starts or f"sent.{ends}" not in rows.columns:
        return rows
    telling = [column.name for column in layout.columns if column.codes is not None and _tells_of_end(column)]
    return rows.with_columns(
        pl.when(pl.col(f"sent.{ends}").is_not_null()).then(pl.col(f"sent.{name}")).alias(f"sent.{name}")
        for name in telling
    )


def _tells_of_end(column: Column) -> bool:
    return not column.required and re.search(r"\bended\b|\bcame off\b", column.means) is not None


def _of_person(
    rng: np.random.Generator, layout: Layout, column: Column, rows: pl.DataFrame, pool: Pool
) -> pl.Series | None:
    """What follows from who the row is about; None where the column does not."""
    person, people = rows["person"], pool.people
    made: dict[str, Callable[[], pl.Series]] = {
        "surname": lambda: _surname(rows["is_misspelt"], people["surname"].gather(person)),
        "forename": lambda: people["forename"].gather(person),
        "dob": lambda: people["dob"].gather(person).dt.strftime(layout.formats.get("dob", _TIMES["day"])),
        "age": lambda: _age(layout, rows, people["dob"].gather(person)),
        "nhs_number": lambda: _spaced(rng, pool.nhs.gather(person)),
    }
    if column.name in made:
        return made[column.name]()
    if "person_token" in column.becomes and column.name.endswith("_ref"):
        return pool.numbers(layout.contract.sent_by, column.example).gather(person)
    if column.codes is not None and "sex" in column.becomes:
        return people["sex"].replace(_classed(column.codes, "sex", _POLICE_SEX)).gather(person)
    if column.codes is not None and "ethnic_group" in column.becomes:
        return people["ethnicity"].replace(_ethnicities(column.codes)).gather(person)
    return None


def _surname(is_misspelt: pl.Series, right: pl.Series) -> pl.Series:
    """The surname, its last letter doubled where a pen slipped."""
    sent = pl.DataFrame({"slip": is_misspelt, "right": right})
    doubled = pl.concat_str("right", pl.col("right").str.slice(-1))
    return sent.select(pl.when("slip").then(doubled).otherwise("right")).to_series()


def _age(layout: Layout, rows: pl.DataFrame, born: pl.Series) -> pl.Series:
    """Completed years on the day on which the row starts."""
    day = pl.col(layout.contract.event_times[0].starts)
    birthday = born.dt.strftime("%m%d")
    had = day.dt.strftime("%m%d") >= birthday
    return rows.select((day.dt.year() - born.dt.year() - (~had).cast(pl.Int32)).cast(pl.String)).to_series()


def _spaced(rng: np.random.Generator, numbers: pl.Series) -> pl.Series:
    """Half of them in groups of 3, 3 and 4, as people write them."""
    grouped = pl.concat_str(numbers.str.slice(0, 3), numbers.str.slice(3, 3), numbers.str.slice(6), separator=" ")
    return pl.select(pl.when(pl.Series(claims(rng, len(numbers), 0.5))).then(grouped).otherwise(numbers)).to_series()


def _of_place(rng: np.random.Generator, column: Column, rows: pl.DataFrame, pool: Pool) -> pl.Series | None:
    """What follows from where the row lies; None where the column does not."""
    whole, unit = pl.col("place") == "whole", rows["unit"]
    match column.name:
        case "postcode":
            parts = {"whole": pool.postcodes.units.gather(unit), "part": pool.postcodes.sectors.gather(unit)}
            cases = [pl.when(pl.col("place") == place).then(text) for place, text in parts.items()]
            return rows.select(pl.coalesce(cases)).to_series()
        case "area_code":
            stated = pl.Series(claims(rng, rows.height, _AREA_STATED))
            return rows.select(pl.when(whole & stated).then("area_code_true")).to_series()
        case "easting" | "northing":
            axis = pool.postcodes.points[:, 0 if column.name == "easting" else 1].astype(np.int64)
            metres = pl.Series(axis).gather(unit).cast(pl.String)
            return rows.select(pl.when(whole).then(metres)).to_series()
    return None


def _code(rng: np.random.Generator, codes: CodeList, example: str, size: int, seed: int) -> pl.Series:
    """Codes of the list at uneven rates: the example of the declaration first, the rest as the seed decides."""
    choices, weights = code_weights(codes, example, seed)
    return pl.Series(choices, dtype=pl.String).gather(pick(rng, weights, size))


def code_weights(codes: CodeList, example: str, seed: int) -> tuple[list[str], Numbers]:
    """The codes that mean something for this dataset, and how often each comes; none that a map excludes."""
    excluded = code_map(codes.name).excluded
    usual = [code for code in own_codes(codes) if code not in excluded and code not in _LAST_RESORTS]
    order = stream(seed, f"order of {codes.name}").permutation(len(usual))
    ranked = sorted(usual, key=dict(zip((usual[one] for one in order), range(len(usual)), strict=True)).__getitem__)
    ranked.sort(key=lambda code: code != example)
    weights = np.arange(1, len(ranked) + 1) ** -_UNEVEN
    rest = [code for code in own_codes(codes) if code in _LAST_RESORTS and code not in excluded]
    return [*ranked, *rest], np.concatenate([weights / weights.sum(), [_LAST_RESORTS[code] for code in rest]])


def own_codes(codes: CodeList) -> list[str]:
    """The codes of the list itself, or of the first that it joins where it has none of its own."""
    joined = {code for name in codes.joins for code in code_list(name).meanings}
    own = [code for code in codes.meanings if code not in joined]
    return own or (own_codes(code_list(codes.joins[0])) if codes.joins else [])


def _classed(codes: CodeList, into: str, classes: dict[str, str]) -> dict[str, str]:
    """For each key the code of the list that means its class."""
    rows = code_map(codes.name).rows
    found = {rows[code][into]: code for code in reversed(own_codes(codes)) if into in rows.get(code, {})}
    return {key: found[name] for key, name in classes.items() if name in found}


def _ethnicities(codes: CodeList) -> dict[str, str]:
    """The list's code for each of the police's: the same one, else one of the same group of the five."""
    own, rows = own_codes(codes), code_map(codes.name).rows
    theirs = code_map("ethnicity_police").rows
    found: dict[str, str] = {}
    for group in sorted({row["ethnic_group"] for row in theirs.values() if "ethnic_group" in row}):
        here = [code for code in own if rows.get(code, {}).get("ethnic_group") == group]
        same = [code for code, row in theirs.items() if row.get("ethnic_group") == group]
        if here:
            found |= {code: code if code in own else here[at % len(here)] for at, code in enumerate(same)}
    return found


def _measure(rng: np.random.Generator, column: Column, size: int) -> pl.Series:
    """Numbers about as big as the example; a required count is at least one."""
    usual = float(column.example)
    if column.kind is Kind.DECIMAL:
        return pl.Series(np.round(usual * np.exp(rng.normal(0, 0.5, size)), 1)).cast(pl.String)
    least = 1 if column.required and usual >= 1 else 0
    counts: Indices = least + rng.poisson(max(usual - least, 0.3), size)
    return pl.Series(counts).cast(pl.String)


def _text(rng: np.random.Generator, column: Column, rows: pl.DataFrame) -> pl.Series:
    """A number of the row's own, an invented place in words, or what the example shows.

    An example whose digits are all 0 stands for numbers nobody has: they are filled from 900001, beyond those in use.
    """
    if "incident_token" in column.becomes:
        return numbered(column.example, rows["number"])
    if column.free_text:
        street = pl.Series(STREETS).gather(rng.integers(0, len(STREETS), rows.height))
        return "near " + street
    digits = re.sub(r"\D", "", column.example)
    if digits and not digits.strip("0"):
        few = pl.Series(int("9".ljust(len(digits), "0")) + rng.integers(1, 40, rows.height))
        return numbered(column.example, few)
    return pl.Series([column.example]).new_from_index(0, rows.height)
