"""A file becomes checked rows, kept-back records and a report its sender can act on.

Comes in: the bytes of one CSV file, a contract, a supplier map, keys for tokens. Goes out: rows in the warehouse's
columns, quarantined records with line and rule, a line account that adds up. Must never: let a name, a reference, a
date of birth or free text through, guess a dialect or a date, store anything, or know the time of day.
"""

from upstander.intake import suppliers
from upstander.intake.control import Control, read_control
from upstander.intake.holding import with_concerns
from upstander.intake.plan import HELD_KEY, DialectFound, Ground, Mistake, ReadPlan, ReadResult, Sink
from upstander.intake.reading import covers_before_reading, read
from upstander.intake.report import (
    DeliveryReport,
    in_words,
    last_line,
    line_sums,
    report_html,
    report_json,
    report_text,
)

__all__ = [
    "HELD_KEY",
    "Control",
    "DeliveryReport",
    "DialectFound",
    "Ground",
    "Mistake",
    "ReadPlan",
    "ReadResult",
    "Sink",
    "covers_before_reading",
    "in_words",
    "last_line",
    "line_sums",
    "read",
    "read_control",
    "report_html",
    "report_json",
    "report_text",
    "suppliers",
    "with_concerns",
]
