r"""Regular expressions brought from our engine's dialect to the browser's: \d, \w, \s and \b mean all of Unicode."""

import re

from upstander.errors import WrongUsage

_WORD = r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d"
_SPACE = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_SETS = {"d": r"\p{Nd}", "w": _WORD, "s": _SPACE}
_EDGE = rf"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))"
_IGNORING_CASE = "(?i)"
_MEANT_AS_THEY_ARE = frozenset("^$\\.*+?()[]{}|/")
_SCRIPT = re.compile(r"(\\[pP]\{)(\w{3,})\}")  # a category has one letter or two
_PARTS = re.compile(r"\\[pP]\{[^}]*\}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\.|\[\^?|\]|.", re.DOTALL)


def as_javascript(pattern: str) -> dict[str, str]:
    """`source` and `flags` of the same expression. Raises WrongUsage for what browsers have no word for."""
    flags, body = ("iu", pattern.removeprefix(_IGNORING_CASE)) if pattern.startswith(_IGNORING_CASE) else ("u", pattern)
    if re.search(r"\(\?(?![:=!<])|\(\?<(?![=!])|\[\[:", body):
        raise WrongUsage(
            f"The pattern '{pattern}' cannot be taken into a page.", found=pattern,
            expected="an expression without inline flags (but (?i) at its start), names or classes such as [[:alpha:]]",
        )  # fmt: skip
    pieces, is_inside = [], False
    for part in _PARTS.findall(body):
        pieces.append(_brought(part, is_inside=is_inside))
        is_inside = (is_inside or part in {"[", "[^"}) and part != "]"
    return {"source": "".join(pieces), "flags": flags}


def _brought(part: str, *, is_inside: bool) -> str:
    if script := _SCRIPT.fullmatch(part):
        return f"{script[1]}Script={script[2]}}}"
    if part == "." and not is_inside:
        return r"[^\n]"
    if not part.startswith("\\") or len(part) > 2:
        return part
    return _inside(part[1]) if is_inside else _outside(part[1])


def _inside(letter: str) -> str:
    """What an escaped letter is between brackets."""
    return _SETS.get(letter) or (f"\\{letter}" if letter == "-" else _escaped(letter))


def _outside(letter: str) -> str:
    if letter == "b":
        return _EDGE
    if letter.lower() not in _SETS:
        return _escaped(letter)
    return f"[{'' if letter.islower() else '^'}{_SETS[letter.lower()]}]"


def _escaped(letter: str) -> str:
    """The browser wants no escape before a sign that means itself."""
    return f"\\{letter}" if letter.isalnum() or letter in _MEANT_AS_THEY_ARE else letter
