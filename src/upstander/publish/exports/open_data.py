"""Tables as open data: one tidy CSV each, what their columns mean as CSVW, and a page in plain words.

Source: RFC 4180; W3C, Metadata Vocabulary for Tabular Data and Model for Tabular Data (2015).
"""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from upstander.contracts.releasing import Edition, Status
from upstander.publish.exports.errors import NotForPublication
from upstander.publish.exports.facts import ExportFacts
from upstander.publish.exports.notes import MEANINGS, about_lines, mark_of, notes_of, table_lines
from upstander.publish.exports.texts import neutralised, plain
from upstander.publish.exports.tidy import NUMBERS, Tidy

METADATA, README = "csv-metadata.json", "README.txt"
_SDMX = "http://purl.org/linked-data/sdmx/2009/"
_STATUSES = "|".join(status.value for status in Status)
_TITLES = {"value": "Value", "low": "Lower limit", "high": "Upper limit"}
_PROPERTIES = {
    "area_code": f"{_SDMX}dimension#refArea",
    "sex": f"{_SDMX}dimension#sex",
    "age_band": f"{_SDMX}dimension#age",
    "value": f"{_SDMX}measure#obsValue",
    "status": f"{_SDMX}attribute#obsStatus",
}
_DATE, _MONTH = r"^\d{4}-\d{2}-\d{2}$", r"^\d{4}-(0[1-9]|1[0-2])$"
_LARGEST_WHOLE = 1e15  # up to here every whole number has its own float


def csv_files(tables: Sequence[Tidy], facts: ExportFacts) -> dict[str, bytes]:
    """A CSV for each table, `csv-metadata.json` and `README.txt`, by file name."""
    files = {f"{table.name}.csv": csv(table) for table in tables}
    return files | {METADATA: metadata(tables, facts), README: readme(tables, facts)}


def refuse_unpublishable(tables: Sequence[Tidy]) -> None:
    """What goes to everyone is marked for everyone: raises NotForPublication for anything else."""
    kept = [table.name for table in tables if not _is_for_everyone(table)]
    if kept:
        raise NotForPublication(
            "These tables are marked for named recipients; nobody else may have them.",
            where=", ".join(kept), expected="the shareable edition, handled as OFFICIAL", state="Nothing was written.",
        )  # fmt: skip


def _is_for_everyone(table: Tidy) -> bool:
    return table.about.edition is Edition.SHAREABLE and table.about.handling == "OFFICIAL"


def csv(table: Tidy) -> bytes:
    """UTF-8 without a mark, lines ended by CR LF, a header; the keys, value, low, high, status. No number: empty."""
    texts = [neutralised(pl.col(name)) for name, _ in table.texts]
    made = io.BytesIO()
    table.frame.select(*texts, *map(_number, NUMBERS), "status").write_csv(made, line_terminator="\r\n")
    return made.getvalue()


def _number(name: str) -> pl.Expr:
    """A number as text: whole ones without a point, others with as many digits as tell them from every other."""
    number = pl.col(name)
    is_whole = (number == number.round(0)) & (number.abs() <= _LARGEST_WHOLE)
    whole = pl.when(is_whole).then(number).cast(pl.Int64).cast(pl.String)
    return pl.when(is_whole).then(whole).otherwise(number.cast(pl.String)).alias(name)


def metadata(tables: Sequence[Tidy], facts: ExportFacts) -> bytes:
    """The group of tables as CSVW: what each column means, who publishes it, under which licence, rules, caveats."""
    told = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en-GB"}],
        "dc:title": plain(facts.title),
        "dc:description": plain(facts.summary or facts.title),
        "dc:publisher": {"schema:name": plain(facts.publisher)},
        "dc:issued": {"@value": facts.made_on.isoformat(), "@type": "xsd:date"},
        "dc:identifier": plain(facts.release),
        **_rights(tables, facts),
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True, "lineTerminators": ["\r\n"]},
        "tables": [_table(table) for table in tables],
    }
    return json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"


def _rights(tables: Sequence[Tidy], facts: ExportFacts) -> dict[str, object]:
    """The licence of what is for everyone; the mark of a copy that is not."""
    mark = mark_of(tables, facts)
    return {"dc:rights": mark} if mark else {"dc:license": {"@id": facts.licence}}


def _table(table: Tidy) -> dict[str, object]:
    about = table.about
    readings = [f"{dataset} of {supplier}, reading {reading}" for dataset, supplier, reading in about.readings]
    notes = {"note": notes_of(about), "source": table_lines(about), "reading": tuple(map(plain, readings))}
    return {
        "url": f"{table.name}.csv",
        "dc:title": plain(about.title),
        "dc:temporal": plain(str(about.period)),
        "notes": [{"dc:type": kind, "dc:description": text} for kind, texts in notes.items() for text in texts],
        "tableSchema": _schema(table),
    }


def _schema(table: Tidy) -> dict[str, object]:
    texts = [_column(name, title, _text_type(table.frame[name]), required=True) for name, title in table.texts]
    numbers = [
        _column(name, _TITLES[name], "number") | {"dc:description": _number_words(table, name)} for name in NUMBERS
    ]
    status = _column("status", "Status", {"base": "string", "format": _STATUSES}, required=True)
    status["dc:description"] = " ".join(f"{one.value}: {MEANINGS[one]}" for one in Status)
    unit = {
        "name": "unit", "titles": "Unit", "virtual": True, "default": plain(table.about.unit) or "number",
        "datatype": "string", "propertyUrl": f"{_SDMX}attribute#unitMeasure",
    }  # fmt: skip
    keys = [key.name for key in table.keys]
    return {"columns": [*texts, *numbers, status, unit]} | ({"primaryKey": keys} if keys else {})


def _column(name: str, title: str, datatype: object, *, required: bool = False) -> dict[str, Any]:
    """A column's description. Its first title is its header, by which a reader finds it."""
    described = {"name": name, "titles": [name, title], "datatype": datatype, "required": required}
    return described | ({"propertyUrl": _PROPERTIES[name]} if name in _PROPERTIES else {})


def _number_words(table: Tidy, name: str) -> str:
    return f"{_TITLES[name]}: {table.value_title}. Empty where no number is given; see status."


def _text_type(texts: pl.Series) -> str:
    """`date` or `gYearMonth` where every text is one, else `string`."""
    if texts.is_empty():
        return "string"
    if texts.str.contains(_DATE).all() and texts.str.to_date("%Y-%m-%d", strict=False).null_count() == 0:
        return "date"
    return "gYearMonth" if texts.str.contains(_MONTH).all() else "string"


def readme(tables: Sequence[Tidy], facts: ExportFacts) -> bytes:
    """What the files hold, in plain words."""
    parts: Mapping[str, Sequence[str]] = {
        "": about_lines(tables, facts),
        "The files": [*(f"{table.name}.csv: {plain(table.about.title)}." for table in tables),
                      f"{METADATA}: what every column means, for programs (CSV on the Web)."],
        "How to read them": _reading_words(),
        "What the status of a row means": [f"{status.value}: {words}" for status, words in MEANINGS.items()],
        **{table.name: [*table_lines(table.about), *notes_of(table.about)] for table in tables},
    }  # fmt: skip
    blocks = (
        "\n".join([heading, "-" * len(heading), *lines] if heading else lines) for heading, lines in parts.items()
    )
    return ("\n\n".join(blocks) + "\n").encode()


def _reading_words() -> list[str]:
    return [
        "Each file has one header line; each further line is one figure. Text is UTF-8, cells are parted by commas,",
        "lines end in CR LF, dates are written 2026-07-31.",
        "A value is empty where no number is given, and the status says why. An empty value is never zero.",
        "Where a text could be taken for a formula, an apostrophe stands before it.",
    ]
