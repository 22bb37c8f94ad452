"""What every page shows around its content: who you are, where you can go, why you may see this and until when."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from upstander.web.accounts.models import Person
from upstander.web.accounts.permissions import Basis, Permission, Standing, is_given
from upstander.web.opened import opened
from upstander.web.routes import Declared, walk
from upstander.web.standing import with_purposes


@dataclass(frozen=True)
class Link:
    """One place in the navigation."""

    text: str
    url: str
    is_here: bool


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of every template. Where the door was not reached, a page for strangers."""
    standing: Standing = getattr(request, "standing", Standing())
    declared: Declared | None = getattr(request, "declared", None)
    is_inside = standing.is_signed_in and not standing.is_setting_up
    person = request.user if is_inside and isinstance(request.user, Person) else None
    here = request.path if declared else ""  # what is not there stands nowhere
    return {
        "network": opened().home.settings.network,
        "person": person,
        "standing": standing,
        "navigation": list(_links(with_purposes(standing, person, timezone.now()), here)) if person else [],
        "basis": _basis(declared, standing),
        "needs": declared.needs if declared else None,
    }


def _links(standing: Standing, here: str) -> Iterator[Link]:
    """The pages that stand in the navigation and would open. The one whose address `here` begins with is active."""
    open_ = {url: text for url, text, needs in _menu(get_resolver()) if is_given(needs, standing)}
    active = max((url for url in open_ if url == here or (url != "/" and here.startswith(url))), key=len, default="")
    for url, text in open_.items():
        yield Link(text, url, url == active)


@lru_cache(maxsize=4)
def _menu(resolver: URLResolver) -> tuple[tuple[str, str, Permission], ...]:
    """Address, words and permission of every page that stands in the navigation, in its order."""
    declared = [one for _, one in walk(resolver.url_patterns) if one is not None and one.navigation]
    return tuple((reverse(one.name), one.navigation, one.needs) for one in declared)


def _basis(declared: Declared | None, standing: Standing) -> Basis | None:
    if declared is None or declared.needs.purpose is None:
        return None
    return standing.purposes.get(declared.needs.purpose)
