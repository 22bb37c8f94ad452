"""What a sender is told of a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from upstander.contracts.readings import LineAccount, Outcome


@dataclass(frozen=True)
class Receipt:
    """What the sender is told. `report` is the whole delivery report as JSON values; it holds no record-level value."""

    outcome: Outcome
    message: str
    delivery: str
    reading: str
    lines: LineAccount | None
    report: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The last line of `deliver --json`. `rows_in` leaves out what the supplier's filter set aside."""
        lines = self.lines
        return {
            "outcome": self.outcome.value,
            "message": self.message,
            "rows_in": lines.records - lines.set_aside if lines else None,
            "rows_loaded": lines.accepted if lines else None,
            "rows_quarantined": lines.quarantined if lines else None,
            "rows_duplicate": lines.repeated if lines else None,
            "rows_set_aside": lines.set_aside if lines else None,
            "delivery": self.delivery,
            "reading": self.reading,
        }
