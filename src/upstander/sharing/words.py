"""Days as people write them."""

from datetime import date


def day_in_words(day: date) -> str:
    """`4 July 2026`."""
    return f"{day.day} {day:%B %Y}"
