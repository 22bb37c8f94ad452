"""What careless or curious hands leave in a workbook, one thing each, put into the files of a recipient's copy."""

from collections.abc import Callable

from publish.evil import added, swapped

TABLE, CONTENTS, TEXTS = "xl/worksheets/sheet4.xml", "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml"
Plants = dict[str, Callable[[dict[str, bytes]], None]]

XLSX_PLANTS: Plants = {
    "hidden sheet": swapped("xl/workbook.xml", '<sheet name="Table_1"', '<sheet state="hidden" name="Table_1"'),
    "very hidden sheet": swapped("xl/workbook.xml", '<sheet name="Notes"', '<sheet state="veryHidden" name="Notes"'),
    "hidden row": swapped(TABLE, '<row r="7"', '<row hidden="1" r="7"'),
    "row without height": swapped(TABLE, '<row r="7"', '<row ht="0" customHeight="1" r="7"'),
    "hidden column": swapped(TABLE, '<col min="2"', '<col hidden="1" min="2"'),
    "column without width": swapped(TABLE, 'width="12', 'width="0.1" style="0'),
    "comment": added("xl/comments1.xml"),
    "threaded comment": added("xl/threadedComments/threadedComment1.xml"),
    "formula": swapped(TABLE, "<v>1240</v>", "<f>1240</f><v>1240</v>"),
    "author": swapped("docProps/core.xml", "<dc:creator>", "<dc:creator>J. Analyst"),
    "last editor": swapped("docProps/core.xml", "<cp:lastModifiedBy>", "<cp:lastModifiedBy>J. Analyst"),
    "description": swapped("docProps/core.xml", "<dc:creator>", "<dc:description>draft</dc:description><dc:creator>"),
    "company": swapped("docProps/app.xml", "<Company>", "<Company>Wharram Police"),
    "manager": swapped("docProps/app.xml", "<Company>", "<Manager>S. Boss</Manager><Company>"),
    "own property": added("docProps/custom.xml"),
    "link out": swapped(CONTENTS, "<hyperlink ref", '<hyperlink r:id="rId9" ref'),
    "tip of a link": swapped(CONTENTS, "<hyperlink ref", '<hyperlink tooltip="9 in Weir Gate" ref'),
    "relation out": swapped(
        "_rels/.rels", 'Target="xl/workbook.xml"', 'TargetMode="External" Target="xl/workbook.xml"'
    ),
    "external workbook": added("xl/externalLinks/externalLink1.xml"),
    "name": swapped(
        "xl/workbook.xml", "<calcPr", '<definedNames><definedName name="x">1</definedName></definedNames><calcPr'
    ),
    "pivot cache": added("xl/pivotCache/pivotCacheRecords1.xml"),
    "macro": added("xl/vbaProject.bin"),
    "custom XML": added("customXml/item1.xml"),
    "picture": added("xl/media/image1.png"),
    "embedded object": added("xl/embeddings/oleObject1.bin"),
    "printer settings": added("xl/printerSettings/printerSettings1.bin"),
    "other theme": swapped("xl/theme/theme1.xml", "Office", "Rows of the extract"),
    "text no cell shows": swapped(TEXTS, "</sst>", "<si><t>left over</t></si></sst>"),
    "spoken text": swapped(TEXTS, "</t></si>", '</t><rPh sb="0" eb="1"><t>left over</t></rPh></si>'),
    "white on white": swapped("xl/styles.xml", '<color theme="1"/>', '<color theme="0"/>'),
    "condition that hides": swapped(TABLE, "<pageMargins", '<conditionalFormatting sqref="A1"/><pageMargins'),
    "list to choose from": swapped(TABLE, "<pageMargins", "<dataValidations/><pageMargins"),
    "merged cells": swapped(TABLE, "<pageMargins", "<mergeCells/><pageMargins"),
    "comment in the XML": swapped("xl/workbook.xml", "<calcPr", "<!-- left over --><calcPr"),
    "cell far away": swapped(TABLE, "</sheetData>", '<row r="900"><c r="ZZ900"><v>3</v></c></row></sheetData>'),
    "another number": swapped(TABLE, "<v>1240</v>", "<v>1239</v>"),
    "another text": swapped(TEXTS, "Weir Gate", "Weir Gates"),
    "a text as a number": swapped(TEXTS, "[c]", "3"),
    "footer of another copy": swapped(TABLE, "Copy 0042", "Copy 0041"),
    "no footer": swapped("xl/worksheets/sheet5.xml", "Copy 0042", ""),
}

ODS_PLANTS: Plants = {
    "hidden sheet": swapped(
        "content.xml",
        '<style:style style:name="page" style:family="table" style:master-page-name="Default"/>',
        '<style:style style:name="page" style:family="table" style:master-page-name="Default">'
        '<style:table-properties table:display="false"/></style:style>',
    ),
    "hidden row": swapped("content.xml", "<table:table-row>", '<table:table-row table:visibility="collapse">'),
    "filtered row": swapped("content.xml", "<table:table-row>", '<table:table-row table:visibility="filter">'),
    "hidden column": swapped("content.xml", "<table:table-column ", '<table:table-column table:visibility="collapse" '),
    "column without width": swapped("content.xml", 'column-width="2.88cm', 'column-width="0.01cm'),
    "comment": swapped(
        "content.xml", "<text:p>Table 1", "<office:annotation><text:p>3</text:p></office:annotation><text:p>Table 1"
    ),
    "formula": swapped("content.xml", 'office:value="1240.0"', 'table:formula="of:=1240" office:value="1240.0"'),
    "author": swapped("meta.xml", "<dc:title>", "<dc:creator>J. Analyst</dc:creator><dc:title>"),
    "link out": swapped("content.xml", 'xlink:href="#Notes.A1"', 'xlink:href="https://example.invalid/"'),
    "picture": added("Pictures/1.png"),
    "macro": added("Basic/script-lb.xml"),
    "settings": added("settings.xml"),
    "object": added("Object 1/content.xml"),
    "shown number that is not held": swapped("content.xml", "<text:p>1,240</text:p>", "<text:p>1,250</text:p>"),
    "held number that is not shown": swapped("content.xml", 'office:value="1240.0"', 'office:value="1239.0"'),
    "another number": swapped(
        "content.xml", 'office:value="1240.0"><text:p>1,240', 'office:value="1239.0"><text:p>1,239'
    ),
    "another text": swapped("content.xml", "Weir Gate", "Weir Gates"),
    "a sheet more": swapped(
        "content.xml", "<table:database-ranges>", '<table:table table:name="x"/><table:database-ranges>'
    ),
    "a cell more": swapped(
        "content.xml",
        "</table:table-row></table:table>",
        '<table:table-cell office:value-type="float" office:value="3"><text:p>3</text:p></table:table-cell>'
        "</table:table-row></table:table>",
    ),
    "footer of another copy": swapped("styles.xml", "Copy 0042", "Copy 0041"),
    "comment in the XML": swapped("content.xml", "<office:body>", "<!-- left over --><office:body>"),
}
