"""Declaring a page: an address, a view, exactly one permission, and the methods it answers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, URLPattern, URLResolver, path, resolve

from upstander.web.accounts.permissions import Permission

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Declared:
    """What a page needs, the methods it answers, and where it stands in the navigation (empty: nowhere)."""

    name: str
    needs: Permission
    methods: frozenset[str]
    navigation: str = ""


def route(
    address: str, view: View, *, name: str, needs: Permission, methods: Sequence[str] = ("GET",), navigation: str = ""
) -> URLPattern:
    """A page. GET brings HEAD with it."""
    answered = frozenset(methods) | ({"HEAD"} if "GET" in methods else set())

    @wraps(view)
    def declared(request: HttpRequest, *words: Any, **named: Any) -> HttpResponseBase:
        return view(request, *words, **named)

    declared.declared = Declared(name, needs, answered, navigation)  # type: ignore[attr-defined]
    return path(address, declared, name=name)


def declared_for(request: HttpRequest) -> Declared | None:
    """What the page that was asked for declares; None where there is none, or where it declares nothing."""
    try:
        match = resolve(request.path_info, getattr(request, "urlconf", None))
    except Resolver404:
        return None
    return declaration(match.func)


def declaration(view: object) -> Declared | None:
    """What a view was declared with."""
    found = getattr(view, "declared", None)
    return found if isinstance(found, Declared) else None


def walk(patterns: Sequence[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, Declared | None]]:
    """Every address there is, with what it declares."""
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, address)
        else:
            yield address, declaration(pattern.callback)
