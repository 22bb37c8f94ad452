"""Walking the site as one visitor: every link on every page, and every form sent once with what its fields allow.

Nothing here knows a page. An address counts by the name of its route, so that a part that is merged later is walked
too; of one route only the first few addresses are asked, and of one form only the first.
"""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from django.db import transaction
from django.urls import Resolver404, resolve

_MOST_OF_A_ROUTE = 6
_ENDS_THE_SESSION = {"account_logout"}
_TYPED = {"date": "2026-10-01", "number": "1", "email": "a@b.example", "month": "2026-09", "time": "20:00"}


@dataclass
class Form:
    """A form of a page, filled in: its first choices, what it holds already, and a plain word elsewhere."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Links(HTMLParser):
    """The links and forms of one page."""

    def __init__(self, html: str, address: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in of:
            self.links.append(urljoin(self.address, of["href"]))
        elif tag == "form":
            self._form = Form(urljoin(self.address, of.get("action", "")), of.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(self._form, tag, of)

    def _field(self, form: Form, tag: str, of: Mapping[str, str]) -> None:
        name = of.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if self._select not in form.fields or "selected" in of:
                form.fields[self._select] = of.get("value", "")
        elif tag == "textarea" or (tag in {"input", "button"} and name and of.get("type") != "file"):
            form.fields.setdefault(name, _value(of))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""


def _value(of: Mapping[str, str]) -> str:
    """What a field is sent with: what it holds, else the choice it stands for, else something of its kind."""
    kind = of.get("type", "text")
    if kind == "hidden" or of.get("value"):
        return of.get("value", "")
    return "on" if kind == "checkbox" else _TYPED.get(kind, "a word of the walk")


@dataclass(frozen=True)
class Answer:
    """One answer to the walk."""

    method: str
    address: str
    route: str
    status: int
    headers: Mapping[str, str]
    text: str

    def __str__(self) -> str:
        return f"{self.method} {self.address} ({self.route}): {self.status}"


def route_of(address: str) -> str:
    """The name of the page at an address; empty where there is none."""
    try:
        return str(resolve(urlsplit(address).path).view_name)
    except Resolver404:
        return ""


class Walk:
    """One visitor's walk. What a form changes is undone after its answer, so that order means nothing."""

    def __init__(self, browser: Any, *, sends: bool = True) -> None:
        self._browser, self._sends = browser, sends
        self._asked: Counter[str] = Counter()
        self._seen: set[str] = set()
        self._sent: set[tuple[str, str, frozenset[str]]] = set()

    def answers(self, *starts: str) -> Iterator[Answer]:
        """Every answer, page by page."""
        waiting = deque(starts or ("/",))
        while waiting:
            address = waiting.popleft()
            if not self._is_new(address):
                continue
            answer = self._answer("GET", address, {})
            yield answer
            waiting.extend([answer.headers["Location"]] if "Location" in answer.headers else [])
            if "text/html" in answer.headers.get("Content-Type", ""):
                found = Links(answer.text, address)
                waiting.extend(found.links)
                waiting.extend(_as_link(one) for one in found.forms if one.method == "get")
                yield from self._sent_forms(found.forms)

    def _sent_forms(self, forms: list[Form]) -> Iterator[Answer]:
        for form in forms:
            key = (form.method, route_of(form.action), frozenset(form.fields))
            if not self._sends or form.method != "post" or key in self._sent or key[1] in _ENDS_THE_SESSION:
                continue
            self._sent.add(key)
            cookies = copy(self._browser.cookies)
            with transaction.atomic():
                answer = self._answer("POST", form.action, form.fields)
                transaction.set_rollback(True)
            self._browser.cookies = cookies
            yield answer

    def _is_new(self, address: str) -> bool:
        parts = urlsplit(address)
        plain = f"{parts.path}?{parts.query}" if parts.query else parts.path
        route = route_of(address)
        is_ours = parts.netloc in {"", "localhost", "testserver"} and parts.scheme in {"", "http", "https"}
        if (
            not is_ours
            or parts.path.startswith("/static/")
            or plain in self._seen
            or self._asked[route] >= _MOST_OF_A_ROUTE
        ):
            return False
        self._seen.add(plain)
        self._asked[route] += 1
        return True

    def _answer(self, method: str, address: str, fields: Mapping[str, str]) -> Answer:
        parts = urlsplit(address)
        ours = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        ask = self._browser.get if method == "GET" else self._browser.post
        found = ask(ours, dict(fields), secure=True) if fields else ask(ours, secure=True)
        body = b"".join(found.streaming_content) if found.streaming else found.content
        headers = dict(found.headers.items())
        return Answer(method, ours, route_of(ours), found.status_code, headers, body.decode("utf-8", errors="replace"))


def _as_link(form: Form) -> str:
    return f"{form.action.partition('?')[0]}?{urlencode(form.fields)}" if form.fields else form.action
