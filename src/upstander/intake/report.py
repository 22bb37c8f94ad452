"""The delivery report: what a sender and a steward are told, for the terminal, for a browser and for a program.

It is made of counts, line numbers, rules and codes; no name, reference or free text is in it: none is given to it.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import jinja2

from upstander.contracts.readings import LineAccount, Outcome
from upstander.intake.plan import ReadResult
from upstander.intake.sentences import counted

_MISTAKES_SHOWN = 100
_MISTAKES_PRINTED = 20
_IN_WORDS = {
    Outcome.ACCEPT: "Loaded as it is",
    Outcome.NORMALISE: "Loaded, with repairs",
    Outcome.ROWQ: "Loaded in part: some rows are held back",
    Outcome.FILEQ: "Not loaded: the file needs mending",
    Outcome.REFUSE: "Refused",
    Outcome.NOOP: "Already held: nothing changed",
    Outcome.HOLD: "Held for the data steward",
    Outcome.RESTATE: "Loaded as a new version of days already held",
}

LINE_SUMS = (
    ("lines in the file", "physical"),
    ("= header", "header"),
    ("+ before the header", "preamble"),
    ("+ blank", "blank"),
    ("+ footer", "footer"),
    ("+ further lines of a record", "continuation"),
    ("+ records", "records"),
    ("records", "records"),
    ("= accepted", "accepted"),
    ("+ held back (quarantined)", "quarantined"),
    ("+ already held (repeated)", "repeated"),
    ("+ set aside by the stated filter", "set_aside"),
)


@dataclass(frozen=True)
class DeliveryReport:
    """One reading of one file, as it is reported. `received` is an aware UTC moment; `title` the dataset in words.

    `reading` and `delivery` are empty for a file that was only checked.
    """

    title: str
    dataset: str
    supplier: str
    agency: str
    file_name: str
    received: datetime
    result: ReadResult
    delivery: str = ""
    reading: str = ""

    @property
    def outcome_in_words(self) -> str:
        """The outcome as a person would say it."""
        return in_words(self.result.outcome)


def in_words(outcome: Outcome) -> str:
    """An outcome as a person would say it."""
    return _IN_WORDS[outcome]


def last_line(report: DeliveryReport) -> dict[str, Any]:
    """What `deliver --json` ends with. Rows that the map's filter sets aside are in rows_set_aside, not in rows_in."""
    result = report.result
    stands = result.outcome not in {Outcome.FILEQ, Outcome.REFUSE, Outcome.HOLD}
    return {
        "outcome": result.outcome.value,
        "message": result.message,
        "rows_in": result.lines.records - result.lines.set_aside,
        "rows_loaded": result.lines.accepted if stands else 0,
        "rows_quarantined": result.lines.quarantined,
        "rows_duplicate": result.lines.repeated,
        "rows_set_aside": result.lines.set_aside,
        "delivery": report.delivery,
        "reading": report.reading,
    }


def report_json(report: DeliveryReport) -> dict[str, Any]:
    """Everything the report says, as plain JSON values; starts with the keys of `last_line`."""
    result = report.result
    return {
        **last_line(report),
        "dataset": report.dataset,
        "supplier": report.supplier,
        "agency": report.agency,
        "file_name": report.file_name,
        "received": report.received.isoformat(),
        "sha256": result.sha256,
        "bytes": result.byte_count,
        "lines": asdict(result.lines),
        "covers": None if result.covers is None else json.loads(json.dumps(asdict(result.covers), default=str)),
        "dialect": None if result.dialect is None else asdict(result.dialect),
        "notes": list(result.notes),
        "holds": list(result.holds),
        "quarantined_by_rule": dict(result.quarantined_by_rule),
        "set_aside_by_reason": dict(result.set_aside_by_reason),
        "filled": dict(result.filled),
        "default_times": result.default_times,
        "figures": result.figures,
        "markers": dict(result.markers),
        "mistakes": [asdict(mistake) for mistake in result.mistakes],
    }


def report_text(report: DeliveryReport) -> str:
    """The report for a terminal: a few lines a person reads once."""
    result = report.result
    said = [
        f"{report.outcome_in_words}: {report.file_name} ({report.title}, from {report.agency})",
        "",
        result.message,
        "",
        *(f"  {name:<42}{count:>12,}" for name, count in line_sums(result.lines)),
    ]
    if result.covers is not None:
        how = "inferred from its rows" if result.covers.inferred else "as stated"
        said += ["", f"Covers {result.covers.start} up to, not including, {result.covers.end} ({how})."]
    if result.mistakes:
        said += ["", "What to mend:"]
        said += [f"  {_as_line(mistake)}" for mistake in _as_rows(report)[:_MISTAKES_PRINTED]]
        more = len(result.mistakes) - _MISTAKES_PRINTED
        said += [f"  and {counted(more, 'more', 'more')} in the report"] if more > 0 else []
    return "\n".join(said) + "\n"


def report_html(report: DeliveryReport) -> str:
    """The report as one page that needs nothing else: no script, no network; fit for print and a screen reader."""
    template = jinja2.Environment(
        loader=jinja2.PackageLoader("upstander.intake"),
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    ).get_template("report.html")  # fmt: skip
    result = report.result
    rows = result.lines.records - result.lines.set_aside
    return template.render(
        report=report,
        result=result,
        sums=line_sums(result.lines),
        mistakes=_as_rows(report)[:_MISTAKES_SHOWN],
        hidden=max(len(result.mistakes) - _MISTAKES_SHOWN, 0),
        completeness=[
            (name, filled, round(100 * filled / rows) if rows else 0)
            for name, filled in sorted(result.filled, key=lambda column: column[1])
        ],
        rows=rows,
    )


def line_sums(lines: LineAccount) -> list[tuple[str, int]]:
    """Both sums of promise 1, in words: every physical line, then every record, in one place each."""
    return [(words, getattr(lines, name)) for words, name in LINE_SUMS]


def _as_rows(report: DeliveryReport) -> list[dict[str, str]]:
    return [
        {
            "line": f"{mistake.line:,}",
            "column": mistake.column or "the whole line",
            "rule": mistake.rule,
            "value": mistake.value or "",
            "expected": mistake.expected,
        }
        for mistake in report.result.mistakes
    ]


def _as_line(mistake: dict[str, str]) -> str:
    found = f" is '{mistake['value']}'" if mistake["value"] else ""
    return f"line {mistake['line']}: {mistake['column']}{found}: {mistake['rule']}; expected {mistake['expected']}"
