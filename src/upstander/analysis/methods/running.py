"""Running a declared method: frames and words are checked against the declaration first, then computed."""

from collections.abc import Callable, Mapping

import polars as pl

from upstander.analysis.errors import MissingColumn, WrongType
from upstander.contracts.methods import OTHERS, Method, Param, Result, Type, Value, WantedColumn
from upstander.errors import NotAcceptable, WrongUsage

_ABSENT = ("", "NA", "NULL", "null", "None", "NaN")
_TYPES: Mapping[Type, tuple[pl.DataType, str]] = {
    "integer": (pl.Int64(), "a whole number"),
    "number": (pl.Float64(), "a number"),
    "text": (pl.String(), "text"),
    "date": (pl.Date(), "a date such as 2026-07-04"),
    "datetime": (pl.Datetime("us"), "a local date and time such as 2026-07-04T21:30"),
    "boolean": (pl.Boolean(), "true or false"),
}
_LAYOUTS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f")
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def run(method: Method, frames: Mapping[str, pl.DataFrame], params: Mapping[str, str], *, seed: int) -> Result:
    """Run a method on frames by role, with parameters as a person wrote them.

    frames: columns as text or already typed; others than the declared ones are ignored. Empty, NA and null are absent.
    Raises WrongUsage for a role or parameter the method does not have or cannot take; NotAcceptable (MissingColumn,
    WrongType, TooFewPoints, WrongOrder, UnfitNumbers) for an input that does not fit, with where, found, expected.
    """
    values = _parameters(method, params)
    fitted = _fitted(method, frames, values)
    answer = method.compute(fitted, values, seed)
    return Result(
        method=method.name, version=method.version, parameters=values, source=method.source, seed=seed,
        rows=tuple(answer.rows.select([out.column for out in method.outputs]).to_dicts()),
        summary=dict(answer.summary), warnings=answer.warnings,
    )  # fmt: skip


def _parameters(method: Method, given: Mapping[str, str]) -> dict[str, Value]:
    known = {param.name: param for param in method.params}
    for name in given:
        if name not in known:
            raise WrongUsage(
                f"{method.name} has no parameter '{name}'.",
                where=method.name, found=name, expected=", ".join(known) or "no parameters",
            )  # fmt: skip
    return {
        name: _value(method, param, given[name]) if name in given else param.default for name, param in known.items()
    }


def _value(method: Method, param: Param, text: str) -> Value:
    where, word = f"{method.name}, parameter {param.name}", text.strip()
    try:
        value = _READ[param.type](word)
    except (ValueError, KeyError) as why:
        raise WrongUsage(
            f"{where}: '{text}' is not {_TYPES[param.type][1]}.",
            where=where,
            found=text,
            expected=_TYPES[param.type][1],
        ) from why
    is_low = param.least is not None and not isinstance(value, str) and value < param.least
    is_high = param.most is not None and not isinstance(value, str) and value > param.most
    if is_low or is_high or (param.choices and value not in param.choices):
        raise WrongUsage(f"{where}: {text} is out of bounds.", where=where, found=text, expected=_bounds(param))
    return value


_READ: Mapping[Type, Callable[[str], Value]] = {
    "integer": int, "number": float, "text": str, "date": str, "datetime": str,
    "boolean": lambda word: _TRUTHS[word.lower()],
}  # fmt: skip


def _bounds(param: Param) -> str:
    if param.choices:
        return ", ".join(param.choices)
    return f"{'any' if param.least is None else param.least} to {'any' if param.most is None else param.most}"


def _fitted(method: Method, frames: Mapping[str, pl.DataFrame], values: Mapping[str, Value]) -> dict[str, pl.DataFrame]:
    roles = ", ".join(method.inputs)
    for role in frames:
        if role not in method.inputs:
            raise WrongUsage(f"{method.name} has no input '{role}'.", where=method.name, found=role, expected=roles)
    for role in method.inputs:
        if role not in frames and role not in method.optional_roles:
            raise WrongUsage(
                f"{method.name} needs an input for '{role}'.",
                where=role,
                found="no file",
                expected=f"--input {role}=FILE",
            )
    naming = (each for each in method.params if each.type == "text" and each.default and not each.choices)
    headings = {param.name: str(values[param.name]) for param in naming}
    return {role: _columns(method, role, frames[role], headings) for role in method.inputs if role in frames}


def _columns(method: Method, role: str, frame: pl.DataFrame, headings: Mapping[str, str]) -> pl.DataFrame:
    """The declared columns, typed. A text with a default, named after a column, is the file's own heading for it; a
    number or a choice of that name is not, and the column speaks row by row.
    """
    found: dict[str, pl.Series] = {}
    used: set[str] = set()
    for column in method.inputs[role]:
        if column.name == OTHERS:
            others = [name for name in frame.columns if name and name not in used and name not in found]
            found |= {name: _typed(role, name, frame[name], column).alias(name) for name in others}
            continue
        heading = headings.get(column.name, column.name)
        if column.unnamed and heading not in frame.columns and frame.columns[0] == "":
            heading = ""
        if heading in frame.columns:
            found[column.name] = _typed(role, heading, frame[heading], column)
            used.add(heading)
        elif column.required:
            raise MissingColumn(
                f"{role}: there is no column '{heading}'.",
                where=f"{role}, column {heading}", found=", ".join(frame.columns), expected=heading,
            )  # fmt: skip
    return pl.DataFrame(found)


def _typed(role: str, heading: str, series: pl.Series, wanted: WantedColumn) -> pl.Series:
    if wanted.type == "any":
        return series
    dtype, words = _TYPES[wanted.type]
    given = series
    if series.dtype == pl.String:
        tidy = series.str.strip_chars()
        given = tidy.set(tidy.is_in(_ABSENT), None)
    elif series.dtype.is_float():
        given = series.fill_nan(None)
    typed = _cast(given, wanted.type, dtype)
    lost = typed.is_null() & given.is_not_null()
    if lost.any():
        row = int(lost.arg_true()[0]) + 1
        # The value is not quoted: a file given by mistake may hold a name there.
        raise WrongType(
            f"{role}, row {row}: {heading} is not {words}.",
            where=f"{role}, row {row}, column {heading}", found=f"something that is not {words}", expected=words,
        )  # fmt: skip
    if wanted.required and not wanted.gaps and typed.null_count():
        row = int(typed.is_null().arg_true()[0]) + 1
        raise NotAcceptable(
            f"{role}, row {row}: {heading} is missing.",
            where=f"{role}, row {row}, column {heading}", found="nothing", expected=words,
        )  # fmt: skip
    return typed.alias(wanted.name)


def _cast(series: pl.Series, kind: Type, dtype: pl.DataType) -> pl.Series:
    """The series as the type, null where a value cannot be read as it."""
    if kind == "datetime":
        return _local_times(series)
    if kind == "boolean" and series.dtype == pl.String:
        return series.str.to_lowercase().replace_strict(_TRUTHS, default=None, return_dtype=pl.Boolean)
    if kind == "date" and series.dtype == pl.String:
        return series.str.to_date("%Y-%m-%d", strict=False)
    if kind == "integer":
        number = series.cast(pl.Float64, strict=False)
        return number.set(number != number.floor(), None).cast(dtype, strict=False)
    return series.cast(dtype, strict=False)


def _local_times(series: pl.Series) -> pl.Series:
    """Local wall-clock times. A date alone is none of them: it would count as midnight."""
    if series.dtype == pl.String:
        text = series.str.replace(" ", "T").to_frame("text")
        readings = [pl.col("text").str.to_datetime(layout, strict=False, time_unit="us") for layout in _LAYOUTS]
        return text.select(pl.coalesce(readings)).to_series()
    if isinstance(series.dtype, pl.Datetime):
        return series.dt.replace_time_zone(None).cast(pl.Datetime("us"))
    return pl.Series([None] * len(series), dtype=pl.Datetime("us"))
