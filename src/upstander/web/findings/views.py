"""The pages of the dashboard. Each opening is one line of the audit log: who, which release, which filters."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from upstander.pipeline.findings import Findings, NotReleased, findings_named, findings_now
from upstander.pipeline.findings.making import KINDS, home_office_without
from upstander.web import pages
from upstander.web.accounts.permissions import is_given
from upstander.web.accounts.views.answering import person_of
from upstander.web.findings import actions, filters
from upstander.web.findings.filters import Asked
from upstander.web.findings.shown import FORMS, Shown, shown
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
    actions.note_opened(person_of(request), timezone.now(), findings.edition.name, f"{kind} {asked.query}")
    context = {
        "findings": findings, "figure": found_figure, "cited": request.build_absolute_uri(),
        "newer": newest.edition.name if newest and newest.edition != findings.edition else "",
        "hidden": bool(actions.hidden_areas(person_of(request))),
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
    context = {
        "tab": tab, "tabs": _tabs(request, tab), "findings": findings, "hidden": bool(actions.hidden_areas(person)),
    }  # fmt: skip
    measures = tab.measures(findings) if findings else []
    if findings is None or not measures:
        actions.note_opened(person, at, newest.edition.name if newest else "no release", tab.name)
        return render(request, "findings/dashboard.html", context | {"missing": _missing(newest)})
    asked = filters.asked_of(findings, request.GET.dict(), measures)
    what = "filters that are not told together" if asked.wrong else asked.query  # words that were typed are not kept
    actions.note_opened(person, at, findings.edition.name, f"{tab.name} {what}")
    form = [one for one in filters.form_of(findings, asked, measures) if one.name in tab.filters]
    figures = [] if asked.wrong else _figures(findings, tab, asked, measures)
    context |= {"asked": asked, "form": form, "figures": figures, "missing": _missing(newest)}
    if tab.of_each:
        context |= {
            "in_short": sorted(figures, key=lambda one: not one.is_signal),
            "without": home_office_without(findings),
        }
    return render(request, "findings/dashboard.html", context, status=422 if asked.wrong else 200)


def _figures(findings: Findings, tab: Tab, asked: Asked, measures: list[str]) -> list[Shown]:
    """The figures of a tab, drawn. One that does not go with the filters is left out."""
    wanted = [(kind, asked.wanted) for kind in tab.kinds]
    if tab.of_each:
        wanted = [("trend", filters.of_measure(findings, asked.wanted, one)) for one in measures]
    drawn = []
    for kind, one in wanted:
        try:
            drawn.append(shown(findings, kind, one))
        except NotReleased:
            continue
    return drawn


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


def _missing(newest: Findings | None) -> tuple[str, ...]:
    """What is late or missing in the release, in its own sentences."""
    return newest.edition.plan.notes if newest else ()
