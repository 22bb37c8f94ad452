"""How official files name their columns, and which layer of areas each column belongs to.

The ONS writes LSOA11CD, LSOA11NM, LAD22CD; other publishers of the same data write lsoa21_code, lsoa21_name.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_CODE = re.compile(r"([a-z]+)(\d{2})_?(?:cd|code)", re.IGNORECASE)
_NAME = re.compile(r"([a-z]+)(\d{2})_?(?:nm|name)", re.IGNORECASE)
_OUR_WORD = {"wd": "ward", "lad": "ltla", "ctyua": "utla"}
EXPECTED_COLUMNS = "columns such as LSOA21CD and LSOA21NM, or lsoa21_code and lsoa21_name"


@dataclass(frozen=True)
class LayerColumns:
    """The columns that hold a layer's codes and, where there is one, its names."""

    code: str
    name: str | None


def layer_columns(columns: Iterable[str]) -> dict[str, LayerColumns]:
    """The layers a file speaks of, in the order of its columns: {"lsoa21": LayerColumns("LSOA21CD", "LSOA21NM")}."""
    present = list(columns)
    names = {_layer(found): column for column in present if (found := _NAME.fullmatch(column))}
    codes = {_layer(found): column for column in present if (found := _CODE.fullmatch(column))}
    return {layer: LayerColumns(code, names.get(layer)) for layer, code in codes.items()}


def _layer(found: re.Match[str]) -> str:
    kind = found[1].lower()
    return _OUR_WORD.get(kind, kind) + found[2]
