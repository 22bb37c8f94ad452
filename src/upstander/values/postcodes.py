"""UK postcodes and their parts. Only the shape is known here; whether one exists is a question for `places`."""

import re

# Outward code and inward code, as Royal Mail writes them; GIR 0AA is the one exception that is left out on purpose.
_UNIT = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9])([ABD-HJLNP-UW-Z]{2})")
_SECTOR = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?) ([0-9])")
_DISTRICT = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?")
UNIT_PATTERN = r"^([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9])([ABD-HJLNP-UW-Z]{2})$"
SECTOR_PATTERN = f"^{_SECTOR.pattern}$"
DISTRICT_PATTERN = f"^{_DISTRICT.pattern}$"


def canonical_postcode(text: str) -> str | None:
    """`le11aa` as `LE1 1AA`; None where the text has not the shape of a whole postcode."""
    found = _UNIT.fullmatch("".join(text.upper().split()))
    return f"{found[1]} {found[2]}{found[3]}" if found else None


def postcode_sector(text: str) -> str | None:
    """`LE1 1AA` or `LE1 1` as `LE1 1`; None where there is no sector to be had."""
    whole = canonical_postcode(text)
    if whole:
        return whole[:-2]
    tidy = " ".join(text.upper().split())
    return tidy if _SECTOR.fullmatch(tidy) else None


def postcode_district(text: str) -> str | None:
    """`LE1 1AA`, `LE1 1` or `LE1` as `LE1`."""
    sector = postcode_sector(text)
    if sector:
        return sector.split()[0]
    tidy = text.strip().upper()
    return tidy if _DISTRICT.fullmatch(tidy) else None
