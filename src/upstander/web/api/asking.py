"""Reading what a program sent: the kind of answer it takes, and its parameters, held against the declaration."""

import re
from collections.abc import Mapping, Sequence

from django.http import HttpRequest

from upstander.errors import WrongUsage
from upstander.web.api.endpoints import Endpoint, Parameter

_WHOLE = re.compile(r"[0-9]{1,9}")
_JSON = {"application/json", "application/*", "*/*"}
_NO_WEIGHT = re.compile(r";\s*q=0(\.0*)?\s*(;|$)")
_QUOTED = 200
Asked = Mapping[str, Sequence[str]]


class Malformed(WrongUsage):
    """What was sent cannot be read, or is no parameter of the address."""


def takes_json(request: HttpRequest) -> bool:
    """Whether the answer may be JSON, by the header Accept (RFC 9110, 12.5.1)."""
    ranges = [one.strip() for one in request.headers.get("Accept", "*/*").lower().split(",")]
    return any(one.partition(";")[0].strip() in _JSON and not _NO_WEIGHT.search(one) for one in ranges)


def asked_of(endpoint: Endpoint, request: HttpRequest) -> Asked:
    """The values of each parameter that was given. Raises Malformed for one that is unknown, missing or malformed."""
    known = {one.name: one for one in endpoint.parameters}
    if strange := sorted(request.GET.keys() - known.keys()):
        raise _wrong("the address", ", ".join(strange), f"only {', '.join(known) or 'no parameters'}")
    if missing := [one.name for one in endpoint.parameters if one.is_required and one.name not in request.GET]:
        raise _wrong(", ".join(missing), "nothing", "a value")
    return {name: _values(known[name], request.GET.getlist(name)) for name in known if name in request.GET}


def _values(parameter: Parameter, found: Sequence[str]) -> Sequence[str]:
    if len(found) > (parameter.schema.get("maxItems", 1)):
        raise _wrong(parameter.name, f"{len(found)} values", f"at most {parameter.schema.get('maxItems', 1)}")
    for one in found:
        if not _fits(parameter, one):
            raise _wrong(parameter.name, one, _expected(parameter))
    return found


def _fits(parameter: Parameter, text: str) -> bool:
    if parameter.number:
        least, most = parameter.number
        return bool(_WHOLE.fullmatch(text)) and least <= int(text) <= most
    return 1 <= len(text) <= parameter.longest


def _expected(parameter: Parameter) -> str:
    if parameter.number:
        return f"a whole number from {parameter.number[0]} to {parameter.number[1]}"
    return f"1 to {parameter.longest} characters"


def _wrong(where: str, found: str, expected: str) -> Malformed:
    return Malformed(
        "What was sent does not fit this address.", where=where, found=found[:_QUOTED], expected=expected,
        state="Nothing was read.",
    )  # fmt: skip
