"""What becomes of each sent column, in words that its sender can check."""

from upstander.contracts.dataset import Column

# Asked in this order: the first warehouse column that the sent one becomes decides what is said.
_WORDS = {
    "person_token": "Turned into a keyed code that stands for the person. The value itself is dropped.",
    "incident_token": "Turned into a keyed code that stands for the incident. The value itself is dropped.",
    "age_band": "Kept as an age band, such as 18-19. The value itself is dropped.",
    "postcode_sector": "Shortened to its sector, such as LE1 1, and used to find the area.",
    "x_m": "Used to find the area; kept in metres for the squares of an operational map.",
    "event_from_local": "Kept, with its time zone and how exact it is.",
    "event_to_local": "Kept.",
    "recorded_local": "Kept, to see how late records are made.",
    "area_code": "Kept as the area, with its year.",
}
_PLACE_WORDS = "Read for the kind of place and where it is, as far as our gazetteers tell. The words are dropped."
_BIRTH_DATE = "Gives an age band and, with the name, a keyed code. The date itself is dropped."


def fate(column: Column) -> str:
    """What becomes of a sent column: dropped and why, turned into a code, made coarser, or kept."""
    if not column.becomes:
        return f"Dropped. {column.dropped_because}"
    if column.free_text:
        return _PLACE_WORDS
    if {"person_token", "age_band"} <= set(column.becomes):
        return _BIRTH_DATE
    said = next((words for name, words in _WORDS.items() if name in column.becomes), None)
    return said or _kept_or_classed(column)


def _kept_or_classed(column: Column) -> str:
    classes = ", ".join(name.replace("_", " ") for name in column.becomes if name != column.name)
    if column.name not in column.becomes:
        return f"Brought to a class of: {classes}."
    if classes:
        return f"Kept, and used for: {classes}."
    return "Brought to one spelling and kept." if column.codes else "Kept as it is."
