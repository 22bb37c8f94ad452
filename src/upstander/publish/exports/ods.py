"""A workbook as ODS, written out as it is: five parts, nothing computed, no names of people or machines.

Source: OASIS, Open Document Format for Office Applications 1.3 (2021), parts 2 and 3.
"""

from collections.abc import Iterator
from html import escape

from upstander.publish.exports.packing import zipped
from upstander.publish.exports.workbook import COVER_WIDTH, Cell, Sheet, Workbook

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
_SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
    'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" '
    'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.3"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MANIFEST = (
    f'{_HEAD}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
    f'manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:media-type="{MIMETYPE}"/>'
    + "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>'
        for name in ("content.xml", "styles.xml", "meta.xml")
    )
    + "</manifest:manifest>"
)
_STYLES = (
    '<office:styles><style:default-style style:family="table-cell"><style:text-properties style:font-name="Arial" '
    'fo:font-size="12pt" fo:language="en" fo:country="GB"/></style:default-style>'
    '<style:style style:name="Default" style:family="table-cell"/>'
    '<style:style style:name="Heading_20_1" style:display-name="Heading 1" style:family="table-cell" '
    'style:parent-style-name="Default"><style:text-properties fo:font-size="16pt" fo:font-weight="bold"/>'
    "</style:style></office:styles>"
)
_FONTS = (
    '<office:font-face-decls><style:font-face style:name="Arial" svg:font-family="Arial" '
    'style:font-family-generic="swiss"/></office:font-face-decls>'
)
_CELL_STYLES = (
    '<number:number-style style:name="whole"><number:number number:decimal-places="0" number:min-integer-digits="1" '
    'number:grouping="true"/></number:number-style>'
    '<style:style style:name="page" style:family="table" style:master-page-name="Default"/>'
    + "".join(
        f'<style:style style:name="{name}" style:family="table-cell" style:parent-style-name="Default"{data}>'
        f'<style:table-cell-properties style:vertical-align="top"{cell}/>{inner}</style:style>'
        for name, data, cell, inner in (
            ("line", "", "", ""),
            ("wrapped", "", ' fo:wrap-option="wrap"', ""),
            ("right", "", "", '<style:paragraph-properties fo:text-align="end"/>'),
            ("whole-number", ' style:data-style-name="whole"', "", ""),
            ("heading", "", ' fo:wrap-option="wrap"', '<style:text-properties fo:font-weight="bold"/>'),
        )
    )
)


def ods(workbook: Workbook) -> bytes:
    """The bytes; equal workbooks give equal bytes."""
    parts = {
        "mimetype": MIMETYPE,
        "content.xml": _content(workbook),
        "styles.xml": _styles(workbook),
        "meta.xml": _meta(workbook),
        "META-INF/manifest.xml": _MANIFEST,
    }
    return zipped({name: text.encode() for name, text in parts.items()}, stored=frozenset({"mimetype"}))


def _meta(workbook: Workbook) -> str:
    return (
        f"{_HEAD}<office:document-meta {_SPACES}><office:meta><dc:title>{escape(workbook.title)}</dc:title>"
        f"<dc:language>en-GB</dc:language><dc:date>{workbook.made_on.isoformat()}T00:00:00</dc:date>"
        "</office:meta></office:document-meta>"
    )


def _styles(workbook: Workbook) -> str:
    """The printed page: A4, the footer at its foot with the page's number."""
    return (
        f"{_HEAD}<office:document-styles {_SPACES}>{_FONTS}{_STYLES}<office:automatic-styles>"
        '<style:page-layout style:name="a4"><style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm" '
        'fo:margin="1.5cm" style:scale-to-X="1"/><style:footer-style/></style:page-layout></office:automatic-styles>'
        '<office:master-styles><style:master-page style:name="Default" style:page-layout-name="a4"><style:footer>'
        f"<text:p>{escape(workbook.footer)}</text:p><text:p>Page <text:page-number>1</text:page-number></text:p>"
        "</style:footer></style:master-page></office:master-styles></office:document-styles>"
    )


def _content(workbook: Workbook) -> str:
    widths = sorted({width for sheet in workbook.sheets for width in _widths(sheet)})
    columns = "".join(
        f'<style:style style:name="wide-{width}" style:family="table-column"><style:table-column-properties '
        f'style:column-width="{width * 0.24:.2f}cm"/></style:style>'
        for width in widths
    )
    sheets = "".join("".join(_sheet(sheet)) for sheet in workbook.sheets)
    ranges = "".join(_range(number, sheet) for number, sheet in enumerate(workbook.sheets) if sheet.columns)
    return (
        f"{_HEAD}<office:document-content {_SPACES}>{_FONTS}<office:automatic-styles>{columns}{_CELL_STYLES}"
        f"</office:automatic-styles><office:body><office:spreadsheet>{sheets}<table:database-ranges>{ranges}"
        "</table:database-ranges></office:spreadsheet></office:body></office:document-content>"
    )


def _widths(sheet: Sheet) -> tuple[int, ...]:
    return tuple(column.width for column in sheet.columns) or (COVER_WIDTH,)


def _range(number: int, sheet: Sheet) -> str:
    """Marks the table of a worksheet as one, with its headings."""
    top = len(sheet.lines) + 1
    last = f"{_letters(len(sheet.columns) - 1)}{top + len(sheet.rows)}"
    return (
        f'<table:database-range table:name="data_{number}" table:contains-header="true" '
        f'table:target-range-address="{sheet.name}.A{top}:{sheet.name}.{last}"/>'
    )


def _sheet(sheet: Sheet) -> Iterator[str]:
    yield f'<table:table table:name="{sheet.name}" table:style-name="page">'
    yield from (f'<table:table-column table:style-name="wide-{width}"/>' for width in _widths(sheet))
    for place, line in enumerate(sheet.lines):
        look = "Heading_20_1" if place == 0 else "line" if sheet.columns else "wrapped"
        yield f"<table:table-row>{_text(line, look)}</table:table-row>"
    if sheet.columns:
        headings = "".join(_text(column.heading, "heading") for column in sheet.columns)
        yield f"<table:table-row>{headings}</table:table-row>"
    numeric = [column.has_numbers for column in sheet.columns]
    for row in sheet.rows:
        cells = (
            _cell(cell, has_numbers=has_numbers, is_link=sheet.links and place == 0)
            for place, (cell, has_numbers) in enumerate(zip(row, numeric, strict=True))
        )
        yield f"<table:table-row>{''.join(cells)}</table:table-row>"
    yield "</table:table>"


def _cell(cell: Cell, *, has_numbers: bool, is_link: bool) -> str:
    if isinstance(cell, str):
        return _text(cell, "right" if has_numbers else "wrapped", link=f"#{cell}.A1" if is_link else "")
    is_whole = cell == int(cell)
    look, said = ("whole-number", f"{cell:,.0f}") if is_whole else ("line", repr(cell))
    return (
        f'<table:table-cell table:style-name="{look}" office:value-type="float" office:value="{cell!r}">'
        f"<text:p>{said}</text:p></table:table-cell>"
    )


def _text(text: str, look: str, link: str = "") -> str:
    said = escape(text)
    if link:
        said = f'<text:a xlink:type="simple" xlink:href="{escape(link)}">{said}</text:a>'
    return (
        f'<table:table-cell table:style-name="{look}" office:value-type="string"><text:p>{said}</text:p>'
        "</table:table-cell>"
    )


def _letters(index: int) -> str:
    """A column's letters, from 0 = A."""
    first, last = divmod(index, 26)
    return ("" if not first else _letters(first - 1)) + chr(ord("A") + last)
