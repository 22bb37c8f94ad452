"""The pages of the dashboard. Each opening is one line of the audit log: who, which release, which filters."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from upstander.pipeline.findings import Findings, NotReleased, findings_named, findings_now
from upstander.pipeline.findings.making import KINDS
from upstander.web import pages
from upstander.web.accounts.permissions import is_given
from upstander.web.accounts.views.answering import person_of
from upstander.web.again import may_be_shown_again
from upstander.web.findings import actions, filters
from upstander.web.findings.filters import Asked
from upstander.web.findings.shown import FORMS, body, shown
from upstander.web.findings.tabs import SUMMARY, TABS, Tab, tab_named
from upstander.web.opened import opened
from upstander.web.routes import declaration

_FIGURE = re.compile(r"(\d{4}-Q[1-4])-(\d{4})-([a-z]+)")
_SURVEILLANCE = ("/surveillance/", "Injury surveillance")


def summary(request: HttpRequest) -> HttpResponse:
    """The first tab."""
    return _tab(request, SUMMARY)


def tab(request: HttpRequest, name: str) -> HttpResponse:
    """Any other tab."""
    found = tab_named(name)
    return _tab(request, found) if found is not None and found is not SUMMARY else pages.absent(request)


def figure(request: HttpRequest, name: str) -> HttpResponse:
    """One figure of one edition, to be cited: its address goes on showing that edition."""
    found = _cited(request, name)
    if found is None:
        return pages.absent(request)
    findings, kind, asked = found
    try:
        found_figure = shown(findings, kind, asked.wanted)
    except NotReleased:
        return pages.absent(request)
    newest = findings_now(opened())
    look = actions.note_opened(person_of(request), timezone.now(), findings.edition.name, f"{kind} {asked.query}")
    may_be_shown_again(request, look)
    context = {
        "findings": findings, "figure": found_figure, "cited": request.build_absolute_uri(),
        "newer": newest.edition.name if newest and newest.edition != findings.edition else "",
    }  # fmt: skip
    return render(request, "findings/figure.html", context)


def take(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """A figure as a file: a numbered copy."""
    found = _cited(request, name)
    if found is None or form not in FORMS:
        return pages.absent(request)
    findings, kind, asked = found
    try:
        taken = actions.take(person_of(request), findings, kind, asked.wanted, form, timezone.now())
    except NotReleased:
        return pages.absent(request)
    response = HttpResponse(taken.content, content_type=taken.kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{taken.name}"'
    return response


def _tab(request: HttpRequest, tab: Tab) -> HttpResponse:
    person, at, newest = person_of(request), timezone.now(), findings_now(opened())
    findings = actions.seen_by(person, newest, at) if newest else None
    measures = tab.measures(findings) if findings else []
    asked = filters.asked_of(findings, request.GET.dict(), measures) if findings and measures else None
    what = asked.query if asked else ""
    if asked and asked.wrong:
        what = "filters that are not told together"  # words that were typed are not kept
    release = findings.edition.name if findings else "no release"
    may_be_shown_again(request, actions.note_opened(person, at, release, f"{tab.name} {what}".rstrip()))
    context = {
        "tab": tab, "tabs": _tabs(request, tab), "findings": findings, "asked": asked,
        "body": body(findings, tab, asked),
    }  # fmt: skip
    return render(request, "findings/dashboard.html", context, status=422 if asked and asked.wrong else 200)


def _cited(request: HttpRequest, name: str) -> tuple[Findings, str, Asked] | None:
    """The edition, kind and filters of a figure's address; None where nothing of it is for this person."""
    found = _FIGURE.fullmatch(name)
    pinned = findings_named(opened(), found[1], int(found[2])) if found else None
    if found is None or pinned is None or found[3] not in KINDS:
        return None
    findings = actions.seen_by(person_of(request), pinned, timezone.now())
    measures = [one.name for one in findings.choices.measures]
    if not measures:
        return None
    asked = filters.asked_of(findings, request.GET.dict(), measures)
    return None if asked.wrong else (findings, found[3], asked)


def _tabs(request: HttpRequest, here: Tab) -> list[tuple[str, str, bool]]:
    """Title, address, whether it is this one. Surveillance is another part's, and stands here for those who may."""
    made = [
        (one.title, reverse("dashboard") if one is SUMMARY else reverse("dashboard_tab", args=[one.name]), one is here)
        for one in TABS
    ]
    url, title = _SURVEILLANCE
    try:
        declared = declaration(resolve(url).func)
    except Resolver404:
        return made
    standing = request.standing  # type: ignore[attr-defined]  # put there by door.py
    may = declared is not None and is_given(declared.needs, standing)
    return [*made[:3], *([(title, url, False)] if may else []), *made[3:]]
