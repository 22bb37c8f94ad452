"""How agencies spell the same code, brought to one spelling."""

import re
from collections.abc import Callable, Mapping

# Protocol, level, determinant, suffix; systems print it with and without hyphens, with and without leading zeros.
_AMPDS = re.compile(r"0*(\d{1,2})-?([A-EO])-?0*(\d{1,2})-?([A-Z]?)")
_ICD10 = re.compile(r"([A-Z]\d{2})\.?(\d?)[X\d-]*")
_HOME_OFFICE = re.compile(r"0*(\d{1,3})([A-Z]?)(?:[/.]0*(\d{1,2}))?")


def plain(text: str) -> str:
    """Outer blanks gone, inner runs of blanks single."""
    return " ".join(text.split())


def canonical_ampds(text: str) -> str:
    """`04D02A`, `4-D-2A` and `4 D 2 a` as `4-D-2A`; anything else comes back tidied, unchanged in meaning.

    AMPDS is the Advanced Medical Priority Dispatch System: protocol, priority level, determinant, suffix.
    """
    found = _AMPDS.fullmatch("".join(text.upper().split()))
    if found is None:
        return plain(text)
    protocol, level, determinant, suffix = found.groups()
    return f"{int(protocol)}-{level}-{int(determinant)}{suffix}"


def canonical_home_office(text: str) -> str:
    """`08N` as `8N`, `4.1` and `004/01` as `4/1`; anything else comes back tidied."""
    found = _HOME_OFFICE.fullmatch("".join(text.upper().split()))
    if found is None:
        return plain(text)
    number, letter, part = found.groups()
    return number + letter + (f"/{int(part)}" if part else "")


def canonical_policeuk(text: str) -> str:
    """A category of data.police.uk, such as `Other theft`, as `policeuk:other-theft`."""
    words = plain(text).lower().removeprefix("policeuk:")
    return "policeuk:" + words.replace(" ", "-")


def canonical_icd10(text: str) -> str:
    """`x99.4` and the padded `X99.4-` as `X994`, `X99X` as `X99`; anything else comes back tidied.

    Four characters say cause and place; what follows (what the person was doing) is left out.
    """
    found = _ICD10.fullmatch("".join(text.upper().split()))
    return found[1] + found[2] if found else plain(text)


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "ampds": canonical_ampds,
    "home_office": canonical_home_office,
    "icd10": canonical_icd10,
    "policeuk": canonical_policeuk,
}
