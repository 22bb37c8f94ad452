"""The data dictionary: one page made from the declarations, the code lists and the definitions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from upstander.contracts.catalogue import warehouse_columns
from upstander.contracts.codes import CodeList, code_list, codes_of_family, map_of, shipped, taxonomy
from upstander.contracts.dataset import DatasetContract
from upstander.contracts.definitions import definition_names, load_definition
from upstander.contracts.fates import fate
from upstander.contracts.pages import page


@dataclass(frozen=True)
class CodeLine:
    """One line of a code list as a reader sees it; a family of codes is one line."""

    code: str
    means: str
    classes: tuple[str, ...]
    excluded: str


def dictionary_html(contracts: Iterable[DatasetContract]) -> str:
    """A self-contained HTML page on the datasets given, with every class, code list and definition."""
    shown = list(contracts)
    used = {codes.name: codes for contract in shown for codes in _lists_of(contract)}
    facts: dict[str, Any] = {
        "contracts": shown,
        "fate": fate,
        "stored": warehouse_columns,
        "taxonomies": [taxonomy(name) for name in shipped("taxonomies")],
        "lists": list(used.values()),
        "lines": code_lines,
        "map_of": map_of,
        "definitions": [load_definition(name) for name in definition_names()],
    }
    return page("dictionary.html.j2", facts)


def code_lines(codes: CodeList) -> list[CodeLine]:
    """The lines of a list: its single codes first, then its families, each with its classes or why it is set aside."""
    in_families = {code for pattern, _ in codes.families for code in codes_of_family(pattern)}
    single = [(code, code, means) for code, means in codes.meanings.items() if code not in in_families]
    families = [(pattern, codes_of_family(pattern)[0], means) for pattern, means in codes.families]
    mapped = map_of(codes)
    return [
        CodeLine(
            code=shown,
            means=means,
            classes=tuple(mapped.rows[example][name] for name in mapped.into) if example in mapped.rows else (),
            excluded=mapped.excluded.get(example, ""),
        )
        for shown, example, means in (*single, *families)
    ]


def _lists_of(contract: DatasetContract) -> list[CodeList]:
    """The code lists a contract uses, each joined list before its parts."""
    columns = [column.codes for column in contract.columns if column.codes]
    return [one for codes in columns for one in (codes, *map(code_list, codes.joins))]
