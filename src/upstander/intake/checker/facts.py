"""What the rules need, as JSON values: contract, map, code lists, formats, patterns, limits, sentences."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from upstander.contracts.catalogue import warehouse_columns
from upstander.contracts.codes import CodeList, map_of
from upstander.contracts.dataset import Column, DatasetContract, Shape
from upstander.errors import WrongUsage
from upstander.intake import details, profiling, rules, wholefile
from upstander.intake.archives import MAGIC
from upstander.intake.cells import TOTAL
from upstander.intake.checker.patterns import as_javascript
from upstander.intake.columns import spellings, spells_nothing
from upstander.intake.derive import UNKNOWN
from upstander.intake.header import DELIMITERS
from upstander.intake.limits import LIMITS
from upstander.intake.markers import markers_of
from upstander.intake.reading import WORKBOOKS
from upstander.intake.sentences import catalogue
from upstander.intake.sorting import FORMULA, MIDNIGHT, NAMES, SEXUAL
from upstander.intake.sources import KINDS_REFUSED
from upstander.intake.suppliers import Supplier, contract_of
from upstander.intake.times import precision_of
from upstander.intake.typed import DEFAULT_FORMATS, are_spells
from upstander.values.identifiers import NHS_FILLERS

# Directives of strptime that the page's scripts know: strptime.js for moments, periods.js for months.
_OF_MOMENTS, _OF_MONTHS = frozenset("%BDFHIMPRSTYbdehjklmpy"), frozenset("%BYbdmy")
_PATTERNS = {
    **rules.PATTERNS, "total": TOTAL, "formula": FORMULA, "midnight": MIDNIGHT,
    **{f"details_{name}": pattern for name, pattern in details.PATTERNS.items()},
}  # fmt: skip


def facts_for(supplier: Supplier) -> dict[str, Any]:
    """Everything that the scripts ask about one layout."""
    contract = contract_of(supplier)
    written, forms = rules.period_in_words(supplier)
    return {
        "title": contract.title,
        "one_row_is": contract.one_row_is,
        "contract": _contract(contract),
        "supplier": _supplier(supplier),
        "formats": {
            column.name: _formats(supplier, column) for column in contract.columns if column.kind in DEFAULT_FORMATS
        },
        "month_formats": _readable(supplier.formats.get("period", ()), _OF_MONTHS),
        "period_words": {"written": written, "forms": forms},
        "markers": markers_of(supplier),
        "marks": rules.marks_in_words(supplier),
        "code_lists": {column.codes.name: _codes(column.codes) for column in contract.columns if column.codes},
        "sexual_offences": _sexual_offences(contract),
        "names": list(NAMES),
        "excluded": [
            [column.name, list(map_of(column.codes).excluded.items())] for column in contract.columns if column.codes
        ],
        "patterns": {name: as_javascript(pattern) for name, pattern in _PATTERNS.items()},
        "limits": asdict(LIMITS),
        "delimiters": list(DELIMITERS),
        "kinds_refused": [
            {"magic": magic.decode("latin-1"), "outcome": outcome.value, "what": what}
            for magic, outcome, what in KINDS_REFUSED
        ],
        "workbook": MAGIC.decode("latin-1"),
        "workbook_names": list(WORKBOOKS),
        "test_names": {"any_case": list(rules.TEST_NAMES), "in_capitals": rules.TEST_NAME_IN_CAPITALS},
        "placeholder_births": [day.isoformat() for day in rules.PLACEHOLDER_BIRTHS],
        "nhs_fillers": list(NHS_FILLERS),
        "whole_file": _whole_file(contract),
        "folds": dict(_folds()),
        "sentences": catalogue(),
    }


def _sexual_offences(contract: DatasetContract) -> dict[str, Any] | None:
    """How a row is told to be about a sexual offence: its mechanism, from the first column whose code says one."""
    if "mechanism" not in {column.name for column in warehouse_columns(contract)}:
        return None
    asked = [contract.column(name) for name in contract.classified_from.get("mechanism", ())]
    told = {column.name: map_of(column.codes).rows for column in asked if column is not None and column.codes}
    return {
        "always": contract.always.get("mechanism") == SEXUAL,
        "by": [[name, _are_sexual(rows)] for name, rows in told.items()],
    }


def _are_sexual(rows: Mapping[str, Mapping[str, str]]) -> dict[str, bool]:
    """Code -> whether its mechanism is sexual, of the codes that say one."""
    said = {code: row.get("mechanism", UNKNOWN) for code, row in rows.items()}
    return {code: mechanism == SEXUAL for code, mechanism in said.items() if mechanism != UNKNOWN}


def _contract(contract: DatasetContract) -> dict[str, Any]:
    are_figures = contract.shape is Shape.INDICATORS
    return {
        "are_figures": are_figures,
        "are_spells": are_spells(contract),
        "columns": [_column(column) for column in contract.columns],
        "event_times": [asdict(when) for when in contract.event_times],
        "counted_by": rules.counted_by(contract),
        "recorded_column": rules.recorded_column(contract),
        "person_refs": _refs(contract, "person_token"),
        "incident_refs": _refs(contract, "incident_token"),
    }


def _refs(contract: DatasetContract, becomes: str) -> list[str]:
    return [column.name for column in contract.columns if becomes in column.becomes and column.name.endswith("_ref")]


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name, "kind": column.kind.value, "means": column.means, "required": column.required,
        "identifies": column.identifies, "free_text": column.free_text, "quotable": column.quotable,
        "codes": column.codes.name if column.codes else None, "spells_nothing": spells_nothing(column),
    }  # fmt: skip


def _supplier(supplier: Supplier) -> dict[str, Any]:
    whole = supplier.model_dump(mode="json")
    kept = (
        "name",
        "version",
        "agency",
        "zone",
        "delivers",
        "ids",
        "key",
        "event_precision",
        "person_ref_is",
        "agreed",
        "needs_person",
        "period",
    )
    areas = {**whole["areas"], "fills": list(supplier.areas.fills)}
    return {name: whole[name] for name in kept} | {
        "file": whole["file"] | {"footer": _pattern(supplier.file.footer)},
        "columns": list(supplier.columns.items()),
        "split": [[column, list(parts)] for column, parts in supplier.split.items()],
        "constants": list(supplier.constants.items()),
        "codes": {column: list(codes.items()) for column, codes in supplier.codes.items()},
        "headings": list(supplier.headings),
        "headings_needed": list(supplier.headings_needed),
        "headings_read": list(supplier.headings_read),
        "figures": list(supplier.figures),
        "figure_headings": list(supplier.figure_headings),
        "areas": areas,
        "nulls": spellings(supplier.nulls),
        "nulls_folded": [text.casefold() for text in supplier.nulls],
        "repeats_are": supplier.repeats.are,
        "filter": whole["filter"] and whole["filter"] | {"pattern": _pattern(whole["filter"]["pattern"])},
        "covers_from_file_name": _pattern(supplier.covers_from_file_name),
    }


def _whole_file(contract: DatasetContract) -> dict[str, Any]:
    """The thresholds of what only the whole file shows, and the codes that they leave alone."""
    stated = wholefile.LIMITS
    steps = {
        name: [asdict(step) for step in getattr(stated, name)] for name in ("person", "place", "line", "code", "short")
    }
    lists = {column.codes.name: column.codes for column in contract.columns if column.codes}
    return steps | {
        "codes": stated.codes,
        "shortest_reference": stated.shortest_reference,
        "spread": asdict(stated.spread),
        "most_values": profiling.MOST_VALUES,
        "may_be_one": sorted(wholefile.MAY_BE_ONE),
        "may_be_most": sorted(wholefile.MAY_BE_MOST),
        "telling": {
            name: sum(code not in wholefile.SAY_NOTHING for code in codes.meanings) for name, codes in lists.items()
        },
        "persons": [column.name for column in contract.columns if "person_token" in column.becomes],
        "name_and_birth": wholefile.NAME_AND_BIRTH,
    }


def _pattern(stated: str | None) -> dict[str, str] | None:
    return None if stated is None else as_javascript(stated)


def _formats(supplier: Supplier, column: Column) -> list[dict[str, str]]:
    patterns = _readable(supplier.formats.get(column.name) or DEFAULT_FORMATS[column.kind], _OF_MOMENTS)
    return [
        {"pattern": pattern, "precision": precision_of(pattern), "example": rules.spelt(pattern)}
        for pattern in patterns
    ]


def _readable(patterns: Sequence[str], known: frozenset[str]) -> list[str]:
    """The patterns, if the page can read dates by them. Raises WrongUsage."""
    for pattern in patterns:
        strange = sorted({*re.findall(r"%(.)", pattern)} - known)
        if strange:
            raise WrongUsage(
                f"The checker page cannot read dates written '{pattern}': it has no %{strange[0]}.", found=pattern,
                expected=f"of the directives only {', '.join(f'%{letter}' for letter in sorted(known))}",
            )  # fmt: skip
    return list(patterns)


def _codes(codes: CodeList) -> dict[str, Any]:
    return {
        "codes": list(codes.meanings), "aliases": dict(codes.aliases), "spellings": list(codes.spellings),
        "some": rules.some_codes(codes),
    }  # fmt: skip


def _folds() -> Iterator[tuple[str, str]]:
    """Characters whose folded form is not their small letter: what a browser cannot work out."""
    for point in range(sys.maxunicode + 1):
        letter = chr(point)
        if letter.casefold() != letter.lower():
            yield letter, letter.casefold()
