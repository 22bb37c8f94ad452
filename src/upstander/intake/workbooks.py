"""An XLSX workbook as lines of text: values only, one line for each row of one sheet, so that line 12 is row 12.

Nothing in a workbook runs: formulas are not worked out (their last values count), macros, links and declared entities
are refused, and what a person cannot see on the sheet (hidden rows, columns and sheets, comments) waits for a person.
Sources: ECMA-376, Office Open XML, parts 1 and 2; OWASP ASVS 5.0, sections 1.5 and 5.2.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile
from posixpath import dirname, join, normpath
from xml.etree import ElementTree as ET

import polars as pl

from upstander.contracts.readings import Outcome
from upstander.intake.archives import MAGIC, MOST_UNPACKED, Archive
from upstander.intake.errors import FileStopped
from upstander.intake.sources import Source

FAULT_SCHEMA = {"line": pl.Int64, "rule": pl.String, "expected": pl.String}
_MACROS = ("vbaproject.bin", "vbadata.xml")
_MACRO_TYPE = b"macroEnabled"
_UNSEEN = {
    "xl/comments": "There are comments, which may name people.",
    "xl/threadedcomments": "There are comments, which may name people.",
    "xl/pivotcache": "There is a pivot table, which keeps rows of its own that cannot be seen.",
    "xl/externallinks": "There are links to other workbooks.",
    "xl/embeddings": "There are other files embedded in it.",
}
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_ENTITY = re.compile(
    rb"<!(?:DOCTYPE|ENTITY)|^[^<]*\0|^\xfe\xff|^\xff\xfe", re.IGNORECASE
)  # or not in UTF-8, to hide one
_HIDDEN = rb'<(?:\w+:)?%s\s[^>]*\bhidden="(?:1|true)"[^>]*>'
_HIDDEN_COLUMN, _HIDDEN_ROW = re.compile(_HIDDEN % b"col"), re.compile(_HIDDEN % b"row")
_FILLED = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>/]*>')  # a cell that says something
_CELL_END = re.compile(rb"</(?:\w+:)?c>")
_FORMULA, _VALUE = re.compile(rb"<(?:\w+:)?f[\s/>]"), re.compile(rb"<(?:\w+:)?v>[^<]")
_IS_ERROR, _IS_TEXT = re.compile(rb'<(?:\w+:)?c\s[^>]*\bt="e"'), re.compile(rb'<(?:\w+:)?c\s[^>]*\bt="str"')
_FAR_ROWS, _FAR_COLUMNS = 10_000, 200
_WHOLE = 1e15
_SNIFFED = 8
_TEXT, _FAULTS = "sheet.csv", "faults.json"


@dataclass(frozen=True)
class Sheet:
    """One sheet's values as CSV in UTF-8. `faults` (FAULT_SCHEMA) are rows that cannot be read; `holds` say why a
    person must look first, `notes` what to know.
    """

    name: str
    text: bytes
    faults: pl.DataFrame
    holds: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Part:
    """A sheet as the workbook lists it."""

    name: str
    path: str
    is_hidden: bool


def is_workbook(start: bytes) -> bool:
    """Whether a file that starts so is a workbook, or an archive that has to be looked at as one."""
    return start.startswith(MAGIC)


def sheet_of(content: bytes, *, wanted: str | None = None) -> Sheet:
    """The sheet that the map names, else the one with rows that can be seen. Raises FileStopped, with what to do."""
    archive = Archive(content)
    if set(archive.names) == {_TEXT, _FAULTS}:
        faults = pl.read_json(archive.read(_FAULTS), schema=FAULT_SCHEMA)
        return Sheet("", archive.read(_TEXT), faults, (), ())
    parts = _parts(archive)
    holds = _holds_of(archive, parts)
    filled = {part.name: cells for part in parts if not part.is_hidden and (cells := archive.read(part.path))
              and _FILLED.search(cells)}  # fmt: skip
    name = _chosen(filled, wanted)
    if wanted is None and len(filled) > 1:
        # Not by name: a sheet may be called after a person.
        holds.append(f"It could not be told which sheet is meant: {len(filled)} have rows. The first of them was read.")
    markup = filled[name]
    far = _far_outside(markup)
    if far:
        holds.append(f"A cell lies far outside the table, at {far[0]}; it was left out.")
        content = _with_part(archive, next(part.path for part in parts if part.name == name), _without(markup, far))
    holds += _hidden(markup)
    faults, formulas = _faults(markup)
    notes = [f"{formulas:,} cells hold formulas; the values they last had were read."] if formulas else []
    return Sheet(name, _as_csv(_values(content, name)), faults, tuple(holds), tuple(notes))


def sheet_in(source: Source, *, wanted: str | None) -> Sheet | None:
    """The sheet of a source that is a workbook, which then goes on with its text; None for any other file.

    An archive of one text of rows goes on with that text. Raises FileStopped.
    """
    if not is_workbook(source.peek(_SNIFFED)):
        return None
    content = source.whole(MOST_UNPACKED)
    if content is None:
        raise FileStopped(
            Outcome.REFUSE, rule="too large",
            message=f"Refused: the workbook is larger than {MOST_UNPACKED // 1_000_000} MB. Please send CSV.",
        )  # fmt: skip
    archive = Archive(content)
    if (text := archive.only_text) is not None:
        source.read_on(archive.read(text), was_packed=True)
        return None
    sheet = sheet_of(content, wanted=wanted)
    source.read_on(sheet.text)
    return sheet


def repacked(text: bytes, faults: pl.DataFrame) -> bytes:
    """A sheet's text, changed since, as a file that `sheet_of` reads like the workbook it came from."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_TEXT, text)
        archive.writestr(_FAULTS, faults.write_json())
    return out.getvalue()


def _parts(archive: Archive) -> list[_Part]:
    """The sheets of a workbook, by its own relations. Raises FileStopped for an archive that is no workbook."""
    roots = [path for kind, path in _relations(archive, "").values() if kind.endswith("/officeDocument")]
    if not roots or not roots[0].startswith("xl/"):
        raise FileStopped(
            Outcome.REFUSE,
            "This is an archive (ZIP) or a document, and no workbook, nor one CSV file packed. Nothing was loaded. "
            "Please send the rows as CSV.",
            rule="kind of file",
        )
    _refuse_active(archive)
    paths = _relations(archive, roots[0])
    parts = []
    for sheet in _parsed(archive, roots[0]).findall(".//{*}sheet"):
        relation = next((value for key, value in sheet.items() if key.endswith("}id")), "")
        kind, path = paths.get(relation, ("", ""))
        if kind.endswith("/worksheet") and path in archive.names:
            parts.append(_Part(sheet.get("name", ""), path, sheet.get("state", "visible") != "visible"))
    return parts


def _relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """What a part, or the package itself, relates to: id -> (kind, path)."""
    folder = dirname(part)
    listed = join(folder, "_rels", f"{part.rpartition('/')[2]}.rels")
    if listed not in archive.names:
        return {}
    return {
        one.get("Id", ""): (one.get("Type", ""), _resolved(folder, one.get("Target", "")))
        for one in _parsed(archive, listed).iter(_RELATION)
        if one.get("TargetMode") != "External"
    }


def _resolved(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))


def _parsed(archive: Archive, name: str) -> ET.Element:
    content = archive.read(name)
    if _ENTITY.search(content):
        raise _refused("it declares entities, which a table of rows never needs", "entity")
    try:
        return ET.fromstring(content)  # noqa: S314 - what declares anything was refused above
    except ET.ParseError as why:
        raise FileStopped(
            Outcome.FILEQ, "Nothing was loaded: the workbook is damaged. Please save and send it again.",
            rule="damaged archive",
        ) from why  # fmt: skip


def _refuse_active(archive: Archive) -> None:
    lowered = [name.lower() for name in archive.names]
    if any(name.endswith(_MACROS) for name in lowered) or _MACRO_TYPE in archive.read("[Content_Types].xml"):
        raise _refused("it holds a macro, whatever its name says", "macro")
    for name in archive.names:
        content = archive.read(name)  # every part, so that its name and its checksum are compared as well
        if name.endswith((".xml", ".rels")) and _ENTITY.search(content):
            raise _refused("it declares an entity, which a table of rows never needs", "entity")


def _refused(why: str, rule: str) -> FileStopped:
    return FileStopped(
        Outcome.REFUSE, f"Refused: this is a workbook, and {why}. Nothing was opened. Please save it as CSV.", rule=rule
    )


def _holds_of(archive: Archive, parts: Sequence[_Part]) -> list[str]:
    lowered = [name.lower() for name in archive.names]
    said = [why for start, why in _UNSEEN.items() if any(name.startswith(start) for name in lowered)]
    hidden = [part.name for part in parts if part.is_hidden]
    if hidden:
        said.append(f"There are hidden sheets ({len(hidden)}); they were not read.")
    return list(dict.fromkeys(said))


def _chosen(filled: dict[str, bytes], wanted: str | None) -> str:
    if wanted is not None and wanted not in filled:
        raise FileStopped(
            Outcome.FILEQ,
            f"Nothing was loaded: no sheet '{wanted}', as the map has it, can be seen and has rows; {len(filled)} do.",
            rule="which sheet",
        )  # fmt: skip
    if not filled:
        raise FileStopped(Outcome.FILEQ, "Nothing was loaded: no sheet that can be seen has a row.", rule="which sheet")
    return wanted or next(iter(filled))


def _far_outside(markup: bytes) -> list[str]:
    """Cells beyond a wide gap of empty rows or columns, as A1 references: a slip of the hand, or a trap for memory."""
    found = set(_FILLED.findall(markup))
    row = _edge({int(number) for _, number in found}, _FAR_ROWS)
    column = _edge({_column_number(letters) for letters, _ in found}, _FAR_COLUMNS)
    beyond = [(letters, number) for letters, number in found if int(number) > row or _column_number(letters) > column]
    return sorted((letters + number).decode() for letters, number in beyond)


def _edge(taken: set[int], gap: int) -> int:
    """The last of these numbers before one that lies more than `gap` further on."""
    ordered = sorted(taken)
    near = takewhile(lambda pair: pair[1] - pair[0] <= gap, zip([0, *ordered], ordered, strict=False))
    return max((number for _, number in near), default=0)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _without(markup: bytes, references: Sequence[str]) -> bytes:
    """The sheet without these cells."""
    one_of = b"|".join(reference.encode() for reference in references)
    cell = re.compile(rb'<(\w+:)?c\s[^>]*?\br="(?:%b)"[^>/]*>.*?</(?(1)\1)c>' % one_of, re.DOTALL)
    return cell.sub(b"", markup)


def _with_part(archive: Archive, name: str, content: bytes) -> bytes:
    """The workbook with another text for one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as remade:
        for one in archive.names:
            remade.writestr(one, content if one == name else archive.read(one))
    return out.getvalue()


def _hidden(markup: bytes) -> Iterator[str]:
    filled = {_column_number(letters) for letters in {letters for letters, _ in _FILLED.findall(markup)}}
    spans = [_span(tag) for tag in _HIDDEN_COLUMN.findall(markup)]
    columns = sum(any(first <= column <= last for first, last in spans) for column in filled)
    if columns:
        yield f"{columns} of its columns are hidden; they were read."
    if rows := len(_HIDDEN_ROW.findall(markup)):
        yield f"{rows:,} of its rows are hidden, by a filter perhaps; they were read."


def _span(tag: bytes) -> tuple[int, int]:
    ends = [re.search(rb'\b%b="(\d+)"' % name, tag) for name in (b"min", b"max")]
    first, last = (int(end[1]) if end else 0 for end in ends)
    return first, last


def _faults(markup: bytes) -> tuple[pl.DataFrame, int]:
    """Rows with an error or a formula that was never worked out, and how many formulas have a value."""
    if not (_FORMULA.search(markup) or _IS_ERROR.search(markup)):
        return pl.DataFrame(schema=FAULT_SCHEMA), 0
    found: list[tuple[int, str, str]] = []
    formulas = 0
    for cell in _CELL_END.split(markup):
        is_formula, reference = _FORMULA.search(cell), None
        if _IS_ERROR.search(cell):
            reference, rule = _reference(cell), "a cell holds an error such as #REF!"
        elif is_formula and not _VALUE.search(cell) and not _IS_TEXT.search(cell):
            reference, rule = _reference(cell), "a formula was never worked out"
        formulas += is_formula is not None and reference is None
        if reference:
            found.append((int(reference[2]), rule, f"a value in {reference[1].decode()}{reference[2].decode()}"))
    return pl.DataFrame(found, FAULT_SCHEMA, orient="row").unique("line", keep="first", maintain_order=True), formulas


def _reference(cell: bytes) -> "re.Match[bytes] | None":
    *_, last = (None, *_FILLED.finditer(cell))
    return last


def _values(content: bytes, name: str) -> list[list[object]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name)
        return [list(row) for row in sheet.to_python(skip_empty_area=False)]
    except CalamineError as why:
        raise FileStopped(
            Outcome.FILEQ, "Nothing was loaded: the workbook is damaged. Please save and send it again.",
            rule="damaged archive",
        ) from why  # fmt: skip


def _as_csv(rows: list[list[object]]) -> bytes:
    timed = {at for row in rows for at, value in enumerate(row) if isinstance(value, datetime)}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        cells = [_text(value, is_timed=at in timed) for at, value in enumerate(row)]
        if any(cells):
            writer.writerow(cells)
        else:
            out.write("\n")
    return out.getvalue().encode("utf-8", "replace")


def _text(value: object, *, is_timed: bool) -> str:
    """A cell as a person would type it; a day in a column of times is its midnight. A break becomes a blank."""
    if isinstance(value, str):
        return " ".join(value.splitlines()) if "\n" in value or "\r" in value else value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float | int):
        return str(int(value)) if abs(value) < _WHOLE and value == int(value) else repr(value)
    return "" if value is None else _time_text(value, is_timed=is_timed)


def _time_text(value: object, *, is_timed: bool) -> str:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return f"{value:%Y-%m-%d} 00:00" if is_timed else f"{value:%Y-%m-%d}"
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return str(value)


def _moment(value: datetime) -> str:
    whole = (value + timedelta(microseconds=500_000)).replace(microsecond=0)  # a serial number is never quite a second
    return f"{whole:%Y-%m-%d %H:%M}" if whole.second == 0 else f"{whole:%Y-%m-%d %H:%M:%S}"
