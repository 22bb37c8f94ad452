"""Good files of any shipped map, and what becomes of files on their way: seeded, so that each can be made again."""

import csv
import io
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from upstander.contracts.dataset import Column, Kind
from upstander.intake.suppliers import Supplier, contract_of

_PERIODS = {
    "ours": ("FY2024", "2025-07", "2024", "2025-Q2"), "year": ("2024", "2023/24"), "fy_starting": ("2024", "202425"),
    "fy_ending": ("2025", "2024/25"), "ay_starting": ("202425", "2024/25"), "ay_ending": ("2025",),
}  # fmt: skip
_ODD_CELLS = (
    "", " ", "\u00a0x\u00a0", "NULL", "n/a", "None", "-", "unknown", "not recorded", "=1+1", "＝2",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé",
    "P\u200b1", "Р1", "1.70E+12", "a\"b", "(", "Zoë", "TEST", "zztest", "Total", "27/10/2024 01:30",
    "30/03/2025 01:30", "2024-10-27 01:30", "2025-03-30 01:30:00", "01/06/2024 24:00", "2024-06-01T24:00:00",
    "2024-06-01T22:00:00Z", "2024-06-01 22:00+01:00", "2024-06-01T22:00:00-0530", "45231.895833", "45413",
    "29/02/2023 10:00", "13/31/2024 10:00", "01/13/2024", "12/31/2024 09:00", "1/2/24", "01.02.24 x",
    "01/02/24 10:00", "1/2/2024 9:5", "01/01/1900", "1911-11-11", "14/02/2062 21:00", "2062-01-01",
    "1994-02-14 21:00", "01/01/0999", "  01/06/2024  10:00", "2024-06-01 00:00", "2024-06-01 12:00:00", "LE1O 1AA",
    "LEI 1AA", "le27fq", "L E 2 7 F Q", "ZZ99 3VZ", "LE3", "LE3 5", "XX1 1XX", "NFA", "0", "-1", "+5", "1e309",
    "NaN", "304.5", "304,120.5", "٣٠٤", "121", "15.5", "943 476 5919", "9434765918", "1111111111",
    "９４３４７６５９１９",
    "181", "-181", "52.6", "c", "z", "x", "low", "suppressed", "1,234", "1,23", "2e3", "FY2024", "2024/25",
    "202425", "2024/26", "Jan 2024", "january 2024", "2024-13", "2024-W53", "April 2024 to March 2025", "08N",
    "4.1", "x99.4", "04D02A", "Other theft", "YES", "yes ", "ﬁre", "STRASSE", "straße", "İ", "1", "2", "9", "A1",
    "F",
)  # fmt: skip
_TEXTS = (
    "Pt NHS 943 476 5919", "mob 07700 900123.", "ring +44 (0) 7700 900123", "a.person@example.org", "DOB: 14/03/2008",
    "born on 3 May 1999", "lives at 12 Acacia Ave", "resides: flat 4b", "incident 9434765918", "@SUM(1)", "=2", "",
)  # fmt: skip
_ENDINGS = ("\r\n", "\n", "\r")
_ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-be", "utf-16-le")


def good_rows(supplier: Supplier, chance: random.Random, count: int) -> list[list[str]]:
    """A header and rows that the map reads, each a little different."""
    contract = contract_of(supplier)
    by_name = {column.name: column for column in contract.columns}
    headings = [one for one in supplier.headings if one not in supplier.ignored or chance.random() < 0.3]
    wanted = {rule.column for rule in (supplier.filter, supplier.needs_person) if rule}
    headings += [one for one in sorted(wanted) if one not in headings]
    return [headings, *([_cell(supplier, by_name, one, chance) for one in headings] for _ in range(count))]


def _cell(supplier: Supplier, columns: dict[str, Column], heading: str, chance: random.Random) -> str:
    areas, period = supplier.areas, supplier.period
    if supplier.filter and heading == supplier.filter.column and supplier.filter.keep and chance.random() < 0.9:
        return chance.choice(supplier.filter.keep)
    if heading == areas.level:
        return chance.choice([*areas.levels, "Nowhere"] if chance.random() < 0.1 else [*areas.levels])
    if heading == period.identifier:
        return chance.choice([*period.forms])
    if heading in supplier.figure_headings:
        return chance.choice(["12", "0", "4,321", "0.5", *supplier.markers])
    for name, parts in supplier.split.items():
        if heading in parts:
            day, _, time = _sent(supplier, columns[name], chance).partition(" ")
            return day if heading == parts[0] else time
    name = supplier.columns.get(heading, "")
    return _sent(supplier, columns[name], chance) if name in columns else chance.choice(["E06000016", "x", "North"])


def _sent(supplier: Supplier, column: Column, chance: random.Random) -> str:
    if column.name == "period":
        forms = [*supplier.period.forms.values()] or [supplier.period.form]
        formats = supplier.formats.get("period", ())
        if formats:
            first = datetime(2024, chance.randint(1, 12), 1).strftime(chance.choice(formats))  # noqa: DTZ001
            return f"{first} to {first}" if "months" in forms else first
        return chance.choice(_PERIODS.get(forms[0], ("2024",)))
    if column.free_text:
        return chance.choice(_TEXTS) if chance.random() < 0.1 else column.example
    if column.kind in (Kind.TIMESTAMP, Kind.DATE):
        moment = datetime.fromisoformat(column.example) + timedelta(minutes=chance.randrange(90_000))
        return moment.strftime(chance.choice(supplier.formats.get(column.name, ("%Y-%m-%d %H:%M",))[:2]))
    if column.codes is not None and chance.random() < 0.7:
        known = [*supplier.codes.get(column.name, {}), *column.codes.meanings]
        return chance.choice(known)
    if column.name.endswith("_ref") or column.name == "area_code":
        return column.example[:-2] + str(chance.randint(10, 99))
    return column.example


def written(rows: list[list[str]]) -> bytes:
    """The rows as a plain CSV file."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def spoiled(rows: list[list[str]], chance: random.Random) -> bytes:
    """The rows as a file that something has gone wrong with, here and there."""
    kept = [list(row) for row in rows]
    for _ in range(chance.randint(0, 8)):
        row = chance.randrange(len(kept)) if chance.random() < 0.05 else chance.randrange(1, len(kept))
        kept[row][chance.randrange(len(kept[row]))] = chance.choice(_ODD_CELLS)
    for change in chance.sample(_CHANGES, chance.choice((0, 0, 1, 1, 2, 3))):
        change(kept, chance)
    text = _written(kept, chance)
    encoding = chance.choice(_ENCODINGS)
    content = text.encode(encoding, "replace")
    return _broken(content, chance) if chance.random() < 0.15 else content


def _double(rows: list[list[str]], chance: random.Random) -> None:
    rows.extend(list(row) for row in chance.sample(rows[1:], min(3, len(rows) - 1)))


def _header_again(rows: list[list[str]], chance: random.Random) -> None:
    rows.insert(chance.randint(1, len(rows)), list(rows[0]))


def _ragged(rows: list[list[str]], chance: random.Random) -> None:
    row = chance.choice(rows[1:])
    row[:] = [*row, "x"] if chance.random() < 0.5 else row[:-1]


def _blank(rows: list[list[str]], chance: random.Random) -> None:
    rows[chance.randint(1, len(rows)) :] = [[], [" "], [""] * len(rows[0])] * chance.choice((1, 1, 40))


def _total(rows: list[list[str]], chance: random.Random) -> None:
    rows.append(
        [chance.choice(("Total", "*** END OF REPORT", "Grand totals: 4", "totally")), *[""] * (len(rows[0]) - 1)]
    )


def _no_column(rows: list[list[str]], chance: random.Random) -> None:
    index = chance.randrange(len(rows[0]))
    rows[:] = [row[:index] + row[index + 1 :] for row in rows]


def _new_column(rows: list[list[str]], chance: random.Random) -> None:
    for row in rows:
        row.append("religion")


def _many_times(rows: list[list[str]], chance: random.Random) -> None:
    index, odd = chance.randrange(len(rows[0])), chance.sample(_ODD_CELLS, 3)
    for row in rows[1:]:
        if index < len(row):
            row[index] = chance.choice(odd)


def _headings_typed(rows: list[list[str]], chance: random.Random) -> None:
    rows[0][:] = [f" {heading.upper()}\u00a0" for heading in rows[0]]


_CHANGES: tuple[Callable[[list[list[str]], random.Random], None], ...] = (
    _double, _header_again, _ragged, _blank, _total, _no_column, _new_column, _many_times, _many_times, _headings_typed,
)  # fmt: skip


def _written(rows: list[list[str]], chance: random.Random) -> str:
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if chance.random() < 0.2 else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=chance.choice(",,,,;\t|"), lineterminator="\n", quoting=quoting).writerows(rows)
    lines = out.getvalue().split("\n")
    if chance.random() < 0.15:
        ending = lambda: chance.choice(_ENDINGS)  # noqa: E731 - one short choice, used once
    else:
        one = chance.choice(_ENDINGS)
        ending = lambda: one  # noqa: E731 - the same in the whole file
    text = "".join(line + ending() for line in lines[:-1])
    if chance.random() < 0.1:
        at = chance.randrange(len(text))
        text = text[:at] + '"' + text[at:]
    return text if chance.random() < 0.7 else text.rstrip("\r\n")


def _broken(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content)) if content else 0
    return (
        content[:at]
        + chance.choice((b"\xc3\x28", b"\xe2\x82", b"\x81", b"\0", b"\xff\xfe", b"\x93no\x94"))
        + content[at:]
    )
