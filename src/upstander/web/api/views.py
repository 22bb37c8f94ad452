"""Answering a program: what was sent is read, the reader's own view of a release is asked, and the answer goes out with
its ETag and its line in the audit log.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.utils import timezone
from django.utils.http import parse_etags

from upstander.contracts.asking import Purpose
from upstander.errors import WrongUsage
from upstander.pipeline.findings import Findings, datasets_seen, editions_out, findings_of
from upstander.sharing import AuditEvent
from upstander.values.canonical import canonical_json
from upstander.web import pages
from upstander.web.accounts.actions import hidden_from
from upstander.web.accounts.models import Person
from upstander.web.accounts.views.answering import person_of
from upstander.web.api import actions, answers
from upstander.web.api.asking import Malformed, asked_of, takes_json
from upstander.web.api.describing import document
from upstander.web.api.endpoints import Endpoint
from upstander.web.api.models import Token
from upstander.web.opened import opened
from upstander.web.problems import problem

_SHAPE = "1"  # of the answers: another number, and nothing that was kept of them is good any more
_OPEN = "private, no-cache"  # what may be published to everybody may be kept, and asked for again by its ETag
_CLOSED = "private, no-store"
_ENDED = {200: "shown", 304: "unchanged", 404: "absent"}  # in the words of the audit log
View = Callable[..., HttpResponse]


def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    if not takes_json(request):
        return _not_json()
    network = opened().home.settings.network
    return _sent(request, document(network), _tag(request, network), _OPEN)


def view_of(endpoint: Endpoint) -> View:
    """The view of an endpoint."""

    def view(request: HttpRequest, **release: Any) -> HttpResponse:
        at = timezone.now()
        if not takes_json(request):
            answer: HttpResponse = _not_json()
        else:
            try:
                answer = _answered(endpoint, request, release, at)
            except WrongUsage as why:
                answer = problem(400 if isinstance(why, Malformed) else 422, why.message, **_facts(why))
        _note(request, endpoint, release, answer, at)
        return answer

    return view


def _answered(endpoint: Endpoint, request: HttpRequest, release: dict[str, Any], at: datetime) -> HttpResponse:
    asked = asked_of(endpoint, request)
    out = editions_out(opened())
    newest = out[-1].name if out else ""
    if not endpoint.of_release:
        listed = [
            {"name": one.name, "quarter": one.quarter, "edition": one.number, "manifest_sha256": one.sha256,
             "made": one.plan.made.at.isoformat(), "is_newest": one.name == newest}
            for one in out
        ]  # fmt: skip
        return _sent(request, {"releases": listed}, _tag(request, listed), _CLOSED)
    meant = (release["quarter"], release["edition"])
    edition = next((one for one in out if (one.quarter, one.number) == meant), None)
    found = _seen(findings_of(opened().home, edition), request, at) if edition else None
    if found is None:
        return pages.absent(request)
    if endpoint.name == "release":
        body = answers.release(found, is_newest=found.edition.name == newest)
    else:
        body = answers.OF_RELEASE[endpoint.name](found, asked, opened().home)
    return _sent(request, body, _tag(request, _told_by(found), newest), _OPEN if _publishable(found) else _CLOSED)


def _seen(whole: Findings, request: HttpRequest, at: datetime) -> Findings | None:
    """A release as this reader sees it: datasets that their agency is given, areas not kept from them; None for none.

    A program sees what its agency is given, whatever is given to the person who answers for it beside that.
    """
    here, person, token = opened(), person_of(request), _token(request)
    datasets = datasets_seen(
        here, whole, person=_called(token, person), agency=str(person.agency_id), purpose=_purpose(token), at=at
    )
    return whole.seen(datasets, hidden_from(person).areas) if datasets else None


def _called(token: Token | None, person: Person) -> str:
    """As whom the agreements are asked: no schedule names a token."""
    return f"token {token.pk}" if token else person.handle


def _purpose(token: Token | None) -> Purpose:
    """For what is read: by a person signed in for monitoring, as the permission says."""
    return Purpose(token.purpose) if token else Purpose.MONITORING


def _sent(request: HttpRequest, body: answers.Body, tag: str, cache: str) -> HttpResponse:
    """The answer, or that nothing has changed since the one that is held."""
    held = {one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))}
    answer: HttpResponse = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    if held & {tag, "*"}:
        answer = HttpResponseNotModified()
    answer.headers["ETag"], answer.headers["Cache-Control"] = tag, cache
    answer.headers["Vary"] = "Accept, Authorization, Cookie"
    return answer


def _tag(request: HttpRequest, *told_by: object) -> str:
    """The ETag: of the address with its parameters, and of all that the answer depends on."""
    asked = [[name, request.GET.getlist(name)] for name in sorted(request.GET)]
    return f'"{hashlib.sha256(canonical_json([_SHAPE, request.path_info, asked, list(told_by)])).hexdigest()}"'


def _told_by(findings: Findings) -> list[Any]:
    datasets, hidden = findings.scope or (frozenset(), frozenset())
    return [findings.sha256, sorted(datasets), sorted(hidden)]


def _publishable(findings: Findings) -> bool:
    """Whether every rule that what is seen stands under lets it be published to everybody."""
    seen = {name for name, _ in findings.choices.datasets}
    return all(rule.publishable for one in findings.edition.plan.sources if one.dataset in seen for rule in one.rules)


def _note(
    request: HttpRequest, endpoint: Endpoint, release: dict[str, Any], answer: HttpResponse, at: datetime
) -> None:
    """One line of the audit log: who, by which token, for which agency, what was asked, how it was answered."""
    person, token = person_of(request), _token(request)
    named = f" {release['quarter']}/{release['edition']:04d}" if release else ""
    known = [one.name for one in endpoint.parameters if one.name in request.GET]
    # What fitted is words of the release; what did not may be anything, and only its place is written down.
    is_ours = answer.status_code in {200, 304}
    said = "; ".join(f"{name}={','.join(request.GET.getlist(name))}" if is_ours else name for name in known)
    basis = request.standing.purposes.values()  # type: ignore[attr-defined]  # put there by door.py
    opened().audit.append(AuditEvent(
        at=at, person=person.handle, agency=str(person.agency_id or ""),
        purpose=_purpose(token), dataset="", suppliers=(), fields=(),
        action=f"api {endpoint.name}{named}", answer=_ENDED.get(answer.status_code, f"refused: {answer.status_code}"),
        why=f"{_called(token, person) if token else 'session'}; {said or 'no filters'}",
        agreement=", ".join(sorted({name for one in basis for name in one.agreements})),
    ))  # fmt: skip
    if token is not None:
        actions.use(token, at)


def _token(request: HttpRequest) -> Token | None:
    found = getattr(request, "token", None)
    return found if isinstance(found, Token) else None


def _facts(why: WrongUsage) -> dict[str, str]:
    return {name: text for name, text in why.facts().items() if name != "message"}


def _not_json() -> HttpResponse:
    return problem(406, "Answers are JSON.", where="the header Accept", expected="application/json")
