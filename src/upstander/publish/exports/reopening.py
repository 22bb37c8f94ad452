"""What is hidden or live in a workbook's bytes, found by opening them as a stranger would.

Whatever `plain_workbooks.toml` does not list is a fault: a comment, formula, drawing, link, name, macro, pivot, filter,
or anything that a later format may add.
"""

import hashlib
import io
import re
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

_NAMELESS = {"creator", "lastModifiedBy", "Company"}  # these may stand there, empty
_THEME = "75104b2164c20dab2578383d827deac3a7eec077c3f7c99a4099a551fdebb134"  # of XlsxWriter
_PAPER = {"theme": "0", "indexed": "9"}  # how a font's colour says white


@dataclass(frozen=True)
class _Plain:
    """What one format's plain workbook may consist of."""

    parts: re.Pattern[str]
    elements: frozenset[str]
    attributes: frozenset[str]


@cache
def _plain(kind: str) -> _Plain:
    listed = tomllib.loads((Path(__file__).parent / "plain_workbooks.toml").read_text("utf-8"))[kind]
    return _Plain(re.compile("|".join(listed["parts"])), frozenset(listed["elements"]), frozenset(listed["attributes"]))


def faults(content: bytes) -> tuple[str, ...]:
    """Each thing in an XLSX or ODS that a plain workbook has not, as `part: what`. Empty: nothing hidden or live."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return tuple(dict.fromkeys(_archive_faults(archive, content)))
    except (zipfile.BadZipFile, ET.ParseError, ValueError, KeyError) as why:
        return (f"it cannot be opened: {type(why).__name__}",)


def footers(content: bytes) -> list[str]:
    """What stands at the foot of the printed pages: of each worksheet in XLSX, of the one page style in ODS.

    In XLSX an ampersand is written twice, and an underscore that could begin a code as _x005F_.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml|styles\.xml", name)]
        trees = [_parsed(archive.read(name)) for name in sorted(parts)]
    found = [node for tree in trees for node in tree.iter() if _local(node.tag) in {"oddFooter", "footer"}]
    return ["".join(node.itertext()).replace("&&", "&").replace("_x005F_", "_") for node in found]


def _archive_faults(archive: zipfile.ZipFile, content: bytes) -> Iterator[str]:
    names = archive.namelist()
    kind = "ods" if "mimetype" in names else "xlsx"
    plain = _plain(kind)
    entries = archive.infolist()
    # Each part has a header of 30 bytes, an entry of 46 in the list and its name in both; the list ends with 22.
    accounted = 22 + sum(76 + 2 * len(entry.filename.encode()) + entry.compress_size for entry in entries)
    if accounted != len(content) or len(set(names)) < len(names):
        yield "archive: bytes beside its parts, or a part twice"
    if kind == "ods" and (names[0] != "mimetype" or entries[0].compress_type != zipfile.ZIP_STORED):
        yield "mimetype: not first, or not stored as it is"
    for name in names:
        if not plain.parts.fullmatch(name):
            yield f"{name}: a part that no plain workbook has"
        elif name == "xl/theme/theme1.xml" and hashlib.sha256(archive.read(name)).hexdigest() != _THEME:
            yield f"{name}: not the theme that every workbook of ours has"
        elif name not in {"mimetype", "xl/theme/theme1.xml"}:
            yield from (f"{name}: {what}" for what in _part_faults(archive.read(name), plain))
    if kind == "xlsx":
        yield from _unused_texts(archive)


def _part_faults(content: bytes, plain: _Plain) -> Iterator[str]:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"<!--" in content or b"<?" in content[2:]:
        yield "a declaration or comment"
        return
    for node in _parsed(content).iter():
        tag = _local(node.tag)
        if tag not in plain.elements:
            yield f"the element {tag}"
        elif tag in _NAMELESS and node.text:
            yield f"a name under {tag}"
        elif tag == "table-cell" and _says_another_number(node):
            yield "a cell whose text is not its number"
        for key, value in node.attrib.items():
            yield from _attribute_faults(tag, _local(key), value, plain)


def _attribute_faults(tag: str, name: str, value: str, plain: _Plain) -> Iterator[str]:
    if name not in plain.attributes:
        yield f"{tag} with {name}"
    elif (tag, name) == ("hyperlink", "id") or (name == "href" and not value.startswith("#")):
        yield "a link that leads out"
    elif (name in {"width", "ht", "column-width", "font-size", "val"} and _is_tiny(value)) or (
        tag == "color" and _PAPER.get(name) == value
    ):
        yield f"{tag} that cannot be seen, by {name}"


def _says_another_number(cell: ET.Element) -> bool:
    """Whether a cell of an ODS shows one number and holds another."""
    held = next((value for key, value in cell.attrib.items() if _local(key) == "value"), None)
    return held is not None and float(held) != float("".join(cell.itertext()).replace(",", ""))


def _is_tiny(value: str) -> bool:
    """Whether a size is too small to read; what is no size is not."""
    found = re.match(r"-?\d*\.?\d+", value)
    return found is not None and float(found[0]) < 1


def _unused_texts(archive: zipfile.ZipFile) -> Iterator[str]:
    """Shared texts that no cell shows still lie in the file."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return
    held = sum(_local(node.tag) == "si" for node in _parsed(archive.read("xl/sharedStrings.xml")).iter())
    sheets = [archive.read(name) for name in archive.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)]
    cells = [node for sheet in sheets for node in _parsed(sheet).iter() if _local(node.tag) == "c"]
    used = {node.findtext("{*}v") for node in cells if node.get("t") == "s"}
    if len(used) != held:
        yield "xl/sharedStrings.xml: a text that no cell shows"


def _parsed(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314 - our own bytes; a part with an entity was refused before


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]
